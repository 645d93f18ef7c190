/* SPDX-License-Identifier: BSD-3-Clause */
/* test_json_node.c - the typed getters, the words and places of their errors, and --set. */
#include "base/json.h"

#include <stdlib.h>

#include "tests/tap.h"

#define COUNT(table)          (sizeof(table) / sizeof(table)[0])
#define PARSE(text, doc, err) xb_json_parse("t.json", (text), sizeof(text) - 1, (doc), (err))

static const char sample[] = "{\n"
                             "  \"text\": \"abc\",\n"
                             "  \"whole\": 3, \"real\": 2.5,\n"
                             "  \"yes\": true, \"no\": false, \"none\": null,\n"
                             "  \"list\": [\n"
                             "    1,\n"
                             "    \"a \\\" ] } , \\\\\",\n"
                             "    {\"deep\": [[], {},\n"
                             "      \"16MB\"]}\n"
                             "  ],\n"
                             "  \"big\": 9007199254740991, \"bigger\": 9007199254740993,\n"
                             "  \"long\": \"0123456789012345678901234567890123456789tail\",\n"
                             "  \"size\": \"16MiB\", \"duration\": \"2.5us\", \"bad\": \"5\",\n"
                             "  \"minus\": -1\n"
                             "}\n";

/* Walk to a path of members and single-digit elements, "list[2].deep". */
static struct xb_node walk(const struct xb_json *doc, const char *path)
{
    struct xb_node node = xb_json_root(doc);
    char copy[XB_JSON_PATH_LEN];
    snprintf(copy, sizeof copy, "%s", path);
    char *rest = copy;
    for (char *key = strsep(&rest, "."); key; key = strsep(&rest, ".")) {
        char *subscript = strchr(key, '[');
        size_t i = subscript ? (size_t)(subscript[1] - '0') : 0;
        if (subscript)
            *subscript = '\0';
        struct xb_node member = node;
        if (*key && xb_node_member(&node, key, &member))
            node = member;
        if (subscript)
            node = xb_node_at(&node, i);
    }
    return node;
}

enum getter { STRING, BOOL, INT, LEAST, MOST, ANY, NUMBER, UNBOUND, SIZE, DURATION };

static int get(enum getter getter, const struct xb_node *node, struct xb_error *err)
{
    const char *text;
    bool truth;
    int64_t whole;
    uint64_t bytes;
    double real;
    switch (getter) {
    case STRING:
        return xb_node_string(node, &text, err);
    case BOOL:
        return xb_node_bool(node, &truth, err);
    case INT:
        return xb_node_int(node, 0, 2, &whole, err);
    case LEAST:
        return xb_node_int(node, 4, INT64_MAX, &whole, err);
    case MOST:
        return xb_node_int(node, INT64_MIN, 2, &whole, err);
    case ANY:
        return xb_node_int(node, INT64_MIN, INT64_MAX, &whole, err);
    case NUMBER:
        return xb_node_number(node, 0, 2, &real, err);
    case UNBOUND:
        return xb_node_number(node, -INFINITY, INFINITY, &real, err);
    case SIZE:
        return xb_node_size(node, &bytes, err);
    case DURATION:
        return xb_node_duration(node, &whole, err);
    }
    return 0;
}

/* What the getters say; NULL where they are content. */
static const struct {
    const char *path;
    enum getter getter;
    const char *error;
} getters[] = {
    {"text", STRING, NULL},
    {"whole", STRING, "t.json:3: whole: found the number 3, expected a string"},
    {"real", STRING, "t.json:3: real: found the number 2.5, expected a string"},
    {"list", STRING, "t.json:5: list: found an array of 3, expected a string"},
    {"list[0]", STRING, "t.json:6: list[0]: found the number 1, expected a string"},
    {"list[1]", STRING, NULL},
    {"list[2]", STRING, "t.json:8: list[2]: found an object, expected a string"},
    {"list[2].deep", BOOL,
     "t.json:8: list[2].deep: found an array of 3, expected true or false"},
    {"list[2].deep[1]", BOOL, "t.json:8: list[2].deep[1]: found an object"},
    {"list[2].deep[2]", SIZE, "t.json:9: list[2].deep[2]: \"16MB\" is not a size"},
    {"yes", BOOL, NULL},
    {"no", BOOL, NULL},
    {"none", BOOL, "t.json:4: none: found null, expected true or false"},
    {"yes", INT, "yes: found true, expected a whole number from 0 to 2"},
    {"no", LEAST, "no: found false, expected a whole number of at least 4"},
    {"whole", ANY, NULL},
    {"whole", INT, "whole: found the number 3, expected a whole number from 0 to 2"},
    {"whole", LEAST, "whole: found the number 3, expected a whole number of at least 4"},
    {"whole", MOST, "whole: found the number 3, expected a whole number of at most 2"},
    {"minus", INT, "t.json:14: minus: found the number -1"},
    {"minus", MOST, NULL},
    {"real", ANY, "real: found the number 2.5, expected a whole number"},
    {"big", ANY, NULL},
    {"bigger", ANY,
     "bigger: found a number near 9007199254740992, expected a whole number of at most "
     "9007199254740991"},
    {"whole", NUMBER, "whole: found the number 3, expected a number from 0 to 2"},
    {"real", UNBOUND, NULL},
    {"text", UNBOUND, "t.json:2: text: found the string \"abc\", expected a number"},
    {"long", UNBOUND, "\"0123456789012345678901234567890123456789...\""},
    {"size", SIZE, NULL},
    {"whole", SIZE, NULL},
    {"minus", SIZE, "found the number -1, expected a size"},
    {"real", SIZE, "found the number 2.5, expected a size"},
    {"duration", DURATION, NULL},
    {"bad", DURATION, "t.json:13: bad: \"5\" is not a duration: its unit is missing"},
    {"whole", DURATION, "found the number 3, expected a duration such as \"300ms\""},
};

static void test_values(const struct xb_json *doc)
{
    struct xb_error err;
    struct xb_node node = walk(doc, "text");
    const char *text = NULL;
    bool truth = false;
    int64_t whole = 0;
    uint64_t bytes = 0;
    double real = 0;
    xb_node_string(&node, &text, &err);
    is_str(text, "abc", "a string");
    node = walk(doc, "yes");
    xb_node_bool(&node, &truth, &err);
    ok(truth, "a bool");
    node = walk(doc, "big");
    xb_node_int(&node, 0, INT64_MAX, &whole, &err);
    is_int(whole, 9007199254740991, "a whole number");
    node = walk(doc, "real");
    xb_node_number(&node, 2.5, 2.5, &real, &err);
    is_near(real, 2.5, 0, "a number");
    node = walk(doc, "size");
    xb_node_size(&node, &bytes, &err);
    is_int((long long)bytes, 16777216, "a size as text");
    node = walk(doc, "whole");
    xb_node_size(&node, &bytes, &err);
    is_int((long long)bytes, 3, "a size as number");
    node = walk(doc, "duration");
    xb_node_duration(&node, &whole, &err);
    is_int(whole, 2500, "a duration");
}

static void test_structure(const struct xb_json *doc)
{
    static const char *const known[] = {"text", "whole", "size", NULL};
    static const char *const deep[] = {"deep", NULL};
    struct xb_error err;
    struct xb_node root = xb_json_root(doc), node;
    is_str(root.path, "", "the root has an empty path");
    ok(xb_node_member(&root, "none", &node), "null is there");
    ok(!xb_node_member(&root, "None", &node), "keys differ by case");
    is_int(xb_node_require(&root, "absent", &node, &err), -1, "a missing key");
    is_str(err.text, "t.json:1: the key \"absent\" is missing", "names the key");
    is_int(xb_node_expect_object(&root, known, &err), -1, "an unknown key");
    is_str(err.text, "t.json:3: real: unknown key \"real\", expected text, whole or size",
           "is located, the known ones are listed");
    is_int(xb_node_expect_array(&root, 0, &err), -1, "an object is no array");
    is_str(err.text, "t.json:1: found an object, expected an array", "says so");

    is_int(xb_node_require(&root, "list", &node, &err), 0, "a key that is there");
    is_int((long long)xb_node_count(&node), 3, "the elements of an array");
    is_int(xb_node_expect_array(&node, 3, &err), 0, "enough elements");
    is_int(xb_node_expect_array(&node, 4, &err), -1, "too few elements");
    contains(err.text, "list: found an array of 3, expected at least 4 elements", "counted");
    is_int(xb_node_expect_object(&node, known, &err), -1, "an array is no object");
    is_int(xb_node_require(&node, "x", &node, &err), -1, "an array has no members");
    contains(err.text, "found an array of 3, expected an object with the key \"x\"", "says so");
    struct xb_node element = xb_node_at(&node, 2);
    is_str(element.path, "list[2]", "the path of an element");
    is_int(xb_node_expect_object(&element, deep, &err), 0, "only known keys");
    element = xb_node_at(&element, 0);
    is_str(element.path, "list[2].deep", "the path of a member");
    is_int((long long)xb_node_count(&root), 14, "the members of an object");
    node = walk(doc, "text");
    is_int((long long)xb_node_count(&node), 0, "a string has no elements");
    is_int(xb_node_fail(&node, NULL, "x"), -1, "an error text is not required");
}

static void test_getters(void)
{
    struct xb_json doc;
    struct xb_error err = {""};
    is_int(PARSE(sample, &doc, &err), 0, "the sample is parsed");
    for (size_t i = 0; i < COUNT(getters); i++) {
        struct xb_node node = walk(&doc, getters[i].path);
        is_str(node.path, getters[i].path, "the path");
        is_int(get(getters[i].getter, &node, &err), getters[i].error ? -1 : 0, "is judged");
        if (getters[i].error)
            contains(err.text, getters[i].error, getters[i].error);
    }
    test_values(&doc);
    test_structure(&doc);
    xb_json_release(&doc);
}

static const char scenario[] = "{\"s\": {\"t\": 1, \"u\": [1, 2]},\n"
                               " \"c\": [{\"n\": [1]}, {\"n\": [2]}],\n"
                               " \"e\": [], \"z\": 0}";

static const struct {
    const char *assignment;
    const char *result; /* the document after it */
} set_good[] = {
    {"z=5", "{\"s\":{\"t\":1,\"u\":[1,2]},\"c\":[{\"n\":[1]},{\"n\":[2]}],\"e\":[],\"z\":5}"},
    {"s.t=1MiB",
     "{\"s\":{\"t\":\"1MiB\",\"u\":[1,2]},\"c\":[{\"n\":[1]},{\"n\":[2]}],\"e\":[],\"z\":0}"},
    {"s={\"t\": null}",
     "{\"s\":{\"t\":null},\"c\":[{\"n\":[1]},{\"n\":[2]}],\"e\":[],\"z\":0}"},
    {"s.new=a=b",
     "{\"s\":{\"t\":1,\"u\":[1,2],\"new\":\"a=b\"},\"c\":[{\"n\":[1]},{\"n\":[2]}],\"e\":[],"
     "\"z\":0}"},
    {"new=", "{\"s\":{\"t\":1,\"u\":[1,2]},\"c\":[{\"n\":[1]},{\"n\":[2]}],\"e\":[],\"z\":0,"
             "\"new\":\"\"}"},
    {"s.u[1]=true",
     "{\"s\":{\"t\":1,\"u\":[1,true]},\"c\":[{\"n\":[1]},{\"n\":[2]}],\"e\":[],\"z\":0}"},
    {"s.u[*]=007",
     "{\"s\":{\"t\":1,\"u\":[\"007\",\"007\"]},\"c\":[{\"n\":[1]},{\"n\":[2]}],\"e\":[],"
     "\"z\":0}"},
    {"c[0].n=[]",
     "{\"s\":{\"t\":1,\"u\":[1,2]},\"c\":[{\"n\":[]},{\"n\":[2]}],\"e\":[],\"z\":0}"},
    {"c[*].m=\"x\"",
     "{\"s\":{\"t\":1,\"u\":[1,2]},\"c\":[{\"n\":[1],\"m\":\"x\"},{\"n\":[2],\"m\":\"x\"}],"
     "\"e\":[],\"z\":0}"},
    {"c[*].n[*]={",
     "{\"s\":{\"t\":1,\"u\":[1,2]},\"c\":[{\"n\":[\"{\"]},{\"n\":[\"{\"]}],\"e\":[],\"z\":0}"},
    /* with the objects that it needs */
    {"x.y=1", "{\"s\":{\"t\":1,\"u\":[1,2]},\"c\":[{\"n\":[1]},{\"n\":[2]}],\"e\":[],\"z\":0,"
              "\"x\":{\"y\":1}}"},
    {"s.x.y.z=2s", "{\"s\":{\"t\":1,\"u\":[1,2],\"x\":{\"y\":{\"z\":\"2s\"}}},"
                   "\"c\":[{\"n\":[1]},{\"n\":[2]}],\"e\":[],\"z\":0}"},
    {"c[*].m.o=[]", "{\"s\":{\"t\":1,\"u\":[1,2]},\"c\":[{\"n\":[1],\"m\":{\"o\":[]}},"
                    "{\"n\":[2],\"m\":{\"o\":[]}}],\"e\":[],\"z\":0}"},
};

static const struct {
    const char *assignment;
    const char *error;
} set_bad[] = {
    {"z", "--set z: found no '=', expected KEY=VALUE"},
    {"=1", "--set : the key is malformed"},
    {".z=1", "--set .z: the key is malformed"},
    {"z.=1", "--set z.: the key is malformed"},
    {"s..t=1", "--set s..t: the key is malformed"},
    {"c[=1", "--set c[: the key is malformed"},
    {"c[]=1", "--set c[]: the key is malformed"},
    {"c[x]=1", "--set c[x]: the key is malformed"},
    {"c[-1]=1", "--set c[-1]: the key is malformed"},
    {"c[0=1", "--set c[0: the key is malformed"},
    {"c[0]n=1", "--set c[0]n: the key is malformed"},
    {"c]=1", "--set c]: the key is malformed"},
    {"c.[0]=1", "--set c.[0]: the key is malformed"},
    {"c[99999999999999999999]=1", "the key is malformed"},
    {"x[0]=1", "--set x[0]: there is no x"},
    {"x.y[0].z=1", "--set x.y[0].z: there is no x.y"},
    {"S[0].t=1", "--set S[0].t: there is no S (did you mean s?)"},
    {"s.x[*]=1", "--set s.x[*]: there is no s.x"},
    {"c[2]=1", "--set c[2]: there is no c[2]"},
    {"c[2].n=1", "--set c[2].n: there is no c[2]"},
    {"c[*].n[1]=1", "--set c[*].n[1]: there is no c[*].n[1]"},
    {"e[*]=1", "--set e[*]: there is no e[*]"},
    {"z.y=1", "--set z.y: z is the number 0, expected an object"},
    {"s[0]=1", "--set s[0]: s is an object, expected an array"},
    {"c.n=1", "--set c.n: c is an array of 2, expected an object"},
    {"[0]=1", "--set [0]: the document is an object, expected an array"},
    {"z={\"a\":1,\"a\":2}", "--set: z:1: a: the key \"a\" stands twice"},
};

/* An assignment that fails on the second element must not have changed the first. */
static void test_set_atomic(void)
{
    struct xb_json doc;
    struct xb_error err;
    PARSE("[{\"n\": [1]}, {}]", &doc, &err);
    is_int(xb_json_set(&doc, "[*].n[0]=9", &err), -1, "the second element lacks it");
    char *printed = cJSON_PrintUnformatted(doc.root);
    is_str(printed, "[{\"n\":[1]},{}]", "nothing is changed");
    ok(!doc.said, "nothing is recorded");
    free(printed);
    xb_json_release(&doc);
}

/* Where errors say that a value comes from. */
static void test_set_origin(void)
{
    static const struct {
        const char *path;
        const char *error;
    } origins[] = {
        {"s.t", "--set s.t: s.t: x"},
        {"s", "t.json:1: s: x"},
        {"s.u", "t.json:1: s.u: x"},
        {"s.tail", "--set s.tail: s.tail: x"},
        {"c[0].n", "--set c[*].n: c[0].n: x"},
        {"c[1].n", "--set c[*].n: c[1].n: x"},
        {"c[1].n[0]", "--set c[*].n: c[1].n[0]: x"},
        {"m", "--set m.o.p: m: x"},
        {"m.o", "--set m.o.p: m.o: x"},
        {"m.o.p", "--set m.o.p: m.o.p: x"},
        {"c[1].k", "--set c[*].k.l: c[1].k: x"},
        {"c[1]", "t.json:2: c[1]: x"},
        {"z", "--set z: z: x"},
        {"e", "t.json:3: e: x"},
    };
    struct xb_json doc;
    struct xb_error err;
    PARSE(scenario, &doc, &err);
    xb_json_set(&doc, "s.t=\"a\"", &err);
    xb_json_set(&doc, "s.tail=1", &err);
    xb_json_set(&doc, "c[0].n=4", &err);
    xb_json_set(&doc, "c[*].n=[3]", &err);
    xb_json_set(&doc, "z=1", &err);
    xb_json_set(&doc, "m.o.p=1", &err);
    xb_json_set(&doc, "c[*].k.l=1", &err);
    for (size_t i = 0; i < COUNT(origins); i++) {
        struct xb_node node = walk(&doc, origins[i].path);
        xb_node_fail(&node, &err, "x");
        is_str(err.text, origins[i].error, origins[i].path);
    }
    struct xb_node node = walk(&doc, "s");
    static const char *const keys[] = {"t", "u", NULL};
    xb_node_expect_object(&node, keys, &err);
    is_str(err.text, "--set s.tail: s.tail: unknown key \"tail\", expected t or u",
           "an unknown key that was set");
    xb_json_release(&doc);
}

static void test_set(void)
{
    for (size_t i = 0; i < COUNT(set_good); i++) {
        struct xb_json doc;
        struct xb_error err = {""};
        PARSE(scenario, &doc, &err);
        is_int(xb_json_set(&doc, set_good[i].assignment, &err), 0, set_good[i].assignment);
        char *printed = cJSON_PrintUnformatted(doc.root);
        is_str(printed, set_good[i].result, "the document after it");
        free(printed);
        xb_json_release(&doc);
    }
    for (size_t i = 0; i < COUNT(set_bad); i++) {
        struct xb_json doc;
        struct xb_error err = {""};
        PARSE(scenario, &doc, &err);
        is_int(xb_json_set(&doc, set_bad[i].assignment, &err), -1, set_bad[i].assignment);
        contains(err.text, set_bad[i].error, "says why");
        xb_json_release(&doc);
    }
    test_set_atomic();
    test_set_origin();
}

/* From one element to the next, with the paths that they have by number. */
static void test_steps(void)
{
    static const char *const containers[] = {"list", "list[2]", "list[2].deep", ""};
    struct xb_json doc;
    struct xb_node child;

    if (!ok(PARSE(sample, &doc, NULL) == 0, "parse"))
        return;
    for (size_t c = 0; c < COUNT(containers); c++) {
        struct xb_node node = walk(&doc, containers[c]);
        size_t n = 0, right = 0;
        for (bool more = xb_node_first(&node, &child); more;
             more = xb_node_next(&node, &child)) {
            struct xb_node same = xb_node_at(&node, n++);
            right += same.item == child.item && strcmp(same.path, child.path) == 0;
        }
        is_int((long long)right, (long long)xb_node_count(&node), containers[c]);
    }
    struct xb_node empty = walk(&doc, "list[2].deep[1]"), text = walk(&doc, "text");
    ok(!xb_node_first(&empty, &child), "nothing in an empty object");
    ok(!xb_node_first(&text, &child), "nor in a text");
    xb_json_release(&doc);
}

int main(void)
{
    test_getters();
    test_set();
    test_steps();
    return done_testing();
}
