/* SPDX-License-Identifier: BSD-3-Clause */
/* case_groups.c - which cases of a report stand together in its table. */
#include "report/formats/case_groups.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/screen.h"
#include "base/text_set.h"
#include "model/plan/collective_op.h"
#include "model/plan/pattern.h"
#include "report/case_walk.h"
#include "report/formats/matrix.h"

/* ---- what differs ---- */

static struct xb_group_term *term_of(struct xb_group_method *m, const struct xb_term *t)
{
    for (size_t i = 0; i < m->nterms; i++)
        if (strcmp(m->term[i].name, t->name) == 0)
            return &m->term[i];
    struct xb_group_term *more = realloc(m->term, (m->nterms + 1) * sizeof *more);
    if (!more)
        return NULL;
    m->term = more;
    more[m->nterms] =
        (struct xb_group_term){.name = strdup(t->name), .value = strdup(t->value)};
    return &more[m->nterms++];
}

/* Count the terms of a case: options under its method, conditions under the group's. */
static int count_terms(struct xb_group_method *m, const struct xb_term *terms, size_t n,
                       bool of_case)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): realloc keeps what was there */
    m->cases++;
    for (size_t i = 0; i < n; i++) {
        struct xb_group_term *term = terms[i].of_case == of_case ? term_of(m, &terms[i]) : NULL;
        if (terms[i].of_case != of_case)
            continue;
        if (!term || !term->name || !term->value)
            return -1;
        term->cases++;
        term->differs = term->differs || strcmp(term->value, terms[i].value) != 0;
    }
    return 0;
}

/* What only some cases have differs too. */
static void settle_terms(struct xb_group_method *m)
{
    for (size_t i = 0; i < m->nterms; i++)
        m->term[i].differs = m->term[i].differs || m->term[i].cases < m->cases;
}

static void release_method(struct xb_group_method *m)
{
    for (size_t i = 0; i < m->nterms; i++) {
        free(m->term[i].name);
        free(m->term[i].value);
    }
    free(m->term);
    free(m->name);
}

static bool does_differ(const struct xb_group_method *m, const char *name)
{
    for (size_t i = 0; i < m->nterms; i++)
        if (strcmp(m->term[i].name, name) == 0)
            return m->term[i].differs;
    return false;
}

const char *xb_group_label(const struct xb_case_group *group, const struct xb_grouped_case *of,
                           const struct xb_report_case *c, char buf[XB_METHOD_TEXT_LEN])
{
    struct xb_term terms[XB_TERMS_MOST];
    size_t n = xb_format_terms(c, terms), shown = 0;
    FILE *out = fmemopen(buf, XB_METHOD_TEXT_LEN, "w");
    char name[XB_CELL_LEN];

    buf[0] = '\0';
    if (!out)
        return buf;
    fputs(xb_format_method_name(c, name), out);
    for (size_t i = 0; i < n; i++)
        if (does_differ(terms[i].of_case ? &group->conditions : &group->method[of->method],
                        terms[i].name))
            fprintf(out, "%c%s=%s", shown++ ? ',' : '[', terms[i].name, terms[i].value);
    fputs(shown ? "]" : "", out);
    fclose(out);
    buf[XB_METHOD_TEXT_LEN - 1] = '\0';
    xb_screen_tame(buf, false);
    return buf;
}

/* ---- groups ---- */

/* Its pattern, also by a name of version 1; NULL where an experiment stands for it. */
static const struct xb_pattern *pattern_of(const struct xb_report_case *c)
{
    const struct xb_pairs *pairs;

    return xb_pattern_find(c->key.pattern, &pairs);
}

/* " all-reduce": the operation of a collective, which is not compared with others; "" for other
 * patterns. */
static const char *operation_of(const struct xb_report_case *c, char buf[XB_CELL_LEN])
{
    static const char *const names[] = {XB_COLLECTIVE_NAMES};
    const struct xb_pattern *pattern = pattern_of(c);
    const cJSON *options = c->chosen.there ? c->chosen.options : c->key.options, *option;

    buf[0] = '\0';
    cJSON_ArrayForEach(option, options)
    {
        const char *value = cJSON_GetStringValue(option);
        for (size_t i = 0; pattern && value && i < sizeof names / sizeof names[0]; i++)
            if (pattern->kind == XB_KIND_COLLECTIVE && strcmp(value, names[i]) == 0)
                snprintf(buf, XB_CELL_LEN, " %s", value);
    }
    return buf;
}

/* "stream each, gpu->gpu@node"; classes and first are not worth a word. */
static char *title_of(const struct xb_report_case *c)
{
    const cJSON *pairs = c->key.pairs;
    char *list = cJSON_IsArray(pairs) ? cJSON_PrintUnformatted(pairs) : NULL, *title = NULL;
    const char *said = list ? list : cJSON_GetStringValue(pairs);
    char path[XB_CELL_LEN], operation[XB_CELL_LEN];

    if (said && (strcmp(said, xb_pairs_name(XB_PAIRS_CLASSES)) == 0 ||
                 strcmp(said, xb_pairs_name(XB_PAIRS_FIRST)) == 0))
        said = NULL;
    if (asprintf(&title, "%s%s%s%s%s%s, %s", c->key.pattern, operation_of(c, operation),
                 said ? " " : "", said ? said : "", c->key.traffic ? " " : "",
                 c->key.traffic ? c->key.traffic : "", xb_format_path(c, path)) < 0)
        title = NULL;
    cJSON_free(list);
    if (title)
        xb_screen_tame(title, false);
    return title;
}

/* The group of a case, new where there is none of its title. */
static struct xb_case_group *group_of(struct xb_case_groups *groups, struct xb_text_set *titles,
                                      const struct xb_report_case *c)
{
    const struct xb_pattern *pattern = pattern_of(c);
    char *title = title_of(c);
    size_t known = titles->n;
    int64_t i = title ? xb_text_set_add(titles, title) : -1;

    if (i < 0 || (size_t)i < known) {
        free(title);
        return i < 0 ? NULL : &groups->group[i];
    }
    struct xb_case_group *more =
        realloc(groups->group, (groups->n + 1) * sizeof *groups->group);
    if (!more) {
        free(title);
        return NULL;
    }
    groups->group = more;
    more[groups->n] =
        (struct xb_case_group){.title = title,
                               .latency = pattern && pattern->metric == XB_METRIC_LATENCY,
                               .compares = pattern != NULL};
    return &more[groups->n++];
}

/* Index of the method of a case in its group, or -1 when out of memory. */
static int64_t method_of(struct xb_case_group *group, const struct xb_report_case *c)
{
    char name[XB_CELL_LEN];

    xb_format_method_name(c, name);
    for (size_t i = 0; i < group->nmethods; i++)
        if (strcmp(group->method[i].name, name) == 0)
            return (int64_t)i;
    struct xb_group_method *more = realloc(group->method, (group->nmethods + 1) * sizeof *more);
    if (!more)
        return -1;
    group->method = more;
    more[group->nmethods] = (struct xb_group_method){.name = strdup(name)};
    return more[group->nmethods].name ? (int64_t)group->nmethods++ : -1;
}

static uint64_t hash_terms(const struct xb_term *terms, size_t n, const char *method)
{
    uint64_t hash = xb_hash_text(XB_HASH_BASIS, method ? method : "");

    for (size_t i = 0; i < n; i++)
        if (method || terms[i].of_case)
            hash = xb_hash_text(xb_hash_text(hash, terms[i].name), terms[i].value);
    return hash;
}

static struct xb_grouped_case *new_case(struct xb_case_group *group)
{
    if (group->n == group->room) {
        size_t room = group->room ? 2 * group->room : 16;
        struct xb_grouped_case *more = realloc(group->c, room * sizeof *more);
        if (!more)
            return NULL;
        group->c = more;
        group->room = room;
    }
    return &group->c[group->n++];
}

static unsigned marks_of(const struct xb_case_groups *groups, const struct xb_report_case *c)
{
    const struct xb_report_time *t = &c->time_us;
    bool slow = xb_text_set_find(groups->slow, c->id, strlen(c->id)) >= 0;
    /* older reports do not note it */
    bool noisy =
        xb_report_noted(c, XB_NOTE_NOISY) || (t->ci_hi - t->ci_lo) / 2 > XB_NOISY * t->median;

    return (noisy ? XB_MARK_NOISY : 0u) | (slow ? XB_MARK_SLOW : 0u) |
           (c->status != XB_OK ? XB_MARK_BAD : 0u);
}

/* Are the case's pairs many, by what was asked for? */
static bool sweeps_pairs(const struct xb_report_case *c)
{
    const char *pairs = cJSON_GetStringValue(c->key.pairs);

    return cJSON_IsArray(c->key.pairs) ||
           (pairs && strcmp(pairs, xb_pairs_name(XB_PAIRS_CLASSES)) != 0 &&
            strcmp(pairs, xb_pairs_name(XB_PAIRS_FIRST)) != 0);
}

static unsigned parts_of(const struct xb_report_case *c)
{
    const bool lanes = xb_matrix_has(c);
    bool notes = c->status != XB_OK;

    for (size_t i = 0; i < c->notes.n; i++)
        notes = notes || strcmp(c->notes.value[i], XB_NOTE_NOISY) != 0;
    return (lanes && c->slowest_lane >= 0 ? XB_HAS_SLOWEST : 0u) |
           (c->lanes.n > 2 ? XB_HAS_MANY : 0u) |
           (lanes && sweeps_pairs(c) ? XB_HAS_SWEEP : 0u) |
           (isfinite(c->fraction_of_ceiling) ? XB_HAS_CEILING : 0u) |
           (notes ? XB_HAS_NOTES : 0u);
}

static int add_case(struct xb_case_groups *groups, struct xb_text_set *titles, size_t place,
                    const struct xb_report_case *c)
{
    struct xb_case_group *group = group_of(groups, titles, c);
    struct xb_term terms[XB_TERMS_MOST];
    size_t n = xb_format_terms(c, terms);
    int64_t method = group ? method_of(group, c) : -1;
    struct xb_grouped_case *entry = method >= 0 ? new_case(group) : NULL;
    char name[XB_CELL_LEN];

    if (!entry)
        return -1;
    *entry = (struct xb_grouped_case){
        .place = place,
        .method = (size_t)method,
        .variant = hash_terms(terms, n, xb_format_method_name(c, name)),
        .company = hash_terms(terms, n, NULL),
        .bytes = c->key.bytes,
        .chunk = c->chosen.there ? c->chosen.chunk_bytes : c->key.chunk_bytes,
        .depth = c->chosen.there ? c->chosen.depth : c->key.depth,
        .us = c->time_us.median,
        .lo_us = c->time_us.ci_lo,
        .hi_us = c->time_us.ci_hi,
        .rate = c->bandwidth.median > 0 ? c->bandwidth.median : NAN,
        .has = parts_of(c),
        .marks = marks_of(groups, c),
    };
    if (count_terms(&group->method[method], terms, n, false) < 0)
        return -1;
    return count_terms(&group->conditions, terms, n, true);
}

/* ---- order ---- */

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_size_and_method(const void *a, const void *b)
{
    const struct xb_grouped_case *x = a, *y = b;
    int order = compare_numbers(x->bytes, y->bytes);

    if (order == 0)
        order = compare_numbers((int64_t)x->method, (int64_t)y->method);
    return order ? order : compare_numbers((int64_t)x->place, (int64_t)y->place);
}

double xb_group_value(const struct xb_case_group *group, const struct xb_grouped_case *c)
{
    return group->latency ? c->us : c->rate;
}

/* Is a better than b by what the group shows? */
static bool is_better(const struct xb_case_group *group, const struct xb_grouped_case *a,
                      const struct xb_grouped_case *b)
{
    return group->latency ? a->us < b->us : a->rate > b->rate;
}

/* Do both intervals have a part in common? */
static bool is_like(const struct xb_case_group *group, const struct xb_grouped_case *a,
                    const struct xb_grouped_case *best)
{
    if (a == best)
        return true;
    if (group->latency)
        return a->lo_us <= best->hi_us;
    return a->rate * a->us / a->lo_us >= best->rate * best->us / best->hi_us;
}

static bool is_candidate(const struct xb_case_group *group, const struct xb_grouped_case *c)
{
    return !(c->marks & XB_MARK_BAD) && isfinite(xb_group_value(group, c));
}

/* Mark the best of the cases from first to behind last that have the conditions of c, where
 * there are several. */
static void mark_best(struct xb_case_group *group, size_t first, size_t last, uint64_t company)
{
    const struct xb_grouped_case *best = NULL;
    size_t n = 0;

    for (size_t i = first; i < last; i++) {
        const struct xb_grouped_case *c = &group->c[i];
        if (c->company != company || !is_candidate(group, c))
            continue;
        n++;
        if (!best || is_better(group, c, best))
            best = c;
    }
    for (size_t i = first; n > 1 && i < last; i++) {
        struct xb_grouped_case *c = &group->c[i];
        if (c->company == company && is_candidate(group, c) && is_like(group, c, best))
            c->marks |= XB_MARK_BEST;
    }
}

/* Of each size, among cases of the same conditions. */
static void mark_all_best(struct xb_case_group *group)
{
    for (size_t first = 0, last; first < group->n; first = last) {
        last = first;
        while (last < group->n && group->c[last].bytes == group->c[first].bytes)
            last++;
        for (size_t i = first; i < last; i++) {
            bool done = false;
            for (size_t k = first; k < i && !done; k++)
                done = group->c[k].company == group->c[i].company;
            if (!done)
                mark_best(group, first, last, group->c[i].company);
        }
    }
}

static void settle(struct xb_case_group *group)
{
    bool rated = false;

    for (size_t i = 0; i < group->n; i++)
        rated = rated || isfinite(group->c[i].rate);
    group->latency = group->latency || !rated;
    settle_terms(&group->conditions);
    for (size_t i = 0; i < group->nmethods; i++)
        settle_terms(&group->method[i]);
    qsort(group->c, group->n, sizeof *group->c, by_size_and_method);
    if (group->compares)
        mark_all_best(group);
}

/* Ids of the cases in which something slow was seen, again where it was looked at again. */
static int find_slow(struct xb_case_groups *groups)
{
    const cJSON *outlier, *c;
    int rc = 0;

    cJSON_ArrayForEach(outlier, groups->report->outliers)
    {
        const cJSON *cases = cJSON_GetObjectItemCaseSensitive(outlier, "cases");
        cJSON_ArrayForEach(c, cases)
        {
            const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(c, "id"));
            if (id && xb_text_set_add(groups->slow, id) < 0)
                rc = -1;
        }
    }
    return rc;
}

int xb_case_groups_of(const struct xb_report *report, struct xb_case_groups *out)
{
    struct xb_case_walk walk = xb_cases(report);
    struct xb_text_set titles = {.n = 0};
    const struct xb_report_case *c;

    *out = (struct xb_case_groups){.report = report, .slow = calloc(1, sizeof *out->slow)};
    int rc = out->slow ? find_slow(out) : -1;
    while (rc == 0 && (c = xb_cases_next(&walk)))
        if (c->time_us.there)
            rc = add_case(out, &titles, walk.place, c);
    if (xb_cases_end(&walk) < 0)
        rc = -1;
    for (size_t i = 0; rc == 0 && i < out->n; i++)
        settle(&out->group[i]);
    xb_text_set_release(&titles);
    return rc;
}

void xb_case_groups_release(struct xb_case_groups *groups)
{
    for (size_t i = 0; i < groups->n; i++) {
        struct xb_case_group *group = &groups->group[i];
        for (size_t k = 0; k < group->nmethods; k++)
            release_method(&group->method[k]);
        release_method(&group->conditions);
        free(group->method);
        free(group->title);
        free(group->c);
    }
    free(groups->group);
    if (groups->slow)
        xb_text_set_release(groups->slow);
    free(groups->slow);
    *groups = (struct xb_case_groups){.report = NULL};
}
