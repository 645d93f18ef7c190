/* SPDX-License-Identifier: BSD-3-Clause */
/* test_pipeline.c - chunks through fake stages that keep watch over the rules themselves. */
#include "engine/pipeline/pipeline.h"

#include <stdlib.h>

#include "tests/tap.h"

#define NEVER UINT64_MAX

struct watch;

struct fake {
    struct watch *w;
    int index;
    bool has_start, has_test;
    uint64_t started, left; /* calls that said so */
    uint64_t gate;          /* chunks below it may leave */
    uint64_t fail_start, fail_test;
};

/* A pipeline and what its stages saw of it. */
struct watch {
    struct xb_pipeline p;
    struct fake fake[XB_MAX_STAGES];
    uint64_t posted, most; /* most: the largest number in flight */
    uint64_t random;
    unsigned ready;     /* a stage is ready in so many of 100 tests */
    const char *broken; /* the first rule that did not hold, or NULL */
    char log[512];      /* "A0 a0 ": chunk 0 entered and left stage A */
};

static void require(struct watch *w, bool holds, const char *rule)
{
    if (!holds && !w->broken)
        w->broken = rule;
}

/* xorshift64*, so that a failure comes back with its seed */
static unsigned roll(struct watch *w, unsigned sides)
{
    w->random ^= w->random >> 12;
    w->random ^= w->random << 25;
    w->random ^= w->random >> 27;
    return (unsigned)(w->random * UINT64_C(2685821657736338717) >> 33) % sides;
}

static void note(struct watch *w, int letter, uint64_t k)
{
    size_t used = strlen(w->log);

    snprintf(w->log + used, sizeof(w->log) - used, "%c%llu ", letter, (unsigned long long)k);
}

/* Chunks that can have left a stage, as far as the stages up to it can see. */
static uint64_t can_have_left(const struct watch *w, int i)
{
    if (i < 0)
        return w->posted;
    const struct fake *f = &w->fake[i];
    if (f->has_test)
        return f->left;
    return f->has_start ? f->started : can_have_left(w, i - 1);
}

static void enter(struct fake *f, uint64_t k)
{
    struct watch *w = f->w;
    uint64_t in_flight = k + 1 - can_have_left(w, w->p.nstages - 1);

    require(w, k < w->posted, "only what was posted is started");
    require(w, k < can_have_left(w, f->index - 1), "the stage before is left first");
    if (f->index > 0)
        return;
    require(w, in_flight <= w->p.depth, "never more than depth in flight");
    if (in_flight > w->most)
        w->most = in_flight;
}

static int fake_start(void *ctx, uint64_t k, struct xb_error *err)
{
    struct fake *f = ctx;

    if (k == f->fail_start)
        return xb_fail(err, "stage %d cannot start chunk %d", f->index, (int)k);
    require(f->w, k == f->started, "each chunk starts once and in order");
    enter(f, k);
    note(f->w, 'A' + f->index, k);
    f->started++;
    return 0;
}

static int fake_test(void *ctx, uint64_t k, struct xb_error *err)
{
    struct fake *f = ctx;

    if (k == f->fail_test)
        return xb_fail(err, "stage %d lost chunk %d", f->index, (int)k);
    require(f->w, k == f->left, "each chunk leaves once and in order");
    if (f->has_start)
        require(f->w, k < f->started, "only what was started is tested");
    else
        enter(f, k);
    if (k >= f->gate || roll(f->w, 100) >= f->w->ready)
        return 0;
    note(f->w, 'a' + f->index, k);
    f->left++;
    return 1;
}

/* Bit 2i of hooks: stage i has a start; bit 2i + 1: it has a test. */
static void watch_init(struct watch *w, int nstages, uint64_t depth, unsigned hooks)
{
    *w = (struct watch){.p.depth = depth, .random = 0x5eed, .ready = 100};
    for (int i = 0; i < nstages; i++) {
        bool start = hooks >> 2 * i & 1, test = hooks >> (2 * i + 1) & 1;
        w->fake[i] = (struct fake){.w = w,
                                   .index = i,
                                   .has_start = start,
                                   .has_test = test,
                                   .gate = NEVER,
                                   .fail_start = NEVER,
                                   .fail_test = NEVER};
        xb_pipeline_add(&w->p, (struct xb_stage){.name = "fake",
                                                 .ctx = &w->fake[i],
                                                 .start = start ? fake_start : NULL,
                                                 .test = test ? fake_test : NULL});
    }
}

static void post(struct watch *w, uint64_t chunks)
{
    w->posted += chunks;
    xb_pipeline_post(&w->p, chunks);
}

static int progress(struct watch *w, struct xb_error *err)
{
    int rc = xb_pipeline_progress(&w->p, err);
    uint64_t last = can_have_left(w, w->p.nstages - 1);

    if (rc == 1)
        require(w, last == w->posted, "complete only at the end");
    if (rc == 0 && w->fake[w->p.nstages - 1].has_test)
        require(w, last < w->posted, "complete at the end");
    return rc;
}

/* Until all has passed; what came in between is in w->broken. */
static void drain(struct watch *w)
{
    struct xb_error err;
    uint64_t turns = 1000 + 1000 * w->posted;
    int rc;

    while ((rc = progress(w, &err)) == 0 && turns > 0)
        turns--;
    require(w, rc == 1, "it comes to an end");
    for (int i = 0; i < w->p.nstages; i++) {
        const struct fake *f = &w->fake[i];
        require(w, !f->has_start || f->started == w->posted, "all chunks start in all stages");
        require(w, !f->has_test || f->left == w->posted, "all chunks leave all stages");
    }
}

static void test_random(void)
{
    static const uint64_t depths[] = {1, 2, 3, 4, 5, 8, 16, 63, 64};
    char name[128];

    for (size_t d = 0; d < sizeof(depths) / sizeof(depths[0]); d++) {
        const char *broken = NULL;
        uint64_t most = 0;
        unsigned trial;
        for (trial = 0; trial < 400 && !broken; trial++) {
            struct watch w;
            struct xb_error err;
            watch_init(&w, 1 + (int)(trial % XB_MAX_STAGES), depths[d], 0xff);
            w.random = trial + 1;
            w.ready = 5 + roll(&w, 96);
            for (unsigned posts = roll(&w, 5); posts > 0; posts--) {
                post(&w, roll(&w, 100));
                for (unsigned turns = roll(&w, 40); turns > 0; turns--)
                    progress(&w, &err);
            }
            drain(&w);
            broken = w.broken;
            most = w.most > most ? w.most : most;
        }
        snprintf(name, sizeof(name), "depth %d: all rules hold in %u runs", (int)depths[d],
                 trial);
        is_str(broken, NULL, name);
        is_int((long long)most, (long long)depths[d], "and all of the depth was used");
    }
}

static void test_depth_used(void)
{
    static const struct {
        uint64_t depth, count, in_flight;
    } rows[] = {{1, 5, 1}, {2, 5, 2}, {4, 5, 4},    {5, 5, 5},
                {8, 5, 5}, {3, 1, 1}, {64, 100, 64}};
    char name[128];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct watch w;
        struct xb_error err;
        watch_init(&w, 3, rows[i].depth, 0x3f);
        w.fake[2].gate = 0;
        post(&w, rows[i].count);
        for (int turn = 0; turn < 3; turn++)
            progress(&w, &err);
        snprintf(name, sizeof(name), "depth %d, %d chunks, the last stage stuck: in flight",
                 (int)rows[i].depth, (int)rows[i].count);
        is_int((long long)w.fake[0].started, (long long)rows[i].in_flight, name);
        is_int((long long)w.fake[2].started, (long long)rows[i].in_flight, "all the way down");

        w.fake[2].gate = 1;
        for (int turn = 0; turn < 3; turn++)
            progress(&w, &err);
        bool more = rows[i].count > rows[i].depth;
        is_int((long long)w.fake[0].started, (long long)rows[i].in_flight + more,
               "one that leaves lets one in");
        w.fake[2].gate = NEVER;
        drain(&w);
        is_str(w.broken, NULL, "and all rules hold");
    }
}

static void test_lockstep(void)
{
    struct watch w;
    struct xb_error err;

    watch_init(&w, 2, 1, 0xf);
    post(&w, 3);
    drain(&w);
    is_str(w.log, "A0 a0 B0 b0 A1 a1 B1 b1 A2 a2 B2 b2 ", "depth 1 is lockstep");
    is_str(w.broken, NULL, "and all rules hold");

    watch_init(&w, 2, 1, 0xf);
    w.fake[1].gate = 0;
    post(&w, 3);
    for (int turn = 0; turn < 5; turn++)
        is_int(progress(&w, &err), 0, "stuck in the last stage");
    is_str(w.log, "A0 a0 B0 ", "no other chunk is touched");
}

/* Starting a chunk may take as long as all that is done with it: none waits for another's. */
static void test_one_at_a_time(void)
{
    struct watch w;

    watch_init(&w, 2, 3, 0xf);
    post(&w, 3);
    drain(&w);
    is_str(w.log, "A0 a0 B0 b0 A1 a1 B1 b1 A2 a2 B2 b2 ",
           "what is ready is in the next stage before another chunk is started");
    is_str(w.broken, NULL, "and all rules hold");
}

static void test_posts(void)
{
    struct watch w;
    struct xb_error err;

    watch_init(&w, 2, 4, 0xf);
    is_int(progress(&w, &err), 1, "nothing posted is complete");
    post(&w, 0);
    is_int(progress(&w, &err), 1, "so is a post of none");
    is_str(w.log, "", "and no stage heard of it");

    post(&w, 6);
    drain(&w);
    is_int((long long)w.fake[1].left, 6, "the first post has passed");
    is_int(progress(&w, &err), 1, "and stays complete");
    w.fake[1].gate = 7;
    post(&w, 2);
    is_int(progress(&w, &err), 0, "a second post is not complete");
    post(&w, 5);
    for (int turn = 0; turn < 3; turn++)
        is_int(progress(&w, &err), 0, "nor with a third behind it");
    is_int((long long)w.fake[1].left, 7, "chunks go on counting from post to post");
    is_int((long long)w.fake[0].started, 11, "posts share the depth");
    w.fake[1].gate = NEVER;
    drain(&w);
    is_int((long long)w.fake[1].left, 13, "all posts have passed");
    is_str(w.broken, NULL, "and all rules hold");
}

/* Progress until it is not 0 any more. */
static int settle(struct watch *w, struct xb_error *err)
{
    int rc = 0;

    for (int turn = 0; turn < 100 && rc == 0; turn++)
        rc = progress(w, err);
    return rc;
}

static void test_failures(void)
{
    static const struct {
        int stage;
        bool in_start;
        uint64_t chunk, depth;
        const char *text;
    } rows[] = {
        {0, true, 0, 1, "stage 0 cannot start chunk 0"},
        {0, true, 4, 2, "stage 0 cannot start chunk 4"},
        {1, true, 3, 4, "stage 1 cannot start chunk 3"},
        {2, true, 9, 3, "stage 2 cannot start chunk 9"},
        {0, false, 0, 4, "stage 0 lost chunk 0"},
        {1, false, 5, 1, "stage 1 lost chunk 5"},
        {2, false, 9, 8, "stage 2 lost chunk 9"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct watch w;
        struct xb_error err = {""};
        watch_init(&w, 3, rows[i].depth, 0x3f);
        struct fake *f = &w.fake[rows[i].stage];
        *(rows[i].in_start ? &f->fail_start : &f->fail_test) = rows[i].chunk;
        post(&w, 10);
        is_int(settle(&w, &err), -1, rows[i].text);
        is_str(err.text, rows[i].text, "in the stage's own words");
        is_int((long long)(rows[i].in_start ? f->started : f->left), (long long)rows[i].chunk,
               "the chunks before it passed there, and none behind it");
        is_str(w.broken, NULL, "and all rules hold");
    }
}

/* Stages that lack a start, a test or both, as those that only wait or only tell do. */
static void test_missing_hooks(void)
{
    for (int nstages = 1; nstages <= XB_MAX_STAGES; nstages++) {
        const char *broken = NULL;
        char name[96];
        unsigned hooks;
        for (hooks = 0; hooks < 1u << 2 * nstages && !broken; hooks++) {
            struct watch w;
            watch_init(&w, nstages, 1 + hooks % 5, hooks);
            w.random = hooks + 1;
            w.ready = 40;
            post(&w, 17);
            drain(&w);
            post(&w, 8);
            drain(&w);
            broken = w.broken;
        }
        snprintf(name, sizeof(name), "%d stages with and without start and test: %u ways",
                 nstages, hooks);
        is_str(broken, NULL, name);
    }
}

/* A stage without a test still holds back what comes behind it, and the depth still counts. */
static void test_missing_hooks_order(void)
{
    struct watch w;
    struct xb_error err;

    watch_init(&w, 2, 2, 0x6); /* as a receiver's: wait, then tell */
    w.fake[0].gate = 3;
    post(&w, 5);
    for (int turn = 0; turn < 4; turn++)
        is_int(progress(&w, &err), 0, "three of five have arrived");
    is_int((long long)w.fake[1].started, 3, "and three are told");
    w.fake[0].gate = NEVER;
    drain(&w);
    is_str(w.broken, NULL, "and all rules hold");

    watch_init(&w, 2, 2, 0x9); /* as a sender's: start, then wait */
    w.fake[1].gate = 1;
    post(&w, 5);
    for (int turn = 0; turn < 4; turn++)
        is_int(progress(&w, &err), 0, "one of five has left");
    is_int((long long)w.fake[0].started, 3, "so three were started with depth 2");
    w.fake[1].gate = NEVER;
    drain(&w);
    is_str(w.broken, NULL, "and all rules hold");
}

int main(void)
{
    test_random();
    test_depth_used();
    test_lockstep();
    test_one_at_a_time();
    test_posts();
    test_failures();
    test_missing_hooks();
    test_missing_hooks_order();
    return done_testing();
}
