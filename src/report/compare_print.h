/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_print.h - what the forms of a comparison share. For compare_*.c, and for no other. */
#ifndef XB_REPORT_COMPARE_PRINT_H
#define XB_REPORT_COMPARE_PRINT_H

#include "report/compare_internal.h"
#include "report/formats/table.h"

/* The forms; -1 when out of memory. */
int xb_compare_print_json(const struct xb_comparison *c, FILE *out);
int xb_compare_print_csv(const struct xb_comparison *c, FILE *out);
int xb_compare_print_junit(const struct xb_comparison *c, FILE *out);

/* Text, or Markdown. */
int xb_compare_print_text(const struct xb_comparison *c, bool markdown, bool all, FILE *out);

/* What rows and sides are called in tables. */
struct xb_names {
    struct xb_texts rows;   /* ids without the options that all cases of a method have */
    struct xb_texts labels; /* labels likewise */
    struct xb_texts sides;
};
int xb_short_names(const struct xb_comparison *c, struct xb_names *out);
void xb_short_names_free(struct xb_names *names);

/* What differs between the sides, and what they share; the same. */
int xb_compare_print_facts(const struct xb_comparison *c, const struct xb_names *names,
                           bool markdown, FILE *out);

/* Print a table in one of the two ways, and a line's end; it is freed. NULL is out of memory.
 */
int xb_compare_print_table(struct xb_table *table, bool markdown, FILE *out);

/* Has a lane a time on either side? */
bool xb_lane_is_there(const struct xb_lane_change *lane);

#define XB_CHANGE_LEN 64

/* "1.99", and "1.90 to 2.08"; "-" where there is none. */
const char *xb_ratio_text(const struct xb_change *change, char buf[XB_CHANGE_LEN]);
const char *xb_interval_text(const struct xb_change *change, char buf[XB_CHANGE_LEN]);

#endif
