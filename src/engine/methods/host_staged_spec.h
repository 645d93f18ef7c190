/* SPDX-License-Identifier: BSD-3-Clause */
/* host_staged_spec.h - what the method host-staged is, and its options. */
#ifndef XB_ENGINE_METHODS_HOST_STAGED_SPEC_H
#define XB_ENGINE_METHODS_HOST_STAGED_SPEC_H

#include "model/plan/chunk_work.h"
#include "model/scenario/catalog.h"
#include "model/scenario/host_memory.h"
#include "model/scenario/layout_option.h"

static const char *const xb_host_staged_memories[] = {XB_HOST_MEMORY_NAMES, NULL};

static const char *const xb_host_staged_processes[] = {XB_CHUNK_WORK_NAMES, NULL};

/* In the order of enum xb_stores. */
static const char *const xb_host_staged_stores[] = {"cached", "streaming", NULL};

#define XB_HOST_STAGED_THREADS 16 /* at most */

struct xb_host_staged_options {
    int memory;
    int host_memory;
    int64_t threads;
    int process;
    int stores;
    struct xb_layout_options layout;
};

static const struct xb_option xb_host_staged_option_table[] = {
    {.name = "memory",
     .type = XB_OPTION_ENUM,
     .choices = xb_host_staged_memories,
     .fallback = XB_HOST_PINNED,
     .summary = "memory of the ring",
     XB_OPTION_MEMBER(struct xb_host_staged_options, memory)},
    {.name = "host_memory",
     .type = XB_OPTION_ENUM,
     .choices = xb_host_staged_memories,
     .fallback = XB_HOST_PAGEABLE,
     .quiet = true,
     .summary = "memory of a host endpoint within a rank; between ranks it is pinned",
     XB_OPTION_MEMBER(struct xb_host_staged_options, host_memory)},
    {.name = "threads",
     .type = XB_OPTION_INT,
     .min = 1,
     .max = XB_HOST_STAGED_THREADS,
     .fallback = 1,
     .quiet = true,
     .summary =
         "threads that share each copy between a host endpoint and the ring, and as many that "
         "process a chunk each; with more than one each needs a core",
     XB_OPTION_MEMBER(struct xb_host_staged_options, threads)},
    {.name = "process",
     .type = XB_OPTION_ENUM,
     .choices = xb_host_staged_processes,
     .fallback = XB_CHUNK_AS_IS,
     .quiet = true,
     .summary = "what is done with a chunk in the ring: its checksum is taken, or its 32-bit "
                "floats become bfloat16",
     XB_OPTION_MEMBER(struct xb_host_staged_options, process)},
    {.name = "stores",
     .type = XB_OPTION_ENUM,
     .choices = xb_host_staged_stores,
     .fallback = 0,
     .quiet = true,
     .summary = "how the processor writes what it copies between a host endpoint and the ring: "
                "through its caches or past them",
     XB_OPTION_MEMBER(struct xb_host_staged_options, stores)},
    XB_LAYOUT_OPTIONS(struct xb_host_staged_options),
    {0},
};

/* Host to host within a rank is what direct does. */

#define XB_HOST_STAGED_SPEC                                                                    \
    {                                                                                          \
        .name = "host-staged", .summary = "through a ring of host memory, in chunks",          \
        .options = xb_host_staged_option_table,                                                \
        .host_memory_option = &xb_host_staged_option_table[1],                                 \
        .chunk_work_option = &xb_host_staged_option_table[3],                                  \
        XB_TAKES_LAYOUT(struct xb_host_staged_options),                                        \
        .flags = XB_METHOD_CHUNKED | XB_METHOD_VIA_HOST, .default_chunk = 4 << 20,             \
        .default_depth = 3,                                                                    \
        .paths = {                                                                             \
            [XB_SELF] = XB_GPU_TO_GPU | XB_HOST_TO_GPU | XB_GPU_TO_HOST,                       \
            [XB_NODE] = XB_GPU_TO_GPU | XB_HOST_TO_HOST,                                       \
            [XB_REMOTE] = XB_GPU_TO_GPU | XB_HOST_TO_HOST,                                     \
        },                                                                                     \
    }

#endif
