/* SPDX-License-Identifier: BSD-3-Clause */
/* cuda_vmm.c - memory that the driver's calls for virtual memory make: physical memory that is
 * mapped where this process has reserved addresses, and shared by a file descriptor. Source of
 * the order of the calls: CUDA C++ Programming Guide 13.0, "Virtual Memory Management". */
#include "engine/devices/cuda_internal.h"

#include <cuda.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/runtime/fd_card.h"

#define SHARED_AS CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR

/* The functions that are used, under the driver's own names without the prefix. The runtime
 * has loaded the driver. */
static struct {
    __typeof__(&cuGetErrorName) GetErrorName;
    __typeof__(&cuDeviceGetAttribute) DeviceGetAttribute;
    __typeof__(&cuMemGetAllocationGranularity) MemGetAllocationGranularity;
    __typeof__(&cuMemCreate) MemCreate;
    __typeof__(&cuMemRelease) MemRelease;
    __typeof__(&cuMemAddressReserve) MemAddressReserve;
    __typeof__(&cuMemAddressFree) MemAddressFree;
    __typeof__(&cuMemMap) MemMap;
    __typeof__(&cuMemUnmap) MemUnmap;
    __typeof__(&cuMemSetAccess) MemSetAccess;
    __typeof__(&cuMemRetainAllocationHandle) MemRetainAllocationHandle;
    __typeof__(&cuMemExportToShareableHandle) MemExportToShareableHandle;
    __typeof__(&cuMemImportFromShareableHandle) MemImportFromShareableHandle;
    __typeof__(&cuMemGetAddressRange) MemGetAddressRange;
} driver;

static const struct {
    const char *name;
    void **at;
} functions[] = {
    {"cuGetErrorName", (void **)&driver.GetErrorName},
    {"cuDeviceGetAttribute", (void **)&driver.DeviceGetAttribute},
    {"cuMemGetAllocationGranularity", (void **)&driver.MemGetAllocationGranularity},
    {"cuMemCreate", (void **)&driver.MemCreate},
    {"cuMemRelease", (void **)&driver.MemRelease},
    {"cuMemAddressReserve", (void **)&driver.MemAddressReserve},
    {"cuMemAddressFree", (void **)&driver.MemAddressFree},
    {"cuMemMap", (void **)&driver.MemMap},
    {"cuMemUnmap", (void **)&driver.MemUnmap},
    {"cuMemSetAccess", (void **)&driver.MemSetAccess},
    {"cuMemRetainAllocationHandle", (void **)&driver.MemRetainAllocationHandle},
    {"cuMemExportToShareableHandle", (void **)&driver.MemExportToShareableHandle},
    {"cuMemImportFromShareableHandle", (void **)&driver.MemImportFromShareableHandle},
    {"cuMemGetAddressRange_v2", (void **)&driver.MemGetAddressRange},
};

static int load_driver(struct xb_error *why)
{
    static bool loaded;
    void *library = loaded ? NULL : dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);

    if (loaded)
        return 0;
    if (!library)
        return xb_fail(why, "the CUDA driver's library is not loaded");
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (!(*functions[i].at = dlsym(library, functions[i].name)))
            return xb_fail(why, "the CUDA driver has no %s", functions[i].name);
    loaded = true;
    return 0;
}

/* Returns -1. */
static int fail(struct xb_error *err, CUresult rc, const char *call)
{
    const char *name = NULL;

    driver.GetErrorName(rc, &name);
    return xb_fail(err, "%s: %s (error %d)", call, name ? name : "unknown", (int)rc);
}

/* The runtime's numbers of GPUs are the driver's, whose handles of devices are these numbers
 * too (cuDeviceGet). */
static int ordinal(int gpu)
{
    return xb_cuda_gpus[gpu].ordinal;
}

static CUmemAllocationProp properties(int gpu)
{
    CUmemAllocationProp prop;
    int rdma = 0;

    memset(&prop, 0, sizeof prop);
    prop.type = CU_MEM_ALLOCATION_TYPE_PINNED;
    prop.requestedHandleTypes = SHARED_AS;
    prop.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
    prop.location.id = ordinal(gpu);
    /* else no NIC could reach it */
    driver.DeviceGetAttribute(
        &rdma, CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_WITH_CUDA_VMM_SUPPORTED, ordinal(gpu));
    prop.allocFlags.gpuDirectRDMACapable = rdma != 0;
    return prop;
}

int xb_cuda_vmm_has(int gpu, struct xb_error *reason)
{
    static const struct {
        CUdevice_attribute attribute;
        const char *what;
    } needed[] = {
        {CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED, "virtual memory management"},
        {CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR_SUPPORTED,
         "memory that is shared by a file descriptor"},
    };

    if (load_driver(reason) < 0)
        return 1;
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        int there = 0;
        CUresult rc = driver.DeviceGetAttribute(&there, needed[i].attribute, ordinal(gpu));
        if (rc == CUDA_SUCCESS && there)
            continue;
        xb_fail(reason, "GPU %s has no %s", xb_cuda_gpus[gpu].key.pci, needed[i].what);
        return 1;
    }
    return 0;
}

/* Let the GPUs of this process use what is mapped there: the one that works on it must, others
 * that cannot are left out. */
static CUresult give_access(CUdeviceptr at, size_t size, int gpu)
{
    CUresult rc = CUDA_SUCCESS;

    for (int i = 0; i < xb_cuda_ngpus; i++) {
        CUmemAccessDesc access;
        memset(&access, 0, sizeof access);
        access.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
        access.location.id = ordinal(i);
        access.flags = CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
        CUresult one = driver.MemSetAccess(at, size, &access, 1);
        if (i == gpu)
            rc = one;
    }
    return rc;
}

/* Map all of a handle, which is released in any case: what is mapped stays. */
static int map_handle(CUmemGenericAllocationHandle handle, size_t size, int gpu, void **ptr,
                      struct xb_error *err)
{
    const char *call = "cuMemAddressReserve";
    CUdeviceptr at = 0;
    CUresult rc = driver.MemAddressReserve(&at, size, 0, 0, 0);
    bool reserved = rc == CUDA_SUCCESS, mapped = false;

    if (reserved) {
        call = "cuMemMap";
        rc = driver.MemMap(at, size, 0, handle, 0);
        mapped = rc == CUDA_SUCCESS;
    }
    if (mapped) {
        call = "cuMemSetAccess";
        rc = give_access(at, size, gpu);
    }
    driver.MemRelease(handle);
    if (rc == CUDA_SUCCESS) {
        memcpy(ptr, &at, sizeof *ptr);
        return 0;
    }
    if (mapped)
        driver.MemUnmap(at, size);
    if (reserved)
        driver.MemAddressFree(at, size);
    return fail(err, rc, call);
}

int xb_cuda_vmm_alloc(int gpu, uint64_t bytes, struct xb_mem *out, struct xb_error *err)
{
    const char *call = "cuMemGetAllocationGranularity";
    CUmemGenericAllocationHandle handle;
    size_t granule = 0, size = 0;

    *out = (struct xb_mem){
        .bytes = bytes, .kind = XB_MEM_DEVICE, .gpu = gpu, .allocator = XB_ALLOCATOR_VMM};
    if (load_driver(err) < 0)
        return -1;
    CUmemAllocationProp prop = properties(gpu);
    CUresult rc = driver.MemGetAllocationGranularity(&granule, &prop,
                                                     CU_MEM_ALLOC_GRANULARITY_RECOMMENDED);
    if (rc == CUDA_SUCCESS) {
        call = "cuMemCreate";
        size = (bytes + granule - 1) / granule * granule;
        rc = driver.MemCreate(&handle, size, &prop, 0);
    }
    return rc == CUDA_SUCCESS ? map_handle(handle, size, gpu, &out->ptr, err)
                              : fail(err, rc, call);
}

/* The bytes that are mapped where memory begins: more than were asked for. */
static CUresult mapped_bytes(const void *ptr, size_t *size)
{
    CUdeviceptr base;
    return driver.MemGetAddressRange(&base, size, (CUdeviceptr)(uintptr_t)ptr);
}

void xb_cuda_vmm_unshare(struct xb_mem *mem)
{
    const int *fd = mem->priv;

    if (fd)
        close(*fd);
    free(mem->priv);
    mem->priv = NULL;
}

void xb_cuda_vmm_free(struct xb_mem *mem)
{
    CUdeviceptr at = (CUdeviceptr)(uintptr_t)mem->ptr;
    size_t size;

    xb_cuda_vmm_unshare(mem);
    if (mapped_bytes(mem->ptr, &size) != CUDA_SUCCESS)
        return;
    cudaDeviceSynchronize(); /* unlike cudaFree, unmapping waits for nobody */
    driver.MemUnmap(at, size);
    driver.MemAddressFree(at, size);
}

int xb_cuda_vmm_export(struct xb_mem *mem, struct xb_mem_handle *out, struct xb_error *err)
{
    const char *call = "cuMemRetainAllocationHandle";
    CUmemGenericAllocationHandle handle;
    struct xb_fd_card card;
    size_t size = 0;
    int *fd = malloc(sizeof *fd);

    if (!fd || load_driver(err) < 0) {
        free(fd);
        return fd ? -1 : xb_fail(err, "out of memory");
    }
    CUresult rc = driver.MemRetainAllocationHandle(&handle, mem->ptr);
    if (rc == CUDA_SUCCESS) {
        call = "cuMemExportToShareableHandle";
        rc = driver.MemExportToShareableHandle(fd, handle, SHARED_AS, 0);
        driver.MemRelease(handle);
    }
    if (rc != CUDA_SUCCESS) { /* also where ncclMemAlloc has asked for none */
        free(fd);
        fail(err, rc, call);
        xb_fail_in(err, "memory of the allocator %s cannot be opened by another rank",
                   xb_allocator_names[mem->allocator]);
        return 1;
    }
    mem->priv = fd; /* the file is there as long as the memory */
    rc = mapped_bytes(mem->ptr, &size);
    if (rc != CUDA_SUCCESS)
        return fail(err, rc, "cuMemGetAddressRange");
    if (xb_fd_offer(*fd, &card, err) < 0)
        return -1;
    memset(out, 0, sizeof *out);
    memcpy(out->data, &card, sizeof card);
    out->bytes = size;
    out->allocator = XB_ALLOCATOR_VMM; /* made of the same, whoever made it */
    return 0;
}

int xb_cuda_vmm_import(const struct xb_mem_handle *handle, struct xb_mem *out,
                       struct xb_error *err)
{
    CUmemGenericAllocationHandle memory;
    struct xb_fd_card card;
    int fd;

    *out = (struct xb_mem){
        .bytes = handle->bytes, .kind = XB_MEM_DEVICE, .allocator = XB_ALLOCATOR_VMM};
    if (load_driver(err) < 0)
        return -1;
    memcpy(&card, handle->data, sizeof card);
    if (xb_fd_fetch(&card, &fd, err) != 0)
        return 1;
    CUresult rc =
        driver.MemImportFromShareableHandle(&memory, (void *)(uintptr_t)fd, SHARED_AS);
    close(fd);
    if (rc == CUDA_SUCCESS)
        return map_handle(memory, handle->bytes, 0, &out->ptr, err) == 0 ? 0 : 1;
    fail(err, rc, "cuMemImportFromShareableHandle");
    return 1;
}
