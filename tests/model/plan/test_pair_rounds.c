/* SPDX-License-Identifier: BSD-3-Clause */
/* test_pair_rounds.c - which ranks are paired and who is busy at the same time in a few jobs,
 * or why nobody is. */
#include "model/plan/pair_rounds.h"

#include "tests/model/plan/pair_rounds_fixture.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* What ranks and their links are like, for the functions of a job. */
struct machine {
    int others[MOST_RANKS];
    int link[MOST_RANKS][MOST_RANKS];
};

static int others_of(const void *machine, int rank)
{
    return ((const struct machine *)machine)->others[rank];
}

/* Within a rank a GPU's number decides, else the two ranks. */
static int link_of(const void *machine, const struct xb_path *path, int src, int dst)
{
    const struct machine *m = machine;
    return src == dst ? path->dst.index + path->src.index : m->link[src][dst];
}

/* Ranks 0 and 1, 2 and 3 are near; 0 and 3 a little less; the rest far. */
static const struct machine plain = {
    .others = {3, 0, 1, 2},
    .link = {{0, 1, 5, 3}, {1, 0, 5, 5}, {5, 5, 0, 1}, {3, 5, 1, 0}},
};

struct row {
    const char *name, *path;
    enum xb_pairs_kind kind;
    int nranks;
    int nodes[MOST_RANKS];
    const char *rounds; /* "SRC>DST PATH; SRC>DST PATH | ..." without the locality */
    const char *reason; /* when there are none */
};

static const struct row rows[] = {
    {"all nodes at once, a smaller one is through earlier",
     "gpu->gpu@node",
     XB_PAIRS_ROUNDS,
     5,
     {0, 0, 1, 1, 1},
     "1>0 gpu->gpu; 3>4 gpu->gpu | 0>1 gpu->gpu; 4>3 gpu->gpu | 4>2 gpu->gpu | "
     "2>4 gpu->gpu | 2>3 gpu->gpu | 3>2 gpu->gpu",
     NULL},
    {"the first pair is that of the lowest node that has one",
     "gpu->host@node",
     XB_PAIRS_FIRST,
     4,
     {0, 1, 2, 2},
     "2>3 gpu->host",
     NULL},
    {"every other GPU of each rank, alone",
     "host->gpu+*",
     XB_PAIRS_EACH,
     4,
     {0, 0, 0, 0},
     "0>0 host->gpu+1 | 0>0 host->gpu+2 | 0>0 host->gpu+3 | 2>2 host->gpu+1 | "
     "3>3 host->gpu+1 | 3>3 host->gpu+2",
     NULL},
    {"from the rank's own to every other",
     "gpu->gpu+*",
     XB_PAIRS_EACH,
     1,
     {0},
     "0>0 gpu->gpu+1 | 0>0 gpu->gpu+2 | 0>0 gpu->gpu+3",
     NULL},
    {"between any two of the others, not to itself",
     "gpu+*->gpu+*",
     XB_PAIRS_EACH,
     1,
     {0},
     "0>0 gpu+1->gpu+2 | 0>0 gpu+1->gpu+3 | 0>0 gpu+2->gpu+1 | 0>0 gpu+2->gpu+3 | "
     "0>0 gpu+3->gpu+1 | 0>0 gpu+3->gpu+2",
     NULL},
    {"from every other to the second",
     "gpu+*->gpu+2",
     XB_PAIRS_EACH,
     1,
     {0},
     "0>0 gpu+1->gpu+2 | 0>0 gpu+3->gpu+2",
     NULL},
    {"the first of them",
     "host->gpu+*",
     XB_PAIRS_FIRST,
     4,
     {0, 0, 0, 0},
     "0>0 host->gpu+1",
     NULL},
    {"the first rank that has one",
     "host->gpu+*",
     XB_PAIRS_FIRST,
     4,
     {1, 0, 0, 0},
     "2>2 host->gpu+1",
     NULL},
    {"all at once within a rank",
     "gpu->gpu+*",
     XB_PAIRS_TOGETHER,
     3,
     {0, 0, 0},
     "0>0 gpu->gpu+1; 0>0 gpu->gpu+2; 0>0 gpu->gpu+3; 2>2 gpu->gpu+1",
     NULL},
    {"and in rounds, which are one there",
     "gpu->gpu+*",
     XB_PAIRS_ROUNDS,
     3,
     {0, 0, 0},
     "0>0 gpu->gpu+1; 0>0 gpu->gpu+2; 0>0 gpu->gpu+3; 2>2 gpu->gpu+1",
     NULL},
    {"one of each class within ranks",
     "gpu->gpu+*",
     XB_PAIRS_CLASSES,
     4,
     {0, 0, 0, 0},
     "0>0 gpu->gpu+1 | 0>0 gpu->gpu+2 | 0>0 gpu->gpu+3",
     NULL},
    {"one pair of each class between ranks",
     "gpu->gpu@node",
     XB_PAIRS_CLASSES,
     4,
     {0, 0, 0, 0},
     "0>1 gpu->gpu | 0>2 gpu->gpu | 0>3 gpu->gpu",
     NULL},
    {"of two nodes with two ranks each the near pair alone",
     "gpu->gpu@node",
     XB_PAIRS_CLASSES,
     4,
     {0, 0, 1, 1},
     "0>1 gpu->gpu",
     NULL},
    {"of ranks that are dealt out the far pair alone",
     "gpu->gpu@node",
     XB_PAIRS_CLASSES,
     4,
     {0, 1, 0, 1},
     "0>2 gpu->gpu",
     NULL},
    {"between nodes those from the lowest",
     "gpu->gpu@remote",
     XB_PAIRS_CLASSES,
     4,
     {0, 0, 1, 1},
     "0>2 gpu->gpu | 0>3 gpu->gpu",
     NULL},
    {"one rank of each node within a rank",
     "host->gpu",
     XB_PAIRS_CLASSES,
     4,
     {0, 1, 0, 1},
     "0>0 host->gpu; 1>1 host->gpu",
     NULL},
    {"no rank sees another GPU",
     "host->gpu+*",
     XB_PAIRS_EACH,
     1,
     {-1},
     NULL,
     "needs a rank that sees more GPUs than its own; this job has 1 rank on 1 node"},
    {"for no kind of pairs",
     "gpu->gpu+*",
     XB_PAIRS_CLASSES,
     1,
     {-1},
     NULL,
     "needs a rank that sees more GPUs than its own; this job has 1 rank on 1 node"},
    {"two of two others is one pair in each direction",
     "gpu+*->gpu+*",
     XB_PAIRS_EACH,
     1,
     {-2},
     NULL,
     "needs a rank that sees more GPUs than its own; this job has 1 rank on 1 node"},
    {"one rank",
     "gpu->gpu@node",
     XB_PAIRS_ROUNDS,
     1,
     {0},
     NULL,
     "needs two ranks on one node; this job has 1 rank on 1 node"},
    {"a rank on each node",
     "gpu->gpu@node",
     XB_PAIRS_EACH,
     3,
     {0, 1, 2},
     NULL,
     "needs two ranks on one node; this job has 3 ranks on 3 nodes"},
    {"one node",
     "gpu->gpu@remote",
     XB_PAIRS_ROUNDS,
     3,
     {0, 0, 0},
     NULL,
     "needs two ranks on two nodes; this job has 3 ranks on 1 node"},
};

struct text {
    char buf[2048];
    size_t used;
    bool first; /* of a round */
};

static int write_pair(void *arg, const struct xb_lane *pair)
{
    struct text *t = arg;
    char path[XB_PATH_LEN];

    xb_path_format(&pair->path, path);
    *strchr(path, '@') = '\0';
    t->used += (size_t)snprintf(t->buf + t->used, sizeof t->buf - t->used, "%s%d>%d %s",
                                t->first ? "" : "; ", pair->src_rank, pair->dst_rank, path);
    t->first = false;
    return 0;
}

static void write_rounds(const struct xb_pair_rounds *rounds, struct text *t)
{
    for (size_t i = 0; i < rounds->rounds; i++) {
        if (i > 0)
            t->used += (size_t)snprintf(t->buf + t->used, sizeof t->buf - t->used, " | ");
        t->first = true;
        xb_pair_rounds_walk(rounds, i, write_pair, t);
    }
}

/* A path in a job has these rounds, or none for this reason. */
static void check_pairs(const char *name, const char *path_text, const struct xb_pairs *pairs,
                        const struct xb_job *job, const char *want, const char *reason)
{
    struct xb_pair_rounds rounds;
    struct xb_error err = {""};
    struct text text = {.buf = ""};
    struct xb_path path;

    xb_path_parse(path_text, &path, NULL);
    int rc = xb_pair_rounds_open(&path, pairs, job, &rounds, &err);
    is_int(rc, want ? 0 : 1, name);
    if (rc == 0) {
        write_rounds(&rounds, &text);
        xb_pair_rounds_close(&rounds);
    }
    is_str(text.buf, want ? want : "", "the pairs");
    is_str(err.text, reason ? reason : "", "the reason");
}

static void test_rows(void)
{
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct row *row = &rows[i];
        struct machine machine = plain;
        int nodes[MOST_RANKS];
        const struct xb_job job = {.nranks = row->nranks,
                                   .node_of_rank = nodes,
                                   .machine = &machine,
                                   .others = others_of,
                                   .link = link_of};
        const struct xb_pairs pairs = {.kind = row->kind};

        memcpy(nodes, row->nodes, sizeof nodes);
        if (nodes[0] < 0) { /* so few GPUs less one */
            machine.others[0] = -nodes[0] - 1;
            nodes[0] = 0;
        }
        check_pairs(row->name, row->path, &pairs, &job, row->rounds, row->reason);
    }
}

/* A job that says nothing of its GPUs has no others. */
static void test_no_functions(void)
{
    static const int nodes[] = {0, 0};
    const struct xb_job job = {.nranks = 2, .node_of_rank = nodes};
    const struct xb_pairs pairs = {.kind = XB_PAIRS_EACH};
    struct xb_pair_rounds rounds;
    struct copy copy = {.count = 0};
    struct xb_error err = {""};
    struct xb_path path;

    xb_path_parse("gpu->gpu+*", &path, NULL);
    is_int(xb_pair_rounds_open(&path, &pairs, &job, &rounds, &err), 1, "no others");
    xb_path_parse("gpu->gpu@node", &path, NULL);
    is_int(xb_pair_rounds_open(&path, &pairs, &job, &rounds, &err), 0, "but pairs");
    xb_pair_rounds_walk(&rounds, 0, keep, &copy);
    is_int(copy.lane[0].link_class, XB_LINK_UNKNOWN, "that nobody knows the links of");
    xb_pair_rounds_close(&rounds);
}

static void test_lists(void)
{
    static int good[][2] = {{0, 3}, {2, 1}, {0, 3}}, node[][2] = {{0, 2}, {3, 1}},
               self[][2] = {{1, 1}}, mixed[][2] = {{0, 3}, {0, 2}}, one[][2] = {{0, 1}, {2, 2}},
               two[][2] = {{0, 1}}, large[][2] = {{0, 3}, {1, 4}}, larger[][2] = {{9, 9}};
    static const struct {
        const char *name, *path;
        int (*list)[2];
        size_t count;
        const char *rounds, *reason;
    } lists[] = {
        {"in the order of the list", "gpu->gpu@remote", good, 3,
         "0>3 gpu->gpu | 2>1 gpu->gpu | 0>3 gpu->gpu", NULL},
        {"of a node", "gpu->host@node", node, 2, "0>2 gpu->host | 3>1 gpu->host", NULL},
        {"of a rank", "host->gpu", self, 1, "1>1 host->gpu", NULL},
        {"on one node", "gpu->gpu@remote", mixed, 2, NULL,
         "pairs[1]: ranks 0 and 2 are on one node; the path says remote"},
        {"one rank", "gpu->gpu@remote", one, 2, NULL,
         "pairs[1]: ranks 2 and 2 are one rank; the path says remote"},
        {"on two nodes", "gpu->gpu@node", two, 1, NULL,
         "pairs[0]: ranks 0 and 1 are on two nodes; the path says node"},
        {"two ranks", "gpu->gpu", good, 3, NULL,
         "pairs[0]: ranks 0 and 3 are on two nodes; the path says self"},
        {"a rank too large", "gpu->gpu@remote", large, 2, NULL,
         "pairs[1] is of ranks 1 and 4; this job has ranks 0 to 3"},
        {"both too large", "gpu->gpu", larger, 1, NULL,
         "pairs[0] is of ranks 9 and 9; this job has ranks 0 to 3"},
    };
    static const int nodes[] = {0, 1, 0, 1};
    const struct xb_job job = {.nranks = 4, .node_of_rank = nodes};

    for (size_t i = 0; i < ROWS(lists); i++) {
        const struct xb_pairs pairs = {XB_PAIRS_LIST, lists[i].list, lists[i].count};
        check_pairs(lists[i].name, lists[i].path, &pairs, &job, lists[i].rounds,
                    lists[i].reason);
    }
}

int main(void)
{
    test_rows();
    test_no_functions();
    test_lists();
    return done_testing();
}
