/* SPDX-License-Identifier: BSD-3-Clause */
/* run_books.h - rank 0's account of a run: what each pass gave of each case, the journal, what
 * is taken over from the run that is resumed, and the report that becomes of it. The watchdog's
 * thread reads it under its lock, so it changes under that lock.
 *
 * What was measured lies in the journal and comes back for the report, case by case: of a case
 * there is an index entry here (struct xb_run_case, 24 bytes), whatever its lanes, passes,
 * samples and notes. For a while there are 8 more, where a run is resumed, and up to 100, while
 * the table is printed, of a case that was not ok or has a warning. With --check what was found
 * of it stays, some 100 bytes a bound. In memory are besides what several cases share
 * (schedules, `paths`), the plan, which every rank has, and one case: the one that is measured,
 * or looked at, with what one of its passes gave, its samples of all passes (as many as its
 * sampling allows) and 8 bytes a pass for it and each of its lanes. A report, unlike a journal,
 * that is resumed is read whole, and let go of before anything is measured. */
#ifndef XB_CMD_RUN_RUN_BOOKS_H
#define XB_CMD_RUN_RUN_BOOKS_H

#include <stdbool.h>

#include "cmd/books.h"
#include "cmd/run/measure.h"
#include "engine/runtime/journal.h"
#include "engine/runtime/watchdog.h"
#include "report/use.h"

/* Where in the journal stands what there is of a case. */
struct xb_run_case {
    int64_t line;      /* its result, or what comes closest to one; XB_NOWHERE */
    int64_t slices;    /* what the last of its passes gave; XB_NOWHERE */
    int have;          /* passes that stand there, from the first on */
    bool earlier : 1;  /* some of these were made by the run that is resumed */
    bool open : 1;     /* not all of its passes are in its result */
    bool reported : 1; /* it is in the report */
    bool good : 1; /* its result is of the run that is resumed, and all that it should be, */
    bool hung : 1; /* or that the case hung, which is not tried again */
};

struct xb_run_books {
    const struct xb_session *session;
    const struct xb_run_options *options;
    const struct xb_scenario *scenario;
    const struct xb_plan *plan;
    int passes;        /* at least; a case that has not so many is partial */
    double repeat_s;   /* so long further ones are begun; 0: none is */
    double repeated_s; /* of it, until began_us */
    double began_us;   /* when passes began, on xb_clock_passed_us */
    struct xb_books books;
    char *output; /* owned; the report's file */
    struct xb_journal *journal;
    struct xb_report resumed;  /* the run that is resumed, without its cases */
    bool measured;             /* this run has a result of its own */
    struct xb_use_log uses;    /* what ranks took behind each pass */
    struct xb_run_case *cases; /* owned; one for each of the plan */
    struct xb_result kept; /* what the journal has not of one case: it could not be written, or
                              the run ends in it */
    const struct xb_case *kept_of; /* NULL for none */
    struct xb_error unread;        /* why a case could not be read back; "" */
    const struct xb_case *current;
    struct xb_choice chosen; /* by the policy, for the current case */
    double grace_s;          /* that it may take beyond its time */
    struct xb_result lanes;  /* of it, as far as they have come; its lanes alone */
    size_t room;             /* of them */
};

/* What is known of a case before a pass measures it; the last is that the time for it is over,
 * which the books do not say. */
enum xb_known { XB_KNOWN_NOTHING, XB_KNOWN_SLICE, XB_KNOWN_CASE, XB_KNOWN_HUNG, XB_KNOWN_OVER };

/* Passes begin: from now on their time runs, behind what an earlier run had of it. */
void xb_run_books_start(struct xb_run_books *b);

/* Seconds for which passes have been made, those of the run that is resumed included. */
double xb_run_books_repeating_s(const struct xb_run_books *b);

/* Begin the books, with what the run that is resumed has. 0, or -1 with err filled; either way
 * xb_run_books_close lets go of what they hold. */
int xb_run_books_open(struct xb_run_books *b, const struct xb_session *session,
                      const struct xb_scenario *scenario, const struct xb_plan *plan,
                      const struct xb_run_options *options, struct xb_error *err);

/* Nothing can fail any more before the measuring: let the journal take the place of the one
 * that is resumed, if any. 0, or -1 with err filled. Until then, closing leaves that as it was.
 */
int xb_run_books_begin_journal(struct xb_run_books *b, struct xb_error *err);

/* Free all. The journal goes, unless it is to be kept or has more than the report. Does it
 * stay? */
bool xb_run_books_close(struct xb_run_books *b, bool keep_journal);

/* ---- what there is of cases: run_cases.c ---- */

/* What its passes have given of case i so far, as one result, into *sum, which is empty before
 * and which the caller releases. */
int xb_run_cases_sum(struct xb_run_books *b, size_t i, struct xb_result *sum,
                     struct xb_error *err);

/* Take a result of case i, of all of its passes where these made it, into the report and the
 * journal. Where that cannot be written it is kept. It is emptied. */
int xb_run_cases_enter(struct xb_run_books *b, size_t i, struct xb_result *result,
                       struct xb_error *err);

/* Keep a result of case i for the report alone. It is emptied. */
void xb_run_cases_keep(struct xb_run_books *b, size_t i, struct xb_result *result);

/* Put into the report what there is of case i and is not there yet, if anything. over: it has
 * as many passes as there was time for. */
int xb_run_cases_report(struct xb_run_books *b, size_t i, bool over, struct xb_error *err);

/* For struct xb_case_store; books is the struct. */
int xb_run_cases_read(void *books, size_t place, struct xb_report_case *out);

/* Are there cases of which the journal holds more than the report? */
bool xb_run_cases_open(const struct xb_run_books *b);

/* ---- case by case ---- */

/* Has an earlier run measured case i, or this pass of it? What it has of the case as a whole
 * goes into the report; what it has that is not good is measured again, but for a case that
 * hung, unless that is asked for. Returns enum xb_known, or -1. */
int xb_run_books_find(struct xb_run_books *b, size_t i, int pass, struct xb_error *err);

/* Case i is about to be measured; then what is really measured of it, and its grace. */
void xb_run_books_begin(struct xb_run_books *b, size_t i);
void xb_run_books_chosen(struct xb_run_books *b, const struct xb_choice *chosen,
                         double grace_s);

/* Keep a lane of the current case, here and in the journal, should its first pass not come to
 * its end. What cannot be kept is still measured. For xb_exec_options. */
void xb_run_books_keep_lane(void *books, const struct xb_case *c,
                            const struct xb_lane_result *lane);

/* Take what a pass gave of case i, which is emptied. *done tells whether no other pass is to
 * measure it: it has all of them, or is not ok; then it stands in the report. -1 when it could
 * not be kept. */
int xb_run_books_enter(struct xb_run_books *b, size_t i, int pass, struct xb_result *slice,
                       bool *done, struct xb_error *err);

/* A pass is over, behind which ranks take this. */
void xb_run_books_take_use(struct xb_run_books *b, const struct xb_use *ranks);

/* Put what ranks took into the report, and say which of them take more and more. */
int xb_run_books_report_uses(struct xb_run_books *b, struct xb_error *err);

/* Put into the report what there is of cases that have not all of their passes. */
void xb_run_books_end_early(struct xb_run_books *b);

/* Would a report of this status say nothing that the one that is there does not? An interrupted
 * run that has measured nothing leaves that as it is. */
bool xb_run_books_nothing_new(const struct xb_run_books *b, enum xb_run_status status);

/* When all passes were made: put those cases into the report that had them for as long as there
 * was time. What their passes gave has no more use once it is written. */
void xb_run_books_end(struct xb_run_books *b);

/* The report to its file, and for people to stdout; the trace to its own. -1 with err filled.
 */
int xb_run_books_write(struct xb_run_books *b, enum xb_run_status status, struct xb_error *err);
int xb_run_books_write_trace(struct xb_run_books *b, struct xb_error *err);

/* For the watchdog; books is the struct. */
int xb_run_books_rescue(enum xb_alarm alarm, const char *why, void *books);

#endif
