/* SPDX-License-Identifier: BSD-3-Clause */
/* case_run.h - the state of one round of a case while it is measured: what this rank holds of
 * it.
 */
#ifndef XB_ENGINE_MEASURE_CASE_RUN_H
#define XB_ENGINE_MEASURE_CASE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/measure/lane_run.h"
#include "engine/measure/team.h"
#include "engine/methods/method.h"
#include "model/plan/schedule.h"

/* What a slice finds out about a round of the schedule, for the later ones. */
struct xb_known_batch {
    int64_t rounds; /* of a batch; 0 unknown */
    double us;      /* what it takes, by the clock of the round's first member */
};

/* A case's share of one pass, with what earlier ones have found out. All ranks hold the same.
 * Zeroed before the first; xb_slice_release frees what it has come to own. */
struct xb_slice {
    int passes;     /* that share the case */
    int pass;       /* from 0; bytes of each are others */
    bool later;     /* an earlier slice of this process has set up what stays, and looked into
                       what is looked into once */
    bool no_verify; /* destinations are not compared as a whole in this slice */
    struct xb_known_batch *batch; /* owned; of each of the schedule's rounds */
    size_t nbatch;
};

struct xb_exec_options {
    const struct xb_sampling *sampling; /* of this slice alone */
    struct xb_slice *slice;             /* NULL: it is all of the case */
    double timeout_s;                   /* of one round of a case, all its steps together */
    bool batches_only; /* leave out the single transfers, for who needs medians alone */
    bool samples;      /* let each lane's result hold its samples */
    bool trace;        /* keep what one transfer of a pipelined case did when */
    /* Called on rank 0 with each lane of a case of several rounds, as it comes; NULL for
     * nobody. */
    void (*take_lane)(void *arg, const struct xb_case *c, const struct xb_lane_result *lane);
    void *take_arg;
};

/* What the hardware's counters of this rank have seen in the timed block. */
struct xb_counting {
    uint64_t last[XB_WIRES]; /* the last reading in bytes, UINT64_MAX if unknown */
    double seen[XB_WIRES];   /* bytes since the block began; negative once unknown */
    double last_us;          /* when that was, on xb_clock_us */
    uint64_t unread;         /* bytes moved since the last reading */
    bool on;                 /* the block has begun and was not concluded yet */
};

/* What posting takes, while it is looked at: only then, for two looks at the clock would stand
 * in each transfer's time. */
struct xb_posting {
    bool on;
    double us;
    int64_t transfers;
};

/* A chain that this rank starts, and so times. */
struct xb_chain_run {
    int chain;
    double last_us;     /* of the last batch, by this rank's clock */
    double *samples_us; /* owned; time of one transfer in each sample */
    size_t nsamples;
};

struct xb_case_run {
    const struct xb_session *session;
    const struct xb_case *c;
    const struct xb_exec_options *options;
    const struct xb_method *method;
    const struct xb_round *round;
    struct xb_team team; /* the first member is the rank with the clock: it starts chain 0 */
    int *starter;        /* rank that starts each chain of the round */
    struct xb_lane_run *mine; /* ordered by chain, then step */
    size_t nmine;
    struct xb_chain_run *chains; /* those that this rank starts, in order */
    size_t nchains;
    double deadline_us;
    struct xb_clock_mark mark; /* of the end of the last batch, or the beginning */
    double looked_us;          /* when the time was looked at last; 0 before */
    double unseen_us;          /* the longest time between two looks */
    size_t batches;            /* timed so far */
    double batch_us;           /* what the last one took, timed or not; 0 before the first */
    uint32_t resident_rounds;  /* messages that resident kernels have exchanged so far */
    struct xb_counting counting;
    struct xb_posting posting;
    int phase;             /* of verification: each has bytes of its own */
    struct xb_batch batch; /* the last one that was begun, but for steps of lanes */
    uint64_t begun;        /* batches so far */
    int64_t turns;         /* rounds of them */
    bool empty;            /* only signals pass, to see what they cost */
    const char *stage;     /* what is being done, for who finds wrong bytes; constant */
    bool alone;            /* the case has no other round: it is looked at more closely */
    bool broken;           /* messages may still be under way */
    bool tight; /* and what the failure has left in arenas may be missing to other rounds */
    int stops;  /* how often this rank told the others that it gave up */
};

/* All members take the worst outcome; see xb_team_agree. Marks the run broken unless XB_GO or
 * XB_SKIP. */
int xb_case_agree(struct xb_case_run *run, int outcome, struct xb_error *err);

/* A rank looks at the time again and again while it waits, and behind each batch: remember
 * when, and return it. */
double xb_case_look(struct xb_case_run *run);

/* The deadline is over by the clock: XB_TIMED_OUT with that in err, or XB_ERROR where it is
 * only the clock that has jumped. */
int xb_case_timed_out(const struct xb_case_run *run, struct xb_error *err);

/* Behind a batch that took so long by this rank's clock: XB_GO, or XB_ERROR where the clock has
 * jumped since the batch before. */
int xb_case_clock(struct xb_case_run *run, double us, struct xb_error *err);

/* Is it the first slice of a case, or the only one? */
bool xb_case_is_first(const struct xb_case_run *run);

/* Are destinations filled with what is wrong, and compared as a whole, in this slice? */
bool xb_case_verifies(const struct xb_case_run *run);

/* Where the batches of this round of the case are remembered; NULL for nowhere. */
struct xb_known_batch *xb_case_batch(const struct xb_case_run *run);

/* Does the first member of the team call? Its word counts. */
bool xb_case_leads(const struct xb_case_run *run);

/* Is each batch one transfer, since something must be done before every one? */
bool xb_case_one_by_one(const struct xb_case_run *run);

/* Lanes that follow one another in one round of a chain. */
double xb_case_steps(const struct xb_case_run *run);

#endif
