/* SPDX-License-Identifier: BSD-3-Clause */
/* budget.c - what bandwidth costs: cases that differ in nothing but how much of a resource they
 * may have, beside each other, and the least that brings nearly all; and what it hangs on:
 * those that differ in nothing but how their copies are submitted, or where their memory comes
 * from, and the best.
 *
 * The other cases are in the table as they always are.
 */
#include "report/formats/case_rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "model/plan/allocator.h"
#include "report/formats/format.h"
#include "report/formats/table.h"

#define LARGEST_WHOLE 9007199254740991.0 /* 2^53 - 1 */

/* Nearly all: at least this part of the best rate. */
#define ENOUGH      0.95
#define ENOUGH_TEXT "the least within 5 %"
#define FALLEN      0.5  /* of malloc's rate: less is another way than malloc's memory goes */
#define SEEN        0.05 /* a wire that carried less is not named */

/* The options that are resources, and what a case has of one that it does not name; those whose
 * values are words; and the allocator, which is a key of its own and may change the wire. */
static const struct resource {
    const char *option, *title;
    int64_t usual;
    const char *usual_text;
    bool words;
} resources[] = {
    {"sms", "multiprocessors", INT64_MAX, "all", false},
    {"threads", "threads", 1, "1", false},
    {"submission", "submission", 0, "loop", true},
    {NULL, "allocator", 0, "malloc", true},
};
#define RESOURCES (sizeof(resources) / sizeof(resources[0]))

struct budget {
    int64_t amount; /* of words the place, in the report's order */
    double rate;    /* GB/s */
    char text[XB_CELL_LEN];
    struct xb_report_carried carried;
};

/* Cases that differ in their budget alone: the title is what they share. */
struct curve {
    const struct resource *resource;
    char *title;
    struct budget *budget;
    size_t n;
};

struct curves {
    struct curve *curve;
    size_t n;
};

static void release(struct curves *curves)
{
    for (size_t i = 0; i < curves->n; i++) {
        free(curves->curve[i].title);
        free(curves->curve[i].budget);
    }
    free(curves->curve);
}

static struct curve *find_curve(const struct curves *curves, const struct resource *r,
                                const char *title)
{
    for (size_t i = 0; i < curves->n; i++)
        if (curves->curve[i].resource == r && strcmp(curves->curve[i].title, title) == 0)
            return &curves->curve[i];
    return NULL;
}

static bool has_rate(const struct xb_report_case *c)
{
    return c->status == XB_OK && c->bandwidth.there && !c->chosen.there;
}

static int add_budget(struct curves *curves, const struct resource *r,
                      const struct xb_report_case *c)
{
    const cJSON *value =
        r->option ? cJSON_GetObjectItemCaseSensitive(c->key.options, r->option) : NULL;
    const char *word = r->option ? cJSON_GetStringValue(value) : c->key.allocator;
    double number = value ? cJSON_GetNumberValue(value) : NAN;
    bool whole = fabs(number) <= LARGEST_WHOLE;
    struct budget b = {
        .amount = r->usual, .rate = c->bandwidth.median, .carried = c->carried_by};
    char *title = xb_format_title_without(c, r->option);
    struct curve *curve = title ? find_curve(curves, r, title) : NULL;

    if (title && !curve) {
        struct curve *more = realloc(curves->curve, (curves->n + 1) * sizeof(*more));
        if (more) {
            curves->curve = more;
            curve = &more[curves->n++];
            *curve = (struct curve){.resource = r, .title = title};
            title = NULL; /* the curve's now */
        }
    }
    free(title);
    struct budget *more = curve ? realloc(curve->budget, (curve->n + 1) * sizeof(*more)) : NULL;
    if (!more)
        return -1;
    if (r->words)
        b.amount = (int64_t)curve->n;
    else if (whole)
        b.amount = (int64_t)number;
    if (value && !word)
        snprintf(b.text, sizeof(b.text), whole ? "%" PRId64 : "?", b.amount);
    else
        snprintf(b.text, sizeof(b.text), "%s", word ? word : r->usual_text);
    curve->budget = more;
    curve->budget[curve->n++] = b;
    return 0;
}

/* Does one of the curves, of two budgets or more, show the case? -1 when out of memory. */
static int is_shown(const struct curves *curves, const struct xb_report_case *c)
{
    int shown = 0;

    for (size_t i = 0; shown == 0 && has_rate(c) && i < RESOURCES; i++) {
        char *title = xb_format_title_without(c, resources[i].option);
        const struct curve *curve = title ? find_curve(curves, &resources[i], title) : NULL;
        shown = !title ? -1 : curve && curve->n > 1;
        free(title);
    }
    return shown;
}

static int by_amount(const void *a, const void *b)
{
    const struct budget *x = a, *y = b;
    return (x->amount > y->amount) - (x->amount < y->amount);
}

/* The wires that carried the bytes, each with its share of them: "nvlink_tx 1.00". */
static const char *carried_text(const struct xb_report_carried *carried, char buf[XB_CELL_LEN])
{
    size_t used = 0;

    buf[0] = '\0';
    for (int w = 0; carried->there && w < XB_WIRES; w++)
        if (carried->by[w] >= SEEN && used < XB_CELL_LEN)
            used +=
                (size_t)snprintf(buf + used, XB_CELL_LEN - used, "%s%s %.2f", used ? ", " : "",
                                 xb_wire_name((enum xb_wire)w), carried->by[w]);
    return buf[0] ? buf : "-";
}

/* The rate of memory from malloc; 0 where the curve is not one of allocators or has none. */
static double rate_of_malloc(const struct curve *curve)
{
    for (size_t i = 0; !curve->resource->option && i < curve->n; i++)
        if (strcmp(curve->budget[i].text, xb_allocator_names[XB_ALLOCATOR_MALLOC]) == 0)
            return curve->budget[i].rate;
    return 0;
}

static int print_curve(struct curve *curve, FILE *out)
{
    const struct resource *r = curve->resource;
    char title[XB_CELL_LEN];
    snprintf(title, sizeof(title), "%s%s", r->words ? "" : ">", r->title);
    const char *const titles[] = {
        title, ">GB/s", ">of the best", "", r->option ? NULL : "carried by", NULL};
    struct xb_table *table = xb_table_new(titles);
    const double usual = rate_of_malloc(curve);
    double best = 0;
    bool found = false;
    int rc = table ? 0 : -1;

    qsort(curve->budget, curve->n, sizeof(*curve->budget), by_amount);
    for (size_t i = 0; i < curve->n; i++)
        if (curve->budget[i].rate > best)
            best = curve->budget[i].rate;
    for (size_t i = 0; rc == 0 && i < curve->n; i++) {
        const struct budget *b = &curve->budget[i];
        bool marked = !found && b->rate >= (r->words ? 1 : ENOUGH) * best;
        char rate[XB_CELL_LEN], part[XB_CELL_LEN], carried[XB_CELL_LEN];

        found = found || marked;
        snprintf(part, sizeof(part), "%.3f", b->rate / best);
        const char *mark = !marked ? "" : r->words ? "the best" : ENOUGH_TEXT;
        if (b->rate < FALLEN * usual)
            mark = "less than half of malloc";
        const char *const cells[] = {b->text,
                                     xb_format_rate(b->rate, rate),
                                     part,
                                     mark,
                                     r->option ? NULL : carried_text(&b->carried, carried),
                                     NULL};
        rc = xb_table_add(table, cells);
    }
    if (rc == 0) {
        fprintf(out, "%s\n", curve->title);
        xb_table_print(table, out);
    }
    xb_table_free(table);
    return rc;
}

static int collect(const struct xb_report *report, struct curves *curves)
{
    struct xb_case_walk walk = xb_cases(report);
    const struct xb_report_case *c;
    int rc = 0;

    while (rc == 0 && (c = xb_cases_next(&walk)))
        for (size_t i = 0; rc == 0 && has_rate(c) && i < RESOURCES; i++)
            rc = add_budget(curves, &resources[i], c);
    return xb_cases_end(&walk) < 0 ? -1 : rc;
}

static int write_budget(const struct xb_report *report, FILE *out)
{
    struct xb_case_rows *others = xb_case_rows_new(report);
    struct curves curves = {0};
    const char *gap = "";
    int rc = others ? collect(report, &curves) : -1;

    for (size_t i = 0; rc == 0 && i < curves.n; i++)
        if (curves.curve[i].n > 1) {
            fputs(gap, out);
            rc = print_curve(&curves.curve[i], out);
            gap = "\n";
        }
    struct xb_case_walk walk = xb_cases(report);
    const struct xb_report_case *c;
    while (rc == 0 && (c = xb_cases_next(&walk))) {
        int shown = is_shown(&curves, c);
        rc = shown < 0 ? -1 : xb_case_rows_add(others, &walk, c, !shown);
    }
    if (xb_cases_end(&walk) < 0)
        rc = -1;
    if (rc == 0)
        rc = xb_case_rows_print_others(others, gap, out);
    xb_case_rows_free(others);
    release(&curves);
    return rc;
}

const struct xb_format xb_format_budget = {
    .name = "budget",
    .summary =
        "bandwidth by multiprocessors, threads, submission or allocator: the least within "
        "5 % of the best, or the best",
    .write = write_budget,
};
