/* SPDX-License-Identifier: BSD-3-Clause */
/* test_compare_keys.c - keys: what cases and launches are filtered, told apart and matched by.
 */
#include "tests/report/compare_fixture.h"

#include "report/compare_internal.h"

static const struct {
    const char *id, *keys[4], *want;
} ids[] = {
    {"stream/p2p[engine=ce,side=push]/gpu->gpu@node/8MiB",
     {NULL},
     "stream/p2p[engine=ce,side=push]/gpu->gpu@node/8MiB"},
    {"stream/p2p[engine=ce,side=push]/gpu->gpu@node/8MiB",
     {"side", NULL},
     "stream/p2p[engine=ce]/gpu->gpu@node/8MiB"},
    {"stream/p2p[engine=ce,side=push]/gpu->gpu@node/8MiB",
     {"options.engine", NULL},
     "stream/p2p[side=push]/gpu->gpu@node/8MiB"},
    {"stream/p2p[engine=ce,side=push]/gpu->gpu@node/8MiB",
     {"engine", "side", NULL},
     "stream/p2p/gpu->gpu@node/8MiB"},
    {"stream/host-staged[memory=pinned]/gpu->gpu@self/8MiB/chunk=4MiB,depth=3",
     {"method", NULL},
     "stream/gpu->gpu@self/8MiB"},
    {"stream/host-staged[memory=pinned]/gpu->gpu@self/8MiB/chunk=4MiB,depth=3",
     {"chunk_bytes", NULL},
     "stream/host-staged[memory=pinned]/gpu->gpu@self/8MiB/depth=3"},
    {"stream/host-staged/gpu->gpu@self/8MiB/chunk=4MiB,depth=3/window=4/pairs=each",
     {"chunk_bytes", "depth", "window", NULL},
     "stream/host-staged/gpu->gpu@self/8MiB/pairs=each"},
    {"pingpong/mpi/gpu->gpu@node/8B", {"pattern", NULL}, "mpi/gpu->gpu@node/8B"},
    {"pingpong/mpi/gpu->gpu@node/8B", {"locality", NULL}, "pingpong/mpi/gpu->gpu/8B"},
    {"pingpong/mpi/host->gpu@node/8B", {"src", NULL}, "pingpong/mpi/*->gpu@node/8B"},
    {"pingpong/mpi/host->gpu@node/8B", {"path", NULL}, "pingpong/mpi/8B"},
    {"pingpong/mpi/host->gpu@node/8B", {"size", NULL}, "pingpong/mpi/host->gpu@node"},
    {"stream/direct/host->gpu@self/8B/allocator=vmm/offset=1+3",
     {"src_offset", "allocator", NULL},
     "stream/direct/host->gpu@self/8B"},
    {"stream/direct/host->gpu@self/8B/cache=cold/offset=1+3",
     {"src_offset", "cache", NULL},
     "stream/direct/host->gpu@self/8B"},
};

static struct xb_launches *two_settings(void)
{
    const struct made a = {.cases = 8,
                           .lanes = 1,
                           .factor = 1,
                           .variable = "MODE",
                           .value = "a"},
                      b = {.cases = 8,
                           .lanes = 1,
                           .factor = 2,
                           .slow = "*/mpi*",
                           .variable = "MODE",
                           .value = "b",
                           .label = "mine"};
    struct xb_launches *launches = xb_launches_new();

    add_launches(launches, "one", &a, 1, 4);
    add_launches(launches, "one", &b, 11, 4);
    return launches;
}

static const struct {
    const char *key;
    enum xb_key_kind kind;
    const char *first, *last; /* of the first case or launch, and of the last */
} keys[] = {
    {"method", XB_KEY_CASE, "p2p[engine=ce,side=push]", "host-staged[memory=pinned]"},
    {"id", XB_KEY_CASE, "stream/p2p[engine=ce,side=push]/gpu->gpu@node/4KiB",
     "stream/host-staged[memory=pinned]/gpu->gpu@node/8KiB/chunk=2KiB,depth=2"},
    {"path", XB_KEY_CASE, "gpu->gpu@node", "gpu->gpu@node"},
    {"size", XB_KEY_CASE, "4KiB", "8KiB"},
    {"bytes", XB_KEY_CASE, "4KiB", "8KiB"},
    {"size_class", XB_KEY_CASE, "0", "1"},
    {"chunk_bytes", XB_KEY_CASE, "-", "2KiB"},
    {"engine", XB_KEY_CASE, "ce", "-"},
    {"options.engine", XB_KEY_CASE, "ce", "-"},
    {"pattern", XB_KEY_CASE, "stream", "stream"},
    {"config", XB_KEY_LAUNCH, "one", "one"},
    {"variables.MODE", XB_KEY_LAUNCH, "a", "b"},
    {"label", XB_KEY_LAUNCH, "-", "mine"},
    {"run.label", XB_KEY_LAUNCH, "-", "mine"},
    {"host", XB_KEY_LAUNCH, "alpha", "alpha"},
    {"driver", XB_KEY_LAUNCH, "580.1", "580.1"},
    {"build.version", XB_KEY_LAUNCH, "0.1.0", "0.1.0"},
    {"ranks[3].gpu.name", XB_KEY_LAUNCH, "NVIDIA H200", "NVIDIA H200"},
    {"nonsense", XB_KEY_NONE, NULL, NULL},
};

static void test_keys(const struct xb_launches *l)
{
    char buf[XB_KEY_TEXT];

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *key = keys[i].key;
        is_int(xb_key_kind(l, key), keys[i].kind, key);
        if (keys[i].kind == XB_KEY_CASE) {
            is_str(xb_case_key(xb_measured_at(l, 0), key, buf), keys[i].first, "of a case");
            is_str(xb_case_key(xb_measured_at(l, 7), key, buf), keys[i].last, "and the last");
        } else if (keys[i].kind == XB_KEY_LAUNCH) {
            is_str(xb_launch_key(l, 0, key, buf), keys[i].first, "of a launch");
            is_str(xb_launch_key(l, 7, key, buf), keys[i].last, "and the last");
        }
    }
}

/* Long values that differ at their ends, and what JSON escapes. */
static void test_values(void)
{
    char one[901], other[901], buf[XB_KEY_TEXT], again[XB_KEY_TEXT];
    struct made m = {.cases = 1, .lanes = 1, .factor = 1, .variable = "MODE", .value = one};
    struct xb_launches *l = xb_launches_new();

    memset(one, 'x', 900);
    memset(other, 'x', 900);
    one[900] = other[900] = '\0';
    other[899] = 'y';
    add_launches(l, "s", &m, 1, 1);
    m.value = other;
    add_launches(l, "s", &m, 2, 1);
    m.value = "say \"a\\b\"";
    add_launches(l, "s", &m, 3, 1);
    const char *first = xb_launch_key(l, 0, "variables.MODE", buf);
    ok(strcmp(first, xb_launch_key(l, 1, "variables.MODE", again)) != 0, "long values differ");
    is_int((int)strlen(first), XB_KEY_TEXT - 1, "which are cut");
    is_str(xb_launch_key(l, 2, "variables.MODE", buf), m.value, "a text has no escapes");
    xb_launches_free(l);
}

/* Questions, and what they come to. */
static const struct {
    const char *name;
    struct xb_compare_ask ask;
    size_t rows, sides;
    const char *base; /* NULL: an error, of which `last` stands in it */
    const char *last; /* the last row's id */
    const char *error;
} asks[] = {
    {"all is one side",
     {.confidence = 0.95},
     8,
     1,
     "one",
     "stream/host-staged[memory=pinned]/gpu->gpu@node/8KiB/chunk=2KiB,depth=2",
     NULL},
    {"by a variable",
     {.row = "variables.MODE"},
     8,
     2,
     "a",
     "stream/host-staged[memory=pinned]/gpu->gpu@node/8KiB/chunk=2KiB,depth=2",
     NULL},
    {"with another base",
     {.row = "variables.MODE", .base = "b"},
     8,
     2,
     "b",
     "stream/host-staged[memory=pinned]/gpu->gpu@node/8KiB/chunk=2KiB,depth=2",
     NULL},
    {"by method",
     {.row = "method"},
     2,
     4,
     "p2p[engine=ce,side=push]",
     "stream/gpu->gpu@node/8KiB",
     NULL},
    {"by method, from another one",
     {.row = "method", .base = "nccl"},
     2,
     4,
     "nccl[transfer=send]",
     "stream/gpu->gpu@node/8KiB",
     NULL},
    {"by size",
     {.row = "size"},
     4,
     2,
     "4KiB",
     "stream/host-staged[memory=pinned]/gpu->gpu@node/chunk=2KiB,depth=2",
     NULL},
    {"only some cases",
     {.filters = (const char *const[]){"method=mpi", NULL}},
     2,
     1,
     "one",
     "stream/mpi[transfer=send,memory=device]/gpu->gpu@node/8KiB",
     NULL},
    {"of one key any",
     {.filters = (const char *const[]){"method=mpi", "method=p2p*", NULL}},
     4,
     1,
     "one",
     "stream/mpi[transfer=send,memory=device]/gpu->gpu@node/8KiB",
     NULL},
    {"of several keys all",
     {.filters = (const char *const[]){"method=mpi", "size=8KiB", NULL}},
     1,
     1,
     "one",
     "stream/mpi[transfer=send,memory=device]/gpu->gpu@node/8KiB",
     NULL},
    {"bytes as a number",
     {.filters = (const char *const[]){"bytes=8192", NULL}},
     4,
     1,
     "one",
     "stream/host-staged[memory=pinned]/gpu->gpu@node/8KiB/chunk=2KiB,depth=2",
     NULL},
    {"an id as it is",
     {.filters =
          (const char *const[]){"id=stream/p2p[engine=ce,side=push]/gpu->gpu@node/4KiB", NULL}},
     1,
     1,
     "one",
     "stream/p2p[engine=ce,side=push]/gpu->gpu@node/4KiB",
     NULL},
    {"what differs in size is one",
     {.ignores = (const char *const[]){"size", NULL}},
     4,
     1,
     "one",
     "stream/host-staged[memory=pinned]/gpu->gpu@node/chunk=2KiB,depth=2",
     NULL},
    {"no such key", {.row = "colour"}, 0, 0, NULL, NULL, "--row colour"},
    {"no such filter",
     {.filters = (const char *const[]){"colour=red", NULL}},
     0,
     0,
     NULL,
     NULL,
     "--filter colour"},
    {"a filter without a value",
     {.filters = (const char *const[]){"method", NULL}},
     0,
     0,
     NULL,
     NULL,
     "expected KEY=PATTERN"},
    {"nothing to ignore",
     {.ignores = (const char *const[]){"colour", NULL}},
     0,
     0,
     NULL,
     NULL,
     "--ignore colour"},
    {"no such base", {.row = "method", .base = "rdma"}, 0, 0, NULL, NULL, "--base rdma"},
    {"a column of launches", {.col = "driver"}, 0, 0, NULL, NULL, "--col driver"},
    {"each case a side", {.row = "id"}, 0, 0, NULL, NULL, "--row id"},
};

static void test_asks(const struct xb_launches *l)
{
    for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
        struct xb_error err = {""};
        struct xb_compare_ask ask = asks[i].ask;
        ask.threshold = 0.05;
        ask.confidence = 0.95;
        struct xb_comparison *c = xb_compare(l, &ask, &err);
        ok((c != NULL) == (asks[i].error == NULL), asks[i].name);
        if (!c) {
            contains(err.text, asks[i].error ? asks[i].error : "no error", "is said");
            continue;
        }
        is_int((int)xb_rows(c), (int)asks[i].rows, "so many rows");
        is_int((int)xb_sides(c), (int)asks[i].sides, "so many sides");
        is_str(c->grouping.sides.value[0], asks[i].base, "of which this is the base");
        is_str(xb_row_at(c, xb_rows(c) - 1)->id, asks[i].last, "and this the last row");
        xb_comparison_free(c);
    }
}

/* Launches of a filter; and methods of the same launches, which are pairs. */
static void test_sides(const struct xb_launches *l)
{
    struct xb_compare_ask ask = XB_COMPARE_ASK;

    ask.row = "method";
    ask.filters = (const char *const[]){"variables.MODE=b", NULL};
    struct xb_comparison *c = xb_compare(l, &ask, NULL);
    is_int((int)c->launches[0], 4, "only launches that meet the filter");
    ok(c->grouping.by_case, "sides of the same launches");
    is_int((int)xb_comparison_count(c, XB_VERDICT_SLOWER), 2, "of which mpi is slower");
    is_int((int)xb_comparison_count(c, XB_VERDICT_SAME), 4, "and others the same");
    is_int(xb_comparison_exit(c), 0, "which is no regression");
    char *text = printed(c, XB_COMPARE_TABLE, true);
    contains(text, "4 sides of 4 launches; base: p2p", "that is said");
    ok(!stands_in(text, "-/"), "with whole names");
    free(text);
    xb_comparison_free(c);

    ask.filters = NULL;
    ask.row = "variables.MODE";
    ask.col = "size";
    c = xb_compare(l, &ask, NULL);
    text = printed(c, XB_COMPARE_TABLE, false);
    contains(text, "case                      side          4KiB          8KiB",
             "sizes are columns");
    contains(text, "stream/mpi/gpu->gpu@node  b     2.000 slower  2.000 slower", "of a line");
    free(text);
    xb_comparison_free(c);

    ask.base = "b";
    c = xb_compare(l, &ask, NULL);
    is_int((int)xb_comparison_count(c, XB_VERDICT_FASTER), 2, "with the other as the base");
    is_int((int)xb_comparison_count(c, XB_VERDICT_SAME), 6, "it is the other way round");
    xb_comparison_free(c);
}

/* Cases of other sizes stand for each other where the size is ignored, each on its side. */
static void test_ignored(void)
{
    struct made m = {.cases = 4, .lanes = 1, .factor = 1};
    struct xb_launches *launches = xb_launches_new();
    struct xb_compare_ask ask = XB_COMPARE_ASK;

    add_launches(launches, "4KiB", &m, 1, 4);
    m.first = 4;
    add_launches(launches, "8KiB", &m, 1, 4);
    struct xb_comparison *c = xb_compare(launches, &ask, NULL);
    is_int((int)xb_comparison_count(c, XB_VERDICT_MISSING), 8, "other cases");
    is_int(xb_comparison_exit(c), 3, "have nothing in common");
    xb_comparison_free(c);
    ask.ignores = (const char *const[]){"size", NULL};
    c = xb_compare(launches, &ask, NULL);
    is_int((int)xb_comparison_count(c, XB_VERDICT_SLOWER), 4, "but for what is ignored");
    xb_comparison_free(c);
    xb_launches_free(launches);
}

int main(void)
{
    fixture_begin();
    test_ignored();
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        char got[XB_KEY_TEXT];
        xb_id_without(ids[i].id, ids[i].keys, got, sizeof got);
        is_str(got, ids[i].want, ids[i].id);
    }
    struct xb_launches *launches = two_settings();
    test_keys(launches);
    test_values();
    test_asks(launches);
    test_sides(launches);
    xb_launches_free(launches);
    fixture_end();
    return done_testing();
}
