/* SPDX-License-Identifier: BSD-3-Clause */
/* test_scenario_words.c - a scenario out of the words of a command line. */
#include "model/scenario/scenario_words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/plan/plan.h"
#include "tests/catalog_fixture.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define MOST        12

/* What was said: "--size" and a text behind each other. */
struct row {
    const char *name;
    const char *said[2 * MOST];
    const char *want; /* the group; or the error */
};

#define LEAST          "--method", "p2p", "--path", "gpu->gpu@node", "--size", "4KiB"
#define PATHS_AND_SIZE "\"paths\":[\"gpu->gpu@node\"],\"sizes\":\"4KiB\""

static const struct row good[] = {
    {"the least", {LEAST}, "{" PATHS_AND_SIZE ",\"methods\":[{\"name\":\"p2p\"}]}"},
    {"several values with commas, and by repeated options",
     {"--method", "p2p,mpi", "--method", "nccl", "--path", "gpu->gpu@node", "--path",
      "host->host@node,gpu->gpu", "--size", "1,2", "--size", "4KiB"},
     "{\"paths\":[\"gpu->gpu@node\",\"host->host@node\",\"gpu->gpu\"],\"sizes\":[1,2,\"4KiB\"],"
     "\"methods\":[{\"name\":\"p2p\"},{\"name\":\"mpi\"},{\"name\":\"nccl\"}]}"},
    {"a range of sizes",
     {"--method", "p2p", "--path", "gpu->gpu", "--size", "1KiB:64MiB:4"},
     "{\"paths\":[\"gpu->gpu\"],\"sizes\":{\"from\":\"1KiB\",\"to\":\"64MiB\",\"factor\":4},"
     "\"methods\":[{\"name\":\"p2p\"}]}"},
    {"ranges beside values, and JSON",
     {"--method", "p2p", "--path", "[\"gpu->gpu\"]", "--size", "8,1KiB:4KiB:2", "--size",
      "{\"from\":9,\"to\":18,\"factor\":2}", "--size", "[7,5]"},
     "{\"paths\":[\"gpu->gpu\"],\"sizes\":[8,{\"from\":\"1KiB\",\"to\":\"4KiB\",\"factor\":2},"
     "{\"from\":9,\"to\":18,\"factor\":2},7,5],\"methods\":[{\"name\":\"p2p\"}]}"},
    {"all keys of a group",
     {LEAST, "--pattern", "stream,bidirectional", "--pairs", "each", "--window", "1:8:2",
      "--cache", "warm,cold", "--src-offset", "0,3", "--dst-offset", "1KiB"},
     "{\"pattern\":[\"stream\",\"bidirectional\"],\"pairs\":\"each\"," PATHS_AND_SIZE
     ",\"window\":{\"from\":1,\"to\":8,\"factor\":2},\"cache\":[\"warm\",\"cold\"],"
     "\"src_offset\":[0,3],\"dst_offset\":\"1KiB\",\"methods\":[{\"name\":\"p2p\"}]}"},
    {"one pair of ranks is a list",
     {LEAST, "--pairs", "0-3"},
     "{\"pairs\":[[0,3]]," PATHS_AND_SIZE ",\"methods\":[{\"name\":\"p2p\"}]}"},
    {"pairs, by commas, options and JSON",
     {LEAST, "--pairs", "0-3,2-1", "--pairs", "1-0", "--pairs", "[[4,5]]"},
     "{\"pairs\":[[0,3],[2,1],[1,0],[4,5]]," PATHS_AND_SIZE
     ",\"methods\":[{\"name\":\"p2p\"}]}"},
    {"a traffic lane by lane",
     {LEAST, "--pattern", "neighbour", "--traffic", "0-3,2-1", "--traffic", "[[1,0]]"},
     "{\"pattern\":\"neighbour\",\"traffic\":[[0,3],[2,1],[1,0]]," PATHS_AND_SIZE
     ",\"methods\":[{\"name\":\"p2p\"}]}"},
    {"with bytes, and without a size",
     {"--method", "p2p", "--path", "gpu->gpu@node", "--pattern", "neighbour", "--traffic",
      "0-3:1MiB"},
     "{\"pattern\":\"neighbour\",\"traffic\":[[0,3,\"1MiB\"]],\"paths\":[\"gpu->gpu@node\"],"
     "\"methods\":[{\"name\":\"p2p\"}]}"},
    {"an option goes to the methods that have it",
     {"--method", "p2p,host-staged,direct", "--path", "gpu->gpu", "--size", "4KiB", "--option",
      "engine=ce,sm", "--option", "memory=pageable"},
     "{\"paths\":[\"gpu->gpu\"],\"sizes\":\"4KiB\",\"methods\":[{\"name\":\"p2p\",\"engine\":["
     "\"ce\","
     "\"sm\"]},{\"name\":\"host-staged\",\"memory\":\"pageable\"},{\"name\":\"direct\","
     "\"memory\":"
     "\"pageable\"}]}"},
    {"or to the one that is named, and adds up",
     {"--method", "mpi,direct", "--path", "gpu->gpu", "--size", "4KiB", "--option",
      "mpi.memory=managed", "--option", "direct.memory=pinned", "--option",
      "direct.memory=pageable"},
     "{\"paths\":[\"gpu->gpu\"],\"sizes\":\"4KiB\",\"methods\":[{\"name\":\"mpi\",\"memory\":"
     "\"managed\"},{\"name\":\"direct\",\"memory\":[\"pinned\",\"pageable\"]}]}"},
    {"values that are no texts",
     {"--method", "null", "--path", "gpu->gpu", "--size", "1", "--option", "corrupt=5,-1",
      "--option", "delay=2us"},
     "{\"paths\":[\"gpu->gpu\"],\"sizes\":1,\"methods\":[{\"name\":\"null\",\"corrupt\":[5,-1],"
     "\"delay\":\"2us\"}]}"},
    {"chunks and depths go to the methods that take them",
     {"--method", "mpi,host-staged", "--path", "gpu->gpu", "--size", "1MiB", "--chunk",
      "size/4,64KiB:256KiB:2", "--depth", "1,3"},
     "{\"paths\":[\"gpu->gpu\"],\"sizes\":\"1MiB\",\"methods\":[{\"name\":\"mpi\"},{\"name\":"
     "\"host-staged\",\"chunk\":[\"size/"
     "4\",{\"from\":\"64KiB\",\"to\":\"256KiB\",\"factor\":2}],"
     "\"depth\":[1,3]}]}"},
    {"also to one of them alone",
     {"--method", "zero-copy,host-staged", "--path", "gpu->gpu@node", "--size", "1MiB",
      "--option", "zero-copy.chunk=size", "--option", "host-staged.depth=1:4:2"},
     "{\"paths\":[\"gpu->gpu@node\"],\"sizes\":\"1MiB\",\"methods\":[{\"name\":\"zero-copy\","
     "\"chunk\":\"size\"},{\"name\":\"host-staged\",\"depth\":{\"from\":1,\"to\":4,\"factor\":"
     "2}}]}"},
    {"an experiment is a pattern with its method",
     {"--pattern", "queue", "--method", "queue", "--path", "host->host", "--size", "64",
      "--option", "producers=2"},
     "{\"pattern\":\"queue\",\"paths\":[\"host->host\"],\"sizes\":64,\"methods\":[{\"name\":"
     "\"queue\",\"producers\":2}]}"},
};

/* What the words themselves have wrong. */
static const struct row bad[] = {
    {"no path",
     {"--method", "p2p", "--size", "1"},
     "--path is missing: cases that are named by options need --method, --path and --size"},
    {"no method",
     {"--size", "1"},
     "--method is missing: cases that are named by options need --method, --path and --size"},
    {"a range without a factor",
     {"--method", "p2p", "--path", "gpu->gpu", "--size", "1:2"},
     "--size: found '1:2', expected FIRST:LAST:FACTOR, as in 1KiB:64MiB:4"},
    {"with too much",
     {"--method", "p2p", "--path", "gpu->gpu", "--size", "1:2:3:4"},
     "--size: found '1:2:3:4', expected FIRST:LAST:FACTOR, as in 1KiB:64MiB:4"},
    {"with an empty part",
     {LEAST, "--window", "1::4"},
     "--window: found '1::4', expected FIRST:LAST:FACTOR, as in 1KiB:64MiB:4"},
    {"an empty value",
     {LEAST, "--size", "8,"},
     "--size: found an empty value, expected one at each side of a comma"},
    {"bytes that are no text",
     {LEAST, "--path", "caf\xe9"},
     "--path: found the byte 0xe9 at 3, expected UTF-8"},
    {"an option without a value",
     {LEAST, "--option", "engine"},
     "--option engine: found no '=', expected [METHOD.]KEY=VALUE"},
    {"an option that no method has",
     {"--method", "p2p,mpi", "--path", "gpu->gpu@node", "--size", "1", "--option", "engin=ce"},
     "--option engin=ce: no method here has the option \"engin\" (did you mean engine?), "
     "expected engine, side, mapping, sms, blocks, order, stride, rows, plane, blocks_at, "
     "submission, "
     "transfer, memory or datatype"},
    {"or not the one that is named",
     {LEAST, "--method", "mpi", "--option", "mpi.engine=ce"},
     "--option mpi.engine=ce: no method here has the option \"engine\", expected transfer, "
     "memory, datatype, blocks, order, stride, rows, plane, blocks_at or submission"},
    {"of a method that is not asked for",
     {LEAST, "--option", "mpi.memory=managed"},
     "--option mpi.memory=managed: the method mpi is not among those of --method"},
    {"chunks without a method for them",
     {"--method", "mpi", "--path", "gpu->gpu@node", "--size", "4KiB", "--chunk", "64KiB"},
     "--chunk 64KiB: none of the methods takes chunks"},
};

/* What the reader of scenarios finds wrong, by the name of the option. */
static const struct row unread[] = {
    {"a method",
     {"--method", "pp", "--path", "gpu->gpu", "--size", "1", "--option", "x=1"},
     "--method: cases[0].methods[0].name: found the string \"pp\", expected the method "
     "direct, "},
    {"a path", {LEAST, "--path", "gpu->cpu"}, "--path: cases[0].paths[1]: "},
    {"a size", {LEAST, "--size", "1MB"}, "--size: cases[0].sizes[1]: \"1MB\" is not a size"},
    {"a factor", {LEAST, "--size", "1:8:1"}, "--size: cases[0].sizes[1].factor: "},
    {"an option",
     {LEAST, "--option", "engine=cx"},
     "--option engine: cases[0].methods[0].engine: found the string \"cx\", expected ce or sm"},
    {"a depth",
     {LEAST, "--method", "host-staged", "--depth", "0"},
     "--depth: cases[0].methods[0].depth: "},
    {"pairs", {LEAST, "--pairs", "each,first"}, "--pairs: cases[0].pairs[0]: "},
    {"bytes of a lane",
     {LEAST, "--pattern", "neighbour", "--traffic", "0-3:1MB"},
     "--traffic: cases[0].traffic[0][2]: "},
    {"a file of a traffic",
     {LEAST, "--pattern", "neighbour", "--traffic", "/nowhere/halo.txt"},
     "/nowhere/halo.txt: cannot be opened"},
    {"a pattern", {LEAST, "--pattern", "streem"}, "--pattern: cases[0].pattern: "},
};

static struct xb_scenario_words sort_out(const struct row *row,
                                         const char *lists[XB_WORDS][MOST + 1])
{
    struct xb_scenario_words words = {.said = {NULL}};

    memset(lists, 0, sizeof(lists[0]) * XB_WORDS);
    for (size_t i = 0; row->said[i]; i += 2) {
        enum xb_word w = 0;
        size_t n = 0;
        while (strcmp(xb_word_option(w), row->said[i]) != 0)
            w++;
        while (lists[w][n])
            n++;
        lists[w][n] = row->said[i + 1];
        words.said[w] = lists[w];
    }
    return words;
}

/* What the scenario's text, printed and read again, comes to is what the words come to. */
static void same_plan(struct xb_json *doc, const char *name)
{
    struct xb_scenario said, read;
    struct xb_plan one = {0}, other = {0};
    struct xb_error err = {""};
    char *text = xb_json_print(doc->root, true);

    is_int(xb_scenario_read(doc, NULL, &fixture_catalog, &said, &err), 0, name);
    is_str(err.text, "", "is read");
    ok(!doc->root && !doc->name, "and taken over");
    is_int(xb_scenario_parse("f", text, NULL, &fixture_catalog, &read, &err), 0,
           "so is its text");
    xb_plan_expand(&said, &one, &err);
    xb_plan_expand(&read, &other, &err);
    ok(one.hash == other.hash && one.count == other.count && one.count > 0, "to the same plan");
    xb_plan_release(&one);
    xb_plan_release(&other);
    xb_scenario_release(&said);
    xb_scenario_release(&read);
    free(text);
}

static void test_good(void)
{
    const char *lists[XB_WORDS][MOST + 1];
    struct xb_error err;
    struct xb_json doc;

    for (size_t i = 0; i < ROWS(good); i++) {
        struct xb_scenario_words words = sort_out(&good[i], lists);
        err.text[0] = '\0';
        is_int(xb_words_document(&words, &fixture_catalog, &doc, &err), 0, good[i].name);
        is_str(err.text, "", "no error");
        cJSON *cases = cJSON_GetObjectItem(doc.root, "cases");
        is_int(cJSON_GetArraySize(cases), 1, "one group");
        char *text = cJSON_PrintUnformatted(cJSON_GetArrayItem(cases, 0));
        is_str(text, good[i].want, "the group");
        free(text);
        same_plan(&doc, good[i].name);
        xb_json_release(&doc);
    }
}

static void test_bad(void)
{
    const char *lists[XB_WORDS][MOST + 1];
    struct xb_error err;
    struct xb_json doc;

    for (size_t i = 0; i < ROWS(bad); i++) {
        struct xb_scenario_words words = sort_out(&bad[i], lists);
        is_int(xb_words_document(&words, &fixture_catalog, &doc, &err), -1, bad[i].name);
        is_str(err.text, bad[i].want, "says so");
        ok(!doc.root && !doc.name, "and nothing is left");
    }
}

static void test_unread(void)
{
    const char *lists[XB_WORDS][MOST + 1];
    struct xb_scenario scenario;
    struct xb_error err;
    struct xb_json doc;

    for (size_t i = 0; i < ROWS(unread); i++) {
        struct xb_scenario_words words = sort_out(&unread[i], lists);
        is_int(xb_words_document(&words, &fixture_catalog, &doc, &err), 0, unread[i].name);
        is_int(xb_scenario_read(&doc, NULL, &fixture_catalog, &scenario, &err), -1,
               "is not good");
        err.text[strlen(unread[i].want)] = '\0'; /* longer or not, it begins so */
        is_str(err.text, unread[i].want, "which is said");
    }
}

static void test_first(void)
{
    const char *lists[XB_WORDS][MOST + 1];
    struct xb_scenario_words none = {.said = {NULL}},
                             some = sort_out(&(struct row){.said = {"--size", "1"}}, lists);

    is_int(xb_words_first(&none), XB_WORDS, "nothing is said");
    is_int(xb_words_first(&some), XB_WORD_SIZE, "a size is");
}

int main(void)
{
    test_good();
    test_bad();
    test_unread();
    test_first();
    return done_testing();
}
