/* SPDX-License-Identifier: BSD-3-Clause */
/* estimate.h - how long cases take and how much memory they need, before anything is measured.
 *
 * A case takes: setting up; its destination filled, poisoned and compared, before and after the
 * samples; warm-up and looking for the size of a batch; its samples, whose number and time the
 * scenario bounds; and in the first and the last pass transfers one by one. How long a transfer
 * takes is a guess by what carries it, which counts where the scenario's bounds do not: for
 * large ones. The guesses are of two kinds of machine, one with GPUs and one whose host memory
 * stands in for them; a factor of two is what may be expected of the sum.
 */
#ifndef XB_MODEL_PLAN_ESTIMATE_H
#define XB_MODEL_PLAN_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/plan/lane.h"
#include "model/plan/plan.h"

/* What one case takes in a job. */
struct xb_case_cost {
    size_t rounds; /* 0: the job has no ranks for it, and it takes no time */
    bool once;     /* it is measured in the first pass alone: an experiment */
    bool is_warm;  /* warm-up is part of its first slice */
    bool singles;  /* transfers are timed one by one, too */
    /* of one round, in seconds: */
    double first_s;  /* a first slice, beside warm-up and samples */
    double next_s;   /* another one */
    double verify_s; /* what the last one of several does besides */
    double warmup_s; /* that the scenario asks for at least */
    double one_s;    /* a transfer, or a window of them */
    double batch_s;  /* a batch of such */
    double sample_s; /* a batch with what lies between it and the next */
};

/* Fill in what a case takes; on_host: the device's memory is host memory. -1 when out of
 * memory.
 */
int xb_case_cost(const struct xb_case *c, const struct xb_job *job,
                 const struct xb_sampling *whole, bool on_host, struct xb_case_cost *out,
                 struct xb_error *err);

/* Seconds of the slice of a pass, of so many, whose share of the case's sampling this is (of an
 * experiment: all of it). 0 where the case has none in this pass. */
double xb_slice_cost(const struct xb_case_cost *cost, const struct xb_sampling *share, int pass,
                     int passes);

/* What all cases come to. */
struct xb_estimate {
    double seconds;     /* of the whole run, with its start and end */
    size_t cases;       /* that the job has ranks for */
    uint64_t gpu_bytes; /* buffers in the memory of the GPU that needs most; 0 on a host */
    uint64_t
        host_bytes; /* in host memory of the node that needs most, all its ranks together */
};

/* Add up a plan for a job; -1 when out of memory. The memory is that of buffers and rings, each
 * as large as the largest case needs it. What MPI, CUDA, NCCL and the program take for
 * themselves is not in it, nor is what a policy may pick for the method auto. */
int xb_estimate_plan(const struct xb_plan *plan, const struct xb_sampling *sampling,
                     const struct xb_job *job, bool on_host, struct xb_estimate *out,
                     struct xb_error *err);

#endif
