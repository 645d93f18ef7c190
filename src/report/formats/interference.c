/* SPDX-License-Identifier: BSD-3-Clause */
/* interference.c - what transfers and work on the same GPU take from each other: a row for each
 * transfer, with what it and the work keep of what each does alone.
 *
 * The other cases are in the table as they always are.
 */
#include "report/formats/case_rows.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/formats/format.h"
#include "report/formats/table.h"

/* The option that says what a transfer has beside it, and the figures that come of it. */
#define BESIDE "beside"
#define ALONE  "transfer_alone_gb_per_s"
#define MOVED  "transfer_kept"
#define WORKED "work_kept"

#define KINDS 8 /* of work that get columns */

struct kept {
    double transfer, work; /* NAN: not measured */
};

/* One transfer, whatever is beside it. */
struct row {
    char *title;         /* owned */
    double found[KINDS]; /* GB/s alone, by each of its cases */
    size_t nfound;
    struct kept kept[KINDS];
};

struct rows {
    char *kind[KINDS]; /* owned: "arithmetic", in the order of the report */
    size_t nkinds;
    struct row *row;
    size_t n;
};

static double figure_of(const struct xb_report_case *c, const char *name)
{
    for (size_t i = 0; i < c->figures.n; i++)
        if (strcmp(c->figures.item[i].name, name) == 0)
            return c->figures.item[i].value;
    return NAN;
}

static const char *beside_of(const struct xb_report_case *c)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(c->key.options, BESIDE));
}

static bool is_shown(const struct xb_report_case *c)
{
    return c->status == XB_OK && beside_of(c) && isfinite(figure_of(c, MOVED)) &&
           isfinite(figure_of(c, WORKED));
}

static void release(struct rows *rows)
{
    for (size_t i = 0; i < rows->nkinds; i++)
        free(rows->kind[i]);
    for (size_t i = 0; i < rows->n; i++)
        free(rows->row[i].title);
    free(rows->row);
}

/* The column of a kind of work; KINDS where there are too many, or out of memory. */
static size_t kind_at(struct rows *rows, const char *kind)
{
    size_t i = 0;

    while (i < rows->nkinds && strcmp(rows->kind[i], kind) != 0)
        i++;
    if (i < rows->nkinds || i == KINDS)
        return i;
    if (!(rows->kind[i] = strdup(kind)))
        return KINDS;
    rows->nkinds++;
    return i;
}

/* The row of that title, which is taken over; NULL when out of memory. */
static struct row *row_at(struct rows *rows, char *title)
{
    for (size_t i = 0; i < rows->n; i++)
        if (strcmp(rows->row[i].title, title) == 0) {
            free(title);
            return &rows->row[i];
        }
    struct row *more = realloc(rows->row, (rows->n + 1) * sizeof(*more));
    if (!more) {
        free(title);
        return NULL;
    }
    rows->row = more;
    struct row *row = &more[rows->n++];
    *row = (struct row){.title = title};
    for (size_t k = 0; k < KINDS; k++)
        row->kept[k] = (struct kept){NAN, NAN};
    return row;
}

static int add_case(struct rows *rows, const struct xb_report_case *c)
{
    size_t kind = kind_at(rows, beside_of(c));
    char *title = xb_format_title_without(c, BESIDE);
    struct row *row = title ? row_at(rows, title) : NULL;

    if (!row || kind == KINDS)
        return -1;
    if (row->nfound < KINDS)
        row->found[row->nfound++] = figure_of(c, ALONE);
    row->kept[kind] = (struct kept){figure_of(c, MOVED), figure_of(c, WORKED)};
    return 0;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static const char *kept_text(const struct kept *kept, char buf[XB_CELL_LEN])
{
    if (isfinite(kept->transfer) && isfinite(kept->work))
        snprintf(buf, XB_CELL_LEN, "%.3f / %.3f", kept->transfer, kept->work);
    else
        snprintf(buf, XB_CELL_LEN, "-");
    return buf;
}

static struct xb_table *new_table(const struct rows *rows)
{
    char texts[KINDS][XB_CELL_LEN];
    const char *titles[2 + KINDS + 1] = {"transfer", ">alone GB/s"};

    for (size_t k = 0; k < rows->nkinds; k++) {
        snprintf(texts[k], sizeof(texts[k]), ">beside %s", rows->kind[k]);
        titles[2 + k] = texts[k];
    }
    return xb_table_new(titles);
}

static int print_rows(struct rows *rows, FILE *out)
{
    struct xb_table *table = new_table(rows);
    int rc = table ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < rows->n; i++) {
        struct row *row = &rows->row[i];
        char rate[XB_CELL_LEN], parts[KINDS][XB_CELL_LEN];
        const char *cells[2 + KINDS + 1] = {row->title};

        qsort(row->found, row->nfound, sizeof(*row->found), by_value);
        cells[1] = xb_format_rate(row->found[row->nfound / 2], rate);
        for (size_t k = 0; k < rows->nkinds; k++)
            cells[2 + k] = kept_text(&row->kept[k], parts[k]);
        rc = xb_table_add(table, cells);
    }
    if (rc == 0) {
        fputs("what is kept of each one's rate alone: the transfer's / of what is beside it\n",
              out);
        xb_table_print(table, out);
    }
    xb_table_free(table);
    return rc;
}

static int write_interference(const struct xb_report *report, FILE *out)
{
    struct xb_case_rows *others = xb_case_rows_new(report);
    struct xb_case_walk walk = xb_cases(report);
    const struct xb_report_case *c;
    struct rows rows = {0};
    int rc = others ? 0 : -1;

    while (rc == 0 && (c = xb_cases_next(&walk))) {
        if (is_shown(c))
            rc = add_case(&rows, c);
        if (rc == 0)
            rc = xb_case_rows_add(others, &walk, c, !is_shown(c));
    }
    if (xb_cases_end(&walk) < 0)
        rc = -1;
    if (rc == 0 && rows.n > 0)
        rc = print_rows(&rows, out);
    if (rc == 0)
        rc = xb_case_rows_print_others(others, rows.n > 0 ? "\n" : "", out);
    xb_case_rows_free(others);
    release(&rows);
    return rc;
}

const struct xb_format xb_format_interference = {
    .name = "interference",
    .summary = "transfers beside work on the same GPU: what both keep of what each does alone",
    .write = write_interference,
};
