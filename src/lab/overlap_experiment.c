/* SPDX-License-Identifier: BSD-3-Clause */
/* overlap_experiment.c - images of a reaction-diffusion system: commands prepared by the CPU,
 * computed and downloaded by the device, processed by the CPU again, and how much of that
 * overlaps.
 *
 * A round is a whole run of `steps` steps and `images` images. What comes out at the end is
 * compared after each run with what one in lockstep gives, bit for bit, and that, where the CPU
 * can tell in reasonable time, with the solution in double precision. */
#include "lab/experiment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/gray_scott/gray_scott.h"
#include "lab/gray_scott/gray_scott_spec.h"
#include "lab/overlap.h"
#include "model/figures/overlap_figure.h"
#include "gray_scott_model.h"

#define MAX_CPU_WORK (1ll << 26) /* cells times steps that the CPU solves too */
#define MAX_ERROR    1e-3        /* of single precision, relative; 64 steps give under 1e-6 */

struct gray_scott {
    const struct xb_lab_case *l;
    struct xb_overlap_config config;
    struct xb_overlap *overlap;
    float *want;   /* the last image of a run in lockstep */
    bool is_right; /* it agrees with the CPU, as far as that was asked */
    uint64_t checked_bytes, wrong_bytes, first_bad; /* since they were asked for last */
    struct xb_overlap_times sum;                    /* of the rounds of the last batch */
    int64_t rounds;
};

static struct xb_overlap_config config_of(const struct xb_lab_case *l)
{
    const struct xb_gray_scott_options *o = xb_case_options(l->c);

    return (struct xb_overlap_config){
        .stepper = xb_stepper_of(l->device),
        .mode = (enum xb_overlap_mode)o->mode,
        .stages = (enum xb_overlap_stages)o->stages,
        .depth = (int)o->buffers,
        .width = (int)o->width,
        .height = (int)o->height,
        .steps = o->steps,
        .images = o->images,
    };
}

/* Steps times cells, exact: both are far below what 64 bits hold. */
static int64_t cell_steps(const struct xb_overlap_config *config)
{
    return (int64_t)config->width * config->height * config->steps;
}

static int overlap_probe(const struct xb_lab_case *l, struct xb_error *err)
{
    struct xb_overlap_config config = config_of(l);
    uint64_t bytes = xb_overlap_image_bytes(&config);

    if (!config.stepper)
        xb_fail(err, "device %s has no solver", l->device->name);
    else if (config.width % XB_GRAY_SCOTT_MULTIPLE != 0)
        xb_fail(err, "needs a width that is a multiple of %d, not %d", XB_GRAY_SCOTT_MULTIPLE,
                config.width);
    else if (config.steps % config.images != 0)
        xb_fail(err, "%lld steps cannot be divided among %lld images", (long long)config.steps,
                (long long)config.images);
    else if (l->c->bytes != bytes)
        xb_fail(err, "an image of %d x %d cells has a size of %llu bytes, not %llu",
                config.width, config.height, (unsigned long long)bytes,
                (unsigned long long)l->c->bytes);
    else if (l->c->window != 1)
        xb_fail(err, "runs go one at a time, no window of %d: window must be 1", l->c->window);
    else
        return XB_GO;
    return XB_SKIP;
}

static void overlap_needs(const struct xb_lab_case *l, struct xb_needs *needs)
{
    struct xb_overlap_config config = config_of(l);
    uint64_t bytes = xb_overlap_image_bytes(&config), device, host;

    config.stepper->needs(config.width, config.height, &device, &host);
    needs->device += device;
    needs->host += host + bytes * (1 + (uint64_t)xb_overlap_buffers(&config));
    if (cell_steps(&config) <= MAX_CPU_WORK)
        needs->host += 5 * 2 * bytes; /* fields of the CPU's own, in double precision */
}

/* Does the image that runs are compared with agree with the CPU's? 0, or -1 when out of memory.
 */
static int compare_with_cpu(struct gray_scott *g, struct xb_error *err)
{
    const struct xb_overlap_config *c = &g->config;
    size_t cells = (size_t)c->width * (size_t)c->height;

    g->is_right = true;
    if (cell_steps(c) > MAX_CPU_WORK)
        return 0;
    double *solution = xb_gray_scott_solve(c->width, c->height, (long)c->steps);
    if (!solution)
        return xb_fail(err, "out of memory");
    g->is_right = xb_gray_scott_error(g->want, solution, cells) <= MAX_ERROR;
    free(solution);
    return 0;
}

static int open_parts(struct gray_scott *g, struct xb_error *err)
{
    uint64_t bytes = xb_overlap_image_bytes(&g->config);
    struct xb_overlap_times ignored;
    const float *image;

    if (!(g->want = malloc(bytes)))
        return xb_fail(err, "out of memory");
    if (xb_overlap_open(g->l->device, &g->config, &g->overlap, err) < 0)
        return XB_ERROR;
    int rc =
        xb_overlap_round(g->overlap, XB_OVERLAP_LOCKSTEP, g->l->deadline_us, &ignored, err);
    if (rc != XB_GO)
        return rc;
    if (!(image = xb_overlap_image(g->overlap, err)))
        return XB_ERROR;
    memcpy(g->want, image, bytes);
    return compare_with_cpu(g, err);
}

static void overlap_close(void *ctx)
{
    struct gray_scott *g = ctx;

    xb_overlap_close(g->overlap);
    free(g->want);
    free(g);
}

static int overlap_open(const struct xb_lab_case *l, void **ctx, struct xb_error *err)
{
    struct gray_scott *g = calloc(1, sizeof *g);

    if (!g)
        return xb_fail(err, "out of memory");
    g->l = l;
    g->config = config_of(l);
    int rc = open_parts(g, err);
    if (rc != XB_GO) {
        if (rc == XB_TIMED_OUT)
            xb_fail(err, "the run that others are compared with took longer than the case has");
        overlap_close(g);
        return rc;
    }
    *ctx = g;
    return XB_GO;
}

static void note_wrong(struct gray_scott *g, uint64_t bytes, uint64_t first)
{
    if (g->wrong_bytes == 0 || first < g->first_bad)
        g->first_bad = first;
    g->wrong_bytes += bytes;
}

/* A run is as wrong as its last image; where the sum of any image was not that of the same
 * image in the run that others are compared with, or that one is not what the CPU computes, as
 * a whole. */
static int look_at(struct gray_scott *g, struct xb_error *err)
{
    uint64_t bytes = xb_overlap_image_bytes(&g->config);
    const float *image = xb_overlap_image(g->overlap, err);

    if (!image)
        return XB_ERROR;
    g->checked_bytes += bytes;
    if (!g->is_right || !xb_overlap_is_right(g->overlap)) {
        note_wrong(g, bytes, 0);
        return XB_GO;
    }
    if (memcmp(image, g->want, bytes) == 0)
        return XB_GO;
    for (uint64_t i = 0; i < bytes; i++)
        if (((const unsigned char *)image)[i] != ((const unsigned char *)g->want)[i])
            note_wrong(g, 1, i);
    return XB_GO;
}

/* What is between rounds, going back to the beginning and looking at the image, is not timed.
 */
static int overlap_run(void *ctx, int64_t rounds, double *us, struct xb_error *err)
{
    struct gray_scott *g = ctx;
    int rc = XB_GO;

    g->sum = (struct xb_overlap_times){0};
    g->rounds = rounds;
    for (int64_t i = 0; rc == XB_GO && i < rounds; i++) {
        struct xb_overlap_times times;
        rc = xb_overlap_round(g->overlap, g->config.mode, g->l->deadline_us, &times, err);
        if (rc != XB_GO)
            break;
        g->sum.total_us += times.total_us;
        g->sum.prepare_us += times.prepare_us;
        g->sum.device_us += times.device_us;
        g->sum.process_us += times.process_us;
        rc = look_at(g, err);
    }
    *us = g->sum.total_us;
    return rc;
}

static void overlap_verify(void *ctx, struct xb_verify *out)
{
    struct gray_scott *g = ctx;

    if (g->wrong_bytes && (out->wrong_bytes == 0 || g->first_bad < out->first_bad))
        out->first_bad = g->first_bad;
    out->checked_bytes += g->checked_bytes;
    out->wrong_bytes += g->wrong_bytes;
    g->checked_bytes = g->wrong_bytes = 0;
}

static size_t overlap_figures(void *ctx, struct xb_figure *out, size_t max)
{
    const struct gray_scott *g = ctx;
    double n = (double)g->rounds, us = g->sum.total_us / n;
    double busy[] = {g->sum.prepare_us / n, g->sum.device_us / n, g->sum.process_us / n};
    const struct xb_figure all[] = {
        {"cells_steps_gelem_per_s", (double)cell_steps(&g->config) / us * 1e-3},
        {"prepare_us", busy[0]},
        {"device_us", busy[1]},
        {"process_us", busy[2]},
        {"serial_us", busy[0] + busy[1] + busy[2]},
        {"overlap_reached", xb_overlap_reached(busy, 3, (long)g->config.images, us)},
    };
    size_t count = sizeof all / sizeof all[0];

    if (count > max)
        count = max;
    memcpy(out, all, count * sizeof all[0]);
    return count;
}

const struct xb_experiment xb_experiment_overlap = {
    .spec = XB_OVERLAP_EXPERIMENT,
    .probe = overlap_probe,
    .needs = overlap_needs,
    .open = overlap_open,
    .run = overlap_run,
    .verify = overlap_verify,
    .figures = overlap_figures,
    .close = overlap_close,
};
