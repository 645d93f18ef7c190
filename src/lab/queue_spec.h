/* SPDX-License-Identifier: BSD-3-Clause */
/* queue_spec.h - what the laboratory's queue is, and its options. */
#ifndef XB_LAB_QUEUE_SPEC_H
#define XB_LAB_QUEUE_SPEC_H

#include "engine/pipeline/queue.h"
#include "model/scenario/catalog.h"

#define XB_QUEUE_MAX_SIDE     64 /* producers, and consumers */
#define XB_QUEUE_MAX_CAPACITY 1024

struct xb_queue_options {
    int64_t producers, consumers;
    int64_t capacity; /* items */
    int64_t work;     /* ns */
};

static const struct xb_option xb_queue_option_table[] = {
    {.name = "producers",
     .type = XB_OPTION_INT,
     .min = 1,
     .max = XB_QUEUE_MAX_SIDE,
     .fallback = 1,
     .summary = "threads that put items in",
     XB_OPTION_MEMBER(struct xb_queue_options, producers)},
    {.name = "consumers",
     .type = XB_OPTION_INT,
     .min = 1,
     .max = XB_QUEUE_MAX_SIDE,
     .fallback = 1,
     .summary = "threads that take items out",
     XB_OPTION_MEMBER(struct xb_queue_options, consumers)},
    {.name = "capacity",
     .type = XB_OPTION_INT,
     .min = 1,
     .max = XB_QUEUE_MAX_CAPACITY,
     .fallback = XB_QUEUE_CAPACITY,
     .summary = "items that the queue holds at most",
     XB_OPTION_MEMBER(struct xb_queue_options, capacity)},
    {.name = "work",
     .type = XB_OPTION_DURATION,
     .max = 3600ll * 1000000000,
     .summary = "time that a consumer is busy with each item",
     XB_OPTION_MEMBER(struct xb_queue_options, work)},
    {0},
};

#define XB_QUEUE_SPEC                                                                          \
    {                                                                                          \
        .name = "queue", .summary = "items from threads to threads through the bounded queue", \
        .options = xb_queue_option_table, .flags = XB_METHOD_NO_BYTES,                         \
        .kind = XB_KIND_EXPERIMENT, .paths = {[XB_SELF] = XB_HOST_TO_HOST},                    \
    }

#define XB_QUEUE_EXPERIMENT                                                                    \
    {                                                                                          \
        .name = "queue",                                                                       \
        .summary = "threads of one rank that pass items through a bounded queue",              \
        .method = XB_QUEUE_SPEC,                                                               \
    }

#endif
