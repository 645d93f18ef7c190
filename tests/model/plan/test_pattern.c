/* test_pattern.c - which ranks each pattern picks, in jobs of several shapes. */
#include "model/plan/pattern.h"

#include "tests/tap.h"

#define MAX_RANKS 8

struct row {
    const char *name;
    const char *pattern, *path;
    int nranks;
    int nodes[MAX_RANKS];
    const char *lanes;  /* "chain.step SRC_RANK>DST_RANK PATH; ..." */
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
     "0.0 0>3 gpu->host@node; 1.0 1>4 gpu->host@node; 2.0 5>6 gpu->host@node; ",
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
    {"it is not of the ranks of one node among several",
     "collective",
     "gpu->gpu@node",
     3,
     {0, 0, 1},
     NULL,
     "a collective is of all ranks, which are on several nodes here; the path says node"},
    {"nor of several nodes where there is one",
     "collective",
     "gpu->gpu@remote",
     2,
     {0},
     NULL,
     "a collective is of all ranks, which are on one node here; the path says remote"},
    {"one rank has nobody",
     "collective",
     "gpu->gpu@node",
     1,
     {0},
     NULL,
     "needs 2 to 64 ranks; this job has 1"},
    {"one rank is no pairs",
     "pairs",
     "host->gpu",
     1,
     {0},
     NULL,
     "needs two ranks; this job has 1 rank on 1 node"},
};

static void lanes_text(const struct xb_lanes *lanes, char *buf, size_t len)
{
    size_t used = 0;

    buf[0] = '\0';
    for (size_t i = 0; i < lanes->count && used < len; i++) {
        const struct xb_lane *lane = &lanes->lane[i];
        char path[XB_PATH_LEN];
        used += (size_t)snprintf(buf + used, len - used, "%d.%d %d>%d %s; ", lane->chain,
                                 lane->step, lane->src_rank, lane->dst_rank,
                                 xb_path_format(&lane->path, path));
    }
}

static void test_lanes(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct xb_job job = {.nranks = row->nranks, .node_of_rank = row->nodes};
        struct xb_lanes lanes = {.count = 0};
        struct xb_error err = {""};
        struct xb_path path;
        char text[512];

        xb_path_parse(row->path, &path, &err);
        const struct xb_pattern *pattern = xb_pattern_find(row->pattern);
        is_int(pattern->lanes(&path, &job, &lanes, &err), row->lanes ? 0 : 1, row->name);
        lanes_text(&lanes, text, sizeof(text));
        is_str(text, row->lanes ? row->lanes : "", "the lanes");
        is_str(err.text, row->reason ? row->reason : "", "the reason");
    }
}

/* What does not fit in the lanes is a reason, and the last that fits does. */
static void test_many_pairs(void)
{
    static const int nodes[2 * XB_MAX_LANES + 2];
    static const struct {
        const char *path;
        int most;
    } kinds[] = {{"gpu->gpu", XB_MAX_LANES}, {"gpu->gpu@node", 2 * XB_MAX_LANES + 1}};
    const struct xb_pattern *pairs = xb_pattern_find("pairs");

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct xb_job job = {.nranks = kinds[i].most, .node_of_rank = nodes};
        struct xb_lanes lanes = {.count = 0};
        struct xb_error err = {""};
        struct xb_path path;

        xb_path_parse(kinds[i].path, &path, &err);
        is_int(pairs->lanes(&path, &job, &lanes, &err), 0, "as many pairs as there are lanes");
        is_int((long long)lanes.count, XB_MAX_LANES, "each has its lane");
        is_near(xb_lanes_concurrent(&lanes), XB_MAX_LANES, 0, "and its bytes count");
        job.nranks++;
        lanes.count = 0;
        is_int(pairs->lanes(&path, &job, &lanes, &err), 1, "one more");
        is_int((long long)lanes.count, 0, "leaves the lanes alone");
        contains(err.text, "takes at most 64 pairs of ranks; this job has ", "and says so");
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
        {"pairs", XB_METRIC_BANDWIDTH, 2, XB_SELF},
        {"collective", XB_METRIC_BANDWIDTH, 1, XB_NODE},
    };
    const size_t count = sizeof(patterns) / sizeof(patterns[0]);
    const struct xb_job two = {.nranks = 2, .node_of_rank = (const int[]){0, 0}};
    for (size_t i = 0; i < count; i++) {
        const struct xb_path path = {.src = {.kind = XB_HOST},
                                     .dst = {.kind = XB_GPU},
                                     .locality = patterns[i].locality};
        struct xb_lanes lanes = {.count = 0};
        is_str(xb_patterns[i]->name, patterns[i].name, "in the order of the table");
        ok(xb_pattern_find(patterns[i].name) == xb_patterns[i], "found by name");
        is_int(xb_patterns[i]->metric, patterns[i].metric, "its metric");
        ok(xb_patterns[i]->summary[0] != '\0', "it has a summary");
        xb_patterns[i]->lanes(&path, &two, &lanes, NULL);
        is_near(xb_lanes_concurrent(&lanes), patterns[i].concurrent, 0, "its concurrency");
        is_int(lanes.chains, lanes.lane[lanes.count - 1].chain + 1, "its chains are counted");
    }
    ok(xb_patterns[count] == NULL, "the table ends");
    ok(xb_pattern_find("streams") == NULL, "an unknown name is not found");
    ok(xb_pattern_find("") == NULL, "neither is an empty one");
}

int main(void)
{
    test_lanes();
    test_many_pairs();
    test_table();
    return done_testing();
}
