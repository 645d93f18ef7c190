/* SPDX-License-Identifier: BSD-3-Clause */
/* tuner_fixture.h - a machine whose times are made up, for the tuner to measure. */
#ifndef XB_TESTS_TUNE_TUNER_FIXTURE_H
#define XB_TESTS_TUNE_TUNER_FIXTURE_H

#include <stdlib.h>

#include <mpi.h>

#include "engine/methods/method.h"
#include "tune/tuner.h"

#define FIXTURE_SAMPLES 9

/* Microseconds of a transfer on the machine of the test; 0 where it does not work there. */
typedef double (*fixture_time)(const struct xb_case *c, struct xb_pipeline_times *pipeline);

static struct {
    fixture_time time_of;
    double noise;   /* medians and samples lie within this share of the time */
    long disturbed; /* this measurement, from 1, takes twice as long; 0 for none */
    long measured;  /* so far */
    long slices;    /* of these, in passes */
    int pass;       /* of this one, from 0; -1 in none */
} fixture;

/* Alike in every run, and different from one sample to the next. */
static double fixture_noise(void)
{
    static unsigned state = 1;

    state = state * 1103515245u + 12345u;
    return fixture.noise * ((double)(state >> 16 & 0x7fff) / 16383.5 - 1);
}

static void fixture_exec(const struct xb_session *session, const struct xb_case *c,
                         const struct xb_exec_options *options, struct xb_result *out)
{
    (void)session;
    fixture.slices += options->slice != NULL;
    fixture.pass = options->slice ? options->slice->pass : -1;
    *out = (struct xb_result){.status = XB_SKIPPED};
    double us = fixture.time_of(c, &out->pipeline) * (1 + fixture_noise());
    fixture.measured++;
    if (us <= 0)
        return;
    if (fixture.measured == fixture.disturbed)
        us *= 2;
    out->status = XB_OK;
    out->samples_us = malloc(FIXTURE_SAMPLES * sizeof *out->samples_us);
    out->nsamples = FIXTURE_SAMPLES;
    for (int i = 0; i < FIXTURE_SAMPLES; i++)
        out->samples_us[i] = us * (1 + fixture_noise());
    xb_stats_compute(out->samples_us, out->nsamples, &out->time);
}

/* A tuner of one rank on that machine. The caller releases its trials. */
static struct xb_tuner fixture_tuner(fixture_time time_of, double noise)
{
    static struct xb_rank_info rank = {.host = "here", .gpu_memory = XB_GPU_DISCRETE};
    static int node;
    static struct xb_session session;

    session = (struct xb_session){
        .world = MPI_COMM_SELF, .nranks = 1, .ranks = &rank, .node_of_rank = &node};
    memset(&fixture, 0, sizeof fixture);
    fixture.time_of = time_of;
    fixture.noise = noise;
    return (struct xb_tuner){
        .session = &session, .exec = {.timeout_s = 1}, .carry_out = fixture_exec};
}

static struct xb_case fixture_case(const char *method, struct xb_path path, uint64_t bytes)
{
    struct xb_case c = {.pattern = xb_pattern_find("stream", NULL),
                        .method = xb_catalog_method(xb_engine_catalog(), method),
                        .path = path,
                        .bytes = bytes,
                        .window = 1};

    c.options = xb_options_default(c.method->options);
    if (c.method->flags & XB_METHOD_CHUNKED) {
        c.chunk = c.method->default_chunk < bytes ? c.method->default_chunk : bytes;
        c.depth = (int)c.method->default_depth;
    }
    return c;
}

#endif
