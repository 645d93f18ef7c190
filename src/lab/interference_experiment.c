/* SPDX-License-Identifier: BSD-3-Clause */
/* interference_experiment.c - a transfer, and work on the same GPU: what each does alone, and
 * what both do at the same time.
 *
 * A round has three parts: the transfer alone, both, the work alone; every other round goes the
 * other way, so that what drifts counts for neither. While both run each goes on until the
 * other has done enough, and counts only what lies within the time that both were busy. The
 * transfer gets new bytes before each part and is verified behind it, and so is all that the
 * work has ever done. */
#include "lab/experiment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/measure/lost.h"
#include "engine/runtime/clock.h"
#include "lab/interference/interference_spec.h"
#include "lab/interference/repeat.h"
#include "lab/interference/together.h"

#define POST_US  2000.0 /* of transfers that are posted together: long beside units of work */
#define LIMIT_US 1e5    /* of one wait, between which the time is looked at */
#define FNV_BASE UINT64_C(0xcbf29ce484222325)
#define FNV_STEP UINT64_C(0x100000001b3)

enum { TRANSFER = XB_SIDE_FIRST, WORK = XB_SIDE_SECOND };

struct interference {
    const struct xb_lab_case *l;
    enum xb_beside beside;
    struct xb_repeat repeat, second; /* second: where the work is a transfer */
    bool has_repeat, has_second;
    struct xb_load *load; /* where it is not */
    unsigned under_way;   /* units of the load */
    struct xb_together together;
    uint64_t number; /* of the parts so far */
    uint64_t rounds;
    struct xb_verify found; /* since it was asked for last */

    /* of the last batch, summed over its rounds: units in a microsecond, and microseconds */
    double alone[XB_SIDES], beside_rate[XB_SIDES], window_us;
    int64_t in_batch;
};

static const struct xb_interference_options *options_of(const struct xb_lab_case *l)
{
    return xb_case_options(l->c);
}

static bool is_compute(const struct xb_lab_case *l)
{
    return options_of(l)->beside != XB_BESIDE_TRANSFER;
}

static bool runs(const struct xb_lab_case *l)
{
    return l->c->path.locality == XB_SELF || l->session->rank < l->other;
}

static struct xb_load_ask load_ask(const struct xb_lab_case *l, const struct xb_part *part)
{
    return (struct xb_load_ask){
        .kind = options_of(l)->beside == XB_BESIDE_MEMORY ? XB_LOAD_MEMORY : XB_LOAD_ARITHMETIC,
        .gpu = xb_part_gpu(part),
        .threads = (int)options_of(l)->threads};
}

/* Is there a choice whose engine or kernel moves the bytes? The work is on that GPU, and on one
 * of the rank that runs the experiment. */
static bool has_sides(const struct xb_case *c)
{
    const struct xb_interference_options *o = xb_case_options(c);

    return c->path.locality == XB_SELF && c->path.src.kind == XB_GPU &&
           c->path.dst.kind == XB_GPU && o->engine != XB_CARRIER_NCCL;
}

static int interference_start(const struct xb_session *session, const struct xb_case *given,
                              struct xb_error *err)
{
    struct xb_case c;

    xb_part_case(given, &c);
    if ((session->device_is_host && c.method->flags & XB_METHOD_NEEDS_GPU) ||
        !xb_catalog_takes_path(c.method, &c.path))
        return XB_GO; /* the probe says why not */
    if (!xb_method_of(&c)->start)
        return XB_GO;
    int rc = xb_lost_check_all(session, err);
    return rc == XB_GO ? xb_method_of(&c)->start(session, &c, err) : rc;
}

static int interference_probe(const struct xb_lab_case *l, struct xb_error *err)
{
    const struct xb_interference_options *o = options_of(l);
    struct xb_part part;

    if (l->c->window != 1)
        xb_fail(err,
                "as many transfers are posted at once as take a millisecond, no window of %d: "
                "window must be 1",
                l->c->window);
    else if (is_compute(l) && !l->device->loads)
        xb_fail(err, "device %s has no work to measure transfers beside", l->device->name);
    else if (!is_compute(l) && l->c->path.locality != XB_SELF)
        xb_fail(err, "a second transfer between ranks is what contention measures, of the "
                     "pattern stream with pairs together");
    else if (o->threads > 0 && (!is_compute(l) || !l->session->device_is_host))
        xb_fail(err, "threads compute where host memory stands for a GPU's; here threads must "
                     "be 0");
    else if (o->sms > 0 && o->engine != XB_CARRIER_SM)
        xb_fail(err, "sms is about the kernel of engine sm: with another sms must be 0");
    else if (o->side == XB_COMPANY_PULL && !has_sides(l->c))
        xb_fail(err,
                "either GPU can work only between GPUs of one rank, by engine ce or sm: here "
                "side must be push");
    else {
        xb_part_describe(&part, l, 0);
        return xb_part_probe(&part, err);
    }
    return XB_SKIP;
}

static void interference_needs(const struct xb_lab_case *l, struct xb_needs *needs)
{
    struct xb_error ignored; /* open says it again */
    struct xb_part part;
    uint64_t bytes = 0;

    for (int i = 0; i < (is_compute(l) ? 1 : 2); i++) {
        xb_part_describe(&part, l, i);
        xb_part_needs(&part, needs);
    }
    if (!runs(l) || !is_compute(l))
        return;
    const struct xb_load_ask ask = load_ask(l, &part);
    if (l->device->loads->needs(&ask, &bytes, &ignored) < 0 || ask.gpu != 0)
        return;
    if (l->session->device_is_host)
        needs->host += bytes;
    else
        needs->device += bytes;
}

/* ---- the two sides ---- */

static int move(void *ctx, struct xb_error *err)
{
    return xb_repeat_run(ctx, err);
}

static int start_unit(struct interference *x, struct xb_error *err)
{
    if (x->l->device->loads->start(x->load, err) < 0)
        return XB_ERROR;
    x->under_way++;
    return XB_GO;
}

static int wait_unit(struct interference *x, struct xb_error *err)
{
    int rc;

    while ((rc = x->l->device->loads->wait(x->load, LIMIT_US, err)) == 0)
        if (xb_clock_us() > x->l->deadline_us)
            return XB_TIMED_OUT;
    if (rc < 0)
        return XB_ERROR;
    x->under_way--;
    return XB_GO;
}

/* One unit is always waiting behind the one that is under way. */
static int compute_begin(void *ctx, struct xb_error *err)
{
    int rc = XB_GO;

    for (int i = 1; rc == XB_GO && i < XB_LOAD_AHEAD; i++)
        rc = start_unit(ctx, err);
    return rc;
}

static int compute(void *ctx, struct xb_error *err)
{
    int rc = start_unit(ctx, err);
    return rc == XB_GO ? wait_unit(ctx, err) : rc;
}

static int compute_end(void *ctx, struct xb_error *err)
{
    struct interference *x = ctx;
    int rc = XB_GO;

    while (rc == XB_GO && x->under_way > 0)
        rc = wait_unit(x, err);
    return rc;
}

/* ---- open and close ---- */

static void interference_close(void *ctx)
{
    struct interference *x = ctx;

    if (x->load)
        x->l->device->loads->close(x->load);
    if (x->has_second)
        xb_repeat_close(&x->second);
    if (x->has_repeat)
        xb_repeat_close(&x->repeat);
    xb_together_free(&x->together);
    free(x);
}

static uint64_t next_key(struct interference *x)
{
    uint64_t h = FNV_BASE ^ x->l->session->seed;

    for (const char *p = x->l->c->id; *p; p++)
        h = (h ^ (unsigned char)*p) * FNV_STEP;
    return (h ^ x->number++) * FNV_STEP;
}

static int open_repeat(struct interference *x, int index, struct xb_repeat *repeat, bool *has,
                       struct xb_error *err)
{
    xb_part_describe(&repeat->part, x->l, index);
    *has = true;
    int rc = xb_repeat_open(repeat, err);
    if (rc == XB_GO)
        rc = xb_repeat_renew(repeat, next_key(x), err);
    return rc == XB_GO ? xb_repeat_size(repeat, POST_US, err) : rc;
}

static int open_parts(struct interference *x, struct xb_error *err)
{
    int rc = open_repeat(x, 0, &x->repeat, &x->has_repeat, err);

    if (rc != XB_GO)
        return rc;
    x->together.deadline_us = x->l->deadline_us;
    x->together.name[TRANSFER] = "the transfer";
    x->together.name[WORK] = "the work beside it";
    x->together.side[TRANSFER] =
        (struct xb_side){.device = x->l->device, .work = {.ctx = &x->repeat, .unit = move}};
    if (!is_compute(x->l)) {
        rc = open_repeat(x, 1, &x->second, &x->has_second, err);
        x->together.side[WORK] =
            (struct xb_side){.device = x->l->device, .work = {.ctx = &x->second, .unit = move}};
        return rc;
    }
    const struct xb_load_ask ask = load_ask(x->l, &x->repeat.part);
    if (x->l->device->loads->open(&ask, &x->load, err) < 0)
        return XB_ERROR;
    x->together.side[WORK] = (struct xb_side){
        .device = x->l->device,
        .work = {.ctx = x, .begin = compute_begin, .unit = compute, .end = compute_end}};
    return XB_GO;
}

static int interference_open(const struct xb_lab_case *l, void **ctx, struct xb_error *err)
{
    struct interference *x = calloc(1, sizeof *x);

    if (!x)
        return xb_fail(err, "out of memory");
    x->l = l;
    x->beside = (enum xb_beside)options_of(l)->beside;
    int rc = open_parts(x, err);
    if (rc != XB_GO) {
        if (rc == XB_TIMED_OUT)
            xb_fail(err, "the transfer was not there within the case's time");
        interference_close(x);
        return rc;
    }
    *ctx = x;
    return XB_GO;
}

/* ---- the experiment ---- */

static int check(struct interference *x, enum xb_part_of_round part, struct xb_error *err)
{
    int rc = XB_GO;

    if (part != XB_SECOND_ALONE)
        rc = xb_repeat_check(&x->repeat, &x->found, err);
    if (rc != XB_GO || part == XB_FIRST_ALONE)
        return rc;
    if (!x->load)
        return xb_repeat_check(&x->second, &x->found, err);
    return x->l->device->loads->check(x->load, &x->found, err) < 0 ? XB_ERROR : XB_GO;
}

static int run_part(struct interference *x, enum xb_part_of_round part, struct xb_error *err)
{
    struct xb_rates rates;
    int rc = XB_GO;

    if (part != XB_SECOND_ALONE)
        rc = xb_repeat_renew(&x->repeat, next_key(x), err);
    if (rc == XB_GO && part != XB_FIRST_ALONE && !x->load)
        rc = xb_repeat_renew(&x->second, next_key(x), err);
    if (rc == XB_GO)
        rc = xb_together_run(&x->together, part, &rates, err);
    if (rc != XB_GO)
        return rc;
    for (int i = TRANSFER; i <= WORK; i++)
        if (part == XB_BOTH_SIDES)
            x->beside_rate[i] += rates.unit_per_us[i];
        else if (isfinite(rates.unit_per_us[i]))
            x->alone[i] += rates.unit_per_us[i];
    x->window_us += part == XB_BOTH_SIDES ? rates.window_us : 0;
    return check(x, part, err);
}

static double bytes_of(const struct xb_repeat *m)
{
    return (double)m->at_once * (double)m->part.c.bytes;
}

/* What a unit of a side is: bytes, or operations. */
static double unit_of(const struct interference *x, int side)
{
    if (side == TRANSFER)
        return bytes_of(&x->repeat);
    return x->load ? x->l->device->loads->unit(x->load) : bytes_of(&x->second);
}

/* *us is what transfers took in company. */
static int interference_run(void *ctx, int64_t rounds, double *us, struct xb_error *err)
{
    struct interference *x = ctx;
    int rc = XB_GO;

    memset(x->alone, 0, sizeof x->alone);
    memset(x->beside_rate, 0, sizeof x->beside_rate);
    x->window_us = 0;
    x->in_batch = rounds;
    for (int64_t i = 0; rc == XB_GO && i < rounds; i++) {
        bool back = x->rounds++ % 2;
        for (int part = 0; rc == XB_GO && part < XB_PARTS_OF_ROUND; part++)
            rc = run_part(
                x, (enum xb_part_of_round)(back ? XB_PARTS_OF_ROUND - 1 - part : part), err);
    }
    if (rc == XB_GO) /* bytes / (bytes / us), of all rounds */
        *us = (double)rounds * (double)x->l->c->bytes * (double)rounds /
              (x->beside_rate[TRANSFER] * unit_of(x, TRANSFER));
    return rc;
}

static void interference_verify(void *ctx, struct xb_verify *out)
{
    struct interference *x = ctx;

    xb_verify_add(out, &x->found);
    out->done = true;
    x->found = (struct xb_verify){0};
}

static size_t interference_figures(void *ctx, struct xb_figure *out, size_t max)
{
    const struct interference *x = ctx;
    const double n = (double)x->in_batch;
    const double moved = unit_of(x, TRANSFER) * 1e-3 / n, done = unit_of(x, WORK) * 1e-3 / n;
    const bool flop = x->beside == XB_BESIDE_ARITHMETIC;
    const struct xb_figure all[] = {
        {"transfer_alone_gb_per_s", x->alone[TRANSFER] * moved},
        {"transfer_beside_gb_per_s", x->beside_rate[TRANSFER] * moved},
        {"transfer_kept", x->beside_rate[TRANSFER] / x->alone[TRANSFER]},
        {"work_alone_gflop_per_s", flop ? x->alone[WORK] * done : NAN},
        {"work_beside_gflop_per_s", flop ? x->beside_rate[WORK] * done : NAN},
        {"work_alone_gb_per_s", flop ? NAN : x->alone[WORK] * done},
        {"work_beside_gb_per_s", flop ? NAN : x->beside_rate[WORK] * done},
        {"work_kept", x->beside_rate[WORK] / x->alone[WORK]},
        {"together_us", x->window_us / n},
    };
    size_t count = sizeof all / sizeof all[0];

    if (count > max)
        count = max;
    memcpy(out, all, count * sizeof all[0]);
    return count;
}

const struct xb_experiment xb_experiment_interference = {
    .spec = XB_INTERFERENCE_EXPERIMENT,
    .start = interference_start,
    .probe = interference_probe,
    .needs = interference_needs,
    .open = interference_open,
    .run = interference_run,
    .follow = xb_repeat_follow,
    .long_rounds = true,
    .verify = interference_verify,
    .figures = interference_figures,
    .close = interference_close,
};
