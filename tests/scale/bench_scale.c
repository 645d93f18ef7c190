/* bench_scale.c - how time and memory grow with the ranks of a job: schedule, gathering,
 * statistics and report, from 8 to 4,096 ranks that never were.
 *
 *     bench_scale [FILE]
 *
 * The stages pass through the functions that a run passes through, on one process: what n ranks
 * do side by side is done by one of them, and what comes to rank 0 is made up and taken by it.
 * The table goes to stdout, and to FILE as JSON. A law is the power of n that a figure grows
 * with, by a straight line through the logarithms of the three largest; small runs measure what
 * there is always. Each stage starts with what the one before it has left; its memory is the
 * most that it holds beside that, by what malloc was asked for.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/measure/conclude.h"
#include "engine/measure/lane_report.h"
#include "model/figures/stats.h"
#include "model/plan/estimate.h"
#include "model/topology/rank_ends.h"
#include "report/formats/format.h"
#include "report/outliers.h"
#include "report/report.h"
#include "tests/catalog_fixture.h"
#include "tests/scale/held.h"

#define PER_NODE 8
#define NIC_GB   50.0
#define SAMPLES  6
#define TIMES    3 /* that each is run; the quickest counts */
#define GROUPS                                                                                 \
    "{\"name\": \"scale\", \"sampling\": {\"passes\": 1}, \"cases\": ["                        \
    "{\"pairs\": \"rounds\", \"paths\": [\"gpu->gpu@node\"], \"sizes\": \"512MiB\", "          \
    "\"window\": 4, \"methods\": [\"mpi\"]}, "                                                 \
    "{\"pairs\": \"rounds\", \"paths\": [\"gpu->gpu@remote\"], \"sizes\": \"512MiB\", "        \
    "\"window\": 4, \"methods\": [\"mpi\"]}]}"

static const int sizes[] = {8, 64, 512, 4096};
#define SIZES ((int)(sizeof sizes / sizeof *sizes))

/* ---- a job that never was ---- */

struct job {
    int n;
    struct xb_session session;
    struct xb_job job;
    struct xb_scenario scenario;
    struct xb_plan plan; /* pairs in rounds: within nodes, and between them */
    struct xb_result result;
    struct xb_report report;
    char file[64];
};

static void must(int rc, const char *what, const struct xb_error *err)
{
    if (rc == 0)
        return;
    fprintf(stderr, "bench_scale: %s: %s\n", what, err->text);
    exit(1);
}

static void *room(size_t n, size_t size)
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
    snprintf(rank->place.nic, sizeof rank->place.nic, "mlx5_%d", r % PER_NODE);
    *gpu = xb_gpu_unknown(rank->place.pci);
    gpu->pcie_gen = 5;
    gpu->pcie_width = 16;
    gpu->nlinks = 1;
    gpu->links[0] =
        (struct xb_gpu_link){.end = XB_LINK_TO_SWITCH, .links = 18, .gb_per_s = 450};
}

/* ---- stages: each returns how many things it has dealt with ---- */

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

/* Who is slow: of lanes that differ by a percent nobody. */
static size_t find_outliers(struct job *j)
{
    const struct xb_outlier_limits limits = {.off = 0.03};
    struct xb_outliers o = {.list = {0}};
    struct xb_error err = {""};

    must(xb_outliers_look(&o, &j->report, xb_report_case_at(&j->report, 0), 0, &limits, &err),
         "outliers", &err);
    xb_outliers_release(&o);
    return xb_report_case_at(&j->report, 0)->lanes.n;
}

static size_t show_table(struct job *j)
{
    const struct xb_format *table = xb_format_find("table");
    FILE *out = fopen("/dev/null", "w");

    must(out && table ? table->write(&j->report, out) : -1, "the table",
         &(struct xb_error){"it could not be written"});
    fclose(out);
    return xb_report_case_at(&j->report, 0)->lanes.n;
}

static const struct stage {
    const char *name, *of; /* what is counted */
    size_t (*run)(struct job *j);
} stages[] = {
    {"ranks", "what a rank knows of all", know_ranks},
    {"estimate", "time and memory of the plan", estimate},
    {"schedule, within nodes", "pairs in rounds, walked", walk_nodes},
    {"schedule, between nodes", "the same", walk_remote},
    {"gather", "lanes within nodes, on rank 0", gather},
    {"statistics", "of these lanes", conclude},
    {"report, written", "with all ranks and lanes", write_report},
    {"report, read", "the same", read_report},
    {"outliers", "looked for in it", find_outliers},
    {"report, shown", "as a table", show_table},
};
#define STAGES ((int)(sizeof stages / sizeof *stages))

/* ---- figures ---- */

struct figure {
    size_t things;
    double s;
    size_t bytes;
};

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void release(struct job *j)
{
    xb_report_release(&j->report);
    xb_result_release(&j->result);
    xb_plan_release(&j->plan);
    xb_scenario_release(&j->scenario);
    free(j->session.ends);
    free(j->session.nodes[0].gpus);
    free(j->session.nodes);
    free(j->session.ranks);
    free(j->session.node_of_rank);
    unlink(j->file);
}

static void run_stages(int n, struct figure *out)
{
    struct job j = {.n = n};
    struct xb_error err = {""};

    snprintf(j.file, sizeof j.file, "bench-scale-%ld.json", (long)getpid());
    must(xb_scenario_parse("scale.json", GROUPS, NULL, &fixture_catalog, &j.scenario, &err),
         "the scenario", &err);
    must(xb_plan_expand(&j.scenario, &j.plan, &err), "the plan", &err);
    for (int i = 0; i < STAGES; i++) {
        size_t before = most_held = held;
        double start = now_s();
        size_t things = stages[i].run(&j);
        double s = now_s() - start;
        if (out[i].s == 0 || s < out[i].s)
            out[i] = (struct figure){things, s, most_held - before};
    }
    release(&j);
}

/* The power of n by which a figure grows, over the three largest; NAN where it is 0. */
static double law_of(const double *values)
{
    double x[3], y[3], mx = 0, my = 0, xy = 0, xx = 0;

    for (int i = 0; i < 3; i++) {
        x[i] = log(sizes[SIZES - 3 + i]);
        y[i] = log(values[SIZES - 3 + i]);
        mx += x[i] / 3;
        my += y[i] / 3;
    }
    for (int i = 0; i < 3; i++) {
        xy += (x[i] - mx) * (y[i] - my);
        xx += (x[i] - mx) * (x[i] - mx);
    }
    return isfinite(xy) ? xy / xx : NAN;
}

static double value_of(const struct figure *f, int what)
{
    return what == 0 ? (double)f->things : what == 1 ? 1e3 * f->s : (double)f->bytes / 1024;
}

/* A row for each stage and what was looked at, and the same as JSON. */
static cJSON *show(struct figure figures[][STAGES])
{
    static const char *const names[] = {"count", "ms", "KiB"};
    cJSON *list = cJSON_CreateArray();

    printf("%-25s %-6s", "stage", "");
    for (int n = 0; n < SIZES; n++)
        printf(" %10d", sizes[n]);
    printf("    law\n");
    for (int i = 0; i < STAGES; i++) {
        cJSON *stage = cJSON_CreateObject();
        cJSON_AddItemToArray(list, stage);
        cJSON_AddStringToObject(stage, "stage", stages[i].name);
        cJSON_AddStringToObject(stage, "of", stages[i].of);
        for (int what = 0; what < 3; what++) {
            double values[SIZES];
            for (int n = 0; n < SIZES; n++)
                values[n] = round(1e3 * value_of(&figures[n][i], what)) / 1e3;
            double law = round(100 * law_of(values)) / 100;
            cJSON *row = cJSON_AddObjectToObject(stage, names[what]);
            cJSON_AddItemToObject(row, "values", cJSON_CreateDoubleArray(values, SIZES));
            if (isfinite(law))
                cJSON_AddNumberToObject(row, "law", law);
            else
                cJSON_AddNullToObject(row, "law");
            printf("%-25s %-6s", what == 0 ? stages[i].name : "", names[what]);
            for (int n = 0; n < SIZES; n++)
                printf(what == 0 ? " %10.0f" : " %10.2f", values[n]);
            printf(isfinite(law) ? "  n^%.2f\n" : "      -\n", law);
        }
    }
    return list;
}

static void save(cJSON *list, const char *file)
{
    struct xb_error err = {""};
    cJSON *root = cJSON_CreateObject();

    cJSON_AddItemToObject(root, "ranks", cJSON_CreateIntArray(sizes, SIZES));
    cJSON_AddNumberToObject(root, "ranks_per_node", PER_NODE);
    cJSON_AddItemToObject(root, "stages", list);
    if (file)
        must(xb_report_write(file, root, true, &err), file, &err);
    cJSON_Delete(root);
}

int main(int argc, char **argv)
{
    static struct figure figures[SIZES][STAGES];

    if (argc > 2) {
        fprintf(stderr, "usage: bench_scale [FILE]\n");
        return 2;
    }
    for (int n = 0; n < SIZES; n++) {
        fprintf(stderr, "%d ranks\n", sizes[n]);
        for (int i = 0; i < TIMES; i++)
            run_stages(sizes[n], figures[n]);
    }
    save(show(figures), argc == 2 ? argv[1] : NULL);
    return 0;
}
