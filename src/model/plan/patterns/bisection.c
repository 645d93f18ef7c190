/* SPDX-License-Identifier: BSD-3-Clause */
/* bisection.c - one half of the ranks sends to the other half: what crosses each cut, there and
 * then back.
 *
 * What is cut apart are units that stay together: nodes for a path between nodes, and within a
 * node the ranks that are joined more nearly than the farthest two of the node: those below one
 * PCI Express switch, or on one socket. Where all are joined alike, by switches of NVLink, each
 * rank is a unit. With 4 units a, b, c, d the cuts are ab|cd, ac|bd and ad|bc; with 3 they are
 * a|bc, b|ac and c|ab. Up to 8 units all cuts are measured, 35 of 8; of more those into
 * neighbours, as a tree of switches has them, and those of every second unit, of every two in
 * four and so on. The case is as fast as its worst cut. */
#include <stdlib.h>

#include "model/plan/job_lanes.h"
#include "model/plan/patterns/patterns.h"

#define ALL_CUTS 8 /* units of which every cut is taken */

/* Ranks of a node, or of the job, and the unit that each is in. */
struct units {
    const int *rank;
    int nranks;
    int *of; /* unit of each of them, from 0 */
    int count;
};

/* Each node of the job is a unit. */
static void number_nodes(const struct xb_job *job, struct units *u)
{
    for (int i = 0; i < u->nranks; i++) {
        u->of[i] = job->node_of_rank[u->rank[i]];
        u->count = u->of[i] >= u->count ? u->of[i] + 1 : u->count;
    }
}

/* Ranks that are joined more nearly than the farthest two are one unit. Of ranks that are
 * joined alike the first is asked for all: a node has few kinds, however many ranks share its
 * GPUs. */
static int join_near(const struct xb_path *path, const struct xb_job *job, struct units *u)
{
    int (*const link_of)(const void *, const struct xb_path *, int, int) = job->link;
    int *first = calloc((size_t)u->nranks, sizeof *first), kinds = 0;
    int farthest = XB_LINK_UNKNOWN;

    if (!first)
        return -1;
    for (int i = 0; link_of && i < u->nranks; i++) {
        int like = xb_job_alike(job, u->rank[i]), link = XB_LINK_UNKNOWN;
        if (like == u->rank[i])
            first[kinds++] = i;
        else
            link = link_of(job->machine, path, like, u->rank[i]);
        farthest = link > farthest ? link : farthest;
    }
    for (int a = 0; a < kinds; a++)
        for (int b = 0; b < kinds; b++) {
            int link = a == b
                           ? XB_LINK_UNKNOWN
                           : link_of(job->machine, path, u->rank[first[a]], u->rank[first[b]]);
            farthest = link > farthest ? link : farthest;
        }
    for (int i = 0; i < u->nranks; i++) {
        int k = 0;
        while (k < kinds && first[k] < i &&
               link_of(job->machine, path, u->rank[first[k]], u->rank[i]) >= farthest)
            k++;
        u->of[i] = k < kinds && first[k] < i ? u->of[first[k]] : u->count++;
    }
    free(first);
    return 0;
}

/* Cuts by a bit of a unit's number that make two halves and are not into neighbours. */
static int strides_of(int units)
{
    int n = 0;

    while (units % (2 << n) == 0 && 2 << n < units)
        n++;
    return n;
}

/* Is it a cut that these units are on one side, and all others on the other? Of two halves that
 * are alike, one is taken. */
static bool is_cut(unsigned mask, int units)
{
    return __builtin_popcount(mask) == units / 2 &&
           (units % 2 == 1 || !(mask >> (units - 1) & 1));
}

/* Cuts into neighbours: of halves that are alike, one is taken. */
static int windows_of(int units)
{
    return units % 2 == 0 ? units / 2 : units;
}

static size_t count_cuts(int units)
{
    size_t n = 0;

    if (units < 2)
        return 0;
    if (units > ALL_CUTS)
        return (size_t)windows_of(units) + (size_t)strides_of(units);
    for (unsigned mask = 0; mask < 1u << units; mask++)
        n += is_cut(mask, units);
    return n;
}

/* On which side of cut number `cut` a unit is: 0 or 1. */
static int side_of(int unit, int units, size_t cut)
{
    const size_t windows = (size_t)windows_of(units);
    unsigned mask = 0;

    if (units > ALL_CUTS && cut < windows)
        return (unit - (int)cut + units) % units >= units / 2;
    if (units > ALL_CUTS)
        return unit >> (cut - windows) & 1;
    for (size_t seen = 0; seen <= cut; mask++)
        seen += is_cut(mask, units);
    return !((mask - 1) >> unit & 1);
}

/* ---- lanes ---- */

/* Each rank of a side sends to one of the other; where one side has more, its last rest. */
static int cross(const struct xb_path *path, const struct xb_job *job, const struct units *u,
                 size_t cut, bool back, struct xb_round *out)
{
    int *side = calloc(2 * (size_t)u->nranks, sizeof *side), n[2] = {0, 0}, rc = 0;
    int *ranks[2] = {side, side ? side + u->nranks : NULL};

    if (!side)
        return -1;
    for (int i = 0; i < u->nranks; i++) {
        int at = side_of(u->of[i], u->count, cut);
        ranks[at][n[at]++] = u->rank[i];
    }
    for (int i = 0; rc == 0 && i < n[0] && i < n[1]; i++)
        rc = xb_job_lanes_add(path, job, ranks[back][i], ranks[!back][i], out);
    free(side);
    return rc;
}

/* Call what for the units of each node, or of the job. -1 when out of memory. */
static int for_units(const struct xb_path *path, const struct xb_job *job,
                     const struct xb_node_ranks *by,
                     int (*what)(void *arg, const struct units *units), void *arg)
{
    const bool within = path->locality == XB_NODE;
    int *of = calloc((size_t)job->nranks, sizeof *of), rc = of ? 0 : -1;

    for (int node = 0; rc == 0 && node < (within ? by->nodes : 1); node++) {
        struct units units = {.rank = by->rank + (within ? by->first[node] : 0),
                              .nranks = within ? xb_node_ranks_count(by, node) : job->nranks,
                              .of = of};
        if (within)
            rc = join_near(path, job, &units);
        else
            number_nodes(job, &units);
        rc = rc == 0 ? what(arg, &units) : rc;
    }
    free(of);
    return rc;
}

static int most_cuts(void *arg, const struct units *units)
{
    size_t *most = arg, n = count_cuts(units->count);

    *most = n > *most ? n : *most;
    return 0;
}

static int bisection_rounds(const struct xb_path *path, const struct xb_job *job, size_t *count,
                            struct xb_error *err)
{
    struct xb_node_ranks by;
    size_t cuts = 0;
    int rc = xb_job_lanes_open(path, job, &by, err);

    if (rc != 0)
        return rc;
    rc = for_units(path, job, &by, most_cuts, &cuts);
    xb_node_ranks_close(&by);
    *count = 2 * cuts;
    return rc < 0 ? xb_fail(err, "out of memory for the cuts of %d ranks", job->nranks) : 0;
}

/* A round that is being made. */
struct making {
    const struct xb_path *path;
    const struct xb_job *job;
    size_t i;
    struct xb_round *out;
};

static int add_cut(void *arg, const struct units *units)
{
    const struct making *m = arg;
    size_t cut = m->i / 2;

    return cut < count_cuts(units->count)
               ? cross(m->path, m->job, units, cut, m->i % 2 == 1, m->out)
               : 0;
}

static int bisection_round(const struct xb_path *path, const struct xb_job *job, size_t i,
                           struct xb_round *out)
{
    struct making making = {path, job, i, out};
    struct xb_node_ranks by;
    struct xb_error err;
    int rc = xb_job_lanes_open(path, job, &by, &err);

    if (rc == 0)
        rc = for_units(path, job, &by, add_cut, &making);
    xb_node_ranks_close(&by);
    return rc;
}

const struct xb_pattern xb_pattern_bisection = {
    .name = "bisection",
    .summary = "one half of the ranks to the other, over each cut; the worst counts",
    .metric = XB_METRIC_BANDWIDTH,
    .worst_round = true,
    .rounds = bisection_rounds,
    .round = bisection_round,
};
