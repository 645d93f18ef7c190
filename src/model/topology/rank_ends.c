/* SPDX-License-Identifier: BSD-3-Clause */
/* rank_ends.c - what is asked of every lane's ends, looked up once for each rank. */
#include "model/topology/rank_ends.h"

#include <stdlib.h>
#include <string.h>

/* Do two ranks of one node have the same GPUs, the same host memory and so the same links? */
static bool are_alike(const struct xb_rank_info *a, const struct xb_rank_info *b)
{
    const struct xb_place *p = &a->place, *q = &b->place;

    return p->has_gpu == q->has_gpu && p->package == q->package && p->numa == q->numa &&
           xb_gpu_same(p->pci, p->instance, q->pci, q->instance) &&
           a->nvisible == b->nvisible &&
           memcmp(a->visible, b->visible, (size_t)a->nvisible) == 0;
}

static bool use_one_nic(const struct xb_rank_info *a, const struct xb_rank_info *b)
{
    return strcmp(a->place.nic, b->place.nic) == 0;
}

/* Ranks of each node that are unlike all before them: the last one, and of each the one before
 * it. */
struct kinds {
    int *last, *before;
};

static int open_kinds(struct kinds *k, size_t n)
{
    k->last = malloc((n + 1) * sizeof *k->last);
    k->before = malloc((n + 1) * sizeof *k->before);
    for (size_t i = 0; k->last && i < n; i++)
        k->last[i] = -1;
    return k->last && k->before ? 0 : -1;
}

static void close_kinds(struct kinds *k)
{
    free(k->last);
    free(k->before);
}

/* The rank before this one that is like it; itself where there is none. */
static int find_kind(struct kinds *k, const struct xb_rank_info *ranks, int r,
                     bool (*like)(const struct xb_rank_info *, const struct xb_rank_info *))
{
    int *last = &k->last[ranks[r].node], at = *last;

    while (at >= 0 && !like(&ranks[at], &ranks[r]))
        at = k->before[at];
    if (at >= 0)
        return at;
    k->before[r] = *last;
    return *last = r;
}

struct xb_rank_ends *xb_rank_ends_make(const struct xb_machine *machine, int nranks)
{
    const size_t n = (size_t)nranks;
    struct xb_rank_ends *ends = calloc(n + 1, sizeof *ends);
    struct kinds alike = {NULL}, nics = {NULL};
    int rc = ends ? open_kinds(&alike, n) : -1;

    if (rc == 0)
        rc = open_kinds(&nics, n);
    for (int r = 0; rc == 0 && r < nranks; r++)
        ends[r] =
            (struct xb_rank_ends){.gpu = xb_machine_gpu(machine, r, 0),
                                  .alike = find_kind(&alike, machine->ranks, r, are_alike),
                                  .same_nic = find_kind(&nics, machine->ranks, r, use_one_nic)};
    close_kinds(&alike);
    close_kinds(&nics);
    if (rc == 0)
        return ends;
    free(ends);
    return NULL;
}
