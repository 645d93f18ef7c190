/* SPDX-License-Identifier: BSD-3-Clause */
/* test_tuner.c - the search for chunk and depth, with times that are made up: how near it comes
 * to the best of a full grid, and how little it measures for that. */
#include "tune/tuner.h"

#include <stdlib.h>

#include "tests/tap.h"
#include "tests/tune/tuner_fixture.h"
#include "tune/choice.h"

static const struct xb_path between = {{XB_GPU, 0}, {XB_GPU, 0}, XB_NODE};
static const uint64_t sizes[] = {1 << 20, 4 << 20, 16 << 20, 64 << 20, 256 << 20, 1 << 30};
#define NSIZES (sizeof sizes / sizeof sizes[0])

/* Two stages, and what no stage has: the time of a start, and that in which the second stage,
 * or the first one when the depth is reached, learns of a chunk. */
struct machine {
    const char *name;
    struct xb_stage_cost stage[2];
    double start_us, learn_us;
    bool hides, no_way; /* stages, or the way between them, are not to be observed */
    uint64_t refuses;   /* chunks other than the whole below this size */
};

static const struct machine machines[] = {
    {.name = "as on H200",
     .stage = {{2.2, 1 / 54.4e3}, {2.6, 1 / 54.9e3}},
     .start_us = 8,
     .learn_us = 3},
    {.name = "the second stage is slow",
     .stage = {{2, 1 / 50e3}, {4, 1 / 12e3}},
     .start_us = 10,
     .learn_us = 2},
    {.name = "the first stage is slow",
     .stage = {{5, 1 / 9e3}, {1, 1 / 40e3}},
     .start_us = 10,
     .learn_us = 0},
    {.name = "chunks cost much",
     .stage = {{60, 1 / 25e3}, {40, 1 / 20e3}},
     .start_us = 30,
     .learn_us = 10},
    {.name = "chunks cost little",
     .stage = {{0.3, 1 / 12e3}, {0.2, 1 / 14e3}},
     .start_us = 1,
     .learn_us = 0.2},
    {.name = "the way is long",
     .stage = {{2.2, 1 / 54.4e3}, {2.6, 1 / 54.9e3}},
     .start_us = 8,
     .learn_us = 30},
    {.name = "longer than a chunk takes",
     .stage = {{0.5, 1 / 54.4e3}, {0.4, 1 / 54.9e3}},
     .start_us = 1,
     .learn_us = 20},
    {.name = "very long",
     .stage = {{2.2, 1 / 54.4e3}, {2.6, 1 / 54.9e3}},
     .start_us = 8,
     .learn_us = 100},
    {.name = "far away",
     .stage = {{2.2, 1 / 12e3}, {2.6, 1 / 12e3}},
     .start_us = 8,
     .learn_us = 300},
    {.name = "nobody knows the way",
     .stage = {{2.2, 1 / 12e3}, {2.6, 1 / 12e3}},
     .start_us = 8,
     .learn_us = 100,
     .no_way = true},
};

static const struct machine *machine;

static double stage_us(int i, uint64_t bytes)
{
    return machine->stage[i].overhead_us + (double)bytes * machine->stage[i].us_per_byte;
}

#define MAX_DEPTH 8

/* Chunk by chunk; the last one may be shorter. */
static double pipelined(const struct xb_case *c, struct xb_pipeline_times *pipeline)
{
    double first = machine->start_us, second = 0, left[MAX_DEPTH] = {0};

    if (c->chunk < c->bytes && c->chunk < machine->refuses)
        return 0;
    for (int i = 0; i < 2; i++)
        pipeline->stage[i].us = stage_us(i, c->chunk) * (1 + fixture_noise());
    pipeline->nstages = machine->hides ? 0 : 2;
    pipeline->has_way = !machine->no_way;
    if (pipeline->has_way)
        pipeline->there_us = pipeline->back_us = machine->learn_us;
    uint64_t n = 0;
    for (uint64_t at = 0; at < c->bytes; at += c->chunk, n++) {
        uint64_t bytes = c->bytes - at < c->chunk ? c->bytes - at : c->chunk;
        double *slot = &left[n % (uint64_t)c->depth];
        first = fmax(first, *slot) + stage_us(0, bytes);
        second = fmax(second, first + machine->learn_us) + stage_us(1, bytes);
        *slot = second + machine->learn_us;
    }
    return second;
}

/* The best of chunks from 64 KiB to 64 MiB and depths from 1 to 8, and how many that are. */
static double best_of_grid(uint64_t bytes, long *tried)
{
    double best = 0;

    for (uint64_t chunk = 64 << 10; chunk <= 64 << 20 && chunk <= bytes; chunk *= 2)
        for (int depth = 1; depth <= 8; depth++) {
            struct xb_case c = fixture_case("host-staged", between, bytes);
            struct xb_pipeline_times ignored;
            c.chunk = chunk;
            c.depth = depth;
            double us = pipelined(&c, &ignored);
            best = best == 0 || us < best ? us : best;
            ++*tried;
        }
    return best;
}

/* Every size of a machine: within 3 % of the grid's best, by a tenth of its measurements. */
static void check_machine(const struct machine *m, double noise)
{
    struct xb_tuner tuner = fixture_tuner(pipelined, noise);
    struct xb_error err = {""};
    long tried = 0;
    char name[96];

    machine = m;
    for (size_t i = 0; i < NSIZES; i++) {
        struct xb_case c = fixture_case("host-staged", between, sizes[i]);
        struct xb_pipeline_times ignored;
        snprintf(name, sizeof name, "%s, noise of %g %%, size %zu", m->name, 100 * noise, i);
        is_int(xb_tuner_search(&tuner, &c, &err), 0, name);
        fixture.noise = 0;
        double found = pipelined(&tuner.trials.trial[tuner.found[i]].c, &ignored);
        double best = best_of_grid(sizes[i], &tried);
        fixture.noise = noise;
        if (!ok(found <= 1.03 * best, "within 3 % of the best of the grid"))
            printf("# found %.2f us, %.2f is possible\n", found, best);
    }
    is_int((long long)tuner.nfound, NSIZES, "one for each size");
    is_int((long long)tuner.trials.count, fixture.measured, "what was measured is remembered");
    if (!ok(10 * fixture.measured <= tried, "by a tenth of the grid's measurements"))
        printf("# %ld measurements, the grid has %ld\n", fixture.measured, tried);
    xb_trials_release(&tuner.trials);
}

static const struct xb_trial *search(struct xb_tuner *tuner, const char *method, uint64_t bytes)
{
    struct xb_case c = fixture_case(method, between, bytes);
    struct xb_error err = {""};

    is_int(xb_tuner_search(tuner, &c, &err), 0, "a search");
    return tuner->nfound ? &tuner->trials.trial[tuner->found[tuner->nfound - 1]] : NULL;
}

/* A time that is smallest at one chunk and one depth, and grows by a tenth for every octave and
 * every step away from them. */
static uint64_t best_chunk;
static int best_depth;

static double pointed(const struct xb_case *c, struct xb_pipeline_times *pipeline)
{
    (void)pipeline;
    return 1000 + 100 * fabs(log2((double)c->chunk / (double)best_chunk)) +
           100 * abs(c->depth - best_depth);
}

/* Wherever it is, from the method's own chunk and depth on. */
static void test_pointed(void)
{
    static const uint64_t chunks[] = {64 << 10, 96 << 10, 3 << 20, 4 << 20, 6 << 20, 48 << 20};
    static const int depths[] = {2, 3, 6, 8};

    for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++)
        for (size_t k = 0; k < sizeof depths / sizeof depths[0]; k++) {
            struct xb_tuner tuner = fixture_tuner(pointed, 0);
            best_chunk = chunks[i];
            best_depth = depths[k];
            const struct xb_trial *t = search(&tuner, "host-staged", 1 << 30);
            is_int((long long)t->c.chunk, (long long)best_chunk, "the chunk");
            is_int(t->c.depth, best_depth, "and the depth");
            xb_trials_release(&tuner.trials);
        }
}

/* Where nobody can look into the stages it starts with the method's own chunk and depth. */
static void test_hidden(void)
{
    struct machine hidden = machines[0];
    struct xb_tuner tuner = fixture_tuner(pipelined, 0);
    long tried = 0;

    hidden.hides = true;
    machine = &hidden;
    const struct xb_trial *t = search(&tuner, "host-staged", 64 << 20);
    ok(t && t->us <= 1.05 * best_of_grid(64 << 20, &tried), "the search needs no model");
    xb_trials_release(&tuner.trials);
}

/* Below a MiB, and where nothing else works, no chunks at all are tried. */
static void test_whole(void)
{
    struct machine whole = machines[3];
    struct xb_tuner tuner = fixture_tuner(pipelined, 0);

    machine = &whole;
    const struct xb_trial *t = search(&tuner, "host-staged", 16 << 10);
    ok(t && t->c.chunk == 16 << 10 && t->c.depth == 1, "a small one goes as a whole");
    for (size_t i = 0; i < tuner.trials.count; i++)
        ok(tuner.trials.trial[i].c.chunk < tuner.trials.trial[i].c.bytes ||
               tuner.trials.trial[i].c.depth == 1,
           "of which no depth is tried");
    whole.refuses = UINT64_MAX;
    t = search(&tuner, "host-staged", 16 << 20);
    ok(t && t->c.chunk == 16 << 20 && t->c.bytes == 16 << 20, "what refuses chunks does too");
    xb_trials_release(&tuner.trials);
}

static double never(const struct xb_case *c, struct xb_pipeline_times *pipeline)
{
    (void)c;
    (void)pipeline;
    return 0;
}

static void test_nothing(void)
{
    struct xb_tuner tuner = fixture_tuner(never, 0);

    ok(search(&tuner, "host-staged", 16 << 20) == NULL, "nothing works, nothing is found");
    ok(fixture.measured > 0 && fixture.measured <= 4, "and not much is tried");
    xb_trials_release(&tuner.trials);
}

/* A scenario that names a case with several chunks asks for one search. */
static void test_once(void)
{
    struct xb_tuner tuner = fixture_tuner(pipelined, 0);
    struct xb_case c = fixture_case("host-staged", between, 4 << 20);
    struct xb_error err = {""};

    machine = &machines[0];
    xb_tuner_search(&tuner, &c, &err);
    long before = fixture.measured;
    c.chunk = 4096;
    is_int(xb_tuner_search(&tuner, &c, &err), 0, "the same size again");
    is_int(fixture.measured, before, "nothing is measured for it");
    is_int((long long)tuner.nfound, 1, "it is found once");
    xb_trials_release(&tuner.trials);
}

/* What the sink is told, and that it can end it. */
struct told {
    long cases, again;
    long ends; /* -1 from this call on; 0 for never */
};

static int tell(void *arg, const struct xb_case *c, const struct xb_result *result,
                enum xb_measured which, struct xb_error *err)
{
    struct told *told = arg;

    ok(c->id[0] && result->status == XB_OK, "a case with its id");
    told->cases++;
    told->again += which == XB_MEASURED_AGAIN;
    return told->ends && told->cases >= told->ends ? xb_fail(err, "the test's sink") : 0;
}

static void test_again(void)
{
    struct xb_tuner tuner = fixture_tuner(pipelined, 0);
    struct told told = {0};
    struct xb_case c = fixture_case("host-staged", between, 4 << 20);
    struct xb_error err = {""};
    size_t index, same;

    machine = &machines[0];
    tuner.sink = tell;
    tuner.arg = &told;
    fixture.disturbed = 1;
    is_int(xb_tuner_measure(&tuner, &c, &index, &err), 0, "measured");
    double slow = tuner.trials.trial[index].us;
    is_int(xb_tuner_measure(&tuner, &c, &same, &err), 0, "and remembered");
    ok(same == index && told.cases == 1, "told once");
    is_int(xb_tuner_again(&tuner, index, &err), 0, "measured again");
    const struct xb_trial *t = &tuner.trials.trial[index];
    ok(t->us == slow && t->best_us == slow / 2, "the disturbed time stays, the other is best");
    fixture.disturbed = 3;
    is_int(xb_tuner_again(&tuner, index, &err), 0, "and again");
    ok(t->best_us == slow / 2, "a slower time changes nothing");
    ok(told.cases == 3 && told.again == 2, "the sink knows which");
    ok(!tuner.current, "nothing is being measured");
    ok(t->ok && tuner.spoiled == 0, "it is as good as it was");
    told.ends = 4;
    c.depth++;
    is_int(xb_tuner_measure(&tuner, &c, &index, &err), -1, "the sink ends it");
    contains(err.text, "the test's sink", "with its reason");
    xb_trials_release(&tuner.trials);
}

/* What works once and then does not is no way to go. */
static void test_spoiled(void)
{
    struct xb_tuner tuner = fixture_tuner(pipelined, 0);
    struct xb_case c = fixture_case("host-staged", between, 4 << 20);
    const struct xb_point point = xb_point_of(&c);
    struct xb_error err = {""};
    size_t index;

    machine = &machines[0];
    xb_tuner_measure(&tuner, &c, &index, &err);
    ok(xb_trials_best(&tuner.trials, &point) != NULL, "it works");
    fixture.time_of = never;
    is_int(xb_tuner_again(&tuner, index, &err), 0, "measured again");
    ok(!tuner.trials.trial[index].ok && tuner.spoiled == 1, "it does not any more");
    ok(!xb_trials_best(&tuner.trials, &point), "and is nobody's choice");
    long before = fixture.measured;
    is_int(xb_tuner_again(&tuner, index, &err), 0, "a third time");
    ok(fixture.measured == before && tuner.spoiled == 1, "nobody tries");
    xb_trials_release(&tuner.trials);
}

int main(void)
{
    int provided;

    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        check_machine(&machines[i], 0);
        check_machine(&machines[i], 0.005);
    }
    test_pointed();
    test_hidden();
    test_whole();
    test_nothing();
    test_once();
    test_again();
    test_spoiled();
    MPI_Finalize();
    return done_testing();
}
