/* SPDX-License-Identifier: BSD-3-Clause */
/* test_expect.c - expectations files: what each mistake is answered with, and which cases and
 * machines they are about. */
#include "report/expect.h"

#include "tests/bad_lines.h"
#include "tests/report/expect_fixture.h"

/* A good file, one line each, that the rows below change a line of. */
static const char *const good_lines[] = {
    "{\"schema\": {\"name\": \"xferbench-expectations\", \"version\": 1},",
    " \"name\": \"t\", \"description\": \"d\", \"source\": {\"a\": 1},",
    " \"match\": {\"device\": \"cuda\", \"gpu\": [\"NVIDIA H*\"]},",
    " \"require\": {\"nvlinks\": 18, \"ecc\": true},",
    " \"bounds\": [{\"cases\": {\"method\": \"p2p\", \"options\": {\"engine\": \"ce\"}},",
    "   \"fraction_of_ceiling\": {\"below\": {\"warning\": 0.8, \"critical\": 0.7},",
    "                             \"above\": {\"warning\": 0.9}},",
    "   \"skipped\": \"good\", \"required\": true, \"learnt\": {\"n\": 1}, \"note\": \"n\"}]}",
};

enum { SCHEMA = 1, NAME, MATCH, REQUIRE, CASES, BELOW, ABOVE, REST, LINES = REST };

#define BOUND "x.json:5: bounds[0]"

static const struct bad bad_lines[] = {
    {SCHEMA, "{\"schema\": {\"name\": \"xferbench-policy\", \"version\": 1},",
     "x.json:1: schema.name: ",
     "found the string \"xferbench-policy\", expected the schema xferbench-expectations"},
    {SCHEMA, "{\"schema\": {\"name\": \"xferbench-expectations\", \"version\": 2},",
     "x.json:1: schema.version: ", "found the number 2, expected the number 1"},
    {NAME, "", "x.json:1: ", "the key \"name\" is missing"},
    {NAME, "\"name\": \"t\\nu\",",
     "x.json:2: name: ", "found a control character at 1, expected one line of text"},
    {BELOW, "\"fraction_of_ceiling\": {\"below\": {\"warning\": 80},",
     "x.json:6: ", "found the number 80, expected a number from 0 to 10"},
    {NAME, "\"name\": \"t\", \"bound\": [],", "x.json:2: bound: ", "unknown key \"bound\""},
    {MATCH, "", "x.json:1: ", "the key \"match\" is missing"},
    {MATCH, "\"match\": {\"gpus\": \"x\"},", "x.json:3: match.gpus: ",
     "unknown key \"gpus\" (did you mean gpu?), expected cpu, device, gpu or host"},
    {MATCH, "\"match\": {\"gpu\": [1]},", "x.json:3: match.gpu[0]: ", "expected a string"},
    {MATCH, "\"match\": {\"gpu\": []},", "x.json:3: match.gpu: ", "expected"},
    {REQUIRE, "\"require\": {\"nvlink\": 18},", "x.json:4: require.nvlink: ",
     "unknown key \"nvlink\" (did you mean nvlinks?), expected gpus, nvlinks, "},
    {REQUIRE, "\"require\": {\"nvlinks\": true},",
     "x.json:4: require.nvlinks: ", "expected a number"},
    {REQUIRE, "\"require\": {\"ecc\": 1},",
     "x.json:4: require.ecc: ", "expected true or false"},
    {CASES, "\"bounds\": [{", "x.json:5: bounds[0]: ", "the key \"cases\" is missing"},
    {CASES, "\"bounds\": [{\"cases\": {\"size\": 1},",
     BOUND ".cases.size: ", "unknown key \"size\", expected id, link_class, pattern, "},
    {CASES, "\"bounds\": [{\"cases\": {\"method\": \"p3p\"},",
     BOUND ".cases.method: ", "found the string \"p3p\", expected the method direct, p2p"},
    {CASES, "\"bounds\": [{\"cases\": {\"pattern\": \"river\"},",
     BOUND ".cases.pattern: ", "found \"river\", expected a pattern or an experiment"},
    {CASES, "\"bounds\": [{\"cases\": {\"options\": {\"engine\": \"ce\"}},",
     BOUND ".cases.options: ", "expected one \"method\" beside them"},
    {CASES, "\"bounds\": [{\"cases\": {\"method\": [\"p2p\"], \"options\": {}},",
     BOUND ".cases.options: ", "expected one \"method\" beside them"},
    {CASES, "\"bounds\": [{\"cases\": {\"method\": \"p2p\", \"options\": {\"engine\": 3}},",
     BOUND ".cases.options.engine: ", "found the number 3, expected ce or sm"},
    {CASES, "\"bounds\": [{\"cases\": {\"method\": \"p2p\", \"options\": {\"motor\": 3}},",
     BOUND ".cases.options.motor: ",
     "unknown key \"motor\", expected engine, side, mapping, sms, "},
    {CASES, "\"bounds\": [{\"cases\": {\"bytes\": \"1MB\"},", BOUND ".cases.bytes: ", "1MB"},
    {CASES, "\"bounds\": [{\"cases\": {\"size_class\": \"1MiB\"},",
     BOUND ".cases.size_class: ", "expected a whole number"},
    {CASES, "\"bounds\": [{\"cases\": {\"bytes\": {\"from\": 2, \"to\": 1}},",
     BOUND ".cases.bytes: ", "found \"from\" 2 above \"to\" 1"},
    {CASES, "\"bounds\": [{\"cases\": {\"src\": \"nic\"},",
     BOUND ".cases.src: ", "found the endpoint \"nic\""},
    {CASES, "\"bounds\": [{\"cases\": {\"link_class\": \"rope\"},",
     BOUND ".cases.link_class: ", "found the link class \"rope\""},
    {CASES, "\"bounds\": [{\"cases\": {\"pairs\": \"some\"},",
     BOUND ".cases.pairs: ", "found the string \"some\", expected the pairs classes, first"},
    {CASES, "\"bounds\": [{\"cases\": {\"cache\": \"hot\"},",
     BOUND ".cases.cache: ", "expected the state of the cache warm or cold"},
    {CASES, "\"bounds\": [{\"cases\": {\"id\": []},", BOUND ".cases.id: ", "expected"},
    {CASES, "\"bounds\": [{\"cases\": {\"link_class\": \"nvlink\"}, \"of\": \"case\",",
     BOUND ".cases: ", "found \"link_class\", which lanes have"},
    {CASES, "\"bounds\": [{\"cases\": {}, \"of\": \"pair\",",
     BOUND ".of: ", "expected the part of a case lanes or case"},
    {CASES, "\"bounds\": [{\"cases\": {}, \"time_us\": {\"above\": {\"warning\": 1}},",
     "x.json:5: bounds[0]: ", "found 2 figures that are bound, expected one of"},
    {BELOW, "\"fraction_of_ceiling\": {\"below\": {\"warning\": 0.7, \"critical\": 0.8},",
     "x.json:6: bounds[0].fraction_of_ceiling.below: ",
     "found \"critical\" 0.8 inside of \"warning\" 0.7"},
    {BELOW, "\"fraction_of_ceiling\": {\"below\": {},",
     "x.json:6: bounds[0].fraction_of_ceiling.below: ", "found no bound"},
    {BELOW, "\"fraction_of_ceiling\": {\"below\": {\"warning\": 0.95},",
     "x.json:6: bounds[0].fraction_of_ceiling: ",
     "found a bound below of 0.95 above the one above of 0.9"},
    {BELOW, "\"fraction_of_ceiling\": {\"under\": {},",
     "x.json:6: bounds[0].fraction_of_ceiling.under: ", "expected below or above"},
    {ABOVE, "\"above\": {\"warning\": 0.9, \"critical\": 0.85}},",
     "x.json:7: bounds[0].fraction_of_ceiling.above: ",
     "found \"critical\" 0.85 inside of \"warning\" 0.9"},
    {ABOVE, "\"above\": {\"warning\": -1}},",
     "x.json:7: bounds[0].fraction_of_ceiling.above.warning: ", "expected a number"},
    {REST, "\"skipped\": \"bad\"}]}", "x.json:8: bounds[0].skipped: ",
     "expected the verdict good, unknown, warning or critical"},
    {REST, "\"required\": 1}]}", "x.json:8: bounds[0].required: ", "expected true or false"},
    {REST, "\"learnt\": 1}]}",
     "x.json:8: bounds[0].learnt: ", "expected a string or an object"},
};

static void test_errors(void)
{
    struct xb_expectations expect;
    struct xb_error err;

    for (int i = -1; i < (int)ROWS(bad_lines); i++) {
        const struct bad *bad = i < 0 ? NULL : &bad_lines[i];
        char *text = with_line(good_lines, LINES, bad ? bad->line : 0, bad ? bad->text : NULL);
        int rc = xb_expect_parse("x.json", text, &fixture_catalog, &expect, &err);
        if (!bad) {
            is_int(rc, 0, "the good lines are good");
            is_int((long long)expect.nbounds, 1, "with a bound");
            is_near(expect.need[1], 18, 0, "and NVLinks");
            xb_expect_release(&expect);
        } else if (is_int(rc, -1, bad->text)) {
            check_error(&err, bad->where, bad->expected);
            ok(!expect.bounds && !expect.doc.root, "and nothing is left");
        } else {
            xb_expect_release(&expect);
        }
        free(text);
    }
}

/* ---- which cases ---- */

static const struct {
    const char *cases;
    bool meets;
} term_rows[] = {
    {"{}", true},
    {"{\"id\": \"a[b=c]\"}", true},
    {"{\"id\": [\"x\", \"a[b=c]\"]}", true},
    {"{\"id\": \"a\"}", false},
    {"{\"method\": \"p2p\", \"options\": {\"engine\": \"sm\"}}", true},
    {"{\"method\": \"p2p\", \"options\": {\"engine\": \"sm\", \"side\": \"push\"}}", true},
    {"{\"method\": \"p2p\", \"options\": {\"engine\": \"ce\"}}", false},
    {"{\"method\": [\"mpi\", \"nccl\"]}", false},
    {"{\"pattern\": \"stream\", \"src\": \"gpu\", \"dst\": [\"gpu\", \"host\"], "
     "\"locality\": \"node\"}",
     true},
    {"{\"locality\": \"self\"}", false},
    {"{\"bytes\": \"256MiB\"}", true},
    {"{\"bytes\": 268435456}", true},
    {"{\"bytes\": {\"from\": \"256MiB\"}}", true},
    {"{\"bytes\": {\"from\": \"257MiB\"}}", false},
    {"{\"bytes\": [{\"to\": \"1MiB\"}, {\"from\": \"1MiB\", \"to\": \"256MiB\"}]}", true},
    {"{\"bytes\": {\"to\": \"255MiB\"}}", false},
    {"{\"size_class\": [4, 5]}", true},
    {"{\"size_class\": {\"to\": 4}}", false},
    {"{\"window\": 1, \"src_offset\": \"0B\"}",
     false}, /* not known, where a version 1 wrote it */
    {"{\"window\": 1}", true},
    {"{\"chunk_bytes\": \"4MiB\"}", false},
    {"{\"cache\": \"warm\"}", true}, /* where the key is not known */
    {"{\"allocator\": \"malloc\"}", true},
    {"{\"allocator\": [\"pool\", \"vmm\"]}", false},
    {"{\"cache\": \"cold\"}", false},
    {"{\"pairs\": \"each\"}", true},
    {"{\"pairs\": [\"rounds\", \"each\"]}", true},
    {"{\"pairs\": [[0, 1]]}", false},
    {"{\"link_class\": \"pcie-switch\"}", true}, /* that is for its lanes to say */
};

static void read_terms(const char *text, struct xb_json *doc, struct xb_case_terms *terms)
{
    struct xb_error err = {""};

    xb_json_parse("t", text, strlen(text), doc, &err);
    struct xb_node root = xb_json_root(doc);
    if (!ok(xb_case_terms_read(&root, &fixture_catalog, terms, &err) == 0, text))
        printf("# %s\n", err.text);
}

/* What stays out of a case's name at its default is meant so where nothing is said of it. */
static void test_unnamed(void)
{
    static const struct {
        const char *cases;
        bool
            meets[3]; /* a case as it is by default; of 8 multiprocessors; in pieces of 1 MiB */
    } unnamed[] = {
        {"{\"method\": \"p2p\"}", {true, true, true}},
        {"{\"method\": \"p2p\", \"options\": {\"engine\": \"sm\"}}", {true, false, false}},
        {"{\"method\": \"p2p\", \"options\": {\"sms\": 0}}", {true, false, false}},
        {"{\"method\": \"p2p\", \"options\": {\"sms\": 8}}", {false, true, false}},
        {"{\"method\": \"p2p\", \"options\": {}, \"chunk_bytes\": \"1MiB\"}",
         {false, false, true}},
        {"{\"method\": \"p2p\", \"options\": {}, \"depth\": {\"from\": 1}}",
         {false, false, true}},
    };
    struct xb_report report = make_report("n1", "");
    struct xb_case_terms terms;
    struct xb_json doc;

    for (int k = 0; k < 3; k++) {
        struct xb_report_case *c = add_case(&report, "a", "stream", "p2p", 1 << 28, XB_OK);
        cJSON_AddStringToObject(c->key.options, "engine", "sm");
        if (k == 1)
            cJSON_AddNumberToObject(c->key.options, "sms", 8);
        c->key.chunk_bytes = k == 2 ? 1 << 20 : -1;
        c->key.depth = k == 2 ? 4 : -1;
    }
    for (size_t i = 0; i < ROWS(unnamed); i++) {
        read_terms(unnamed[i].cases, &doc, &terms);
        for (size_t k = 0; k < 3; k++)
            is_int(xb_case_terms_meet(&terms, xb_report_case_at(&report, k)),
                   unnamed[i].meets[k], "it meets the case, or not");
        xb_case_terms_release(&terms);
        xb_json_release(&doc);
    }
    xb_report_release(&report);
}

static void test_terms(void)
{
    struct xb_report report = make_report("n1", "");
    struct xb_report_case *c = add_case(&report, "a[b=c]", "stream", "p2p", 1 << 28, XB_OK);
    struct xb_case_terms terms;
    struct xb_json doc;

    cJSON_AddStringToObject(c->key.options, "engine", "sm");
    cJSON_AddStringToObject(c->key.options, "side", "push");
    for (size_t i = 0; i < ROWS(term_rows); i++) {
        read_terms(term_rows[i].cases, &doc, &terms);
        is_int(xb_case_terms_meet(&terms, c), term_rows[i].meets, "it meets the case, or not");
        xb_case_terms_release(&terms);
        xb_json_release(&doc);
    }
    cJSON_Delete(c->key.pairs);
    c->key.pairs = cJSON_Parse("[[0, 1], [2, 0]]");
    read_terms("{\"pairs\": [[0, 1], [2, 0]], \"link_class\": [\"nvlink\", \"c2c\"]}", &doc,
               &terms);
    ok(xb_case_terms_meet(&terms, c), "a list of pairs meets the same list");
    ok(xb_case_terms_ask_link(&terms) && xb_case_terms_meet_link(&terms, "c2c"),
       "a link class");
    ok(!xb_case_terms_meet_link(&terms, "host-bridge"), "not another one");
    ok(!xb_case_terms_meet_link(&terms, NULL), "nor one that is not known");
    xb_case_terms_release(&terms);
    xb_json_release(&doc);
    xb_report_release(&report);
}

/* ---- which machines, and what they have ---- */

static const struct {
    const char *match, *why; /* "" where they match */
} match_rows[] = {
    {"{}", ""},
    {"{\"device\": \"cuda\"}", ""},
    {"{\"gpu\": \"Test GPU\", \"host\": \"n*\"}", ""},
    {"{\"gpu\": [\"Other\", \"Test ?PU\"]}", ""},
    {"{\"device\": \"cpu\"}", "t are for another device than \"cuda\""},
    {"{\"gpu\": \"Test\"}", "t are for another gpu than \"Test GPU\""},
    {"{\"host\": \"m*\"}", "t are for another host than \"n1\""},
    {"{\"cpu\": \"*\"}", "t ask for a cpu, of which the report says nothing"},
};

static void test_match(void)
{
    struct xb_report report = make_report("n1", "");

    for (size_t i = 0; i < ROWS(match_rows); i++) {
        struct xb_expectations expect;
        struct xb_error why = {""};
        char text[256];
        snprintf(text, sizeof text,
                 "{\"schema\": {\"name\": \"xferbench-expectations\", \"version\": 1}, "
                 "\"name\": \"t\", \"match\": %s}",
                 match_rows[i].match);
        xb_expect_parse("x.json", text, &fixture_catalog, &expect, NULL);
        is_int(xb_expect_match(&expect, &report, &why), !match_rows[i].why[0],
               match_rows[i].match);
        is_str(why.text, match_rows[i].why, "and says why not");
        xb_expect_release(&expect);
    }
    xb_report_release(&report);
}

#define STATE(before, after)                                                                   \
    "\"state\": {\"ecc\": true, \"mig\": false, \"before\": {\"pcie\": " before                \
    "}, \"after\": {\"pcie\": " after ", \"errors\": {\"ecc_uncorrectable\": 2}}}"

static const struct {
    const char *gpu, *need;
    double value; /* NAN: it is not told */
} need_rows[] = {
    {"\"nvlink\": {\"links\": 17, \"gb_per_s\": 400.5}", "nvlinks", 17},
    {"\"nvlink\": {\"links\": 17, \"gb_per_s\": 400.5}", "nvlink_gb_per_s", 400.5},
    {"\"nvlink\": {\"links\": null}", "nvlinks", NAN},
    {"", "ecc", NAN},
    {STATE("{\"gen\": 1, \"width\": 16}", "{\"gen\": 5, \"width\": 8}"), "pcie_gen", 5},
    {STATE("{\"gen\": 1, \"width\": 16}", "null"), "pcie_gen", 1},
    {STATE("{\"gen\": 1, \"width\": 16}", "null"), "pcie_width", 16},
    {STATE("{\"gen\": 1}", "null"), "ecc", 1},
    {STATE("{\"gen\": 1}", "null"), "mig", 0},
    {STATE("{\"gen\": 1}", "null"), "ecc_uncorrectable", 2},
    {STATE("{\"gen\": 1}", "null"), "power_limit_w", NAN},
};

/* Unit i of what needs are about; false behind the last. */
static bool unit_at(const struct xb_report *report, size_t i, struct xb_expect_gpu *out)
{
    struct xb_list units = {NULL, 0, 0};
    bool there = xb_expect_gpus(report, &units) == 0 && i < units.n;

    if (there)
        *out = ((const struct xb_expect_gpu *)units.item)[i];
    free(units.item);
    return there;
}

static void test_needs(void)
{
    for (size_t i = 0; i < ROWS(need_rows); i++) {
        struct xb_report report = make_report("n1", need_rows[i].gpu);
        struct xb_expect_gpu gpu;
        bool asked;
        int n = xb_expect_need_find(need_rows[i].need, NULL);
        ok(unit_at(&report, 1, &gpu) && strcmp(gpu.bus_id, "0000:0a:00.0") == 0,
           "the first GPU comes behind the node");
        double value = xb_expect_need_of(&gpu, (size_t)n, &asked);
        ok(asked && (isnan(need_rows[i].value) ? isnan(value) : value == need_rows[i].value),
           need_rows[i].need);
        ok(!unit_at(&report, 4, &gpu), "there are three GPUs");
        xb_report_release(&report);
    }
    is_int(xb_expect_need_find("gpu", NULL), -1, "no need of that name");
}

/* A node of which more is described than ranks have taken. */
static void test_described(void)
{
    struct xb_report report = make_report("n1", "\"pcie\": null");
    struct xb_expect_gpu gpu;
    bool asked;

    cJSON_Delete(report.topology);
    report.topology = cJSON_Parse(
        "{\"nodes\": [{\"node\": 0, \"host\": \"n1\", \"gpus\": [{\"uuid\": \"GPU-1\", "
        "\"pci_bus_id\": \"0000:0a:00.0\", \"links\": [{\"end\": \"switch\", \"links\": 0}]}, "
        "{\"uuid\": \"GPU-2\", \"pci_bus_id\": \"0000:1b:00.0\", \"mig\": true, \"pcie\": "
        "{\"current\": {\"gen\": 1, \"width\": 8}}, \"links\": [{\"end\": \"gpu\", \"links\": "
        "4}, {\"end\": \"cpu\", \"links\": 1}, {\"end\": \"gpu\", \"links\": 2}]}]}], "
        "\"ranks\": [{\"rank\": 0, \"node\": 0, \"host\": \"n1\", \"gpu\": {\"uuid\": "
        "\"GPU-1\", \"pci_bus_id\": \"0000:0a:00.0\", \"nvlink\": {\"links\": 0}}}, {\"rank\": "
        "1, \"node\": 0, \"host\": \"n1\", \"gpu\": {\"uuid\": \"GPU-1\"}}]}");
    ok(unit_at(&report, 0, &gpu) && !gpu.gpu, "first the node");
    is_near(xb_expect_need_of(&gpu, 0, &asked), 2, 0, "with two GPUs");
    ok(asked, "of which it is asked");
    ok(unit_at(&report, 1, &gpu) && gpu.gpu && gpu.described,
       "then the GPU of two ranks, once");
    is_near(xb_expect_need_of(&gpu, 1, &asked), 0, 0, "without NVLinks");
    ok(asked, "which it should have, beside another GPU");
    xb_expect_need_of(&gpu, 0, &asked);
    ok(!asked, "not of how many GPUs there are");
    ok(unit_at(&report, 2, &gpu) && !gpu.gpu && strcmp(gpu.bus_id, "0000:1b:00.0") == 0,
       "then the one that nobody has taken");
    is_near(xb_expect_need_of(&gpu, 1, &asked), 6, 0, "with six NVLinks");
    xb_expect_need_of(&gpu, 3, &asked);
    ok(!asked, "whose PCI Express may be idle");
    is_near(xb_expect_need_of(&gpu, 4, &asked), 8, 0, "with eight lanes");
    xb_expect_need_of(&gpu, 6, &asked);
    ok(!asked, "and whose ECC nobody tells");
    ok(!unit_at(&report, 3, &gpu), "and no more");
    cJSON_DeleteItemFromArray(
        cJSON_GetObjectItem(
            cJSON_GetArrayItem(cJSON_GetObjectItem(report.topology, "nodes"), 0), "gpus"),
        1);
    unit_at(&report, 1, &gpu);
    xb_expect_need_of(&gpu, 1, &asked);
    ok(!asked, "a GPU that is lent alone need not have NVLinks");
    xb_report_release(&report);
}

int main(void)
{
    test_errors();
    test_terms();
    test_unnamed();
    test_match();
    test_needs();
    test_described();
    return done_testing();
}
