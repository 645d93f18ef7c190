/* SPDX-License-Identifier: BSD-3-Clause */
/* use.c - what the processes of a run take while it goes on. */
#include "report/use.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/figures/trend.h"
#include "report/tables.h"

#define SETTLING 2 /* passes that may take what they need */
#define MIB      (1024.0 * 1024.0)

/* Growth that is worth a word: less is what libraries and the allocator keep for later. */
static const double least_growth[XB_USE_KINDS] = {
    [XB_USE_RSS] = 4 * MIB,
    [XB_USE_DESCRIPTORS] = 4,
    [XB_USE_GPU] = 16 * MIB,
};

int xb_use_log_open(struct xb_use_log *log, size_t nranks)
{
    *log = (struct xb_use_log){.nranks = nranks, .stride = 1};
    log->first = malloc((3 + XB_USE_MOMENTS) * (nranks + 1) * sizeof(*log->first));
    if (!log->first)
        return -1;
    log->last = log->first + nranks;
    log->most = log->last + nranks;
    log->moments = log->most + nranks;
    return 0;
}

void xb_use_log_release(struct xb_use_log *log)
{
    free(log->first);
    *log = (struct xb_use_log){.first = NULL};
}

/* Every stride-th moment is kept; where there is no room for one, every second of them goes. */
static void keep_moment(struct xb_use_log *log, double at_s, const struct xb_use *ranks)
{
    size_t nth = log->seen - SETTLING, row = log->nranks;

    if (nth % log->stride != 0)
        return;
    if (log->n == XB_USE_MOMENTS) {
        for (log->n = 0; 2 * log->n < XB_USE_MOMENTS; log->n++) {
            memmove(log->moments + log->n * row, log->moments + 2 * log->n * row,
                    row * sizeof(*ranks));
            log->times[log->n] = log->times[2 * log->n];
        }
        log->stride *= 2;
    }
    memcpy(log->moments + log->n * row, ranks, row * sizeof(*ranks));
    log->times[log->n++] = at_s;
}

void xb_use_log_add(struct xb_use_log *log, double at_s, const struct xb_use *ranks)
{
    memcpy(log->last, ranks, log->nranks * sizeof(*ranks));
    if (log->seen == 0) {
        memcpy(log->first, ranks, log->nranks * sizeof(*ranks));
        memcpy(log->most, ranks, log->nranks * sizeof(*ranks));
    }
    for (size_t r = 0; r < log->nranks; r++)
        for (int k = 0; k < XB_USE_KINDS; k++)
            log->most[r].of[k] = fmax(log->most[r].of[k], ranks[r].of[k]);
    if (log->seen >= SETTLING)
        keep_moment(log, at_s, ranks);
    log->seen++;
}

/* ---- what grows ---- */

/* Upwards all the time: a single step is something that was needed once, later than other
 * things. */
static bool only_rises(const struct xb_trend *t)
{
    bool rises = t->kind == XB_TREND_DRIFTS ? t->change > 0 : t->nsteps > 1;

    for (size_t i = 0; i < t->nsteps; i++)
        rises = rises && t->step[i].after > t->step[i].before;
    return rises;
}

/* 1 where it grows, 0 where not; -1 when out of memory. */
static int grows(const struct xb_use_log *log, size_t rank, int kind)
{
    double series[XB_USE_MOMENTS];
    struct xb_trend trend;

    if (log->n == 0)
        return 0;
    for (size_t i = 0; i < log->n; i++) {
        series[i] = log->moments[i * log->nranks + rank].of[kind];
        if (!isfinite(series[i]))
            return 0;
    }
    if (xb_trend_find(log->times, series, log->n, xb_trend_level(log->nranks * XB_USE_KINDS),
                      &trend) < 0)
        return -1;
    return only_rises(&trend) && series[log->n - 1] - series[0] >= least_growth[kind];
}

static void format_amount(int kind, double amount, char buf[32])
{
    if (kind == XB_USE_DESCRIPTORS)
        snprintf(buf, 32, "%.0f", amount);
    else
        snprintf(buf, 32, "%.1f MiB", amount / MIB);
}

/* What of a rank grows, in a sentence; "" where nothing does. -1 when out of memory. */
static int describe(const struct xb_use_log *log, size_t rank, const char *host, char *buf,
                    size_t len)
{
    static const char *const names[XB_USE_KINDS] = {
        [XB_USE_RSS] = "its memory",
        [XB_USE_DESCRIPTORS] = "the number of its open descriptors",
        [XB_USE_GPU] = "what is taken of its GPU's memory",
    };
    size_t n = 0;

    buf[0] = '\0';
    for (int k = 0; k < XB_USE_KINDS; k++) {
        char from[32], to[32];
        int rc = grows(log, rank, k);
        if (rc < 0)
            return -1;
        if (rc == 0 || n >= len)
            continue;
        format_amount(k, log->first[rank].of[k], from);
        format_amount(k, log->last[rank].of[k], to);
        n += (size_t)snprintf(buf + n, len - n,
                              "%s%s grows with the passes, from %s to %s in %zu", n ? "; " : "",
                              names[k], from, to, log->seen);
    }
    if (n > 0 && n < len)
        snprintf(buf + n, len - n, " (rank %zu on %s)", rank, host ? host : "an unknown host");
    return 0;
}

/* ---- into the report ---- */

static struct xb_report_range range_of(const struct xb_use_log *log, size_t rank, int kind)
{
    return (struct xb_report_range){log->first[rank].of[kind], log->last[rank].of[kind],
                                    log->most[rank].of[kind]};
}

static int add_use(struct xb_report *report, const struct xb_use_log *log, size_t rank)
{
    struct xb_report_use *use = xb_list_add(&report->run.resources, sizeof(*use));
    const char *host = rank < report->ranks.n ? xb_report_rank_at(report, rank)->host : NULL;
    char text[512];

    if (!use)
        return -1;
    use->rank = (int64_t)rank;
    use->rss_bytes = range_of(log, rank, XB_USE_RSS);
    use->descriptors = range_of(log, rank, XB_USE_DESCRIPTORS);
    use->gpu_bytes = range_of(log, rank, XB_USE_GPU);
    if (describe(log, rank, host, text, sizeof(text)) < 0)
        return -1;
    return xb_text_dup(text, &use->warning);
}

int xb_report_uses(struct xb_report *report, const struct xb_use_log *log, struct xb_error *err)
{
    struct xb_list *list = &report->run.resources;

    for (size_t i = 0; i < list->n; i++)
        xb_fields_release(xb_report_use_fields, (struct xb_report_use *)list->item + i);
    list->n = 0;
    for (size_t r = 0; log->seen > 0 && r < log->nranks; r++)
        if (add_use(report, log, r) < 0)
            return xb_fail(err, "out of memory for the report");
    return 0;
}
