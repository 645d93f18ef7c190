/* cuda_gpus.c - the GPUs that CUDA shows to this process, and its errors in words. */
#include "engine/devices/cuda_internal.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

struct xb_cuda_gpu xb_cuda_gpus[XB_MAX_GPUS];
int xb_cuda_ngpus;

int xb_cuda_fail(struct xb_error *err, cudaError_t rc, const char *what)
{
    cudaGetLastError(); /* an error that is handled must not show up in a later call */
    return xb_fail(err, "%s: %s (%s)", what, cudaGetErrorString(rc), cudaGetErrorName(rc));
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
