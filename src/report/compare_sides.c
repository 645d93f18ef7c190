/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_sides.c - what each side gave by itself: over its launches, and by what wire. */
#include "report/compare_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/figures/simultaneous.h"
#include "model/figures/stats.h"
#include "model/figures/student.h"

#define LEVEL   0.95 /* of a side's own intervals */
#define CARRIES 0.5  /* a wire that saw this share of the bytes has carried them */
#define MANY_BYTES                                                                             \
    (64 << 10) /* of a transfer: beside fewer, orders to the GPU count for much */
#define WIRES_LEN 64

bool xb_is_of_side(const struct xb_comparison *c, size_t launch, size_t side)
{
    int of = c->grouping.side[launch];

    return c->grouping.by_case ? of >= 0 : of == (int)side;
}

/* ---- values ---- */

/* The median of n values; of many it takes long. */
static double median_of(double *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double value = x[i];
        size_t k = i;
        for (; k > 0 && x[k - 1] > value; k--)
            x[k] = x[k - 1];
        x[k] = value;
    }
    return (x[(n - 1) / 2] + x[n / 2]) / 2;
}

/* The log of a case's time, from passes that were drawn again. */
static double seen_value(const struct xb_launch *launch, const struct xb_seen *seen,
                         size_t number, size_t version, uint64_t seed)
{
    const double *passes = launch->passes.item;
    double drawn[64];
    size_t n = seen->npasses;

    if (version == 0 || n == 0 || n > sizeof drawn / sizeof drawn[0])
        return seen->log_us;
    for (size_t i = 0; i < n; i++)
        drawn[i] = passes[seen->first_pass + xb_simultaneous_pass(seed, number, version, i, n)];
    return median_of(drawn, n);
}

double xb_row_value(const struct xb_comparison *c, const struct xb_launches *launches,
                    size_t row, size_t side, size_t launch, size_t version)
{
    const struct xb_members *members = &xb_row_at(c, row)->members[side];
    const struct xb_launch *of = xb_launch_at(launches, launch);
    double sum = 0;

    for (size_t i = 0; i < members->n; i++) {
        const struct xb_seen *seen = xb_seen_at(of, members->cases[i]);
        if (!seen)
            return NAN;
        sum += seen_value(of, seen, launch, version, c->seed);
    }
    return members->n ? sum / (double)members->n : NAN;
}

/* ---- wires ---- */

/* What carried the bytes: "nvlink", "nvlink+pcie", "none" of the wires that are counted. */
static const char *wires_of(const struct xb_seen *seen, int64_t bytes, char buf[WIRES_LEN])
{
    static const struct {
        const char *name;
        int tx, rx;
    } wires[] = {{"nvlink", XB_NVLINK_TX, XB_NVLINK_RX},
                 {"nic", XB_NIC_TX, XB_NIC_RX},
                 {"pcie", XB_PCIE_TX, XB_PCIE_RX}};

    buf[0] = '\0';
    for (size_t i = 0; i < sizeof wires / sizeof wires[0]; i++) {
        double share = fmaxf(seen->carried[wires[i].tx], seen->carried[wires[i].rx]);
        size_t used = strlen(buf);
        bool orders = strcmp(wires[i].name, "pcie") == 0 && bytes < MANY_BYTES;
        if (share >= CARRIES && !(orders && used))
            snprintf(buf + used, WIRES_LEN - used, "%s%s", used ? "+" : "", wires[i].name);
    }
    return buf[0] ? buf : "none";
}

/* The same over the launches of a side: one text, or each with its number of launches. */
static int find_carried(const struct xb_comparison *c, const struct xb_launches *l, size_t row,
                        size_t side, struct xb_side_value *out)
{
    const struct xb_members *members = &xb_row_at(c, row)->members[side];
    char names[4][WIRES_LEN], buf[WIRES_LEN], text[4 * (WIRES_LEN + 24)] = "";
    size_t counts[4] = {0}, n = 0;

    for (size_t i = 0; members->n == 1 && i < l->launches.n; i++) {
        const struct xb_seen *seen = xb_seen_at(xb_launch_at(l, i), members->cases[0]);
        size_t k = 0;
        if (!xb_is_of_side(c, i, side) || !seen || !seen->has_carried ||
            !isfinite(seen->log_us))
            continue;
        const char *wires = wires_of(seen, xb_row_at(c, row)->bytes, buf);
        while (k < n && strcmp(names[k], wires) != 0)
            k++;
        if (k == n && n < 4)
            snprintf(names[n++], WIRES_LEN, "%s", wires);
        counts[k < 4 ? k : 3]++;
    }
    for (size_t k = 0; k < n; k++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, n > 1 ? "%s%s in %zu" : "%s%s", k ? ", " : "",
                 names[k], counts[k]);
    }
    return xb_text_dup(text, &out->carried);
}

/* ---- a side ---- */

/* Why a launch has no time for the row. */
static int find_reason(const struct xb_comparison *c, const struct xb_launch *launch,
                       size_t row, size_t side, struct xb_side_value *out)
{
    const struct xb_members *members = &xb_row_at(c, row)->members[side];
    char text[XB_REASON_LEN + 64];

    for (size_t i = 0; i < members->n; i++) {
        const struct xb_seen *seen = xb_seen_at(launch, members->cases[i]);
        if (seen && isfinite(seen->log_us))
            continue;
        out->corrupt = out->corrupt || (seen && seen->status == XB_CORRUPT);
        if (out->reason)
            continue;
        snprintf(text, sizeof text, "%s%s%s",
                 seen ? xb_status_name((enum xb_status)seen->status) : "not in its report",
                 seen && seen->reason ? ": " : "", seen && seen->reason ? seen->reason : "");
        if (xb_text_dup(text, &out->reason) < 0)
            return -1;
    }
    return 0;
}

/* The rate that goes with the mean time. */
static double rate_of(const struct xb_comparison *c, const struct xb_launches *l, size_t row,
                      size_t side, double log_us)
{
    const struct xb_members *members = &xb_row_at(c, row)->members[side];

    for (size_t i = 0; members->n == 1 && i < l->launches.n; i++) {
        const struct xb_seen *seen = xb_seen_at(xb_launch_at(l, i), members->cases[0]);
        if (xb_is_of_side(c, i, side) && seen && isfinite(seen->gb_per_s))
            return seen->gb_per_s * exp(seen->log_us - log_us);
    }
    return NAN;
}

static int sum_up(const struct xb_comparison *c, const struct xb_launches *l, size_t row,
                  size_t side, double *logs, double *times)
{
    struct xb_side_value *out = xb_value_at(c, row, side);
    struct xb_stats stats;
    double sd, lo, hi;

    *out = (struct xb_side_value){.log_us = NAN,
                                  .gb_per_s = NAN,
                                  .median_us = NAN,
                                  .ci_lo_us = NAN,
                                  .ci_hi_us = NAN,
                                  .next_lo_us = NAN,
                                  .next_hi_us = NAN};
    for (size_t i = 0; i < l->launches.n; i++) {
        if (!xb_is_of_side(c, i, side))
            continue;
        double value = xb_row_value(c, l, row, side, i, 0);
        out->all++;
        if (isfinite(value))
            logs[out->n++] = value;
        else if (find_reason(c, xb_launch_at(l, i), row, side, out) < 0)
            return -1;
    }
    if (out->n == 0)
        return 0;
    for (size_t i = 0; i < out->n; i++)
        times[i] = exp(logs[i]);
    if (xb_stats_compute(times, out->n, &stats) < 0)
        return -1;
    xb_mean_sd(logs, out->n, &out->log_us, &sd);
    out->median_us = stats.median;
    if (stats.has_ci) {
        out->ci_lo_us = stats.ci_lo;
        out->ci_hi_us = stats.ci_hi;
    }
    if (xb_prediction_interval(logs, out->n, LEVEL, &lo, &hi)) {
        out->next_lo_us = exp(lo);
        out->next_hi_us = exp(hi);
    }
    out->gb_per_s = rate_of(c, l, row, side, out->log_us);
    return find_carried(c, l, row, side, out);
}

int xb_compare_sides(struct xb_comparison *c, const struct xb_launches *launches)
{
    double *logs = calloc(2 * launches->launches.n + 1, sizeof(*logs));
    int rc = logs ? 0 : -1;

    for (size_t row = 0; row < xb_rows(c); row++)
        for (size_t side = 0; rc == 0 && side < xb_sides(c); side++)
            rc = sum_up(c, launches, row, side, logs, logs + launches->launches.n);
    free(logs);
    return rc;
}
