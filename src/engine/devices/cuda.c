/* cuda.c - the CUDA device: runtime API calls behind the device table.
 *
 * The runtime is linked statically and loads the driver by itself, so the program starts on a
 * node without one; probe then says what is missing. */
#include "engine/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cuda_runtime_api.h>

#include "engine/nvml.h"
#include "kernels.h"

/* IPC handles stand for whole driver allocations; rounding to its granularity keeps two
 * buffers from sharing one, which a peer could then open only once. */
#define IPC_GRANULE (2ull << 20)

struct xb_stream {
    cudaStream_t stream;
};

struct xb_event {
    cudaEvent_t event;
};

static struct {
    int ordinal;
    cudaStream_t stream; /* of fill and check */
    struct xb_check_cell *cell;
} self = {.ordinal = -1};

static int cuda_fail(struct xb_error *err, cudaError_t rc, const char *what)
{
    cudaGetLastError(); /* an error that is handled must not show up in a later call */
    return xb_fail(err, "%s: %s (%s)", what, cudaGetErrorString(rc), cudaGetErrorName(rc));
}

static int cuda_probe(struct xb_error *reason)
{
    int count = 0;
    cudaError_t rc = cudaGetDeviceCount(&count);

    if (rc != cudaSuccess) {
        cuda_fail(reason, rc, "no usable CUDA driver or GPU");
        return 1;
    }
    if (count == 0) {
        xb_fail(reason, "the CUDA driver shows no GPU to this process");
        return 1;
    }
    return 0;
}

static int bus_id(int ordinal, char pci[XB_PCI_LEN])
{
    char text[32];
    struct xb_error ignored;
    if (cudaDeviceGetPCIBusId(text, sizeof text, ordinal) != cudaSuccess)
        return -1;
    return xb_pci_normalize(text, pci, &ignored);
}

static size_t cuda_visible(char (*pci)[XB_PCI_LEN], size_t max)
{
    int count = 0;
    size_t n = 0;

    if (cudaGetDeviceCount(&count) != cudaSuccess) {
        cudaGetLastError();
        return 0;
    }
    for (int i = 0; i < count && n < max; i++)
        if (bus_id(i, pci[n]) == 0)
            n++;
    return n;
}

/* The ordinal of a bus id in this process, -1 if it does not see that GPU. */
static int ordinal_of(const char *pci)
{
    char have[XB_PCI_LEN];
    int count = 0;

    if (cudaGetDeviceCount(&count) != cudaSuccess)
        return -1;
    for (int i = 0; i < count; i++)
        if (bus_id(i, have) == 0 && strcmp(have, pci) == 0)
            return i;
    return -1;
}

static void format_version(int v, char *buf, size_t len)
{
    snprintf(buf, len, "%d.%d", v / 1000, v % 1000 / 10);
}

static void format_uuid(const unsigned char *b, char *buf, size_t len)
{
    snprintf(buf, len,
             "GPU-%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
             b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
             b[14], b[15]);
}

static int cuda_attach(const char *pci, struct xb_device_info *out, struct xb_error *err)
{
    struct cudaDeviceProp prop;
    int driver = 0, runtime = 0, ordinal = ordinal_of(pci);
    cudaError_t rc;

    memset(out, 0, sizeof *out);
    if (ordinal < 0)
        return xb_fail(err, "GPU %s is not visible to this process", pci);
    if ((rc = cudaSetDevice(ordinal)) != cudaSuccess ||
        (rc = cudaGetDeviceProperties(&prop, ordinal)) != cudaSuccess ||
        (rc = cudaStreamCreateWithFlags(&self.stream, cudaStreamNonBlocking)) != cudaSuccess ||
        (rc = cudaMalloc((void **)&self.cell, sizeof *self.cell)) != cudaSuccess)
        return cuda_fail(err, rc, pci);
    self.ordinal = ordinal;
    cudaDriverGetVersion(&driver);
    cudaRuntimeGetVersion(&runtime);
    snprintf(out->name, sizeof out->name, "%.63s", prop.name);
    format_uuid((const unsigned char *)prop.uuid.bytes, out->uuid, sizeof out->uuid);
    xb_nvml_driver_version(out->driver, sizeof out->driver);
    if (!out->driver[0]) /* then at least which CUDA the driver does */
        format_version(driver, out->driver, sizeof out->driver);
    format_version(runtime, out->runtime, sizeof out->runtime);
    return 0;
}

static int cuda_mem_free(uint64_t *bytes, struct xb_error *err)
{
    size_t free_bytes, total;
    cudaError_t rc = cudaMemGetInfo(&free_bytes, &total);
    if (rc != cudaSuccess)
        return cuda_fail(err, rc, "cudaMemGetInfo");
    *bytes = free_bytes;
    return 0;
}

static int cuda_alloc(enum xb_mem_kind kind, uint64_t bytes, struct xb_mem *out,
                      struct xb_error *err)
{
    cudaError_t rc = cudaSuccess;

    *out = (struct xb_mem){.bytes = bytes, .kind = kind};
    if (kind == XB_MEM_DEVICE) {
        bytes = (bytes + IPC_GRANULE - 1) / IPC_GRANULE * IPC_GRANULE;
        rc = cudaMalloc(&out->ptr, bytes);
    } else if (kind == XB_MEM_PINNED) {
        rc = cudaHostAlloc(&out->ptr, bytes, cudaHostAllocPortable);
    } else {
        out->ptr = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
        if (!out->ptr)
            return xb_fail(err, "cannot have %llu bytes of host memory",
                           (unsigned long long)bytes);
        memset(out->ptr, 0, bytes); /* pages exist before they are timed */
    }
    if (rc != cudaSuccess) {
        out->ptr = NULL;
        return cuda_fail(err, rc, kind == XB_MEM_DEVICE ? "cudaMalloc" : "cudaHostAlloc");
    }
    return 0;
}

static void cuda_free(struct xb_mem *mem)
{
    if (mem->kind == XB_MEM_PAGEABLE)
        free(mem->ptr);
    else if (mem->ptr && mem->kind == XB_MEM_PINNED)
        cudaFreeHost(mem->ptr);
    else if (mem->ptr)
        cudaFree(mem->ptr);
    memset(mem, 0, sizeof *mem);
}

static int cuda_host_register(void *ptr, uint64_t bytes, struct xb_error *err)
{
    cudaError_t rc = cudaHostRegister(ptr, bytes, cudaHostRegisterPortable);
    return rc == cudaSuccess ? 0 : cuda_fail(err, rc, "cudaHostRegister");
}

static void cuda_host_unregister(void *ptr)
{
    cudaHostUnregister(ptr);
}

static int cuda_mem_export(const struct xb_mem *mem, struct xb_mem_handle *out,
                           struct xb_error *err)
{
    cudaIpcMemHandle_t h;
    _Static_assert(sizeof h <= sizeof out->data, "a CUDA IPC handle must fit");
    cudaError_t rc = cudaIpcGetMemHandle(&h, mem->ptr);

    if (rc != cudaSuccess)
        return cuda_fail(err, rc, "cudaIpcGetMemHandle");
    memset(out, 0, sizeof *out);
    memcpy(out->data, &h, sizeof h);
    out->bytes = mem->bytes;
    return 0;
}

static int cuda_mem_import(const struct xb_mem_handle *handle, struct xb_mem *out,
                           struct xb_error *err)
{
    cudaIpcMemHandle_t h;
    memcpy(&h, handle->data, sizeof h);
    *out = (struct xb_mem){.bytes = handle->bytes, .kind = XB_MEM_DEVICE};
    cudaError_t rc = cudaIpcOpenMemHandle(&out->ptr, h, cudaIpcMemLazyEnablePeerAccess);

    if (rc == cudaSuccess)
        return 0;
    out->ptr = NULL;
    cuda_fail(err, rc, "cudaIpcOpenMemHandle");
    return rc == cudaErrorPeerAccessUnsupported || rc == cudaErrorMapBufferObjectFailed ||
                   rc == cudaErrorInvalidDevice || rc == cudaErrorNotSupported
               ? 1
               : -1;
}

static void cuda_mem_unmap(struct xb_mem *mem)
{
    if (mem->ptr)
        cudaIpcCloseMemHandle(mem->ptr);
    memset(mem, 0, sizeof *mem);
}

static int cuda_peer(const char *pci, struct xb_error *reason)
{
    int peer = ordinal_of(pci), can = 0;

    if (peer < 0 || peer == self.ordinal)
        return 0;
    cudaError_t rc = cudaDeviceCanAccessPeer(&can, self.ordinal, peer);
    if (rc != cudaSuccess) {
        cuda_fail(reason, rc, "cudaDeviceCanAccessPeer");
        return 1;
    }
    if (can)
        return 0;
    xb_fail(reason, "the driver says that this GPU cannot access GPU %s", pci);
    return 1;
}

static int cuda_stream_open(struct xb_stream **out, struct xb_error *err)
{
    *out = calloc(1, sizeof **out);
    if (!*out)
        return xb_fail(err, "out of memory");
    cudaError_t rc = cudaStreamCreateWithFlags(&(*out)->stream, cudaStreamNonBlocking);
    if (rc == cudaSuccess)
        return 0;
    free(*out);
    *out = NULL;
    return cuda_fail(err, rc, "cudaStreamCreate");
}

static void cuda_stream_close(struct xb_stream *stream)
{
    if (stream)
        cudaStreamDestroy(stream->stream);
    free(stream);
}

static int cuda_event_open(bool timed, struct xb_event **out, struct xb_error *err)
{
    *out = calloc(1, sizeof **out);
    if (!*out)
        return xb_fail(err, "out of memory");
    cudaError_t rc = cudaEventCreateWithFlags(&(*out)->event, timed ? cudaEventDefault
                                                                    : cudaEventDisableTiming);
    if (rc == cudaSuccess)
        return 0;
    free(*out);
    *out = NULL;
    return cuda_fail(err, rc, "cudaEventCreate");
}

static void cuda_event_close(struct xb_event *event)
{
    if (event)
        cudaEventDestroy(event->event);
    free(event);
}

static int cuda_copy(void *dst, const void *src, uint64_t bytes, struct xb_stream *stream,
                     struct xb_error *err)
{
    cudaError_t rc = cudaMemcpyAsync(dst, src, bytes, cudaMemcpyDefault, stream->stream);
    return rc == cudaSuccess ? 0 : cuda_fail(err, rc, "cudaMemcpyAsync");
}

static int cuda_event_record(struct xb_event *event, struct xb_stream *stream,
                             struct xb_error *err)
{
    cudaError_t rc = cudaEventRecord(event->event, stream->stream);
    return rc == cudaSuccess ? 0 : cuda_fail(err, rc, "cudaEventRecord");
}

static int cuda_event_done(struct xb_event *event, struct xb_error *err)
{
    cudaError_t rc = cudaEventQuery(event->event);
    if (rc == cudaSuccess)
        return 1;
    return rc == cudaErrorNotReady ? 0 : cuda_fail(err, rc, "cudaEventQuery");
}

static int cuda_event_elapsed(struct xb_event *from, struct xb_event *to, double *us,
                              struct xb_error *err)
{
    float ms;
    cudaError_t rc = cudaEventElapsedTime(&ms, from->event, to->event);
    if (rc != cudaSuccess)
        return cuda_fail(err, rc, "cudaEventElapsedTime");
    *us = (double)ms * 1e3;
    return 0;
}

static int cuda_fill(void *dst, uint64_t bytes, uint64_t key, uint64_t first, bool poison,
                     struct xb_error *err)
{
    cudaGetLastError(); /* what a launch returns must be its own */
    cudaError_t rc = (cudaError_t)xb_kernel_fill(dst, bytes, key, first, poison, self.stream);
    if (rc == cudaSuccess)
        rc = cudaStreamSynchronize(self.stream);
    return rc == cudaSuccess ? 0 : cuda_fail(err, rc, "fill kernel");
}

static int cuda_check(const void *src, uint64_t bytes, uint64_t key, uint64_t first,
                      bool poison, struct xb_verify *out, struct xb_error *err)
{
    struct xb_check_cell found = {0, UINT64_MAX};
    cudaError_t rc;

    cudaGetLastError(); /* what a launch returns must be its own */
    if ((rc = cudaMemcpyAsync(self.cell, &found, sizeof found, cudaMemcpyDefault,
                              self.stream)) != cudaSuccess ||
        (rc = (cudaError_t)xb_kernel_check(src, bytes, key, first, poison, self.cell,
                                           self.stream)) != cudaSuccess ||
        (rc = cudaMemcpyAsync(&found, self.cell, sizeof found, cudaMemcpyDefault,
                              self.stream)) != cudaSuccess ||
        (rc = cudaStreamSynchronize(self.stream)) != cudaSuccess)
        return cuda_fail(err, rc, "check kernel");
    if (found.wrong && (out->wrong_bytes == 0 || found.first_bad < out->first_bad))
        out->first_bad = found.first_bad;
    out->wrong_bytes += found.wrong;
    out->checked_bytes += bytes;
    out->done = true;
    return 0;
}

const struct xb_device xb_device_cuda = {
    .name = "cuda",
    .summary = "NVIDIA GPUs through the CUDA runtime",
    .probe = cuda_probe,
    .visible = cuda_visible,
    .attach = cuda_attach,
    .mem_free = cuda_mem_free,
    .alloc = cuda_alloc,
    .free = cuda_free,
    .host_register = cuda_host_register,
    .host_unregister = cuda_host_unregister,
    .mem_export = cuda_mem_export,
    .mem_import = cuda_mem_import,
    .mem_unmap = cuda_mem_unmap,
    .peer = cuda_peer,
    .stream_open = cuda_stream_open,
    .stream_close = cuda_stream_close,
    .event_open = cuda_event_open,
    .event_close = cuda_event_close,
    .copy = cuda_copy,
    .event_record = cuda_event_record,
    .event_done = cuda_event_done,
    .event_elapsed = cuda_event_elapsed,
    .fill = cuda_fill,
    .check = cuda_check,
};
