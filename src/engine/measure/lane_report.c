/* SPDX-License-Identifier: BSD-3-Clause */
/* lane_report.c - what each lane of a round came to. */
#include "engine/measure/lane_report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/measure/lanes.h"
#include "model/figures/stats.h"
#include "model/plan/collective_op.h"

static enum xb_status status_of(int outcome)
{
    switch ((enum xb_outcome)outcome) {
    case XB_GO:
        return XB_OK;
    case XB_SKIP:
        return XB_SKIPPED;
    case XB_TIMED_OUT:
        return XB_TIMEOUT;
    case XB_STOPPED:
    case XB_ERROR:
        break;
    }
    return XB_FAILED;
}

static struct xb_lane_report empty_report(const struct xb_lane *lane)
{
    struct xb_lane_report r;

    memset(&r, 0, sizeof r); /* it travels as bytes */
    r.result.round = lane->round;
    r.result.chain = lane->chain;
    r.result.step = lane->step;
    r.result.src_rank = lane->src_rank;
    r.result.dst_rank = lane->dst_rank;
    r.result.path = lane->path;
    r.result.link_class = lane->link_class;
    r.result.company = lane->company;
    r.result.bytes = lane->bytes;
    r.result.group = lane->group;
    r.result.members = lane->members;
    r.result.setup = (struct xb_setup){NAN, NAN, NAN, NAN, NAN, NAN};
    return r;
}

/* What one end of a lane has to say, for the other. */
struct part {
    struct xb_verify verify;
    uint64_t outside;
    struct xb_sums sum;
    uint64_t wrong_batch; /* behind which its stamps were wrong; 0 where they were not */
    char when[48];        /* "" where no bytes are wrong */
    double seen[XB_WIRES];
    struct xb_setup setup;
};

static struct part make_part(const struct xb_case_run *run, const struct xb_lane_run *l)
{
    struct part p;

    memset(&p, 0, sizeof p);
    p.verify = l->verify;
    p.verify.stamped_batches = l->stamped;
    p.outside = l->outside;
    p.sum = l->sum;
    p.wrong_batch = l->wrong_batch;
    snprintf(p.when, sizeof p.when, "%s", l->when ? l->when : "");
    memcpy(p.seen, run->counting.seen, sizeof p.seen);
    p.setup = l->setup;
    return p;
}

/* Say what is wrong with the bytes, if anything. */
static void tell_bytes(const struct part *dst, struct xb_lane_report *r)
{
    char *at = r->reason;
    size_t left = sizeof r->reason;

    r->result.verify = dst->verify;
    if (!dst->when[0])
        return;
    r->result.status = XB_CORRUPT;
    int n = snprintf(at, left, "%s: ", dst->when);
    at += n;
    left -= (size_t)n;
    if (dst->wrong_batch) {
        snprintf(at, left,
                 "behind batch %" PRIu64 " %" PRIu64 " of %" PRIu64
                 " stamped bytes wrong, the first at offset %" PRIu64,
                 dst->wrong_batch, dst->verify.wrong_bytes, dst->verify.checked_bytes,
                 dst->verify.first_bad);
        return;
    }
    if (dst->verify.wrong_bytes)
        snprintf(at, left,
                 "%" PRIu64 " of %" PRIu64 " bytes wrong, the first at offset %" PRIu64,
                 dst->verify.wrong_bytes, dst->verify.checked_bytes, dst->verify.first_bad);
    else if (dst->outside)
        snprintf(at, left, "%" PRIu64 " bytes beside the destination were overwritten",
                 dst->outside);
    else
        snprintf(at, left,
                 "the checksum that was taken on the way is %016" PRIx64
                 ", expected %016" PRIx64,
                 dst->sum.taken, dst->sum.expected);
}

/* Is the bound GPU of a rank, whose counters it reads, an end of a lane on the side where bytes
 * are sent, or received? Where a host is that end, the GPU within the same rank sees them. */
static bool is_of_bound_gpu(const struct xb_path *path, bool sent)
{
    struct xb_endpoint here = sent ? path->src : path->dst,
                       there = sent ? path->dst : path->src;

    if (here.kind == XB_HOST && path->locality == XB_SELF)
        return there.index == 0;
    return here.index == 0;
}

/* What is sent is counted at the source, what is received at the destination. */
static void tell_counters(const struct xb_case_run *run, const struct part *src,
                          const struct part *dst, struct xb_lane_result *out)
{
    const struct xb_lane lane = {.bytes = out->bytes};
    double moved = (double)run->batches * (double)out->ops_per_sample *
                   xb_case_moved_bytes(run->c, out->members) *
                   xb_lane_weight(&lane, run->c->bytes);

    for (int w = 0; w < XB_WIRES; w++) {
        bool sent = xb_wire_is_sent((enum xb_wire)w);
        /* a rank reads the counters of its bound GPU alone */
        double seen = !is_of_bound_gpu(&out->path, sent) ? -1
                      : sent                             ? src->seen[w]
                                                         : dst->seen[w];
        out->carried[w] = seen >= 0 && moved > 0 ? seen / moved : -1;
        out->has_carried = out->has_carried || out->carried[w] >= 0;
    }
}

static double later(double a, double b)
{
    return a > b ? a : b;
}

/* The chain that this rank starts and lane l begins, or NULL. */
static const struct xb_chain_run *chain_of(const struct xb_case_run *run,
                                           const struct xb_lane_run *l)
{
    for (size_t i = 0; l->lane.step == 0 && i < run->nchains; i++)
        if (run->chains[i].chain == l->lane.chain)
            return &run->chains[i];
    return NULL;
}

static struct xb_lane_report report_lane(const struct xb_case_run *run,
                                         const struct xb_lane_run *l, const struct part *mine,
                                         const struct part *theirs, int64_t ops)
{
    struct xb_lane_report r = empty_report(&l->lane);
    bool is_src = l->t.roles & XB_ROLE_SRC;
    const struct part *src = is_src ? mine : theirs,
                      *dst = l->t.roles & XB_ROLE_DST ? mine : theirs;
    const struct xb_chain_run *chain = chain_of(run, l);

    tell_bytes(dst, &r);
    const size_t n = chain && r.result.status == XB_OK ? chain->nsamples : 0;
    if (n > 0)
        xb_stats_compute(chain->samples_us, n, &r.result.time);
    if (n > 0 && run->options->samples && r.result.time.n > 0) {
        if (!(r.result.samples_us = malloc(n * sizeof *r.result.samples_us)))
            abort(); /* rank 0 waits for them */
        memcpy(r.result.samples_us, chain->samples_us, n * sizeof *r.result.samples_us);
        r.result.nsamples = n;
    }
    r.result.ops_per_sample = ops;
    tell_counters(run, src, dst, &r.result);
    r.result.setup.open = later(src->setup.open, dst->setup.open);
    r.result.setup.register_ = later(src->setup.register_, dst->setup.register_);
    r.result.setup.map = later(src->setup.map, dst->setup.map);
    r.result.setup.first = later(src->setup.first, dst->setup.first);
    r.result.setup.total = r.result.setup.open + r.result.setup.first;
    return r;
}

void xb_lane_reports_measured(struct xb_case_run *run, int rc, const struct xb_error *err,
                              int64_t ops, struct xb_lane_report *reports, size_t *count)
{
    struct part *mine = calloc(run->nmine + 1, sizeof *mine);
    struct part *theirs = calloc(run->nmine + 1, sizeof *theirs);

    if (!mine || !theirs)
        abort(); /* the other ends wait for these */
    for (size_t i = 0; i < run->nmine; i++)
        mine[i] = make_part(run, &run->mine[i]);
    if (rc == XB_GO)
        xb_lanes_exchange(run, mine, theirs, sizeof *mine);
    for (size_t i = 0; i < run->nmine; i++) {
        const struct xb_lane_run *l = &run->mine[i];
        if (!l->starter)
            continue;
        struct xb_lane_report *r = &reports[(*count)++];
        if (rc == XB_GO) {
            *r = report_lane(run, l, &mine[i], &theirs[i], ops);
            continue;
        }
        *r = empty_report(&l->lane);
        r->result.status = status_of(rc);
        r->broken = run->broken;
        r->tight = run->tight;
        snprintf(r->reason, sizeof r->reason, "%s", err->text);
    }
    free(mine);
    free(theirs);
}

void xb_lane_reports_skipped(const struct xb_case_run *run, const struct xb_verdict *verdicts,
                             const unsigned char *skipped, struct xb_lane_report *reports,
                             size_t *count)
{
    for (size_t i = 0; i < run->nmine; i++) {
        const struct xb_lane_run *l = &run->mine[i];
        const char *text = verdicts[i].text;
        int outcome = verdicts[i].outcome;
        if (!l->starter || !xb_has_bit(skipped, l->lane.chain))
            continue;
        /* another lane of the chain may have the reason */
        for (size_t k = 0; !text[0] && k < run->nmine; k++)
            if (run->mine[k].lane.chain == l->lane.chain) {
                text = verdicts[k].text;
                outcome = verdicts[k].outcome;
            }
        struct xb_lane_report *r = &reports[(*count)++];
        *r = empty_report(&l->lane);
        r->result.status = outcome == XB_GO ? XB_SKIPPED : status_of(outcome);
        r->left_out = true;
        snprintf(r->reason, sizeof r->reason, "%s",
                 text[0] ? text : "another rank of the operation cannot take part");
    }
}

void xb_lane_reports_number_back(const unsigned char *skipped, int chains,
                                 struct xb_lane_report *reports, size_t count)
{
    int at = -1, kept = -1; /* a chain of the whole round, and its number without the others */

    for (size_t i = 0; i < count; i++) {
        int *chain = &reports[i].result.chain;
        if (*chain < kept) /* they are in order, but for lanes that go back */
            at = kept = -1;
        while (kept < *chain && at + 1 < chains)
            kept += !xb_has_bit(skipped, ++at);
        *chain = at;
    }
}

static int by_place(const void *a, const void *b)
{
    const struct xb_lane_result *x = &((const struct xb_lane_report *)a)->result;
    const struct xb_lane_result *y = &((const struct xb_lane_report *)b)->result;

    return x->chain != y->chain ? (x->chain > y->chain) - (x->chain < y->chain)
                                : (x->step > y->step) - (x->step < y->step);
}

void xb_lane_reports_sort(struct xb_lane_report *reports, size_t count)
{
    qsort(reports, count, sizeof *reports, by_place);
}
