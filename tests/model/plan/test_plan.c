/* SPDX-License-Identifier: BSD-3-Clause */
/* test_plan.c - scenarios expanded into cases: their order, ids, keys and hash, and how many
 * there may be. */
#include "model/plan/plan.h"

#include <stdlib.h>

#include "tests/catalog_fixture.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* Parse a scenario whose cases are this text and expand it. */
static int expand(const char *cases, const char *const *sets, const struct xb_catalog *catalog,
                  struct xb_plan *plan, struct xb_error *err)
{
    static const char frame[] = "{\"name\": \"t\", \"cases\": %s}";
    struct xb_scenario s;
    size_t size = sizeof(frame) + strlen(cases);
    char *text = malloc(size);

    *plan = (struct xb_plan){0};
    snprintf(text, size, frame, cases);
    int rc = xb_scenario_parse("t.json", text, sets, catalog, &s, err);
    free(text);
    if (rc < 0)
        return rc;
    rc = xb_plan_expand(&s, plan, err);
    xb_scenario_release(&s);
    return rc;
}

struct row {
    const char *name;
    const char *cases;
    const char *ids[13]; /* ends with NULL */
    size_t repeated;
};

static const struct row rows[] = {
    {"the simplest id",
     "[{\"paths\": [\"host->gpu\"], \"sizes\": \"1MiB\", \"methods\": [\"direct\"]}]",
     {"stream/direct[memory=pinned]/host->gpu@self/1MiB"},
     0},
    {"an id with everything",
     "[{\"pattern\": \"pingpong\", \"paths\": [\"gpu->gpu@node\"], \"sizes\": 1000,"
     " \"methods\": [{\"name\": \"host-staged\", \"memory\": \"pageable\", \"chunk\": 999,"
     " \"depth\": 7}], \"src_offset\": 1, \"dst_offset\": \"4KiB\", \"window\": 16,"
     " \"cache\": [\"cold\", \"warm\"], \"allocator\": \"vmm\"}]",
     {"pingpong/host-staged[memory=pageable]/gpu->gpu@node/1000B/chunk=999B,depth=7"
      "/window=16/cache=cold/allocator=vmm/offset=1+4096",
      "pingpong/host-staged[memory=pageable]/gpu->gpu@node/1000B/chunk=999B,depth=7"
      "/window=16/allocator=vmm/offset=1+4096"},
     0},
    {"one offset is enough",
     "[{\"paths\": [\"gpu->gpu@node\"], \"sizes\": \"1KiB\", \"methods\": [\"p2p\"],"
     " \"dst_offset\": [0, 3]}]",
     {"stream/p2p[engine=ce,side=push]/gpu->gpu@node/1KiB",
      "stream/p2p[engine=ce,side=push]/gpu->gpu@node/1KiB/offset=0+3"},
     0},
    {"a traffic, whose largest lane is the size",
     "[{\"pattern\": \"neighbour\", \"traffic\": [[1, 0, \"4KiB\"], [0, 1, \"1MiB\"]],"
     " \"paths\": [\"gpu->gpu@node\"], \"methods\": [\"zero-copy\"]}]",
     {"neighbour/zero-copy/gpu->gpu@node/1MiB/chunk=1MiB,depth=3/traffic=0-1:1MiB,1-0:4KiB"},
     0},
    {"pairs, but for the default",
     "[{\"paths\": [\"gpu->gpu@node\"], \"sizes\": 8, \"methods\": [\"zero-copy\"]},"
     " {\"pairs\": \"classes\", \"paths\": [\"gpu->gpu@node\"], \"sizes\": 8,"
     "  \"methods\": [\"p2p\"]},"
     " {\"pairs\": \"first\", \"paths\": [\"gpu->gpu@node\"], \"sizes\": 8,"
     "  \"methods\": [\"p2p\"]},"
     " {\"pairs\": \"rounds\", \"paths\": [\"gpu->gpu@node\"], \"sizes\": 8,"
     "  \"methods\": [\"p2p\"], \"window\": 2},"
     " {\"pairs\": [[0, 3], [2, 1]], \"paths\": [\"gpu->gpu@node\"], \"sizes\": 8,"
     "  \"methods\": [\"p2p\"]}]",
     {"stream/zero-copy/gpu->gpu@node/8B/chunk=8B,depth=3",
      "stream/p2p[engine=ce,side=push]/gpu->gpu@node/8B",
      "stream/p2p[engine=ce,side=push]/gpu->gpu@node/8B/pairs=first",
      "stream/p2p[engine=ce,side=push]/gpu->gpu@node/8B/window=2/pairs=rounds",
      "stream/p2p[engine=ce,side=push]/gpu->gpu@node/8B/pairs=0-3,2-1"},
     0},
    {"short names of patterns are the long ones with pairs",
     "[{\"pattern\": [\"matrix\", \"pairs\"], \"paths\": [\"gpu->gpu+*\"], \"sizes\": 8,"
     "  \"methods\": [\"p2p\"]},"
     " {\"pairs\": \"each\", \"paths\": [\"gpu->gpu+*\"], \"sizes\": 8, \"methods\": "
     "[\"p2p\"]}]",
     {"stream/p2p[engine=ce,side=push]/gpu->gpu+*@self/8B/pairs=each",
      "stream/p2p[engine=ce,side=push]/gpu->gpu+*@self/8B/pairs=together"},
     1},
    {"a duration, choices and numbers as options",
     "[{\"paths\": [\"host->host\"], \"sizes\": 1, \"methods\": [{\"name\": \"null\","
     " \"delay\": \"2ms\", \"corrupt\": 8}]}]",
     {"stream/null[delay=2ms,fail=none,hang=none,corrupt=8,after=0,at=destination,rank=-1]/"
      "host->host@self/1B"},
     0},
    {"the size varies fastest, then the window",
     "[{\"paths\": [\"gpu->gpu@node\"], \"sizes\": [1, 2],"
     " \"methods\": [\"mpi\"], \"window\": [1, 4]}]",
     {"stream/mpi[transfer=send,memory=device]/gpu->gpu@node/1B",
      "stream/mpi[transfer=send,memory=device]/gpu->gpu@node/2B",
      "stream/mpi[transfer=send,memory=device]/gpu->gpu@node/1B/window=4",
      "stream/mpi[transfer=send,memory=device]/gpu->gpu@node/2B/window=4"},
     0},
    {"a datatype is named where it is not the default",
     "[{\"pattern\": \"collective\", \"paths\": [\"gpu->gpu@node\"], \"sizes\": 64,"
     " \"methods\": [{\"name\": \"nccl\", \"transfer\": \"all-reduce\","
     " \"datatype\": [\"uint64\", \"float\"]}, {\"name\": \"mpi\", \"transfer\":"
     " \"reduce-scatter\", \"datatype\": \"float\"}]}]",
     {"collective/nccl[transfer=all-reduce]/gpu->gpu@node/64B",
      "collective/nccl[transfer=all-reduce,datatype=float]/gpu->gpu@node/64B",
      "collective/mpi[transfer=reduce-scatter,memory=device,datatype=float]/gpu->gpu@node/64B"},
     0},
    {"the cache varies faster than the window, and warm stays out of the id",
     "[{\"paths\": [\"host->host\"], \"sizes\": [1, 2], \"methods\": [\"direct\"],"
     " \"window\": [1, 4], \"cache\": [\"warm\", \"cold\"]},"
     " {\"paths\": [\"host->host\"], \"sizes\": 1, \"methods\": [\"direct\"]}]",
     {"stream/direct[memory=pinned]/host->host@self/1B",
      "stream/direct[memory=pinned]/host->host@self/2B",
      "stream/direct[memory=pinned]/host->host@self/1B/cache=cold",
      "stream/direct[memory=pinned]/host->host@self/2B/cache=cold",
      "stream/direct[memory=pinned]/host->host@self/1B/window=4",
      "stream/direct[memory=pinned]/host->host@self/2B/window=4",
      "stream/direct[memory=pinned]/host->host@self/1B/window=4/cache=cold",
      "stream/direct[memory=pinned]/host->host@self/2B/window=4/cache=cold"},
     1},
    {"pattern, path, method, option",
     "[{\"pattern\": [\"stream\", \"pingpong\"], \"paths\": [\"gpu->gpu@node\","
     " \"host->host@node\"], \"sizes\": 1, \"methods\": [{\"name\": \"p2p\","
     " \"side\": [\"pull\", \"push\"]}, \"mpi\"]}]",
     {"stream/p2p[engine=ce,side=pull]/gpu->gpu@node/1B",
      "stream/p2p[engine=ce,side=push]/gpu->gpu@node/1B",
      "stream/mpi[transfer=send,memory=device]/gpu->gpu@node/1B",
      "stream/p2p[engine=ce,side=pull]/host->host@node/1B",
      "stream/p2p[engine=ce,side=push]/host->host@node/1B",
      "stream/mpi[transfer=send,memory=device]/host->host@node/1B",
      "pingpong/p2p[engine=ce,side=pull]/gpu->gpu@node/1B",
      "pingpong/p2p[engine=ce,side=push]/gpu->gpu@node/1B",
      "pingpong/mpi[transfer=send,memory=device]/gpu->gpu@node/1B",
      "pingpong/p2p[engine=ce,side=pull]/host->host@node/1B",
      "pingpong/p2p[engine=ce,side=push]/host->host@node/1B",
      "pingpong/mpi[transfer=send,memory=device]/host->host@node/1B"},
     0},
    {"chunk before depth before offsets",
     "[{\"paths\": [\"gpu->gpu\"], \"sizes\": \"1KiB\", \"methods\": [{\"name\":"
     " \"host-staged\", \"chunk\": [\"size\", 512], \"depth\": [1, 2]}],"
     " \"src_offset\": [0, 1]}]",
     {"stream/host-staged[memory=pinned]/gpu->gpu@self/1KiB/chunk=1KiB,depth=1",
      "stream/host-staged[memory=pinned]/gpu->gpu@self/1KiB/chunk=1KiB,depth=1/offset=1+0",
      "stream/host-staged[memory=pinned]/gpu->gpu@self/1KiB/chunk=1KiB,depth=2",
      "stream/host-staged[memory=pinned]/gpu->gpu@self/1KiB/chunk=1KiB,depth=2/offset=1+0",
      "stream/host-staged[memory=pinned]/gpu->gpu@self/1KiB/chunk=512B,depth=1",
      "stream/host-staged[memory=pinned]/gpu->gpu@self/1KiB/chunk=512B,depth=1/offset=1+0",
      "stream/host-staged[memory=pinned]/gpu->gpu@self/1KiB/chunk=512B,depth=2",
      "stream/host-staged[memory=pinned]/gpu->gpu@self/1KiB/chunk=512B,depth=2/offset=1+0"},
     0},
    {"the default chunk fits the size",
     "[{\"paths\": [\"gpu->gpu@node\"], \"sizes\": [\"64MiB\", \"1MiB\"],"
     " \"methods\": [\"host-staged\"]}]",
     {"stream/host-staged[memory=pinned]/gpu->gpu@node/64MiB/chunk=4MiB,depth=3",
      "stream/host-staged[memory=pinned]/gpu->gpu@node/1MiB/chunk=1MiB,depth=3"},
     0},
    {"a range of chunks ends at the size, and one chunk is one case",
     "[{\"paths\": [\"gpu->gpu\"], \"sizes\": [\"1KiB\", \"4KiB\"], \"methods\": [{\"name\":"
     " \"host-staged\", \"depth\": 1, \"chunk\": [{\"from\": 512, \"to\": 4096, \"factor\": 2},"
     " \"size\", \"size/4\"]}]}]",
     {"stream/host-staged[memory=pinned]/gpu->gpu@self/1KiB/chunk=512B,depth=1",
      "stream/host-staged[memory=pinned]/gpu->gpu@self/4KiB/chunk=512B,depth=1",
      "stream/host-staged[memory=pinned]/gpu->gpu@self/1KiB/chunk=1KiB,depth=1",
      "stream/host-staged[memory=pinned]/gpu->gpu@self/4KiB/chunk=1KiB,depth=1",
      "stream/host-staged[memory=pinned]/gpu->gpu@self/4KiB/chunk=2KiB,depth=1",
      "stream/host-staged[memory=pinned]/gpu->gpu@self/4KiB/chunk=4KiB,depth=1",
      "stream/host-staged[memory=pinned]/gpu->gpu@self/1KiB/chunk=256B,depth=1"},
     0},
    {"a case named again is measured once",
     "[{\"paths\": [\"host->gpu\"], \"sizes\": [\"1KiB\", 1024, 1], \"methods\": [\"direct\"]},"
     " {\"paths\": [\"host->gpu@self\"], \"sizes\": [1024, 2], \"methods\": [\"direct\"]}]",
     {"stream/direct[memory=pinned]/host->gpu@self/1KiB",
      "stream/direct[memory=pinned]/host->gpu@self/1B",
      "stream/direct[memory=pinned]/host->gpu@self/2B"},
     2},
};

static void test_ids(void)
{
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct xb_plan plan;
        struct xb_error err = {""};
        size_t n = 0;

        if (!is_int(expand(rows[i].cases, NULL, &fixture_catalog, &plan, &err), 0,
                    rows[i].name))
            printf("# %s\n", err.text);
        for (; n < plan.count && rows[i].ids[n]; n++)
            is_str(plan.cases[n].id, rows[i].ids[n], "id");
        ok(!rows[i].ids[n] && n == plan.count, "these and no more");
        is_int((long long)plan.repeated, (long long)rows[i].repeated, "repeated");
        xb_plan_release(&plan);
        ok(!plan.cases && plan.count == 0, "released");
    }
}

static void test_keys(void)
{
    static const struct {
        const char *cases, *key;
    } keys[] = {
        {"[{\"pattern\": \"bidirectional\", \"paths\": [\"gpu->gpu+1@node\", \"gpu->gpu\"],"
         " \"sizes\": \"1MiB\", \"methods\": [{\"name\": \"host-staged\", \"chunk\": "
         "\"size/4\","
         " \"depth\": 2}], \"src_offset\": 1, \"dst_offset\": 3, \"window\": 4,"
         " \"cache\": [\"cold\", \"warm\"]}]",
         "{\"pattern\":\"bidirectional\",\"pairs\":\"classes\",\"method\":\"host-staged\","
         "\"options\":{\"memory\":\"pinned\"},\"src\":\"gpu\",\"dst\":\"gpu+1\","
         "\"locality\":\"node\",\"bytes\":1048576,\"size_class\":2,"
         "\"chunk_bytes\":262144,\"depth\":2,\"window\":4,\"cache\":\"cold\",\"allocator\":"
         "\"malloc\",\"contention\":\"none\",\"traffic\":null,"
         "\"src_offset\":1,\"dst_offset\":3}"},
        {"[{\"paths\": [\"host->host\"], \"sizes\": 7, \"methods\": [{\"name\": \"null\","
         " \"delay\": \"1us\", \"hang\": \"wait\"}]}]",
         "{\"pattern\":\"stream\",\"pairs\":\"classes\",\"method\":\"null\",\"options\":{"
         "\"delay\":1000,"
         "\"fail\":\"none\",\"hang\":\"wait\",\"corrupt\":-1,\"after\":0,"
         "\"at\":\"destination\",\"rank\":-1},\"src\":\"host\",\"dst\":\"host\","
         "\"locality\":\"self\",\"bytes\":7,\"size_class\":0,\"chunk_bytes\":null,"
         "\"depth\":null,\"window\":1,\"cache\":\"warm\",\"allocator\":\"malloc\","
         "\"contention\":\"none\",\"traffic\":null,\"src_offset\":0,\"dst_offset\":0}"},
    };

    for (size_t i = 0; i < ROWS(keys); i++) {
        struct xb_plan plan;
        is_int(expand(keys[i].cases, NULL, &fixture_catalog, &plan, NULL), 0, "a case");
        cJSON *key = xb_case_key_json(&plan.cases[0]);
        char *text = cJSON_PrintUnformatted(key);
        is_str(text, keys[i].key, "its key");
        cJSON_free(text);
        cJSON_Delete(key);
        xb_plan_release(&plan);
    }
}

/* The pairs as they stand in a key: a list is the scenario's, which outlives the plan. */
static void test_pairs_in_keys(void)
{
    static const char *const forms[][2] = {
        {"\"pairs\": \"each\",", "\"each\""},
        {"\"pattern\": \"pairs\",", "\"together\""},
        {"\"pairs\": [[0, 3], [2, 1]],", "[[0,3],[2,1]]"},
    };

    for (size_t i = 0; i < ROWS(forms); i++) {
        char text[400];
        struct xb_scenario s;
        struct xb_plan plan;
        snprintf(
            text, sizeof text,
            "{\"name\": \"t\", \"cases\": [{%s \"paths\": [\"gpu->gpu@node\"], \"sizes\": 1,"
            " \"methods\": [\"p2p\"]}]}",
            forms[i][0]);
        is_int(xb_scenario_parse("t.json", text, NULL, &fixture_catalog, &s, NULL), 0,
               forms[i][0]);
        xb_plan_expand(&s, &plan, NULL);
        cJSON *key = xb_case_key_json(&plan.cases[0]);
        char *pairs = cJSON_PrintUnformatted(cJSON_GetObjectItem(key, "pairs"));
        is_str(pairs, forms[i][1], "its pairs");
        is_str(cJSON_GetObjectItem(key, "pattern")->valuestring, "stream", "its pattern");
        cJSON_free(pairs);
        cJSON_Delete(key);
        xb_plan_release(&plan);
        xb_scenario_release(&s);
    }
}

/* An id that its pairs make too long is an error, not another case's id. */
static void test_long_lists(void)
{
    char text[4000] = "[{\"pairs\": [[0, 1]";
    size_t used = strlen(text);
    struct xb_plan plan;
    struct xb_error err = {""};

    for (int i = 0; i < 100; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, ", [%d, %d]", i, i + 1);
    snprintf(text + used, sizeof text - used,
             "], \"paths\": [\"gpu->gpu@node\"], \"sizes\": 1, \"methods\": [\"p2p\"]}]");
    is_int(expand(text, NULL, &fixture_catalog, &plan, &err), -1, "a long list of pairs");
    contains(err.text, "the id of a case is longer than 319 characters", "does not fit an id");
}

static void test_options(void)
{
    struct xb_plan plan;
    char text[64], small[8];

    expand("[{\"paths\": [\"gpu->gpu@node\"], \"sizes\": 1, \"methods\": [{\"name\": \"p2p\","
           " \"side\": \"pull\"}]}]",
           NULL, &fixture_catalog, &plan, NULL);
    const struct xb_p2p_options *o = xb_case_options(&plan.cases[0]);
    is_int(o->side, XB_P2P_PULL, "an option in the method's own struct");
    is_int(o->engine, XB_P2P_CE, "another at its default");
    is_str(xb_case_options_format(&plan.cases[0], text, sizeof(text)), "engine=ce,side=pull",
           "options as text");
    is_str(xb_case_options_format(&plan.cases[0], small, sizeof(small)),
           "engine=", "cut where they do not fit");
    xb_plan_release(&plan);
}

/* The key says what a reduction adds up, and of other cases nothing. */
static void test_datatype_in_key(void)
{
    static const char *const want[] = {"uint64", "float", NULL, NULL};
    struct xb_plan plan;

    expand("[{\"pattern\": \"collective\", \"paths\": [\"gpu->gpu@node\"], \"sizes\": 64,"
           " \"methods\": [{\"name\": \"nccl\", \"transfer\": \"all-reduce\","
           " \"datatype\": [\"uint64\", \"float\"]},"
           " {\"name\": \"nccl\", \"transfer\": [\"all-gather\", \"send\"]}]}]",
           NULL, &fixture_catalog, &plan, NULL);
    is_int((long long)plan.count, 4, "four cases");
    for (size_t i = 0; i < plan.count; i++) {
        cJSON *key = xb_case_key_json(&plan.cases[i]);
        const cJSON *options = cJSON_GetObjectItem(key, "options");
        const cJSON *type = cJSON_GetObjectItem(options, "datatype");
        is_str(type ? type->valuestring : "none", want[i] ? want[i] : "none", plan.cases[i].id);
        cJSON_Delete(key);
    }
    xb_plan_release(&plan);
}

/* Methods that no shipped scenario has: without options, and with a value that is too long. */
#define FORTY "0123456789012345678901234567890123456789"
static const char *const long_values[] = {FORTY FORTY FORTY FORTY FORTY FORTY FORTY FORTY FORTY,
                                          NULL};
static const struct xb_option long_options[] = {
    {.name = "o", .type = XB_OPTION_ENUM, .choices = long_values}, {.name = NULL}};
static const struct xb_method_spec plain = {.name = "plain", .paths = {XB_ANY_PATH}};
static const struct xb_method_spec lengthy = {
    .name = "lengthy", .options = long_options, .paths = {XB_ANY_PATH}};
static const struct xb_method_spec *const odd_methods[] = {&plain, &lengthy, NULL};
static const struct xb_catalog odd_catalog = {.methods = odd_methods,
                                              .devices = fixture_devices};

static void test_odd_methods(void)
{
    struct xb_plan plan;
    struct xb_error err = {""};
    char text[8] = "before";

    expand("[{\"paths\": [\"host->gpu\"], \"sizes\": 1, \"methods\": [\"plain\"]}]", NULL,
           &odd_catalog, &plan, NULL);
    is_str(plan.cases[0].id, "stream/plain/host->gpu@self/1B", "an id without options");
    is_str(xb_case_options_format(&plan.cases[0], text, sizeof(text)), "", "none as text");
    cJSON *key = xb_case_key_json(&plan.cases[0]);
    const cJSON *options = cJSON_GetObjectItem(key, "options");
    ok(cJSON_IsObject(options) && !options->child, "none in the key");
    cJSON_Delete(key);
    xb_plan_release(&plan);

    is_int(expand("[{\"paths\": [\"host->gpu\"], \"sizes\": 1, \"methods\": [\"lengthy\"]}]",
                  NULL, &odd_catalog, &plan, &err),
           -1, "an id that does not fit");
    contains(err.text, "t.json: the id of a case is longer than 319 characters", "is an error");
    ok(!plan.cases && plan.count == 0, "nothing is left");
}

/* 1000 windows times 100 sizes, and what else there is. */
static int expand_many(const char *more, struct xb_plan *plan, struct xb_error *err)
{
    static char cases[32768];
    size_t used = (size_t)snprintf(cases, sizeof(cases),
                                   "[{\"paths\": [\"host->gpu\"], \"methods\": [\"direct\"]");

    for (int i = 1; i <= 1000; i++)
        used += (size_t)snprintf(cases + used, sizeof(cases) - used, "%s%d",
                                 i == 1 ? ", \"window\": [" : ",", i);
    for (int i = 1; i <= 100; i++)
        used += (size_t)snprintf(cases + used, sizeof(cases) - used, "%s%d",
                                 i == 1 ? "], \"sizes\": [" : ",", i);
    snprintf(cases + used, sizeof(cases) - used, "]}%s]", more);
    return expand(cases, NULL, &fixture_catalog, plan, err);
}

static void test_limits(void)
{
    static const char one_more[] =
        ",{\"paths\": [\"host->gpu\"], \"sizes\": 1, \"methods\": [\"direct\"]}";
    struct xb_plan plan;
    struct xb_error err = {""};

    is_int(expand_many("", &plan, &err), 0, "as many cases as there may be");
    is_int((long long)plan.count, XB_PLAN_MAX, "they are all there");
    is_str(plan.cases[XB_PLAN_MAX - 1].id,
           "stream/direct[memory=pinned]/host->gpu@self/100B/window=1000", "the last");
    xb_plan_release(&plan);
    is_int(expand_many(one_more, &plan, &err), -1, "one more, though it is there already");
    contains(err.text, "t.json: found more than 100000 cases", "the error says so");
    ok(!plan.cases && plan.count == 0, "nothing is left");

    struct xb_scenario none = {.doc = {.name = (char[]){"none.json"}}};
    is_int(xb_plan_expand(&none, &plan, &err), -1, "no case at all");
    contains(err.text, "none.json: found no case", "the error says so");
}

static uint64_t hash_of(const char *set)
{
    const char *sets[] = {set, NULL};
    struct xb_plan plan;

    expand("[{\"paths\": [\"host->gpu\", \"gpu->host\"], \"sizes\": 1,"
           " \"methods\": [\"direct\"]}]",
           set ? sets : NULL, &fixture_catalog, &plan, NULL);
    uint64_t hash = plan.hash;
    xb_plan_release(&plan);
    return hash;
}

static void test_hash(void)
{
    static const char *const different[] = {
        "cases[0].sizes=2",
        "cases[0].paths=[\"gpu->host\", \"host->gpu\"]",
        "cases[0].paths=[\"host->gpu\"]",
        "device=cpu",
        "sampling={\"min_samples\": 11}",
        "sampling={\"max_samples\": 201}",
        "sampling={\"max_time\": \"501ms\"}",
        "sampling={\"warmup\": \"21ms\"}",
        "sampling={\"min_batch\": \"201us\"}",
        "sampling={\"bandwidth_ci\": 0.011}",
        "sampling={\"latency_ci\": 0.021}",
        "sampling={\"passes\": 5}",
    };
    static const char *const same[] = {"name=other", "description=other", "device=auto",
                                       "cases[0].sizes=\"1B\"", "cases[0].window=[1, 1]"};
    uint64_t hash = hash_of(NULL);

    for (size_t i = 0; i < ROWS(different); i++)
        ok(hash_of(different[i]) != hash, different[i]);
    for (size_t i = 0; i < ROWS(same); i++)
        ok(hash_of(same[i]) == hash, same[i]);
}

int main(void)
{
    test_ids();
    test_keys();
    test_pairs_in_keys();
    test_long_lists();
    test_options();
    test_datatype_in_key();
    test_odd_methods();
    test_limits();
    test_hash();
    return done_testing();
}
