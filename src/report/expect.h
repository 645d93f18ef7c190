/* SPDX-License-Identifier: BSD-3-Clause */
/* expect.h - what machines of a kind should do: an expectations file, as check holds reports
 * against it.
 *
 * It says which machines it is about (`match`), what each of their GPUs must have (`require`),
 * and within which bounds the figures of cases must lie (`bounds`). The format is
 * results/schema/expectations-v1.schema.json; docs/checking.md shows it. Nothing here touches
 * MPI, a device or a clock.
 */
#ifndef XB_REPORT_EXPECT_H
#define XB_REPORT_EXPECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/json.h"
#include "model/scenario/catalog.h"
#include "report/expect_cases.h"
#include "report/report.h"

#define XB_EXPECT_NAME      "xferbench-expectations"
#define XB_EXPECT_VERSION   1
#define XB_EXPECT_MAX_BYTES ((size_t)64 << 20) /* of a file: a row a case takes half a KiB */

/* From good to bad: of several the last one counts. Unknown is what nobody can tell. */
enum xb_level { XB_LEVEL_GOOD, XB_LEVEL_UNKNOWN, XB_LEVEL_WARNING, XB_LEVEL_CRITICAL };
#define XB_LEVELS 4

/* "good", "unknown", "warning" or "critical"; a constant string. */
const char *xb_level_name(enum xb_level level);

/* How a monitoring plug-in ends: 0 good, 1 warning, 2 critical, 3 unknown. Source: Nagios
 * Plugins Development Guidelines, "Plugin Return Codes". */
int xb_level_exit(enum xb_level level);

/* Which of a case's figures is bound. */
enum xb_expect_figure {
    XB_EXPECT_FRACTION, /* its rate over its ceiling: the same for GPUs with other links */
    XB_EXPECT_RATE,     /* GB/s */
    XB_EXPECT_TIME,     /* us */
};
#define XB_EXPECT_FIGURES 3

/* "fraction_of_ceiling", "gb_per_s" or "time_us", as keys of the file; a constant string. */
const char *xb_expect_figure_name(enum xb_expect_figure figure);

/* Beyond which a figure is a warning, and critical; NAN where there is none. */
struct xb_expect_limits {
    double warning, critical;
};

/* A row of `bounds`. */
struct xb_expect_bound {
    struct xb_case_terms cases;
    bool of_case; /* the case as a whole; else each of its lanes */
    enum xb_expect_figure figure;
    struct xb_expect_limits below, above; /* the figure is at least, and at most */
    enum xb_level skipped; /* what a case, or a lane, is that its ranks could not measure */
    bool required;         /* a report without a figure for it is critical */
    const cJSON *row;      /* in the document */
};

/* What `require` can ask for, in the order of xb_expect_needs. */
#define XB_EXPECT_NEEDS 9

struct xb_expectations {
    struct xb_json doc; /* owned: the file as read */
    const char *name, *description;
    const cJSON *match;           /* an object of texts or lists of texts; in the document */
    double need[XB_EXPECT_NEEDS]; /* NAN where it is not asked for; 0 or 1 for yes and no */
    struct xb_expect_bound *bounds;
    size_t nbounds;
};

/* Read and check an expectations file. Needs no MPI and no device. out is the caller's to
 * release; on failure it is empty. Each error names file, line where it can, JSON path, what
 * was found and what was expected: unknown keys, methods, options, wrong types, bounds that
 * contradict each other. */
int xb_expect_load(const char *file, const struct xb_catalog *catalog,
                   struct xb_expectations *out, struct xb_error *err);

/* The same for text in memory; name stands for the file in errors. */
int xb_expect_parse(const char *name, const char *text, const struct xb_catalog *catalog,
                    struct xb_expectations *out, struct xb_error *err);

/* Is this document meant as expectations? */
bool xb_expect_is(const struct xb_json *doc);

void xb_expect_release(struct xb_expectations *expect);

/* ---- which machine ---- */

/* Keys of `match`: what a report says of the machine. Each value of the machine must fit one of
 * the texts of its key, with * and ? as in names of files. */
enum xb_expect_trait { XB_TRAIT_CPU, XB_TRAIT_DEVICE, XB_TRAIT_GPU, XB_TRAIT_HOST };
#define XB_TRAITS 4

/* "cpu", "device", "gpu", "host"; a constant string. */
const char *xb_expect_trait_name(enum xb_expect_trait trait);

/* The values of a trait that a report's machine has, of all nodes or of all ranks and their
 * GPUs, in this order: a walk through them, with report and trait set and all else zeros. */
struct xb_trait_walk {
    const struct xb_report *report;
    enum xb_expect_trait trait;
    size_t next;
    const cJSON *node;
    const char *last;
};

/* The next one, NULL behind the last. One may come again, but not behind itself. Belongs to the
 * report. */
const char *xb_expect_trait_next(struct xb_trait_walk *walk);

/* The first one. */
const char *xb_expect_trait_first(const struct xb_report *report, enum xb_expect_trait trait);

/* Is the report's machine of the kind that these are about? Where not, why, and it may be NULL,
 * says in what it differs. */
bool xb_expect_match(const struct xb_expectations *expect, const struct xb_report *report,
                     struct xb_error *why);

/* ---- what GPUs must have ---- */

/* How a value is held against the one that is asked for. */
enum xb_need_kind { XB_NEED_LEAST, XB_NEED_MOST, XB_NEED_SAME };

struct xb_expect_need {
    const char *name; /* key of `require` */
    const char *text; /* "NVLinks" */
    enum xb_need_kind kind;
    bool is_flag; /* yes or no */
    bool of_node; /* of the node, not of each GPU */
    bool learnt;  /* check --learn writes it where all GPUs have the same */
};
extern const struct xb_expect_need xb_expect_needs[XB_EXPECT_NEEDS];

/* Index of the need of that name, or -1 with the names there are. */
int xb_expect_need_find(const char *name, struct xb_error *err);

/* A GPU of a report, or where gpu is NULL a node. Borrowed from the report. */
struct xb_expect_gpu {
    const char *host;
    const char *bus_id;     /* NULL where it is not known */
    const cJSON *node;      /* of topology.nodes; NULL in reports that lack it */
    const cJSON *described; /* of topology.nodes[].gpus; NULL where nobody has described it */
    const cJSON *gpu;       /* of topology.ranks[]; NULL where no rank has taken it */
};

/* What needs of a report are about, added to a list of struct xb_expect_gpu: its nodes, then
 * the GPUs of its ranks, each once, then those GPUs of its nodes that no rank has taken. The
 * caller frees the list's items, on failure too; -1 when out of memory. */
int xb_expect_gpus(const struct xb_report *report, struct xb_list *out);

/* What it has of need n: NAN where the report does not tell; *asked is false where it need not,
 * since the need is not about it: those of nodes and those of GPUs; NVLinks of a GPU that is
 * alone on its node without any; of a GPU that no rank has taken, what is not told, and the
 * generation of PCI Express, which is low while it is idle. */
double xb_expect_need_of(const struct xb_expect_gpu *gpu, size_t n, bool *asked);

/* Is the value what was asked for? */
bool xb_expect_need_met(size_t n, double value, double wanted);

#endif
