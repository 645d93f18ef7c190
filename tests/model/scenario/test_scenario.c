/* SPDX-License-Identifier: BSD-3-Clause */
/* test_scenario.c - what a scenario may say, and what is read from it. */
#include "model/scenario/scenario.h"

#include <stdlib.h>
#include <unistd.h>

#include "model/plan/cache.h"
#include "tests/catalog_fixture.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static int parse(const char *text, const char *const *sets, struct xb_scenario *out,
                 struct xb_error *err)
{
    return xb_scenario_parse("t.json", text, sets, &fixture_catalog, out, err);
}

static bool is_empty(const struct xb_scenario *s)
{
    return !s->groups && !s->ngroups && !s->doc.root && !s->doc.text && !s->name;
}

static void test_sets(void)
{
    static const char text[] = "{\"name\": \"t\", \"device\": \"cpu\","
                               " \"sampling\": {\"min_samples\": 5}, \"cases\": ["
                               "  {\"paths\": [\"host->gpu\"], \"sizes\": \"4KiB\","
                               "   \"methods\": [\"direct\"]},"
                               "  {\"paths\": [\"gpu->host\"], \"sizes\": \"8KiB\","
                               "   \"methods\": [\"direct\"]}]}";
    const char *sets[] = {"cases[*].sizes=[\"1MiB\", 7]",
                          "sampling.max_time=1s",
                          "device=auto",
                          "cases[0].window=4",
                          "show=matrix",
                          NULL};
    struct xb_scenario s;
    struct xb_error err = {""};
    is_int(parse(text, sets, &s, &err), 0, "good overrides");
    is_str(err.text, "", "give no error");
    is_int((long long)s.groups[0].nsizes, 2, "sizes are replaced");
    is_int((long long)s.groups[0].sizes[0], 1 << 20, "by the first");
    is_int((long long)s.groups[1].sizes[1], 7, "in every group");
    is_int(s.sampling.max_time_ns, 1000000000, "a new member of sampling");
    is_int(s.sampling.min_samples, 5, "the others stay");
    is_str(s.device, "auto", "a bare word is a string");
    is_str(s.show, "matrix", "a new member of the root");
    is_int(s.groups[0].windows[0], 4, "a new member of a group");
    is_int(s.groups[1].windows[0], 1, "of that one only");
    xb_scenario_release(&s);
}

static void test_defaults(void)
{
    static const char text[] = "{\"name\": \"least\", \"cases\": [{\"paths\": [\"gpu->gpu\"],"
                               " \"sizes\": 9, \"methods\": [\"host-staged\", \"p2p\"]}]}";
    struct xb_scenario s;
    struct xb_error err = {""};

    is_int(parse(text, NULL, &s, &err), 0, "the least that a scenario says");
    is_str(err.text, "", "is no error");
    is_str(s.name, "least", "name");
    is_str(s.description, "", "description");
    is_str(s.device, "auto", "device");
    is_str(s.show, "table", "show");
    is_int(s.sampling.min_samples, 10, "min_samples");
    is_int(s.sampling.max_samples, 200, "max_samples");
    is_int(s.sampling.max_time_ns, 500000000, "max_time");
    is_int(s.sampling.warmup_ns, 20000000, "warmup");
    is_int(s.sampling.min_batch_ns, 200000, "min_batch");
    is_near(s.sampling.bandwidth_ci, 0.01, 0, "bandwidth_ci");
    is_near(s.sampling.latency_ci, 0.02, 0, "latency_ci");
    is_int(s.sampling.passes, 6, "passes");
    is_int(s.sampling.repeat_for_ns, 0, "and none beyond them");
    ok(!s.sampling.anew, "what is set up stays");
    is_near(s.outliers.off, 0.03, 0, "outliers: off");
    is_near(s.outliers.mads, 3.5, 0, "mads");
    is_near(s.outliers.ceiling, 0, 0, "ceiling");
    is_int(s.outliers.again, 3, "again");
    xb_scenario_release(&s);

    const char *const sets[] = {"sampling.passes=3",   "sampling.repeat_for=10m",
                                "sampling.setup=anew", "outliers.off=0.5",
                                "outliers.mads=0",     "outliers.ceiling=0.25",
                                "outliers.again=0",    NULL};
    is_int(parse(text, sets, &s, &err), 0, "an override is the first word about sampling");
    is_int(s.sampling.passes, 3, "and counts");
    is_int(s.sampling.repeat_for_ns, 600000000000, "and so does a time");
    ok(s.sampling.anew, "and a word");
    ok(s.outliers.off == 0.5 && s.outliers.mads == 0 && s.outliers.ceiling == 0.25 &&
           s.outliers.again == 0,
       "and so do the limits of outliers");
    is_int(s.sampling.min_samples, 10, "beside the defaults");

    const struct xb_group *g = &s.groups[0];
    is_int((long long)g->npatterns, 1, "one pattern");
    is_str(g->patterns[0].pattern->name, "stream", "stream");
    is_int((long long)(g->nsrc_offsets + g->ndst_offsets + g->nwindows), 3, "one of each");
    is_int((long long)(g->src_offsets[0] + g->dst_offsets[0]), 0, "no offsets");
    is_int(g->windows[0], 1, "window");
    is_int((long long)g->methods[0].nvalues[0], 1, "one value of an option");
    is_int(g->methods[0].values[0][0], 0, "its default");
    is_int((long long)g->methods[0].nchunks, 1, "one chunk");
    is_int((long long)g->methods[0].chunks[0].bytes, 4 << 20, "the method's default");
    is_int(g->methods[0].depths[0], 3, "the method's depth");
    is_int((long long)g->methods[1].nchunks, 1, "one chunk where the whole moves");
    is_int((long long)xb_chunk_bytes(&g->methods[1].chunks[0], 5), 5, "which is all of it");
    is_str(g->methods[1].node.path, "cases[0].methods[1]", "where a method stands");
    xb_scenario_release(&s);
    ok(is_empty(&s), "released");
    xb_scenario_release(&s);
}

/* What a case says of pairs, and what its patterns say by their names. */
static void test_pairs(void)
{
    static const struct {
        const char *words; /* of a case */
        enum xb_pairs_kind kind;
        const char *text;
    } rows[] = {
        {"", XB_PAIRS_CLASSES, "classes"},
        {"\"pairs\": \"classes\",", XB_PAIRS_CLASSES, "classes"},
        {"\"pairs\": \"first\",", XB_PAIRS_FIRST, "first"},
        {"\"pairs\": \"each\",", XB_PAIRS_EACH, "each"},
        {"\"pairs\": \"rounds\",", XB_PAIRS_ROUNDS, "rounds"},
        {"\"pairs\": \"together\",", XB_PAIRS_TOGETHER, "together"},
        {"\"pairs\": [[0, 3], [2, 1], [5, 5]],", XB_PAIRS_LIST, "0-3,2-1,5-5"},
        {"\"pairs\": [[1048575, 0]],", XB_PAIRS_LIST, "1048575-0"},
        {"\"pattern\": [\"bidirectional\", \"pingpong\"], \"pairs\": \"each\",", XB_PAIRS_EACH,
         "each"},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[400], pairs[64];
        struct xb_scenario s;
        snprintf(
            text, sizeof text,
            "{\"name\": \"t\", \"cases\": [{%s \"paths\": [\"gpu->gpu@node\"], \"sizes\": 1,"
            " \"methods\": [\"p2p\"]}]}",
            rows[i].words);
        is_int(parse(text, NULL, &s, NULL), 0, rows[i].words);
        is_int(s.groups[0].pairs.kind, rows[i].kind, "the kind of pairs");
        xb_pairs_format(&s.groups[0].pairs, pairs, sizeof pairs);
        is_str(pairs, rows[i].text, "the pairs");
        ok(s.groups[0].patterns[0].pairs == NULL, "the pattern's name says nothing of them");
        xb_scenario_release(&s);
    }
}

static void test_short_names(void)
{
    static const char text[] =
        "{\"name\": \"t\", \"cases\": [{\"pattern\": [\"matrix\", \"pairs\", \"stream\"],"
        " \"paths\": [\"gpu->gpu+*\"], \"sizes\": 1, \"methods\": [\"p2p\"]}]}";
    static const enum xb_pairs_kind kinds[] = {XB_PAIRS_EACH, XB_PAIRS_TOGETHER};
    struct xb_scenario s;

    is_int(parse(text, NULL, &s, NULL), 0, "short names");
    for (size_t i = 0; i < 3; i++)
        is_str(s.groups[0].patterns[i].pattern->name, "stream", "stand for a stream");
    for (size_t i = 0; i < ROWS(kinds); i++)
        ok(s.groups[0].patterns[i].pairs && s.groups[0].patterns[i].pairs->kind == kinds[i],
           "with pairs");
    ok(!s.groups[0].patterns[2].pairs, "which the long one has not");
    is_int(s.groups[0].paths[0].dst.index, XB_GPU_ANY, "a path to every other GPU");
    xb_scenario_release(&s);
}

static const char everything[] =
    "{\"name\": \"all\", \"description\": \"d\", \"device\": \"cuda\","
    " \"sampling\": {\"min_samples\": 3, \"max_samples\": 3, \"max_time\": \"1s\","
    "  \"warmup\": \"0s\", \"min_batch\": \"2ms\", \"bandwidth_ci\": 1, \"latency_ci\": 0.5},"
    " \"cases\": [{\"pattern\": [\"pingpong\", \"bidirectional\"],"
    "  \"paths\": [\"gpu->host@node\", \"gpu->gpu+2\"],"
    "  \"sizes\": [{\"from\": \"4KiB\", \"to\": \"1MiB\", \"factor\": 4}, 1000,"
    "   {\"from\": 10, \"to\": 99, \"factor\": 3}],"
    "  \"methods\": [{\"name\": \"host-staged\", \"memory\": [\"pageable\", \"pinned\"],"
    "    \"chunk\": [\"size\", \"size/4\", {\"from\": 5, \"to\": 20, \"factor\": 2}, 10],"
    "    \"depth\": [1, {\"from\": 2, \"to\": 9, \"factor\": 2}]},"
    "   {\"name\": \"null\", \"delay\": \"1ms\", \"fail\": [\"none\", \"open\"]}],"
    "  \"src_offset\": [0, \"1KiB\"], \"dst_offset\": 3, \"window\": [1, 16],"
    "  \"cache\": [\"cold\", \"warm\"]}]}";

static void check_everything(const struct xb_group *g)
{
    static const long long sizes[] = {4096, 16384, 65536, 262144, 1048576, 1000, 10, 30, 90};
    static const struct xb_chunk_term chunks[] = {
        {.divisor = 1},
        {.divisor = 4},
        {.bytes = 5, .ranged = 1},
        {.bytes = 10, .ranged = 1},
        {.bytes = 20, .ranged = 1},
        {.bytes = 10},
    };
    static const long long depths[] = {1, 2, 4, 8};
    const struct xb_method_use *staged = &g->methods[0];

    is_int((long long)g->nsizes, ROWS(sizes), "sizes of ranges and a value");
    for (size_t i = 0; i < ROWS(sizes); i++)
        is_int((long long)g->sizes[i], sizes[i], "size");
    is_int((long long)staged->nchunks, ROWS(chunks), "chunks");
    for (size_t i = 0; i < ROWS(chunks); i++) {
        is_int((long long)staged->chunks[i].bytes, (long long)chunks[i].bytes, "chunk bytes");
        is_int((long long)staged->chunks[i].divisor, (long long)chunks[i].divisor, "divisor");
        is_int(staged->chunks[i].ranged, chunks[i].ranged, "ranged");
    }
    is_int((long long)staged->ndepths, ROWS(depths), "depths");
    for (size_t i = 0; i < ROWS(depths); i++)
        is_int(staged->depths[i], depths[i], "depth");
    is_int((long long)staged->nvalues[0], 2, "two memories");
    is_int(staged->values[0][0], 1, "pageable first, as written");
    is_int(g->methods[1].values[0][0], 1000000, "a delay in nanoseconds");
    is_int(g->methods[1].values[1][1], XB_NULL_FAIL_OPEN, "open second");
    is_int(g->methods[1].values[3][0], -1, "the default of what is not said");
}

static void test_everything(void)
{
    struct xb_scenario s;
    struct xb_error err = {""};

    is_int(parse(everything, NULL, &s, &err), 0, "all that a scenario can say");
    is_str(err.text, "", "is no error");
    is_str(s.description, "d", "description");
    is_str(s.device, "cuda", "device");
    is_int(s.sampling.max_samples, 3, "as many samples at most as at least");
    is_int(s.sampling.warmup_ns, 0, "no warm-up");
    is_int(s.sampling.min_batch_ns, 2000000, "longer batches");
    is_near(s.sampling.bandwidth_ci, 1, 0, "the widest interval");
    const struct xb_group *g = &s.groups[0];
    is_str(g->patterns[1].pattern->name, "bidirectional", "second pattern");
    is_int((long long)g->npaths, 2, "paths");
    is_int(g->paths[0].locality, XB_NODE, "locality");
    is_int(g->paths[1].dst.index, 2, "the second other GPU");
    is_int((long long)g->src_offsets[1], 1024, "source offset");
    is_int((long long)g->dst_offsets[0], 3, "destination offset");
    is_int(g->windows[1], 16, "window");
    is_int((long long)g->ncaches, 2, "caches");
    is_int(g->caches[0], XB_CACHE_COLD, "cold first, as written");
    is_int(g->caches[1], XB_CACHE_WARM, "then warm");
    check_everything(g);
    xb_scenario_release(&s);
}

static void test_chunk_bytes(void)
{
    static const struct {
        struct xb_chunk_term term;
        uint64_t size, chunk;
    } rows[] = {
        {{.divisor = 1}, 1000, 1000},
        {{.divisor = 1}, 1, 1},
        {{.divisor = 4}, 4096, 1024},
        {{.divisor = 4}, 4097, 1280},
        {{.divisor = 3}, 770, 512}, /* 256.67 rounded up, not down and then up */
        {{.divisor = 4}, 1024, 256},
        {{.divisor = 4}, 100, 100},
        {{.divisor = 1000}, 1, 1},
        {{.divisor = XB_SIZE_MAX}, XB_SIZE_MAX, 256},
        {{.bytes = 4096}, 8192, 4096},
        {{.bytes = 4096}, 4096, 4096},
        {{.bytes = 4096}, 1000, 1000},
        {{.bytes = 4096, .ranged = 1}, 4096, 4096},
        {{.bytes = 4096, .ranged = 1}, 4095, 0},
    };

    for (size_t i = 0; i < ROWS(rows); i++)
        is_int((long long)xb_chunk_bytes(&rows[i].term, rows[i].size), (long long)rows[i].chunk,
               "bytes of a chunk");
}

/* Write a file of len bytes into dir and try to load it. */
static int load_text(const char *text, size_t len, struct xb_scenario *s, struct xb_error *err)
{
    const char *dir = getenv("TMPDIR");
    char file[4096];

    snprintf(file, sizeof(file), "%s/xb-scenario-XXXXXX", dir ? dir : "/tmp");
    int fd = mkstemp(file);
    if (fd < 0 || write(fd, text, len) != (ssize_t)len)
        printf("# cannot write %s\n", file);
    int rc = xb_scenario_load(file, NULL, &fixture_catalog, s, err);
    close(fd);
    unlink(file);
    return rc;
}

static void test_files(void)
{
    struct xb_scenario s;
    struct xb_error err = {""};
    size_t len = strlen(everything);
    char *large = malloc(XB_JSON_MAX_BYTES + 1);

    is_int(load_text(everything, len, &s, &err), 0, "a file is read");
    is_str(s.name, "all", "and understood");
    xb_scenario_release(&s);

    memset(large, ' ', XB_JSON_MAX_BYTES + 1);
    memcpy(large, everything, len);
    is_int(load_text(large, XB_JSON_MAX_BYTES, &s, &err), 0, "a file of 1 MiB is read");
    xb_scenario_release(&s);
    is_int(load_text(large, XB_JSON_MAX_BYTES + 1, &s, &err), -1, "one byte more is too much");
    contains(err.text, "1048576", "the error names the limit");
    ok(is_empty(&s), "nothing is left");
    free(large);

    is_int(xb_scenario_load("no/such.json", NULL, &fixture_catalog, &s, &err), -1, "no file");
    contains(err.text, "no/such.json: ", "the error names it");
    ok(is_empty(&s), "nothing is left");
}

int main(void)
{
    test_defaults();
    test_everything();
    test_pairs();
    test_short_names();
    test_chunk_bytes();
    test_sets();
    test_files();
    return done_testing();
}
