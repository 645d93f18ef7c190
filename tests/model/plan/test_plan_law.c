/* SPDX-License-Identifier: BSD-3-Clause */
/* test_plan_law.c - how the work of a plan grows with the ranks: by what is asked and walked
 * through, not by a clock. */
#include "model/plan/schedule.h"

#include <stdlib.h>

#include "model/plan/estimate.h"
#include "tests/catalog_fixture.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define PER_GPU     8 /* GPUs of a node: ranks that differ by so many share one */

/* How often somebody asked what joins two ranks. */
static long asked;

static int link_of(const void *machine, const struct xb_path *path, int src, int dst)
{
    int a = src % PER_GPU, b = dst % PER_GPU;

    (void)machine;
    (void)path;
    asked++;
    return a == b ? 0 : a / 4 == b / 4 ? 3 : 5;
}

/* The machine holds the lowest rank of each rank's node. */
static int alike_of(const void *machine, int rank)
{
    const int *first_of_node = machine;

    return first_of_node[rank] + (rank - first_of_node[rank]) % PER_GPU;
}

struct place {
    int *node, *first;
    struct xb_job job;
};

static struct place open_job(int nranks, int per_node, bool alike)
{
    struct place p = {calloc((size_t)nranks, sizeof(int)),
                      calloc((size_t)nranks, sizeof(int)),
                      {.nranks = nranks}};

    for (int r = 0; r < nranks; r++) {
        p.node[r] = r / per_node;
        p.first[r] = r - r % per_node;
    }
    p.job.node_of_rank = p.node;
    p.job.machine = p.first;
    p.job.link = link_of;
    p.job.alike = alike ? alike_of : NULL;
    return p;
}

static void close_job(struct place *p)
{
    free(p->node);
    free(p->first);
}

static struct xb_case make_case(const char *pattern, enum xb_pairs_kind pairs, const char *path,
                                enum xb_contention contention)
{
    struct xb_case c = {.pattern = xb_pattern_find(pattern, NULL),
                        .pairs = {.kind = pairs},
                        .contention = contention};

    xb_path_parse(path, &c.path, NULL);
    return c;
}

/* Walk through all rounds; a number that says which lanes there were, in which order. */
static uint64_t walk(const struct xb_case *c, const struct xb_job *job, size_t *lanes,
                     size_t *chains, size_t *first)
{
    struct xb_schedule schedule;
    struct xb_round round = {0};
    uint64_t hash = 1;

    *lanes = *chains = *first = 0;
    if (xb_schedule_open(c, job, &schedule, NULL) != 0)
        return 0;
    for (size_t i = 0; i < schedule.rounds; i++) {
        xb_schedule_round(&schedule, i, &round, NULL);
        *lanes += round.count;
        *chains = i == 0 ? (size_t)round.chains : *chains;
        *first = i == 0 ? round.count : *first;
        for (size_t l = 0; l < round.count; l++)
            hash = hash * 1000003 + (uint64_t)round.lane[l].src_rank * 4096 +
                   (uint64_t)round.lane[l].dst_rank;
    }
    xb_round_release(&round);
    xb_schedule_close(&schedule);
    return hash;
}

/* What is counted without keeping a lane is what a walk finds, and ranks that are alike make no
 * other rounds. */
static void test_counts(void)
{
    static const struct {
        const char *pattern, *path;
        enum xb_pairs_kind pairs;
        enum xb_contention contention;
    } rows[] = {
        {"stream", "gpu->gpu@node", XB_PAIRS_ROUNDS, XB_CONTENTION_NONE},
        {"stream", "gpu->gpu@remote", XB_PAIRS_ROUNDS, XB_CONTENTION_ALL},
        {"bidirectional", "gpu->gpu@node", XB_PAIRS_TOGETHER, XB_CONTENTION_PAIRS},
        {"pingpong", "gpu->gpu@remote", XB_PAIRS_EACH, XB_CONTENTION_NONE},
        {"pingpong", "gpu->gpu@node", XB_PAIRS_ROUNDS, XB_CONTENTION_PAIRS},
        {"stream", "gpu->gpu@node", XB_PAIRS_CLASSES, XB_CONTENTION_NONE},
        {"stream", "gpu->gpu@remote", XB_PAIRS_CLASSES, XB_CONTENTION_NONE},
        {"alltoall", "gpu->gpu@node", XB_PAIRS_CLASSES, XB_CONTENTION_ALL},
        {"fan-in", "gpu->gpu@remote", XB_PAIRS_CLASSES, XB_CONTENTION_PAIRS},
        {"bisection", "gpu->gpu@node", XB_PAIRS_CLASSES, XB_CONTENTION_NONE},
        {"bisection", "gpu->gpu@remote", XB_PAIRS_CLASSES, XB_CONTENTION_NONE},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct place known = open_job(34, 17, true), unknown = open_job(34, 17, false);
        struct xb_case c =
            make_case(rows[i].pattern, rows[i].pairs, rows[i].path, rows[i].contention);
        size_t lanes, chains, first, counted = 0, shape[2] = {0, 0};
        struct xb_schedule schedule;

        printf("# %s %s\n", rows[i].pattern, rows[i].path);
        uint64_t hash = walk(&c, &unknown.job, &lanes, &chains, &first);
        ok(hash == walk(&c, &known.job, &lanes, &chains, &first), "the same lanes");
        is_int(xb_schedule_open(&c, &known.job, &schedule, NULL), 0, "there are some");
        xb_schedule_lanes(&schedule, &counted, NULL);
        xb_schedule_shape(&schedule, &shape[0], &shape[1], NULL);
        is_int((long long)counted, (long long)lanes, "as many as are counted");
        is_int((long long)shape[0], (long long)chains, "chains of the first round");
        is_int((long long)shape[1], (long long)first, "and its lanes");
        xb_schedule_close(&schedule);
        close_job(&known);
        close_job(&unknown);
    }
}

static int count_lane(void *arg, const struct xb_lane *lane)
{
    (void)lane;
    return ++*(int *)arg == 5 ? -1 : 0;
}

/* A walk keeps nothing, gives all, and ends where it is told to. */
static void test_walk(void)
{
    struct place p = open_job(16, 8, true);
    struct xb_case c = make_case("alltoall", XB_PAIRS_CLASSES, "gpu->gpu@node", 0);
    struct xb_schedule schedule;
    struct xb_error err = {""};
    int n = 0;

    xb_schedule_open(&c, &p.job, &schedule, NULL);
    is_int(xb_schedule_walk(&schedule, 0, count_lane, &n, &err), -1, "a walk that is ended");
    is_int(n, 5, "goes no further");
    n = 5;
    is_int(xb_schedule_walk(&schedule, 0, count_lane, &n, &err), 0, "another one");
    is_int(n, 5 + 112, "sees every lane");
    xb_schedule_close(&schedule);
    close_job(&p);
}

/* Questions about what joins two ranks, for a walk through all rounds of 256 ranks and of
 * 1,024, on one node or on nodes of 8. */
static long questions(const struct xb_case *c, int nranks, int per_node)
{
    struct place p = open_job(nranks, per_node, true);
    size_t lanes, chains, first;

    asked = 0;
    walk(c, &p.job, &lanes, &chains, &first);
    close_job(&p);
    return asked;
}

static void test_law(void)
{
    static const struct {
        const char *name, *pattern, *path;
        enum xb_pairs_kind pairs;
        enum xb_contention contention;
        int per_node;
        double most; /* times as many of four times the ranks */
    } rows[] = {
        {"pairs in rounds, on nodes of 8", "stream", "gpu->gpu@node", XB_PAIRS_ROUNDS,
         XB_CONTENTION_NONE, 8, 4.1},
        {"the pairs of classes, on one node", "stream", "gpu->gpu@node", XB_PAIRS_CLASSES,
         XB_CONTENTION_NONE, 1024, 4.1},
        {"each cut of one node", "bisection", "gpu->gpu@node", XB_PAIRS_CLASSES,
         XB_CONTENTION_NONE, 1024, 4.1},
        {"each lane alone, then all", "ring", "gpu->gpu@node", XB_PAIRS_CLASSES,
         XB_CONTENTION_ALL, 8, 4.1},
        {"each of one to all others alone", "fan-out", "gpu->gpu@remote", XB_PAIRS_CLASSES,
         XB_CONTENTION_ALL, 8, 16.5},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct xb_case c =
            make_case(rows[i].pattern, rows[i].pairs, rows[i].path, rows[i].contention);
        long few = questions(&c, 256, rows[i].per_node),
             many = questions(&c, 1024, rows[i].per_node);
        printf("# 256 ranks: %ld questions, 1024: %ld\n", few, many);
        ok(few > 0 && (double)many <= rows[i].most * (double)few, rows[i].name);
    }
}

/* The estimate of pairs in rounds asks of each lane twice: for the first round's shape, for
 * memory; and opens the schedule both times. */
static void test_estimate(void)
{
    static const char text[] =
        "{\"name\": \"t\", \"cases\": [{\"pairs\": \"rounds\", \"paths\": "
        "[\"gpu->gpu@node\"], \"sizes\": \"1MiB\", \"methods\": [\"mpi\"]}]}";
    struct place p = open_job(4096, PER_GPU, true);
    struct xb_scenario scenario;
    struct xb_plan plan;
    struct xb_estimate estimate = {.cases = 0};

    is_int(xb_scenario_parse("t.json", text, NULL, &fixture_catalog, &scenario, NULL), 0,
           "a scenario");
    xb_plan_expand(&scenario, &plan, NULL);
    asked = 0;
    is_int(xb_estimate_plan(&plan, &scenario.sampling, &p.job, false, &estimate, NULL), 0,
           "on 4096 ranks");
    is_int((long long)estimate.cases, 1, "has lanes");
    printf("# %ld questions\n", asked);
    ok(asked > 0 && asked <= 2 * 4096 * PER_GPU,
       "and twice as many questions as lanes, at most");
    xb_plan_release(&plan);
    xb_scenario_release(&scenario);
    close_job(&p);
}

int main(void)
{
    test_counts();
    test_walk();
    test_law();
    test_estimate();
    return done_testing();
}
