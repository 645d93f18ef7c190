/* SPDX-License-Identifier: BSD-3-Clause */
/* pair_rounds_fixture.h - jobs of every shape, and copies of rounds of pairs. */
#ifndef XB_TESTS_MODEL_PLAN_PAIR_ROUNDS_FIXTURE_H
#define XB_TESTS_MODEL_PLAN_PAIR_ROUNDS_FIXTURE_H

#include "model/plan/pair_rounds.h"
#include "tests/tap.h"

#define MOST_RANKS 9
#define MOST_NODES 4

static const char *const localities[] = {"gpu->gpu@self", "gpu->gpu@node", "gpu->gpu@remote"};

/* ---- jobs of every shape ---- */

enum placement { BLOCKS, CYCLIC, ONES_FIRST, ONES_LAST, PLACEMENTS };

static const char *const placement_names[] = {"blocks", "cyclic", "ones first", "ones last"};

struct shape {
    int nranks, nnodes;
    enum placement placement;
    int nodes[MOST_RANKS];
};

static inline int node_of(const struct shape *s, int rank)
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
static inline bool next_shape(struct shape *s)
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

/* A check of all shapes: passes where `good` was true of every one, and names the first where
 * it was not. */
struct over_shapes {
    int failed, seen;
    char first[120];
};

static inline void also(struct over_shapes *all, bool good, const struct shape *s,
                        enum xb_locality locality, const char *what)
{
    all->seen++;
    if (!good && all->failed++ == 0)
        snprintf(all->first, sizeof all->first, "%s, %d ranks on %d nodes (%s), %s", what,
                 s->nranks, s->nnodes, placement_names[s->placement], localities[locality]);
}

static inline void all_good(const struct over_shapes *all, const char *name)
{
    if (!ok(all->seen > 0 && all->failed == 0, name))
        printf("# %d of %d, the first: %s\n", all->failed, all->seen, all->first);
}

/* ---- the pairs of a round ---- */

struct copy {
    struct xb_lane lane[MOST_RANKS];
    int count;
};

static inline int keep(void *arg, const struct xb_lane *pair)
{
    struct copy *c = arg;
    c->lane[c->count++] = *pair;
    return 0;
}

#endif
