/* SPDX-License-Identifier: BSD-3-Clause */
/* made_report.h - reports of runs that never were, with the times that a test wants: written by
 * the program's own writer from a plan of its own making.
 */
#ifndef XB_TESTS_REPORT_MADE_REPORT_H
#define XB_TESTS_REPORT_MADE_REPORT_H

#include "report/report.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "model/figures/stats.h"
#include "tests/catalog_fixture.h"

#define MADE_RANKS  4
#define MADE_PASSES 64

/* What shall come out. Case i of every launch takes 10 us times its bytes' 4 KiB, times what
 * follows. Patterns are those of shells, of ids; NULL is for none. */
struct made {
    size_t cases, first; /* of all that there could be, from the first one on */
    int passes;          /* 0: 6 */
    int lanes;           /* 1, or 12 for all pairs of four ranks, each alone */
    uint64_t seed, launch;
    double common, own; /* standard deviations of the log of the time: of a launch, and of each
                           case in it */
    double within;      /* and of each pass */
    const char *slow;   /* cases whose time is multiplied */
    double factor;
    int slow_lane;    /* from 1: the only lane of them that is; 0 for all */
    bool turned;      /* the lanes stand in the other order */
    const char *wire; /* "nvlink" or "pcie" carried the bytes of these: */
    const char *wired;
    const char *skipped, *failed, *corrupt;
    const char *variable, *value; /* of the environment */
    bool no_gpus;
    const char *host, *driver, *label;
    double load;
    int sm_mhz;
};

/* A number of the standard normal distribution (G. E. P. Box, M. E. Muller, 1958). */
static inline double made_normal(uint64_t *state)
{
    double u = ((double)(xb_random_next(state) >> 11) + 1) * 0x1p-53;
    double v = (double)(xb_random_next(state) >> 11) * 0x1p-53;

    return sqrt(-2 * log(u)) * cos(2 * acos(-1) * v);
}

static inline bool made_is(const char *pattern, const struct xb_case *c)
{
    return pattern && fnmatch(pattern, c->id, 0) == 0;
}

/* Methods in turn, each next four cases 4 KiB larger. */
static inline int made_plan(const struct made *m, struct xb_plan *out, struct xb_error *err)
{
    const struct xb_method_spec *methods[] = {&fixture_p2p, &fixture_mpi, &fixture_nccl,
                                              &fixture_host_staged};

    out->cases = calloc(m->cases, sizeof(*out->cases));
    for (size_t i = m->first; i < m->first + m->cases; i++) {
        struct xb_case *c = &out->cases[out->count++];
        bool chunked = methods[i % 4]->flags & XB_METHOD_CHUNKED;
        *c = (struct xb_case){.pattern = xb_pattern_find("stream", NULL),
                              .method = methods[i % 4],
                              .pairs.kind = m->lanes > 1 ? XB_PAIRS_EACH : XB_PAIRS_CLASSES,
                              .bytes = 4096 * (1 + i / 4),
                              .chunk = chunked ? 2048 : 0,
                              .depth = chunked ? 2 : 0,
                              .window = 1};
        c->options = xb_options_default(c->method->options);
        if (xb_path_parse("gpu->gpu@node", &c->path, err) < 0 || xb_case_make_id(c, err) < 0)
            return -1;
    }
    return 0;
}

/* Medians of passes of a lane, or a case, that takes so long. */
static inline double *made_passes(const struct made *m, double us, uint64_t *state, int *n)
{
    double *passes = malloc(MADE_PASSES * sizeof(*passes));

    *n = m->passes ? m->passes : 6;
    for (int p = 0; p < *n; p++)
        passes[p] = us * exp(m->within * made_normal(state));
    return passes;
}

static inline void made_lanes(const struct made *m, const struct xb_case *c, double us,
                              uint64_t *state, struct xb_result *r)
{
    int n, at = 0;

    xb_result_lanes(r, (size_t)m->lanes);
    for (int src = 0; src < MADE_RANKS; src++)
        for (int dst = 0; dst < MADE_RANKS && at < m->lanes; dst++) {
            struct xb_lane_result *l = &r->lanes[at];
            if (src == dst)
                continue;
            bool slow = made_is(m->slow, c) && (m->slow_lane == 0 || m->slow_lane == at + 1);
            l->round = at++;
            l->src_rank = src;
            l->dst_rank = dst;
            l->path = c->path;
            l->link_class = -1;
            l->status = XB_OK;
            l->ops_per_sample = 1;
            l->ceiling_gb_per_s = r->ceiling_gb_per_s;
            l->verify = r->verify;
            l->has_carried = r->has_carried;
            memcpy(l->carried, r->carried, sizeof l->carried);
            l->passes_us = made_passes(m, us * (slow ? m->factor : 1), state, &n);
            l->npasses = (size_t)n;
            xb_stats_of_passes(l->passes_us, (size_t)n, l->passes_us, (size_t)n, &l->time);
        }
}

/* What the case gave in this launch. */
static inline void made_result(const struct made *m, const struct xb_case *c, size_t i,
                               double common, struct xb_result *r)
{
    uint64_t state = m->seed * 1000003 + m->launch * 7919 + i * 104729;
    const uint64_t pages = c->bytes / 4096;
    double us = 10 * (double)pages * exp(common + m->own * made_normal(&state));
    const char *wire = made_is(m->wired, c) ? m->wire : NULL;

    *r = (struct xb_result){
        .status = made_is(m->skipped, c)   ? XB_SKIPPED
                  : made_is(m->failed, c)  ? XB_FAILED
                  : made_is(m->corrupt, c) ? XB_CORRUPT
                                           : XB_OK,
        .overhead_us = 1.25,
        .setup = {54.1, 4.128, 30, 0, 14.926},
        .passes_asked = m->passes ? m->passes : 6,
        .concurrent = 1,
        .ops_per_sample = 1,
        .stop = XB_STOP_MAX_SAMPLES,
        .time_of = XB_TIME_OF_MEDIAN_LANE,
        .verify = {.done = true, .checked_bytes = 2 * c->bytes, .stamped_batches = 1149},
        .ceiling_gb_per_s = 478.125,
        .has_carried = wire != NULL};
    r->passes = r->passes_asked;
    if (r->status != XB_OK)
        snprintf(r->reason, sizeof r->reason, "told to be %s", xb_status_name(r->status));
    if (r->status == XB_SKIPPED || r->status == XB_FAILED)
        return;
    for (int w = 0; w < XB_WIRES; w++)
        r->carried[w] = wire && strncmp(xb_wire_name((enum xb_wire)w), wire, 4) == 0 ? 1.02 : 0;
    made_lanes(m, c, us, &state, r);
    struct xb_lane_result *middle = &r->lanes[m->lanes / 2];
    r->time = middle->time;
    r->npasses = middle->npasses;
    r->passes_us = malloc(r->npasses * sizeof(*r->passes_us));
    memcpy(r->passes_us, middle->passes_us, r->npasses * sizeof(*r->passes_us));
    for (int a = 0, b = m->lanes - 1; m->turned && a < b; a++, b--) {
        struct xb_lane_result kept = r->lanes[a];
        r->lanes[a] = r->lanes[b];
        r->lanes[b] = kept;
    }
}

static inline int made_begin(const struct made *m, struct xb_report *report,
                             struct xb_error *err)
{
    static struct xb_rank_info ranks[MADE_RANKS];
    const struct xb_named variables[] = {{m->variable, m->value}, {NULL, NULL}};
    struct xb_host_facts host = {.load = m->load, .processors = 32, .numa_balancing = 0};
    char *argv[] = {"xferbench", "run", "made", NULL};
    struct xb_report_head head = {.id = "made",
                                  .start_utc = "2026-01-31T12:00:00Z",
                                  .argv = argv,
                                  .seed = m->seed,
                                  .device = "cuda",
                                  .plan_cases = m->cases,
                                  .passes = m->passes ? m->passes : 6,
                                  .version = "0.1.0",
                                  .features = (const char *const[]){NULL},
                                  .driver = m->driver ? m->driver : "580.1",
                                  .mpi_library = "Open MPI 4.1.6",
                                  .mpi_cuda_aware_how = "told so",
                                  .variables = variables,
                                  .ranks = ranks,
                                  .nranks = MADE_RANKS,
                                  .hosts = &host,
                                  .nhosts = 1};

    snprintf(host.host, sizeof host.host, "%s", m->host ? m->host : "alpha");
    snprintf(host.kernel, sizeof host.kernel, "Linux 6.1");
    for (int i = 0; i < MADE_RANKS; i++) {
        ranks[i] =
            (struct xb_rank_info){.rank = i,
                                  .place = {.has_gpu = !m->no_gpus, .sharers = 1, .numa = 0},
                                  .gpu_name = "NVIDIA H200",
                                  .pcie_gen = 5,
                                  .pcie_width = 16,
                                  .nvlink_links = 18,
                                  .nvlink_gb_per_s = 478.125,
                                  .gpudirect_rdma = -1,
                                  .dma_buf = -1,
                                  .before = xb_gpu_state_unknown(),
                                  .host_memory = {.asked = -1}};
        ranks[i].before.sm_mhz_max = 1980;
        ranks[i].before.sm_mhz = m->sm_mhz ? m->sm_mhz : 1980;
        snprintf(ranks[i].host, sizeof ranks[i].host, "%s", host.host);
        snprintf(ranks[i].place.pci, sizeof ranks[i].place.pci, "0000:0%d:00.0", i + 1);
    }
    if (xb_report_begin(report, &head, err) < 0)
        return -1;
    return xb_text_dup(m->label, &report->run.label);
}

/* The report; the caller releases it. */
static inline int made_report(const struct made *m, struct xb_report *report,
                              struct xb_error *err)
{
    struct xb_plan plan = {NULL};
    uint64_t state = m->seed * 15485863 + m->launch * 32452843;
    double common = m->common * made_normal(&state);

    int rc = made_begin(m, report, err) < 0 || made_plan(m, &plan, err) < 0 ? -1 : 0;
    for (size_t i = 0; rc == 0 && i < plan.count; i++) {
        struct xb_result result;
        made_result(m, &plan.cases[i], i, common, &result);
        rc = xb_report_add(report, &plan.cases[i], &result, false, err);
        xb_result_release(&result);
    }
    if (rc == 0)
        rc = xb_report_end(report, xb_report_status(report), "2026-01-31T12:01:00Z", err);
    xb_plan_release(&plan);
    return rc;
}

#endif
