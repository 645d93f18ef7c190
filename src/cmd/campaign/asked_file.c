/* SPDX-License-Identifier: BSD-3-Clause */
/* asked_file.c - reads what a campaign is to do from a JSON file. */
#include "cmd/campaign/asked_file.h"

#include <string.h>

#include "cmd/campaign/asked.h"
#include "cmd/campaign/asked_parts.h"

#define DAY_NS (INT64_C(86400) * 1000000000)

static int read_texts(const struct xb_node *object, const char *key, struct xb_texts *out,
                      struct xb_error *err)
{
    struct xb_node list, child;
    const char *text;

    if (!xb_node_member(object, key, &list))
        return 0;
    if (xb_node_expect_array(&list, 0, err) < 0)
        return -1;
    for (bool more = xb_node_first(&list, &child); more; more = xb_node_next(&list, &child)) {
        if (xb_node_string(&child, &text, err) < 0)
            return -1;
        if (xb_texts_add(out, text) < 0)
            return xb_asked_no_memory(err);
    }
    return 0;
}

static int read_environment(const struct xb_node *object, struct xb_named_texts *out,
                            struct xb_error *err)
{
    struct xb_node node, child;
    char found[96], word[XB_JSON_PATH_LEN];

    if (!xb_node_member(object, "environment", &node))
        return 0;
    if (!cJSON_IsObject(node.item))
        return xb_node_fail(&node, err, "found %s, expected an object of variables",
                            xb_node_describe(&node, found, sizeof found));
    for (bool more = xb_node_first(&node, &child); more; more = xb_node_next(&node, &child)) {
        const char *value = NULL, *name = child.item->string;
        snprintf(word, sizeof word, "%s=", name);
        if (xb_asked_variable_name(word) != strlen(name))
            return xb_node_fail(&child, err, "found '%s', expected the name of a variable",
                                name);
        if (!cJSON_IsNull(child.item) && xb_node_string(&child, &value, err) < 0)
            return -1;
        if (xb_asked_add_variable(out, name, strlen(name), value, err) < 0)
            return -1;
    }
    return 0;
}

static int read_config(const struct xb_node *node, struct xb_campaign *c, struct xb_error *err)
{
    static const char *const keys[] = {"name", "launcher", "environment", "run", NULL};
    struct xb_node name, launcher;
    struct xb_config *config;
    const char *text;

    if (xb_node_expect_object(node, keys, err) < 0 ||
        xb_node_require(node, "name", &name, err) < 0 ||
        xb_node_string(&name, &text, err) < 0 ||
        xb_node_require(node, "launcher", &launcher, err) < 0 ||
        !(config = xb_asked_add_config(c, text, err)))
        return -1;
    return read_texts(node, "launcher", &config->launcher, err) < 0 ||
                   read_environment(node, &config->environment, err) < 0 ||
                   read_texts(node, "run", &config->run, err) < 0
               ? -1
               : 0;
}

static int read_configs(const struct xb_node *root, struct xb_campaign *c, struct xb_error *err)
{
    struct xb_node list, child;

    if (!xb_node_member(root, "configs", &list))
        return 0;
    if (xb_node_expect_array(&list, 1, err) < 0)
        return -1;
    for (bool more = xb_node_first(&list, &child); more; more = xb_node_next(&list, &child))
        if (read_config(&child, c, err) < 0)
            return -1;
    return 0;
}

static int read_share(const struct xb_node *object, const char *key, double *out,
                      struct xb_error *err)
{
    struct xb_node node;
    struct xb_error why;
    const char *text;

    if (!xb_node_member(object, key, &node))
        return 0;
    if (xb_node_string(&node, &text, err) < 0)
        return -1;
    return xb_asked_share(text, out, &why) < 0 ? xb_node_fail(&node, err, "%s", why.text) : 0;
}

/* "launches", or "until" with "max_launches". */
static int read_launches(const struct xb_node *root, struct xb_campaign *c,
                         struct xb_error *err)
{
    struct xb_node launches, most, until;
    bool each = xb_node_member(root, "launches", &launches);
    bool limited = xb_node_member(root, "max_launches", &most);
    bool goes_on = xb_node_member(root, "until", &until);

    if (each && goes_on)
        return xb_node_fail(&launches, err,
                            "found \"launches\" beside \"until\", expected \"max_launches\"");
    if (limited && !goes_on)
        return xb_node_fail(
            &most, err,
            "found no \"until\" beside it, whose limit it is, expected one, or \"launches\"");
    if (read_share(root, "until", &c->until, err) < 0)
        return -1;
    if (each || limited)
        return xb_node_int(each ? &launches : &most, 1, XB_LAUNCHES_MAX, &c->launches_asked,
                           err);
    return 0;
}

static int read_seed(const struct xb_node *root, uint64_t *out, struct xb_error *err)
{
    struct xb_node node;
    int64_t seed;

    if (!xb_node_member(root, "seed", &node))
        return 0;
    if (xb_node_int(&node, 0, XB_SEED_MAX, &seed, err) < 0)
        return -1;
    *out = (uint64_t)seed;
    return 0;
}

static int read_timeout(const struct xb_node *root, double *out, struct xb_error *err)
{
    struct xb_node node;
    int64_t ns;

    if (!xb_node_member(root, "launch_timeout", &node))
        return 0;
    if (xb_node_duration(&node, &ns, err) < 0)
        return -1;
    if (ns <= 0 || ns > DAY_NS)
        return xb_node_fail(&node, err, "found %lld ns, expected more than 0 and at most a day",
                            (long long)ns);
    *out = (double)ns * 1e-9;
    return 0;
}

bool xb_asked_is(const struct xb_json *doc)
{
    struct xb_node root = xb_json_root(doc), node;

    return cJSON_IsObject(root.item) && xb_node_member(&root, "configs", &node) &&
           !xb_node_member(&root, "schema", &node);
}

int xb_asked_read_file(const char *file, struct xb_campaign *c, struct xb_error *err)
{
    static const char *const keys[] = {"configs",  "filter",       "ignore", "launch_timeout",
                                       "launches", "max_launches", "run",    "scenario",
                                       "seed",     "threshold",    "until",  NULL};
    struct xb_node root, node;
    struct xb_json doc;
    const char *text;

    if (xb_json_load(file, XB_JSON_MAX_BYTES, &doc, err) < 0)
        return -1;
    root = xb_json_root(&doc);
    int rc = xb_node_expect_object(&root, keys, err);
    if (rc == 0 && xb_node_member(&root, "scenario", &node)) {
        rc = xb_node_string(&node, &text, err);
        if (rc == 0 && xb_text_dup(text, &c->scenario) < 0)
            rc = xb_asked_no_memory(err);
    }
    if (rc == 0)
        rc = read_texts(&root, "run", &c->run, err) < 0 || read_launches(&root, c, err) < 0 ||
                     read_seed(&root, &c->seed, err) < 0 ||
                     read_timeout(&root, &c->launch_timeout_s, err) < 0 ||
                     read_share(&root, "threshold", &c->compare.threshold, err) < 0 ||
                     read_texts(&root, "ignore", &c->compare.ignores, err) < 0 ||
                     read_texts(&root, "filter", &c->compare.filters, err) < 0 ||
                     read_configs(&root, c, err) < 0
                 ? -1
                 : 0;
    xb_json_release(&doc);
    return rc;
}
