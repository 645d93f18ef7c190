/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_print.h - what the forms of a comparison share: for compare_*.c, and for who puts it
 * into a page. */
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

/* The tables that texts and pages are made of, each the caller's to free; NULL when out of
 * memory. *shown is the number of their rows. What differs between the sides, with rows where
 * c->differing has some: */
struct xb_table *xb_compare_differing(const struct xb_comparison *c,
                                      const struct xb_names *names);
/* Cases that another wire carried than the base's. */
struct xb_table *xb_compare_wires(const struct xb_comparison *c, const struct xb_names *names,
                                  size_t *shown);
/* Cases; with `all` also those that are the same. */
struct xb_table *xb_compare_cases(const struct xb_comparison *c, const struct xb_names *names,
                                  bool all, size_t *shown);
/* Lanes of which their case does not say enough; with `all` all lanes. */
struct xb_table *xb_compare_lanes(const struct xb_comparison *c, const struct xb_names *names,
                                  bool all, size_t *shown);
/* Geometric means by method and size class. */
struct xb_table *xb_compare_means(const struct xb_comparison *c, const struct xb_names *names,
                                  size_t *shown);
/* One set alone. */
struct xb_table *xb_compare_alone(const struct xb_comparison *c, const struct xb_names *names);

/* Print what these figures mean: of one set alone, and of several with how many verdicts of
 * each kind there are; `listed` says that those that are the same are in the table. -1 when out
 * of memory. */
void xb_compare_print_alone_note(FILE *out);
int xb_compare_print_sum(const struct xb_comparison *c, const char *base, bool listed,
                         FILE *out);

/* Add a row to a table; where that fails it is let go of, and is NULL from then on. */
void xb_compare_add(struct xb_table **table, const char *const *cells);

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
