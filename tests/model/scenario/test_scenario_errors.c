/* SPDX-License-Identifier: BSD-3-Clause */
/* test_scenario_errors.c - what each mistake in a scenario is answered with: where it stands,
 * what was found and what was expected. */
#include "model/scenario/scenario.h"

#include "tests/bad_lines.h"
#include "tests/catalog_fixture.h"

/* A good scenario, one line each, that the rows below change a line of. */
static const char *const good_lines[] = {
    "{",
    "  \"name\": \"t\",",
    "  \"device\": \"cpu\",",
    "  \"sampling\": {\"min_samples\": 5},",
    "  \"cases\": [{",
    "    \"pattern\": \"stream\",",
    "    \"paths\": [\"host->gpu\"],",
    "    \"sizes\": \"4KiB\",",
    "    \"methods\": [\"host-staged\"],",
    "    \"window\": 1",
    "  }]",
    "}",
};

enum { NAME = 2, DEVICE, SAMPLING, CASES, PATTERN, PATHS, SIZES, METHODS, WINDOW, END = 12 };

static const struct bad bad_lines[] = {
    /* unknown keys */
    {NAME, "\"name\": \"t\", \"nam\": 1,", "t.json:2: nam: ", "unknown key \"nam\""},
    {SAMPLING, "\"sampling\": {\"samples\": 5},", "t.json:4: sampling.samples: ",
     "min_samples, max_samples, max_time, warmup, min_batch, passes, repeat_for, bandwidth_ci, "
     "latency_ci or setup"},
    {SAMPLING, "\"outliers\": {\"offs\": 5},",
     "t.json:4: outliers.offs: ", "(did you mean off?), expected off, mads, ceiling or again"},
    {SAMPLING, "\"outliers\": {\"off\": 0},", "t.json:4: outliers.off: ", "expected"},
    {SAMPLING, "\"outliers\": {\"mads\": -1},", "t.json:4: outliers.mads: ", "expected"},
    {SAMPLING, "\"outliers\": {\"ceiling\": 1.5},", "t.json:4: outliers.ceiling: ", "expected"},
    {SAMPLING, "\"outliers\": {\"again\": 0.5},", "t.json:4: outliers.again: ", "expected"},
    {SAMPLING, "\"outliers\": [],", "t.json:4: outliers: ", "expected an object"},
    {SAMPLING, "\"sampling\": {\"setup\": \"new\"},",
     "t.json:4: sampling.setup: ", "(did you mean anew?), expected kept or anew"},
    {WINDOW, "\"widow\": 1", "t.json:10: cases[0].widow: ",
     "unknown key \"widow\" (did you mean window?), expected pattern, pairs, paths, sizes, "
     "methods, src_offset, dst_offset, window, cache, allocator, contention or traffic"},
    {METHODS, "\"methods\": [{\"name\": \"direct\", \"side\": \"push\"}],",
     "t.json:9: cases[0].methods[0].side: ", "expected name, memory, "},
    {METHODS, "\"methods\": [{\"name\": \"direct\", \"chunk\": \"1KiB\"}],",
     "t.json:9: cases[0].methods[0].chunk: ", "unknown key \"chunk\""},
    {METHODS, "\"methods\": [{\"name\": \"mpi\", \"depth\": 2}],",
     "t.json:9: cases[0].methods[0].depth: ", "unknown key \"depth\""},
    {METHODS, "\"methods\": [{\"name\": \"host-staged\", \"dept\": 2}],",
     "t.json:9: cases[0].methods[0].dept: ",
     "name, memory, host_memory, threads, process, stores, blocks, order, stride, rows, plane, "
     "blocks_at, "
     "submission, chunk or depth"},
    {SIZES, "\"sizes\": {\"from\": 1, \"to\": 2, \"factor\": 2, \"step\": 1},",
     "t.json:8: cases[0].sizes.step: ", "from, to or factor"},
    /* missing keys */
    {NAME, "", "t.json:1: ", "\"name\" is missing"},
    {CASES, "\"case\": [{", "t.json:5: case: ", "unknown key \"case\""},
    {PATHS, "", "t.json:5: cases[0]: ", "\"paths\" is missing"},
    {SIZES, "", "t.json:5: cases[0]: ", "\"sizes\" is missing"},
    {METHODS, "", "t.json:5: cases[0]: ", "\"methods\" is missing"},
    {METHODS, "\"methods\": [{}],", "t.json:9: cases[0].methods[0]: ", "\"name\" is missing"},
    {SIZES, "\"sizes\": {\"to\": 2, \"factor\": 2},",
     "t.json:8: cases[0].sizes: ", "\"from\" is missing"},
    {SIZES, "\"sizes\": {\"from\": 1, \"factor\": 2},",
     "t.json:8: cases[0].sizes: ", "\"to\" is missing"},
    {SIZES, "\"sizes\": {\"from\": 1, \"to\": 2},",
     "t.json:8: cases[0].sizes: ", "\"factor\" is missing"},
    /* wrong types */
    {NAME, "\"name\": 3,", "t.json:2: name: ", "found the number 3, expected a string"},
    {NAME, "\"name\": \"t\", \"description\": [],",
     "t.json:2: description: ", "found an array of 0, expected a string"},
    {DEVICE, "\"device\": null,", "t.json:3: device: ", "found null, expected a string"},
    {SAMPLING, "\"sampling\": 3,", "t.json:4: sampling: ", "expected an object"},
    {SAMPLING, "\"show\": 3,", "t.json:4: show: ", "expected a string"},
    {SAMPLING, "\"show\": \"picture\",", "t.json:4: show: ",
     "the form budget, contention, csv, html, interference, json, markdown, matrix, setup, "
     "table or "
     "trace"},
    {CASES, "\"cases\": 3, \"description\": [{", "t.json:5: description: ", "a string"},
    {PATTERN, "\"pattern\": 1,", "t.json:6: cases[0].pattern: ", "expected a string"},
    {PATHS, "\"paths\": \"host->gpu\",", "t.json:7: cases[0].paths: ", "expected an array"},
    {PATHS, "\"paths\": [3],", "t.json:7: cases[0].paths[0]: ", "expected a string"},
    {SIZES, "\"sizes\": true,", "t.json:8: cases[0].sizes: ", "found true, expected a size"},
    {SIZES, "\"sizes\": [[1]],", "t.json:8: cases[0].sizes[0]: ", "expected a size"},
    {METHODS, "\"methods\": \"direct\",", "t.json:9: cases[0].methods: ", "expected an array"},
    {METHODS, "\"methods\": [3],",
     "t.json:9: cases[0].methods[0]: ", "expected a method's name or an object"},
    {METHODS, "\"methods\": [{\"name\": 3}],",
     "t.json:9: cases[0].methods[0].name: ", "expected a string"},
    {METHODS, "\"methods\": [{\"name\": \"null\", \"fail\": 1}],",
     "t.json:9: cases[0].methods[0].fail: ", "none, probe, open, prepare, post or wait"},
    {WINDOW, "\"window\": \"1\"", "t.json:10: cases[0].window: ", "a whole number"},
    {WINDOW, "\"window\": 1.5", "t.json:10: cases[0].window: ", "a whole number"},
    {WINDOW, "\"src_offset\": {\"from\": 1, \"to\": 2, \"factor\": 2}",
     "t.json:10: cases[0].src_offset: ", "found an object, expected a size"},
    /* units */
    {SIZES, "\"sizes\": \"16MB\",", "t.json:8: cases[0].sizes: ", "unknown unit \"MB\""},
    {SIZES, "\"sizes\": [\"4KiB\", \"4K\"],",
     "t.json:8: cases[0].sizes[1]: ", "B, KiB, MiB, GiB or TiB"},
    {SAMPLING, "\"sampling\": {\"max_time\": 500},",
     "t.json:4: sampling.max_time: ", "expected a duration"},
    {SAMPLING, "\"sampling\": {\"warmup\": \"2 ms\"},",
     "t.json:4: sampling.warmup: ", "ns, us, ms, s, min or h"},
    {SAMPLING, "\"sampling\": {\"min_batch\": \"199us\"},",
     "t.json:4: sampling.min_batch: ", "found 199000 ns, expected at least 200000 ns"},
    {METHODS, "\"methods\": [{\"name\": \"null\", \"delay\": \"20\"}],",
     "t.json:9: cases[0].methods[0].delay: ", "its unit is missing"},
    /* values out of range */
    {SIZES, "\"sizes\": 0,", "t.json:8: cases[0].sizes: ", "at least 1 byte"},
    {SIZES, "\"sizes\": [\"0MiB\"],", "t.json:8: cases[0].sizes[0]: ", "at least 1 byte"},
    {SIZES, "\"sizes\": -4096,", "t.json:8: cases[0].sizes: ", "expected a size"},
    {SIZES, "\"sizes\": \"8193TiB\",", "t.json:8: cases[0].sizes: ", "at most 90071992547409"},
    {SIZES, "\"sizes\": {\"from\": 0, \"to\": 2, \"factor\": 2},",
     "t.json:8: cases[0].sizes.from: ", "at least 1 byte"},
    {SIZES, "\"sizes\": {\"from\": 4, \"to\": 2, \"factor\": 2},",
     "t.json:8: cases[0].sizes: ", "from <= to"},
    {SIZES, "\"sizes\": {\"from\": 1, \"to\": 2, \"factor\": 1},",
     "t.json:8: cases[0].sizes.factor: ", "a whole number from 2"},
    {SIZES, "\"sizes\": {\"from\": 1, \"to\": 2, \"factor\": 2.5},",
     "t.json:8: cases[0].sizes.factor: ", "a whole number from 2"},
    {WINDOW, "\"window\": 0", "t.json:10: cases[0].window: ", "a whole number from 1"},
    {WINDOW, "\"window\": [1, 65537]", "t.json:10: cases[0].window[1]: ", "1 to 65536"},
    {WINDOW, "\"window\": {\"from\": 8, \"to\": 4, \"factor\": 2}",
     "t.json:10: cases[0].window: ", "from <= to"},
    {WINDOW, "\"dst_offset\": -1", "t.json:10: cases[0].dst_offset: ", "expected a size"},
    {METHODS, "\"methods\": [{\"name\": \"host-staged\", \"depth\": 0}],",
     "t.json:9: cases[0].methods[0].depth: ", "a whole number from 1"},
    {METHODS, "\"methods\": [{\"name\": \"null\", \"delay\": \"3601s\"}],",
     "t.json:9: cases[0].methods[0].delay: ", "from 0s to 60min"},
    {SAMPLING, "\"sampling\": {\"min_samples\": 0},",
     "t.json:4: sampling.min_samples: ", "a whole number from 1"},
    {SAMPLING, "\"sampling\": {\"passes\": 0},",
     "t.json:4: sampling.passes: ", "a whole number from 1 to 100"},
    {SAMPLING, "\"sampling\": {\"passes\": 101},",
     "t.json:4: sampling.passes: ", "a whole number from 1 to 100"},
    {SAMPLING, "\"sampling\": {\"repeat_for\": \"0s\"},",
     "t.json:4: sampling.repeat_for: ", "expected at least 1"},
    {SAMPLING, "\"sampling\": {\"repeat_for\": \"10\"},",
     "t.json:4: sampling.repeat_for: ", "its unit is missing"},
    {SAMPLING, "\"sampling\": {\"min_samples\": 300},",
     "t.json:4: sampling: ", "max_samples 200, expected at least min_samples 300"},
    {SAMPLING, "\"sampling\": {\"max_time\": \"0s\"},",
     "t.json:4: sampling.max_time: ", "expected at least 1"},
    {SAMPLING, "\"sampling\": {\"bandwidth_ci\": 0},",
     "t.json:4: sampling.bandwidth_ci: ", "above 0 and at most 1"},
    {SAMPLING, "\"sampling\": {\"latency_ci\": 1.5},",
     "t.json:4: sampling.latency_ci: ", "a number from 0 to 1"},
    /* chunks */
    {METHODS, "\"methods\": [{\"name\": \"host-staged\", \"chunk\": [\"1KiB\", \"8KiB\"]}],",
     "t.json:9: cases[0].methods[0].chunk[1]: ",
     "found the chunk 8KiB, expected at most the size 4KiB"},
    {METHODS, "\"methods\": [{\"name\": \"host-staged\", \"chunk\": 0}],",
     "t.json:9: cases[0].methods[0].chunk: ", "at least 1 byte"},
    {METHODS, "\"methods\": [{\"name\": \"host-staged\", \"chunk\": \"size/0\"}],",
     "t.json:9: cases[0].methods[0].chunk: ", "found \"size/0\", expected a size, \"size\""},
    {METHODS, "\"methods\": [{\"name\": \"host-staged\", \"chunk\": \"size/4x\"}],",
     "t.json:9: cases[0].methods[0].chunk: ", "\"size/N\" with a whole N"},
    {METHODS, "\"methods\": [{\"name\": \"host-staged\", \"chunk\": \"sizes\"}],",
     "t.json:9: cases[0].methods[0].chunk: ", "\"size/N\" with a whole N"},
    {METHODS,
     "\"methods\": [{\"name\": \"host-staged\", \"chunk\": \"size/9007199254740993\"}],",
     "t.json:9: cases[0].methods[0].chunk: ", "\"size/N\" with a whole N"},
    {METHODS,
     "\"methods\": [{\"name\": \"host-staged\", \"chunk\": \"size/99999999999999999999\"}],",
     "t.json:9: cases[0].methods[0].chunk: ", "\"size/N\" with a whole N"},
    {METHODS,
     "\"methods\": [{\"name\": \"host-staged\", "
     "\"chunk\": {\"from\": \"8KiB\", \"to\": \"1MiB\", \"factor\": 2}}],",
     "t.json:9: cases[0].methods[0].chunk: ", "found no chunk for the size 4KiB"},
    {METHODS,
     "\"methods\": [{\"name\": \"host-staged\", "
     "\"chunk\": {\"from\": \"size/4\", \"to\": \"1MiB\", \"factor\": 2}}],",
     "t.json:9: cases[0].methods[0].chunk.from: ", "\"size/4\" is not a size"},
    /* unknown words */
    {DEVICE, "\"device\": \"gpu\",",
     "t.json:3: device: ", "found the string \"gpu\", expected the device auto, cuda or cpu"},
    {PATTERN, "\"pattern\": \"rings\",", "t.json:6: cases[0].pattern: ",
     "found the string \"rings\" (did you mean ring?), expected the pattern stream, "
     "bidirectional, pingpong, ring, "
     "fan-in, fan-out, bisection, alltoall, "
     "neighbour, collective, collective-places, queue, overlap or interference"},
    {PATTERN, "\"pattern\": [\"stream\", \"pong\"],",
     "t.json:6: cases[0].pattern[1]: ", "expected the pattern"},
    {METHODS, "\"methods\": [\"direkt\"],", "t.json:9: cases[0].methods[0]: ",
     "found the string \"direkt\" (did you mean direct?), expected the method direct, p2p, "
     "host-staged, unified, "
     "zero-copy, mpi, nccl, auto, null, queue, gray-scott "
     "or company"},
    {METHODS, "\"methods\": [\"mpi\", {\"name\": \"smb\"}],",
     "t.json:9: cases[0].methods[1].name: ", "expected the method"},
    {METHODS, "\"methods\": [{\"name\": \"p2p\", \"side\": [\"push\", \"up\"]}],",
     "t.json:9: cases[0].methods[0].side[1]: ",
     "found the string \"up\", expected push or pull"},
    {PATHS, "\"paths\": [\"host->gpu\", \"gpu->nic\"],", "t.json:7: cases[0].paths[1]: ",
     "found the endpoint \"nic\", expected host, gpu, gpu+K (K from 1 to 63) or gpu+*"},
    {PATHS, "\"paths\": [\"gpu\"],", "t.json:7: cases[0].paths[0]: ", "expected SRC->DST"},
    {PATHS, "\"paths\": [\"gpu->gpu@ndoe\"],", "t.json:7: cases[0].paths[0]: ",
     "the locality \"ndoe\" (did you mean node?), expected self"},
    {PATHS, "\"paths\": [\"hots->gpu\"],", "t.json:7: cases[0].paths[0]: ",
     "the endpoint \"hots\" (did you mean host?), expected host"},
    {PATHS, "\"paths\": [\"gpu->gpu@rack\"],",
     "t.json:7: cases[0].paths[0]: ", "expected self, node or remote"},
    {PATHS, "\"paths\": [\"gpu->gpu+*@node\"],",
     "t.json:7: cases[0].paths[0]: ", "expected it within a rank alone (@self)"},
    /* pairs */
    {WINDOW, "\"pairs\": \"every\"", "t.json:10: cases[0].pairs: ",
     "found the string \"every\", expected the pairs [[SOURCE, DESTINATION], ...] or classes, "
     "first, each, rounds or "
     "together"},
    {WINDOW, "\"pairs\": \"list\"", "t.json:10: cases[0].pairs: ",
     "expected the pairs [[SOURCE, DESTINATION], ...] or classes"},
    {WINDOW, "\"pairs\": 3",
     "t.json:10: cases[0].pairs: ", "found the number 3, expected the pairs [["},
    {WINDOW, "\"pairs\": []", "t.json:10: cases[0].pairs: ", "at least 1 element"},
    {WINDOW, "\"pairs\": [0, 1]",
     "t.json:10: cases[0].pairs[0]: ", "expected two ranks, [SOURCE, DESTINATION]"},
    {WINDOW, "\"pairs\": [[0, 1], [2]]",
     "t.json:10: cases[0].pairs[1]: ", "expected two ranks"},
    {WINDOW, "\"pairs\": [[0, 1, 2]]", "t.json:10: cases[0].pairs[0]: ", "expected two ranks"},
    {WINDOW, "\"pairs\": [\"0-1\"]", "t.json:10: cases[0].pairs[0]: ", "expected two ranks"},
    {WINDOW, "\"pairs\": [[0, -1]]", "t.json:10: cases[0].pairs[0][1]: ", "0 to 1048575"},
    {WINDOW, "\"pairs\": [[1048576, 0]]", "t.json:10: cases[0].pairs[0][0]: ", "0 to 1048575"},
    {WINDOW, "\"pairs\": [[0, 0.5]]", "t.json:10: cases[0].pairs[0][1]: ", "a whole number"},
    {PATTERN, "\"pattern\": \"matrix\", \"pairs\": \"each\",", "t.json:6: cases[0].pairs: ",
     "the pattern stands for stream with pairs \"each\": expected no pairs beside it"},
    {PATTERN, "\"pattern\": [\"pingpong\", \"pairs\"], \"pairs\": [[0, 1]],",
     "t.json:6: cases[0].pairs: ", "stands for stream with pairs \"together\""},
    {PATTERN, "\"pattern\": [\"stream\", \"collective\"], \"pairs\": \"first\",",
     "t.json:6: cases[0].pairs: ", "collective has no pairs: expected none beside it"},
    {PATTERN, "\"pattern\": \"queue\", \"pairs\": \"classes\",",
     "t.json:6: cases[0].pairs: ", "queue has no pairs: expected none beside it"},
    /* empty lists */
    {PATTERN, "\"pattern\": [],", "t.json:6: cases[0].pattern: ", "at least 1 element"},
    {PATHS, "\"paths\": [],", "t.json:7: cases[0].paths: ", "at least 1 element"},
    {SIZES, "\"sizes\": [],", "t.json:8: cases[0].sizes: ", "at least 1 element"},
    {METHODS, "\"methods\": [],", "t.json:9: cases[0].methods: ", "at least 1 element"},
    {WINDOW, "\"cache\": []", "t.json:10: cases[0].cache: ", "at least 1 element"},
    {WINDOW, "\"cache\": \"hot\"",
     "t.json:10: cases[0].cache: ", "expected the cache warm or cold"},
    {WINDOW, "\"allocator\": \"heap\"",
     "t.json:10: cases[0].allocator: ", "expected the allocator malloc, pool, vmm or nccl"},
    {WINDOW, "\"cache\": [\"warm\", true]", "t.json:10: cases[0].cache[1]: ", "a string"},
    {WINDOW, "\"window\": []", "t.json:10: cases[0].window: ", "at least 1 element"},
    {WINDOW, "\"src_offset\": []", "t.json:10: cases[0].src_offset: ", "at least 1 element"},
    {METHODS, "\"methods\": [{\"name\": \"host-staged\", \"chunk\": []}],",
     "t.json:9: cases[0].methods[0].chunk: ", "at least 1 element"},
    {METHODS, "\"methods\": [{\"name\": \"host-staged\", \"depth\": []}],",
     "t.json:9: cases[0].methods[0].depth: ", "at least 1 element"},
    {METHODS, "\"methods\": [{\"name\": \"p2p\", \"side\": []}],",
     "t.json:9: cases[0].methods[0].side: ", "at least 1 element"},
    /* a traffic */
    {PATTERN, "\"pattern\": \"neighbour\",", "t.json:5: cases[0]: ",
     "the pattern neighbour plays a traffic: expected the key \"traffic\", a list of lanes or "
     "a file"},
    {WINDOW, "\"traffic\": [[0, 1]]",
     "t.json:10: cases[0].traffic: ", "stream plays no traffic: expected none beside it"},
    {PATTERN, "\"pattern\": [\"neighbour\", \"ring\"], \"traffic\": [[0, 1]],",
     "t.json:6: cases[0].traffic: ", "ring plays no traffic: expected none beside it"},
    {PATTERN, "\"pattern\": \"neighbour\", \"traffic\": [[0, 1, 5]],",
     "t.json:8: cases[0].sizes: ",
     "the lanes of the traffic say their bytes: expected no sizes beside them"},
    {PATTERN, "\"pattern\": \"neighbour\", \"pairs\": \"each\", \"traffic\": [[0, 1]],",
     "t.json:6: cases[0].pairs: ", "neighbour has no pairs: expected none beside it"},
    {PATTERN, "\"pattern\": \"neighbour\", \"traffic\": [],",
     "t.json:6: cases[0].traffic: ", "at least 1 element"},
    {PATTERN, "\"pattern\": \"neighbour\", \"traffic\": 7,",
     "t.json:6: cases[0].traffic: ", "expected an array"},
    {PATTERN, "\"pattern\": \"neighbour\", \"traffic\": [[0]],",
     "t.json:6: cases[0].traffic[0]: ",
     "expected a lane, [SOURCE, DESTINATION, BYTES] or [SOURCE, DESTINATION]"},
    {PATTERN, "\"pattern\": \"neighbour\", \"traffic\": [[0, 1, 2, 3]],",
     "t.json:6: cases[0].traffic[0]: ", "expected a lane"},
    {PATTERN, "\"pattern\": \"neighbour\", \"traffic\": [[0, -1]],",
     "t.json:6: cases[0].traffic[0][1]: ", "a whole number from 0"},
    {PATTERN, "\"pattern\": \"neighbour\", \"traffic\": [[0, 1, 0]],",
     "t.json:6: cases[0].traffic[0][2]: ", "found 0 bytes, expected 1 to "},
    {PATTERN, "\"pattern\": \"neighbour\", \"traffic\": [[0, 1, \"5MB\"]],",
     "t.json:6: cases[0].traffic[0][2]: ", "unknown unit"},
    {PATTERN, "\"pattern\": \"neighbour\", \"traffic\": [[0, 1], [0, 1]],",
     "t.json:6: cases[0].traffic: ", "the lane from rank 0 to rank 1 stands twice"},
    {PATTERN, "\"pattern\": \"neighbour\", \"traffic\": [[0, 1, 8], [1, 0]],",
     "t.json:6: cases[0].traffic: ", "the lane from rank 1 to rank 0 says no bytes"},
    {PATTERN, "\"pattern\": \"neighbour\", \"traffic\": {\"lanes\": [[0, 1]]},",
     "t.json:6: cases[0].traffic: ", "\"ranks\" is missing"},
    {PATTERN, "\"pattern\": \"neighbour\", \"traffic\": {\"ranks\": 0, \"lanes\": [[0, 1]]},",
     "t.json:6: cases[0].traffic.ranks: ", "a whole number from 1"},
    {PATTERN, "\"pattern\": \"neighbour\", \"traffic\": {\"ranks\": 2, \"file\": 1},",
     "t.json:6: cases[0].traffic.file: ", "unknown key"},
    {PATTERN, "\"pattern\": \"neighbour\", \"traffic\": \"/nowhere/halo.txt\",",
     "/nowhere/halo.txt: ", "cannot be opened"},
    /* the text itself */
    {NAME, "\"name\": \"t\", \"name\": \"u\",", "t.json:2: name: ", "twice"},
    {WINDOW, "\"window\": 1, \"paths\": []", "t.json:10: cases[0].paths: ", "twice"},
    {SIZES, "\"sizes\": 4KiB,", "t.json:8:10: ", "4KiB stands without double quotes"},
    {METHODS, "\"methods\": [\"direct\"", "t.json:10:5: ", "not valid JSON: \"window\": 1"},
    {END, "} {}", "t.json:12:3: ", "more text behind the value"},
};

static char *scenario_text(int line, const char *replacement)
{
    return with_line(good_lines, END, line, replacement);
}

static int parse(const char *text, const char *const *sets, struct xb_scenario *out,
                 struct xb_error *err)
{
    return xb_scenario_parse("t.json", text, sets, &fixture_catalog, out, err);
}

static bool is_empty(const struct xb_scenario *s)
{
    return !s->groups && !s->ngroups && !s->doc.root && !s->doc.text && !s->name;
}

static void check_bad(const char *text, const char *const *sets, const char *name,
                      const char *where, const char *expected)
{
    struct xb_scenario s;
    struct xb_error err = {""};

    is_int(parse(text, sets, &s, &err), -1, name);
    check_error(&err, where, expected);
    ok(is_empty(&s), "nothing is left");
}

static void test_bad_lines(void)
{
    for (size_t i = 0; i < ROWS(bad_lines); i++) {
        char *text = scenario_text(bad_lines[i].line, bad_lines[i].text);
        check_bad(text, NULL, bad_lines[i].text, bad_lines[i].where, bad_lines[i].expected);
        free(text);
    }
}

static void test_bad_documents(void)
{
    static const struct {
        const char *text, *where, *expected;
    } rows[] = {
        {"", "t.json:1:1: ", "the text ends too early"},
        {"[]", "t.json:1: ", "found an array of 0, expected an object"},
        {"{\"name\": \"t\"}", "t.json:1: ", "\"cases\" is missing"},
        {"{\"name\": \"t\", \"cases\": 1}", "t.json:1: cases: ", "expected an array"},
        {"{\"name\": \"t\", \"cases\": []}", "t.json:1: cases: ", "at least 1 element"},
        {"{\"name\": \"t\",\n\"cases\": [\n3]}", "t.json:3: cases[0]: ", "expected an object"},
    };

    for (size_t i = 0; i < ROWS(rows); i++)
        check_bad(rows[i].text, NULL, "a bad document", rows[i].where, rows[i].expected);

    char nested[2 * (XB_JSON_MAX_DEPTH + 1) + 1] = "";
    memset(nested, '[', XB_JSON_MAX_DEPTH + 1);
    memset(nested + XB_JSON_MAX_DEPTH + 1, ']', XB_JSON_MAX_DEPTH + 1);
    check_bad(nested, NULL, "65 arrays in one another", "t.json:1:65: ", "64");
}

/* Replace the sizes by a list of n times 1 whose last element is this text. */
static char *long_list(int n, const char *last)
{
    char line[4 * XB_LIST_MAX] = "\"sizes\": [";
    size_t used = strlen(line);

    for (int i = 1; i < n; i++)
        used += (size_t)snprintf(line + used, sizeof(line) - used, "1,");
    snprintf(line + used, sizeof(line) - used, "%s],", last);
    return scenario_text(SIZES, line);
}

static void test_long_lists(void)
{
    struct xb_scenario s;
    char *text = long_list(XB_LIST_MAX + 1, "1");
    check_bad(text, NULL, "a list of 1001",
              "t.json:8: cases[0].sizes: ", "found 1001 values, expected at most 1000");
    free(text);

    text = long_list(XB_LIST_MAX, "1");
    is_int(parse(text, NULL, &s, NULL), 0, "a list of 1000");
    is_int((long long)s.groups[0].nsizes, XB_LIST_MAX, "has them all");
    xb_scenario_release(&s);
    free(text);

    text = long_list(XB_LIST_MAX, "{\"from\": 1, \"to\": 2, \"factor\": 2}");
    check_bad(text, NULL, "1000 elements that come to 1001 values",
              "t.json:8: cases[0].sizes[999]: ", "more than 1000 values");
    free(text);
}

static void test_bad_sets(void)
{
    static const struct {
        const char *set, *where, *expected;
    } bad[] = {
        {"cases[*].sizes=16MB", "--set cases[*].sizes: cases[0].sizes: ", "unknown unit"},
        {"cases[0].windo=3", "--set cases[0].windo: cases[0].windo: ", "unknown key"},
        {"sampling.min_samples=0",
         "--set sampling.min_samples: sampling.min_samples: ", "a whole number from 1"},
        {"cases[0].methods[0]=\"smb\"",
         "--set cases[0].methods[0]: cases[0].methods[0]: ", "expected the method"},
        {"device", "--set ", "KEY=VALUE"},
        {"cases[7].sizes=1", "--set ", "cases[7]"},
        {"nowhere.at.all=1", "--set nowhere.at.all: nowhere: ", "unknown key \"nowhere\", "},
        {"samplng.max_time=2s", "--set samplng.max_time: samplng: ",
         "unknown key \"samplng\" (did you mean sampling?), expected name, description"},
        {"sampling.max_tmie=2s",
         "--set sampling.max_tmie: sampling.max_tmie: ", "(did you mean max_time?)"},
        {"case[0].sizes=1", "--set case[0].sizes: ", "no case (did you mean cases?)"},
    };
    char *text = scenario_text(0, NULL);

    for (size_t i = 0; i < ROWS(bad); i++) {
        const char *sets[] = {bad[i].set, NULL};
        check_bad(text, sets, bad[i].set, bad[i].where, bad[i].expected);
    }
    free(text);
}

int main(void)
{
    test_bad_lines();
    test_bad_documents();
    test_long_lists();
    test_bad_sets();
    return done_testing();
}
