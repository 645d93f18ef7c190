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
    int gpu;
};

struct xb_event {
    cudaEvent_t event;
};

/* The GPUs of this process: the bound one, then the others in bus order. */
static struct gpu {
    int ordinal;
    char pci[XB_PCI_LEN];
    int blocks; /* of a copy kernel: enough to fill the GPU; 0 until first needed */
} gpus[XB_MAX_GPUS];
static int ngpus;

/* Blocks of a copy kernel for each multiprocessor. */
#define COPY_BLOCKS_PER_SM 2

static int cuda_fail(struct xb_error *err, cudaError_t rc, const char *what)
{
    cudaGetLastError(); /* an error that is handled must not show up in a later call */
    return xb_fail(err, "%s: %s (%s)", what, cudaGetErrorString(rc), cudaGetErrorName(rc));
}

static int cuda_probe(struct xb_error *reason)
{
    int count = 0;
    cudaError_t rc = cudaGetDeviceCount(&count);

    if (rc != cudaSuccess)
        cuda_fail(reason, rc, "no usable CUDA driver or GPU");
    else if (count == 0)
        xb_fail(reason, "the CUDA driver shows no GPU to this process");
    return rc != cudaSuccess || count == 0;
}

static int by_bus(const void *a, const void *b)
{
    return strcmp(((const struct gpu *)a)->pci, ((const struct gpu *)b)->pci);
}

/* List what this process sees, in bus order. */
static void list_gpus(void)
{
    struct xb_error ignored;
    char text[32];
    int count = 0;

    ngpus = 0;
    if (cudaGetDeviceCount(&count) != cudaSuccess)
        cudaGetLastError();
    for (int i = 0; i < count && ngpus < XB_MAX_GPUS; i++) {
        gpus[ngpus] = (struct gpu){.ordinal = i};
        if (cudaDeviceGetPCIBusId(text, sizeof text, i) == cudaSuccess &&
            xb_pci_normalize(text, gpus[ngpus].pci, &ignored) == 0)
            ngpus++;
    }
    qsort(gpus, (size_t)ngpus, sizeof gpus[0], by_bus);
}

static size_t cuda_visible(char (*pci)[XB_PCI_LEN], size_t max)
{
    size_t n = 0;

    for (list_gpus(); n < (size_t)ngpus && n < max; n++)
        memcpy(pci[n], gpus[n].pci, XB_PCI_LEN);
    return n;
}

/* Put the GPU of that bus id before the others, which stay in bus order; -1 if it is not seen.
 */
static int bring_to_front(const char *pci)
{
    for (int i = 0; i < ngpus; i++) {
        struct gpu found = gpus[i];
        if (strcmp(found.pci, pci) != 0)
            continue;
        memmove(gpus + 1, gpus, (size_t)i * sizeof gpus[0]);
        gpus[0] = found;
        return 0;
    }
    return -1;
}

/* Calls that follow are for that GPU; the bound one is always put back. */
static cudaError_t use_gpu(int gpu)
{
    return cudaSetDevice(gpus[gpu].ordinal);
}

static void format_uuid(const unsigned char *b, char *buf, size_t len)
{
    snprintf(buf, len,
             "GPU-%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
             b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
             b[14], b[15]);
}

/* Two transfers a clock (double data rate) of the whole bus. */
static double memory_gb_per_s(int ordinal)
{
    int khz = 0, bits = 0; /* left so where the driver does not say */
    cudaDeviceGetAttribute(&khz, cudaDevAttrMemoryClockRate, ordinal);
    cudaDeviceGetAttribute(&bits, cudaDevAttrGlobalMemoryBusWidth, ordinal);
    return 2.0 * khz * 1e3 * bits / 8 * 1e-9;
}

static int cuda_attach(const char *pci, struct xb_device_info *out, struct xb_error *err)
{
    struct cudaDeviceProp prop;
    int runtime = 0;
    cudaError_t rc;

    memset(out, 0, sizeof *out);
    list_gpus();
    if (bring_to_front(pci) < 0)
        return xb_fail(err, "GPU %s is not visible to this process", pci);
    if ((rc = use_gpu(0)) != cudaSuccess ||
        (rc = cudaGetDeviceProperties(&prop, gpus[0].ordinal)) != cudaSuccess ||
        (rc = cudaFree(NULL)) != cudaSuccess) /* which makes the context */
        return cuda_fail(err, rc, pci);
    cudaRuntimeGetVersion(&runtime);
    snprintf(out->name, sizeof out->name, "%.63s", prop.name);
    out->memory_gb_per_s = memory_gb_per_s(gpus[0].ordinal);
    out->l2_bytes = (uint64_t)prop.l2CacheSize;
    format_uuid((const unsigned char *)prop.uuid.bytes, out->uuid, sizeof out->uuid);
    xb_nvml_driver_version(out->driver, sizeof out->driver);
    snprintf(out->runtime, sizeof out->runtime, "%d.%d", runtime / 1000, runtime % 1000 / 10);
    return 0;
}

static int cuda_others(void)
{
    return ngpus - 1;
}

static int cuda_mem_free(int gpu, uint64_t *bytes, struct xb_error *err)
{
    size_t free_bytes = 0, total;
    cudaError_t rc = use_gpu(gpu);
    if (rc == cudaSuccess)
        rc = cudaMemGetInfo(&free_bytes, &total);
    use_gpu(0);
    *bytes = free_bytes;
    return rc == cudaSuccess ? 0 : cuda_fail(err, rc, "cudaMemGetInfo");
}

static cudaError_t alloc_device(int gpu, uint64_t bytes, void **ptr)
{
    cudaError_t rc = use_gpu(gpu);
    if (rc == cudaSuccess)
        rc = cudaMalloc(ptr, (bytes + IPC_GRANULE - 1) / IPC_GRANULE * IPC_GRANULE);
    use_gpu(0);
    return rc;
}

static int cuda_alloc(enum xb_mem_kind kind, int gpu, uint64_t bytes, struct xb_mem *out,
                      struct xb_error *err)
{
    cudaError_t rc = cudaSuccess;

    *out = (struct xb_mem){.bytes = bytes, .kind = kind, .gpu = gpu};
    if (kind == XB_MEM_DEVICE) {
        rc = alloc_device(gpu, bytes, &out->ptr);
    } else if (kind == XB_MEM_PINNED) {
        rc = cudaHostAlloc(&out->ptr, bytes, cudaHostAllocPortable | cudaHostAllocMapped);
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
    cudaError_t rc =
        cudaHostRegister(ptr, bytes, cudaHostRegisterPortable | cudaHostRegisterMapped);
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

/* Can one GPU of this process address another's memory: 0, or 1 with the reason. */
static int can_access(int gpu, int other, struct xb_error *reason)
{
    int can = 0;
    cudaError_t rc = cudaDeviceCanAccessPeer(&can, gpus[gpu].ordinal, gpus[other].ordinal);

    if (rc != cudaSuccess)
        cuda_fail(reason, rc, "cudaDeviceCanAccessPeer");
    else if (!can)
        xb_fail(reason, "the driver says that GPU %s cannot access GPU %s", gpus[gpu].pci,
                gpus[other].pci);
    return rc != cudaSuccess || !can;
}

static int cuda_peer(const char *pci, struct xb_error *reason)
{
    for (int i = 1; i < ngpus; i++)
        if (strcmp(gpus[i].pci, pci) == 0)
            return can_access(0, i, reason);
    return 0;
}

static int cuda_peer_enable(int gpu, int other, struct xb_error *reason)
{
    cudaError_t rc;

    if (gpu == other)
        return 0;
    if (can_access(gpu, other, reason))
        return 1;
    if ((rc = use_gpu(gpu)) == cudaSuccess)
        rc = cudaDeviceEnablePeerAccess(gpus[other].ordinal, 0);
    use_gpu(0);
    if (rc == cudaErrorPeerAccessAlreadyEnabled) {
        cudaGetLastError();
        rc = cudaSuccess;
    }
    if (rc == cudaSuccess)
        return 0;
    cuda_fail(reason, rc, "cudaDeviceEnablePeerAccess");
    return 1;
}

static int cuda_stream_open(int gpu, struct xb_stream **out, struct xb_error *err)
{
    *out = calloc(1, sizeof **out);
    if (!*out)
        return xb_fail(err, "out of memory");
    (*out)->gpu = gpu;
    cudaError_t rc = use_gpu(gpu);
    if (rc == cudaSuccess)
        rc = cudaStreamCreateWithFlags(&(*out)->stream, cudaStreamNonBlocking);
    use_gpu(0);
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

static int cuda_event_open(bool timed, int gpu, struct xb_event **out, struct xb_error *err)
{
    *out = calloc(1, sizeof **out);
    if (!*out)
        return xb_fail(err, "out of memory");
    cudaError_t rc = use_gpu(gpu);
    if (rc == cudaSuccess)
        rc = cudaEventCreateWithFlags(&(*out)->event,
                                      timed ? cudaEventDefault : cudaEventDisableTiming);
    use_gpu(0);
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

/* Blocks that fill a GPU. */
static int copy_blocks(int gpu)
{
    int sms = 0;
    if (gpus[gpu].blocks == 0 && cudaDeviceGetAttribute(&sms, cudaDevAttrMultiProcessorCount,
                                                        gpus[gpu].ordinal) == cudaSuccess)
        gpus[gpu].blocks = sms * COPY_BLOCKS_PER_SM;
    return gpus[gpu].blocks;
}

static int cuda_launch_copy(void *dst, const void *src, uint64_t bytes,
                            struct xb_stream *stream, struct xb_error *err)
{
    cudaError_t rc = stream->gpu ? use_gpu(stream->gpu) : cudaSuccess;
    if (rc == cudaSuccess)
        rc = (cudaError_t)xb_kernel_copy(dst, src, bytes, copy_blocks(stream->gpu),
                                         stream->stream);
    if (stream->gpu)
        use_gpu(0);
    return rc == cudaSuccess ? 0 : cuda_fail(err, rc, "copy kernel");
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

static int cuda_fill(int gpu, void *dst, uint64_t bytes, uint64_t key, uint64_t first,
                     bool poison, struct xb_error *err)
{
    cudaError_t rc = use_gpu(gpu);
    if (rc == cudaSuccess)
        rc = (cudaError_t)xb_kernel_fill(dst, bytes, key, first, poison);
    use_gpu(0);
    return rc == cudaSuccess ? 0 : cuda_fail(err, rc, "fill kernel");
}

static int cuda_check(int gpu, const void *src, uint64_t bytes, uint64_t key, uint64_t first,
                      bool poison, struct xb_verify *out, struct xb_error *err)
{
    struct xb_check_result found;
    cudaError_t rc = use_gpu(gpu);
    if (rc == cudaSuccess)
        rc = (cudaError_t)xb_kernel_check(src, bytes, key, first, poison, &found);
    use_gpu(0);
    if (rc != cudaSuccess)
        return cuda_fail(err, rc, "check kernel");
    if (found.wrong && (out->wrong_bytes == 0 || found.first_bad < out->first_bad))
        out->first_bad = found.first_bad;
    out->wrong_bytes += found.wrong;
    out->checked_bytes += bytes;
    out->done = true;
    return 0;
}

static int cuda_inbox_clear(void *inbox, uint64_t bytes, struct xb_error *err)
{
    cudaError_t rc = cudaMemset(inbox, 0, bytes);
    if (rc == cudaSuccess)
        rc = cudaDeviceSynchronize();
    return rc == cudaSuccess ? 0 : cuda_fail(err, rc, "cudaMemset");
}

static int cuda_resident_start(const struct xb_resident_side *side, uint32_t rounds,
                               double limit_us, struct xb_error *err)
{
    cudaError_t rc = (cudaError_t)xb_pingpong_start(side, rounds, limit_us);
    return rc == cudaSuccess ? 0 : cuda_fail(err, rc, "ping-pong kernel");
}

static int cuda_resident_done(struct xb_error *err)
{
    int done = 0;
    cudaError_t rc = (cudaError_t)xb_pingpong_done(&done);
    return rc == cudaSuccess ? done : cuda_fail(err, rc, "ping-pong kernel");
}

static const struct xb_resident cuda_resident = {
    .inbox_clear = cuda_inbox_clear,
    .start = cuda_resident_start,
    .go = xb_pingpong_go,
    .done = cuda_resident_done,
};

const struct xb_device xb_device_cuda = {
    .name = "cuda",
    .summary = "NVIDIA GPUs through the CUDA runtime",
    .probe = cuda_probe,
    .visible = cuda_visible,
    .attach = cuda_attach,
    .others = cuda_others,
    .mem_free = cuda_mem_free,
    .alloc = cuda_alloc,
    .free = cuda_free,
    .host_register = cuda_host_register,
    .host_unregister = cuda_host_unregister,
    .mem_export = cuda_mem_export,
    .mem_import = cuda_mem_import,
    .mem_unmap = cuda_mem_unmap,
    .peer = cuda_peer,
    .peer_enable = cuda_peer_enable,
    .stream_open = cuda_stream_open,
    .stream_close = cuda_stream_close,
    .event_open = cuda_event_open,
    .event_close = cuda_event_close,
    .copy = cuda_copy,
    .launch_copy = cuda_launch_copy,
    .event_record = cuda_event_record,
    .event_done = cuda_event_done,
    .event_elapsed = cuda_event_elapsed,
    .fill = cuda_fill,
    .check = cuda_check,
    .resident = &cuda_resident,
};
