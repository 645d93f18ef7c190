/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_print.c - parts of tables and texts that several forms of a comparison have. */
#include "report/compare_print.h"

#include <math.h>
#include <stdio.h>

/* Digits behind the point that tell a ratio of this size to a thousandth, or a little less. */
static int digits_of(double ratio)
{
    return ratio < 10 ? 3 : ratio < 100 ? 2 : 0;
}

const char *xb_ratio_text(const struct xb_change *change, char buf[XB_CHANGE_LEN])
{
    double ratio = exp(change->log_ratio);

    if (isfinite(change->log_ratio))
        snprintf(buf, XB_CHANGE_LEN, "%.*f", digits_of(ratio), ratio);
    else
        snprintf(buf, XB_CHANGE_LEN, "-");
    return buf;
}

const char *xb_interval_text(const struct xb_change *change, char buf[XB_CHANGE_LEN])
{
    double lo = exp(change->log_ratio - change->half),
           hi = exp(change->log_ratio + change->half);

    if (!isfinite(change->half))
        snprintf(buf, XB_CHANGE_LEN, "-");
    else if (hi < 1e6)
        snprintf(buf, XB_CHANGE_LEN, "%.*f to %.*f", digits_of(hi), lo, digits_of(hi), hi);
    else
        snprintf(buf, XB_CHANGE_LEN, "%.3g to %.3g", lo, hi);
    return buf;
}

bool xb_lane_is_there(const struct xb_lane_change *lane)
{
    return lane->change.n[0] > 0 || lane->change.n[1] > 0;
}

void xb_compare_add(struct xb_table **table, const char *const *cells)
{
    if (*table && xb_table_add(*table, cells) < 0) {
        xb_table_free(*table);
        *table = NULL;
    }
}

int xb_compare_print_table(struct xb_table *table, bool markdown, FILE *out)
{
    if (!table)
        return -1;
    if (markdown)
        xb_table_print_markdown(table, out);
    else
        xb_table_print(table, out);
    fputc('\n', out);
    xb_table_free(table);
    return 0;
}
