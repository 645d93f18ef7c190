/* SPDX-License-Identifier: BSD-3-Clause */
/* classes.c - cases of one link class each. */
#include <stdlib.h>
#include <string.h>

#include "model/plan/pair_rounds.h"
#include "model/topology/link_class.h"
#include "tune/tune.h"

/* What joins the ranks of each pair of a case. */
struct pair {
    int ranks[2], link_class;
};

struct pairs {
    struct pair *pair;
    size_t count;
};

static int note_pair(void *arg, const struct xb_lane *lane)
{
    struct pairs *pairs = arg;

    pairs->pair[pairs->count++] =
        (struct pair){{lane->src_rank, lane->dst_rank}, lane->link_class};
    return 0;
}

/* Do its pairs take turns, and is each of them one lane? */
static bool takes_apart(const struct xb_case *c)
{
    return (c->pairs.kind == XB_PAIRS_CLASSES || c->pairs.kind == XB_PAIRS_LIST) &&
           c->path.src.index != XB_GPU_ANY && c->path.dst.index != XB_GPU_ANY;
}

/* The pairs of a case, which are the caller's to free; none where the job has none. */
static int find_pairs(const struct xb_job *job, const struct xb_case *c, struct pairs *out,
                      struct xb_error *err)
{
    struct xb_pair_rounds rounds;
    struct xb_error none;

    *out = (struct pairs){0};
    int rc = xb_pair_rounds_open(&c->path, &c->pairs, job, &rounds, &none);
    if (rc != 0)
        return rc < 0 ? xb_fail(err, "%s", none.text) : 0;
    /* a round has one pair, or one of each node */
    out->pair = calloc(rounds.rounds + (size_t)job->nranks, sizeof *out->pair);
    if (!out->pair)
        rc = xb_fail(err, "out of memory for the pairs of %s", c->id);
    for (size_t i = 0; rc == 0 && i < rounds.rounds; i++)
        rc = xb_pair_rounds_walk(&rounds, i, note_pair, out);
    xb_pair_rounds_close(&rounds);
    return rc;
}

/* The array grows at 0, 1, 2, 4, ... cases, where it is full. */
static int add_case(struct xb_tune *tune, const struct xb_case *c, struct xb_error *err)
{
    size_t n = tune->ncases;

    if ((n & (n - 1)) == 0) {
        struct xb_case *grown = realloc(tune->cases, (n ? 2 * n : 1) * sizeof *grown);
        if (!grown)
            return xb_fail(err, "out of memory for %zu cases", n);
        tune->cases = grown;
    }
    tune->cases[tune->ncases++] = *c;
    return 0;
}

/* The part of a case that is of one link class, if it has pairs of it. */
static int add_part(struct xb_tune *tune, const struct xb_case *c, const struct pairs *pairs,
                    int link_class, struct xb_error *err)
{
    struct xb_case part = *c;
    size_t most = c->pairs.kind == XB_PAIRS_LIST ? pairs->count : 1;

    part.one_class = true;
    part.link_class = link_class;
    part.pairs = (struct xb_pairs){.kind = XB_PAIRS_LIST};
    part.pairs.list = calloc(most, sizeof *part.pairs.list);
    if (!part.pairs.list)
        return xb_fail(err, "out of memory for the pairs of %s", c->id);
    for (size_t i = 0; i < pairs->count && part.pairs.count < most; i++)
        if (pairs->pair[i].link_class == link_class)
            memcpy(part.pairs.list[part.pairs.count++], pairs->pair[i].ranks,
                   sizeof *part.pairs.list);
    int rc = part.pairs.count > 0 ? xb_case_make_id(&part, err) : 0;
    if (rc == 0 && part.pairs.count > 0 && (rc = add_case(tune, &part, err)) == 0)
        return 0;
    free(part.pairs.list);
    return rc;
}

static bool are_alike(const struct pairs *pairs)
{
    for (size_t i = 1; i < pairs->count; i++)
        if (pairs->pair[i].link_class != pairs->pair[0].link_class)
            return false;
    return true;
}

int xb_tune_split(struct xb_tune *tune, const struct xb_plan *plan, struct xb_error *err)
{
    const struct xb_job job = xb_session_job(tune->tuner.session);
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < plan->count; i++) {
        const struct xb_case *c = &plan->cases[i];
        struct pairs pairs = {0};
        if (takes_apart(c))
            rc = find_pairs(&job, c, &pairs, err);
        if (rc == 0 && are_alike(&pairs))
            rc = add_case(tune, c, err);
        else
            for (int link = 0; rc == 0 && link < XB_LINK_CLASSES; link++)
                rc = add_part(tune, c, &pairs, link, err);
        free(pairs.pair);
    }
    return rc;
}
