/* case_run.h - the state of a case that is being measured, shared by the files of exec. */
#ifndef XB_ENGINE_CASE_RUN_H
#define XB_ENGINE_CASE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mpi.h>

#include "engine/exec.h"
#include "engine/method.h"

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
    struct xb_lane_run *mine; /* ordered by chain, then step */
    size_t nmine;
    double deadline_us;
    bool broken; /* messages may still be under way: comm must not be used again */
    /* device time of one batch, where asked for: marks around all posts of the first lane */
    struct xb_event *mark_from, *mark_to;
};

#define XB_TAG_TOKEN 1000 /* + chain */
#define XB_TAG_STOP  999
#define XB_TAG_LANE  2000 /* + lane */

/* All ranks of comm take the worst outcome; see xb_agree. Marks the run broken unless XB_GO or
 * XB_SKIP. */
int xb_case_agree(struct xb_case_run *run, int outcome, struct xb_error *err);

/* lanes.c: what this rank does in which lane; 0, or -1 when out of memory. */
int xb_lanes_open(struct xb_case_run *run, struct xb_error *err);
void xb_lanes_close(struct xb_case_run *run);

/* memory.c: needs against what is free, collectively: XB_GO, or XB_SKIP with the figures. */
int xb_memory_check(const struct xb_case_run *run, struct xb_error *err);
/* Allocate this rank's buffers; what was taken stays for xb_memory_free. */
int xb_memory_alloc(struct xb_case_run *run, struct xb_error *err);
void xb_memory_free(struct xb_case_run *run);

/* verify.c: fill sources and poison destinations; compare destinations, adding to out. */
int xb_verify_prepare(const struct xb_case_run *run, struct xb_error *err);
int xb_verify_check(const struct xb_case_run *run, struct xb_verify *out, uint64_t *outside,
                    struct xb_error *err);

/* rounds.c: every lane of every chain transfers rounds x window times; all members call it. The
 * slowest of this rank's clocks goes to *us, 0 if it has none. XB_GO, XB_ERROR, XB_TIMED_OUT,
 * or XB_STOPPED when another rank failed. */
int xb_rounds_run(struct xb_case_run *run, int64_t rounds, double *us, struct xb_error *err);

/* sample.c: warm-up, batch size and samples into out (on comm rank 0). XB_GO or what ended it,
 * the same on all ranks. */
int xb_sample_case(struct xb_case_run *run, struct xb_result *out, struct xb_error *err);

#endif
