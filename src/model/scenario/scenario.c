/* SPDX-License-Identifier: BSD-3-Clause */
/* scenario.c - reading a scenario file into groups of cases, checked word for word. */
#include "model/scenario/scenario.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "model/plan/allocator.h"
#include "model/plan/cache.h"
#include "model/plan/contention.h"
#include "model/scenario/scenario_pairs.h"
#include "model/scenario/scenario_ranges.h"
#include "model/scenario/scenario_sampling.h"
#include "model/scenario/scenario_traffic.h"

#define FOUND_LEN 96 /* of what a node holds, in an error */
#define WORDS_MAX 64 /* that an error lists */

/* An array of n zeroed elements that are size bytes each, or NULL with the error. */
static void *new_array(size_t n, size_t size, struct xb_error *err)
{
    void *array = calloc(n, size);

    if (!array)
        xb_fail(err, "out of memory for %zu values of a scenario", n);
    return array;
}

/* ---- methods ---- */

static int find_method(const struct xb_node *node, const struct xb_catalog *catalog,
                       const struct xb_method_spec **out, struct xb_error *err)
{
    struct xb_node name_node = *node;
    char found[FOUND_LEN];

    if (cJSON_IsObject(node->item)) {
        if (xb_node_require(node, "name", &name_node, err) < 0)
            return -1;
    } else if (!cJSON_IsString(node->item)) {
        return xb_node_fail(node, err, "found %s, expected a method's name or an object",
                            xb_node_describe(node, found, sizeof(found)));
    }
    return xb_catalog_read_case_method(catalog, &name_node, out, err);
}

/* Set an array to one value. */
static int set_one(int64_t value, int64_t **out, size_t *count, struct xb_error *err)
{
    *out = new_array(1, sizeof(**out), err);
    if (!*out)
        return -1;
    (*out)[0] = value;
    *count = 1;
    return 0;
}

/* Read option row i of a method that is written as an object. */
static int read_option(const struct xb_node *node, size_t i, struct xb_method_use *use,
                       struct xb_error *err)
{
    const struct xb_option *opt = &use->spec->options[i];

    if (cJSON_IsArray(node->item) && xb_expect_list(node, err) < 0)
        return -1;
    use->values[i] = new_array(xb_value_count(node), sizeof(*use->values[i]), err);
    if (!use->values[i])
        return -1;
    use->nvalues[i] = xb_value_count(node);
    for (size_t k = 0; k < use->nvalues[i]; k++) {
        struct xb_node value = xb_value_at(node, k);
        if (xb_option_read(opt, &value, &use->values[i][k], err) < 0)
            return -1;
    }
    return 0;
}

static int read_options(const struct xb_node *node, struct xb_method_use *use,
                        struct xb_error *err)
{
    struct xb_node member;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < xb_option_count(use->spec->options); i++) {
        const struct xb_option *opt = &use->spec->options[i];
        if (cJSON_IsObject(node->item) && xb_node_member(node, opt->name, &member))
            rc = read_option(&member, i, use, err);
        else
            rc = set_one(opt->fallback, &use->values[i], &use->nvalues[i], err);
    }
    return rc;
}

static int read_chunk_and_depth(const struct xb_node *node, const struct xb_group *group,
                                struct xb_method_use *use, struct xb_error *err)
{
    bool object = cJSON_IsObject(node->item);
    struct xb_node member;

    if (object && xb_node_member(node, "chunk", &member)) {
        if (xb_read_chunks(&member, group->sizes, group->nsizes, &use->chunks, &use->nchunks,
                           err) < 0)
            return -1;
    } else {
        use->chunks = new_array(1, sizeof(*use->chunks), err);
        if (!use->chunks)
            return -1;
        use->chunks[0].bytes = use->spec->default_chunk;
        use->chunks[0].divisor = use->spec->default_chunk == 0; /* the size itself */
        use->nchunks = 1;
    }
    if (object && xb_node_member(node, "depth", &member))
        return xb_read_counts(&member, &use->depths, &use->ndepths, err);
    return set_one(use->spec->default_depth, &use->depths, &use->ndepths, err);
}

static int read_method(const struct xb_node *node, const struct xb_catalog *catalog,
                       const struct xb_group *group, struct xb_method_use *use,
                       struct xb_error *err)
{
    static const char *const chunked_keys[] = {"chunk", "depth", NULL};
    use->node = *node;
    if (find_method(node, catalog, &use->spec, err) < 0)
        return -1;
    if (cJSON_IsObject(node->item) &&
        xb_catalog_expect_keys(node, use->spec, "name", chunked_keys, err) < 0)
        return -1;
    if (read_options(node, use, err) < 0)
        return -1;
    if (use->spec->flags & XB_METHOD_TAKES_CHUNKS)
        return read_chunk_and_depth(node, group, use, err);
    return 0;
}

static int read_methods(const struct xb_node *node, const struct xb_catalog *catalog,
                        struct xb_group *group, struct xb_error *err)
{
    if (xb_expect_list(node, err) < 0)
        return -1;
    group->methods = new_array(xb_node_count(node), sizeof(*group->methods), err);
    if (!group->methods)
        return -1;
    group->nmethods = xb_node_count(node);
    for (size_t i = 0; i < group->nmethods; i++) {
        struct xb_node method = xb_node_at(node, i);
        if (read_method(&method, catalog, group, &group->methods[i], err) < 0)
            return -1;
    }
    return 0;
}

/* ---- groups ---- */

static int read_pattern(const struct xb_node *node, const struct xb_catalog *catalog,
                        struct xb_pattern_use *out, struct xb_error *err)
{
    const char *name;
    const char *known[WORDS_MAX + 1] = {NULL};
    size_t n = 0;

    if (xb_node_string(node, &name, err) < 0)
        return -1;
    out->pattern = xb_pattern_find(name, &out->pairs);
    out->experiment = xb_catalog_experiment(catalog, name);
    if (out->pattern || out->experiment)
        return 0;
    for (; n < WORDS_MAX && xb_patterns[n]; n++)
        known[n] = xb_patterns[n]->name;
    for (size_t i = 0; n < WORDS_MAX && catalog->experiments && catalog->experiments[i]; i++)
        known[n++] = catalog->experiments[i]->name;
    return xb_node_fail_choice(node, "pattern", known, err);
}

/* The first pattern of the table is what a group without one means. */
static int read_patterns(const struct xb_node *group_node, const struct xb_catalog *catalog,
                         struct xb_group *group, struct xb_error *err)
{
    struct xb_node node;
    bool given = xb_node_member(group_node, "pattern", &node);

    if (given && cJSON_IsArray(node.item) && xb_expect_list(&node, err) < 0)
        return -1;
    size_t count = given ? xb_value_count(&node) : 1;
    group->patterns = new_array(count, sizeof(*group->patterns), err);
    if (!group->patterns)
        return -1;
    group->npatterns = count;
    group->patterns[0].pattern = xb_patterns[0];
    for (size_t i = 0; given && i < count; i++) {
        struct xb_node value = xb_value_at(&node, i);
        if (read_pattern(&value, catalog, &group->patterns[i], err) < 0)
            return -1;
    }
    return 0;
}

static int read_paths(const struct xb_node *node, struct xb_group *group, struct xb_error *err)
{
    if (xb_expect_list(node, err) < 0)
        return -1;
    group->paths = new_array(xb_node_count(node), sizeof(*group->paths), err);
    if (!group->paths)
        return -1;
    group->npaths = xb_node_count(node);
    for (size_t i = 0; i < group->npaths; i++) {
        struct xb_node item = xb_node_at(node, i);
        struct xb_error why;
        const char *text;
        if (xb_node_string(&item, &text, err) < 0)
            return -1;
        if (xb_path_parse(text, &group->paths[i], &why) < 0)
            return xb_node_fail(&item, err, "%s", why.text);
    }
    return 0;
}

static int read_group_offsets(const struct xb_node *group, const char *key, uint64_t **out,
                              size_t *count, struct xb_error *err)
{
    struct xb_node node;

    if (xb_node_member(group, key, &node))
        return xb_read_offsets(&node, out, count, err);
    *out = new_array(1, sizeof(**out), err);
    if (!*out)
        return -1;
    *count = 1;
    return 0;
}

static int read_windows(const struct xb_node *group_node, struct xb_group *group,
                        struct xb_error *err)
{
    struct xb_node node;

    if (xb_node_member(group_node, "window", &node))
        return xb_read_counts(&node, &group->windows, &group->nwindows, err);
    return set_one(1, &group->windows, &group->nwindows, err);
}

/* Lanes that say their bytes have no other size: the case's is that of the largest. */
static int read_group_sizes(const struct xb_node *group_node, struct xb_group *group,
                            struct xb_error *err)
{
    uint64_t largest = xb_traffic_largest(&group->traffic);
    struct xb_node node;

    if (largest == 0)
        return xb_node_require(group_node, "sizes", &node, err) < 0
                   ? -1
                   : xb_read_sizes(&node, &group->sizes, &group->nsizes, err);
    if (xb_node_member(group_node, "sizes", &node))
        return xb_node_fail(&node, err,
                            "the lanes of the traffic say their bytes: expected no sizes "
                            "beside them");
    group->sizes = new_array(1, sizeof *group->sizes, err);
    if (!group->sizes)
        return -1;
    group->sizes[0] = largest;
    group->nsizes = 1;
    return 0;
}

static int read_group(const struct xb_node *node, const struct xb_catalog *catalog,
                      struct xb_group *group, struct xb_error *err)
{
    static const char *const keys[] = {
        "pattern", "pairs", "paths",     "sizes",      "methods", "src_offset", "dst_offset",
        "window",  "cache", "allocator", "contention", "traffic", NULL};
    struct xb_node paths, methods;

    if (xb_node_expect_object(node, keys, err) < 0 ||
        xb_node_require(node, "paths", &paths, err) < 0 ||
        xb_node_require(node, "methods", &methods, err) < 0 ||
        read_patterns(node, catalog, group, err) < 0 || xb_read_pairs(node, group, err) < 0 ||
        xb_read_traffic(node, group, err) < 0 || read_paths(&paths, group, err) < 0 ||
        read_group_sizes(node, group, err) < 0 ||
        read_methods(&methods, catalog, group, err) < 0 ||
        read_group_offsets(node, "src_offset", &group->src_offsets, &group->nsrc_offsets, err) <
            0 ||
        read_group_offsets(node, "dst_offset", &group->dst_offsets, &group->ndst_offsets, err) <
            0)
        return -1;
    if (read_windows(node, group, err) < 0 ||
        xb_read_names(node, "cache", xb_cache_names, &group->caches, &group->ncaches, err) < 0)
        return -1;
    if (xb_read_names(node, "allocator", xb_allocator_names, &group->allocators,
                      &group->nallocators, err) < 0)
        return -1;
    return xb_read_names(node, "contention", xb_contention_names, &group->contentions,
                         &group->ncontentions, err);
}

static int read_groups(const struct xb_node *node, const struct xb_catalog *catalog,
                       struct xb_scenario *out, struct xb_error *err)
{
    if (xb_expect_list(node, err) < 0)
        return -1;
    out->groups = new_array(xb_node_count(node), sizeof(*out->groups), err);
    if (!out->groups)
        return -1;
    out->ngroups = xb_node_count(node);
    for (size_t i = 0; i < out->ngroups; i++) {
        struct xb_node group = xb_node_at(node, i);
        out->groups[i].node = group;
        if (read_group(&group, catalog, &out->groups[i], err) < 0)
            return -1;
    }
    return 0;
}

/* ---- the file ---- */

static int read_device(const struct xb_node *root, const struct xb_catalog *catalog,
                       const char **out, struct xb_error *err)
{
    struct xb_node node;
    const char *known[WORDS_MAX + 1] = {"auto"};

    *out = "auto";
    if (!xb_node_member(root, "device", &node))
        return 0;
    if (xb_node_string(&node, out, err) < 0)
        return -1;
    for (size_t i = 0; i + 1 < WORDS_MAX && catalog->devices[i]; i++)
        known[i + 1] = catalog->devices[i];
    for (size_t i = 0; known[i]; i++) {
        if (strcmp(*out, known[i]) == 0)
            return 0;
    }
    return xb_node_fail_choice(&node, "device", known, err);
}

static int read_show(const struct xb_node *root, const struct xb_catalog *catalog,
                     const char **out, struct xb_error *err)
{
    const char *known[WORDS_MAX + 1] = {NULL};
    struct xb_node node;

    *out = "table";
    if (!xb_node_member(root, "show", &node))
        return 0;
    if (xb_node_string(&node, out, err) < 0)
        return -1;
    for (size_t i = 0; i < WORDS_MAX && (known[i] = catalog->form(i)); i++)
        if (strcmp(*out, known[i]) == 0)
            return 0;
    return xb_node_fail_choice(&node, "form", known, err);
}

static int read_root(const struct xb_catalog *catalog, struct xb_scenario *out,
                     struct xb_error *err)
{
    static const char *const keys[] = {"name",     "description", "device", "show",
                                       "sampling", "outliers",    "cases",  NULL};
    struct xb_node root = xb_json_root(&out->doc);
    struct xb_node name, description, cases;

    if (xb_node_expect_object(&root, keys, err) < 0 ||
        xb_node_require(&root, "name", &name, err) < 0 ||
        xb_node_string(&name, &out->name, err) < 0)
        return -1;
    out->description = "";
    if (xb_node_member(&root, "description", &description) &&
        xb_node_string(&description, &out->description, err) < 0)
        return -1;
    if (read_device(&root, catalog, &out->device, err) < 0 ||
        read_show(&root, catalog, &out->show, err) < 0 ||
        xb_read_sampling(&root, &out->sampling, err) < 0 ||
        xb_read_outliers(&root, &out->outliers, err) < 0 ||
        xb_node_require(&root, "cases", &cases, err) < 0)
        return -1;
    return read_groups(&cases, catalog, out, err);
}

int xb_scenario_read(struct xb_json *doc, const char *const *sets,
                     const struct xb_catalog *catalog, struct xb_scenario *out,
                     struct xb_error *err)
{
    memset(out, 0, sizeof(*out));
    out->doc = *doc;
    memset(doc, 0, sizeof(*doc));
    int rc = 0;

    for (size_t i = 0; rc == 0 && sets && sets[i]; i++)
        rc = xb_json_set(&out->doc, sets[i], err);
    if (rc == 0)
        rc = xb_inline_traffic(&out->doc, catalog, err);
    if (rc == 0)
        rc = read_root(catalog, out, err);
    if (rc < 0)
        xb_scenario_release(out);
    return rc;
}

int xb_scenario_load(const char *file, const char *const *sets,
                     const struct xb_catalog *catalog, struct xb_scenario *out,
                     struct xb_error *err)
{
    struct xb_json doc;

    memset(out, 0, sizeof(*out));
    if (xb_json_load(file, XB_JSON_MAX_BYTES, &doc, err) < 0)
        return -1;
    return xb_scenario_read(&doc, sets, catalog, out, err);
}

int xb_scenario_parse(const char *name, const char *text, const char *const *sets,
                      const struct xb_catalog *catalog, struct xb_scenario *out,
                      struct xb_error *err)
{
    struct xb_json doc;

    memset(out, 0, sizeof(*out));
    if (xb_json_parse(name, text, strlen(text), &doc, err) < 0)
        return -1;
    return xb_scenario_read(&doc, sets, catalog, out, err);
}

static void release_group(struct xb_group *group)
{
    for (size_t m = 0; m < group->nmethods; m++) {
        for (size_t i = 0; i < XB_MAX_OPTIONS; i++)
            free(group->methods[m].values[i]);
        free(group->methods[m].chunks);
        free(group->methods[m].depths);
    }
    free(group->patterns);
    free(group->pairs.list);
    free(group->traffic.lane);
    free(group->paths);
    free(group->sizes);
    free(group->methods);
    free(group->src_offsets);
    free(group->dst_offsets);
    free(group->windows);
    free(group->caches);
    free(group->allocators);
    free(group->contentions);
}

void xb_scenario_release(struct xb_scenario *scenario)
{
    for (size_t i = 0; i < scenario->ngroups; i++)
        release_group(&scenario->groups[i]);
    free(scenario->groups);
    xb_json_release(&scenario->doc);
    memset(scenario, 0, sizeof(*scenario));
}
