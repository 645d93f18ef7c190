/* SPDX-License-Identifier: BSD-3-Clause */
/* cuda_mig.c - instances that MIG makes of GPUs: which one this process takes.
 *
 * CUDA shows an instance to a process only alone, and which one is settled when it starts. So
 * the management library is asked what there is, and CUDA is told by its variable before any
 * call of it. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/devices/cuda_internal.h"
#include "engine/probes/nvml.h"
#include "model/topology/visible.h"

#define VARIABLE  "CUDA_VISIBLE_DEVICES"
#define VALUE_LEN (XB_MAX_GPUS * XB_UUID_LEN)

#define NOT_INITIALIZED 3 /* CUDA_ERROR_NOT_INITIALIZED, of the driver's own interface */

static struct {
    bool known;
    size_t n;
    struct xb_listed_gpu gpu[XB_MAX_LISTED];
} listed;

static bool set_here; /* the variable, by this process */

static void list_once(void)
{
    if (!listed.known)
        listed.n = xb_nvml_list(listed.gpu, XB_MAX_LISTED);
    listed.known = true;
}

/* Has somebody in this process, the MPI library or the program around this one, started CUDA?
 * Then it is too late to choose. The driver says so to whoever asks it anything before. */
static bool has_started(void)
{
    int (*get_count)(int *), count;
    void *driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);

    if (!driver)
        return false;
    *(void **)&get_count = dlsym(driver, "cuDeviceGetCount");
    bool started = get_count && get_count(&count) != NOT_INITIALIZED;
    dlclose(driver);
    return started;
}

size_t xb_cuda_offer(struct xb_gpu_key *out, size_t max)
{
    if (has_started())
        return 0;
    list_once();
    return xb_visible_offer(listed.gpu, listed.n, getenv(VARIABLE), out, max);
}

int xb_cuda_choose(const struct xb_gpu_key *key, const char **variable, struct xb_error *err)
{
    char value[VALUE_LEN];
    struct xb_gpu_key any;

    if (xb_cuda_offer(&any, 1) > 0) {
        if (xb_visible_value(listed.gpu, listed.n, getenv(VARIABLE), key, value, sizeof value,
                             err) < 0)
            return -1;
        set_here = setenv(VARIABLE, value, 1) == 0;
        if (!set_here)
            return xb_fail(err, "cannot set " VARIABLE);
    }
    *variable = set_here ? VARIABLE : NULL;
    return 0;
}

void xb_cuda_format_uuid(const char *kind, const unsigned char b[16], char out[XB_UUID_LEN])
{
    snprintf(out, XB_UUID_LEN,
             "%s-%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", kind,
             b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
             b[13], b[14], b[15]);
}

/* The UUID of what CUDA shows, which of an instance is its own, as NVML writes an instance's;
 * "" where the driver does not say. */
static void read_uuid(int ordinal, char out[XB_UUID_LEN])
{
    int (*get_device)(int *, int), (*get_uuid)(unsigned char *, int), device;
    unsigned char b[16];
    void *driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);

    out[0] = '\0';
    if (!driver)
        return;
    *(void **)&get_device = dlsym(driver, "cuDeviceGet");
    *(void **)&get_uuid = dlsym(driver, "cuDeviceGetUuid_v2");
    if (get_device && get_uuid && get_device(&device, ordinal) == 0 && get_uuid(b, device) == 0)
        xb_cuda_format_uuid("MIG", b, out);
    dlclose(driver);
}

void xb_cuda_name_instance(int ordinal, struct xb_gpu_key *key)
{
    char uuid[XB_UUID_LEN];

    list_once();
    key->instance[0] = '\0';
    read_uuid(ordinal, uuid);
    for (size_t i = 0; uuid[0] && i < listed.n; i++)
        if (xb_gpu_same(listed.gpu[i].key.pci, listed.gpu[i].key.instance, key->pci, uuid))
            *key = listed.gpu[i].key;
}
