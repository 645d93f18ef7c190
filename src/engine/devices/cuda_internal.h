/* SPDX-License-Identifier: BSD-3-Clause */
/* cuda_internal.h - what the files of the CUDA device share. */
#ifndef XB_ENGINE_DEVICES_CUDA_INTERNAL_H
#define XB_ENGINE_DEVICES_CUDA_INTERNAL_H

#include <cuda_runtime_api.h>

#include "engine/devices/device.h"

/* The GPUs of this process: the bound one, then the others in bus order. */
struct xb_cuda_gpu {
    int ordinal;
    struct xb_gpu_key key;
    int sms; /* how many multiprocessors it has; 0 until first asked */
};
extern struct xb_cuda_gpu xb_cuda_gpus[XB_MAX_GPUS];
extern int xb_cuda_ngpus;

/* List what this process sees in xb_cuda_gpus, in bus order. */
void xb_cuda_list_gpus(void);

/* Put that GPU before the others, which stay in bus order; -1 if it is not seen. */
int xb_cuda_bring_to_front(const struct xb_gpu_key *key);

/* cuda_mig.c: GPUs and instances that this process may still choose among, up to max; 0 where
 * there is nothing to choose, or CUDA was started before. Does not start it. */
size_t xb_cuda_offer(struct xb_gpu_key *out, size_t max);

/* Let CUDA, when it starts, show what was chosen of that offer; does nothing where there is
 * none. *variable is that of the environment which this process has set for it, now or before;
 * NULL where it has not. 0 or -1. */
int xb_cuda_choose(const struct xb_gpu_key *key, const char **variable, struct xb_error *err);

/* Which instance of a GPU CUDA shows by that number; "" where it is the whole GPU. */
void xb_cuda_name_instance(int ordinal, struct xb_gpu_key *key);

/* Write a UUID as NVIDIA does: "GPU" or "MIG", and its digits. */
void xb_cuda_format_uuid(const char *kind, const unsigned char b[16], char out[XB_UUID_LEN]);

/* Attributes that are flags, by the driver's numbers (CUdevice_attribute): the runtime's header
 * does not name them all. */
enum { XB_CUDA_GPUDIRECT_RDMA = 116, XB_CUDA_DMA_BUF = 124 };

/* Whether a GPU has what an attribute stands for: 1 or 0; -1 where the driver, which must be
 * loaded, does not know the attribute. */
int xb_cuda_flag(int attribute, int ordinal);

/* Put what CUDA says of an error into err; always returns -1. One after which CUDA cannot be
 * used any more in this process is remembered for xb_cuda_lost. */
int xb_cuda_fail(struct xb_error *err, cudaError_t rc, const char *what);

/* The device table's row: was there such an error, or does the context say so now? */
int xb_cuda_lost(struct xb_error *why);

/* Calls that follow are for that GPU; whoever leaves the bound one puts it back. */
cudaError_t xb_cuda_use_gpu(int gpu);

/* Can one GPU of this process address another's memory: 0, or 1 with the reason. */
int xb_cuda_can_access(int gpu, int other, struct xb_error *reason);

/* cuda_queue.c: the rows of the device table that concern streams; see device.h. */
int xb_cuda_stream_open(int gpu, struct xb_stream **out, struct xb_error *err);
void xb_cuda_stream_close(struct xb_stream *stream);
void *xb_cuda_stream_handle(struct xb_stream *stream);
int xb_cuda_event_open(bool timed, int gpu, struct xb_event **out, struct xb_error *err);
void xb_cuda_event_close(struct xb_event *event);
int xb_cuda_event_record(struct xb_event *event, struct xb_stream *stream,
                         struct xb_error *err);
int xb_cuda_event_done(struct xb_event *event, struct xb_error *err);
int xb_cuda_event_elapsed(struct xb_event *from, struct xb_event *to, double *us,
                          struct xb_error *err);
int xb_cuda_copy(void *dst, const void *src, uint64_t bytes, struct xb_stream *stream,
                 struct xb_error *err);
int xb_cuda_multiprocessors(int gpu, int *sms, struct xb_error *err);
int xb_cuda_launch_copy(void *dst, const void *src, uint64_t bytes, int times, int sms,
                        struct xb_stream *stream, struct xb_error *err);
int xb_cuda_prefetch(void *ptr, uint64_t bytes, int gpu, struct xb_stream *stream,
                     struct xb_error *err);
int xb_cuda_touch(void *ptr, uint64_t bytes, struct xb_stream *stream, struct xb_error *err);

/* The GPU that a stream is of. */
int xb_cuda_stream_gpu(const struct xb_stream *stream);

/* How a kernel that copies is laid out where it may have so many multiprocessors of that GPU, 0
 * for all. */
struct xb_copy_grid;
int xb_cuda_copy_grid(int gpu, int sms, struct xb_copy_grid *out, struct xb_error *err);

/* cuda_blocks.c: the row blocks; see device.h. */
extern const struct xb_block_copies xb_cuda_blocks;

/* cuda_load.c: the row loads; see device.h. */
extern const struct xb_loads xb_cuda_loads;

/* cuda_memory.c: the rows that concern memory; see device.h. */
int xb_cuda_alloc(enum xb_mem_kind kind, int gpu, uint64_t bytes, struct xb_mem *out,
                  struct xb_error *err);
void xb_cuda_free(struct xb_mem *mem);
int xb_cuda_mem_export(struct xb_mem *mem, struct xb_mem_handle *out, struct xb_error *err);
int xb_cuda_mem_import(const struct xb_mem_handle *handle, struct xb_mem *out,
                       struct xb_error *err);
void xb_cuda_mem_unmap(struct xb_mem *mem);
extern const struct xb_allocators xb_cuda_allocators;

/* cuda_vmm.c: memory that the driver's calls for virtual memory make, and that of ncclMemAlloc,
 * which is made of the same: alloc, free, export, import and unmap as above. */
int xb_cuda_vmm_has(int gpu, struct xb_error *reason);
int xb_cuda_vmm_alloc(int gpu, uint64_t bytes, struct xb_mem *out, struct xb_error *err);
void xb_cuda_vmm_free(struct xb_mem *mem);
int xb_cuda_vmm_export(struct xb_mem *mem, struct xb_mem_handle *out, struct xb_error *err);
int xb_cuda_vmm_import(const struct xb_mem_handle *handle, struct xb_mem *out,
                       struct xb_error *err);

/* Close the descriptor by which exported memory is shared; it may not be exported. */
void xb_cuda_vmm_unshare(struct xb_mem *mem);

/* cuda_cold.c: the row make_cold; see device.h. */
int xb_cuda_make_cold(enum xb_mem_kind kind, int gpu, const void *at, uint64_t bytes,
                      struct xb_error *err);

#endif
