/* SPDX-License-Identifier: BSD-3-Clause */
/* test_tune.c - from times that are made up to rules, crossovers and regrets. */
#include "tune/tune.h"

#include <stdlib.h>

#include "tests/tap.h"
#include "tests/tune/tuner_fixture.h"

#define KIB 1024ull

static const struct xb_path to_gpu = {{XB_HOST, 0}, {XB_GPU, 0}, XB_SELF};

/* direct: 2 us and 10 GB/s; unified: 8 us and 50 GB/s. They cross at 75000 bytes. */
static double crossing(const struct xb_case *c, struct xb_pipeline_times *pipeline)
{
    (void)pipeline;
    if (strcmp(c->method->name, "unified") == 0)
        return 8 + (double)c->bytes / 50e3;
    return strcmp(c->method->name, "direct") == 0 ? 2 + (double)c->bytes / 10e3 : 0;
}

/* Both are as fast but for a five hundredth, which goes one way at 16 KiB and the other else.
 */
static double alike(const struct xb_case *c, struct xb_pipeline_times *pipeline)
{
    bool swapped = c->bytes == 16 * KIB, direct = strcmp(c->method->name, "direct") == 0;

    (void)pipeline;
    return (10 + (double)c->bytes / 10e3) * (direct == swapped ? 1.0 : 0.998);
}

/* A plan of both methods at sizes a factor of 16 apart. */
#define NCASES 6
static struct xb_plan make_plan(struct xb_case cases[NCASES])
{
    static const char *const methods[] = {"direct", "unified"};

    for (size_t i = 0; i < NCASES; i++)
        cases[i] = fixture_case(methods[i / 3], to_gpu, KIB << (4 * (i % 3)));
    return (struct xb_plan){.cases = cases, .count = NCASES};
}

/* Points and trials of the plan, and the ranges that they make. */
static void tune_all(struct xb_tune *tune, fixture_time time_of, double noise)
{
    struct xb_case cases[NCASES];
    struct xb_plan plan = make_plan(cases);
    struct xb_error err = {""};
    size_t index;

    *tune = (struct xb_tune){.tuner = fixture_tuner(time_of, noise)};
    is_int(xb_tune_points(tune, &plan, &err), 0, "points");
    is_int((long long)tune->npoints, 3, "each path and size once");
    for (size_t i = 0; i < plan.count; i++)
        xb_tuner_measure(&tune->tuner, &cases[i], &index, &err);
    is_int(xb_tune_ranges(tune, &err), 0, "ranges");
    is_str(err.text, "", "without a word");
}

static int crossovers(const struct xb_tune *tune)
{
    cJSON *list = xb_crossovers_json(tune);
    int n = cJSON_GetArraySize(list);

    cJSON_Delete(list);
    return n;
}

static void test_crossover(void)
{
    struct xb_tune tune;

    tune_all(&tune, crossing, 0.002);
    is_int((long long)tune.nranges, 2, "one method, then the other");
    const struct xb_range *small = &tune.ranges[0], *large = &tune.ranges[1];
    is_str(small->use.method->name, "direct", "the one with the short start for small sizes");
    is_str(large->use.method->name, "unified", "the one with the high rate for large ones");
    ok(small->from == 0 && large->to == 0 && large->from == small->to + 1,
       "all sizes have one");
    ok(small->to > 32 * KIB && small->to <= 75000, "it changes where they cross");
    ok(small->parted, "where the intervals part");
    is_int(crossovers(&tune), 1, "and says so");
    xb_tune_release(&tune);
}

/* What may be noise changes nothing; beyond it, the winner is another one at each size. */
static void test_no_crossover(void)
{
    struct xb_tune tune;

    tune_all(&tune, alike, 0);
    is_int((long long)tune.nranges, 3, "without noise each size has its own winner");
    is_int(crossovers(&tune), 2, "and says so");
    xb_tune_release(&tune);
    tune_all(&tune, alike, 0.01);
    is_int((long long)tune.nranges, 1, "the intervals overlap: one method for all sizes");
    is_int(crossovers(&tune), 0, "no crossover");
    xb_tune_release(&tune);
}

/* ---- blocks ---- */

/* By a loop each block takes 2.5 us and bytes go at 55 GB/s, by a kernel a start takes 10 us
 * and they go at 30. They cross at 16 blocks of 123750 bytes, and at 256 of 162420. */
static double by_block(const struct xb_case *c, struct xb_pipeline_times *pipeline)
{
    const struct xb_layout_options *o = xb_case_layout_options(c);

    (void)pipeline;
    if (!o || xb_case_block(c) == c->bytes)
        return o ? 5 + (double)c->bytes / 55e3 : 0;
    if (o->submission == XB_SUBMIT_KERNEL)
        return 10 + (double)c->bytes / 30e3;
    return o->submission == XB_SUBMIT_LOOP ? 2.5 * (double)o->blocks + (double)c->bytes / 55e3
                                           : 0;
}

static struct xb_case block_case(int submission, int64_t blocks, uint64_t block)
{
    struct xb_case c = fixture_case("direct", to_gpu, (uint64_t)blocks * block);
    const struct xb_layout_options o = {.blocks = blocks,
                                        .order = blocks > 1 ? XB_ORDER_SCATTERED
                                                            : XB_ORDER_CONTIGUOUS,
                                        .submission = submission};

    memcpy(c.options.bytes + c.method->layout_at, &o, sizeof o);
    return c;
}

static const char *submission_of(struct xb_policy *p, const struct xb_shape *shape,
                                 uint64_t block)
{
    struct xb_choice choice;
    struct xb_error err;

    if (xb_policy_decide(p, &to_gpu, (uint64_t)shape->blocks * block, shape,
                         (struct xb_policy_place){XB_GPU_DISCRETE, XB_LINK_MIXED}, &choice,
                         &err) < 0)
        return "none";
    struct xb_case c = {.method = choice.method, .options = choice.options};
    return xb_submissions[xb_case_layout_options(&c)->submission];
}

static void check_block_policy(const struct xb_tune *tune)
{
    const struct xb_shape few = {.blocks = 8, .order = XB_ORDER_SCATTERED},
                          halfway = {.blocks = 64, .order = XB_ORDER_SCATTERED},
                          many = {.blocks = 65, .order = XB_ORDER_SCATTERED},
                          rows = {.blocks = 64, .order = XB_ORDER_STRIDED};
    struct xb_policy p = {0};
    struct xb_error err = {""};
    cJSON *json = xb_tune_policy(tune, "t", cJSON_CreateString("test"));
    char *text = cJSON_PrintUnformatted(json);

    if (!ok(xb_policy_parse("t", text, xb_engine_catalog(), &p, &err) == 0, "it is a policy"))
        printf("# %s\n# %s\n", err.text, text);
    is_str(submission_of(&p, &few, 64 * KIB), "kernel", "few small blocks: a kernel");
    is_str(submission_of(&p, &few, 1024 * KIB), "loop", "few large blocks: a loop");
    is_str(submission_of(&p, &halfway, 100000), "loop",
           "64 are as 16: there they cross before");
    is_str(submission_of(&p, &many, 100000), "kernel", "65 are as 256: they have not crossed");
    is_str(submission_of(&p, &many, 200000), "loop", "there they have");
    is_str(submission_of(&p, &rows, 2 * KIB), "none", "another order was not measured");
    is_str(submission_of(&p, &XB_ONE_PIECE, 64 * KIB), "loop",
           "one piece has a rule of its own");
    xb_policy_release(&p);
    cJSON_free(text);
    cJSON_Delete(json);
}

static void test_blocks(void)
{
    static const int64_t counts[] = {1, 16, 256};
    static const uint64_t blocks[] = {2 * KIB, 32 * KIB, 512 * KIB};
    struct xb_tune tune = {.tuner = fixture_tuner(by_block, 0.001)};
    struct xb_case cases[18];
    struct xb_plan plan = {.cases = cases};
    struct xb_error err = {""};
    char text[1000];
    size_t index;

    for (size_t i = 0; i < 18; i++)
        if (i % 2 == 0 || counts[i / 2 % 3] > 1)
            cases[plan.count++] = block_case(i % 2 ? XB_SUBMIT_KERNEL : XB_SUBMIT_LOOP,
                                             counts[i / 2 % 3], blocks[i / 6]);
    is_int(xb_tune_points(&tune, &plan, &err), 0, "points");
    is_int((long long)tune.npoints, 9, "each number and size of blocks once");
    for (size_t i = 0; i < plan.count; i++)
        xb_tuner_measure(&tune.tuner, &cases[i], &index, &err);
    is_int(xb_tune_ranges(&tune, &err), 0, "ranges");
    is_int((long long)tune.nranges, 5,
           "one piece has one way, both numbers of blocks have two");
    is_int(crossovers(&tune), 2, "and a crossover each");
    const struct xb_range *few = &tune.ranges[1], *many = &tune.ranges[3];
    ok(few->blocks_from == 2 && few->blocks_to == 64 && many->blocks_from == 65 &&
           many->blocks_to == 0,
       "numbers between go with the nearer");
    ok(few->to >= 65536 && few->to <= 123750 && few->to % 64 == 0,
       "few cross where they should");
    ok(many->to >= 131072 && many->to <= 162420, "many as well");
    is_str(xb_crossover_format(few, few + 1, text, sizeof text), text, "it is said");
    contains(text, "host->gpu@self, 16 scattered blocks: above ", "of which blocks");
    contains(text,
             "KiB a block direct[memory=pinned], which is faster than "
             "direct[memory=pinned,submission=kernel]",
             "from which size of a block on");
    check_block_policy(&tune);
    xb_tune_release(&tune);
}

static void read_policy(const char *use, struct xb_policy *out)
{
    struct xb_error err = {""};
    char text[512];

    snprintf(text, sizeof text,
             "{\"schema\": {\"name\": \"xferbench-policy\", \"version\": 1}, \"name\": \"t\", "
             "\"rules\": [%s]}",
             use);
    if (!ok(xb_policy_parse("t", text, xb_engine_catalog(), out, &err) == 0, "a policy"))
        printf("# %s\n", err.text);
}

#define DIRECT "{\"use\": {\"method\": \"direct\"}}"
#define RIGHT                                                                                  \
    "{\"to\": 75000, \"use\": {\"method\": \"direct\"}}, {\"use\": {\"method\": \"unified\"}}"
#define MISSING "{\"to\": 2048, \"use\": {\"method\": \"direct\"}}"
#define BROKEN  "{\"use\": {\"method\": \"p2p\"}}"

/* The regret of policy a beside that of one that is right, at 1, 16 and 256 KiB. */
static struct xb_regret regret_of(const char *a, long disturbed, struct xb_regret *right)
{
    struct xb_tune tune;
    struct xb_policy given = {0}, good = {0};
    struct xb_regret out = {0};
    struct xb_error err = {""};

    tune_all(&tune, crossing, 0);
    read_policy(a, &given);
    read_policy(RIGHT, &good);
    fixture.disturbed = disturbed ? fixture.measured + disturbed : 0;
    is_int(xb_tune_regrets(&tune, &given, &good, &out, right, &err), 0, "regrets");
    xb_policy_release(&given);
    xb_policy_release(&good);
    xb_tune_release(&tune);
    return out;
}

static void test_regrets(void)
{
    double direct = 2 + 256.0 * KIB / 10e3, unified = 8 + 256.0 * KIB / 50e3;
    struct xb_regret right, r;

    for (long disturbed = 0; disturbed <= 3; disturbed++) {
        r = regret_of(DIRECT, disturbed, &right);
        is_near(r.worst, direct / unified, 1e-9, "the wrong method for the largest");
        ok(r.where.bytes == 256 * KIB && r.nhigh == 1 && r.median == 1,
           "there, and only there");
        ok(right.points == 3 && right.worst == 1 && right.nhigh == 0, "the right one has none");
    }
    r = regret_of(MISSING, 0, &right);
    ok(r.points == 1 && r.no_answer == 2, "sizes without a rule are counted");
    r = regret_of(BROKEN, 0, &right);
    ok(r.points == 0 && r.no_answer == 3, "so are choices that do not work");
    ok(right.points == 3 && right.worst == 1, "which are nothing to the others");
}

/* What a policy chooses that nobody has measured counts for the best too. */
static void test_better_choice(void)
{
    struct xb_tune tune = {.tuner = fixture_tuner(crossing, 0)};
    struct xb_case c = fixture_case("direct", to_gpu, 256 * KIB);
    struct xb_plan plan = {.cases = &c, .count = 1};
    struct xb_policy direct = {0}, right = {0};
    struct xb_regret a, b;
    struct xb_error err = {""};
    size_t index;

    xb_tune_points(&tune, &plan, &err);
    xb_tuner_measure(&tune.tuner, &c, &index, &err);
    read_policy(DIRECT, &direct);
    read_policy(RIGHT, &right);
    is_int(xb_tune_regrets(&tune, &direct, &right, &a, &b, &err), 0, "regrets");
    ok(a.worst > 1 && b.worst == 1, "the only candidate is worse than another policy's choice");
    is_int((long long)tune.tuner.trials.count, 2, "which is a trial now");
    is_int(xb_tune_try(&tune, &right, &err), 0, "tried again");
    is_int((long long)tune.tuner.trials.count, 2, "and is none that is new");
    xb_policy_release(&direct);
    xb_policy_release(&right);
    xb_tune_release(&tune);
}

/* What is chosen at each point, as the report has it. */
static void test_outcome(void)
{
    struct xb_report_tuned out;
    struct xb_tune tune;
    struct xb_policy direct = {0}, missing = {0};
    struct xb_regret a, b;
    struct xb_error err = {""};

    tune_all(&tune, crossing, 0);
    read_policy(DIRECT, &direct);
    read_policy(MISSING, &missing);
    is_int(xb_tune_regrets(&tune, &direct, &missing, &a, &b, &err), 0, "regrets");
    is_int(xb_tune_outcome(&tune, &out, &err), 0, "an outcome");
    ok(out.there && out.points.n == 3 && out.crossovers.n == 1, "three sizes, one crossover");
    const struct xb_tuned_point *small = xb_tuned_point_at(&out, 0);
    const struct xb_tuned_point *large = xb_tuned_point_at(&out, 2);
    is_str(small->place.src, "host", "from where");
    ok(small->bytes == KIB && small->measured == 2 && small->place.blocks == 1, "of both ways");
    is_str(small->chosen.use, "direct[memory=pinned]", "the rule of the second policy");
    ok(small->chosen.regret == 1 && small->fixed.regret == 1, "which is the best");
    is_str(small->best.id, small->chosen.id, "and so is one with it");
    ok(large->bytes == 256 * KIB && !large->chosen.there,
       "a size without a rule has no choice");
    is_near(large->fixed.regret, a.worst, 1e-9, "the regret of the first stands there");
    is_str(large->best.use, "unified[access=prefetch]", "beside the best");
    is_str(xb_tuned_crossover_at(&out, 0)->after, large->best.use, "which wins above");
    xb_fields_release(xb_report_tuned_fields, &out);
    xb_policy_release(&direct);
    xb_policy_release(&missing);
    xb_tune_release(&tune);
}

int main(void)
{
    int provided;

    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    test_crossover();
    test_no_crossover();
    test_regrets();
    test_better_choice();
    test_outcome();
    test_blocks();
    MPI_Finalize();
    return done_testing();
}
