/* SPDX-License-Identifier: BSD-3-Clause */
/* pair_rounds.c - which ranks are paired, round by round. */
#include "model/plan/pair_rounds.h"

#include <stdlib.h>

#include "model/plan/circle.h"

static int size_of(const struct xb_pair_rounds *p, int node)
{
    return xb_node_ranks_count(&p->by, node);
}

static int rank_at(const struct xb_pair_rounds *p, int node, int place)
{
    return p->by.rank[p->by.first[node] + place];
}

static bool one_node(const struct xb_job *job, int a, int b)
{
    return job->node_of_rank[a] == job->node_of_rank[b];
}

/* ---- giving pairs to the caller ---- */

struct giver {
    int (*take)(void *arg, const struct xb_lane *pair);
    void *arg;
};

static int others_of(const struct xb_job *job, int rank)
{
    return job->others ? job->others(job->machine, rank) : 0;
}

/* GPUs that an endpoint stands for at a rank: from *lo to *hi. */
static void gpus_of(const struct xb_job *job, struct xb_endpoint e, int rank, int *lo, int *hi)
{
    bool any = e.kind == XB_GPU && e.index == XB_GPU_ANY;

    *lo = any ? 1 : e.index;
    *hi = any ? others_of(job, rank) : e.index;
}

static int link_of(const struct xb_job *job, const struct xb_path *path, int a, int b)
{
    return job->link ? job->link(job->machine, path, a, b) : XB_LINK_UNKNOWN;
}

/* All lanes that the path's wildcards make of two ranks. */
static int give(const struct xb_pair_rounds *p, const struct giver *g, int a, int b)
{
    struct xb_lane lane = {.path = p->path, .src_rank = a, .dst_rank = b};
    int src_lo, src_hi, dst_lo, dst_hi, rc = 0;
    bool wild = p->path.src.index == XB_GPU_ANY || p->path.dst.index == XB_GPU_ANY;

    gpus_of(p->job, p->path.src, a, &src_lo, &src_hi);
    gpus_of(p->job, p->path.dst, b, &dst_lo, &dst_hi);
    for (int s = src_lo; rc == 0 && s <= src_hi; s++)
        for (int d = dst_lo; rc == 0 && d <= dst_hi; d++) {
            bool same = wild && a == b && s == d && lane.path.src.kind == lane.path.dst.kind;
            lane.path.src.index = s;
            lane.path.dst.index = d;
            if (same)
                continue;
            lane.link_class = link_of(p->job, &lane.path, a, b);
            rc = g->take(g->arg, &lane);
        }
    return rc;
}

/* How many lanes give makes. */
static size_t wild_count(const struct xb_pair_rounds *p, int a, int b)
{
    bool wild = p->path.src.index == XB_GPU_ANY || p->path.dst.index == XB_GPU_ANY;
    int src_lo, src_hi, dst_lo, dst_hi;
    size_t n;

    gpus_of(p->job, p->path.src, a, &src_lo, &src_hi);
    gpus_of(p->job, p->path.dst, b, &dst_lo, &dst_hi);
    if (src_hi < src_lo || dst_hi < dst_lo)
        return 0;
    n = (size_t)(src_hi - src_lo + 1) * (size_t)(dst_hi - dst_lo + 1);
    if (a != b || p->path.src.kind != p->path.dst.kind)
        return n;
    for (int s = src_lo; wild && s <= src_hi; s++) /* not from a GPU to itself */
        n -= s >= dst_lo && s <= dst_hi;
    return n;
}

struct nth {
    size_t left;
    const struct giver *to;
};

static int take_nth(void *arg, const struct xb_lane *lane)
{
    struct nth *n = arg;

    if (n->left-- > 0)
        return 0;
    int rc = n->to->take(n->to->arg, lane);
    return rc ? rc : 1; /* the walk ends here */
}

/* One of the lanes that give makes. */
static int give_nth(const struct xb_pair_rounds *p, const struct giver *g, int a, int b,
                    size_t i)
{
    struct nth nth = {i, g};
    const struct giver one = {take_nth, &nth};
    int rc = give(p, &one, a, b);

    return rc == 1 ? 0 : rc;
}

/* ---- each ---- */

/* Ranks that a rank sends to. */
static int peers_of(const struct xb_pair_rounds *p, int rank)
{
    int mine = size_of(p, p->job->node_of_rank[rank]);

    switch (p->path.locality) {
    case XB_SELF:
        return 1;
    case XB_NODE:
        return mine - 1;
    case XB_REMOTE:
        return p->job->nranks - mine;
    }
    return 0;
}

/* The i-th of them. */
static int peer_at(const struct xb_pair_rounds *p, int rank, int i)
{
    int node = p->job->node_of_rank[rank], at;

    switch (p->path.locality) {
    case XB_SELF:
        return rank;
    case XB_NODE:
        at = rank_at(p, node, i);
        return at < rank ? at : rank_at(p, node, i + 1);
    case XB_REMOTE: /* step over the ranks of the own node, which are in order */
        at = i;
        for (int k = 0; k < size_of(p, node) && rank_at(p, node, k) <= at; k++)
            at++;
        return at;
    }
    return rank;
}

static int open_each(struct xb_pair_rounds *p, struct xb_error *err)
{
    int n = p->job->nranks;

    p->before = calloc((size_t)n + 1, sizeof *p->before);
    if (!p->before)
        return xb_fail(err, "out of memory for the pairs of %d ranks", n);
    /* wildcards are for paths within a rank */
    for (int r = 0; r < n; r++)
        p->before[r + 1] =
            p->before[r] +
            (p->path.locality == XB_SELF ? wild_count(p, r, r) : (size_t)peers_of(p, r));
    p->rounds = p->before[n];
    return 0;
}

/* Which of n, each with rounds behind those before it, a round is of. */
static int holder_of(const size_t *before, int n, size_t round)
{
    int lo = 0, hi = n - 1;

    while (lo < hi) {
        int mid = lo + (hi - lo + 1) / 2;
        if (before[mid] <= round)
            lo = mid;
        else
            hi = mid - 1;
    }
    return lo;
}

static int walk_each(const struct xb_pair_rounds *p, size_t round, const struct giver *g)
{
    int rank = holder_of(p->before, p->job->nranks, round);
    size_t i = round - p->before[rank];

    if (p->path.locality == XB_SELF)
        return give_nth(p, g, rank, rank, i);
    return give(p, g, rank, peer_at(p, rank, (int)i));
}

/* ---- rounds ---- */

static int give_turned(const struct xb_pair_rounds *p, const struct giver *g, bool back, int a,
                       int b)
{
    return back ? give(p, g, b, a) : give(p, g, a, b);
}

/* All nodes at once; a smaller node is through earlier. */
static int walk_node_rounds(const struct xb_pair_rounds *p, size_t round, const struct giver *g)
{
    int a, b, rc = 0;

    for (int node = 0; rc == 0 && node < p->by.nodes; node++) {
        int n = size_of(p, node);
        if (round / 2 >= xb_circle_rounds(n))
            continue;
        for (int k = 0; rc == 0 && k < (n + 1) / 2; k++)
            if (xb_circle_meeting(n, round / 2, k, &a, &b))
                rc = give_turned(p, g, round % 2, rank_at(p, node, a), rank_at(p, node, b));
    }
    return rc;
}

/* Ranks of the larger of two nodes. */
static int larger_of(const struct xb_pair_rounds *p, int a, int b)
{
    return size_of(p, a) > size_of(p, b) ? size_of(p, a) : size_of(p, b);
}

/* Nodes meet in a circle; of two that meet, rank i and rank i + shift. Two small ones are
 * through earlier. */
static int walk_remote_rounds(const struct xb_pair_rounds *p, size_t round,
                              const struct giver *g)
{
    int meeting = holder_of(p->before, (int)xb_circle_rounds(p->by.nodes), round);
    size_t turn = round - p->before[meeting];
    int shift = (int)(turn / 2), a, b, rc = 0;

    for (int k = 0; rc == 0 && k < (p->by.nodes + 1) / 2; k++) {
        if (!xb_circle_meeting(p->by.nodes, (size_t)meeting, k, &a, &b))
            continue;
        int larger = larger_of(p, a, b);
        for (int i = 0; rc == 0 && shift < larger && i < size_of(p, a); i++) {
            int other = (i + shift) % larger;
            if (other < size_of(p, b))
                rc = give_turned(p, g, turn % 2, rank_at(p, a, i), rank_at(p, b, other));
        }
    }
    return rc;
}

/* As many shifts a meeting as the largest node in it has ranks, there and back. */
static int open_remote_rounds(struct xb_pair_rounds *p, struct xb_error *err)
{
    int n = (int)xb_circle_rounds(p->by.nodes), a, b;

    p->before = calloc((size_t)n + 1, sizeof *p->before);
    if (!p->before)
        return xb_fail(err, "out of memory for the pairs of %d nodes", p->by.nodes);
    for (int meeting = 0; meeting < n; meeting++) {
        int most = 0;
        for (int k = 0; k < (p->by.nodes + 1) / 2; k++)
            if (xb_circle_meeting(p->by.nodes, (size_t)meeting, k, &a, &b) &&
                larger_of(p, a, b) > most)
                most = larger_of(p, a, b);
        p->before[meeting + 1] = p->before[meeting] + 2 * (size_t)most;
    }
    p->rounds = p->before[n];
    return 0;
}

static int open_rounds(struct xb_pair_rounds *p, struct xb_error *err)
{
    switch (p->path.locality) {
    case XB_SELF:
        p->rounds = 1;
        return 0;
    case XB_NODE:
        p->rounds = 2 * xb_circle_rounds(p->by.most);
        return 0;
    case XB_REMOTE:
        return open_remote_rounds(p, err);
    }
    return 0;
}

/* ---- together ---- */

static int walk_together(const struct xb_pair_rounds *p, const struct giver *g)
{
    int rc = 0;

    for (int node = 0; rc == 0 && node < p->by.nodes; node++)
        for (int i = 0; rc == 0 && i < size_of(p, node); i++) {
            int rank = rank_at(p, node, i);
            switch (p->path.locality) {
            case XB_SELF:
                rc = give(p, g, rank, rank);
                break;
            case XB_NODE:
                if (i % 2 == 0 && i + 1 < size_of(p, node))
                    rc = give(p, g, rank, rank_at(p, node, i + 1));
                break;
            case XB_REMOTE:
                if (node % 2 == 0 && node + 1 < p->by.nodes && i < size_of(p, node + 1))
                    rc = give(p, g, rank, rank_at(p, node + 1, i));
                break;
            }
        }
    return rc;
}

/* ---- first and classes ---- */

/* Two classes that differ are no more than those of xb_link_class; one more for unknown. */
#define MAX_CLASSES 16

struct choosing {
    struct xb_pair_rounds *p;
    size_t most; /* end with so many */
};

static int choose(void *arg, const struct xb_lane *lane)
{
    struct choosing *c = arg;
    struct xb_pair_rounds *p = c->p;

    for (size_t i = 0; i < p->rounds; i++)
        if (p->chosen[i].link_class == lane->link_class)
            return 0;
    p->chosen[p->rounds++] = *lane;
    return p->rounds == c->most;
}

/* The lowest pair of each class. Between nodes the ranks of the lowest node stand for all: what
 * joins two nodes is alike, or the fabric that some share. Of ranks that are joined alike the
 * lowest stands for all. Where nobody can tell classes, all are one. */
static int choose_pairs(struct xb_pair_rounds *p, size_t most, struct xb_error *err)
{
    struct choosing c = {p, p->job->link ? most : 1};
    const struct giver g = {choose, &c};
    int sources = p->path.locality == XB_REMOTE ? size_of(p, 0) : p->job->nranks, done = 0;

    p->chosen = calloc(most, sizeof *p->chosen);
    if (!p->chosen)
        return xb_fail(err, "out of memory for pairs");
    for (int i = 0; !done && i < sources; i++) {
        int a = p->by.rank[i], peers = peers_of(p, a);
        if (xb_job_alike(p->job, a) != a)
            continue;
        for (int k = 0; !done && k < peers; k++) {
            int b = peer_at(p, a, k), like = xb_job_alike(p->job, b);
            if (like == b || like == a)
                done = give(p, &g, a, b);
        }
    }
    return 0;
}

/* One rank of each node. */
static int walk_nodes(const struct xb_pair_rounds *p, const struct giver *g)
{
    int rc = 0;

    for (int node = 0; rc == 0 && node < p->by.nodes; node++)
        rc = give_nth(p, g, rank_at(p, node, 0), rank_at(p, node, 0), 0);
    return rc;
}

/* ---- a list ---- */

static int check_list(const struct xb_pair_rounds *p, struct xb_error *err)
{
    for (size_t i = 0; i < p->pairs.count; i++) {
        int a = p->pairs.list[i][0], b = p->pairs.list[i][1], n = p->job->nranks;
        enum xb_locality is = a == b                                     ? XB_SELF
                              : a < n && b < n && one_node(p->job, a, b) ? XB_NODE
                                                                         : XB_REMOTE;
        if (a >= n || b >= n) {
            xb_fail(err, "pairs[%zu] is of ranks %d and %d; this job has ranks 0 to %d", i, a,
                    b, n - 1);
            return 1;
        }
        if (is != p->path.locality) {
            xb_fail(err, "pairs[%zu]: ranks %d and %d are %s; the path says %s", i, a, b,
                    is == XB_SELF   ? "one rank"
                    : is == XB_NODE ? "on one node"
                                    : "on two nodes",
                    xb_locality_name(p->path.locality));
            return 1;
        }
    }
    return 0;
}

/* ---- all of them ---- */

static int count_pair(void *arg, const struct xb_lane *pair)
{
    (void)pair;
    ++*(size_t *)arg;
    return 0;
}

static int open_kind(struct xb_pair_rounds *p, struct xb_error *err)
{
    static const char *const needs[] = {
        [XB_SELF] = "needs a rank that sees more GPUs than its own",
        [XB_NODE] = "needs two ranks on one node",
        [XB_REMOTE] = "needs two ranks on two nodes",
    };
    static const char *const needs_two[] = {
        [XB_SELF] = "needs two ranks",
        [XB_NODE] = "needs two pairs of ranks that share a node",
        [XB_REMOTE] = "needs two pairs of ranks on paired nodes",
    };
    size_t pairs = 0;
    int rc = 0;

    switch (p->pairs.kind) {
    case XB_PAIRS_CLASSES:
        p->rounds = 1;
        if (p->path.locality != XB_SELF || p->path.src.index == XB_GPU_ANY ||
            p->path.dst.index == XB_GPU_ANY) {
            p->rounds = 0;
            rc = choose_pairs(p, MAX_CLASSES, err);
        }
        break;
    case XB_PAIRS_FIRST:
        rc = choose_pairs(p, 1, err);
        break;
    case XB_PAIRS_EACH:
        rc = open_each(p, err);
        break;
    case XB_PAIRS_ROUNDS:
        rc = open_rounds(p, err);
        break;
    case XB_PAIRS_TOGETHER:
        p->rounds = 1;
        break;
    case XB_PAIRS_LIST:
        p->rounds = p->pairs.count;
        rc = check_list(p, err);
        break;
    }
    for (size_t i = 0; rc == 0 && pairs < 2 && i < p->rounds; i++)
        rc = xb_pair_rounds_walk(p, i, count_pair, &pairs);
    if (rc != 0)
        return rc;
    if (p->pairs.kind == XB_PAIRS_TOGETHER && pairs < 2)
        return xb_job_unfit(p->job, needs_two[p->path.locality], err);
    return pairs == 0 ? xb_job_unfit(p->job, needs[p->path.locality], err) : 0;
}

int xb_pair_rounds_open(const struct xb_path *path, const struct xb_pairs *pairs,
                        const struct xb_job *job, struct xb_pair_rounds *out,
                        struct xb_error *err)
{
    *out = (struct xb_pair_rounds){.job = job, .path = *path, .pairs = *pairs};
    int rc = xb_node_ranks_open(job, &out->by, err);

    if (rc == 0)
        rc = open_kind(out, err);
    if (rc != 0)
        xb_pair_rounds_close(out);
    return rc;
}

void xb_pair_rounds_close(struct xb_pair_rounds *rounds)
{
    xb_node_ranks_close(&rounds->by);
    free(rounds->before);
    free(rounds->chosen);
    *rounds = (struct xb_pair_rounds){0};
}

int xb_pair_rounds_walk(const struct xb_pair_rounds *p, size_t round,
                        int (*take)(void *arg, const struct xb_lane *pair), void *arg)
{
    const struct giver g = {take, arg};

    switch (p->pairs.kind) {
    case XB_PAIRS_CLASSES:
    case XB_PAIRS_FIRST:
        return p->chosen ? take(arg, &p->chosen[round]) : walk_nodes(p, &g);
    case XB_PAIRS_EACH:
        return walk_each(p, round, &g);
    case XB_PAIRS_ROUNDS:
        switch (p->path.locality) {
        case XB_SELF:
            return walk_together(p, &g);
        case XB_NODE:
            return walk_node_rounds(p, round, &g);
        case XB_REMOTE:
            return walk_remote_rounds(p, round, &g);
        }
        return 0;
    case XB_PAIRS_TOGETHER:
        return walk_together(p, &g);
    case XB_PAIRS_LIST:
        return give(p, &g, p->pairs.list[round][0], p->pairs.list[round][1]);
    }
    return 0;
}
