/* SPDX-License-Identifier: BSD-3-Clause */
/* test_classes.c - paths whose lanes are of several link classes: each class is measured by
 * itself and gets rules of its own; with times that are made up. */
#include "tune/tune.h"

#include <stdlib.h>

#include "tests/tap.h"
#include "tests/tune/tuner_fixture.h"

#define KIB 1024ull

static const struct xb_path between = {{XB_GPU, 0}, {XB_GPU, 0}, XB_NODE};

/* Three ranks on sockets of one node. They see two GPUs, of which nothing is known. */
#define NRANKS 3
static struct xb_session session_on(const int packages[NRANKS])
{
    static struct xb_rank_info ranks[NRANKS];
    static int nodes[NRANKS];

    for (int i = 0; i < NRANKS; i++)
        ranks[i] =
            (struct xb_rank_info){.rank = i,
                                  .host = "here",
                                  .nvisible = 2,
                                  .place = {.package = packages[i], .numa = packages[i]}};
    return (struct xb_session){
        .world = MPI_COMM_SELF, .nranks = NRANKS, .ranks = ranks, .node_of_rank = nodes};
}

static const int two_sockets[NRANKS] = {0, 1, 0}, one_socket[NRANKS] = {0, 0, 0};

/* Which socket a rank of the test runs on; both cases whose pairs are not a list. */
static bool crosses(const struct xb_case *c)
{
    return c->pairs.kind != XB_PAIRS_LIST ||
           two_sockets[c->pairs.list[0][0]] != two_sockets[c->pairs.list[0][1]];
}

/* mpi takes 10 us and goes at 20 GB/s everywhere. p2p is faster at all sizes within a socket;
 * between sockets it takes 40 us and goes at 40 GB/s, so that they cross at 1.2 MB. */
static double by_class(const struct xb_case *c, struct xb_pipeline_times *pipeline)
{
    double bytes = (double)c->bytes;

    (void)pipeline;
    if (strcmp(c->method->name, "mpi") == 0)
        return 10 + bytes / 20e3;
    if (strcmp(c->method->name, "p2p") == 0)
        return crosses(c) ? 40 + bytes / 40e3 : 5 + bytes / 80e3;
    return 0;
}

/* Points of a plan, on ranks of these sockets. */
static struct xb_tune tune_on(const int packages[NRANKS], fixture_time time_of,
                              struct xb_case *cases, size_t n)
{
    static struct xb_session session;
    struct xb_tune tune = {.tuner = fixture_tuner(time_of, 0)};
    const struct xb_plan plan = {.cases = cases, .count = n};
    struct xb_error err = {""};

    session = session_on(packages);
    tune.tuner.session = &session;
    for (size_t i = 0; i < n; i++)
        is_int(xb_case_make_id(&cases[i], &err), 0, "a case of the plan");
    is_int(xb_tune_points(&tune, &plan, &err), 0, "points");
    return tune;
}

/* Both methods at sizes a factor of 16 apart. */
#define NCASES 6
static void make_cases(struct xb_case cases[NCASES])
{
    static const char *const methods[] = {"mpi", "p2p"};

    for (size_t i = 0; i < NCASES; i++)
        cases[i] = fixture_case(methods[i / 3], between, 64 * KIB << (4 * (i % 3)));
}

static void measure_all(struct xb_tune *tune)
{
    struct xb_error err = {""};
    size_t index;

    for (size_t i = 0; i < tune->ncases; i++)
        is_int(xb_tuner_measure(&tune->tuner, &tune->cases[i], &index, &err), 0, "measured");
    is_int(xb_tune_ranges(tune, &err), 0, "ranges");
    is_str(err.text, "", "without a word");
}

static const char *method_of(struct xb_policy *p, int link, uint64_t bytes)
{
    struct xb_choice choice;
    struct xb_error err;

    return xb_policy_decide(p, &between, bytes, NULL,
                            (struct xb_policy_place){XB_GPU_DISCRETE, link}, &choice, &err) == 0
               ? choice.method->name
               : "none";
}

/* The policy of what was tuned, as it is written and read again. */
static cJSON *write_policy(const struct xb_tune *tune, struct xb_policy *p)
{
    struct xb_error err = {""};
    cJSON *json = xb_tune_policy(tune, "t", cJSON_CreateString("test"));
    char *text = cJSON_PrintUnformatted(json);

    if (!ok(xb_policy_parse("t", text, xb_engine_catalog(), p, &err) == 0, "it is a policy"))
        printf("# %s\n# %s\n", err.text, text);
    cJSON_free(text);
    return json;
}

static const char *text_of(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(object, key));
}

static void test_rules(void)
{
    struct xb_case cases[NCASES];
    struct xb_policy p = {0};

    make_cases(cases);
    struct xb_tune tune = tune_on(two_sockets, by_class, cases, NCASES);
    is_int((long long)tune.ncases, 2 * NCASES, "a case for each class");
    is_int((long long)tune.npoints, 6, "and a point for each class and size");
    measure_all(&tune);
    cJSON *json = write_policy(&tune, &p);
    const cJSON *rules = cJSON_GetObjectItem(json, "rules");
    is_int(cJSON_GetArraySize(rules), 5, "one rule of the near class, two of the far, twice");
    is_str(text_of(cJSON_GetArrayItem(rules, 0), "link_class"), "same-device", "the near");
    is_str(text_of(cJSON_GetArrayItem(rules, 1), "link_class"), "other-socket", "the far");
    ok(!text_of(cJSON_GetArrayItem(rules, 3), "link_class"), "then of any");
    contains(text_of(cJSON_GetArrayItem(rules, 3), "note"), "As for other-socket",
             "which says whose it is");
    is_str(method_of(&p, XB_LINK_SAME_DEVICE, 64 * KIB), "p2p", "near, small");
    is_str(method_of(&p, XB_LINK_SAME_DEVICE, 16384 * KIB), "p2p", "near, large");
    is_str(method_of(&p, XB_LINK_OTHER_SOCKET, 64 * KIB), "mpi", "far, small");
    is_str(method_of(&p, XB_LINK_OTHER_SOCKET, 16384 * KIB), "p2p", "far, large");
    is_str(method_of(&p, XB_LINK_MIXED, 64 * KIB), "mpi", "both together as the far one");
    is_str(method_of(&p, XB_LINK_NVLINK, 16384 * KIB), "p2p", "so is what was not measured");
    xb_policy_release(&p);
    cJSON_Delete(json);
    xb_tune_release(&tune);
}

/* Texts and JSON say which lanes they are of. */
static void test_names(void)
{
    struct xb_case cases[NCASES];
    char text[1000], where[XB_POINT_LEN];

    make_cases(cases);
    struct xb_tune tune = tune_on(two_sockets, by_class, cases, NCASES);
    measure_all(&tune);
    const struct xb_point point = xb_point_of(&tune.points[0]);
    is_str(xb_point_format(&point, where), "gpu->gpu@node (same-device), 64KiB", "a point");
    cJSON *json = xb_point_json(&point), *list = xb_crossovers_json(&tune);
    is_str(text_of(json, "link_class"), "same-device", "in JSON too");
    is_int(cJSON_GetArraySize(list), 1, "only the far one has a crossover");
    is_str(text_of(cJSON_GetArrayItem(list, 0), "link_class"), "other-socket", "of its class");
    is_int((long long)tune.nranges, 3, "ranges");
    xb_crossover_format(&tune.ranges[1], &tune.ranges[2], text, sizeof text);
    contains(text, "gpu->gpu@node (other-socket): above ", "in the text too");
    ok(!xb_crossover_format(&tune.ranges[0], &tune.ranges[1], text, sizeof text),
       "from one class to the other is none");
    cJSON_Delete(json);
    cJSON_Delete(list);
    xb_tune_release(&tune);
}

static void test_one_class(void)
{
    struct xb_case cases[NCASES];
    struct xb_policy p = {0};

    make_cases(cases);
    struct xb_tune tune = tune_on(one_socket, by_class, cases, NCASES);
    is_int((long long)tune.ncases, NCASES, "one class: the cases of the plan");
    for (size_t i = 0; i < tune.ncases; i++)
        is_str(tune.cases[i].id, cases[i].id, "with their ids");
    measure_all(&tune);
    cJSON *json = write_policy(&tune, &p);
    const cJSON *rules = cJSON_GetObjectItem(json, "rules");
    is_int(cJSON_GetArraySize(rules), 2, "one rule for each method");
    ok(!text_of(cJSON_GetArrayItem(rules, 0), "link_class"), "of no class");
    is_str(method_of(&p, XB_LINK_SAME_DEVICE, 64 * KIB), "mpi", "whatever the link");
    is_str(method_of(&p, XB_LINK_MIXED, 16384 * KIB), "p2p", "or the links");
    xb_policy_release(&p);
    cJSON_Delete(json);
    xb_tune_release(&tune);
}

/* ---- which pairs ---- */

static void test_pairs(void)
{
    int list[][2] = {{2, 1}, {2, 0}, {1, 0}}, near[][2] = {{0, 2}, {2, 0}};
    const struct {
        struct xb_pairs pairs;
        struct xb_path path;
        const char *parts[3];
        const char *name;
    } rows[] = {
        {{.kind = XB_PAIRS_CLASSES}, between, {"0-2", "0-1"}, "the lowest pair of each class"},
        {{XB_PAIRS_LIST, list, 3}, between, {"2-0", "2-1,1-0"}, "of a list all of each"},
        {{XB_PAIRS_LIST, near, 2}, between, {"0-2,2-0"}, "a list of one class stays"},
        {{.kind = XB_PAIRS_FIRST}, between, {"first"}, "so does one pair"},
        {{.kind = XB_PAIRS_EACH}, between, {"each"}, "so do all"},
        {{.kind = XB_PAIRS_ROUNDS}, between, {"rounds"}, "and those that are busy together"},
        {{.kind = XB_PAIRS_CLASSES}, {{XB_HOST, 0}, {XB_GPU, 0}, XB_SELF}, {"classes"}, "self"},
        {{.kind = XB_PAIRS_CLASSES},
         {{XB_HOST, 0}, {XB_HOST, 0}, XB_REMOTE},
         {"classes"},
         "what the job has no ranks for"},
        {{.kind = XB_PAIRS_CLASSES},
         {{XB_GPU, 0}, {XB_GPU, XB_GPU_ANY}, XB_NODE},
         {"classes"},
         "a path that stands for several GPUs"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct xb_case c = fixture_case("mpi", rows[i].path, 4096);
        c.pairs = rows[i].pairs;
        struct xb_tune tune = tune_on(two_sockets, by_class, &c, 1);
        size_t n = 0;
        for (; n < 3 && rows[i].parts[n]; n++) {
            char pairs[100] = "";
            if (n < tune.ncases)
                xb_pairs_format(&tune.cases[n].pairs, pairs, sizeof pairs);
            is_str(pairs, rows[i].parts[n], rows[i].name);
        }
        is_int((long long)tune.ncases, (long long)n, "and no more");
        ok(n == 1 || (tune.cases[0].link_class == XB_LINK_SAME_DEVICE &&
                      tune.cases[1].link_class == XB_LINK_OTHER_SOCKET),
           "the nearest first");
        xb_tune_release(&tune);
    }
}

/* Rules of pairs that were not told apart stand behind those of classes, and for all others. */
static void test_both(void)
{
    struct xb_case cases[2];
    struct xb_policy p = {0};

    cases[0] = fixture_case("mpi", between, 64 * KIB);
    cases[0].pairs.kind = XB_PAIRS_EACH;
    cases[1] = fixture_case("p2p", between, 64 * KIB);
    struct xb_tune tune = tune_on(two_sockets, by_class, cases, 2);
    measure_all(&tune);
    cJSON *json = write_policy(&tune, &p);
    is_int(cJSON_GetArraySize(cJSON_GetObjectItem(json, "rules")), 3, "nothing stands in");
    is_str(method_of(&p, XB_LINK_OTHER_SOCKET, 64 * KIB), "p2p", "a class by its own rule");
    is_str(method_of(&p, XB_LINK_MIXED, 64 * KIB), "mpi", "all together by theirs");
    xb_policy_release(&p);
    cJSON_Delete(json);
    xb_tune_release(&tune);
}

/* Two stages; between sockets they are ten times as slow, and the best chunk is another one. */
static double staged(const struct xb_case *c, struct xb_pipeline_times *pipeline)
{
    double slow = crosses(c) ? 10 : 1, n = (double)c->bytes / (double)c->chunk;
    double stage = 2 + slow * (double)c->chunk / 50e3;

    pipeline->nstages = 2;
    pipeline->stage[0].us = pipeline->stage[1].us = stage;
    return stage * (n + 1) + (c->depth < 2 ? stage * n : 0);
}

/* What stages cost is found for each class, and so are chunk and depth. */
static void test_search(void)
{
    struct xb_case c = fixture_case("host-staged", between, 16384 * KIB);
    struct xb_tune tune = tune_on(two_sockets, staged, &c, 1);
    struct xb_error err = {""};

    for (size_t i = 0; i < tune.ncases; i++)
        is_int(xb_tuner_search(&tune.tuner, &tune.cases[i], &err), 0, "a search");
    is_int((long long)tune.tuner.nfits, 2, "stages of each class");
    ok(tune.tuner.fits[1].cost[0].us_per_byte > 9 * tune.tuner.fits[0].cost[0].us_per_byte,
       "by its own times");
    is_int((long long)tune.tuner.nfound, 2, "and a chunk of each");
    const struct xb_trial *trials = tune.tuner.trials.trial;
    ok(trials[tune.tuner.found[0]].c.chunk >= 2 * trials[tune.tuner.found[1]].c.chunk,
       "the slower the smaller");
    xb_tune_release(&tune);
}

int main(void)
{
    int provided;

    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    test_rules();
    test_names();
    test_one_class();
    test_pairs();
    test_both();
    test_search();
    MPI_Finalize();
    return done_testing();
}
