/* SPDX-License-Identifier: BSD-3-Clause */
/* job.c - a job that never was, and what a run does for it.
 *
 * The stages pass through the functions that a run passes through, on one process: what n ranks
 * do side by side is done by one of them, and what comes to rank 0 is made up and taken by it.
 */
#include "tests/scale/job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/measure/lane_report.h"
#include "model/figures/stats.h"
#include "model/plan/estimate.h"
#include "model/topology/rank_ends.h"
#include "tests/catalog_fixture.h"

#define NIC_GB  50.0
#define SAMPLES 6
#define GROUPS                                                                                 \
    "{\"name\": \"scale\", \"sampling\": {\"passes\": 1}, \"cases\": ["                        \
    "{\"pairs\": \"rounds\", \"paths\": [\"gpu->gpu@node\"], \"sizes\": \"512MiB\", "          \
    "\"window\": 4, \"methods\": [\"mpi\"]}, "                                                 \
    "{\"pairs\": \"rounds\", \"paths\": [\"gpu->gpu@remote\"], \"sizes\": \"512MiB\", "        \
    "\"window\": 4, \"methods\": [\"mpi\"]}]}"

/* ---- a job that never was ---- */

void must(int rc, const char *what, const struct xb_error *err)
{
    if (rc == 0)
        return;
    fprintf(stderr, "%s: %s\n", what, err->text);
    exit(1);
}

void *room(size_t n, size_t size)
{
    void *at = calloc(n + 1, size);

    must(at ? 0 : -1, "ranks", &(struct xb_error){"out of memory"});
    return at;
}

/* Nodes of eight GPUs that switches of NVLink join, a rank and a NIC for each. */
static void describe_rank(struct job *j, int r)
{
    struct xb_session *s = &j->session;
    struct xb_node_info *node = &s->nodes[r / PER_NODE];
    struct xb_gpu_info *gpu = &node->gpus[node->ngpus++];
    struct xb_rank_info *rank = &s->ranks[r];

    s->node_of_rank[r] = r / PER_NODE;
    *rank = (struct xb_rank_info){.rank = r,
                                  .node = r / PER_NODE,
                                  .place = {.has_gpu = true, .sharers = 1},
                                  .gpu_name = "a GPU",
                                  .pcie_gen = 5,
                                  .pcie_width = 16,
                                  .nvlink_links = 18,
                                  .nvlink_gb_per_s = 450,
                                  .gpudirect_rdma = -1,
                                  .dma_buf = -1,
                                  .before = xb_gpu_state_unknown(),
                                  .host_memory = {.asked = -1},
                                  .nic_gb_per_s = NIC_GB,
                                  .nvisible = 1,
                                  .visible = {(uint8_t)(r % PER_NODE)}};
    snprintf(rank->host, sizeof rank->host, "node%d", r / PER_NODE);
    snprintf(node->host, sizeof node->host, "%s", rank->host);
    snprintf(rank->place.pci, sizeof rank->place.pci, "0000:%02x:00.0", r % PER_NODE + 1);
    snprintf(rank->gpu_uuid, sizeof rank->gpu_uuid, "GPU-%08d-0000-0000-0000-%012d", r, r);
    snprintf(rank->place.nic, sizeof rank->place.nic, "mlx5_%d", r % PER_NODE);
    *gpu = xb_gpu_unknown(rank->place.pci);
    snprintf(gpu->uuid, sizeof gpu->uuid, "%s", rank->gpu_uuid);
    gpu->pcie_gen = 5;
    gpu->pcie_width = 16;
    gpu->nlinks = 1;
    gpu->links[0] =
        (struct xb_gpu_link){.end = XB_LINK_TO_SWITCH, .links = 18, .gb_per_s = 450};
}

/* ---- stages ---- */

/* What a rank knows of all others. */
static size_t know_ranks(struct job *j)
{
    struct xb_session *s = &j->session;
    int nodes = (j->n + PER_NODE - 1) / PER_NODE;

    *s = (struct xb_session){.nranks = j->n, .nnodes = nodes};
    s->node_of_rank = room((size_t)j->n, sizeof *s->node_of_rank);
    s->ranks = room((size_t)j->n, sizeof *s->ranks);
    s->nodes = room((size_t)nodes, sizeof *s->nodes);
    struct xb_gpu_info *gpus = room((size_t)j->n, sizeof *gpus);
    for (int n = 0; n < nodes; n++)
        s->nodes[n].gpus = gpus + n * PER_NODE;
    for (int r = 0; r < j->n; r++)
        describe_rank(j, r);
    struct xb_machine machine = xb_session_machine(s);
    s->ends = xb_rank_ends_make(&machine, j->n);
    j->job = xb_session_job(s);
    return (size_t)j->n;
}

static size_t estimate(struct job *j)
{
    struct xb_estimate all;
    struct xb_error err = {""};

    must(xb_estimate_plan(&j->plan, &j->scenario.sampling, &j->job, false, &all, &err),
         "the estimate", &err);
    return all.cases;
}

/* All rounds of a case, as every rank walks through them. */
static size_t walk(struct job *j, const struct xb_case *c)
{
    struct xb_schedule schedule;
    struct xb_round round = {0};
    struct xb_error err = {""};
    size_t lanes = 0;

    if (xb_schedule_open(c, &j->job, &schedule, &err) != 0)
        return 0;
    for (size_t i = 0; i < schedule.rounds; i++) {
        must(xb_schedule_round(&schedule, i, &round, &err), "a round", &err);
        lanes += round.count;
    }
    xb_round_release(&round);
    xb_schedule_close(&schedule);
    return lanes;
}

static size_t walk_nodes(struct job *j)
{
    return walk(j, &j->plan.cases[0]);
}

static size_t walk_remote(struct job *j)
{
    return walk(j, &j->plan.cases[1]);
}

/* What the starter of a lane tells rank 0. Lanes differ, or outliers would have no work. */
static struct xb_lane_report make_report(const struct xb_lane *lane, int64_t i)
{
    struct xb_lane_report r;
    double samples[SAMPLES];

    memset(&r, 0, sizeof r);
    r.result = (struct xb_lane_result){.round = lane->round,
                                       .chain = lane->chain,
                                       .step = lane->step,
                                       .src_rank = lane->src_rank,
                                       .dst_rank = lane->dst_rank,
                                       .path = lane->path,
                                       .link_class = lane->link_class,
                                       .status = XB_OK,
                                       .ops_per_sample = 4,
                                       .has_carried = true,
                                       .setup = {NAN, NAN, NAN, NAN, NAN, NAN}};
    for (int w = 0; w < XB_WIRES; w++)
        r.result.carried[w] = w == XB_NVLINK_TX || w == XB_NVLINK_RX ? 1 : 0;
    for (int k = 0; k < SAMPLES; k++)
        samples[k] = 1400 + (double)((i * 7919 + k * 104729) % 1009) / 100;
    xb_stats_compute(samples, SAMPLES, &r.result.time);
    return r;
}

/* What the lanes within nodes tell rank 0, and the rounds as wholes. */
static size_t gather(struct job *j)
{
    const struct xb_case *c = &j->plan.cases[0];
    struct xb_schedule schedule;
    struct xb_round round = {0};
    struct xb_error err = {""};
    size_t most = 0;

    j->result = (struct xb_result){.overhead_us = NAN, .setup = {.start = NAN}};
    must(xb_schedule_open(c, &j->job, &schedule, &err), "a schedule", &err);
    for (size_t i = 0; i < schedule.rounds; i++) {
        struct xb_result whole = {.overhead_us = 1, .ops_per_sample = 4, .nsamples = SAMPLES};
        must(xb_schedule_round(&schedule, i, &round, &err), "a round", &err);
        for (size_t l = 0; l < round.count; l++) {
            if (j->result.nlanes == most) {
                most = most ? 2 * most : 16;
                j->result.lanes = realloc(j->result.lanes, most * sizeof *j->result.lanes);
            }
            j->result.lanes[j->result.nlanes] =
                make_report(&round.lane[l], (int64_t)j->result.nlanes).result;
            j->result.nlanes++;
        }
        const struct xb_round_result place = {.round = (int)i, .concurrent = round.chains};
        whole.samples_us = room(SAMPLES, sizeof *whole.samples_us);
        for (int k = 0; k < SAMPLES; k++)
            whole.samples_us[k] = 1410 + k;
        xb_conclude_round(&j->result, &whole, &place, false);
    }
    xb_round_release(&round);
    xb_schedule_close(&schedule);
    return j->result.nlanes;
}

static size_t conclude(struct job *j)
{
    const struct xb_case *c = &j->plan.cases[0];
    struct xb_schedule schedule;
    struct xb_error err = {""};

    must(xb_schedule_open(c, &j->job, &schedule, &err), "a schedule", &err);
    xb_conclude_case(&j->session, c, &schedule, &j->result);
    xb_schedule_close(&schedule);
    return j->result.nlanes;
}

/* One case of the report, with what it says of the ranks, to a file. */
static size_t write_report(struct job *j)
{
    struct xb_host_facts *hosts = room((size_t)j->session.nnodes, sizeof *hosts);
    char *argv[] = {"xferbench", "run", "scale", NULL};
    const struct xb_named none[] = {{NULL, NULL}};
    struct xb_report_head head = {.id = "scale",
                                  .start_utc = "2026-01-31T12:00:00Z",
                                  .argv = argv,
                                  .device = "cuda",
                                  .plan_cases = j->plan.count,
                                  .passes = 1,
                                  .version = "0",
                                  .features = (const char *const[]){NULL},
                                  .mpi_library = "none",
                                  .mpi_cuda_aware_how = "told so",
                                  .variables = none,
                                  .ranks = j->session.ranks,
                                  .nranks = (size_t)j->n,
                                  .nodes = j->session.nodes,
                                  .hosts = hosts,
                                  .nhosts = (size_t)j->session.nnodes};
    struct xb_error err = {""};

    for (int n = 0; n < j->session.nnodes; n++)
        snprintf(hosts[n].host, sizeof hosts[n].host, "node%d", n);
    must(xb_report_begin(&j->report, &head, &err), "the report", &err);
    must(xb_report_add(&j->report, &j->plan.cases[0], &j->result, false, &err), "a case", &err);
    must(xb_report_end(&j->report, xb_report_status(&j->report), "2026-01-31T12:01:00Z", &err),
         "the report's end", &err);
    must(xb_report_save(&j->report, j->file, true, &err), "the report's file", &err);
    free(hosts);
    xb_report_release(&j->report);
    return j->result.nlanes;
}

static size_t read_report(struct job *j)
{
    struct xb_error err = {""};

    must(xb_report_load(j->file, &j->report, &err), "the report's file", &err);
    return xb_report_case_at(&j->report, 0)->lanes.n;
}

const struct stage run_stages[] = {
    {.name = "ranks", .of = "what a rank knows of all", .run = know_ranks},
    {.name = "estimate",
     .of = "time and memory of the plan",
     .run = estimate,
     .all_pairs = true},
    {.name = "schedule, within nodes", .of = "pairs in rounds, walked", .run = walk_nodes},
    {.name = "schedule, between nodes",
     .of = "the same",
     .run = walk_remote,
     .all_pairs = true},
    {.name = "gather", .of = "lanes within nodes, on rank 0", .run = gather},
    {.name = "statistics", .of = "of these lanes", .run = conclude},
    {.name = "report, written", .of = "with all ranks and lanes", .run = write_report},
    {.name = "report, read", .of = "the same", .run = read_report},
    {.name = NULL},
};

const struct stage *stage_at(size_t i)
{
    size_t n = 0;

    while (run_stages[n].name)
        n++;
    const struct stage *s = i < n ? &run_stages[i] : &reader_stages[i - n];
    return s->name ? s : NULL;
}

/* ---- before and behind them ---- */

void job_open(struct job *j, int n, const char *name)
{
    struct xb_error err = {""};

    *j = (struct job){.n = n};
    snprintf(j->file, sizeof j->file, "%.40s.json", name);
    snprintf(j->other, sizeof j->other, "%.40s-other.json", name);
    must(xb_scenario_parse("scale.json", GROUPS, NULL, &fixture_catalog, &j->scenario, &err),
         "the scenario", &err);
    must(xb_plan_expand(&j->scenario, &j->plan, &err), "the plan", &err);
}

void job_close(struct job *j)
{
    xb_report_release(&j->report);
    xb_expect_release(&j->learnt);
    xb_result_release(&j->result);
    xb_plan_release(&j->plan);
    xb_scenario_release(&j->scenario);
    free(j->session.ends);
    free(j->session.nodes[0].gpus);
    free(j->session.nodes);
    free(j->session.ranks);
    free(j->session.node_of_rank);
    unlink(j->file);
    unlink(j->other);
}
