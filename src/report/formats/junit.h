/* SPDX-License-Identifier: BSD-3-Clause */
/* junit.h - verdicts as JUnit XML, which test servers show. */
#ifndef XB_REPORT_FORMATS_JUNIT_H
#define XB_REPORT_FORMATS_JUNIT_H

#include <stddef.h>
#include <stdio.h>

enum xb_junit_outcome { XB_JUNIT_PASSED, XB_JUNIT_FAILED, XB_JUNIT_ERROR, XB_JUNIT_SKIPPED };

/* A test case; texts are UTF-8 and borrowed. */
struct xb_junit_case {
    const char *suite, *name; /* "p2p", the id of the case */
    enum xb_junit_outcome outcome;
    const char *message; /* why, of all but those that passed; NULL for none */
    double seconds;      /* that it took; NAN where that is not known */
};

/* Write a document with one test suite of this name to out, with its counts. Characters that
 * XML cannot hold become "?". Whether all reached out is for ferror to say. */
void xb_junit_write(const char *name, const struct xb_junit_case *cases, size_t n, FILE *out);

#endif
