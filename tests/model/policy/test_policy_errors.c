/* SPDX-License-Identifier: BSD-3-Clause */
/* test_policy_errors.c - what each mistake in a policy is answered with: where it stands, what
 * was found and what was expected. */
#include "model/policy/policy.h"

#include "tests/bad_lines.h"
#include "tests/catalog_fixture.h"

/* A good policy, one line each, that the rows below change a line of. */
static const char *const good_lines[] = {
    "{",
    "  \"schema\": {\"name\": \"xferbench-policy\", \"version\": 1},",
    "  \"name\": \"t\",",
    "  \"rules\": [",
    "    {\"src\": \"host\", \"dst\": \"gpu\", \"locality\": \"self\", \"to\": \"1MiB\",",
    "     \"device\": \"discrete\",",
    "     \"use\": {\"method\": \"direct\", \"memory\": \"pageable\"}},",
    "    {\"src\": \"gpu\",",
    "     \"use\": {\"method\": \"host-staged\", \"chunk\": \"size/4\", \"depth\": 3}}",
    "  ]",
    "}",
};

enum { SCHEMA = 2, NAME, RULES, FIRST, DEVICE, DIRECT, SECOND, STAGED, CLOSE, END };

static const struct bad bad_lines[] = {
    /* the file */
    {SCHEMA, "", "p.json:1: ", "the key \"schema\" is missing"},
    {SCHEMA, "\"schema\": 1,", "p.json:2: schema: ", "expected an object"},
    {SCHEMA, "\"schema\": {\"version\": 1},", "p.json:2: schema: ", "\"name\" is missing"},
    {SCHEMA, "\"schema\": {\"name\": \"xferbench-report\", \"version\": 1},",
     "p.json:2: schema.name: ",
     "found the string \"xferbench-report\", expected the schema xferbench-policy"},
    {SCHEMA, "\"schema\": {\"name\": \"xferbench-policy\"},",
     "p.json:2: schema: ", "\"version\" is missing"},
    {SCHEMA, "\"schema\": {\"name\": \"xferbench-policy\", \"version\": 2},",
     "p.json:2: schema.version: ", "found the number 2, expected the number 1"},
    {NAME, "", "p.json:1: ", "the key \"name\" is missing"},
    {NAME, "\"name\": 3,", "p.json:3: name: ", "found the number 3, expected a string"},
    {NAME, "\"name\": \"t\", \"nam\": 1,",
     "p.json:3: nam: ", "schema, name, description, source or rules"},
    {NAME, "\"name\": \"t\", \"description\": [],",
     "p.json:3: description: ", "found an array of 0, expected a string"},
    {NAME, "\"name\": \"t\", \"source\": [],",
     "p.json:3: source: ", "found an array of 0, expected a string or an object"},
    {RULES, "\"rule\": [", "p.json:4: rule: ", "unknown key \"rule\""},
    /* a rule's keys and types */
    {FIRST, "{\"from_\": 1,", "p.json:5: rules[0].from_: ",
     "unknown key \"from_\" (did you mean from?), expected src, dst, locality, from, to, "
     "blocks, "
     "block, order, blocks_at, use, device, link_class or note"},
    {FIRST, "{\"link_class\": \"pcie\",", "p.json:5: rules[0].link_class: ", "pcie-switch"},
    {FIRST, "{\"link_class\": 1,", "p.json:5: rules[0].link_class: ", "expected a string"},
    {FIRST, "{\"src\": 1,", "p.json:5: rules[0].src: ", "expected a string"},
    {FIRST, "{\"locality\": null,", "p.json:5: rules[0].locality: ", "expected a string"},
    {FIRST, "{\"note\": 1,", "p.json:5: rules[0].note: ", "expected a string"},
    {FIRST, "3, {", "p.json:5: rules[0]: ", "expected an object"},
    {STAGED, "\"note\": \"x\"}", "p.json:8: rules[1]: ", "the key \"use\" is missing"},
    {STAGED, "\"use\": \"direct\"}", "p.json:9: rules[1].use: ", "expected an object"},
    {STAGED, "\"use\": {}}", "p.json:9: rules[1].use: ", "the key \"method\" is missing"},
    {STAGED, "\"use\": {\"method\": 1}}",
     "p.json:9: rules[1].use.method: ", "expected a string"},
    /* unknown words */
    {FIRST, "{\"src\": \"nic\",", "p.json:5: rules[0].src: ",
     "found the endpoint \"nic\", expected host, gpu, gpu+K (K from 1 to 63) or gpu+*"},
    {FIRST, "{\"dst\": \"gpu+64\",", "p.json:5: rules[0].dst: ", "found the endpoint"},
    {FIRST, "{\"dst\": \"host+*\",", "p.json:5: rules[0].dst: ", "found the endpoint"},
    {FIRST, "{\"locality\": \"rack\",",
     "p.json:5: rules[0].locality: ", "\"rack\", expected self, node or remote"},
    {DEVICE, "\"device\": \"cuda\",", "p.json:6: rules[0].device: ",
     "found the string \"cuda\", expected the kind of GPU memory discrete, mappable or "
     "unified"},
    {STAGED, "\"use\": {\"method\": \"teleport\"}}", "p.json:9: rules[1].use.method: ",
     "found the string \"teleport\", expected the method direct, p2p, host-staged"},
    {STAGED, "\"use\": {\"method\": \"auto\"}}",
     "p.json:9: rules[1].use.method: ", "found the method auto, which asks the policy"},
    {DIRECT, "\"use\": {\"method\": \"direct\", \"memory\": \"warm\"}},",
     "p.json:7: rules[0].use.memory: ", "found the string \"warm\", expected pinned or"},
    {DIRECT, "\"use\": {\"method\": \"direct\", \"memory\": [\"pinned\"]}},",
     "p.json:7: rules[0].use.memory: ", "found an array of 1, expected pinned or pageable"},
    {DIRECT, "\"use\": {\"method\": \"direct\", \"side\": \"push\"}},",
     "p.json:7: rules[0].use.side: ", "unknown key \"side\", expected method, memory, "},
    {DIRECT, "\"use\": {\"method\": \"direct\", \"blocks\": 1}},",
     "p.json:7: rules[0].use.blocks: ", "found blocks in what a rule uses, expected it beside"},
    {DIRECT, "\"use\": {\"method\": \"direct\", \"submission\": \"kernel\"}},",
     "p.json:7: rules[0].use.submission: ", "found submission in a rule for one piece"},
    /* chunk and depth */
    {DIRECT, "\"use\": {\"method\": \"direct\", \"chunk\": \"1KiB\"}},",
     "p.json:7: rules[0].use.chunk: ", "unknown key \"chunk\", expected method, memory, "},
    {DIRECT, "\"use\": {\"method\": \"direct\", \"depth\": 2}},",
     "p.json:7: rules[0].use.depth: ", "unknown key \"depth\""},
    {DIRECT, "\"use\": {\"method\": \"direct\", \"chunk_max\": 2}},",
     "p.json:7: rules[0].use.chunk_max: ", "unknown key \"chunk_max\""},
    {STAGED, "\"use\": {\"method\": \"host-staged\", \"dept\": 2}}",
     "p.json:9: rules[1].use.dept: ",
     "method, memory, host_memory, threads, process, stores, blocks, order, stride, rows, "
     "plane, "
     "blocks_at, "
     "submission, chunk, chunk_min, chunk_max or depth"},
    {STAGED, "\"use\": {\"method\": \"host-staged\", \"process\": \"convert\"}}",
     "p.json:9: rules[1].use.process: ", "a rule is about moving bytes: it takes no process"},
    {STAGED, "\"use\": {\"method\": \"host-staged\", \"blocks\": 2}}",
     "p.json:9: rules[1].use.blocks: ", "found blocks in what a rule uses, expected it beside"},
    {STAGED, "\"use\": {\"method\": \"host-staged\", \"chunk\": 0}}",
     "p.json:9: rules[1].use.chunk: ", "at least 1 byte"},
    {STAGED, "\"use\": {\"method\": \"host-staged\", \"chunk\": \"4KB\"}}",
     "p.json:9: rules[1].use.chunk: ", "unknown unit \"KB\""},
    {STAGED, "\"use\": {\"method\": \"host-staged\", \"chunk\": \"size/0\"}}",
     "p.json:9: rules[1].use.chunk: ", "\"size/N\" with a whole N"},
    {STAGED, "\"use\": {\"method\": \"host-staged\", \"chunk\": [1, 2]}}",
     "p.json:9: rules[1].use.chunk: ", "found an array of 2, expected a size"},
    {STAGED, "\"use\": {\"method\": \"host-staged\", \"depth\": 0}}",
     "p.json:9: rules[1].use.depth: ", "a whole number from 1 to 65536"},
    {STAGED, "\"use\": {\"method\": \"host-staged\", \"depth\": [1]}}",
     "p.json:9: rules[1].use.depth: ", "a whole number"},
    {STAGED, "\"use\": {\"method\": \"host-staged\", \"chunk\": 1, \"chunk_min\": 1}}",
     "p.json:9: rules[1].use.chunk_min: ", "not relative to the size"},
    {STAGED, "\"use\": {\"method\": \"host-staged\", \"chunk_max\": 1}}",
     "p.json:9: rules[1].use.chunk_max: ", "expected \"chunk\" to be \"size\" or \"size/N\""},
    {STAGED, "\"use\": {\"method\": \"host-staged\", \"chunk\": \"size\", \"chunk_max\": 0}}",
     "p.json:9: rules[1].use.chunk_max: ", "found the number 0, expected a size from 1 bytes"},
    {STAGED,
     "\"use\": {\"method\": \"host-staged\", \"chunk\": \"size\", \"chunk_min\": \"2KiB\", "
     "\"chunk_max\": 1024}}",
     "p.json:9: rules[1].use: ", "\"chunk_min\" 2KiB above \"chunk_max\" 1KiB"},
    /* sizes */
    {FIRST, "{\"from\": \"4MB\",", "p.json:5: rules[0].from: ", "unknown unit \"MB\""},
    {FIRST, "{\"from\": -1,", "p.json:5: rules[0].from: ", "expected a size"},
    {FIRST, "{\"to\": 0,",
     "p.json:5: rules[0].to: ", "found the number 0, expected a size from 1 bytes to 8192TiB"},
    {FIRST, "{\"to\": \"8193TiB\",", "p.json:5: rules[0].to: ", "to 8192TiB"},
    {FIRST, "{\"from\": \"2MiB\", \"to\": \"1MiB\",",
     "p.json:5: rules[0]: ", "found \"from\" 2MiB above \"to\" 1MiB, expected from <= to"},
    /* blocks */
    {SECOND, "{\"blocks\": 2,", "p.json:8: rules[1].blocks: ", "expected an object"},
    {SECOND, "{\"blocks\": {\"from\": 1},", "p.json:8: rules[1].blocks.from: ",
     "found the number 1, expected a whole number from 2 to"},
    {SECOND, "{\"blocks\": {\"to\": 1048577},",
     "p.json:8: rules[1].blocks.to: ", "expected a whole number from 2 to 1048576"},
    {SECOND, "{\"blocks\": {\"from\": 9, \"to\": 8},",
     "p.json:8: rules[1].blocks: ", "found \"from\" 9 above \"to\" 8, expected from <= to"},
    {SECOND, "{\"blocks\": {\"upto\": 9},",
     "p.json:8: rules[1].blocks.upto: ", "unknown key \"upto\", expected from or to"},
    {SECOND, "{\"blocks\": {}, \"block\": {\"from\": 9, \"to\": 8},",
     "p.json:8: rules[1].block: ", "\"from\" 9B above \"to\" 8B"},
    {SECOND, "{\"blocks\": {}, \"block\": \"4KiB\",",
     "p.json:8: rules[1].block: ", "expected an object"},
    {SECOND, "{\"blocks\": {}, \"from\": 9,", "p.json:8: rules[1].from: ",
     "found the size of a transfer in a rule for blocks, expected \"block\": {\"from\": SIZE}"},
    {SECOND, "{\"blocks\": {}, \"to\": 9,", "p.json:8: rules[1].to: ",
     "found the size of a transfer in a rule for blocks, expected \"block\": {\"to\": SIZE}"},
    {SECOND, "{\"block\": {\"to\": 9},",
     "p.json:8: rules[1].block: ", "found block of a rule for one piece, expected \"blocks\""},
    {SECOND, "{\"order\": \"strided\",",
     "p.json:8: rules[1].order: ", "found order of a rule for one piece, expected \"blocks\""},
    {SECOND, "{\"blocks\": {}, \"order\": \"random\",", "p.json:8: rules[1].order: ",
     "\"random\", expected the order of blocks contiguous, strided, scattered or planes"},
    {SECOND, "{\"blocks\": {}, \"blocks_at\": \"here\",",
     "p.json:8: rules[1].blocks_at: ", "expected the end with blocks both, src or dst"},
    {SECOND, "{\"blocks\": {}, \"use\": {\"method\": \"unified\"}}, {",
     "p.json:8: rules[1].use: ", "the method unified moves no blocks"},
    {SECOND, "{\"blocks\": {}, \"use\": {\"method\": \"p2p\", \"chunk\": \"1MiB\"}}, {",
     "p.json:8: rules[1].use.chunk: ", "p2p submits blocks as they are"},
    {SECOND, "{\"blocks\": {}, \"use\": {\"method\": \"direct\", \"submission\": \"post\"}}, {",
     "p.json:8: rules[1].use.submission: ", "expected loop, batch"},
    {SECOND, "{\"blocks\": {}, \"use\": {\"method\": \"direct\", \"order\": \"strided\"}}, {",
     "p.json:8: rules[1].use.order: ", "found order in what a rule uses, expected it beside"},
    /* rules that can never match */
    {RULES,
     "\"rules\": [{\"blocks\": {\"to\": 64}, \"use\": {\"method\": \"direct\"}},"
     "{\"blocks\": {\"from\": 65}, \"use\": {\"method\": \"direct\"}},"
     "{\"blocks\": {\"from\": 60, \"to\": 70}, \"use\": {\"method\": \"direct\"}},",
     "p.json:4: rules[2]: ", "can never match"},
    {RULES,
     "\"rules\": [{\"blocks\": {}, \"order\": \"planes\", \"use\": {\"method\": \"direct\"}},"
     "{\"blocks\": {}, \"order\": \"strided\", \"use\": {\"method\": \"direct\"}},"
     "{\"blocks\": {}, \"order\": \"scattered\", \"use\": {\"method\": \"direct\"}},"
     "{\"blocks\": {}, \"order\": \"contiguous\", \"use\": {\"method\": \"direct\"}},"
     "{\"blocks\": {}, \"blocks_at\": \"src\", \"use\": {\"method\": \"direct\"}},",
     "p.json:4: rules[4]: ", "it is taken by rules[0], rules[1] or rules[2]"},
    {SECOND,
     "{\"src\": \"host\", \"dst\": \"gpu\", \"locality\": \"self\", \"from\": 1,"
     " \"to\": 4, \"device\": \"discrete\",",
     "p.json:8: rules[1]: ",
     "can never match, expected one for something that the rules "
     "before it do not take; it is taken by rules[0]"},
    {RULES, "\"rules\": [{\"use\": {\"method\": \"p2p\"}},",
     "p.json:5: rules[1]: ", "it is taken by rules[0]"},
    {RULES,
     "\"rules\": [{\"src\": \"gpu\", \"to\": 9, \"use\": {\"method\": \"p2p\"}},"
     "{\"dst\": \"gpu+*\", \"to\": 99, \"use\": {\"method\": \"p2p\"}},"
     "{\"src\": \"gpu\", \"from\": 10, \"use\": {\"method\": \"p2p\"}},",
     "p.json:8: rules[4]: ", "it is taken by rules[0], rules[1] or rules[2]"},
    {SECOND,
     "{\"src\": \"gpu+3\", \"use\": {\"method\": \"p2p\"}},"
     "{\"src\": \"gpu+*\", \"dst\": \"host\", \"use\": {\"method\": \"p2p\"}},"
     "{\"src\": \"gpu+3\",",
     "p.json:8: rules[3]: ", "it is taken by rules[1]"},
    {RULES,
     "\"rules\": [{\"device\": \"discrete\", \"use\": {\"method\": \"p2p\"}},"
     "{\"device\": \"mappable\", \"use\": {\"method\": \"p2p\"}},"
     "{\"device\": \"unified\", \"use\": {\"method\": \"p2p\"}},",
     "p.json:5: rules[3]: ", "it is taken by rules[0]"},
    /* the text itself */
    {NAME, "\"name\": \"t\", \"name\": \"u\",", "p.json:3: name: ", "twice"},
    {NAME, "\"name\": t,", "p.json:3:9: ", "t stands without double quotes"},
};

/* Rules that others before them leave something for. */
static const struct bad good_changes[] = {
    {0, NULL, NULL, "the policy as it is"},
    {NAME, "\"name\": \"t\", \"description\": \"d\", \"source\": {\"any\": [1]},", NULL,
     "a source in words of its own"},
    {RULES, "\"rules\": [{\"to\": 8, \"use\": {\"method\": \"p2p\"}},", NULL,
     "larger sizes are left"},
    {RULES, "\"rules\": [{\"from\": 2, \"use\": {\"method\": \"p2p\"}},", NULL,
     "one byte is left"},
    {RULES,
     "\"rules\": [{\"src\": \"gpu\", \"to\": 9, \"use\": {\"method\": \"p2p\"}},"
     "{\"src\": \"gpu\", \"from\": 11, \"use\": {\"method\": \"p2p\"}},",
     NULL, "a size between two ranges is left"},
    {RULES, "\"rules\": [{\"blocks\": {}, \"use\": {\"method\": \"direct\"}},", NULL,
     "one piece is left"},
    {RULES,
     "\"rules\": [{\"blocks\": {\"to\": 64}, \"block\": {\"to\": 9}, \"use\": {\"method\": "
     "\"direct\"}}, {\"blocks\": {\"to\": 65}, \"block\": {\"to\": 9}, \"use\": {\"method\": "
     "\"direct\"}},",
     NULL, "65 blocks are left"},
    {RULES,
     "\"rules\": [{\"blocks\": {\"to\": 64}, \"block\": {\"to\": 9}, \"use\": {\"method\": "
     "\"direct\"}}, {\"blocks\": {\"to\": 64}, \"block\": {\"to\": 10}, \"use\": {\"method\": "
     "\"direct\"}},",
     NULL, "larger blocks are left"},
    {RULES,
     "\"rules\": [{\"blocks\": {}, \"order\": \"strided\", \"blocks_at\": \"src\", "
     "\"use\": {\"method\": \"direct\"}}, {\"blocks\": {}, \"order\": \"strided\", "
     "\"use\": {\"method\": \"direct\"}},",
     NULL, "the other end is left"},
    {RULES, "\"rules\": [{\"dst\": \"gpu+1\", \"use\": {\"method\": \"p2p\"}},", NULL,
     "other GPUs are left"},
    {RULES,
     "\"rules\": [{\"device\": \"mappable\", \"use\": {\"method\": \"p2p\"}},"
     "{\"device\": \"unified\", \"use\": {\"method\": \"p2p\"}},",
     NULL, "another kind of memory is left"},
};

static char *policy_text(int line, const char *replacement)
{
    return with_line(good_lines, END, line, replacement);
}

static int parse(const char *text, struct xb_policy *out, struct xb_error *err)
{
    return xb_policy_parse("p.json", text, &fixture_catalog, out, err);
}

static void check_bad(const char *text, const char *name, const char *where,
                      const char *expected)
{
    struct xb_policy p;
    struct xb_error err = {""};

    is_int(parse(text, &p, &err), -1, name);
    check_error(&err, where, expected);
    ok(!p.rules && !p.nrules && !p.doc.root && !p.cache && !p.name, "nothing is left");
}

static void test_bad_documents(void)
{
    static const struct {
        const char *text, *where, *expected;
    } rows[] = {
        {"", "p.json:1:1: ", "the text ends too early"},
        {"[]", "p.json:1: ", "found an array of 0, expected an object"},
        {"{\"schema\": {\"name\": \"xferbench-policy\", \"version\": 1}, \"name\": \"t\"}",
         "p.json:1: ", "\"rules\" is missing"},
        {"{\"schema\": {\"name\": \"xferbench-policy\", \"version\": 1}, \"name\": \"t\",\n"
         "\"rules\": []}",
         "p.json:2: rules: ", "at least 1 element"},
        {"{\"schema\": {\"name\": \"xferbench-policy\", \"version\": 1}, \"name\": \"t\",\n"
         "\"rules\": {}}",
         "p.json:2: rules: ", "expected an array"},
    };

    for (size_t i = 0; i < ROWS(rows); i++)
        check_bad(rows[i].text, "a bad document", rows[i].where, rows[i].expected);
}

int main(void)
{
    for (size_t i = 0; i < ROWS(bad_lines); i++) {
        char *text = policy_text(bad_lines[i].line, bad_lines[i].text);
        check_bad(text, bad_lines[i].text, bad_lines[i].where, bad_lines[i].expected);
        free(text);
    }
    for (size_t i = 0; i < ROWS(good_changes); i++) {
        char *text = policy_text(good_changes[i].line, good_changes[i].text);
        struct xb_policy p;
        struct xb_error err = {""};
        if (!ok(parse(text, &p, &err) == 0, good_changes[i].expected))
            printf("# %s\n", err.text);
        xb_policy_release(&p);
        free(text);
    }
    test_bad_documents();
    return done_testing();
}
