/* SPDX-License-Identifier: BSD-3-Clause */
/* run_slice.h - one slice of one case: the step that passes are made of, and a second look. */
#ifndef XB_CMD_RUN_RUN_SLICE_H
#define XB_CMD_RUN_RUN_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/run/required.h"
#include "cmd/run/run_books.h"
#include "engine/measure/exec.h"
#include "model/plan/pace.h"

/* A run as every rank sees it; the books are rank 0's. */
struct xb_run {
    struct xb_session *session;
    const struct xb_plan *plan;
    const struct xb_run_options *options;
    const struct xb_sampling *whole; /* of a case that is measured at once */
    struct xb_sampling share;        /* of one slice */
    int passes;                      /* at least */
    double repeat_s; /* so long further ones are begun, by rank 0's clock; 0: none is */
    int pass;
    struct xb_use *uses;    /* of all ranks, for rank 0 */
    size_t *order;          /* in which this pass takes the cases */
    struct xb_slice *slice; /* of each case: what its earlier ones have found out */
    bool *done;             /* no other pass measures the case; the same on all ranks */
    struct xb_run_books books;
    struct xb_pace pace;         /* rank 0's: what the rest of it takes */
    struct xb_required required; /* rank 0's */
};

/* Seconds since the run began, by this rank's clock. */
double xb_run_now_s(void);

/* What rank 0 says, on all ranks: bytes, or one word, which is returned. */
void xb_run_share(const struct xb_session *s, void *what, size_t bytes);
int xb_run_share_word(const struct xb_session *s, int word);

/* Tell the watchdog that the report is dealt with: what each pass gave of each case comes back
 * for it, in some 30 us. */
void xb_run_watch_report(const struct xb_run *r, const char *doing);

/* Measure a slice of case i, or of what the policy makes of it, by the engine or in the
 * laboratory: called by all ranks, as xb_exec_case. Its samples have so much time. take_lane
 * gets its lanes as they come, with the books; NULL for nobody. */
void xb_run_exec_case(struct xb_run *r, size_t i, int64_t max_time_ns,
                      void (*take_lane)(void *books, const struct xb_case *c,
                                        const struct xb_lane_result *lane),
                      struct xb_result *out);

#endif
