/* SPDX-License-Identifier: BSD-3-Clause */
/* expect_learn.c - expectations made from reports of machines that are well. */
#include "report/expect_learn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/figures/stats.h"
#include "report/expect_finding.h"
#include "report/expect_source.h"
#include "report/report_json.h"

/* A figure of a case or of one of its lanes, in one report. Texts are the report's. */
struct seen {
    const struct xb_report_case *c;
    const struct xb_expect_bound *bound; /* that is made anew of it; NULL for the case's own */
    bool of_case;
    const char *link_class; /* of a lane; "" where it is not known */
    size_t report, node;    /* of which it is */
    struct xb_finding_figures figures;
};

/* Figures that are collected. */
struct collecting {
    const struct xb_learn_options *options;
    const struct xb_report *report;
    struct xb_list seen; /* of struct seen */
};

/* ---- collecting ---- */

static bool meets(const struct xb_case_terms *terms, const struct seen *seen)
{
    const char *link = seen->link_class[0] ? seen->link_class : NULL;

    return xb_case_terms_meet(terms, seen->c) && xb_case_terms_meet_link(terms, link);
}

static bool is_asked(const struct xb_learn_options *options, const struct seen *seen)
{
    bool asked = seen->bound ? meets(&seen->bound->cases, seen) : options->n == 0;

    for (size_t i = 0; !seen->bound && !asked && i < options->n; i++)
        asked = meets(&options->cases[i], seen);
    return asked;
}

static int add_seen(struct collecting *to, const struct seen *made)
{
    if (isnan(made->figures.us) || !is_asked(to->options, made))
        return 0;
    struct seen *seen = xb_list_add(&to->seen, sizeof *seen);
    if (seen)
        *seen = *made;
    return seen ? 0 : -1;
}

static int add_lanes(struct collecting *to, struct seen seen)
{
    for (size_t l = 0; l < seen.c->lanes.n; l++) {
        const struct xb_report_step *step = xb_report_step_of(to->report, seen.c, l);
        if (!xb_report_lane_is_full(to->report, seen.c, l))
            continue;
        seen.link_class = step && step->link_class ? step->link_class : "";
        seen.figures = xb_finding_of_lane(xb_report_lane_at(seen.c, l));
        if (add_seen(to, &seen) < 0)
            return -1;
    }
    return 0;
}

static int add_whole(struct collecting *to, struct seen seen)
{
    seen.of_case = true;
    seen.link_class = "";
    seen.figures = xb_finding_of_case(seen.c);
    return add_seen(to, &seen);
}

/* What each bound holds of a case: as check does. */
static int add_for_bounds(struct collecting *to, struct seen seen)
{
    const struct xb_expectations *like = to->options->like;
    int rc = 0;

    for (size_t b = 0; rc == 0 && b < like->nbounds; b++) {
        seen.bound = &like->bounds[b];
        bool lanes = !seen.bound->of_case && xb_finding_by_lane(seen.c);
        rc = lanes ? add_lanes(to, seen) : add_whole(to, seen);
    }
    return rc;
}

/* Lanes that have figures of their own, and the case where its figure is not a lane's. */
static int add_case(struct collecting *to, const struct seen *seen)
{
    bool by_lane = xb_finding_by_lane(seen->c);

    if (to->options->like)
        return add_for_bounds(to, *seen);
    if (by_lane && add_lanes(to, *seen) < 0)
        return -1;
    return by_lane && !(seen->c->concurrent > 1) ? 0 : add_whole(to, *seen);
}

static int collect(struct collecting *to, const struct xb_report *reports, size_t n,
                   struct xb_learnt *learnt)
{
    for (size_t r = 0; r < n; r++) {
        struct seen seen = {.report = r, .node = xb_source_node(reports, n, r)};
        to->report = &reports[r];
        for (size_t i = 0; i < reports[r].cases.n; i++) {
            seen.c = xb_report_case_at(&reports[r], i);
            if (seen.c->status == XB_SKIPPED)
                continue;
            if (seen.c->status != XB_OK)
                learnt->broken++;
            else if (add_case(to, &seen) < 0)
                return -1;
        }
    }
    return 0;
}

/* ---- groups ---- */

/* Those of one bound together, or of one case; then of lanes and of the whole, then by link
 * class. */
static int compare_groups(const struct seen *x, const struct seen *y)
{
    int by = x->bound ? 0 : strcmp(x->c->id, y->c->id);

    if (x->bound)
        return x->bound < y->bound ? -1 : x->bound > y->bound;
    if (by == 0)
        by = x->of_case - y->of_case;
    return by ? by : strcmp(x->link_class, y->link_class);
}

static int compare_seen(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    int by = compare_groups(x, y);

    return by ? by : (x->report > y->report) - (x->report < y->report);
}

struct group {
    const struct seen *seen;
    size_t n, launches, nodes;
    bool names_link; /* lanes of the case are of several classes */
};

/* Different reports, and nodes, that a group has figures of; those of a report stand together.
 */
static void count_sources(struct group *g)
{
    g->launches = g->nodes = 0;
    for (size_t i = 0; i < g->n; i++) {
        bool new_report = i == 0 || g->seen[i - 1].report != g->seen[i].report;
        bool new_node = new_report;
        for (size_t k = 0; new_node && k < i; k++)
            new_node = g->seen[k].node != g->seen[i].node;
        g->launches += new_report;
        g->nodes += new_node;
    }
}

static bool is_host_memory(const struct xb_report_case *c)
{
    return strcmp(c->key.src, "host") == 0 && strcmp(c->key.dst, "host") == 0 &&
           strcmp(c->key.locality, "remote") != 0;
}

/* A ping-pong's figure is its time, and so is that of what moves no bytes. The ceiling between
 * hosts of one node is there to catch the absurd, and says nothing about a machine. */
static enum xb_expect_figure figure_of(const struct group *g)
{
    const struct xb_report_case *c = g->seen[0].c;
    const struct xb_pattern *pattern = xb_pattern_find(c->key.pattern, NULL);
    bool fractions = !is_host_memory(c);

    if (g->seen[0].bound)
        return g->seen[0].bound->figure;
    if (!pattern || pattern->metric == XB_METRIC_LATENCY)
        return XB_EXPECT_TIME;
    for (size_t i = 0; i < g->n; i++) {
        const struct xb_finding_figures *f = &g->seen[i].figures;
        if (!(f->gb_per_s > 0))
            return XB_EXPECT_TIME;
        fractions = fractions && f->fraction > 0;
    }
    return fractions ? XB_EXPECT_FRACTION : XB_EXPECT_RATE;
}

static double figure_at(const struct group *g, size_t i, enum xb_expect_figure figure)
{
    const struct xb_finding_figures *f = &g->seen[i].figures;

    switch (figure) {
    case XB_EXPECT_FRACTION:
        return f->fraction;
    case XB_EXPECT_RATE:
        return f->gb_per_s;
    case XB_EXPECT_TIME:
        break;
    }
    return f->us;
}

/* ---- bands ---- */

int xb_learn_band(const double *figures, size_t n, double *median, double *mad, double *band)
{
    double *off = calloc(n, sizeof *off);
    struct xb_stats stats;
    int rc = off ? xb_stats_compute(figures, n, &stats) : -1;

    *median = rc == 0 ? stats.median : NAN;
    for (size_t i = 0; rc == 0 && i < n; i++)
        off[i] = fabs(figures[i] - *median);
    if (rc == 0)
        rc = xb_stats_compute(off, n, &stats);
    *mad = rc == 0 ? stats.median : NAN;
    *band =
        fmax(XB_LEARN_LEAST_BAND, XB_LEARN_FACTOR * XB_LEARN_MAD_SCALE * *mad / fabs(*median));
    free(off);
    return rc;
}

/* What lies beyond 0 on the way down is no limit. */
static bool put_limit(cJSON *limits, const char *key, double value)
{
    return !(value > 0) || xb_report_put(limits, key, xb_report_number(xb_round_ratio(value)));
}

/* Bounds around a median: on the worse side from the band on, on the better side from twice the
 * band on. */
static cJSON *bounds_json(enum xb_expect_figure figure, double median, double band)
{
    int worse = figure == XB_EXPECT_TIME ? 1 : -1;
    const char *worse_key = worse > 0 ? "above" : "below",
               *better_key = worse > 0 ? "below" : "above";
    cJSON *object = cJSON_CreateObject(), *bad = cJSON_CreateObject(),
          *better = cJSON_CreateObject();
    bool good = object && bad && better &&
                put_limit(bad, "warning", median * (1 + worse * band)) &&
                put_limit(bad, "critical", median * (1 + worse * 2 * band)) &&
                put_limit(better, "warning", median * (1 - worse * 2 * band));

    if (bad && bad->child && good)
        good = xb_report_put(object, worse_key, bad);
    else
        cJSON_Delete(bad);
    if (better && better->child && good)
        good = xb_report_put(object, better_key, better);
    else
        cJSON_Delete(better);
    return xb_report_done(object, good);
}

static cJSON *cases_json(const struct group *g)
{
    cJSON *object = cJSON_CreateObject();
    bool good = xb_report_put(object, "id", cJSON_CreateString(g->seen[0].c->id));

    if (g->names_link)
        good = good &&
               xb_report_put(object, "link_class", cJSON_CreateString(g->seen[0].link_class));
    return xb_report_done(object, good);
}

static cJSON *learnt_json(const struct group *g, double median, double mad, double band)
{
    cJSON *object = cJSON_CreateObject();
    bool good = xb_report_put(object, "median", xb_report_number(xb_round_ratio(median))) &&
                xb_report_put(object, "mad", xb_report_number(xb_round_ratio(mad))) &&
                xb_report_put(object, "band", xb_report_number(xb_round_ratio(band))) &&
                xb_report_put(object, "figures", xb_report_number((double)g->n)) &&
                xb_report_put(object, "launches", xb_report_number((double)g->launches)) &&
                xb_report_put(object, "nodes", xb_report_number((double)g->nodes));

    return xb_report_done(object, good);
}

/* The row of a case's own, without its figure. */
static cJSON *new_row(const struct group *g)
{
    cJSON *row = cJSON_CreateObject();
    bool of_case = g->seen[0].of_case && xb_finding_by_lane(g->seen[0].c);
    bool good = xb_report_put(row, "cases", cases_json(g)) &&
                (!of_case || xb_report_put(row, "of", cJSON_CreateString("case")));

    return xb_report_done(row, good);
}

/* That of a bound that is made anew. */
static cJSON *old_row(const struct xb_expect_bound *bound)
{
    cJSON *row = cJSON_Duplicate(bound->row, true);

    cJSON_DeleteItemFromObjectCaseSensitive(row, xb_expect_figure_name(bound->figure));
    cJSON_DeleteItemFromObjectCaseSensitive(row, "learnt");
    return row;
}

/* Add the row of a group. 1 where its figures are too far apart for one, -1 when out of memory.
 */
static int add_row(cJSON *rows, const struct group *g)
{
    enum xb_expect_figure figure = figure_of(g);
    double *values = calloc(g->n, sizeof *values), median, mad, band;
    size_t n = 0;

    for (size_t i = 0; values && i < g->n; i++)
        if (!isnan(values[n] = figure_at(g, i, figure)))
            n++;
    int rc = values && n > 0 ? xb_learn_band(values, n, &median, &mad, &band) : values ? 1 : -1;
    free(values);
    if (rc != 0)
        return rc;
    if (!(median > 0) || band >= 1)
        return 1;
    cJSON *row = g->seen[0].bound ? old_row(g->seen[0].bound) : new_row(g);
    bool good =
        xb_report_put(row, xb_expect_figure_name(figure), bounds_json(figure, median, band)) &&
        xb_report_put(row, "learnt", learnt_json(g, median, mad, band));
    return xb_report_push(rows, xb_report_done(row, good)) ? 0 : -1;
}

/* Are both lanes of one case, in groups of their own? */
static bool is_other_link(const struct seen *a, const struct seen *b)
{
    return !a->of_case && !b->of_case && strcmp(a->c->id, b->c->id) == 0;
}

static cJSON *rows_json(const struct seen *seen, size_t n, size_t launches,
                        struct xb_learnt *learnt)
{
    cJSON *rows = cJSON_CreateArray();
    bool good = rows != NULL;
    struct group g;

    for (size_t i = 0; good && i < n; i += g.n) {
        g = (struct group){.seen = seen + i, .n = 1};
        while (i + g.n < n && compare_groups(&seen[i], &seen[i + g.n]) == 0)
            g.n++;
        g.names_link =
            seen[i].link_class[0] && ((i > 0 && is_other_link(&seen[i - 1], &seen[i])) ||
                                      (i + g.n < n && is_other_link(&seen[i + g.n], &seen[i])));
        count_sources(&g);
        if (g.launches < launches) {
            learnt->seldom++;
            continue;
        }
        int rc = add_row(rows, &g);
        good = rc >= 0;
        learnt->noisy += rc == 1;
        learnt->bounds += rc == 0;
    }
    return xb_report_done(rows, good);
}

/* ---- the file ---- */

static cJSON *schema_json(void)
{
    cJSON *schema = cJSON_CreateObject();
    bool good = xb_report_put(schema, "name", cJSON_CreateString(XB_EXPECT_NAME)) &&
                xb_report_put(schema, "version", xb_report_number(XB_EXPECT_VERSION));

    return xb_report_done(schema, good);
}

static cJSON *file_json(const struct xb_report *reports, size_t n, const struct xb_list *seen,
                        const struct xb_learn_options *options, struct xb_learnt *learnt)
{
    const char *description = options->like ? options->like->description : "";
    cJSON *rows = rows_json(seen->item, seen->n, options->launches, learnt);
    cJSON *root = cJSON_CreateObject();
    bool good = rows && xb_report_put(root, "schema", schema_json()) &&
                xb_report_put(root, "name", cJSON_CreateString(options->name)) &&
                (!description[0] ||
                 xb_report_put(root, "description", cJSON_CreateString(description))) &&
                xb_report_put(root, "source", xb_source_json(reports, n)) &&
                xb_report_put(root, "match", xb_source_match(reports, n)) &&
                xb_report_put(root, "require", xb_source_needs(reports, n, options->like));

    if (!good) {
        cJSON_Delete(rows);
        return xb_report_done(root, false);
    }
    return xb_report_done(root, xb_report_put(root, "bounds", rows));
}

cJSON *xb_expect_learn(const struct xb_report *reports, size_t n,
                       const struct xb_learn_options *options, struct xb_learnt *learnt,
                       struct xb_error *err)
{
    struct collecting to = {.options = options};
    cJSON *file = NULL;

    *learnt = (struct xb_learnt){.reports = n, .nodes = xb_source_nodes(reports, n)};
    if (xb_source_check(reports, n, err) < 0)
        return NULL;
    if (learnt->nodes < 2 && !options->one_node) {
        xb_fail(err,
                "all %zu reports are of one node, whose own faults would be learnt as good: "
                "expected reports of several, or --one-node",
                n);
        return NULL;
    }
    if (collect(&to, reports, n, learnt) == 0) {
        if (to.seen.n > 0)
            qsort(to.seen.item, to.seen.n, sizeof(struct seen), compare_seen);
        file = file_json(reports, n, &to.seen, options, learnt);
    }
    free(to.seen.item);
    if (!file)
        xb_fail(err, "out of memory for expectations");
    else if (learnt->bounds == 0) {
        cJSON_Delete(file);
        file = NULL;
        xb_fail(err,
                "found no case with figures that is ok in at least %zu of these %zu reports, "
                "expected one to learn from",
                options->launches, n);
    }
    return file;
}
