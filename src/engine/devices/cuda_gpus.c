/* SPDX-License-Identifier: BSD-3-Clause */
/* cuda_gpus.c - the GPUs that CUDA shows to this process, and its errors in words. */
#include "engine/devices/cuda_internal.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct xb_cuda_gpu xb_cuda_gpus[XB_MAX_GPUS];
int xb_cuda_ngpus;

/* Of most of these CUDA's reference says that they leave the process in an inconsistent state,
 * any further CUDA work returns the same error, and the process must be relaunched (CUDA
 * Runtime API 13.0, "Error Handling", enum cudaError). After 214, 220 and 810 what memory
 * holds, or the connection to the GPU, is gone as well. As numbers, for older headers do not
 * name them all. */
static const int fatal[] = {
    214, /* cudaErrorECCUncorrectable */
    220, /* cudaErrorNvlinkUncorrectable */
    226, /* cudaErrorContained */
    700, /* cudaErrorIllegalAddress */
    702, /* cudaErrorLaunchTimeout */
    710, /* cudaErrorAssert */
    714, /* cudaErrorHardwareStackError */
    715, /* cudaErrorIllegalInstruction */
    716, /* cudaErrorMisalignedAddress */
    717, /* cudaErrorInvalidAddressSpace */
    718, /* cudaErrorInvalidPc */
    719, /* cudaErrorLaunchFailure */
    721, /* cudaErrorTensorMemoryLeak */
    810, /* cudaErrorMpsClientTerminated */
    911, /* cudaErrorExternalDevice */
};

static struct xb_error lost_by; /* the first of them; empty while there was none */

static bool is_fatal(cudaError_t rc)
{
    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++)
        if ((int)rc == fatal[i])
            return true;
    return false;
}

int xb_cuda_fail(struct xb_error *err, cudaError_t rc, const char *what)
{
    struct xb_error made;

    cudaGetLastError(); /* an error that is handled must not show up in a later call */
    xb_fail(&made, "%s: %s (%s, error %d)", what, cudaGetErrorString(rc), cudaGetErrorName(rc),
            (int)rc);
    if (is_fatal(rc)) {
        if (!lost_by.text[0])
            lost_by = made;
        xb_fail(&made, "%s; GPU %s is lost to this process", made.text,
                xb_cuda_gpus[0].key.pci);
    }
    return xb_fail(err, "%s", made.text);
}

int xb_cuda_lost(struct xb_error *why)
{
    struct xb_error now;
    cudaError_t rc = lost_by.text[0] ? cudaSuccess : cudaStreamQuery(NULL);

    if (rc != cudaSuccess)
        cudaGetLastError(); /* that work is not complete is no error */
    if (is_fatal(rc))       /* a library has seen it, and has not said so */
        xb_cuda_fail(&now, rc, "cudaStreamQuery");
    if (lost_by.text[0])
        xb_fail(why, "%s", lost_by.text);
    return lost_by.text[0] != '\0';
}

static int by_bus(const void *a, const void *b)
{
    return strcmp(((const struct xb_cuda_gpu *)a)->key.pci,
                  ((const struct xb_cuda_gpu *)b)->key.pci);
}

void xb_cuda_list_gpus(void)
{
    struct xb_error ignored;
    char text[32];
    int count = 0;

    xb_cuda_ngpus = 0;
    if (cudaGetDeviceCount(&count) != cudaSuccess)
        cudaGetLastError();
    for (int i = 0; i < count && xb_cuda_ngpus < XB_MAX_GPUS; i++) {
        struct xb_cuda_gpu *gpu = &xb_cuda_gpus[xb_cuda_ngpus];
        *gpu = (struct xb_cuda_gpu){.ordinal = i};
        if (cudaDeviceGetPCIBusId(text, sizeof text, i) != cudaSuccess ||
            xb_pci_normalize(text, gpu->key.pci, &ignored) != 0)
            continue;
        xb_cuda_name_instance(i, &gpu->key);
        xb_cuda_ngpus++;
    }
    qsort(xb_cuda_gpus, (size_t)xb_cuda_ngpus, sizeof xb_cuda_gpus[0], by_bus);
}

int xb_cuda_bring_to_front(const struct xb_gpu_key *key)
{
    for (int i = 0; i < xb_cuda_ngpus; i++) {
        struct xb_cuda_gpu found = xb_cuda_gpus[i];
        if (!xb_gpu_same(found.key.pci, found.key.instance, key->pci, key->instance))
            continue;
        memmove(xb_cuda_gpus + 1, xb_cuda_gpus, (size_t)i * sizeof xb_cuda_gpus[0]);
        xb_cuda_gpus[0] = found;
        return 0;
    }
    return -1;
}

cudaError_t xb_cuda_use_gpu(int gpu)
{
    return cudaSetDevice(xb_cuda_gpus[gpu].ordinal);
}

int xb_cuda_can_access(int gpu, int other, struct xb_error *reason)
{
    int can = 0;
    cudaError_t rc =
        cudaDeviceCanAccessPeer(&can, xb_cuda_gpus[gpu].ordinal, xb_cuda_gpus[other].ordinal);

    if (rc != cudaSuccess)
        xb_cuda_fail(reason, rc, "cudaDeviceCanAccessPeer");
    else if (!can)
        xb_fail(reason, "the driver says that GPU %s cannot access GPU %s",
                xb_cuda_gpus[gpu].key.pci, xb_cuda_gpus[other].key.pci);
    return rc != cudaSuccess || !can;
}

int xb_cuda_flag(int attribute, int ordinal)
{
    int (*get_device)(int *, int), (*get_attribute)(int *, int, int);
    int device, value = 0, flag = -1;
    void *driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);

    if (!driver)
        return -1;
    *(void **)&get_device = dlsym(driver, "cuDeviceGet");
    *(void **)&get_attribute = dlsym(driver, "cuDeviceGetAttribute");
    if (get_device && get_attribute && get_device(&device, ordinal) == 0 &&
        get_attribute(&value, attribute, device) == 0)
        flag = value != 0;
    dlclose(driver);
    return flag;
}
