/* SPDX-License-Identifier: BSD-3-Clause */
/* stepper.h - a solver of the Gray-Scott system (gray_scott.h) on a device, with a queue of its
 * own, in which batches of steps run one after the other: beside the thread that builds and
 * starts them. Each device that has one has it in a file of its own.
 *
 * Functions are called by one thread, but for done and elapsed, which another may call. They
 * return 0 or -1 with err filled, unless their paragraph says otherwise. Batches run in the
 * order in which they were built since the last reset, each once.
 */
#ifndef XB_LAB_GRAY_SCOTT_STEPPER_H
#define XB_LAB_GRAY_SCOTT_STEPPER_H

#include <stdint.h>

#include "base/error.h"

struct xb_device;
struct xb_fields;
struct xb_batch;

struct xb_stepper {
    /* Fields of width x height values, a width that is a multiple of
     * XB_GRAY_SCOTT_MULTIPLE, at the beginning. Closing NULL is allowed; where batches are
     * still under way their rest is given up, and they are freed after it. */
    int (*open)(int width, int height, struct xb_fields **out, struct xb_error *err);
    void (*close)(struct xb_fields *fields);

    /* Bytes of device memory and of host memory that open takes. */
    void (*needs)(int width, int height, uint64_t *device, uint64_t *host);

    /* Back to the beginning, and wait for it; no batch may be under way. */
    int (*reset)(struct xb_fields *fields, struct xb_error *err);

    /* Make the commands for so many steps, at least 1, without running them. The caller frees
     * the batch, not while it is under way. Freeing NULL is allowed. */
    int (*build)(struct xb_fields *fields, int64_t steps, struct xb_batch **out,
                 struct xb_error *err);
    void (*free)(struct xb_batch *batch);

    /* Start a batch and, unless `into` is NULL, the copy of field v to it behind the batch:
     * width x height floats of memory that the device writes by itself. */
    int (*run)(struct xb_batch *batch, float *into, struct xb_error *err);

    /* 1 when the batch and its copy are complete, 0 when not yet, -1. Never waits. */
    int (*done)(struct xb_batch *batch, struct xb_error *err);

    /* Time of a completed batch with its copy on the device's own clock, in microseconds. */
    int (*elapsed)(struct xb_batch *batch, double *us, struct xb_error *err);

    /* Copy field v to any host memory, and wait; no batch may be under way. */
    int (*download)(struct xb_fields *fields, float *into, struct xb_error *err);
};

/* The solver of a device of the device table, or NULL where it has none in this build. */
const struct xb_stepper *xb_stepper_of(const struct xb_device *device);

#endif
