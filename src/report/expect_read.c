/* SPDX-License-Identifier: BSD-3-Clause */
/* expect_read.c - reading an expectations file, checked word for word. */
#include "report/expect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define FOUND_LEN 96   /* of what a node holds, in an error */
#define MOST      1e15 /* that a bound may be */
#define MOST_OF   10   /* as a fraction: more are per cent */

static const char *const level_names[] = {[XB_LEVEL_GOOD] = "good",
                                          [XB_LEVEL_UNKNOWN] = "unknown",
                                          [XB_LEVEL_WARNING] = "warning",
                                          [XB_LEVEL_CRITICAL] = "critical",
                                          NULL};

static const char *const figure_names[] = {[XB_EXPECT_FRACTION] = "fraction_of_ceiling",
                                           [XB_EXPECT_RATE] = "gb_per_s",
                                           [XB_EXPECT_TIME] = "time_us",
                                           NULL};

const char *xb_level_name(enum xb_level level)
{
    return level_names[level];
}

int xb_level_exit(enum xb_level level)
{
    static const int status[] = {[XB_LEVEL_GOOD] = 0,
                                 [XB_LEVEL_WARNING] = 1,
                                 [XB_LEVEL_CRITICAL] = 2,
                                 [XB_LEVEL_UNKNOWN] = 3};

    return status[level];
}

const char *xb_expect_figure_name(enum xb_expect_figure figure)
{
    return figure_names[figure];
}

/* ---- bounds ---- */

static int read_limit(const struct xb_node *limits, const char *key, double most, double *out,
                      struct xb_error *err)
{
    struct xb_node node;

    *out = NAN;
    return xb_node_member(limits, key, &node) ? xb_node_number(&node, 0, most, out, err) : 0;
}

/* sign is 1 where a figure must not be below, -1 where it must not be above: what is critical
 * lies beyond what is a warning. */
static int read_limits(const struct xb_node *figure, const char *key, int sign, double most,
                       struct xb_expect_limits *out, struct xb_error *err)
{
    static const char *const keys[] = {"warning", "critical", NULL};
    struct xb_node node;

    *out = (struct xb_expect_limits){NAN, NAN};
    if (!xb_node_member(figure, key, &node))
        return 0;
    if (xb_node_expect_object(&node, keys, err) < 0 ||
        read_limit(&node, "warning", most, &out->warning, err) < 0 ||
        read_limit(&node, "critical", most, &out->critical, err) < 0)
        return -1;
    if (isnan(out->warning) && isnan(out->critical))
        return xb_node_fail(&node, err,
                            "found no bound, expected \"warning\", \"critical\" or "
                            "both");
    if (sign * out->critical > sign * out->warning)
        return xb_node_fail(&node, err,
                            "found \"critical\" %g inside of \"warning\" %g, expected it at "
                            "the same place or further off",
                            out->critical, out->warning);
    return 0;
}

/* The limit that a figure meets first. */
static double first_of(const struct xb_expect_limits *limits)
{
    return isnan(limits->warning) ? limits->critical : limits->warning;
}

static int read_figure(const struct xb_node *row, struct xb_expect_bound *out,
                       struct xb_error *err)
{
    static const char *const keys[] = {"below", "above", NULL};
    struct xb_node node, found;
    int n = 0;

    for (int f = 0; f < XB_EXPECT_FIGURES; f++)
        if (xb_node_member(row, figure_names[f], &found)) {
            out->figure = (enum xb_expect_figure)f;
            node = found;
            n++;
        }
    if (n != 1)
        return xb_node_fail(row, err,
                            "found %d figures that are bound, expected one of "
                            "fraction_of_ceiling, gb_per_s or time_us",
                            n);
    double most = out->figure == XB_EXPECT_FRACTION ? MOST_OF : MOST;
    if (xb_node_expect_object(&node, keys, err) < 0 ||
        read_limits(&node, "below", 1, most, &out->below, err) < 0 ||
        read_limits(&node, "above", -1, most, &out->above, err) < 0)
        return -1;
    double below = first_of(&out->below), above = first_of(&out->above);
    if (isnan(below) && isnan(above))
        return xb_node_fail(&node, err,
                            "found no bound, expected \"below\", \"above\" or "
                            "both");
    if (below > above)
        return xb_node_fail(&node, err,
                            "found a bound below of %g above the one above of %g, expected "
                            "room between them",
                            below, above);
    return 0;
}

/* A word of these; *out stays as it is where the key is missing. */
static int read_word(const struct xb_node *row, const char *key, const char *what,
                     const char *const *words, int *out, struct xb_error *err)
{
    struct xb_node node;
    const char *text;

    if (!xb_node_member(row, key, &node))
        return 0;
    if (xb_node_string(&node, &text, err) < 0)
        return -1;
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], text) == 0) {
            *out = i;
            return 0;
        }
    return xb_node_fail_choice(&node, what, words, err);
}

static int read_text(const struct xb_node *object, const char *key, const char **out,
                     struct xb_error *err)
{
    struct xb_node node;

    *out = "";
    return xb_node_member(object, key, &node) ? xb_node_string(&node, out, err) : 0;
}

/* For readers; only what kind of value it is counts. */
static int read_object(const struct xb_node *object, const char *key, struct xb_error *err)
{
    struct xb_node node;
    char found[FOUND_LEN];

    if (!xb_node_member(object, key, &node) || cJSON_IsObject(node.item) ||
        cJSON_IsString(node.item))
        return 0;
    return xb_node_fail(&node, err, "found %s, expected a string or an object",
                        xb_node_describe(&node, found, sizeof found));
}

static int read_bound(const struct xb_node *row, const struct xb_catalog *catalog,
                      struct xb_expect_bound *out, struct xb_error *err)
{
    static const char *const keys[] = {"cases",    "of",      "fraction_of_ceiling",
                                       "gb_per_s", "time_us", "skipped",
                                       "required", "learnt",  "note",
                                       NULL};
    static const char *const parts[] = {"lanes", "case", NULL};
    int of = 0, skipped = XB_LEVEL_UNKNOWN;
    struct xb_node cases, required;
    const char *note;

    if (xb_node_expect_object(row, keys, err) < 0 ||
        xb_node_require(row, "cases", &cases, err) < 0 ||
        xb_case_terms_read(&cases, catalog, &out->cases, err) < 0 ||
        read_figure(row, out, err) < 0 ||
        read_word(row, "of", "part of a case", parts, &of, err) < 0 ||
        read_word(row, "skipped", "verdict", level_names, &skipped, err) < 0 ||
        read_object(row, "learnt", err) < 0 || read_text(row, "note", &note, err) < 0)
        return -1;
    out->row = row->item;
    out->of_case = of == 1;
    out->skipped = (enum xb_level)skipped;
    if (out->of_case && xb_case_terms_ask_link(&out->cases))
        return xb_node_fail(&cases, err,
                            "found \"link_class\", which lanes have, expected "
                            "none beside \"of\": \"case\"");
    return xb_node_member(row, "required", &required)
               ? xb_node_bool(&required, &out->required, err)
               : 0;
}

static int read_bounds(const struct xb_node *root, const struct xb_catalog *catalog,
                       struct xb_expectations *out, struct xb_error *err)
{
    struct xb_node bounds, row;

    if (!xb_node_member(root, "bounds", &bounds))
        return 0;
    if (xb_node_expect_array(&bounds, 0, err) < 0)
        return -1;
    out->bounds = calloc(xb_node_count(&bounds) + 1, sizeof *out->bounds);
    if (!out->bounds)
        return xb_fail(err, "out of memory for expectations");
    for (bool more = xb_node_first(&bounds, &row); more; more = xb_node_next(&bounds, &row))
        if (read_bound(&row, catalog, &out->bounds[out->nbounds++], err) < 0)
            return -1;
    return 0;
}

/* ---- machines ---- */

/* A text, or a list of texts. */
static int check_texts(const struct xb_node *node, struct xb_error *err)
{
    const char *text;
    struct xb_node element;

    if (!cJSON_IsArray(node->item))
        return xb_node_string(node, &text, err);
    if (xb_node_expect_array(node, 1, err) < 0)
        return -1;
    for (bool more = xb_node_first(node, &element); more; more = xb_node_next(node, &element))
        if (xb_node_string(&element, &text, err) < 0)
            return -1;
    return 0;
}

static int read_match(const struct xb_node *root, struct xb_expectations *out,
                      struct xb_error *err)
{
    const char *keys[XB_TRAITS + 1] = {NULL};
    struct xb_node match, node;

    for (int t = 0; t < XB_TRAITS; t++)
        keys[t] = xb_expect_trait_name((enum xb_expect_trait)t);
    if (xb_node_require(root, "match", &match, err) < 0 ||
        xb_node_expect_object(&match, keys, err) < 0)
        return -1;
    for (bool more = xb_node_first(&match, &node); more; more = xb_node_next(&match, &node))
        if (check_texts(&node, err) < 0)
            return -1;
    out->match = match.item;
    return 0;
}

static int read_needs(const struct xb_node *root, struct xb_expectations *out,
                      struct xb_error *err)
{
    const char *keys[XB_EXPECT_NEEDS + 1] = {NULL};
    struct xb_node require, node;
    bool flag;

    for (size_t i = 0; i < XB_EXPECT_NEEDS; i++) {
        keys[i] = xb_expect_needs[i].name;
        out->need[i] = NAN;
    }
    if (!xb_node_member(root, "require", &require))
        return 0;
    if (xb_node_expect_object(&require, keys, err) < 0)
        return -1;
    for (size_t i = 0; i < XB_EXPECT_NEEDS; i++) {
        if (!xb_node_member(&require, keys[i], &node))
            continue;
        if (!xb_expect_needs[i].is_flag) {
            if (xb_node_number(&node, 0, MOST, &out->need[i], err) < 0)
                return -1;
            continue;
        }
        if (xb_node_bool(&node, &flag, err) < 0)
            return -1;
        out->need[i] = flag;
    }
    return 0;
}

/* ---- the file ---- */

/* It stands in lines that monitoring reads. */
static int check_name(const struct xb_node *node, const char *name, struct xb_error *err)
{
    struct xb_error why;

    return xb_utf8_expect_line(name, &why) < 0 ? xb_node_fail(node, err, "%s", why.text) : 0;
}

static int read_root(const struct xb_catalog *catalog, struct xb_expectations *out,
                     struct xb_error *err)
{
    static const char *const keys[] = {"schema", "name",    "description", "source",
                                       "match",  "require", "bounds",      NULL};
    struct xb_node root = xb_json_root(&out->doc), name;

    if (xb_node_expect_object(&root, keys, err) < 0 ||
        xb_node_expect_schema(&root, XB_EXPECT_NAME, XB_EXPECT_VERSION, err) < 0 ||
        xb_node_require(&root, "name", &name, err) < 0 ||
        xb_node_string(&name, &out->name, err) < 0 || check_name(&name, out->name, err) < 0 ||
        read_text(&root, "description", &out->description, err) < 0 ||
        read_object(&root, "source", err) < 0 || read_match(&root, out, err) < 0 ||
        read_needs(&root, out, err) < 0)
        return -1;
    return read_bounds(&root, catalog, out, err);
}

static int read_document(const struct xb_catalog *catalog, struct xb_expectations *out,
                         struct xb_error *err)
{
    if (read_root(catalog, out, err) == 0)
        return 0;
    xb_expect_release(out);
    return -1;
}

int xb_expect_load(const char *file, const struct xb_catalog *catalog,
                   struct xb_expectations *out, struct xb_error *err)
{
    *out = (struct xb_expectations){.name = NULL};
    if (xb_json_load(file, XB_EXPECT_MAX_BYTES, &out->doc, err) < 0)
        return -1;
    return read_document(catalog, out, err);
}

int xb_expect_parse(const char *name, const char *text, const struct xb_catalog *catalog,
                    struct xb_expectations *out, struct xb_error *err)
{
    *out = (struct xb_expectations){.name = NULL};
    if (xb_json_parse(name, text, strlen(text), &out->doc, err) < 0)
        return -1;
    return read_document(catalog, out, err);
}

bool xb_expect_is(const struct xb_json *doc)
{
    const cJSON *schema = cJSON_GetObjectItemCaseSensitive(doc->root, "schema");
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(schema, "name"));

    return name && strcmp(name, XB_EXPECT_NAME) == 0;
}

void xb_expect_release(struct xb_expectations *expect)
{
    for (size_t i = 0; i < expect->nbounds; i++)
        xb_case_terms_release(&expect->bounds[i].cases);
    free(expect->bounds);
    xb_json_release(&expect->doc);
    *expect = (struct xb_expectations){.name = NULL};
}
