/* SPDX-License-Identifier: BSD-3-Clause */
/* contention.c - what lanes lose in company: each alone and beside the others, and with which
 * other one it loses most, where each two were measured.
 *
 * The other cases are in the table as they always are.
 */
#include "report/formats/case_rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "report/formats/format.h"
#include "report/formats/table.h"

/* A case with the report that it is of. */
struct shown {
    const struct xb_report *report;
    const struct xb_report_case *c;
};

static bool has_contention(const struct xb_report_case *c)
{
    for (size_t i = 0; i < c->lanes.n; i++)
        if (xb_report_lane_at(c, i)->contention.there)
            return true;
    return false;
}

static bool is_in(const struct xb_report_step *step, const char *company)
{
    return step->company && strcmp(step->company, company) == 0;
}

static bool same_lane(const struct xb_report_step *a, const struct xb_report_step *b)
{
    return a->src_rank == b->src_rank && a->dst_rank == b->dst_rank && a->step == b->step &&
           strcmp(a->src, b->src) == 0 && strcmp(a->dst, b->dst) == 0;
}

double xb_format_rate_alone(const struct xb_report *report, const struct xb_report_case *c,
                            size_t lane)
{
    const struct xb_report_step *of = xb_report_step_of(report, c, lane);

    for (size_t i = lane; i-- > 0;) {
        const struct xb_report_step *step = xb_report_step_of(report, c, i);
        if (is_in(step, "alone") && same_lane(step, of))
            return xb_report_lane_at(c, i)->gb_per_s;
    }
    return NAN;
}

/* The other lane of a round of two. */
static const struct xb_report_step *partner_of(const struct shown *s, size_t lane)
{
    const struct xb_report_step *of = xb_report_step_of(s->report, s->c, lane);

    for (size_t i = 0; i < s->c->lanes.n; i++) {
        const struct xb_report_step *step = xb_report_step_of(s->report, s->c, i);
        if (step->round == of->round && step->chain != of->chain && step->step == 0)
            return step;
    }
    return NULL;
}

/* With which one other lane this one loses most, of the rounds of two before it: "0->0 1.98".
 */
static const char *worst_partner(const struct shown *s, size_t lane,
                                 char buf[XB_LANE_TEXT_LEN + 16])
{
    const struct xb_report_step *of = xb_report_step_of(s->report, s->c, lane);
    double most = 0;
    size_t at = lane;

    for (size_t i = lane; i-- > 0;) {
        const struct xb_report_step *step = xb_report_step_of(s->report, s->c, i);
        const struct xb_report_rate *ratio = &xb_report_lane_at(s->c, i)->contention;
        if (!step->company && step->round != of->round)
            break; /* that belongs to the full round before */
        if (!is_in(step, "two") || !same_lane(step, of) || !ratio->there ||
            ratio->median <= most)
            continue;
        most = ratio->median;
        at = i;
    }
    const struct xb_report_step *partner = at < lane ? partner_of(s, at) : NULL;
    char who[XB_LANE_TEXT_LEN];
    if (!partner)
        return "-";
    snprintf(buf, XB_LANE_TEXT_LEN + 16, "%.3f %s", most,
             xb_format_lane(s->report, partner, who));
    return buf;
}

static int add_lane(struct xb_table *table, const struct shown *s, size_t i)
{
    const struct xb_report_step *step = xb_report_step_of(s->report, s->c, i);
    const struct xb_report_lane *lane = xb_report_lane_at(s->c, i);
    const struct xb_report_rate *ratio = &lane->contention;
    double spread = 100 * (ratio->ci_hi - ratio->ci_lo) / 2 / ratio->median;
    char round[XB_CELL_LEN], who[XB_LANE_TEXT_LEN], alone[XB_CELL_LEN], company[XB_CELL_LEN];
    char times[XB_CELL_LEN] = "-", percent[XB_CELL_LEN] = "-", most[XB_LANE_TEXT_LEN + 16];

    snprintf(round, sizeof(round), "%" PRId64, step->round);
    if (ratio->there)
        snprintf(times, sizeof(times), "%.3f", ratio->median);
    if (ratio->there && isfinite(spread))
        snprintf(percent, sizeof(percent), "%.1f", spread);
    const char *const cells[] = {
        round,
        xb_format_lane(s->report, step, who),
        xb_format_rate(xb_format_rate_alone(s->report, s->c, i), alone),
        xb_format_rate(lane->gb_per_s, company),
        times,
        percent,
        worst_partner(s, i, most),
        NULL};
    return xb_table_add(table, cells);
}

/* GB/s of a round were each of its lanes as fast as alone: the sum of their rates, or where
 * they have bytes of their own, and so do not end together, all bytes over the time of the
 * last. */
static double round_alone(const struct shown *s, int64_t round, bool *own_bytes)
{
    double sum = 0, bytes = 0, longest = 0;

    *own_bytes = false;
    for (size_t i = 0; i < s->c->lanes.n; i++) {
        const struct xb_report_step *step = xb_report_step_of(s->report, s->c, i);
        double rate = xb_format_rate_alone(s->report, s->c, i),
               mine = xb_report_lane_bytes(s->c, i);

        if (step->round != round || step->step > 0)
            continue;
        *own_bytes = *own_bytes || xb_report_lane_at(s->c, i)->bytes > 0;
        sum += rate;
        bytes += mine;
        longest = mine / rate > longest ? mine / rate : longest;
    }
    return *own_bytes && isfinite(sum) ? bytes / longest : sum;
}

/* "round 4: 110.4 GB/s together, 220.5 as the sum of each alone: 0.501 of it" */
static void print_sums(const struct shown *s, FILE *out)
{
    for (size_t r = 0; r < s->c->rounds.n; r++) {
        const struct xb_report_round *round = xb_report_round_at(s->c, r);
        bool own_bytes;
        double alone = round_alone(s, round->round, &own_bytes);
        char sum[XB_CELL_LEN], rate[XB_CELL_LEN];

        if (!round->company && isfinite(round->gb_per_s) && isfinite(alone) && alone > 0)
            fprintf(out, "round %" PRId64 ": %s GB/s together, %s %s: %.3f of it\n",
                    round->round, xb_format_rate(round->gb_per_s, rate),
                    xb_format_rate(alone, sum),
                    own_bytes ? "if each were as fast as alone" : "as the sum of each alone",
                    round->gb_per_s / alone);
    }
}

static int print_case(const struct xb_report *report, const struct xb_report_case *c, FILE *out)
{
    static const char *const titles[] = {">round",      "lane", ">alone GB/s", ">in company",
                                         ">contention", ">+-%", "most with",   NULL};
    const struct shown shown = {report, c};
    struct xb_table *table = xb_table_new(titles);
    int rc = table ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < c->lanes.n; i++) {
        const struct xb_report_step *step = xb_report_step_of(report, c, i);
        if (!step->company && step->step == 0)
            rc = add_lane(table, &shown, i);
    }
    if (rc == 0) {
        xb_format_title(c, out);
        fputc('\n', out);
        xb_table_print(table, out);
        print_sums(&shown, out);
    }
    xb_table_free(table);
    return rc;
}

static int write_contention(const struct xb_report *report, FILE *out)
{
    struct xb_case_rows *others = xb_case_rows_new(report);
    struct xb_case_walk walk = xb_cases(report);
    const struct xb_report_case *c;
    const char *gap = "";
    int rc = others ? 0 : -1;

    while (rc == 0 && (c = xb_cases_next(&walk))) {
        bool shown = has_contention(c);
        if (shown) {
            fputs(gap, out);
            rc = print_case(report, c, out);
            gap = "\n";
        }
        if (rc == 0)
            rc = xb_case_rows_add(others, &walk, c, !shown);
    }
    if (xb_cases_end(&walk) < 0)
        rc = -1;
    if (rc == 0)
        rc = xb_case_rows_print_others(others, gap, out);
    xb_case_rows_free(others);
    return rc;
}

const struct xb_format xb_format_contention = {
    .name = "contention",
    .summary = "each lane alone and in company, where a case was told to find its contention",
    .write = write_contention,
};
