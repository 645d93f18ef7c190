/* SPDX-License-Identifier: BSD-3-Clause */
/* conclude_fixture.h - a case with made-up lanes, to be concluded: on four GPUs that NVLink
 * joins on one node, or two on each of two. */
#ifndef XB_TESTS_ENGINE_MEASURE_CONCLUDE_FIXTURE_H
#define XB_TESTS_ENGINE_MEASURE_CONCLUDE_FIXTURE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/measure/conclude.h"
#include "model/figures/stats.h"
#include "model/topology/rank_ends.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

#define RANKS  4
#define MOST   12      /* lanes */
#define BYTES  1000000 /* of a transfer: 1000 / us is GB/s */
#define NVLINK 450.0   /* GB/s */
#define NIC    50.0

static const struct xb_method_spec copy = {.name = "copy"};
static const struct xb_method_spec nothing = {.name = "none", .flags = XB_METHOD_NO_BYTES};

/* ---- the run ---- */

static struct xb_rank_info ranks[RANKS];
static struct xb_gpu_info gpus[2][RANKS];
static struct xb_node_info nodes[2];
static int node_of_rank[RANKS];
static struct xb_rank_ends *ends; /* of the session that was made last */

/* Behind any change of the ranks. */
static void look_at_ends(void)
{
    struct xb_machine machine = {.ranks = ranks, .nodes = nodes};

    free(ends);
    ends = xb_rank_ends_make(&machine, RANKS);
}

/* The first so many ranks, on one node or two. */
static struct xb_session a_session(int nranks, int nnodes)
{
    for (int n = 0; n < 2; n++)
        nodes[n] = (struct xb_node_info){.gpus = gpus[n]};
    for (int r = 0; r < RANKS; r++) {
        int node = nnodes == 2 ? r / 2 : 0;
        struct xb_gpu_info *gpu = &gpus[node][nodes[node].ngpus++];
        node_of_rank[r] = node;
        ranks[r] = (struct xb_rank_info){.rank = r,
                                         .node = node,
                                         .place = {.has_gpu = true},
                                         .nvlink_links = 18,
                                         .nic_gb_per_s = NIC,
                                         .nvisible = nnodes == 2 ? 2 : RANKS};
        snprintf(ranks[r].place.pci, sizeof ranks[r].place.pci, "0000:0%d:00.0", (r + 1) % 8);
        snprintf(ranks[r].place.nic, sizeof ranks[r].place.nic, "mlx5_0");
        *gpu = xb_gpu_unknown(ranks[r].place.pci);
        gpu->pcie_gen = 5;
        gpu->pcie_width = 16;
        gpu->nlinks = 1;
        gpu->links[0] =
            (struct xb_gpu_link){.end = XB_LINK_TO_SWITCH, .links = 18, .gb_per_s = NVLINK};
        for (int g = 0; g < ranks[r].nvisible; g++)
            ranks[r].visible[g] = (uint8_t)g;
    }
    look_at_ends();
    return (struct xb_session){.nranks = nranks,
                               .nnodes = nnodes,
                               .node_of_rank = node_of_rank,
                               .ranks = ranks,
                               .nodes = nodes,
                               .ends = ends};
}

/* ---- a case and its lanes ---- */

/* What a lane came to. */
struct lane {
    enum xb_status status;
    double us; /* 0 where it was not timed */
};

struct setting {
    const char *pattern, *path;
    enum xb_pairs_kind kind;
    int nranks, nnodes;
    const struct xb_method_spec *method;
};

static enum xb_contention contention; /* of the cases that follow */
static const struct xb_traffic *traffic;

struct concluded {
    struct xb_session session;
    struct xb_job job;
    struct xb_case c;
    struct xb_schedule schedule;
    struct xb_result out;
};

static struct xb_stats stats_of(double us)
{
    double samples[6];
    struct xb_stats stats;

    for (size_t i = 0; i < ROWS(samples); i++)
        samples[i] = us;
    xb_stats_compute(samples, ROWS(samples), &stats);
    return stats;
}

/* All lanes of the schedule, measured as the n that are given say, in turn. */
static void begin(const struct setting *set, const struct lane *lanes, struct concluded *k)
{
    struct xb_round round = {0};
    size_t n = 0;

    memset(k, 0, sizeof *k);
    k->session = a_session(set->nranks, set->nnodes);
    k->job = xb_session_job(&k->session);
    k->c = (struct xb_case){.pattern = xb_pattern_find(set->pattern, NULL),
                            .method = set->method,
                            .pairs = {.kind = set->kind},
                            .contention = contention,
                            .traffic = traffic,
                            .bytes = BYTES,
                            .window = 1};
    xb_path_parse(set->path, &k->c.path, NULL);
    xb_schedule_open(&k->c, &k->job, &k->schedule, NULL);
    k->out.overhead_us = NAN;
    k->out.lanes = calloc(MOST + 1, sizeof *k->out.lanes);
    for (size_t r = 0; r < k->schedule.rounds; r++) {
        xb_schedule_round(&k->schedule, r, &round, NULL);
        for (size_t i = 0; i < round.count && n < MOST; i++, n++) {
            const struct xb_lane *place = &round.lane[i];
            k->out.lanes[n] = (struct xb_lane_result){.round = place->round,
                                                      .chain = place->chain,
                                                      .step = place->step,
                                                      .src_rank = place->src_rank,
                                                      .dst_rank = place->dst_rank,
                                                      .path = place->path,
                                                      .link_class = place->link_class,
                                                      .company = place->company,
                                                      .bytes = place->bytes,
                                                      .group = place->group,
                                                      .members = place->members,
                                                      .status = lanes[n].status,
                                                      .ops_per_sample = 1,
                                                      .setup = {NAN, NAN, NAN, NAN, NAN, NAN}};
            if (lanes[n].us > 0)
                k->out.lanes[n].time = stats_of(lanes[n].us);
            if (lanes[n].status != XB_OK)
                k->out.lanes[n].reason = strdup(xb_status_name(lanes[n].status));
        }
    }
    k->out.nlanes = n;
    xb_round_release(&round);
}

static void conclude(struct concluded *k)
{
    xb_conclude_case(&k->session, &k->c, &k->schedule, &k->out);
}

static void end(struct concluded *k)
{
    xb_result_release(&k->out);
    xb_schedule_close(&k->schedule);
}

/* ---- settings of several tests ---- */

#define EACH_OF_THREE                                                                          \
    {                                                                                          \
        "stream", "gpu->gpu@node", XB_PAIRS_EACH, 3, 1, &copy                                  \
    }
#define FIRST                                                                                  \
    {                                                                                          \
        "stream", "gpu->gpu@node", XB_PAIRS_FIRST, 4, 1, &copy                                 \
    }

#endif
