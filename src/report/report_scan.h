/* SPDX-License-Identifier: BSD-3-Clause */
/* report_scan.h - reading a report case by case, for those who need little of each: whole
 * reports of ten thousand cases would take seconds, and memory for all of them at once. */
#ifndef XB_REPORT_REPORT_SCAN_H
#define XB_REPORT_REPORT_SCAN_H

#include "report/report.h"

/* Who reads, and what. Of a case only the members that are asked for are there, all else is
 * null. head is the report without its cases, or with all of them, where it had to be read as a
 * whole. Both are the reader's: what is to stay is copied. -1, with err, ends the reading. */
struct xb_report_reader {
    const char *const *members;  /* NULL-terminated; "id" and "status" are among them, and
                                    "lanes" stands for those of cases that have several */
    const char *const *once;     /* members of a case whose id is new; NULL for none */
    const char *spare, *instead; /* the first is left out of cases that have several elements of
                                    the second: it says no more; NULL for none */
    bool (*is_new)(const char *id, size_t len, void *arg);
    int (*begin)(const struct xb_report *head, void *arg, struct xb_error *err);
    int (*visit)(const struct xb_report *head, const struct xb_report_case *c, void *arg,
                 struct xb_error *err);
    void *arg;
};

/* Read a report from a file: begin is called once, then visit for each case in order. Fails
 * with the errors of xb_report_load, by which it reads what is of version 1; both may have been
 * called before that. What is wrong in a member that nobody asked for is not found. */
int xb_report_scan(const char *file, const struct xb_report_reader *reader,
                   struct xb_error *err);

#endif
