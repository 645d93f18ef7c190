/* SPDX-License-Identifier: BSD-3-Clause */
/* tune_books.h - all that tune measured, for a report that is left whatever ends it. Rank 0's.
 */
#ifndef XB_CMD_TUNE_TUNE_BOOKS_H
#define XB_CMD_TUNE_TUNE_BOOKS_H

#include <stdbool.h>
#include <stdio.h>

#include "cmd/books.h"
#include "engine/runtime/watchdog.h"
#include "tune/tune.h"

/* The watchdog's thread reads it under its lock. */
struct xb_tune_books {
    struct xb_books books;
    struct xb_tuner *tuner;
    const char *policy;   /* file for it */
    const char *report;   /* file that was asked for, or NULL */
    bool force;           /* it may be there */
    char rescue[4096];    /* file for it where none was */
    bool any;             /* something was measured */
    bool complete;        /* all was: set by who knows */
    bool corrupt, failed; /* candidates that came to that */
    int exit_status;
};

/* A name for what was measured where no report was asked for: "POLICY.report.json", or one with
 * a number that is not there yet. */
void xb_tune_rescue_name(const char *policy, char name[4096]);

/* What people read goes to standard output unless one of the files does; report may be NULL. */
FILE *xb_tune_people(const char *policy, const char *report);

/* The sink of the tuner, with the books as arg: enter a result. A case has one entry: what was
 * ok before and is not now is entered instead, and so is what several passes gave. */
int xb_tune_books_enter(void *arg, const struct xb_case *c, const struct xb_result *result,
                        enum xb_measured which, struct xb_error *err);

/* Enter what was chosen at each point. -1 when out of memory. */
int xb_tune_books_choices(struct xb_tune_books *books, const struct xb_tune *tune,
                          struct xb_error *err);

/* The tuner's sink_rest, with the books as arg: enter what there is of cases that have not all
 * of their passes. */
void xb_tune_books_rest(void *arg);

/* The watchdog's rescue, with the books as arg: write a partial report, where it was asked for
 * or beside the policy's file, if anything was measured. */
int xb_tune_books_rescue(enum xb_alarm alarm, const char *why, void *arg);

/* The report when all is done (rc is 0), or when it could not go on: then also where none was
 * asked for, so that nothing measured is lost. Returns rc, or -1 when it could not be written,
 * with err filled if it was not. Holds no lock. */
int xb_tune_books_finish(struct xb_tune_books *b, int rc, struct xb_error *err);

/* 4 where a candidate carried wrong bytes, 1 where one failed or tuning did (rc), else 0. */
int xb_tune_books_status(const struct xb_tune_books *b, int rc);

#endif
