/* SPDX-License-Identifier: BSD-3-Clause */
/* expect_check.h - reports held against expectations: a verdict for each figure, and for each
 * report and all of them the worst.
 *
 * All bounds that meet a case count, of all expectations that match the machine; the worst
 * verdict stands. What is found keeps nothing of the report but copies. Formats of
 * formats/check_format.h print it.
 */
#ifndef XB_REPORT_EXPECT_CHECK_H
#define XB_REPORT_EXPECT_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "report/expect.h"
#include "report/fields.h"
#include "report/report.h"

/* What a finding is about. */
enum xb_finding_of {
    XB_FINDING_CASE,
    XB_FINDING_LANE,
    XB_FINDING_MACHINE, /* a GPU or a node, by `require` or by the report's own warnings */
    XB_FINDING_REPORT,  /* the report as a whole */
};

/* "case", "lane", "machine" or "report"; a constant string. */
const char *xb_finding_of_name(enum xb_finding_of of);

/* An end of a lane. */
struct xb_finding_end {
    int64_t rank;
    char *key;     /* the same for the same GPU, whichever rank has it; owned */
    char *name;    /* "3b:00.0", "host", "rank 2 gpu"; owned */
    bool is_gpu;   /* not host memory */
    bool is_known; /* the name is a bus id */
};

#define XB_NO_CASE SIZE_MAX

struct xb_finding {
    enum xb_level level;
    enum xb_finding_of of;
    size_t place;                   /* of its case among the report's; XB_NO_CASE without one */
    struct xb_finding_end src, dst; /* of a lane */
    char *link_class; /* of a lane; NULL where it is not known; owned, as all texts here */
    size_t lanes; /* for which it stands: the one nearest to its bound of so many good ones */
    char *host;   /* NULL where it is on several, or nobody says where */
    char *where;  /* the GPU or lane, "3b:00.0", "3b:00.0->host", "rank 2 gpu->rank 0 gpu";
                     NULL where it has none */
    char *text;   /* "210.3 GB/s, expected 379 GB/s or more" */
    const struct xb_expectations *by; /* whose bound or need it is; borrowed, may be NULL */
    bool is_unmet;                    /* says that nothing was measured for a bound, or any */
    size_t bound;    /* index of the bound, or of a machine's need, where by is not NULL */
    bool has_figure; /* the next ones are known */
    bool is_time;    /* in us; else in GB/s, also of fractions */
    double value, fraction; /* fraction of the ceiling; NAN where it is not known */
    struct xb_expect_limits below, above;
};

/* A case of a report of which something is expected, or which is broken. */
struct xb_checked_case {
    char *id, *pattern, *method; /* owned */
    int64_t bytes;
    enum xb_level level; /* the worst of its findings */
    size_t first, n;     /* of the report's findings */
    bool was_broken; /* it failed, timed out or the like, at least when it was measured first */
    char *earlier;   /* what was found when it was measured first, where it was measured
                        again; owned, NULL else */
};

/* A report and its findings. */
struct xb_checked {
    char *file;                         /* what it is called; owned, as the next ones */
    char *run_id, *start_utc, *end_utc; /* NULL where it does not say */
    struct xb_texts hosts;              /* each once */
    enum xb_level level;
    struct xb_list by;       /* of const struct xb_expectations *: those that match */
    struct xb_list findings; /* of struct xb_finding; of good lanes one a bound */
    struct xb_list cases;    /* of struct xb_checked_case */
    size_t count[XB_LEVELS]; /* of these cases by level */
    size_t free_cases;       /* that nothing is expected of */
};

struct xb_check {
    struct xb_list reports; /* of struct xb_checked */
    enum xb_level level;
};

/* Hold a report against those of n expectations that match its machine, and add what is found;
 * the expectations must outlive the check. Where none matches the report is unknown and the
 * finding says why. file is what the report is called. -1 when out of
 * memory, or where a case cannot be read back; the caller releases the check either way, which
 * is all zeros before its first report. */
int xb_check_add(struct xb_check *check, const char *file, const struct xb_report *report,
                 const struct xb_expectations *expect, size_t n, struct xb_error *err);

/* Cases of a check's only report were measured again, and held against the same expectations as
 * the only report of again: what was found then counts for them, what was found first stands in
 * their `earlier`. Takes the findings over. -1 when out of memory. */
int xb_check_again(struct xb_check *check, struct xb_check *again, struct xb_error *err);

void xb_check_release(struct xb_check *check);

/* Elements of the lists. */
struct xb_checked *xb_checked_at(const struct xb_check *check, size_t i);
struct xb_finding *xb_finding_at(const struct xb_checked *checked, size_t i);
struct xb_checked_case *xb_checked_case_at(const struct xb_checked *checked, size_t i);
const struct xb_expectations *xb_checked_by(const struct xb_checked *checked, size_t i);

/* The case of a finding, or NULL. */
const struct xb_checked_case *xb_finding_case(const struct xb_checked *checked,
                                              const struct xb_finding *finding);

/* The finding that stands for a case: of the worst ones that with the figure that lies furthest
 * towards its bound; only findings with figures where figures says so, then NULL without. */
const struct xb_finding *xb_checked_worst(const struct xb_checked *checked,
                                          const struct xb_checked_case *c, bool figures);

#endif
