/* SPDX-License-Identifier: BSD-3-Clause */
/* device.c - the table of devices. */
#include "config.h"

#include "engine/devices/device.h"

#include <string.h>

extern const struct xb_device xb_device_cpu;
#ifdef HAVE_CUDA
extern const struct xb_device xb_device_cuda;
#endif

const struct xb_device *const xb_devices[] = {
#ifdef HAVE_CUDA
    &xb_device_cuda,
#endif
    &xb_device_cpu,
    NULL,
};

/* Scenarios may name a device that this build lacks; that is said when it is asked for. */
const char *const xb_device_names[] = {"cuda", "cpu", NULL};

const struct xb_device *xb_device_find(const char *name, struct xb_error *err)
{
    bool any = strcmp(name, "auto") == 0;

    for (size_t i = 0; xb_devices[i]; i++) {
        if (!any && strcmp(name, xb_devices[i]->name) != 0)
            continue;
        struct xb_error reason;
        if (xb_devices[i]->probe(&reason) == 0)
            return xb_devices[i];
        if (!any) {
            xb_fail(err, "device %s: %s", name, reason.text);
            return NULL;
        }
    }
    xb_fail(
        err,
        "device %s: not in this build of xferbench, expected one that 'xferbench list' shows",
        name);
    return NULL;
}
