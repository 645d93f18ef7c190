/* case_run.h - the state of a case that is being measured, shared by the files of exec. */
#ifndef XB_ENGINE_MEASURE_CASE_RUN_H
#define XB_ENGINE_MEASURE_CASE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mpi.h>

#include "engine/measure/exec.h"
#include "engine/methods/method.h"

/* What the hardware's counters of this rank have seen in the timed block. */
struct xb_counting {
    uint64_t last[XB_WIRES]; /* the last reading in bytes, UINT64_MAX if unknown */
    double seen[XB_WIRES];   /* bytes since the block began; negative once unknown */
    uint64_t unread;         /* bytes moved since the last reading */
    bool on;                 /* the block has begun and was not judged yet */
};

/* A lane in which this rank has a role. */
struct xb_lane_run {
    struct xb_lane lane;
    struct xb_transfer t;
    void *ctx;
    bool active;    /* this rank's post and wait make it happen */
    bool starter;   /* its clock, or its turn in the chain, starts here */
    bool finisher;  /* this rank knows when the last byte is in place */
    int token_from; /* comm rank that gives the turn to the starter; own rank if local */
    int token_to;   /* comm rank that gets it from the finisher; own rank if local */
};

struct xb_case_run {
    const struct xb_session *session;
    const struct xb_case *c;
    const struct xb_exec_options *options;
    const struct xb_method *method;
    struct xb_lanes lanes;
    int nmembers;
    int *members;  /* world ranks of comm in order; rank 0 is always the first */
    MPI_Comm comm; /* MPI_COMM_NULL on ranks that are not members */
    int comm_rank;
    int *starter; /* comm rank that starts each chain; the clock is that of chain 0's */
    struct xb_lane_run *mine; /* ordered by chain, then step */
    size_t nmine;
    double deadline_us;
    uint32_t resident_rounds; /* messages that resident kernels have exchanged so far */
    struct xb_counting counting;
    int phase;   /* of verification: each has bytes of its own */
    bool broken; /* messages may still be under way: comm must not be used again */
};

#define XB_TAG_TOKEN 1000 /* + chain */
#define XB_TAG_STOP  999
#define XB_TAG_LANE  2000 /* + lane */
#define XB_TAG_BEGIN 3000 /* + chain */
#define XB_TAG_END   4000 /* + chain */

/* All ranks of comm take the worst outcome; see xb_agree. Marks the run broken unless XB_GO or
 * XB_SKIP. */
int xb_case_agree(struct xb_case_run *run, int outcome, struct xb_error *err);

/* Say in err that the case's time is over; always returns XB_TIMED_OUT. */
int xb_case_timed_out(const struct xb_case_run *run, struct xb_error *err);

/* lanes.c: what this rank does in which lane; 0, or -1 when out of memory. */
int xb_lanes_open(struct xb_case_run *run, struct xb_error *err);
void xb_lanes_close(struct xb_case_run *run);
/* Make one transfer possible on each lane, where the method must be told to; collective. */
int xb_lanes_reset(struct xb_case_run *run, struct xb_error *err);

/* memory.c: needs against what is free, collectively: XB_GO, or XB_SKIP with the figures. */
int xb_memory_check(const struct xb_case_run *run, struct xb_error *err);
/* Allocate this rank's buffers; what was taken stays for xb_memory_free. */
int xb_memory_alloc(struct xb_case_run *run, struct xb_error *err);
void xb_memory_free(struct xb_case_run *run);

/* verify.c: fill sources with new bytes and poison destinations; compare destinations, adding
 * to out. */
int xb_verify_prepare(struct xb_case_run *run, struct xb_error *err);
int xb_verify_check(const struct xb_case_run *run, struct xb_verify *out, uint64_t *outside,
                    struct xb_error *err);

/* rounds.c: every lane of every chain transfers rounds x window times; all members call it. *us
 * is the time from the first start to the last end on the rank with the clock, 0 on others.
 * XB_GO, XB_ERROR, XB_TIMED_OUT, or XB_STOPPED when another rank failed. */
int xb_rounds_run(struct xb_case_run *run, int64_t rounds, double *us, struct xb_error *err);

/* resident.c: the same for a case that its devices carry out by themselves, and whether this
 * one is such a case. */
bool xb_resident_is(const struct xb_case_run *run);
int xb_resident_run(struct xb_case_run *run, int64_t rounds, double *us, struct xb_error *err);

/* observe.c: a few more transfers of a pipelined case, with a look at its stages, into out (on
 * comm rank 0); nothing for other cases. Collective; XB_GO or what ended it. */
int xb_observe_pipeline(struct xb_case_run *run, struct xb_result *out, struct xb_error *err);

/* sample.c: warm-up, and the rounds of a batch; then samples into out (on comm rank 0); then,
 * where wanted, transfers timed one by one; then, where the device can tell, its own time. Each
 * gives XB_GO or what ended it, the same on all ranks. */
int xb_sample_size(struct xb_case_run *run, int64_t *rounds, struct xb_error *err);
int xb_sample_take(struct xb_case_run *run, int64_t rounds, struct xb_result *out,
                   struct xb_error *err);
/* Is there a time of single transfers that batches of so many rounds do not tell? */
bool xb_sample_wants_each(const struct xb_case_run *run, int64_t rounds);
/* As many single transfers as a quarter of the samples' time allows; fills and poisons the
 * buffers before them. */
int xb_sample_each(struct xb_case_run *run, struct xb_result *out, struct xb_error *err);
int xb_sample_by_device(struct xb_case_run *run, int64_t rounds, struct xb_result *out,
                        struct xb_error *err);

#endif
