/* SPDX-License-Identifier: BSD-3-Clause */
/* policy_read.c - reading a policy file, checked word for word. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/units.h"
#include "model/policy/policy_internal.h"
#include "model/scenario/layout_option.h"
#include "model/scenario/scenario_ranges.h"

#define FOUND_LEN 96 /* of what a node holds, in an error */

/* ---- whom a rule is for ---- */

static int read_end(const struct xb_node *rule, const char *key, struct xb_policy_end *out,
                    struct xb_error *err)
{
    struct xb_node node;
    struct xb_error why;
    const char *text;

    *out = (struct xb_policy_end){.match = XB_END_ANY};
    if (!xb_node_member(rule, key, &node))
        return 0;
    if (xb_node_string(&node, &text, err) < 0)
        return -1;
    out->match = XB_END_OTHER_GPU;
    if (strcmp(text, "gpu+*") == 0)
        return 0;
    out->match = XB_END_THIS;
    if (xb_endpoint_parse(text, &out->endpoint, &why) == 0)
        return 0;
    return xb_node_fail(&node, err, "%s", why.text);
}

static int read_locality(const struct xb_node *rule, int *out, struct xb_error *err)
{
    struct xb_node node;
    struct xb_error why;
    enum xb_locality locality;
    const char *text;

    *out = XB_EVERY;
    if (!xb_node_member(rule, "locality", &node))
        return 0;
    if (xb_node_string(&node, &text, err) < 0)
        return -1;
    if (xb_locality_parse(text, &locality, &why) < 0)
        return xb_node_fail(&node, err, "%s", why.text);
    *out = (int)locality;
    return 0;
}

/* A size from min to XB_SIZE_MAX; *out stays as it is where the key is missing. */
static int read_size(const struct xb_node *object, const char *key, uint64_t min, uint64_t *out,
                     struct xb_error *err)
{
    struct xb_node node;
    char found[FOUND_LEN], text[XB_UNITS_LEN];

    if (!xb_node_member(object, key, &node))
        return 0;
    if (xb_node_size(&node, out, err) < 0)
        return -1;
    if (*out >= min && *out <= XB_SIZE_MAX)
        return 0;
    return xb_node_fail(&node, err, "found %s, expected a size from %llu bytes to %s",
                        xb_node_describe(&node, found, sizeof found), (unsigned long long)min,
                        xb_size_format(XB_SIZE_MAX, text));
}

/* "from" and "to" of the transfer, or of one block. */
static int read_range(const struct xb_node *node, struct xb_policy_rule *rule,
                      struct xb_error *err)
{
    char from[XB_UNITS_LEN], to[XB_UNITS_LEN];

    rule->from = 0;
    rule->to = UINT64_MAX;
    if (read_size(node, "from", 0, &rule->from, err) < 0 ||
        read_size(node, "to", 1, &rule->to, err) < 0)
        return -1;
    if (rule->from <= rule->to)
        return 0;
    return xb_node_fail(node, err, "found \"from\" %s above \"to\" %s, expected from <= to",
                        xb_size_format(rule->from, from), xb_size_format(rule->to, to));
}

/* A word of the choices, or XB_EVERY where the key is missing. */
static int read_choice(const struct xb_node *rule, const char *key, const char *what,
                       const char *const *choices, int *out, struct xb_error *err)
{
    struct xb_node node;
    const char *text;

    *out = XB_EVERY;
    if (!xb_node_member(rule, key, &node))
        return 0;
    if (xb_node_string(&node, &text, err) < 0)
        return -1;
    for (int i = 0; choices[i]; i++)
        if (strcmp(choices[i], text) == 0)
            *out = i;
    return *out != XB_EVERY ? 0 : xb_node_fail_choice(&node, what, choices, err);
}

static int read_link(const struct xb_node *rule, int *out, struct xb_error *err)
{
    enum xb_link_class link;
    struct xb_node node;
    struct xb_error why;
    const char *text;

    *out = XB_EVERY;
    if (!xb_node_member(rule, "link_class", &node))
        return 0;
    if (xb_node_string(&node, &text, err) < 0)
        return -1;
    if (xb_link_class_find(text, &link, &why) < 0)
        return xb_node_fail(&node, err, "%s", why.text);
    *out = (int)link;
    return 0;
}

/* Of one piece nothing else may be said; of blocks the size is that of one. */
static int read_blocks(const struct xb_node *rule_node, struct xb_policy_rule *rule,
                       struct xb_error *err)
{
    static const char *const ends[] = {"from", "to", NULL};
    static const char *const of_blocks[] = {"block", "order", "blocks_at", NULL};
    struct xb_node node, blocks, block;
    bool several = xb_node_member(rule_node, "blocks", &blocks);

    rule->blocks_from = rule->blocks_to = 1;
    rule->order = rule->at = XB_EVERY;
    for (size_t i = 0; !several && of_blocks[i]; i++)
        if (xb_node_member(rule_node, of_blocks[i], &node))
            return xb_node_fail(
                &node, err, "found %s of a rule for one piece, expected \"blocks\" beside it",
                of_blocks[i]);
    for (size_t i = 0; several && ends[i]; i++)
        if (xb_node_member(rule_node, ends[i], &node))
            return xb_node_fail(&node, err,
                                "found the size of a transfer in a rule for blocks, expected "
                                "\"block\": {\"%s\": SIZE}, the size of one",
                                ends[i]);
    if (!several)
        return read_range(rule_node, rule, err);
    rule->blocks_from = 2;
    rule->blocks_to = INT64_MAX;
    if (xb_node_expect_object(&blocks, ends, err) < 0 ||
        (xb_node_member(&blocks, "from", &node) &&
         xb_node_int(&node, 2, XB_MOST_BLOCKS, &rule->blocks_from, err) < 0) ||
        (xb_node_member(&blocks, "to", &node) &&
         xb_node_int(&node, 2, XB_MOST_BLOCKS, &rule->blocks_to, err) < 0))
        return -1;
    if (rule->blocks_from > rule->blocks_to)
        return xb_node_fail(&blocks, err,
                            "found \"from\" %" PRId64 " above \"to\" %" PRId64
                            ", expected from <= to",
                            rule->blocks_from, rule->blocks_to);
    rule->from = 0;
    rule->to = UINT64_MAX;
    if (xb_node_member(rule_node, "block", &block) &&
        (xb_node_expect_object(&block, ends, err) < 0 || read_range(&block, rule, err) < 0))
        return -1;
    if (read_choice(rule_node, "order", "order of blocks", xb_orders, &rule->order, err) < 0)
        return -1;
    return read_choice(rule_node, "blocks_at", "end with blocks", xb_blocks_at_ends, &rule->at,
                       err);
}

/* ---- what it says ---- */

static int read_method(const struct xb_node *use, const struct xb_catalog *catalog,
                       const struct xb_method_spec **out, struct xb_error *err)
{
    struct xb_node node;

    if (xb_node_require(use, "method", &node, err) < 0 ||
        xb_catalog_read_method(catalog, &node, out, err) < 0)
        return -1;
    if ((*out)->flags & XB_METHOD_BY_POLICY)
        return xb_node_fail(&node, err,
                            "found the method %s, which asks the policy, expected one that "
                            "moves bytes",
                            (*out)->name);
    return 0;
}

static int read_chunk_bounds(const struct xb_node *use, struct xb_policy_rule *rule,
                             struct xb_error *err)
{
    char min[XB_UNITS_LEN], max[XB_UNITS_LEN];
    struct xb_node node;

    if (rule->chunk.divisor == 0 &&
        (xb_node_member(use, "chunk_min", &node) || xb_node_member(use, "chunk_max", &node)))
        return xb_node_fail(&node, err,
                            "found a bound of a chunk that is not relative to the size, "
                            "expected \"chunk\" to be \"size\" or \"size/N\" beside it");
    if (read_size(use, "chunk_min", 1, &rule->chunk_min, err) < 0 ||
        read_size(use, "chunk_max", 1, &rule->chunk_max, err) < 0)
        return -1;
    if (rule->chunk_min <= rule->chunk_max)
        return 0;
    return xb_node_fail(use, err,
                        "found \"chunk_min\" %s above \"chunk_max\" %s, expected chunk_min <= "
                        "chunk_max",
                        xb_size_format(rule->chunk_min, min),
                        xb_size_format(rule->chunk_max, max));
}

static int read_chunk_and_depth(const struct xb_node *use, struct xb_policy_rule *rule,
                                struct xb_error *err)
{
    int64_t depth = rule->method->default_depth;
    struct xb_node node;

    rule->chunk = (struct xb_chunk_term){.bytes = rule->method->default_chunk,
                                         .divisor = rule->method->default_chunk == 0};
    rule->chunk_max = UINT64_MAX;
    if (xb_node_member(use, "chunk", &node) && xb_read_chunk(&node, &rule->chunk, err) < 0)
        return -1;
    if (read_chunk_bounds(use, rule, err) < 0)
        return -1;
    if (xb_node_member(use, "depth", &node) &&
        xb_node_int(&node, 1, XB_IN_FLIGHT_MAX, &depth, err) < 0)
        return -1;
    rule->depth = (int)depth;
    return 0;
}

/* How a transfer's bytes lie, and what is done with them, is not the choice of a rule; how
 * blocks are submitted is. */
static int refuse_foreign(const struct xb_node *use, const struct xb_policy_rule *rule,
                          struct xb_error *err)
{
    const struct xb_method_spec *method = rule->method;
    const struct xb_option *work = method->chunk_work_option;
    bool several = rule->blocks_from > 1;
    struct xb_node node;

    for (const struct xb_option *o = method->options; method->takes_layout && o && o->name;
         o++) {
        size_t at = o->offset - method->layout_at;
        if (o->offset < method->layout_at || at >= sizeof(struct xb_layout_options) ||
            !xb_node_member(use, o->name, &node))
            continue;
        if (at != offsetof(struct xb_layout_options, submission))
            return xb_node_fail(&node, err,
                                "found %s in what a rule uses, expected it beside the path: it "
                                "says what the rule is for",
                                o->name);
        if (!several)
            return xb_node_fail(&node, err,
                                "found %s in a rule for one piece, expected \"blocks\" beside "
                                "the path",
                                o->name);
    }
    if (work && xb_node_member(use, work->name, &node))
        return xb_node_fail(&node, err, "a rule is about moving bytes: it takes no %s",
                            work->name);
    if (several && !method->takes_layout)
        return xb_node_fail(use, err, "the method %s moves no blocks", method->name);
    if (several && method->flags & XB_METHOD_PIECES && xb_node_member(use, "chunk", &node))
        return xb_node_fail(&node, err,
                            "found a chunk, expected none: %s submits blocks as they are",
                            method->name);
    return 0;
}

static int read_use(const struct xb_node *rule_node, const struct xb_catalog *catalog,
                    struct xb_policy_rule *rule, struct xb_error *err)
{
    static const char *const chunked_keys[] = {"chunk", "chunk_min", "chunk_max", "depth",
                                               NULL};
    struct xb_node use;

    if (xb_node_require(rule_node, "use", &use, err) < 0 ||
        read_method(&use, catalog, &rule->method, err) < 0 ||
        xb_catalog_expect_keys(&use, rule->method, "method", chunked_keys, err) < 0 ||
        refuse_foreign(&use, rule, err) < 0 ||
        xb_options_read(rule->method->options, &use, &rule->options, err) < 0)
        return -1;
    if (rule->method->flags & XB_METHOD_TAKES_CHUNKS)
        return read_chunk_and_depth(&use, rule, err);
    return 0;
}

static int read_note(const struct xb_node *rule, struct xb_error *err)
{
    struct xb_node node;
    const char *text;

    return xb_node_member(rule, "note", &node) ? xb_node_string(&node, &text, err) : 0;
}

static int read_rule(const struct xb_node *node, const struct xb_catalog *catalog,
                     struct xb_policy_rule *rule, struct xb_error *err)
{
    static const char *const keys[] = {"src",    "dst",        "locality", "from",      "to",
                                       "blocks", "block",      "order",    "blocks_at", "use",
                                       "device", "link_class", "note",     NULL};

    if (xb_node_expect_object(node, keys, err) < 0 ||
        read_end(node, "src", &rule->src, err) < 0 ||
        read_end(node, "dst", &rule->dst, err) < 0 ||
        read_locality(node, &rule->locality, err) < 0 ||
        read_choice(node, "device", "kind of GPU memory", xb_gpu_memory_names, &rule->memory,
                    err) < 0 ||
        read_link(node, &rule->link, err) < 0 || read_blocks(node, rule, err) < 0 ||
        read_note(node, err) < 0)
        return -1;
    return read_use(node, catalog, rule, err);
}

static int read_rules(const struct xb_node *node, const struct xb_catalog *catalog,
                      struct xb_policy *out, struct xb_error *err)
{
    if (xb_expect_list(node, err) < 0)
        return -1;
    out->rules = calloc(xb_node_count(node), sizeof *out->rules);
    if (!out->rules)
        return xb_fail(err, "out of memory for a policy");
    out->nrules = xb_node_count(node);
    for (size_t i = 0; i < out->nrules; i++) {
        struct xb_node rule = xb_node_at(node, i);
        if (read_rule(&rule, catalog, &out->rules[i], err) < 0)
            return -1;
        out->asks_link = out->asks_link || out->rules[i].link != XB_EVERY;
    }
    return xb_policy_check_cover(out, err);
}

/* ---- the file ---- */

/* For readers; only what kind of value it is counts. */
static int read_source(const struct xb_node *root, struct xb_error *err)
{
    struct xb_node node;
    char found[FOUND_LEN];

    if (!xb_node_member(root, "source", &node) || cJSON_IsString(node.item) ||
        cJSON_IsObject(node.item))
        return 0;
    return xb_node_fail(&node, err, "found %s, expected a string or an object",
                        xb_node_describe(&node, found, sizeof found));
}

static int read_root(const struct xb_catalog *catalog, struct xb_policy *out,
                     struct xb_error *err)
{
    static const char *const keys[] = {"schema", "name",  "description",
                                       "source", "rules", NULL};
    struct xb_node root = xb_json_root(&out->doc), name, description, rules;

    if (xb_node_expect_object(&root, keys, err) < 0 ||
        xb_node_expect_schema(&root, XB_POLICY_NAME, XB_POLICY_VERSION, err) < 0 ||
        xb_node_require(&root, "name", &name, err) < 0 ||
        xb_node_string(&name, &out->name, err) < 0)
        return -1;
    out->description = "";
    if (xb_node_member(&root, "description", &description) &&
        xb_node_string(&description, &out->description, err) < 0)
        return -1;
    if (read_source(&root, err) < 0 || xb_node_require(&root, "rules", &rules, err) < 0)
        return -1;
    return read_rules(&rules, catalog, out, err);
}

/* How the file is laid out does not count, every word in it does. */
static int hash_document(struct xb_policy *out, struct xb_error *err)
{
    char *text = cJSON_PrintUnformatted(out->doc.root);

    if (!text)
        return xb_fail(err, "out of memory for a policy");
    out->hash = xb_hash_text(XB_HASH_BASIS, text);
    cJSON_free(text);
    return 0;
}

static int read_document(const struct xb_catalog *catalog, struct xb_policy *out,
                         struct xb_error *err)
{
    if (read_root(catalog, out, err) == 0 && hash_document(out, err) == 0 &&
        xb_policy_new_cache(out, err) == 0)
        return 0;
    xb_policy_release(out);
    return -1;
}

int xb_policy_load(const char *file, const struct xb_catalog *catalog, struct xb_policy *out,
                   struct xb_error *err)
{
    memset(out, 0, sizeof *out);
    if (xb_json_load(file, XB_JSON_MAX_BYTES, &out->doc, err) < 0)
        return -1;
    return read_document(catalog, out, err);
}

int xb_policy_parse(const char *name, const char *text, const struct xb_catalog *catalog,
                    struct xb_policy *out, struct xb_error *err)
{
    memset(out, 0, sizeof *out);
    if (xb_json_parse(name, text, strlen(text), &out->doc, err) < 0)
        return -1;
    return read_document(catalog, out, err);
}

bool xb_policy_is(const struct xb_json *doc)
{
    return cJSON_GetObjectItemCaseSensitive(doc->root, "schema") != NULL;
}
