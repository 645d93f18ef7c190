/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_rows.c - a comparison for programs that read lines: CSV and JUnit; and the choice of
 * the form. */
#include "report/compare_print.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/formats/junit.h"
#include "report/report_json.h"

#define TEXT_LEN 1024

const char *const xb_compare_formats[] = {"table", "markdown", "csv", "json", "junit", NULL};

/* ---- CSV ---- */

enum {
    CASE,
    LANE,
    COLUMN,
    METHOD,
    BYTES,
    SIDE,
    LAUNCHES,
    OF_LAUNCHES,
    TIME,
    MEDIAN,
    MEDIAN_LO,
    MEDIAN_HI,
    NEXT_LO,
    NEXT_HI,
    RATE,
    CARRIED,
    RATIO,
    RATIO_LO,
    RATIO_HI,
    VERDICT,
    REASON,
    CELLS
};

static const char *const titles[CELLS + 1] = {
    "case",       "lane",        "column",   "method",     "bytes",        "side",
    "launches",   "of_launches", "time_us",  "median_us",  "median_lo_us", "median_hi_us",
    "next_lo_us", "next_hi_us",  "gb_per_s", "carried_by", "time_ratio",   "ratio_lo",
    "ratio_hi",   "verdict",     "reason",   NULL};

/* A line; texts are borrowed, numbers are written into it. */
struct line {
    const char *cells[CELLS + 1];
    char numbers[CELLS][32];
};

static void put_number(struct line *line, int cell, double value)
{
    if (isfinite(value))
        snprintf(line->numbers[cell], sizeof line->numbers[cell], "%.15g", value);
    else
        line->numbers[cell][0] = '\0';
    line->cells[cell] = line->numbers[cell];
}

static void put_text(struct line *line, int cell, const char *text)
{
    line->cells[cell] = text ? text : "";
}

/* A line without figures. */
static void begin_line(struct line *line, const struct xb_comparison *c, size_t row,
                       size_t side)
{
    const struct xb_row *r = xb_row_at(c, row);

    for (int i = 0; i < CELLS; i++)
        line->cells[i] = "";
    line->cells[CELLS] = NULL;
    put_text(line, CASE, r->id);
    put_text(line, COLUMN, r->col);
    put_text(line, METHOD, r->method);
    put_number(line, BYTES, (double)r->bytes);
    put_text(line, SIDE, c->grouping.sides.value[side]);
}

static void put_change(struct line *line, const struct xb_change *change)
{
    put_number(line, RATIO, xb_round_ratio(exp(change->log_ratio)));
    put_number(line, RATIO_LO, xb_round_ratio(exp(change->log_ratio - change->half)));
    put_number(line, RATIO_HI, xb_round_ratio(exp(change->log_ratio + change->half)));
    put_text(line, VERDICT, xb_verdict_name(change->verdict));
}

static int add_case_line(const struct xb_comparison *c, size_t row, size_t side,
                         struct xb_table *table)
{
    const struct xb_side_value *v = xb_value_at(c, row, side);
    const struct xb_change *change = &xb_outcome_at(c, row, side)->change;
    struct line line;

    begin_line(&line, c, row, side);
    put_number(&line, LAUNCHES, (double)v->n);
    put_number(&line, OF_LAUNCHES, (double)v->all);
    put_number(&line, TIME, xb_round_us(exp(v->log_us)));
    put_number(&line, MEDIAN, xb_round_us(v->median_us));
    put_number(&line, MEDIAN_LO, xb_round_us(v->ci_lo_us));
    put_number(&line, MEDIAN_HI, xb_round_us(v->ci_hi_us));
    put_number(&line, NEXT_LO, xb_round_us(v->next_lo_us));
    put_number(&line, NEXT_HI, xb_round_us(v->next_hi_us));
    put_number(&line, RATE, xb_round_ratio(v->gb_per_s));
    put_text(&line, CARRIED, v->carried);
    put_text(&line, REASON, v->reason);
    if (side > 0)
        put_change(&line, change);
    return xb_table_add(table, line.cells);
}

static int add_lane_lines(const struct xb_comparison *c, size_t row, size_t side,
                          struct xb_table *table)
{
    const struct xb_outcome *outcome = xb_outcome_at(c, row, side);

    for (size_t i = 0; i < outcome->lanes.n; i++) {
        const struct xb_lane_change *lane =
            (const struct xb_lane_change *)outcome->lanes.item + i;
        struct line line;
        if (!xb_lane_is_there(lane))
            continue;
        begin_line(&line, c, row, side);
        put_text(&line, LANE, c->lanes.value[lane->lane]);
        put_number(&line, LAUNCHES, (double)lane->change.n[1]);
        put_number(&line, TIME, xb_round_us(exp(lane->log_us[1])));
        put_change(&line, &lane->change);
        if (xb_table_add(table, line.cells) < 0)
            return -1;
    }
    return 0;
}

int xb_compare_print_csv(const struct xb_comparison *c, FILE *out)
{
    struct xb_table *table = xb_table_new(titles);
    int rc = table ? 0 : -1;

    for (size_t row = 0; row < xb_rows(c); row++)
        for (size_t side = 0; rc == 0 && side < xb_sides(c); side++) {
            rc = add_case_line(c, row, side, table);
            if (rc == 0)
                rc = add_lane_lines(c, row, side, table);
        }
    if (rc == 0)
        xb_table_print_csv(table, out);
    xb_table_free(table);
    return rc;
}

/* ---- JUnit ---- */

static enum xb_junit_outcome outcome_of(const struct xb_comparison *c, size_t row, size_t side)
{
    const struct xb_side_value *v = xb_value_at(c, row, side);

    if (v->corrupt || xb_value_at(c, row, 0)->corrupt)
        return XB_JUNIT_ERROR;
    if (xb_sides(c) < 2 || xb_row_is_nowhere(c, row))
        return v->n > 0 ? XB_JUNIT_PASSED : XB_JUNIT_SKIPPED;
    switch (xb_outcome_at(c, row, side)->change.verdict) {
    case XB_VERDICT_SAME:
    case XB_VERDICT_FASTER:
        return XB_JUNIT_PASSED;
    case XB_VERDICT_SLOWER:
        return XB_JUNIT_FAILED;
    case XB_VERDICT_MISSING:
        return v->n == 0 && !c->grouping.by_case ? XB_JUNIT_ERROR : XB_JUNIT_SKIPPED;
    case XB_VERDICT_UNCLEAR:
    case XB_VERDICTS:
        break;
    }
    return XB_JUNIT_SKIPPED;
}

/* "slower: 1.99 times as long as nvlink, 1.90 to 2.08" */
static void describe(const struct xb_comparison *c, const struct xb_change *change,
                     const char *reason, char text[TEXT_LEN])
{
    char ratio[XB_CHANGE_LEN], interval[XB_CHANGE_LEN];

    if (isfinite(change->log_ratio))
        snprintf(text, TEXT_LEN, "%s: %s times as long as %.200s, interval %s",
                 xb_verdict_name(change->verdict), xb_ratio_text(change, ratio),
                 c->grouping.sides.value[0], xb_interval_text(change, interval));
    else
        snprintf(text, TEXT_LEN, "%s%s%s", xb_verdict_name(change->verdict), reason ? ": " : "",
                 reason ? reason : "");
}

/* Cases, and lanes that are slower than they were. */
struct junit {
    struct xb_list list; /* of struct xb_junit_case, whose names and messages are its own */
    bool failed;         /* out of memory */
};

static void add_junit(struct junit *to, const struct xb_comparison *c, size_t row,
                      enum xb_junit_outcome outcome, const char *name, const char *message,
                      double seconds)
{
    struct xb_junit_case *added = xb_list_add(&to->list, sizeof(*added));

    to->failed = to->failed || !added;
    if (!added)
        return;
    *added = (struct xb_junit_case){.suite = xb_row_at(c, row)->method,
                                    .name = strdup(name),
                                    .outcome = outcome,
                                    .message = strdup(message),
                                    .seconds = seconds};
    to->failed = to->failed || !added->name || !added->message;
}

static void add_junit_lanes(struct junit *to, const struct xb_comparison *c, size_t row,
                            size_t side, const char *name)
{
    const struct xb_outcome *outcome = xb_outcome_at(c, row, side);
    char text[TEXT_LEN], whole[TEXT_LEN];

    for (size_t i = 0; i < outcome->lanes.n; i++) {
        const struct xb_lane_change *lane =
            (const struct xb_lane_change *)outcome->lanes.item + i;
        if (lane->change.verdict != XB_VERDICT_SLOWER)
            continue;
        snprintf(whole, sizeof whole, "%.700s lane %.200s", name, c->lanes.value[lane->lane]);
        describe(c, &lane->change, NULL, text);
        add_junit(to, c, row, XB_JUNIT_FAILED, whole, text, NAN);
    }
}

int xb_compare_print_junit(const struct xb_comparison *c, FILE *out)
{
    struct junit to = {.failed = false};

    for (size_t row = 0; row < xb_rows(c); row++)
        for (size_t side = xb_sides(c) > 1; side < xb_sides(c); side++) {
            const struct xb_side_value *v = xb_value_at(c, row, side);
            const struct xb_change *change = &xb_outcome_at(c, row, side)->change;
            char name[TEXT_LEN], text[TEXT_LEN] = "";
            snprintf(name, sizeof name, xb_sides(c) > 2 ? "%.600s %.200s" : "%.600s",
                     xb_row_at(c, row)->id, c->grouping.sides.value[side]);
            if (side > 0)
                describe(c, change, change->reason, text);
            else if (v->reason)
                snprintf(text, sizeof text, "%.900s", v->reason);
            add_junit(&to, c, row, outcome_of(c, row, side), name, text,
                      v->n ? exp(v->log_us) * 1e-6 : NAN);
            if (side > 0)
                add_junit_lanes(&to, c, row, side, name);
        }
    if (!to.failed)
        xb_junit_write("xferbench compare", to.list.item, to.list.n, out);
    for (size_t i = 0; i < to.list.n; i++) {
        const struct xb_junit_case *made = (const struct xb_junit_case *)to.list.item + i;
        free((char *)(uintptr_t)made->name);
        free((char *)(uintptr_t)made->message);
    }
    free(to.list.item);
    return to.failed ? -1 : 0;
}

int xb_comparison_print(const struct xb_comparison *c, enum xb_compare_format format, bool all,
                        FILE *out)
{
    switch (format) {
    case XB_COMPARE_TABLE:
        return xb_compare_print_text(c, false, all, out);
    case XB_COMPARE_MARKDOWN:
        return xb_compare_print_text(c, true, all, out);
    case XB_COMPARE_CSV:
        return xb_compare_print_csv(c, out);
    case XB_COMPARE_JSON:
        return xb_compare_print_json(c, out);
    case XB_COMPARE_JUNIT:
        return xb_compare_print_junit(c, out);
    }
    return -1;
}
