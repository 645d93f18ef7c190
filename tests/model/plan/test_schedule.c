/* SPDX-License-Identifier: BSD-3-Clause */
/* test_schedule.c - who transfers to whom, when: patterns over pairs, and those of the whole
 * job. */
#include "model/plan/schedule.h"

#include <stdlib.h>

#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

#define MAX_RANKS 8

struct row {
    const char *name;
    const char *pattern, *path; /* a pattern may be a short name */
    int nranks;
    int nodes[MAX_RANKS];
    const char *lanes;  /* "chain.step SRC_RANK>DST_RANK PATH; ..." of the only round */
    const char *reason; /* when there are none */
};

static const struct row rows[] = {
    {"one rank with itself", "stream", "host->gpu", 1, {0}, "0.0 0>0 host->gpu@self; ", NULL},
    {"rank 0 of many", "stream", "gpu->gpu+1", 3, {0, 0, 1}, "0.0 0>0 gpu->gpu+1@self; ", NULL},
    {"two ranks of a node",
     "stream",
     "gpu->host@node",
     2,
     {0, 0},
     "0.0 0>1 gpu->host@node; ",
     NULL},
    {"the lowest pair of a node",
     "stream",
     "gpu->gpu@node",
     4,
     {0, 1, 1, 0},
     "0.0 0>3 gpu->gpu@node; ",
     NULL},
    {"the only node with a pair",
     "stream",
     "gpu->gpu@node",
     4,
     {0, 1, 2, 2},
     "0.0 2>3 gpu->gpu@node; ",
     NULL},
    {"two nodes",
     "stream",
     "gpu->gpu@remote",
     4,
     {0, 0, 1, 1},
     "0.0 0>2 gpu->gpu@remote; ",
     NULL},
    {"both ways within a rank",
     "bidirectional",
     "host->gpu",
     1,
     {0},
     "0.0 0>0 host->gpu@self; 1.0 0>0 gpu->host@self; ",
     NULL},
    {"both ways between ranks",
     "bidirectional",
     "host->gpu@node",
     2,
     {0, 0},
     "0.0 0>1 host->gpu@node; 1.0 1>0 gpu->host@node; ",
     NULL},
    {"there and back",
     "pingpong",
     "gpu->gpu@remote",
     3,
     {0, 0, 1},
     "0.0 0>2 gpu->gpu@remote; 0.1 2>0 gpu->gpu@remote; ",
     NULL},
    {"there and back, unlike ends",
     "pingpong",
     "gpu->host@node",
     2,
     {0, 0},
     "0.0 0>1 gpu->host@node; 0.1 1>0 host->gpu@node; ",
     NULL},
    {"one rank has no pair",
     "stream",
     "gpu->gpu@node",
     1,
     {0},
     NULL,
     "needs two ranks on one node; this job has 1 rank on 1 node"},
    {"one rank on each node",
     "bidirectional",
     "gpu->gpu@node",
     2,
     {0, 1},
     NULL,
     "needs two ranks on one node; this job has 2 ranks on 2 nodes"},
    {"one node",
     "pingpong",
     "gpu->gpu@remote",
     8,
     {0},
     NULL,
     "needs two ranks on two nodes; this job has 8 ranks on 1 node"},
    {"pairs of a node, the odd one idle",
     "pairs",
     "gpu->gpu@node",
     5,
     {0},
     "0.0 0>1 gpu->gpu@node; 1.0 2>3 gpu->gpu@node; ",
     NULL},
    {"pairs of ranks that are dealt out to two nodes, and one node too small",
     "pairs",
     "gpu->host@node",
     7,
     {0, 1, 2, 0, 1, 0, 0},
     "0.0 0>3 gpu->host@node; 1.0 5>6 gpu->host@node; 2.0 1>4 gpu->host@node; ",
     NULL},
    {"pairs across two nodes",
     "pairs",
     "gpu->gpu@remote",
     6,
     {0, 0, 0, 1, 1, 1},
     "0.0 0>3 gpu->gpu@remote; 1.0 1>4 gpu->gpu@remote; 2.0 2>5 gpu->gpu@remote; ",
     NULL},
    {"pairs across paired nodes, the third idle, ranks dealt out",
     "pairs",
     "host->gpu@remote",
     7,
     {0, 1, 2, 0, 1, 2, 0},
     "0.0 0>1 host->gpu@remote; 1.0 3>4 host->gpu@remote; ",
     NULL},
    {"pairs across four nodes",
     "pairs",
     "gpu->gpu@remote",
     4,
     {0, 1, 2, 3},
     "0.0 0>1 gpu->gpu@remote; 1.0 2>3 gpu->gpu@remote; ",
     NULL},
    {"every rank with itself",
     "pairs",
     "gpu->gpu+1",
     3,
     {0, 0, 1},
     "0.0 0>0 gpu->gpu+1@self; 1.0 1>1 gpu->gpu+1@self; 2.0 2>2 gpu->gpu+1@self; ",
     NULL},
    {"one pair is a stream",
     "pairs",
     "gpu->gpu@node",
     5,
     {0, 0, 0, 1, 2},
     NULL,
     "needs two pairs of ranks that share a node; this job has 5 ranks on 3 nodes"},
    {"one pair of nodes with a rank each",
     "pairs",
     "gpu->gpu@remote",
     4,
     {0, 1, 1, 2},
     NULL,
     "needs two pairs of ranks on paired nodes; this job has 4 ranks on 3 nodes"},
    {"a collective is a ring of all ranks",
     "collective",
     "gpu->gpu@node",
     3,
     {0},
     "0.0 0>1 gpu->gpu@node; 1.0 1>2 gpu->gpu@node; 2.0 2>0 gpu->gpu@node; ",
     NULL},
    {"across nodes too",
     "collective",
     "gpu->gpu@remote",
     2,
     {0, 1},
     "0.0 0>1 gpu->gpu@remote; 1.0 1>0 gpu->gpu@remote; ",
     NULL},
    {"or one of each node, if all have as many",
     "collective",
     "gpu->gpu@node",
     3,
     {0, 0, 1},
     NULL,
     "needs as many ranks on each node; this job has 1 to 2"},
    {"it is not of several nodes where there is one",
     "collective",
     "gpu->gpu@remote",
     2,
     {0},
     NULL,
     "needs two ranks on two nodes; this job has 2 ranks on 1 node"},
    {"one rank has nobody",
     "collective",
     "gpu->gpu@node",
     1,
     {0},
     NULL,
     "needs two ranks on one node; this job has 1 rank on 1 node"},
    {"one rank is no pairs",
     "pairs",
     "host->gpu",
     1,
     {0},
     NULL,
     "needs two ranks; this job has 1 rank on 1 node"},
};

/* Pairs that are busy side by side or in turn; rounds are told apart by a bar. */
static const struct {
    const char *name, *pattern, *path;
    enum xb_pairs_kind kind;
    int nranks;
    int nodes[MAX_RANKS];
    const char *lanes;
} over_pairs[] = {
    {"a stream in rounds",
     "stream",
     "gpu->gpu@node",
     XB_PAIRS_ROUNDS,
     3,
     {0},
     "0.0 1>2 gpu->gpu@node; | 0.0 2>1 gpu->gpu@node; | 0.0 2>0 gpu->gpu@node; | "
     "0.0 0>2 gpu->gpu@node; | 0.0 0>1 gpu->gpu@node; | 0.0 1>0 gpu->gpu@node; "},
    {"both ways of several pairs: two chains each",
     "bidirectional",
     "host->gpu@node",
     XB_PAIRS_TOGETHER,
     4,
     {0},
     "0.0 0>1 host->gpu@node; 1.0 1>0 gpu->host@node; "
     "2.0 2>3 host->gpu@node; 3.0 3>2 gpu->host@node; "},
    {"there and back of several pairs: a chain each",
     "pingpong",
     "host->gpu@remote",
     XB_PAIRS_TOGETHER,
     4,
     {0, 0, 1, 1},
     "0.0 0>2 host->gpu@remote; 0.1 2>0 gpu->host@remote; "
     "1.0 1>3 host->gpu@remote; 1.1 3>1 gpu->host@remote; "},
    {"chains count from 0 in every round",
     "pingpong",
     "gpu->gpu@remote",
     XB_PAIRS_ROUNDS,
     4,
     {0, 1, 0, 1},
     "0.0 1>0 gpu->gpu@remote; 0.1 0>1 gpu->gpu@remote; "
     "1.0 3>2 gpu->gpu@remote; 1.1 2>3 gpu->gpu@remote; | "
     "0.0 0>1 gpu->gpu@remote; 0.1 1>0 gpu->gpu@remote; "
     "1.0 2>3 gpu->gpu@remote; 1.1 3>2 gpu->gpu@remote; | "
     "0.0 1>2 gpu->gpu@remote; 0.1 2>1 gpu->gpu@remote; "
     "1.0 3>0 gpu->gpu@remote; 1.1 0>3 gpu->gpu@remote; | "
     "0.0 2>1 gpu->gpu@remote; 0.1 1>2 gpu->gpu@remote; "
     "1.0 0>3 gpu->gpu@remote; 1.1 3>0 gpu->gpu@remote; "},
    {"both ways of each pair",
     "bidirectional",
     "gpu->gpu@node",
     XB_PAIRS_EACH,
     2,
     {0},
     "0.0 0>1 gpu->gpu@node; 1.0 1>0 gpu->gpu@node; | "
     "0.0 1>0 gpu->gpu@node; 1.0 0>1 gpu->gpu@node; "},
    {"within a rank",
     "pingpong",
     "host->gpu",
     XB_PAIRS_ROUNDS,
     2,
     {0},
     "0.0 0>0 host->gpu@self; 0.1 0>0 gpu->host@self; "
     "1.0 1>1 host->gpu@self; 1.1 1>1 gpu->host@self; "},
};

/* The rounds in words; what a round says of itself must be so. */
static void write_rounds(const struct xb_schedule *schedule, char *buf, size_t len)
{
    struct xb_round round = {0};
    size_t used = 0;
    bool right = true;

    buf[0] = '\0';
    for (size_t r = 0; r < schedule->rounds; r++) {
        if (xb_schedule_round(schedule, r, &round, NULL) < 0)
            break;
        used += (size_t)snprintf(buf + used, len - used, "%s", r > 0 ? "| " : "");
        int chain = 0;
        for (size_t i = 0; i < round.count && used < len; i++) {
            const struct xb_lane *lane = &round.lane[i];
            char path[XB_PATH_LEN];
            used += (size_t)snprintf(buf + used, len - used, "%d.%d %d>%d %s; ", lane->chain,
                                     lane->step, lane->src_rank, lane->dst_rank,
                                     xb_path_format(&lane->path, path));
            right = right && lane->round == (int)r;
            chain = lane->chain > chain ? lane->chain : chain;
        }
        right = right && round.chains == chain + 1;
    }
    ok(right, "lanes know their round, and a round its chains");
    xb_round_release(&round);
}

/* What a row asks for, with the pairs of its short name or else these. */
static int open_row(const char *pattern_name, const char *path_text, enum xb_pairs_kind kind,
                    const struct xb_job *job, struct xb_schedule *out, struct xb_error *err)
{
    static struct xb_traffic_lane lane = {0, 1, 0};
    static const struct xb_traffic traffic = {&lane, 1, 0};
    struct xb_pairs pairs = {.kind = kind};
    const struct xb_pairs *meant;
    struct xb_path path;

    xb_path_parse(path_text, &path, err);
    const struct xb_pattern *pattern = xb_pattern_find(pattern_name, &meant);
    const struct xb_case c = {.pattern = pattern,
                              .path = path,
                              .pairs = meant ? *meant : pairs,
                              .traffic = pattern->of_traffic ? &traffic : NULL};
    return xb_schedule_open(&c, job, out, err);
}

static void test_lanes(void)
{
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct row *row = &rows[i];
        struct xb_job job = {.nranks = row->nranks, .node_of_rank = row->nodes};
        struct xb_schedule schedule;
        struct xb_error err = {""};
        char text[512] = "";

        int rc = open_row(row->pattern, row->path, XB_PAIRS_FIRST, &job, &schedule, &err);
        is_int(rc, row->lanes ? 0 : 1, row->name);
        if (rc == 0) {
            write_rounds(&schedule, text, sizeof text);
            is_int((long long)schedule.rounds, 1, "one round");
            xb_schedule_close(&schedule);
        }
        is_str(text, row->lanes ? row->lanes : "", "the lanes");
        is_str(err.text, row->reason ? row->reason : "", "the reason");
    }
}

static void test_over_pairs(void)
{
    for (size_t i = 0; i < ROWS(over_pairs); i++) {
        struct xb_job job = {.nranks = over_pairs[i].nranks,
                             .node_of_rank = over_pairs[i].nodes};
        struct xb_schedule schedule;
        struct xb_error err = {""};
        char text[1024];

        is_int(open_row(over_pairs[i].pattern, over_pairs[i].path, over_pairs[i].kind, &job,
                        &schedule, &err),
               0, over_pairs[i].name);
        write_rounds(&schedule, text, sizeof text);
        is_str(text, over_pairs[i].lanes, "its rounds");
        xb_schedule_close(&schedule);
    }
}

/* Of as many pairs as there are, each has its lane. */
static void test_many_pairs(void)
{
    static const int nodes[1001];
    static const struct {
        const char *path;
        int lanes;
    } kinds[] = {{"gpu->gpu", 1001}, {"gpu->gpu@node", 500}};
    const struct xb_job job = {.nranks = 1001, .node_of_rank = nodes};

    for (size_t i = 0; i < ROWS(kinds); i++) {
        struct xb_schedule schedule;
        struct xb_round round = {0};
        is_int(open_row("pairs", kinds[i].path, XB_PAIRS_CLASSES, &job, &schedule, NULL), 0,
               "many pairs");
        is_int(xb_schedule_round(&schedule, 0, &round, NULL), 0, "in one round");
        is_int((long long)round.count, kinds[i].lanes, "each has its lane");
        is_near(xb_round_concurrent(&schedule, &round), kinds[i].lanes, 0,
                "and its bytes count");
        is_int(xb_schedule_round(&schedule, 0, &round, NULL), 0, "the round again");
        is_int((long long)round.count, kinds[i].lanes, "replaces what was there");
        xb_round_release(&round);
        ok(!round.lane && round.count == 0, "a round that is released is empty");
        xb_schedule_close(&schedule);
    }
}

static int link_of(const void *machine, const struct xb_path *path, int src, int dst)
{
    (void)machine;
    return 10 * src + dst + (path->src.kind == XB_HOST ? 100 : 0);
}

/* The way back has the class of the way there: it is one link. */
static void test_link_classes(void)
{
    static const int nodes[] = {0, 0};
    static const struct {
        const char *pattern;
        int classes[2];
    } patterns[] = {
        {"bidirectional", {101, 101}}, {"pingpong", {101, 101}}, {"collective", {101, 110}}};
    const struct xb_job job = {.nranks = 2, .node_of_rank = nodes, .link = link_of};

    for (size_t i = 0; i < ROWS(patterns); i++) {
        struct xb_schedule schedule;
        struct xb_round round = {0};
        open_row(patterns[i].pattern, "host->gpu@node", XB_PAIRS_FIRST, &job, &schedule, NULL);
        xb_schedule_round(&schedule, 0, &round, NULL);
        for (size_t k = 0; k < 2; k++)
            is_int(round.lane[k].link_class, patterns[i].classes[k], patterns[i].pattern);
        xb_round_release(&round);
        xb_schedule_close(&schedule);
    }
}

static void test_table(void)
{
    static const struct {
        const char *name;
        enum xb_metric metric;
        int concurrent;
        enum xb_locality locality;
    } patterns[] = {
        {"stream", XB_METRIC_BANDWIDTH, 1, XB_SELF},
        {"bidirectional", XB_METRIC_BANDWIDTH, 2, XB_SELF},
        {"pingpong", XB_METRIC_LATENCY, 1, XB_SELF},
        {"ring", XB_METRIC_BANDWIDTH, 2, XB_NODE},
        {"fan-in", XB_METRIC_BANDWIDTH, 1, XB_NODE},
        {"fan-out", XB_METRIC_BANDWIDTH, 1, XB_NODE},
        {"bisection", XB_METRIC_BANDWIDTH, 1, XB_NODE},
        {"alltoall", XB_METRIC_BANDWIDTH, 2, XB_NODE},
        {"neighbour", XB_METRIC_BANDWIDTH, 1, XB_NODE},
        {"collective", XB_METRIC_BANDWIDTH, 1, XB_NODE},
        {"collective-places", XB_METRIC_BANDWIDTH, 1, XB_REMOTE},
    };
    static const char *const paths[] = {"host->gpu@self", "host->gpu@node", "host->gpu@remote"};
    const struct xb_job two = {.nranks = 2, .node_of_rank = (const int[]){0, 0}};
    const struct xb_pairs *pairs = &(const struct xb_pairs){.kind = XB_PAIRS_LIST};

    for (size_t i = 0; i < ROWS(patterns); i++) {
        struct xb_schedule schedule;
        struct xb_round round = {0};
        is_str(xb_patterns[i]->name, patterns[i].name, "in the order of the table");
        ok(xb_pattern_find(patterns[i].name, NULL) == xb_patterns[i], "found by name");
        ok(xb_pattern_find(patterns[i].name, &pairs) == xb_patterns[i], "also with its pairs");
        ok(pairs == NULL, "of which the name says nothing");
        is_int(xb_patterns[i]->metric, patterns[i].metric, "its metric");
        ok(xb_patterns[i]->summary[0] != '\0', "it has a summary");
        open_row(patterns[i].name, paths[patterns[i].locality], XB_PAIRS_FIRST, &two, &schedule,
                 NULL);
        xb_schedule_round(&schedule, 0, &round, NULL);
        is_near(xb_round_concurrent(&schedule, &round), patterns[i].concurrent, 0,
                "its concurrency");
        xb_round_release(&round);
        xb_schedule_close(&schedule);
    }
    ok(xb_patterns[ROWS(patterns)] == NULL, "the table ends");
    ok(xb_pattern_find("streams", &pairs) == NULL, "an unknown name is not found");
    ok(xb_pattern_find("", NULL) == NULL, "neither is an empty one");
}

static void test_short_names(void)
{
    static const struct {
        const char *name, *pattern;
        enum xb_pairs_kind kind;
    } names[] = {{"matrix", "stream", XB_PAIRS_EACH}, {"pairs", "stream", XB_PAIRS_TOGETHER}};

    for (size_t i = 0; i < ROWS(names); i++) {
        const struct xb_pairs *pairs = NULL;
        const struct xb_pattern *pattern = xb_pattern_find(names[i].name, &pairs);
        is_str(pattern ? pattern->name : NULL, names[i].pattern, names[i].name);
        ok(pairs && pairs->kind == names[i].kind, "with its pairs");
        ok(xb_pattern_find(names[i].name, NULL) == NULL,
           "is nothing to who does not take its pairs");
    }
}

int main(void)
{
    test_lanes();
    test_over_pairs();
    test_many_pairs();
    test_link_classes();
    test_table();
    test_short_names();
    return done_testing();
}
