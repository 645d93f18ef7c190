/* SPDX-License-Identifier: BSD-3-Clause */
/* expect_cases.c - which cases something is about. */
#include "report/expect_cases.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/plan/allocator.h"
#include "model/plan/cache.h"
#include "model/plan/contention.h"
#include "model/plan/pairs.h"
#include "model/topology/link_class.h"
#include "report/tables.h"

#define KEYS_MAX  24 /* of a case, with id and link_class */
#define FOUND_LEN 96 /* of what a node holds, in an error */

/* One of the values that fit. */
struct alternative {
    const char *text;  /* borrowed; NULL where it is none */
    const cJSON *list; /* of pairs; borrowed */
    double from, to;   /* of a number */
};

enum term_kind {
    TERM_ID,
    TERM_LINK,
    TERM_TEXT,
    TERM_NUMBER,
    TERM_PAIRS,
    TERM_OPTIONS,
    TERM_WHOLE, /* in no pieces */
};

struct xb_case_term {
    enum term_kind kind;
    const struct xb_field *field; /* of the key; NULL for id and link_class */
    struct alternative *alternative;
    size_t n;
    cJSON *options; /* owned; as a report has them; null for those that must not be there */
};

/* ---- reading ---- */

static const struct xb_field *find_field(const char *key)
{
    const struct xb_field *field = xb_report_key_fields;

    while (field->name && strcmp(field->name, key) != 0)
        field++;
    return field->name ? field : NULL;
}

static enum term_kind kind_of(const char *key, const struct xb_field *field)
{
    if (!field)
        return strcmp(key, "id") == 0 ? TERM_ID : TERM_LINK;
    if (field->type == XB_FIELD_WHOLE)
        return TERM_NUMBER;
    if (field->type != XB_FIELD_JSON)
        return TERM_TEXT;
    return strcmp(key, "pairs") == 0 ? TERM_PAIRS : TERM_OPTIONS;
}

static bool is_one_of(const char *const *names, const char *text)
{
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], text) == 0)
            return true;
    return false;
}

/* A word of the keys whose words are known; those of others stand as they are. */
static int check_word(const char *key, const struct xb_node *node, const char *text,
                      const struct xb_catalog *catalog, struct xb_error *err)
{
    const struct xb_method_spec *spec;
    struct xb_endpoint endpoint;
    enum xb_locality locality;
    enum xb_link_class link;
    struct xb_error why;
    int rc = 0;

    if (strcmp(key, "method") == 0)
        return xb_catalog_read_case_method(catalog, node, &spec, err);
    if (strcmp(key, "pattern") == 0 && !xb_pattern_find(text, NULL) &&
        !xb_catalog_experiment(catalog, text))
        return xb_node_fail(node, err, "found \"%s\", expected a pattern or an experiment",
                            text);
    if (strcmp(key, "cache") == 0 && !is_one_of(xb_cache_names, text))
        return xb_node_fail_choice(node, "state of the cache", xb_cache_names, err);
    if (strcmp(key, "allocator") == 0 && !is_one_of(xb_allocator_names, text))
        return xb_node_fail_choice(node, "allocator", xb_allocator_names, err);
    if (strcmp(key, "contention") == 0 && !is_one_of(xb_contention_names, text))
        return xb_node_fail_choice(node, "contention", xb_contention_names, err);
    if (strcmp(key, "pairs") == 0 && !is_one_of(xb_pairs_names, text))
        return xb_node_fail_choice(node, "pairs", xb_pairs_names, err);
    if (strcmp(key, "src") == 0 || strcmp(key, "dst") == 0)
        rc = xb_endpoint_parse(text, &endpoint, &why);
    else if (strcmp(key, "locality") == 0)
        rc = xb_locality_parse(text, &locality, &why);
    else if (strcmp(key, "link_class") == 0)
        rc = xb_link_class_find(text, &link, &why);
    return rc < 0 ? xb_node_fail(node, err, "%s", why.text) : 0;
}

static bool is_size(const char *key)
{
    return strstr(key, "bytes") || strstr(key, "offset");
}

static int read_number(const char *key, const struct xb_node *node, double *out,
                       struct xb_error *err)
{
    uint64_t bytes;
    int64_t number;

    if (is_size(key)) {
        if (xb_node_size(node, &bytes, err) < 0)
            return -1;
        *out = (double)bytes;
        return 0;
    }
    if (xb_node_int(node, 0, INT64_C(1) << 53, &number, err) < 0)
        return -1;
    *out = (double)number;
    return 0;
}

static int read_end(const char *key, const struct xb_node *range, const char *end, double *out,
                    struct xb_error *err)
{
    struct xb_node node;

    return xb_node_member(range, end, &node) ? read_number(key, &node, out, err) : 0;
}

static int read_range(const char *key, const struct xb_node *node, struct alternative *out,
                      struct xb_error *err)
{
    static const char *const keys[] = {"from", "to", NULL};

    if (!cJSON_IsObject(node->item)) {
        int rc = read_number(key, node, &out->from, err);
        out->to = out->from;
        return rc;
    }
    out->from = 0;
    out->to = INFINITY;
    if (xb_node_expect_object(node, keys, err) < 0 ||
        read_end(key, node, "from", &out->from, err) < 0 ||
        read_end(key, node, "to", &out->to, err) < 0)
        return -1;
    return out->from <= out->to
               ? 0
               : xb_node_fail(node, err,
                              "found \"from\" %.17g above \"to\" %.17g, expected from <= to",
                              out->from, out->to);
}

/* One value of a term. */
static int read_alternative(const char *key, enum term_kind kind, const struct xb_node *node,
                            const struct xb_catalog *catalog, struct alternative *out,
                            struct xb_error *err)
{
    if (kind == TERM_NUMBER)
        return read_range(key, node, out, err);
    if (kind == TERM_PAIRS && cJSON_IsArray(node->item)) {
        out->list = node->item;
        return 0;
    }
    if (xb_node_string(node, &out->text, err) < 0)
        return -1;
    return check_word(key, node, out->text, catalog, err);
}

/* A list of pairs is one value, other lists are of values. */
static bool is_list_of_pairs(enum term_kind kind, const struct xb_node *node)
{
    return kind == TERM_PAIRS && cJSON_IsArray(node->item) && cJSON_IsArray(node->item->child);
}

static int read_alternatives(const char *key, const struct xb_node *node,
                             const struct xb_catalog *catalog, struct xb_case_term *out,
                             struct xb_error *err)
{
    bool several = cJSON_IsArray(node->item) && !is_list_of_pairs(out->kind, node);
    size_t n = several ? xb_node_count(node) : 1;

    if (several && xb_node_expect_array(node, 1, err) < 0)
        return -1;
    out->alternative = calloc(n, sizeof *out->alternative);
    if (!out->alternative)
        return xb_fail(err, "out of memory");
    for (out->n = 0; out->n < n; out->n++) {
        struct xb_node value = several ? xb_node_at(node, out->n) : *node;
        if (read_alternative(key, out->kind, &value, catalog, &out->alternative[out->n], err) <
            0)
            return -1;
    }
    return 0;
}

/* A quiet option that is not named is at its default, and then it is not there: who names
 * engine sm means copies by all multiprocessors. */
static int expect_defaults(const struct xb_method_spec *spec, cJSON *options)
{
    for (size_t i = 0; i < xb_option_count(spec->options); i++) {
        const struct xb_option *o = &spec->options[i];
        cJSON *usual = xb_option_json(o, o->fallback);
        const cJSON *named = cJSON_GetObjectItemCaseSensitive(options, o->name);
        bool absent = o->quiet && (!named || cJSON_Compare(named, usual, true));
        cJSON_Delete(usual);
        if (!absent)
            continue;
        cJSON_DeleteItemFromObjectCaseSensitive(options, o->name);
        if (!cJSON_AddNullToObject(options, o->name))
            return -1;
    }
    return 0;
}

/* Options are checked by the method's own rows, and kept as a report writes them. */
static int read_options(const struct xb_node *object, const struct xb_node *node,
                        const struct xb_catalog *catalog, struct xb_case_term *out,
                        struct xb_error *err)
{
    const struct xb_method_spec *spec;
    const char *known[XB_MAX_OPTIONS + 1] = {NULL};
    struct xb_node method, value;
    int64_t number;

    if (!xb_node_member(object, "method", &method) || !cJSON_IsString(method.item))
        return xb_node_fail(node, err,
                            "found options, expected one \"method\" beside them, whose they "
                            "are");
    if (xb_catalog_read_case_method(catalog, &method, &spec, err) < 0)
        return -1;
    for (size_t i = 0; i < xb_option_count(spec->options); i++)
        known[i] = spec->options[i].name;
    if (xb_node_expect_object(node, known, err) < 0)
        return -1;
    out->options = cJSON_CreateObject();
    for (bool more = xb_node_first(node, &value); more; more = xb_node_next(node, &value)) {
        const char *name = value.item->string;
        const struct xb_option *option = &spec->options[xb_option_find(spec->options, name)];
        if (xb_option_read(option, &value, &number, err) < 0)
            return -1;
        cJSON *json = xb_option_json(option, number);
        if (!out->options || !json || !cJSON_AddItemToObject(out->options, name, json)) {
            cJSON_Delete(json);
            return xb_fail(err, "out of memory");
        }
    }
    if (out->options && expect_defaults(spec, out->options) == 0)
        return 0;
    return xb_fail(err, "out of memory");
}

/* Are these options, without a word about pieces, of a method that moves the whole then? */
static bool is_about_whole(const struct xb_node *object, const struct xb_catalog *catalog)
{
    struct xb_node node;
    const struct xb_method_spec *spec;
    struct xb_error ignored;

    if (!xb_node_member(object, "options", &node) || !xb_node_member(object, "method", &node) ||
        xb_catalog_read_case_method(catalog, &node, &spec, &ignored) < 0)
        return false;
    return spec->flags & XB_METHOD_PIECES && !xb_node_member(object, "chunk_bytes", &node) &&
           !xb_node_member(object, "depth", &node);
}

int xb_case_terms_read(const struct xb_node *object, const struct xb_catalog *catalog,
                       struct xb_case_terms *out, struct xb_error *err)
{
    const char *keys[KEYS_MAX] = {"id", "link_class"};
    struct xb_node node;
    size_t n = 2;
    int rc;

    *out = (struct xb_case_terms){NULL, 0};
    for (const struct xb_field *f = xb_report_key_fields; f->name && n < KEYS_MAX - 1; f++)
        keys[n++] = f->name;
    if (xb_node_expect_object(object, keys, err) < 0)
        return -1;
    out->term = calloc(xb_node_count(object) + 2, sizeof *out->term);
    rc = out->term ? 0 : xb_fail(err, "out of memory");
    for (bool more = rc == 0 && xb_node_first(object, &node); rc == 0 && more;
         more = xb_node_next(object, &node)) {
        const char *key = node.item->string;
        struct xb_case_term *term = &out->term[out->n++];
        term->field = find_field(key);
        term->kind = kind_of(key, term->field);
        rc = term->kind == TERM_OPTIONS ? read_options(object, &node, catalog, term, err)
                                        : read_alternatives(key, &node, catalog, term, err);
    }
    if (rc == 0 && is_about_whole(object, catalog))
        out->term[out->n++].kind = TERM_WHOLE;
    if (rc < 0)
        xb_case_terms_release(out);
    return rc;
}

void xb_case_terms_release(struct xb_case_terms *terms)
{
    for (size_t i = 0; terms->term && i < terms->n; i++) {
        free(terms->term[i].alternative);
        cJSON_Delete(terms->term[i].options);
    }
    free(terms->term);
    *terms = (struct xb_case_terms){NULL, 0};
}

/* ---- meeting ---- */

static bool fits_text(const struct xb_case_term *t, const char *text)
{
    for (size_t i = 0; text && i < t->n; i++)
        if (t->alternative[i].text && strcmp(t->alternative[i].text, text) == 0)
            return true;
    return false;
}

static bool fits_number(const struct xb_case_term *t, double number)
{
    for (size_t i = 0; i < t->n; i++)
        if (number >= t->alternative[i].from && number <= t->alternative[i].to)
            return true;
    return false;
}

static bool fits_pairs(const struct xb_case_term *t, const cJSON *pairs)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->alternative[i].list && cJSON_Compare(t->alternative[i].list, pairs, true))
            return true;
    return fits_text(t, cJSON_GetStringValue(pairs));
}

static bool fits_options(const struct xb_case_term *t, const cJSON *options)
{
    const cJSON *wanted;

    cJSON_ArrayForEach(wanted, t->options)
    {
        const cJSON *there = cJSON_GetObjectItemCaseSensitive(options, wanted->string);
        if (cJSON_IsNull(wanted) ? there != NULL : !cJSON_Compare(wanted, there, true))
            return false;
    }
    return true;
}

static bool fits(const struct xb_case_term *t, const struct xb_report_case *c)
{
    const char *member = (const char *)&c->key + (t->field ? t->field->offset : 0);
    const char *text;

    switch (t->kind) {
    case TERM_ID:
        return fits_text(t, c->id);
    case TERM_LINK: /* a lane's */
        break;
    case TERM_TEXT:
        assert(t->field);
        text = *(char *const *)(const void *)member;
        if (text)
            return fits_text(t, text);
        /* a report that does not know one of these keys */
        if (t->field->offset == offsetof(struct xb_report_key, cache))
            return fits_text(t, xb_cache_names[XB_CACHE_WARM]);
        if (t->field->offset == offsetof(struct xb_report_key, allocator))
            return fits_text(t, xb_allocator_names[XB_ALLOCATOR_MALLOC]);
        if (t->field->offset == offsetof(struct xb_report_key, contention))
            return fits_text(t, xb_contention_names[XB_CONTENTION_NONE]);
        return fits_text(t, text);
    case TERM_NUMBER:
        return fits_number(t, (double)*(const int64_t *)(const void *)member);
    case TERM_PAIRS:
        return fits_pairs(t, c->key.pairs);
    case TERM_OPTIONS:
        return fits_options(t, c->key.options);
    case TERM_WHOLE:
        return c->key.chunk_bytes <= 0;
    }
    return true;
}

bool xb_case_terms_meet(const struct xb_case_terms *terms, const struct xb_report_case *c)
{
    for (size_t i = 0; i < terms->n; i++)
        if (!fits(&terms->term[i], c))
            return false;
    return true;
}

bool xb_case_terms_meet_link(const struct xb_case_terms *terms, const char *link_class)
{
    for (size_t i = 0; i < terms->n; i++)
        if (terms->term[i].kind == TERM_LINK && !fits_text(&terms->term[i], link_class))
            return false;
    return true;
}

bool xb_case_terms_ask_link(const struct xb_case_terms *terms)
{
    for (size_t i = 0; i < terms->n; i++)
        if (terms->term[i].kind == TERM_LINK)
            return true;
    return false;
}
