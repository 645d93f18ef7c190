/* SPDX-License-Identifier: BSD-3-Clause */
/* format.h - the forms that a report can be shown in: a row a form. */
#ifndef XB_REPORT_FORMATS_FORMAT_H
#define XB_REPORT_FORMATS_FORMAT_H

#include <stdbool.h>
#include <stdio.h>

#include "model/scenario/catalog.h"
#include "report/report.h"

/* How a report is laid out for people. */
struct xb_page {
    size_t columns; /* that a line may take; 0: XB_SCREEN_USUAL */
    bool colours;
    bool verbose; /* with the ids of skipped cases, and a row for each case of a grid */
};

/* That of what is written to a file descriptor. */
struct xb_page xb_page_of(int fd, bool verbose);

/* Reports that are shown together. */
struct xb_format_set {
    const struct xb_format_source {
        const struct xb_report *report;
        const char *name; /* of its file; NULL where it has none yet */
        const char *set; /* of which it is a launch, as in compare.h; NULL: of one of its own */
    } * source;
    size_t n;
    bool lanes; /* a row for each lane in place of each case, where the format says so */
    const struct xb_catalog *catalog; /* what options are in; NULL where that is not known */
    struct xb_page page;              /* of formats that are laid out for people */
};

struct xb_format {
    const char *name;
    const char *summary; /* one line */
    bool is_document;    /* for programs to read: nothing else stands beside it */
    bool is_of_run;      /* it shows what is not in the file: only who measured has it */
    bool has_lanes;      /* it can have a row for each lane */
    /* Write the report to out, whose cases xb_cases walks through (case_walk.h); 0, or -1 when
     * one cannot be read back, or out of memory. Whether all reached out is for ferror to say.
     */
    int (*write)(const struct xb_report *report, FILE *out);
    /* The same in place of `write`, of what is laid out for people. */
    int (*write_page)(const struct xb_report *report, const struct xb_page *page, FILE *out);
    /* The same of a whole set, in place of both; NULL: reports stand one below the other. */
    int (*write_set)(const struct xb_format_set *set, FILE *out);
};

/* Write a set of reports in that form; the name of each stands above it where there are
 * several. As `write`. */
int xb_format_write(const struct xb_format *format, const struct xb_format_set *set, FILE *out);

/* All formats, NULL-terminated. */
extern const struct xb_format *const xb_formats[];

/* The format of that name, or NULL. */
const struct xb_format *xb_format_find(const char *name);

/* Name of format i, or NULL behind the last: for the catalog. */
const char *xb_format_name(size_t i);

/* ---- what formats share ---- */

#define XB_METHOD_TEXT_LEN 256
#define XB_CELL_LEN        96
#define XB_TERMS_MOST      40

/* An option of a case's method, or a condition of the case, as text. */
struct xb_term {
    const char *name; /* the report's */
    char value[XB_CELL_LEN];
    bool of_case; /* a condition: an offset, window, cache, allocator or contention */
};

/* The options of the method that was measured, then the conditions that are not the usual ones.
 * Returns how many. */
size_t xb_format_terms(const struct xb_report_case *c, struct xb_term out[XB_TERMS_MOST]);

/* "p2p", or "auto: p2p" where the policy chose it. */
const char *xb_format_method_name(const struct xb_report_case *c, char buf[XB_CELL_LEN]);

/* "p2p[engine=ce,side=push]", "auto: p2p[...]" where the policy chose it; offsets, window and
 * cache and allocator only where they are not the usual ones. */
const char *xb_format_method(const struct xb_report_case *c, char buf[XB_METHOD_TEXT_LEN]);

/* What a case measures, without an end of line: "stream each, p2p[engine=ce,side=push]
 * gpu->gpu@node 64MiB", and " in 4MiB x 3" where it goes in pieces. */
void xb_format_title(const struct xb_report_case *c, FILE *out);

/* The same of a case without one of its options, or where option is NULL without its allocator:
 * what cases share that differ in nothing else. NULL when out of memory; the caller frees it.
 */
char *xb_format_title_without(const struct xb_report_case *c, const char *option);

/* A name of a rank: its host, or that of its GPU; NULL where it has none. */
typedef const char *xb_rank_name_fn(const struct xb_report_rank *rank);
xb_rank_name_fn xb_rank_host, xb_rank_gpu;

/* "2 x NVIDIA H200": those names in the order in which they come first, with how many ranks
 * have each; "" where none has. NULL when out of memory; the caller frees it. */
char *xb_format_counted(const struct xb_report *report, xb_rank_name_fn *name_of);

/* "gpu->gpu@node". */
const char *xb_format_path(const struct xb_report_case *c, char buf[XB_CELL_LEN]);

/* At least four significant digits down to 1 GB/s, three below, so that the rate of a byte is
 * no rounded "0.0001"; "-" for no rate. */
const char *xb_format_rate(double rate, char buf[XB_CELL_LEN]);

/* The GPU that an end of a lane of this rank is, "gpu" or "gpu+1"; NULL for the host, and where
 * the report does not say which it is. Belongs to the report. */
const struct xb_report_gpu *xb_format_gpu(const struct xb_report *report, int64_t rank,
                                          const char *endpoint);

/* A rank's end of a lane: "3b:00.0" for a GPU whose bus id is known, without the domain where
 * that is 0, else the endpoint, "host" or "gpu+1". */
const char *xb_format_end(const struct xb_report *report, int64_t rank, const char *endpoint,
                          char buf[XB_CELL_LEN]);

#define XB_LANE_TEXT_LEN (3 * XB_CELL_LEN)

/* A lane by its ranks and ends: "0->3 3b:00.0->5e:00.0". */
const char *xb_format_lane(const struct xb_report *report, const struct xb_report_step *step,
                           char buf[XB_LANE_TEXT_LEN]);

/* GB/s of a lane when it was measured alone, in the nearest round before; NAN where it was not.
 */
double xb_format_rate_alone(const struct xb_report *report, const struct xb_report_case *c,
                            size_t lane);

/* Who is slow, a line each: "slow: GPU 86:00.0 (rank 2, n1), receiving: over nvlink at 0.504 of
 * what others reach (25.10, 49.80 GB/s), in 12 of 14 cases, again in 3 of 3". The figures are
 * those of the case in which it is slowest. Nothing where nobody is. */
bool xb_format_has_outliers(const struct xb_report *report);
void xb_format_outliers(const struct xb_report *report, FILE *out);

#endif
