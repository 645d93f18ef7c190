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

struct xb_rank_ends *xb_rank_ends_make(const struct xb_machine *machine, int nranks)
{
    const size_t n = (size_t)nranks;
    struct xb_rank_ends *ends = calloc(n + 1, sizeof *ends);
    int *last = malloc((n + 1) * sizeof *last);   /* of each node: its last rank that is new */
    int *before = malloc((n + 1) * sizeof *last); /* and of such a rank the one before it */

    for (int r = 0; last && r < nranks; r++)
        last[r] = -1;
    for (int r = 0; ends && last && before && r < nranks; r++) {
        const struct xb_rank_info *rank = &machine->ranks[r];
        int like = last[rank->node];
        while (like >= 0 && !are_alike(&machine->ranks[like], rank))
            like = before[like];
        ends[r] = (struct xb_rank_ends){.gpu = xb_machine_gpu(machine, r, 0),
                                        .alike = like >= 0 ? like : r};
        if (like >= 0)
            continue;
        before[r] = last[rank->node];
        last[rank->node] = r;
    }
    if (!last || !before) {
        free(ends);
        ends = NULL;
    }
    free(last);
    free(before);
    return ends;
}
