/* SPDX-License-Identifier: BSD-3-Clause */
/* test_job_patterns.c - patterns of the whole job: who is busy in which round. */
#include "model/plan/collective_op.h"
#include "model/plan/schedule.h"

#include <stdlib.h>

#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

#define MAX_RANKS 8

static const struct row {
    const char *name, *pattern, *path;
    int nranks;
    int nodes[MAX_RANKS];
    const char *lanes;  /* "SRC_RANK>DST_RANK ...", rounds are told apart by a bar */
    const char *reason; /* when there are none */
} rows[] = {
    {"a ring on each node, all at the same time",
     "ring",
     "gpu->host@node",
     6,
     {0, 1, 2, 0, 1, 0},
     "0>3 3>5 5>0 1>4 4>1 ",
     NULL},
    {"a ring of nodes for each place that several have",
     "ring",
     "gpu->gpu@remote",
     6,
     {0, 0, 1, 2, 2, 2},
     "0>2 1>4 2>3 3>0 4>1 ",
     NULL},
    {"one rank on each node is no ring within nodes",
     "ring",
     "gpu->gpu@node",
     2,
     {0, 1},
     "",
     "needs two ranks on one node; this job has 2 ranks on 2 nodes"},
    {"nor is one rank with itself",
     "ring",
     "host->gpu",
     2,
     {0},
     "",
     "the pattern is of several ranks; the path says self, expected node or remote"},
    {"every rank to every other, first to the next one",
     "alltoall",
     "gpu->gpu@node",
     3,
     {0},
     "0>1 1>2 2>0 0>2 1>0 2>1 ",
     NULL},
    {"to every one of another node",
     "alltoall",
     "gpu->gpu@remote",
     3,
     {0, 1, 0},
     "0>1 1>2 1>0 2>1 ",
     NULL},
    {"one node has nobody elsewhere",
     "fan-in",
     "gpu->gpu@remote",
     3,
     {0},
     "",
     "needs two ranks on two nodes; this job has 3 ranks on 1 node"},
    {"each rank is once the one that all send to",
     "fan-in",
     "gpu->gpu@node",
     4,
     {0},
     "1>0 2>0 3>0 | 2>1 3>1 0>1 | 3>2 0>2 1>2 | 0>3 1>3 2>3 ",
     NULL},
    {"on all nodes at the same time, also where one has fewer ranks",
     "fan-in",
     "gpu->gpu@node",
     6,
     {0, 1, 0, 2, 1, 0},
     "2>0 5>0 4>1 | 5>2 0>2 1>4 | 0>5 2>5 ",
     NULL},
    {"between nodes from all ranks of other nodes",
     "fan-in",
     "gpu->gpu@remote",
     4,
     {0, 1, 1, 0},
     "1>0 2>0 | 3>1 0>1 | 3>2 0>2 | 1>3 2>3 ",
     NULL},
    {"the other way round",
     "fan-out",
     "gpu->gpu@node",
     3,
     {0},
     "0>1 0>2 | 1>2 1>0 | 2>0 2>1 ",
     NULL},
    {"two halves of two ranks", "bisection", "gpu->gpu@node", 2, {0}, "0>1 | 1>0 ", NULL},
    {"three ranks: one alone on a side",
     "bisection",
     "gpu->gpu@node",
     3,
     {0},
     "0>1 | 1>0 | 1>0 | 0>1 | 2>0 | 0>2 ",
     NULL},
    {"four ranks have three cuts",
     "bisection",
     "gpu->gpu@node",
     4,
     {0},
     "0>2 1>3 | 2>0 3>1 | 0>1 2>3 | 1>0 3>2 | 1>0 2>3 | 0>1 3>2 ",
     NULL},
    {"nodes are cut apart as a whole",
     "bisection",
     "gpu->gpu@remote",
     5,
     {0, 1, 0, 1, 1},
     "0>1 2>3 | 1>0 3>2 ",
     NULL},
    {"each node is cut by itself",
     "bisection",
     "gpu->gpu@node",
     5,
     {0, 1, 0, 1, 1},
     "0>2 1>3 | 2>0 3>1 | 3>1 | 1>3 | 4>1 | 1>4 ",
     NULL},
    {"a collective on each node",
     "collective",
     "gpu->gpu@node",
     4,
     {0, 1, 0, 1},
     "0>2 2>0 1>3 3>1 ",
     NULL},
    {"of all ranks",
     "collective",
     "gpu->gpu@remote",
     4,
     {0, 1, 0, 1},
     "0>1 1>2 2>3 3>0 ",
     NULL},
    {"of the first ranks of all nodes, and of the second ones",
     "collective-places",
     "gpu->gpu@remote",
     6,
     {0, 1, 1, 2, 2, 0},
     "0>1 1>3 3>0 5>2 2>4 4>5 ",
     NULL},
    {"a place that not all nodes have is none",
     "collective-places",
     "gpu->gpu@remote",
     5,
     {0, 0, 1, 1, 1},
     "0>2 2>0 1>3 3>1 ",
     NULL},
    {"places are of several nodes",
     "collective-places",
     "gpu->gpu@node",
     2,
     {0},
     "",
     "places are of several nodes; the path says node"},
    {"which a job on one node has not",
     "collective-places",
     "gpu->gpu@remote",
     2,
     {0},
     "",
     "needs two ranks on two nodes; this job has 2 ranks on 1 node"},
};

static int open_schedule(const char *pattern, const char *path, const struct xb_job *job,
                         struct xb_schedule *out, struct xb_error *err)
{
    struct xb_case c = {.pattern = xb_pattern_find(pattern, NULL)};

    xb_path_parse(path, &c.path, err);
    return xb_schedule_open(&c, job, out, err);
}

static void test_rows(void)
{
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct row *row = &rows[i];
        struct xb_job job = {.nranks = row->nranks, .node_of_rank = row->nodes};
        struct xb_schedule schedule;
        struct xb_round round = {0};
        struct xb_error err = {""};
        char text[1024] = "";
        size_t used = 0;
        bool right = true;

        int rc = open_schedule(row->pattern, row->path, &job, &schedule, &err);
        is_int(rc, row->reason ? 1 : 0, row->name);
        is_str(err.text, row->reason ? row->reason : "", "the reason");
        for (size_t r = 0; rc == 0 && r < schedule.rounds; r++) {
            xb_schedule_round(&schedule, r, &round, NULL);
            used += (size_t)snprintf(text + used, sizeof text - used, r > 0 ? "| " : "");
            for (size_t l = 0; l < round.count; l++) {
                const struct xb_lane *lane = &round.lane[l];
                used += (size_t)snprintf(text + used, sizeof text - used, "%d>%d ",
                                         lane->src_rank, lane->dst_rank);
                right =
                    right && lane->chain == (int)l && lane->step == 0 && lane->round == (int)r;
            }
        }
        is_str(text, row->lanes, "its rounds");
        ok(right, "each lane is a chain of its own");
        xb_round_release(&round);
        if (rc == 0)
            xb_schedule_close(&schedule);
    }
}

/* ---- bisection of many ---- */

/* Nodes of one rank each: the lanes of a round say which nodes are on which side. */
static void test_many_cuts(void)
{
    static const struct {
        int nodes;
        size_t rounds;
    } cuts[] = {{5, 20}, {6, 20}, {7, 70}, {8, 70}, {9, 18}, {16, 22}, {64, 74}, {4096, 4118}};

    for (size_t i = 0; i < ROWS(cuts); i++) {
        const int n = cuts[i].nodes;
        int *node = calloc((size_t)n, sizeof *node);
        struct xb_schedule schedule;
        struct xb_round round = {0};
        bool halves = true, neighbours = false;

        for (int r = 0; r < n; r++)
            node[r] = r;
        const struct xb_job job = {.nranks = n, .node_of_rank = node};
        open_schedule("bisection", "gpu->gpu@remote", &job, &schedule, NULL);
        is_int((long long)schedule.rounds, (long long)cuts[i].rounds, "rounds of cuts");
        for (size_t r = 0; r<schedule.rounds; r += schedule.rounds> 100 ? 97 : 1) {
            bool lower = true;
            xb_schedule_round(&schedule, r, &round, NULL);
            halves = halves && (int)round.count == n / 2;
            for (size_t l = 0; l < round.count; l++)
                lower = lower && round.lane[l].src_rank < n / 2;
            neighbours = neighbours || lower;
        }
        ok(halves, "as many lanes as half has nodes");
        ok(neighbours, "the first half to the second is one of them");
        xb_round_release(&round);
        xb_schedule_close(&schedule);
        free(node);
    }
}

/* Ranks 0 and 2, and 1 and 3, are below a switch; the switches are farther apart. */
static int two_switches(const void *machine, const struct xb_path *path, int src, int dst)
{
    (void)machine;
    (void)path;
    return src % 2 == dst % 2 ? 3 : 5;
}

static void test_cut_by_switch(void)
{
    static const int nodes[4];
    const struct xb_job job = {.nranks = 4, .node_of_rank = nodes, .link = two_switches};
    struct xb_schedule schedule;
    struct xb_round round = {0};

    open_schedule("bisection", "gpu->gpu@node", &job, &schedule, NULL);
    is_int((long long)schedule.rounds, 2, "ranks below one switch stay together");
    xb_schedule_round(&schedule, 0, &round, NULL);
    is_int((long long)round.count, 2, "so two lanes cross");
    is_int(round.lane[0].src_rank * 1000 + round.lane[0].dst_rank * 100 +
               round.lane[1].src_rank * 10 + round.lane[1].dst_rank,
           123, "from switch to switch");
    xb_round_release(&round);
    xb_schedule_close(&schedule);
}

/* ---- groups of collectives ---- */

/* The lanes of a group stand together, and their bytes count once a group. */
static void test_groups(void)
{
    const struct xb_job job = {.nranks = 6, .node_of_rank = (const int[]){0, 1, 1, 2, 2, 0}};
    static const struct {
        const char *pattern, *path;
        int groups;
    } groups[] = {{"collective", "gpu->gpu@node", 3},
                  {"collective", "gpu->gpu@remote", 1},
                  {"collective-places", "gpu->gpu@remote", 2}};

    for (size_t i = 0; i < ROWS(groups); i++) {
        const int members = 6 / groups[i].groups;
        struct xb_schedule schedule;
        struct xb_round round = {0};
        bool good = true;

        open_schedule(groups[i].pattern, groups[i].path, &job, &schedule, NULL);
        xb_schedule_round(&schedule, 0, &round, NULL);
        for (size_t l = 0; l < round.count; l++)
            good = good && round.lane[l].members == members &&
                   round.lane[l].group == (int)l / members * members;
        ok(good && round.count == 6, "each lane knows its group");
        is_near(xb_round_concurrent(&schedule, &round), groups[i].groups, 0, "one a group");
        xb_round_release(&round);
        xb_schedule_close(&schedule);
    }
}

/* Sums are compared for 64 ranks at most; what is handed around, for any number. */
static void test_many_members(void)
{
    static const int one_node[130];
    static const char *const names[] = {XB_COLLECTIVE_NAMES NULL};
    static const struct xb_option table[] = {
        {.name = "transfer", .type = XB_OPTION_ENUM, .choices = names}, {0}};
    static const struct xb_method_spec method = {.options = table, .collective_option = table};
    struct xb_case c = {.pattern = xb_pattern_find("collective", NULL), .method = &method};

    xb_path_parse("gpu->gpu@node", &c.path, NULL);
    for (int n = 64; n <= 130; n += 33) {
        const struct xb_job job = {.nranks = n, .node_of_rank = one_node};
        struct xb_schedule schedule;
        struct xb_error err = {""};

        xb_option_set(&table[0], &c.options, XB_ALL_GATHER);
        is_int(xb_schedule_open(&c, &job, &schedule, &err), 0, "an all-gather");
        xb_schedule_close(&schedule);
        xb_option_set(&table[0], &c.options, XB_ALL_REDUCE);
        is_int(xb_schedule_open(&c, &job, &schedule, &err), n > 64, "an all-reduce");
        if (n > 64)
            contains(err.text, "sums of more than 64 ranks are not compared; here they are of ",
                     "which says why");
        else
            xb_schedule_close(&schedule);
    }
}

int main(void)
{
    test_rows();
    test_many_cuts();
    test_cut_by_switch();
    test_groups();
    test_many_members();
    return done_testing();
}
