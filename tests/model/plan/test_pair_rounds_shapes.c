/* SPDX-License-Identifier: BSD-3-Clause */
/* test_pair_rounds_shapes.c - which ranks are paired and who is busy at the same time:
 * properties that hold in jobs of every shape. */
#include "model/plan/pair_rounds.h"

#include "tests/model/plan/pair_rounds_fixture.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

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

/* ---- properties ---- */

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
    test_two_by_four();
    return done_testing();
}
