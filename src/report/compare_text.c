/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_text.c - a comparison for people: only what differs, unless all is asked for. */
#include "report/compare_print.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/screen.h"
#include "base/units.h"
#include "model/figures/simultaneous.h"

#define TEXT_LEN 256

/* ---- parts of lines ---- */

static const char *time_text(double us, char buf[XB_UNITS_LEN])
{
    if (isfinite(us))
        return xb_time_us_format(us, buf);
    return strcpy(buf, "-");
}

static const char *span_text(double lo, double hi, char buf[TEXT_LEN])
{
    char from[XB_UNITS_LEN], to[XB_UNITS_LEN];

    if (!isfinite(lo) || !isfinite(hi))
        return strcpy(buf, "-");
    snprintf(buf, TEXT_LEN, "%s to %s", time_text(lo, from), time_text(hi, to));
    return buf;
}

/* The verdict, and why there is none or how many launches it lacks. */
static const char *verdict_text(const struct xb_comparison *c, size_t row, size_t side,
                                char buf[TEXT_LEN])
{
    const struct xb_change *change = &xb_outcome_at(c, row, side)->change;
    const struct xb_side_value *base = xb_value_at(c, row, 0), *v = xb_value_at(c, row, side);
    size_t used = (size_t)snprintf(buf, TEXT_LEN, "%s", xb_verdict_name(change->verdict));

    if (change->verdict == XB_VERDICT_MISSING)
        snprintf(buf + used, TEXT_LEN - used, " %s %s%s%.160s", base->n ? "in" : "in the base,",
                 c->grouping.sides.value[base->n ? side : 0], change->reason ? ": " : "",
                 change->reason ? change->reason : "");
    else if (v->n < v->all || base->n < base->all)
        snprintf(buf + used, TEXT_LEN - used, " (%zu of %zu and %zu of %zu launches)", base->n,
                 base->all, v->n, v->all);
    return buf;
}

/* ---- cases ---- */

/* Where sides are cases of the same launches, one that is not on both is nothing that is
 * missing.
 */
static bool is_left_out(const struct xb_comparison *c, size_t row, size_t side)
{
    return xb_row_is_nowhere(c, row) ||
           (c->grouping.by_case &&
            xb_outcome_at(c, row, side)->change.verdict == XB_VERDICT_MISSING);
}

static bool is_shown(const struct xb_comparison *c, size_t row, size_t side, bool all)
{
    return !is_left_out(c, row, side) &&
           (all || xb_outcome_at(c, row, side)->change.verdict != XB_VERDICT_SAME);
}

/* The name of a column of times: that of the side, or where there are several what it is. */
struct xb_table *xb_compare_cases(const struct xb_comparison *c, const struct xb_names *names,
                                  bool all, size_t *shown)
{
    bool several = xb_sides(c) > 2;
    char base[TEXT_LEN], side_name[TEXT_LEN], ratio[TEXT_LEN];

    snprintf(base, sizeof base, ">%s", names->sides.value[0]);
    snprintf(side_name, sizeof side_name, ">%s", several ? "time" : names->sides.value[1]);
    if (several)
        snprintf(ratio, sizeof ratio, ">ratio");
    else
        snprintf(ratio, sizeof ratio, ">%.100s/%.100s", names->sides.value[1],
                 names->sides.value[0]);
    const char *plain[] = {"case", base, side_name, ratio, ">interval", "verdict", NULL},
               *more[] = {"case", base, "side", side_name, ratio, ">interval", "verdict", NULL};
    struct xb_table *table = xb_table_new(several ? more : plain);

    *shown = 0;
    for (size_t row = 0; row < xb_rows(c); row++)
        for (size_t side = 1; side < xb_sides(c); side++) {
            const struct xb_change *change = &xb_outcome_at(c, row, side)->change;
            char was[XB_UNITS_LEN], is[XB_UNITS_LEN], r[XB_CHANGE_LEN], i[XB_CHANGE_LEN],
                verdict[TEXT_LEN];
            if (!is_shown(c, row, side, all))
                continue;
            time_text(exp(xb_value_at(c, row, 0)->log_us), was);
            time_text(exp(xb_value_at(c, row, side)->log_us), is);
            verdict_text(c, row, side, verdict);
            xb_ratio_text(change, r);
            xb_interval_text(change, i);
            const char *id = names->rows.value[row];
            if (several)
                xb_compare_add(&table, (const char *const[]){id, was, names->sides.value[side],
                                                             is, r, i, verdict, NULL});
            else
                xb_compare_add(&table, (const char *const[]){id, was, is, r, i, verdict, NULL});
            ++*shown;
        }
    return table;
}

/* Print a table if it has rows. */
static int print_shown(struct xb_table *table, size_t shown, bool markdown, FILE *out)
{
    if (!table || shown > 0)
        return xb_compare_print_table(table, markdown, out);
    xb_table_free(table);
    return 0;
}

static int print_cases(const struct xb_comparison *c, const struct xb_names *names,
                       bool markdown, bool all, FILE *out)
{
    size_t shown;
    struct xb_table *table = xb_compare_cases(c, names, all, &shown);

    return print_shown(table, shown, markdown, out);
}

/* ---- cases by a column ---- */

/* The values of the column, in the order in which rows have them; returns how many. */
static size_t find_columns(const struct xb_comparison *c, const char **columns)
{
    size_t n = 0;

    for (size_t row = 0; row < xb_rows(c); row++) {
        size_t k = 0;
        while (k < n && strcmp(columns[k], xb_row_at(c, row)->col) != 0)
            k++;
        if (k == n)
            columns[n++] = xb_row_at(c, row)->col;
    }
    return n;
}

/* Rows of one label, from the first one on: what stands in each column. How many cells are
 * filled; where differing is asked for, that are not the same. */
static size_t fill_cells(const struct xb_comparison *c, size_t first, size_t side,
                         const char *const *columns, size_t n, bool all,
                         char cells[][XB_CHANGE_LEN])
{
    size_t filled = 0;

    for (size_t k = 0; k < n; k++)
        strcpy(cells[k], "");
    for (size_t row = first; row < xb_rows(c); row++) {
        const struct xb_row *r = xb_row_at(c, row);
        const struct xb_change *change = &xb_outcome_at(c, row, side)->change;
        char ratio[XB_CHANGE_LEN];
        size_t k = 0;
        if (strcmp(r->label, xb_row_at(c, first)->label) != 0 || is_left_out(c, row, side))
            continue;
        while (k < n && strcmp(columns[k], r->col) != 0)
            k++;
        if (k == n)
            continue;
        snprintf(cells[k], XB_CHANGE_LEN, "%.20s %s", xb_ratio_text(change, ratio),
                 xb_verdict_name(change->verdict));
        filled += all || change->verdict != XB_VERDICT_SAME;
    }
    return filled;
}

static bool is_first_of_label(const struct xb_comparison *c, size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (strcmp(xb_row_at(c, i)->label, xb_row_at(c, row)->label) == 0)
            return false;
    return true;
}

/* What a table with a column for each value of the column's key is made of. */
struct columns {
    const char **values, **titles,
        **row; /* titles and row: of case and side first, then NULL */
    char (*cells)[XB_CHANGE_LEN], (*heads)[TEXT_LEN];
};

static int print_filled(const struct xb_comparison *c, const struct xb_names *names,
                        bool markdown, bool all, const struct columns *of, FILE *out)
{
    size_t n = find_columns(c, of->values);

    of->titles[0] = "case";
    of->titles[1] = "side";
    for (size_t k = 0; k < n; k++) {
        snprintf(of->heads[k], TEXT_LEN, ">%s", of->values[k]);
        of->titles[k + 2] = of->heads[k];
        of->row[k + 2] = of->cells[k];
    }
    struct xb_table *table = xb_table_new(of->titles);
    for (size_t row = 0; row < xb_rows(c); row++)
        for (size_t side = 1; is_first_of_label(c, row) && side < xb_sides(c); side++) {
            if (fill_cells(c, row, side, of->values, n, all, of->cells) == 0)
                continue;
            of->row[0] = names->labels.value[row];
            of->row[1] = names->sides.value[side];
            xb_compare_add(&table, of->row);
        }
    return xb_compare_print_table(table, markdown, out);
}

/* A line for each label and side, and a column for each value of the column's key. */
static int print_columns(const struct xb_comparison *c, const struct xb_names *names,
                         bool markdown, bool all, FILE *out)
{
    size_t most = xb_rows(c) + 3; /* each row may have a value of its own */
    struct columns of = {.values = calloc(most, sizeof(*of.values)),
                         .titles = calloc(most, sizeof(*of.titles)),
                         .row = calloc(most, sizeof(*of.row)),
                         .cells = calloc(most, sizeof(*of.cells)),
                         .heads = calloc(most, sizeof(*of.heads))};
    bool good = of.values && of.titles && of.row && of.cells && of.heads;
    int rc = good ? print_filled(c, names, markdown, all, &of, out) : -1;

    free(of.values);
    free(of.titles);
    free(of.row);
    free(of.cells);
    free(of.heads);
    return rc;
}

/* ---- one side alone ---- */

struct xb_table *xb_compare_alone(const struct xb_comparison *c, const struct xb_names *names)
{
    static const char *const titles[] = {
        "case", ">median", ">95 % of the median", ">next launch", ">GB/s", ">launches", NULL};
    struct xb_table *table = xb_table_new(titles);

    for (size_t row = 0; row < xb_rows(c); row++) {
        const struct xb_side_value *v = xb_value_at(c, row, 0);
        char median[XB_UNITS_LEN], of_median[TEXT_LEN], next[TEXT_LEN], rate[32], n[64];
        if (v->n == 0)
            continue;
        snprintf(rate, sizeof rate, isfinite(v->gb_per_s) ? "%.4g" : "-", v->gb_per_s);
        snprintf(n, sizeof n, v->n < v->all ? "%zu of %zu" : "%zu", v->n, v->all);
        xb_compare_add(&table,
                       (const char *const[]){
                           names->rows.value[row], time_text(v->median_us, median),
                           span_text(v->ci_lo_us, v->ci_hi_us, of_median),
                           span_text(v->next_lo_us, v->next_hi_us, next), rate, n, NULL});
    }
    return table;
}

void xb_compare_print_alone_note(FILE *out)
{
    fputs(
        "Times are of launches, each the median of its passes. The median of all launches lies "
        "within\nthe first interval with 95 %, from 6 launches on; the next launch will lie "
        "within the second.\n",
        out);
}

static int print_alone(const struct xb_comparison *c, const struct xb_names *names,
                       bool markdown, FILE *out)
{
    if (xb_compare_print_table(xb_compare_alone(c, names), markdown, out) < 0)
        return -1;
    xb_compare_print_alone_note(out);
    return 0;
}

/* ---- lanes ---- */

/* Has a lane that is there another verdict than the first? */
static bool do_lanes_differ(const struct xb_outcome *outcome)
{
    const struct xb_lane_change *lanes = outcome->lanes.item, *first = NULL;
    bool differ = false;

    for (size_t i = 0; i < outcome->lanes.n && !differ; i++) {
        if (!xb_lane_is_there(&lanes[i]))
            continue;
        differ = first && lanes[i].change.verdict != first->change.verdict;
        first = &lanes[i];
    }
    return differ;
}

/* Is it a lane of which its case does not say enough? */
static bool is_lane_shown(const struct xb_outcome *outcome, const struct xb_lane_change *lane,
                          bool others, bool all)
{
    enum xb_verdict verdict = lane->change.verdict;

    if (!xb_lane_is_there(lane) || all)
        return xb_lane_is_there(lane);
    return (verdict == XB_VERDICT_SLOWER || verdict == XB_VERDICT_FASTER ||
            verdict == XB_VERDICT_MISSING) &&
           (others || verdict != outcome->change.verdict);
}

static void add_lanes(const struct xb_comparison *c, const char *name, const char *side_name,
                      size_t row, size_t side, bool all, struct xb_table **table, size_t *shown)
{
    const struct xb_outcome *outcome = xb_outcome_at(c, row, side);
    bool differ = do_lanes_differ(outcome);

    for (size_t i = 0; i < outcome->lanes.n; i++) {
        const struct xb_lane_change *lane =
            (const struct xb_lane_change *)outcome->lanes.item + i;
        char was[XB_UNITS_LEN], is[XB_UNITS_LEN], r[XB_CHANGE_LEN], s[XB_CHANGE_LEN],
            id[XB_KEY_TEXT];
        if (!is_lane_shown(outcome, lane, differ, all))
            continue;
        snprintf(id, sizeof id, "%.300s%s%.100s", name, xb_sides(c) > 2 ? ", " : "",
                 xb_sides(c) > 2 ? side_name : "");
        xb_compare_add(table,
                       (const char *const[]){
                           id, c->lanes.value[lane->lane], time_text(exp(lane->log_us[0]), was),
                           time_text(exp(lane->log_us[1]), is), xb_ratio_text(&lane->change, r),
                           xb_interval_text(&lane->change, s),
                           xb_verdict_name(lane->change.verdict), NULL});
        (*shown)++;
    }
}

struct xb_table *xb_compare_lanes(const struct xb_comparison *c, const struct xb_names *names,
                                  bool all, size_t *shown)
{
    static const char *const titles[] = {"case",      "lane (node:GPU)", ">base",   ">new",
                                         ">new/base", ">interval",       "verdict", NULL};
    struct xb_table *table = xb_table_new(titles);

    *shown = 0;
    for (size_t row = 0; row < xb_rows(c); row++)
        for (size_t side = 1; side < xb_sides(c); side++)
            add_lanes(c, names->rows.value[row], names->sides.value[side], row, side, all,
                      &table, shown);
    return table;
}

static int print_lanes(const struct xb_comparison *c, const struct xb_names *names,
                       bool markdown, bool all, FILE *out)
{
    size_t shown;
    struct xb_table *table = xb_compare_lanes(c, names, all, &shown);

    if (shown > 0)
        fputs("Lanes that differ from their case:\n", out);
    return print_shown(table, shown, markdown, out);
}

/* ---- means, and what it adds up to ---- */

static int print_means(const struct xb_comparison *c, const struct xb_names *names,
                       bool markdown, FILE *out)
{
    size_t shown;
    struct xb_table *table = xb_compare_means(c, names, &shown);

    return print_shown(table, shown, markdown, out);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* How narrow the intervals are, of those that are there. */
static int print_widths(const struct xb_comparison *c, FILE *out)
{
    double *half = calloc(xb_rows(c) * xb_sides(c) + 1, sizeof(*half));
    size_t n = 0;

    if (!half)
        return -1;
    for (size_t row = 0; row < xb_rows(c); row++)
        for (size_t side = 1; side < xb_sides(c); side++) {
            double width = xb_outcome_at(c, row, side)->change.half;
            if (isfinite(width))
                half[n++] = 100 * expm1(width);
        }
    qsort(half, n, sizeof(*half), compare_doubles);
    if (n > 0)
        fprintf(out, " Half-widths: %.2g %% (median), %.2g %% (the widest).", half[n / 2],
                half[n - 1]);
    free(half);
    return 0;
}

int xb_compare_print_sum(const struct xb_comparison *c, const char *base, bool listed,
                         FILE *out)
{
    size_t nowhere = 0, all = 0;

    for (size_t row = 0; row < xb_rows(c); row++)
        nowhere += xb_row_is_nowhere(c, row);
    for (int v = 0; v < XB_VERDICTS; v++) {
        size_t n = xb_comparison_count(c, (enum xb_verdict)v);
        fprintf(out, "%s%zu %s", v ? ", " : "", n, xb_verdict_name((enum xb_verdict)v));
        all += n;
    }
    fprintf(out, " of %zu.", all);
    if (nowhere)
        fprintf(out, " Measured nowhere: %zu.", nowhere);
    if (!listed && xb_comparison_count(c, XB_VERDICT_SAME) > 0)
        fputs(" Those that are the same are listed by --all.", out);
    if (print_widths(c, out) < 0)
        return -1;
    fputs("\nRatios are of times, means of logs over launches: above 1 it takes longer than ",
          out);
    xb_screen_print(base, out);
    fprintf(
        out,
        ".\n"
        "slower, faster: the whole interval lies beyond %.3g %%; same: wholly within that;\n"
        "else unclear. A mean is of two cases or more.\n"
        "All intervals hold together with %.4g %%.\n",
        100 * c->threshold, 100 * c->confidence);
    return 0;
}

static int print_text(const struct xb_comparison *c, const struct xb_names *names,
                      bool markdown, bool all, FILE *out)
{
    if (xb_compare_print_facts(c, names, markdown, out) < 0)
        return -1;
    if (xb_sides(c) < 2)
        return print_alone(c, names, markdown, out);
    int rc = c->col ? print_columns(c, names, markdown, all, out)
                    : print_cases(c, names, markdown, all, out);
    if (rc == 0)
        rc = print_lanes(c, names, markdown, all, out);
    if (rc == 0)
        rc = print_means(c, names, markdown, out);
    return rc == 0 ? xb_compare_print_sum(c, names->sides.value[0], all, out) : rc;
}

int xb_compare_print_text(const struct xb_comparison *c, bool markdown, bool all, FILE *out)
{
    struct xb_names names;

    if (xb_short_names(c, &names) < 0)
        return -1;
    int rc = print_text(c, &names, markdown, all, out);
    xb_short_names_free(&names);
    return rc;
}
