/* SPDX-License-Identifier: BSD-3-Clause */
/* test_finals.c - the best of the search in passes: what is measured, what is chosen then, and
 * that text, rules and source say the same; with times that are made up. */
#include "tune/tune.h"

#include <stdlib.h>

#include "base/units.h"
#include "tests/tap.h"
#include "tests/tune/tuner_fixture.h"

#define KIB    1024ull
#define PASSES 6

static const struct xb_path to_gpu = {{XB_HOST, 0}, {XB_GPU, 0}, XB_SELF};

static bool is(const struct xb_case *c, const char *method)
{
    return strcmp(c->method->name, method) == 0;
}

/* direct: 2 us and 10 GB/s; unified: 8 us and 50 GB/s. They cross at 75000 bytes. */
static double crossing(const struct xb_case *c, struct xb_pipeline_times *pipeline)
{
    (void)pipeline;
    if (is(c, "unified"))
        return 8 + (double)c->bytes / 50e3;
    return is(c, "direct") ? 2 + (double)c->bytes / 10e3 : 0;
}

/* The same, but half as slow again in the second pass: at 128 KiB they do not part. */
static double swinging(const struct xb_case *c, struct xb_pipeline_times *pipeline)
{
    return crossing(c, pipeline) * (fixture.pass == 1 ? 1.5 : 1);
}

/* unified is 3 % faster, and all are a fifth slower in the second pass. */
static double alike(const struct xb_case *c, struct xb_pipeline_times *pipeline)
{
    (void)pipeline;
    return (10 + (double)c->bytes / 10e3) * (fixture.pass == 1 ? 1.2 : 1) *
           (is(c, "unified") ? 0.97 : 1);
}

/* unified is a fifth faster, but not when it is measured first. */
static double unlucky(const struct xb_case *c, struct xb_pipeline_times *pipeline)
{
    (void)pipeline;
    return is(c, "direct") ? 10 : fixture.slices == 0 ? 11 : 8;
}

/* unified does not work any more from some slice on. */
static double ends(const struct xb_case *c, struct xb_pipeline_times *pipeline)
{
    (void)pipeline;
    return is(c, "direct") ? 10 : fixture.slices < 4 ? 9 : 0;
}

/* What the sink is told. */
static struct {
    long passes, bad;
    int made;
    bool has_ci;
    long ends; /* with this one of several passes; 0 for none */
    long rest;
} told;

static long sink_ends; /* told.ends of the next test */

static int tell(void *arg, const struct xb_case *c, const struct xb_result *result,
                enum xb_measured which, struct xb_error *err)
{
    (void)arg;
    (void)c;
    if (which != XB_MEASURED_PASSES)
        return 0;
    told.passes++;
    told.bad += result->status != XB_OK;
    told.made = result->passes;
    told.has_ci = result->time.has_ci;
    return told.passes == told.ends ? xb_fail(err, "the test's sink") : 0;
}

static void tell_rest(void *tuner)
{
    struct xb_result *sum;

    for (size_t i = 0; xb_tuner_partial(tuner, i, &sum); i++)
        told.rest += sum != NULL;
}

/* Both methods at sizes a factor of 16 apart. */
#define NCASES 6
static int tune_finals(struct xb_tune *tune, fixture_time time_of, int passes,
                       struct xb_error *err)
{
    static const char *const methods[] = {"direct", "unified"};
    struct xb_case cases[NCASES];
    struct xb_plan plan = {.cases = cases, .count = NCASES};
    size_t index;

    memset(&told, 0, sizeof told);
    told.ends = sink_ends;
    sink_ends = 0;
    *tune = (struct xb_tune){.tuner = fixture_tuner(time_of, 0)};
    tune->tuner.passes = passes;
    tune->tuner.in_all = (struct xb_sampling){
        .passes = passes, .min_samples = 6, .max_samples = 12, .max_time_ns = 6000000};
    tune->tuner.sink = tell;
    tune->tuner.sink_rest = tell_rest;
    tune->tuner.arg = &tune->tuner;
    for (size_t i = 0; i < NCASES; i++)
        cases[i] = fixture_case(methods[i / 3], to_gpu, KIB << (4 * (i % 3)));
    xb_tune_points(tune, &plan, err);
    for (size_t i = 0; i < NCASES; i++)
        xb_tuner_measure(&tune->tuner, &cases[i], &index, err);
    return xb_tune_finals(tune, err);
}

static void finish(struct xb_tune *tune)
{
    struct xb_error err = {""};

    is_int(xb_tune_ranges(tune, &err), 0, "ranges");
    is_str(err.text, "", "without a word");
}

/* The size behind "above " in the text of range i. */
static uint64_t size_in_text(const struct xb_tune *tune, size_t i)
{
    char text[1000], size[XB_UNITS_LEN] = "";
    struct xb_error err;
    uint64_t bytes = 0;
    const char *at =
        xb_crossover_format(&tune->ranges[i], &tune->ranges[i + 1], text, sizeof text);

    if (at && (at = strstr(at, "above ")) && sscanf(at, "above %31s", size) == 1)
        xb_size_parse(size, &bytes, &err);
    return bytes;
}

static long long number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItem(object, key);
    return cJSON_IsNumber(item) ? (long long)item->valuedouble : -1;
}

/* Text, rules and source have the same size, where both were measured in passes. */
static void test_crossover(void)
{
    struct xb_tune tune;
    struct xb_error err = {""};

    is_int(tune_finals(&tune, crossing, PASSES, &err), 0, "finals");
    is_int(fixture.slices, PASSES * 3, "one at each size is much faster than the other");
    is_int(told.passes, 3, "each is told once");
    ok(told.made == PASSES && told.has_ci && told.bad == 0, "with its passes");
    finish(&tune);
    is_int((long long)tune.nranges, 2, "one method, then the other");
    ok(tune.ranges[0].to > 32 * KIB && tune.ranges[0].to <= 75000 && tune.ranges[0].parted,
       "where they cross");
    cJSON *policy = xb_tune_policy(&tune, "t", xb_crossovers_json(&tune));
    const cJSON *rules = cJSON_GetObjectItem(policy, "rules");
    const cJSON *said = cJSON_GetArrayItem(cJSON_GetObjectItem(policy, "source"), 0);
    long long to = number(cJSON_GetArrayItem(rules, 0), "to");
    is_int((long long)size_in_text(&tune, 0), to, "the text says where the rule ends");
    is_int(number(said, "above"), to, "and so does the source");
    is_int(number(cJSON_GetArrayItem(rules, 1), "from"), to + 1, "where the next begins");
    cJSON_Delete(policy);
    for (size_t i = 0; i < tune.tuner.trials.count; i++)
        if (tune.tuner.trials.trial[i].c.bytes == tune.ranges[0].to)
            ok(tune.tuner.trials.trial[i].final, "measured in passes there");
    long before = fixture.measured;
    is_int(xb_tune_finals(&tune, &err), 0, "finals again");
    finish(&tune);
    is_int(fixture.measured, before, "nothing is measured twice");
    xb_tune_release(&tune);
}

/* A new method begins where it is faster beyond doubt, not where its median is smaller. */
static void test_cautious_crossover(void)
{
    struct xb_tune tune;
    struct xb_error err = {""};

    tune_finals(&tune, crossing, PASSES, &err);
    finish(&tune);
    is_int((long long)tune.ranges[0].to, 64 * KIB, "from 128 KiB on it is faster");
    xb_tune_release(&tune);
    tune_finals(&tune, swinging, PASSES, &err);
    finish(&tune);
    is_int((long long)tune.ranges[0].to, 128 * KIB,
           "where that is in doubt the old one goes on");
    ok(tune.nranges == 2 && tune.ranges[0].parted, "until they part");
    xb_tune_release(&tune);
}

static void test_undecided(void)
{
    struct xb_tune tune;
    struct xb_error err = {""};
    char text[2000];

    is_int(tune_finals(&tune, alike, PASSES, &err), 0, "finals");
    finish(&tune);
    is_int((long long)tune.nranges, 1, "they do not part: one for all sizes");
    is_str(tune.ranges[0].use.method->name, "direct", "which stands first in the table");
    is_str(xb_undecided_format(&tune, &tune.picks[1], text, sizeof text),
           "host->gpu@self, 16KiB: direct[memory=pinned] does not part from "
           "unified[access=prefetch]: the simpler one is kept",
           "and it says so");
    cJSON *said = xb_undecided_json(&tune);
    is_int(cJSON_GetArraySize(said), 3, "of each size");
    is_int(number(cJSON_GetArrayItem(said, 1), "bytes"), 16 * KIB, "in the source too");
    cJSON_Delete(said);
    xb_tune_release(&tune);
    tune_finals(&tune, crossing, PASSES, &err);
    finish(&tune);
    for (size_t i = 0; i < tune.npicks; i++)
        ok(!xb_undecided_format(&tune, &tune.picks[i], text, sizeof text),
           "nothing is said of what parts");
    xb_tune_release(&tune);
}

static void test_medians_of_passes(void)
{
    struct xb_tune tune;
    struct xb_error err = {""};

    tune_finals(&tune, unlucky, PASSES, &err);
    finish(&tune);
    is_str(tune.ranges[0].use.method->name, "unified", "passes decide, not the search");
    xb_tune_release(&tune);
    tune_finals(&tune, unlucky, 1, &err);
    finish(&tune);
    is_str(tune.ranges[0].use.method->name, "direct", "without passes the search does");
    is_int(fixture.slices + told.passes, 0, "and nothing is measured in passes");
    xb_tune_release(&tune);
    tune_finals(&tune, alike, 3, &err);
    finish(&tune);
    ok(!told.has_ci, "three passes have no interval");
    is_int((long long)tune.nranges, 1, "what lies between their extremes does not part");
    is_str(tune.ranges[0].use.method->name, "direct", "the simpler one again");
    xb_tune_release(&tune);
}

/* What does not work in one pass is left out of the others, and of the choice. */
static void test_fails_in_a_pass(void)
{
    struct xb_tune tune;
    struct xb_error err = {""};

    is_int(tune_finals(&tune, ends, PASSES, &err), 0, "finals");
    is_int((long long)tune.tuner.spoiled, 3, "all of one method are spoiled");
    ok(fixture.slices <= PASSES * 3 + 6, "and not tried again in each pass");
    finish(&tune);
    is_str(tune.ranges[0].use.method->name, "direct", "the other is taken");
    xb_tune_release(&tune);
}

/* What passes have given is there until the end, whatever ends it. */
static void test_ends_early(void)
{
    struct xb_tune tune;
    struct xb_error err = {""};
    struct xb_result *sum;

    sink_ends = 2;
    is_int(tune_finals(&tune, alike, PASSES, &err), -1, "the sink ends it");
    contains(err.text, "the test's sink", "with its reason");
    is_int(told.rest, 4, "of six, four are told what they have");
    ok(!xb_tuner_partial(&tune.tuner, 0, &sum), "nothing is left behind");
    xb_tune_release(&tune);
}

int main(void)
{
    int provided;

    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    test_crossover();
    test_cautious_crossover();
    test_undecided();
    test_medians_of_passes();
    test_fails_in_a_pass();
    test_ends_early();
    MPI_Finalize();
    return done_testing();
}
