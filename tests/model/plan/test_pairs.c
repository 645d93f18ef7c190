/* test_pairs.c - which ranks are paired and who is busy at the same time: properties that hold
 * in jobs of every shape, and what they come to in a few. */
#include "model/plan/pair_rounds.h"

#include <malloc.h>
#include <stdlib.h>

#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

#define MOST_RANKS  9
#define MOST_NODES  4
#define MOST_ROUNDS 256

static const char *const localities[] = {"gpu->gpu@self", "gpu->gpu@node", "gpu->gpu@remote"};

/* ---- jobs of every shape ---- */

enum placement { BLOCKS, CYCLIC, ONES_FIRST, ONES_LAST, PLACEMENTS };

static const char *const placement_names[] = {"blocks", "cyclic", "ones first", "ones last"};

struct shape {
    int nranks, nnodes;
    enum placement placement;
    int nodes[MOST_RANKS];
};

static int node_of(const struct shape *s, int rank)
{
    int rest = s->nranks - s->nnodes + 1; /* ranks of the one large node */

    switch (s->placement) {
    case BLOCKS:
        return rank * s->nnodes / s->nranks;
    case CYCLIC:
        return rank % s->nnodes;
    case ONES_FIRST:
        return rank < s->nnodes ? rank : s->nnodes - 1;
    case ONES_LAST:
        return rank < rest ? 0 : rank - rest + 1;
    case PLACEMENTS:
        break;
    }
    return 0;
}

/* The shape behind this one; false after the last. */
static bool next_shape(struct shape *s)
{
    if (s->nranks == 0)
        *s = (struct shape){.nranks = 1, .nnodes = 1};
    else if (++s->placement == PLACEMENTS) {
        s->placement = BLOCKS;
        if (++s->nnodes > MOST_NODES || s->nnodes > s->nranks) {
            s->nnodes = 1;
            s->nranks++;
        }
    }
    for (int r = 0; r < s->nranks && r < MOST_RANKS; r++)
        s->nodes[r] = node_of(s, r);
    return s->nranks <= MOST_RANKS;
}

static int node_size(const struct shape *s, int node)
{
    int n = 0;

    for (int r = 0; r < s->nranks; r++)
        n += s->nodes[r] == node;
    return n;
}

static int largest_node(const struct shape *s)
{
    int most = 0;

    for (int n = 0; n < s->nnodes; n++)
        most = node_size(s, n) > most ? node_size(s, n) : most;
    return most;
}

static bool is_pair(const struct shape *s, enum xb_locality locality, int a, int b)
{
    switch (locality) {
    case XB_SELF:
        return a == b;
    case XB_NODE:
        return a != b && s->nodes[a] == s->nodes[b];
    case XB_REMOTE:
        return s->nodes[a] != s->nodes[b];
    }
    return false;
}

static int count_pairs(const struct shape *s, enum xb_locality locality)
{
    int n = 0;

    for (int a = 0; a < s->nranks; a++)
        for (int b = 0; b < s->nranks; b++)
            n += is_pair(s, locality, a, b);
    return n;
}

/* ---- walking them ---- */

/* What was seen on a walk. */
struct walk {
    size_t rounds;
    int pairs;                             /* in all */
    int times[MOST_RANKS][MOST_RANKS];     /* a pair was seen */
    size_t round[MOST_RANKS][MOST_RANKS];  /* where it was last */
    bool wrong, crowded, unordered, empty; /* a pair of another locality; a rank that is in two
                                              pairs of a round; ranks not in order; a round of
                                              nobody */
    /* of the round that is being walked */
    size_t at;
    int here;
    bool busy[MOST_RANKS];
    int last; /* of the pair before, in any round: source * ranks + destination */
    const struct shape *shape;
    enum xb_locality locality;
};

static int see(void *arg, const struct xb_lane *pair)
{
    struct walk *w = arg;
    int a = pair->src_rank, b = pair->dst_rank, place = a * MOST_RANKS + b;

    w->wrong =
        w->wrong || pair->path.locality != w->locality || !is_pair(w->shape, w->locality, a, b);
    w->crowded = w->crowded || w->busy[a] || w->busy[b];
    w->busy[a] = w->busy[b] = true;
    w->unordered = w->unordered || place <= w->last;
    w->last = place;
    w->times[a][b]++;
    w->round[a][b] = w->at;
    w->pairs++;
    w->here++;
    return 0;
}

/* 0, or what opening answered. */
static int walk_all(const struct shape *s, enum xb_locality locality, enum xb_pairs_kind kind,
                    struct walk *out, struct xb_error *err)
{
    const struct xb_job job = {.nranks = s->nranks, .node_of_rank = s->nodes};
    const struct xb_pairs pairs = {.kind = kind};
    struct xb_pair_rounds rounds;
    struct xb_path path;

    *out = (struct walk){.shape = s, .locality = locality, .last = -1};
    xb_path_parse(localities[locality], &path, NULL);
    int rc = xb_pair_rounds_open(&path, &pairs, &job, &rounds, err);
    if (rc != 0)
        return rc;
    out->rounds = rounds.rounds;
    for (out->at = 0; out->at < rounds.rounds; out->at++) {
        memset(out->busy, 0, sizeof out->busy);
        out->here = 0;
        xb_pair_rounds_walk(&rounds, out->at, see, out);
        out->empty = out->empty || out->here == 0;
    }
    xb_pair_rounds_close(&rounds);
    return 0;
}

/* A check of all shapes: passes where `good` was true of every one, and names the first where
 * it was not. */
struct over_shapes {
    int failed, seen;
    char first[120];
};

static void also(struct over_shapes *all, bool good, const struct shape *s,
                 enum xb_locality locality, const char *what)
{
    all->seen++;
    if (!good && all->failed++ == 0)
        snprintf(all->first, sizeof all->first, "%s, %d ranks on %d nodes (%s), %s", what,
                 s->nranks, s->nnodes, placement_names[s->placement], localities[locality]);
}

static void all_good(const struct over_shapes *all, const char *name)
{
    if (!ok(all->seen > 0 && all->failed == 0, name))
        printf("# %d of %d, the first: %s\n", all->failed, all->seen, all->first);
}

static bool each_once(const struct walk *w)
{
    for (int a = 0; a < w->shape->nranks; a++)
        for (int b = 0; b < w->shape->nranks; b++)
            if (w->times[a][b] != is_pair(w->shape, w->locality, a, b))
                return false;
    return true;
}

static bool back_in_another(const struct walk *w)
{
    for (int a = 0; a < w->shape->nranks; a++)
        for (int b = 0; b < a; b++)
            if (w->times[a][b] && w->times[b][a] && w->round[a][b] == w->round[b][a])
                return false;
    return true;
}

static void test_each(void)
{
    struct over_shapes opens = {0}, all = {0}, alone = {0}, order = {0};

    for (int l = 0; l < XB_LOCALITIES; l++)
        for (struct shape s = {0}; next_shape(&s);) {
            enum xb_locality locality = (enum xb_locality)l;
            int want = count_pairs(&s, locality);
            struct xb_error err = {""};
            struct walk w;
            int rc = walk_all(&s, locality, XB_PAIRS_EACH, &w, &err);
            also(&opens, rc == (want ? 0 : 1), &s, locality, err.text);
            also(&all, each_once(&w) || want == 0, &s, locality, "pairs");
            also(&alone, w.rounds == (size_t)w.pairs && !w.empty, &s, locality, "rounds");
            also(&order, !w.unordered && !w.wrong, &s, locality, "order");
        }
    all_good(&opens, "each: there are rounds wherever there is a pair");
    all_good(&all, "each: every ordered pair of the locality is there once");
    all_good(&alone, "each: every pair is alone");
    all_good(&order, "each: by source, then destination");
}

static bool nodes_alike(const struct shape *s)
{
    return s->nranks == s->nnodes * largest_node(s);
}

/* The rounds that the circle method takes; between nodes that are not alike no more. */
static size_t rounds_wanted(const struct shape *s, enum xb_locality locality)
{
    size_t n = (size_t)largest_node(s), nodes = (size_t)s->nnodes;

    switch (locality) {
    case XB_SELF:
        return 1;
    case XB_NODE:
        return n % 2 ? 2 * n : 2 * (n - 1);
    case XB_REMOTE:
        return 2 * n * (nodes % 2 ? nodes : nodes - 1);
    }
    return 0;
}

static void test_rounds(void)
{
    struct over_shapes opens = {0}, all = {0}, disjoint = {0}, back = {0}, count = {0},
                       busy = {0};

    for (int l = 0; l < XB_LOCALITIES; l++)
        for (struct shape s = {0}; next_shape(&s);) {
            enum xb_locality locality = (enum xb_locality)l;
            int want = count_pairs(&s, locality);
            struct xb_error err = {""};
            struct walk w;
            int rc = walk_all(&s, locality, XB_PAIRS_ROUNDS, &w, &err);
            also(&opens, rc == (want ? 0 : 1), &s, locality, err.text);
            if (rc != 0)
                continue;
            also(&all, each_once(&w) && !w.wrong, &s, locality, "pairs");
            also(&disjoint, !w.crowded, &s, locality, "a rank is busy twice");
            also(&back, back_in_another(&w), &s, locality, "there and back at once");
            size_t most = rounds_wanted(&s, locality);
            bool exact = locality != XB_REMOTE || nodes_alike(&s);
            also(&count, exact ? w.rounds == most : w.rounds <= most, &s, locality, "rounds");
            also(&busy, !w.empty, &s, locality, "an empty round");
        }
    all_good(&opens, "rounds: there are some wherever there is a pair");
    all_good(&all, "rounds: every ordered pair of the locality is there once");
    all_good(&disjoint, "rounds: the pairs of one round are disjoint");
    all_good(&back, "rounds: a pair is there in one round and back in another");
    all_good(&count, "rounds: as many as the circle method takes");
    all_good(&busy, "rounds: somebody is busy in every one");
}

static int together_wanted(const struct shape *s, enum xb_locality locality)
{
    int n = 0;

    if (locality == XB_SELF)
        return s->nranks;
    for (int node = 0; node < s->nnodes; node++) {
        int mine = node_size(s, node), next = node + 1 < s->nnodes ? node_size(s, node + 1) : 0;
        if (locality == XB_NODE)
            n += mine / 2;
        else if (node % 2 == 0)
            n += mine < next ? mine : next;
    }
    return n;
}

static void test_together(void)
{
    struct over_shapes opens = {0}, all = {0}, disjoint = {0}, once = {0};

    for (int l = 0; l < XB_LOCALITIES; l++)
        for (struct shape s = {0}; next_shape(&s);) {
            enum xb_locality locality = (enum xb_locality)l;
            int want = together_wanted(&s, locality);
            struct xb_error err = {""};
            struct walk w;
            int rc = walk_all(&s, locality, XB_PAIRS_TOGETHER, &w, &err);
            also(&opens, rc == (want >= 2 ? 0 : 1), &s, locality, err.text);
            if (rc != 0)
                continue;
            also(&all, w.pairs == want && !w.wrong, &s, locality, "pairs");
            also(&disjoint, !w.crowded, &s, locality, "a rank is busy twice");
            also(&once, w.rounds == 1, &s, locality, "rounds");
        }
    all_good(&opens, "together: wherever there are two pairs");
    all_good(&all, "together: as many as go side by side");
    all_good(&disjoint, "together: the pairs are disjoint");
    all_good(&once, "together: in one round");
}

/* Where nothing is known of links all pairs are alike, and within a rank a rank of each node is
 * enough. */
static void test_first_and_classes(void)
{
    static const enum xb_pairs_kind kinds[] = {XB_PAIRS_FIRST, XB_PAIRS_CLASSES};
    struct over_shapes opens = {0}, few = {0}, right = {0};

    for (size_t k = 0; k < ROWS(kinds); k++)
        for (int l = 0; l < XB_LOCALITIES; l++)
            for (struct shape s = {0}; next_shape(&s);) {
                enum xb_locality locality = (enum xb_locality)l;
                bool by_node = kinds[k] == XB_PAIRS_CLASSES && locality == XB_SELF;
                struct xb_error err = {""};
                struct walk w;
                int rc = walk_all(&s, locality, kinds[k], &w, &err);
                also(&opens, rc == (count_pairs(&s, locality) ? 0 : 1), &s, locality, err.text);
                if (rc != 0)
                    continue;
                also(&few, w.rounds == 1 && w.pairs == (by_node ? s.nnodes : 1), &s, locality,
                     "pairs");
                also(&right, !w.wrong && !w.crowded, &s, locality, "wrong pairs");
            }
    all_good(&opens, "first and classes: wherever there is a pair");
    all_good(&few, "first and classes: one pair, or one rank of each node");
    all_good(&right, "first and classes: of the locality");
}

/* ---- one round by itself ---- */

struct copy {
    struct xb_lane lane[MOST_RANKS];
    int count;
};

static int keep(void *arg, const struct xb_lane *pair)
{
    struct copy *c = arg;
    c->lane[c->count++] = *pair;
    return 0;
}

static bool same_lanes(const struct copy *a, const struct copy *b)
{
    bool same = a->count == b->count;

    for (int i = 0; same && i < a->count; i++)
        same = a->lane[i].src_rank == b->lane[i].src_rank &&
               a->lane[i].dst_rank == b->lane[i].dst_rank &&
               a->lane[i].link_class == b->lane[i].link_class &&
               xb_path_equal(&a->lane[i].path, &b->lane[i].path);
    return same;
}

/* Rounds that are walked from the last to the first, by another walker, are the same. */
static bool same_backwards(const struct shape *s, const struct xb_path *path,
                           enum xb_pairs_kind kind)
{
    static struct copy forth[MOST_ROUNDS];
    const struct xb_job job = {.nranks = s->nranks, .node_of_rank = s->nodes};
    const struct xb_pairs pairs = {.kind = kind};
    struct xb_pair_rounds one, other;
    bool same = true;

    if (xb_pair_rounds_open(path, &pairs, &job, &one, NULL) != 0)
        return true;
    if (one.rounds > MOST_ROUNDS || xb_pair_rounds_open(path, &pairs, &job, &other, NULL) != 0)
        return false;
    for (size_t i = 0; i < one.rounds; i++) {
        forth[i].count = 0;
        xb_pair_rounds_walk(&one, i, keep, &forth[i]);
    }
    for (size_t i = one.rounds; i-- > 0;) {
        struct copy back = {.count = 0};
        xb_pair_rounds_walk(&other, i, keep, &back);
        same = same && same_lanes(&forth[i], &back);
    }
    xb_pair_rounds_close(&one);
    xb_pair_rounds_close(&other);
    return same;
}

static void test_random_access(void)
{
    struct over_shapes same = {0};

    for (int kind = XB_PAIRS_CLASSES; kind < XB_PAIRS_LIST; kind++)
        for (int l = 0; l < XB_LOCALITIES; l++)
            for (struct shape s = {0}; next_shape(&s);) {
                struct xb_path path;
                xb_path_parse(localities[l], &path, NULL);
                also(&same, same_backwards(&s, &path, (enum xb_pairs_kind)kind), &s,
                     (enum xb_locality)l, xb_pairs_names[kind]);
            }
    all_good(&same, "a round is the same whatever was walked before");
}

static int stop_after(void *arg, const struct xb_lane *pair)
{
    int *left = arg;
    (void)pair;
    return --*left == 0 ? 7 : 0;
}

static void test_early_end(void)
{
    static const int nodes[MOST_RANKS] = {0};
    const struct xb_job job = {.nranks = 8, .node_of_rank = nodes};

    for (int kind = XB_PAIRS_CLASSES; kind < XB_PAIRS_LIST; kind++) {
        const struct xb_pairs pairs = {.kind = (enum xb_pairs_kind)kind};
        struct xb_pair_rounds rounds;
        struct xb_path path;
        int left = 1;
        xb_path_parse("gpu->gpu@node", &path, NULL);
        xb_pair_rounds_open(&path, &pairs, &job, &rounds, NULL);
        is_int(xb_pair_rounds_walk(&rounds, 0, stop_after, &left), 7, "a walk that is ended");
        is_int(left, 0, "goes no further");
        xb_pair_rounds_close(&rounds);
    }
}

/* ---- what it comes to in a few jobs ---- */

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
        struct xb_pair_rounds rounds;
        struct xb_error err = {""};
        struct text text = {.buf = ""};
        struct xb_path path;

        memcpy(nodes, row->nodes, sizeof nodes);
        if (nodes[0] < 0) { /* so few GPUs less one */
            machine.others[0] = -nodes[0] - 1;
            nodes[0] = 0;
        }
        xb_path_parse(row->path, &path, NULL);
        is_int(xb_pair_rounds_open(&path, &pairs, &job, &rounds, &err), row->rounds ? 0 : 1,
               row->name);
        if (row->rounds)
            write_rounds(&rounds, &text);
        is_str(text.buf, row->rounds ? row->rounds : "", "the pairs");
        is_str(err.text, row->reason ? row->reason : "", "the reason");
        if (row->rounds)
            xb_pair_rounds_close(&rounds);
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
        struct xb_pair_rounds rounds;
        struct xb_error err = {""};
        struct text text = {.buf = ""};
        struct xb_path path;
        xb_path_parse(lists[i].path, &path, NULL);
        is_int(xb_pair_rounds_open(&path, &pairs, &job, &rounds, &err), lists[i].rounds ? 0 : 1,
               lists[i].name);
        if (lists[i].rounds) {
            write_rounds(&rounds, &text);
            xb_pair_rounds_close(&rounds);
        }
        is_str(text.buf, lists[i].rounds ? lists[i].rounds : "", "the pairs");
        is_str(err.text, lists[i].reason ? lists[i].reason : "", "the reason");
    }
}

static void test_names(void)
{
    static const char *const names[] = {"classes", "first", "each", "rounds", "together"};
    static int list[][2] = {{0, 3}, {2, 1}, {10, 4095}};
    const struct xb_pairs pairs = {XB_PAIRS_LIST, list, 3};
    char buf[64];

    for (size_t i = 0; i < ROWS(names); i++) {
        const struct xb_pairs named = {.kind = (enum xb_pairs_kind)i};
        is_str(xb_pairs_names[i], names[i], "in the order of the enum");
        is_str(xb_pairs_name((enum xb_pairs_kind)i), names[i], "by its kind");
        is_int((long long)xb_pairs_format(&named, buf, sizeof buf), (long long)strlen(names[i]),
               "its length");
        is_str(buf, names[i], "as in an id");
    }
    ok(xb_pairs_names[ROWS(names)] == NULL, "there are no others");
    is_str(xb_pairs_name(XB_PAIRS_LIST), "list", "a list has a name for messages");
    is_int((long long)xb_pairs_format(&pairs, buf, sizeof buf), 15, "a list's length");
    is_str(buf, "0-3,2-1,10-4095", "and text");
    is_int((long long)xb_pairs_format(&pairs, buf, 9), 15, "where it does not fit, too");
    is_str(buf, "0-3,2-1,", "and what does");
}

/* ---- a large job ---- */

#define LARGE_RANKS 4096
#define LARGE_NODE  8

static int count_pair(void *arg, const struct xb_lane *pair)
{
    size_t *sums = arg;
    sums[0]++;
    sums[1] += (size_t)pair->src_rank;
    sums[2] += (size_t)pair->dst_rank;
    return 0;
}

/* All of `rounds`, and of `each` the ends and some between: every round can be had by itself,
 * and none of them is stored. */
static void test_large(void)
{
    static int nodes[LARGE_RANKS];
    const struct xb_job job = {.nranks = LARGE_RANKS, .node_of_rank = nodes};
    const struct xb_pairs in_rounds = {.kind = XB_PAIRS_ROUNDS}, each = {.kind = XB_PAIRS_EACH};
    const size_t remote = (size_t)LARGE_RANKS * (LARGE_RANKS - LARGE_NODE),
                 ranks = (size_t)LARGE_RANKS * (LARGE_RANKS - 1) / 2;
    struct xb_pair_rounds rounds;
    struct xb_path path;
    size_t sums[3] = {0};

    for (int r = 0; r < LARGE_RANKS; r++)
        nodes[r] = r / LARGE_NODE;
    xb_path_parse("gpu->gpu@remote", &path, NULL);
    size_t before = mallinfo2().uordblks;
    is_int(xb_pair_rounds_open(&path, &in_rounds, &job, &rounds, NULL), 0, "a large job");
    ok(mallinfo2().uordblks - before < (size_t)LARGE_RANKS * 64, "takes little memory");
    is_int((long long)rounds.rounds, 2 * LARGE_NODE * (LARGE_RANKS / LARGE_NODE - 1),
           "8176 rounds between nodes");
    for (size_t i = 0; i < rounds.rounds; i++)
        xb_pair_rounds_walk(&rounds, i, count_pair, sums);
    is_int((long long)sums[0], (long long)remote, "of all pairs");
    is_int((long long)sums[1], (long long)(ranks * (LARGE_RANKS - LARGE_NODE)),
           "every source as often");
    is_int((long long)sums[2], (long long)sums[1], "and every destination");
    xb_pair_rounds_close(&rounds);

    xb_pair_rounds_open(&path, &each, &job, &rounds, NULL);
    is_int((long long)rounds.rounds, (long long)remote, "as many, each by itself");
    const struct {
        size_t round;
        int src, dst;
    } places[] = {
        {0, 0, 8},
        {4087, 0, 4095},
        {4088, 1, 8},
        {remote / 2, 2048, 0},
        {remote - 1, 4095, 4087},
    };
    for (size_t i = 0; i < ROWS(places); i++) {
        struct copy copy = {.count = 0};
        xb_pair_rounds_walk(&rounds, places[i].round, keep, &copy);
        is_int(copy.lane[0].src_rank, places[i].src, "its source");
        is_int(copy.lane[0].dst_rank, places[i].dst, "its destination");
    }
    xb_pair_rounds_close(&rounds);
    xb_path_parse("gpu->gpu@node", &path, NULL);
    xb_pair_rounds_open(&path, &in_rounds, &job, &rounds, NULL);
    is_int((long long)rounds.rounds, 14, "2(n-1) rounds on all nodes at once");
    xb_pair_rounds_close(&rounds);
}

/* What is said of two nodes with four ranks each. */
static void test_two_by_four(void)
{
    const struct shape s = {.nranks = 8, .nnodes = 2, .nodes = {0, 0, 0, 0, 1, 1, 1, 1}};
    struct walk w;

    is_int(walk_all(&s, XB_NODE, XB_PAIRS_ROUNDS, &w, NULL), 0, "within two nodes of four");
    is_int((long long)w.rounds, 6, "6 rounds");
    is_int(w.pairs, 24, "24 pairs");
    is_int(walk_all(&s, XB_REMOTE, XB_PAIRS_ROUNDS, &w, NULL), 0, "between them");
    is_int((long long)w.rounds, 8, "8 rounds");
    is_int(w.pairs, 32, "32 pairs");
}

int main(void)
{
    test_each();
    test_rounds();
    test_together();
    test_first_and_classes();
    test_random_access();
    test_early_end();
    test_rows();
    test_no_functions();
    test_lists();
    test_names();
    test_two_by_four();
    test_large();
    return done_testing();
}
