/* SPDX-License-Identifier: BSD-3-Clause */
/* setup.c - what the first use of a path costs: for each case the steps before its samples, and
 * its first transfer beside the usual one.
 */
#include "report/formats/case_rows.h"

#include <math.h>
#include <stddef.h>

#include "base/units.h"
#include "report/formats/format.h"
#include "report/formats/table.h"

#define COLUMNS 9

static const char *const titles[COLUMNS + 1] = {
    "case",   ">start", ">open",   ">register",       ">map",
    ">first", ">total", ">median", ">first / median", NULL};

/* "-" where it is not known. */
static const char *time_text(double us, char buf[XB_UNITS_LEN])
{
    return isfinite(us) ? xb_time_us_format(us, buf) : "-";
}

static int add_row(struct xb_table *table, const struct xb_report_case *c)
{
    const struct xb_report_setup *s = &c->setup_us;
    const double us[] = {s->start, s->open,  s->register_,     s->map,
                         s->first, s->total, c->time_us.median};
    char text[sizeof(us) / sizeof(us[0])][XB_UNITS_LEN], ratio[XB_CELL_LEN] = "-";
    const char *cells[COLUMNS + 1] = {c->id};

    for (size_t i = 0; i < sizeof(us) / sizeof(us[0]); i++)
        cells[i + 1] = time_text(us[i], text[i]);
    if (isfinite(s->first) && c->time_us.median > 0)
        snprintf(ratio, sizeof(ratio), "%.1f", s->first / c->time_us.median);
    cells[COLUMNS - 1] = ratio;
    return xb_table_add(table, cells);
}

static int write_setup(const struct xb_report *report, FILE *out)
{
    struct xb_case_rows *rows = xb_case_rows_new(report);
    struct xb_table *table = xb_table_new(titles);
    struct xb_case_walk walk = xb_cases(report);
    const struct xb_report_case *c;
    size_t nrows = 0;
    int rc = rows && table ? 0 : -1;

    while (rc == 0 && (c = xb_cases_next(&walk))) {
        rc = xb_case_rows_add(rows, &walk, c, false);
        if (rc == 0 && c->setup_us.there && c->time_us.there) {
            rc = add_row(table, c);
            nrows++;
        }
    }
    if (xb_cases_end(&walk) < 0)
        rc = -1;
    if (rc == 0) {
        if (nrows > 0)
            xb_table_print(table, out);
        else
            fputs("no case was set up and measured\n", out);
        rc = xb_case_rows_print_notes(rows, out);
    }
    xb_table_free(table);
    xb_case_rows_free(rows);
    return rc;
}

const struct xb_format xb_format_setup = {
    .name = "setup",
    .summary =
        "what each case took before its samples, and its first transfer beside the usual one",
    .write = write_setup,
};
