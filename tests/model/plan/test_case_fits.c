/* SPDX-License-Identifier: BSD-3-Clause */
/* test_case_fits.c - cases that no job can measure, and groups that have no others. */
#include "model/plan/case_fits.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/catalog_fixture.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define GOOD        "{\"paths\": [\"host->host\"], \"sizes\": 64, \"methods\": [\"direct\"]}"

#define BLOCKS(options)                                                                        \
    "{\"paths\": [\"host->gpu\"], \"sizes\": 64, \"methods\": [{\"name\": "                    \
    "\"direct\", " options "}]}"

#define RING(options)                                                                          \
    "{\"paths\": [\"host->gpu\"], \"sizes\": 64, \"methods\": [{\"name\": "                    \
    "\"zero-copy\", " options "}]}"

#define STAGED(path, pattern, size, options)                                                   \
    "{\"paths\": [\"" path "\"], \"pattern\": \"" pattern "\", \"sizes\": " #size              \
    ", \"methods\": [{\"name\": \"host-staged\", \"process\": \"convert\"" options "}]}"

/* What a scenario of these groups comes to, with the error of parsing or of expanding. */
static int expand(const char *groups, struct xb_plan *plan, struct xb_error *err)
{
    char text[2000];
    struct xb_scenario s;

    err->text[0] = '\0';
    *plan = (struct xb_plan){0};
    snprintf(text, sizeof(text), "{\"name\": \"t\",\n \"cases\": [\n%s]}", groups);
    int rc = xb_scenario_parse("t.json", text, NULL, &fixture_catalog, &s, err);
    if (rc < 0)
        return rc;
    rc = xb_plan_expand(&s, plan, err);
    xb_scenario_release(&s);
    return rc;
}

/* A group of one case: why no job can measure it, or NULL. */
static const struct {
    const char *group, *reason;
} cases[] = {
    {GOOD, NULL},
    {"{\"paths\": [\"gpu->gpu@node\"], \"sizes\": 64, \"methods\": [\"direct\"]}",
     "method direct does not do the path gpu->gpu@node"},
    {"{\"paths\": [\"gpu->gpu@self\"], \"sizes\": 64, \"methods\": [\"mpi\"]}",
     "method mpi does not do the path gpu->gpu@self"},
    {"{\"paths\": [\"gpu->gpu+1\"], \"sizes\": 64, \"methods\": [\"direct\"]}",
     "method direct does not do the path gpu->gpu+1@self"},
    {"{\"paths\": [\"gpu->gpu+*\"], \"sizes\": 64, \"methods\": [\"p2p\"]}", NULL},
    {"{\"paths\": [\"host->gpu@remote\"], \"sizes\": 64, \"methods\": [\"mpi\"]}", NULL},
    {"{\"pattern\": \"pairs\", \"paths\": [\"gpu->gpu@node\"], \"sizes\": 64, \"methods\": "
     "[{\"name\": \"nccl\", \"transfer\": \"all-reduce\"}]}",
     "the pattern stream is not for what the method nccl does here"},
    {"{\"pattern\": \"collective\", \"paths\": [\"gpu->gpu@node\"], \"sizes\": 64, "
     "\"methods\": "
     "[\"nccl\"]}",
     "the pattern collective is not for what the method nccl does here"},
    {"{\"pattern\": \"collective\", \"paths\": [\"gpu->gpu@node\"], \"sizes\": 64, "
     "\"methods\": "
     "[{\"name\": \"mpi\", \"transfer\": \"all-reduce\"}]}",
     NULL},
    {"{\"pattern\": \"collective\", \"paths\": [\"host->gpu@node\"], \"sizes\": 64, "
     "\"methods\": "
     "[{\"name\": \"mpi\", \"transfer\": \"all-reduce\"}]}",
     "collectives of the method mpi do not do the path host->gpu@node"},
    {"{\"pattern\": \"collective\", \"paths\": [\"gpu->gpu@node\"], \"sizes\": 64, "
     "\"methods\": "
     "[{\"name\": \"nccl\", \"transfer\": \"all-reduce\"}]}",
     NULL},
    {"{\"pattern\": \"collective\", \"paths\": [\"host->host@remote\"], \"sizes\": 64, "
     "\"methods\": [{\"name\": \"mpi\", \"transfer\": \"all-gather\"}]}",
     NULL},
    {"{\"pattern\": \"collective\", \"paths\": [\"host->host@node\"], \"sizes\": 24, "
     "\"methods\": [{\"name\": \"mpi\", \"transfer\": \"all-gather\"}]}",
     "a collective needs a multiple of 16 bytes, 8 for each rank, at offsets of 8; found 24B "
     "at 0 "
     "and 0"},
    {"{\"pattern\": \"collective\", \"paths\": [\"host->host@node\"], \"sizes\": 64, "
     "\"dst_offset\": 4, \"methods\": [{\"name\": \"mpi\", \"transfer\": \"all-gather\"}]}",
     "a collective needs a multiple of 16 bytes, 8 for each rank, at offsets of 8; found 64B "
     "at 0 "
     "and 4"},
    {"{\"paths\": [\"host->host@node\"], \"sizes\": 64, \"methods\": [{\"name\": \"mpi\", "
     "\"datatype\": \"float\"}]}",
     "datatype float is for reductions, and the transfer send is none"},
    {"{\"paths\": [\"host->host\"], \"sizes\": 64, \"allocator\": \"vmm\", "
     "\"methods\": [\"direct\"]}",
     "the allocator vmm is for memory of GPUs; the path host->host@self has none"},
    {"{\"paths\": [\"host->host\"], \"sizes\": 64, \"cache\": \"cold\", \"window\": 4, "
     "\"methods\": [\"direct\"]}",
     "caches are cold for the first of several transfers alone, no window of 4: window must be "
     "1"},
    {"{\"pattern\": \"pingpong\", \"paths\": [\"host->host@node\"], \"sizes\": 64, \"cache\": "
     "\"cold\", \"methods\": [\"mpi\"]}",
     "what a pingpong sends on has just arrived, and lies in a cache"},
    {"{\"pattern\": \"bidirectional\", \"paths\": [\"host->host@node\"], \"sizes\": 64, "
     "\"cache\": \"cold\", \"methods\": [\"mpi\"]}",
     NULL},
    {"{\"pairs\": [[1, 1]], \"paths\": [\"host->host@node\"], \"sizes\": 64, \"methods\": "
     "[\"mpi\"]}",
     "the pair [1, 1] is one rank with itself; the path says node"},
    {"{\"pairs\": [[0, 0], [0, 3]], \"paths\": [\"host->host\"], \"sizes\": 64, \"methods\": "
     "[\"direct\"]}",
     "the pair [0, 3] is two ranks; the path says self"},
    {"{\"pairs\": [[70000, 3]], \"paths\": [\"host->host@remote\"], \"sizes\": 64, "
     "\"methods\": "
     "[\"mpi\"]}",
     NULL},
    {"{\"paths\": [\"gpu->gpu\"], \"sizes\": 64, \"methods\": [{\"name\": \"host-staged\", "
     "\"depth\": 65}]}",
     "depth 65 is more than is kept, expected at most 64"},
    {STAGED("host->gpu", "stream", 4098, ""),
     "process convert is of floats of 4 bytes; found a size of 4098 bytes in chunks of 4098"},
    {STAGED("host->gpu", "stream", 4096, ", \"chunk\": 18"),
     "process convert is of floats of 4 bytes; found a size of 4096 bytes in chunks of 18"},
    {STAGED("host->gpu", "stream", 4096, ", \"chunk\": 20"), NULL},
    {STAGED("gpu->gpu@node", "pingpong", 4096, ""),
     "process convert: what a pingpong sends on has been converted already"},
    {STAGED("gpu->gpu@node", "bidirectional", 4096, ""), NULL},
    {"{\"paths\": [\"gpu->gpu\"], \"sizes\": 64, \"methods\": [{\"name\": \"host-staged\", "
     "\"depth\": 64}]}",
     NULL},
    {BLOCKS("\"blocks\": 7"), "64B are not 7 blocks of equal size"},
    {BLOCKS("\"blocks\": 8"), NULL},
    {BLOCKS("\"order\": \"strided\""),
     "one block lies in one piece: order and blocks_at are for several"},
    {BLOCKS("\"submission\": \"kernel\""), NULL},
    {BLOCKS("\"blocks\": 8, \"stride\": 8"), "contiguous blocks have no stride, at either end"},
    {BLOCKS("\"blocks\": 8, \"blocks_at\": \"src\""),
     "contiguous blocks have no stride, at either end"},
    {BLOCKS("\"blocks\": 8, \"order\": \"strided\", \"stride\": 7"),
     "a stride of 7B is less than a block of 8B"},
    {BLOCKS("\"blocks\": 8, \"order\": \"strided\", \"stride\": 8"), NULL},
    {BLOCKS("\"blocks\": 8, \"order\": \"scattered\", \"submission\": \"2d\""),
     "a 2-D copy has rows that are equally far apart, not for scattered blocks"},
    {STAGED("host->gpu", "stream", 4096, ", \"blocks\": 4"),
     "process convert is of transfers in one piece: blocks must be 1"},
    {RING("\"blocks\": 4, \"chunk\": 24"),
     "a chunk of 24B is not a whole number of blocks, expected a multiple of 16B"},
    {RING("\"blocks\": 4, \"chunk\": 32"), NULL},
    {RING("\"blocks\": 4"), NULL},
    {RING("\"submission\": \"kernel\""),
     "one block in chunks is copied chunk by chunk: submission is for several"},
    {"{\"paths\": [\"gpu->gpu\"], \"sizes\": 64, \"methods\": [{\"name\": \"p2p\", \"blocks\": "
     "8, \"chunk\": 16}]}",
     "blocks are submitted as they are: there is no chunk of them"},
    {"{\"pattern\": \"queue\", \"paths\": [\"host->host\"], \"sizes\": 64, \"methods\": "
     "[\"direct\"]}",
     "the experiment queue is not for what the method direct does here"},
    {"{\"pattern\": \"queue\", \"paths\": [\"host->host\"], \"sizes\": 64, \"methods\": "
     "[\"queue\"]}",
     NULL},
};

static void test_cases(void)
{
    for (size_t i = 0; i < ROWS(cases); i++) {
        struct xb_plan plan;
        struct xb_error err;
        is_int(expand(cases[i].group, &plan, &err), cases[i].reason ? -1 : 0, cases[i].group);
        if (cases[i].reason) {
            contains(err.text, "t.json:3: cases[0]: no job can measure ", "names the place");
            contains(err.text, cases[i].reason, "and why");
            ok(!plan.cases && plan.count == 0, "nothing is left");
        }
        xb_plan_release(&plan);
    }
}

/* A way back that a method does not do. */
static void test_way_back(void)
{
    static const struct xb_method_spec one_way = {.name = "one-way", .paths = {XB_HOST_TO_GPU}};
    static const struct {
        const char *pattern, *reason;
    } rows[] = {
        {"stream", ""},
        {"bidirectional", "method one-way does not do the path gpu->host@self"},
        {"pingpong", "method one-way does not do the path gpu->host@self"},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct xb_case c = {.pattern = xb_pattern_find(rows[i].pattern, NULL),
                            .method = &one_way,
                            .path = {.dst = {.kind = XB_GPU}},
                            .bytes = 64,
                            .window = 1};
        struct xb_error err = {""};
        is_int(xb_case_fits(&c, &err), rows[i].reason[0] ? 1 : 0, rows[i].pattern);
        is_str(err.text, rows[i].reason, "why");
    }
}

/* A group that has a case which can be measured keeps the others. */
static void test_groups(void)
{
    static const struct {
        const char *name, *groups;
        size_t count;
        const char *reason;
    } rows[] = {
        {"methods and paths, of which some go together",
         "{\"paths\": [\"host->host\", \"gpu->gpu@node\"], \"sizes\": 64, \"methods\": "
         "[\"direct\", \"p2p\", \"nccl\"]}",
         6, NULL},
        {"the second group has none",
         GOOD ",\n{\"paths\": [\"gpu->gpu@node\", \"host->host@node\"], \"sizes\": [64, 65], "
              "\"methods\": [\"direct\"]}",
         0,
         "t.json:4: cases[1]: no job can measure any of its 4 cases; "
         "stream/direct[memory=pinned]/gpu->gpu@node/64B: method direct does not do the path "
         "gpu->gpu@node"},
        {"nor where another group has the same",
         "{\"paths\": [\"host->host\", \"gpu->gpu@node\"], \"sizes\": 64, \"methods\": "
         "[\"direct\"]},\n{\"paths\": [\"gpu->gpu@node\"], \"sizes\": 64, \"methods\": "
         "[\"direct\"]}",
         0,
         "t.json:4: cases[1]: no job can measure "
         "stream/direct[memory=pinned]/gpu->gpu@node/64B: "
         "method direct does not do the path gpu->gpu@node"},
        {"a group that repeats what can be measured", GOOD "," GOOD, 1, NULL},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct xb_plan plan;
        struct xb_error err;
        is_int(expand(rows[i].groups, &plan, &err), rows[i].reason ? -1 : 0, rows[i].name);
        is_int((long long)plan.count, (long long)rows[i].count, "so many cases");
        is_str(err.text, rows[i].reason ? rows[i].reason : "", "error");
        xb_plan_release(&plan);
    }
}

int main(void)
{
    test_cases();
    test_way_back();
    test_groups();
    return done_testing();
}
