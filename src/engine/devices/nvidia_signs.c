/* SPDX-License-Identifier: BSD-3-Clause */
/* nvidia_signs.c - is there a GPU of NVIDIA on this node, whatever CUDA says? */
#include "engine/devices/nvidia_signs.h"

#include <glob.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Numbers of enum cudaError, which a build without CUDA does not know. */
enum {
    SHOWN_NONE = 0,
    STUB_LIBRARY = 34,        /* cudaErrorStubLibrary */
    INSUFFICIENT_DRIVER = 35, /* cudaErrorInsufficientDriver: also where there is no libcuda */
    NO_DEVICE = 100,          /* cudaErrorNoDevice */
};

bool xb_nvidia_signs(const char *root, struct xb_error *what)
{
    static const char *const signs[] = {"/dev/nvidia[0-9]*", "/dev/nvidiactl",
                                        "/proc/driver/nvidia/version"};
    char pattern[4096];
    size_t used = 0;

    what->text[0] = '\0';
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        glob_t found;
        snprintf(pattern, sizeof pattern, "%s%s", root, signs[i]);
        if (glob(pattern, 0, NULL, &found) == 0 && used < sizeof what->text)
            used += (size_t)snprintf(what->text + used, sizeof what->text - used, "%s%s",
                                     used ? ", " : "", found.gl_pathv[0] + strlen(root));
        globfree(&found);
    }
    return used > 0;
}

bool xb_nvidia_is_broken(const char *root, int cuda_error, const char *visible,
                         struct xb_error *what)
{
    bool none = cuda_error == SHOWN_NONE || cuda_error == NO_DEVICE;
    bool missing = cuda_error == INSUFFICIENT_DRIVER || cuda_error == STUB_LIBRARY;
    struct xb_error signs;
    bool any = xb_nvidia_signs(root, &signs);

    if (none && visible) /* it says which GPUs this process may have: none, it seems */
        return false;
    if (any)
        xb_fail(what, "there is %.400s", signs.text);
    else if (!none && !missing)
        xb_fail(what, "libcuda is there");
    else
        return false;
    return true;
}
