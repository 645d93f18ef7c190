/* SPDX-License-Identifier: BSD-3-Clause */
/* estimate_memory.c - how much memory a plan's buffers need in a job. */
#include "model/plan/estimate_memory.h"

#include <stdlib.h>

#include "model/plan/case_fits.h"
#include "model/plan/lane_case.h"
#include "model/plan/layout.h"
#include "model/plan/schedule.h"

/* What a rank keeps: the most that any case has asked for. Where host memory stands in for that
 * of GPUs, it is still another buffer. */
struct kept {
    uint64_t host[2], gpu[2]; /* sources and destinations */
    uint64_t ring;            /* in host memory */
    bool there;               /* of a round: it has asked for something */
};

/* What a lane's end asks of its rank. Managed pages may be on either side. */
static void ask(struct kept *asked, const struct xb_case *c, struct xb_endpoint e, int role)
{
    struct xb_layout layout = xb_case_layout(c, role == 0);
    uint64_t bytes =
        xb_layout_span(&layout, c->bytes) + (role == 0 ? c->src_offset : c->dst_offset);

    if (e.kind == XB_GPU)
        asked->gpu[role] += bytes;
    if (e.kind == XB_HOST || c->method->flags & XB_METHOD_MIGRATES)
        asked->host[role] += bytes;
}

static void keep(struct kept *kept, const struct kept *asked)
{
    for (int role = 0; role < 2; role++) {
        if (asked->host[role] > kept->host[role])
            kept->host[role] = asked->host[role];
        if (asked->gpu[role] > kept->gpu[role])
            kept->gpu[role] = asked->gpu[role];
    }
    if (asked->ring > kept->ring)
        kept->ring = asked->ring;
}

/* A ring is the source's; between nodes each end has its own. */
static void ask_ring(const struct xb_case *c, const struct xb_lane *lane, struct kept *asked)
{
    uint64_t bytes = c->chunk * (uint64_t)c->depth;

    if (!(c->method->flags & XB_METHOD_CHUNKED))
        return;
    asked[lane->src_rank].ring += bytes;
    if (lane->path.locality == XB_REMOTE)
        asked[lane->dst_rank].ring += bytes;
}

/* A round that is walked through: what it has asked for so far, and whom. */
struct asking {
    const struct xb_case *c;
    struct kept *asked; /* of each rank */
    int *rank;          /* who has asked, each once */
    int nranks;
};

static void note_rank(struct asking *a, int rank)
{
    if (!a->asked[rank].there)
        a->rank[a->nranks++] = rank;
    a->asked[rank].there = true;
}

static int ask_lane(void *arg, const struct xb_lane *lane)
{
    struct asking *a = arg;
    struct xb_case room;
    const struct xb_case *own = xb_lane_case(a->c, lane, &room);

    note_rank(a, lane->src_rank);
    note_rank(a, lane->dst_rank);
    ask(&a->asked[lane->src_rank], own, lane->path.src, 0);
    ask(&a->asked[lane->dst_rank], own, lane->path.dst, 1);
    ask_ring(own, lane, a->asked);
    return 0;
}

/* Rounds in which some are left out ask for no more than the one of all. */
static int walk_case(struct asking *a, const struct xb_job *job, bool on_host,
                     struct kept *kept, struct xb_error *err)
{
    static const struct kept none;
    const struct xb_case *c = a->c;
    struct xb_schedule schedule;
    struct xb_error why;

    if (c->method->flags & XB_METHOD_BY_POLICY || xb_case_is_experiment(c) ||
        (on_host && c->method->flags & XB_METHOD_NEEDS_GPU) || xb_case_possible(c, &why) != 0)
        return 0;
    int rc = xb_schedule_open(c, job, &schedule, &why);
    if (rc != 0)
        return rc < 0 ? xb_fail(err, "%s", why.text) : 0;
    for (size_t i = 0; rc == 0 && i < schedule.planned; i++) {
        rc = xb_schedule_walk(&schedule, i, ask_lane, a, err);
        for (; a->nranks > 0; a->nranks--) {
            int rank = a->rank[a->nranks - 1];
            keep(&kept[rank], &a->asked[rank]);
            a->asked[rank] = none;
        }
    }
    xb_schedule_close(&schedule);
    return rc;
}

/* The GPU that needs most is taken to be one rank's alone; the node, all its ranks'. */
static int add_up(const struct xb_job *job, const struct kept *kept, bool on_host,
                  uint64_t *gpu_bytes, uint64_t *host_bytes, struct xb_error *err)
{
    uint64_t *of_node = calloc((size_t)job->nranks, sizeof *of_node);

    if (!of_node)
        return xb_fail(err, "out of memory for %d ranks", job->nranks);
    for (int r = 0; r < job->nranks; r++) {
        uint64_t *node = &of_node[job->node_of_rank[r]], gpu = kept[r].gpu[0] + kept[r].gpu[1];
        *node += kept[r].host[0] + kept[r].host[1] + kept[r].ring + (on_host ? gpu : 0);
        if (*node > *host_bytes)
            *host_bytes = *node;
        if (!on_host && gpu > *gpu_bytes)
            *gpu_bytes = gpu;
    }
    free(of_node);
    return 0;
}

int xb_estimate_memory(const struct xb_plan *plan, const struct xb_job *job, bool on_host,
                       uint64_t *gpu_bytes, uint64_t *host_bytes, struct xb_error *err)
{
    struct kept *asked = calloc((size_t)job->nranks, sizeof *asked);
    struct kept *kept = calloc((size_t)job->nranks, sizeof *kept);
    struct asking asking = {.asked = asked, .rank = calloc((size_t)job->nranks, sizeof(int))};
    int rc = asked && kept && asking.rank
                 ? 0
                 : xb_fail(err, "out of memory for %d ranks", job->nranks);

    *gpu_bytes = *host_bytes = 0;
    for (size_t i = 0; rc == 0 && i < plan->count; i++) {
        asking.c = &plan->cases[i];
        rc = walk_case(&asking, job, on_host, kept, err);
    }
    if (rc == 0)
        rc = add_up(job, kept, on_host, gpu_bytes, host_bytes, err);
    free(asking.rank);
    free(asked);
    free(kept);
    return rc;
}
