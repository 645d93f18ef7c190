/* SPDX-License-Identifier: BSD-3-Clause */
/* matrix.c - for each case with several lanes a table of sources and destinations, in GB/s.
 *
 * Within a rank there is one row for each pair of endpoints, and a column for each rank. A cell
 * that several lanes share, as both ways do, shows the slowest. The other cases are in the
 * table as they always are.
 */
#include "report/formats/matrix.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/screen.h"
#include "base/units.h"
#include "report/formats/case_rows.h"
#include "report/formats/format.h"
#include "report/formats/table.h"

/* A row or a column: an end in a rank, or, for paths within a rank, both endpoints. */
struct head {
    int64_t rank;          /* -1 for a row of endpoints */
    const char *src, *dst; /* dst is "" but for a row of endpoints */
};

struct heads {
    struct head *head;
    size_t n;
};

/* A case's lanes, placed. */
struct matrix {
    const struct xb_report *report;
    const struct xb_report_case *c;
    bool self;
    struct heads rows, columns;
    const struct xb_report_lane **cell; /* row after row; NULL where no lane is */
};

static struct head row_of(const struct matrix *m, const struct xb_report_step *step)
{
    return m->self ? (struct head){-1, step->src, step->dst}
                   : (struct head){step->src_rank, step->src, ""};
}

static struct head column_of(const struct matrix *m, const struct xb_report_step *step)
{
    return (struct head){step->dst_rank, m->self ? "" : step->dst, ""};
}

static int by_rank(const void *a, const void *b)
{
    const struct head *x = a, *y = b;

    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    int sources = strcmp(x->src, y->src);
    return sources ? sources : strcmp(x->dst, y->dst);
}

/* Sort heads, and keep one of each. */
static void settle(struct heads *heads)
{
    size_t n = 0;

    qsort(heads->head, heads->n, sizeof(*heads->head), by_rank);
    for (size_t i = 0; i < heads->n; i++)
        if (n == 0 || by_rank(&heads->head[n - 1], &heads->head[i]) != 0)
            heads->head[n++] = heads->head[i];
    heads->n = n;
}

/* Place of a head that is there. */
static size_t place_of(const struct heads *heads, struct head h)
{
    const struct head *found =
        bsearch(&h, heads->head, heads->n, sizeof(*heads->head), by_rank);

    return (size_t)(found - heads->head);
}

static bool is_worse(const struct xb_report_lane *a, const struct xb_report_lane *b)
{
    if ((a->status == XB_OK) != (b->status == XB_OK))
        return a->status != XB_OK;
    return a->gb_per_s < b->gb_per_s;
}

static void place_lanes(struct matrix *m)
{
    for (size_t i = 0; i < m->c->lanes.n; i++) {
        const struct xb_report_step *step = xb_report_step_of(m->report, m->c, i);
        if (!xb_report_lane_is_full(m->report, m->c, i))
            continue;
        const struct xb_report_lane *lane = xb_report_lane_at(m->c, i);
        const struct xb_report_lane **cell =
            &m->cell[place_of(&m->rows, row_of(m, step)) * m->columns.n +
                     place_of(&m->columns, column_of(m, step))];
        if (!*cell || is_worse(lane, *cell))
            *cell = lane;
    }
}

static void release(struct matrix *m)
{
    free(m->rows.head);
    free(m->columns.head);
    free(m->cell);
}

static int build(struct matrix *m)
{
    size_t n = m->c->lanes.n;

    m->rows.head = calloc(n, sizeof(*m->rows.head));
    m->columns.head = calloc(n, sizeof(*m->columns.head));
    if (!m->rows.head || !m->columns.head)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const struct xb_report_step *step = xb_report_step_of(m->report, m->c, i);
        m->rows.head[m->rows.n++] = row_of(m, step);
        m->columns.head[m->columns.n++] = column_of(m, step);
    }
    settle(&m->rows);
    settle(&m->columns);
    m->cell = calloc(m->rows.n * m->columns.n, sizeof(const struct xb_report_lane *));
    if (!m->cell)
        return -1;
    place_lanes(m);
    return 0;
}

/* "2 3b:00.0", "2 host"; "host->gpu" for a row of endpoints; of a column of these the rank with
 * the GPU that it is bound to. */
static const char *head_text(const struct matrix *m, const struct head *h,
                             char buf[XB_CELL_LEN * 2])
{
    char end[XB_CELL_LEN];

    if (h->rank < 0)
        snprintf(buf, XB_CELL_LEN * 2, "%s->%s", h->src, h->dst);
    else if (h->src[0])
        snprintf(buf, XB_CELL_LEN * 2, "%" PRId64 " %s", h->rank,
                 xb_format_end(m->report, h->rank, h->src, end));
    else {
        bool gpu = strstr(m->c->key.src, "gpu") || strstr(m->c->key.dst, "gpu");
        const char *name = xb_format_end(m->report, h->rank, gpu ? "gpu" : "host", end);
        bool named = gpu && strcmp(name, "gpu") != 0;
        snprintf(buf, XB_CELL_LEN * 2, "%" PRId64 "%s%s", h->rank, named ? " " : "",
                 named ? name : "");
    }
    return buf;
}

static const char *cell_text(const struct xb_report_lane *lane, char buf[XB_CELL_LEN])
{
    if (!lane)
        return "-";
    if (lane->status != XB_OK)
        return xb_status_name((enum xb_status)lane->status);
    return xb_format_rate(lane->gb_per_s, buf);
}

static int print_row(const struct matrix *m, struct xb_table *table, size_t row)
{
    char name[XB_CELL_LEN * 2], (*text)[XB_CELL_LEN] = calloc(m->columns.n, sizeof(*text));
    const char **cells = calloc(m->columns.n + 2, sizeof(*cells));
    int rc = -1;

    if (text && cells) {
        cells[0] = head_text(m, &m->rows.head[row], name);
        for (size_t k = 0; k < m->columns.n; k++)
            cells[k + 1] = cell_text(m->cell[row * m->columns.n + k], text[k]);
        rc = xb_table_add(table, cells);
    }
    free(text);
    free(cells);
    return rc;
}

static struct xb_table *new_table(const struct matrix *m)
{
    char(*text)[XB_CELL_LEN * 2 + 1] = calloc(m->columns.n, sizeof(*text));
    const char **titles = calloc(m->columns.n + 2, sizeof(*titles));
    struct xb_table *table = NULL;

    if (text && titles) {
        titles[0] = m->self ? "" : "from \\ to";
        for (size_t k = 0; k < m->columns.n; k++) {
            text[k][0] = '>'; /* to the right */
            head_text(m, &m->columns.head[k], text[k] + 1);
            titles[k + 1] = text[k];
        }
        table = xb_table_new(titles);
    }
    free(text);
    free(titles);
    return table;
}

struct place {
    double rate;
    size_t lane;
};

static int by_rate(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->rate != y->rate)
        return x->rate < y->rate ? -1 : 1;
    return x->lane < y->lane ? -1 : 1;
}

/* The extremes and where they are, and the median, the lower of two. */
static int print_summary(const struct matrix *m, FILE *out)
{
    static const char *const names[] = {"min", "median", "max"};
    struct place *places = calloc(m->c->lanes.n, sizeof(*places));
    size_t n = 0;

    if (!places)
        return -1;
    for (size_t i = 0; i < m->c->lanes.n; i++) {
        const struct xb_report_lane *lane = xb_report_lane_at(m->c, i);
        if (lane->status == XB_OK && lane->gb_per_s > 0)
            places[n++] = (struct place){lane->gb_per_s, i};
    }
    qsort(places, n, sizeof(*places), by_rate);
    for (size_t i = 0; n > 0 && i < 3; i++) {
        const struct place *p = &places[i == 0 ? 0 : i == 1 ? (n - 1) / 2 : n - 1];
        const struct xb_report_step *step = xb_report_step_of(m->report, m->c, p->lane);
        char rate[XB_CELL_LEN];
        fprintf(out, "%s%s %s (%" PRId64, i ? ", " : "", names[i],
                xb_format_rate(p->rate, rate), step->src_rank);
        if (!m->self)
            fprintf(out, "->%" PRId64, step->dst_rank);
        fputc(')', out);
    }
    fputs(n > 0 ? "\n" : "no lane was measured\n", out);
    free(places);
    return 0;
}

/* Print a part in lines that are no wider than the page says. */
static int print_part(const struct matrix *m, int (*print)(const struct matrix *, FILE *),
                      const struct xb_page *page, FILE *out)
{
    char *text = NULL;
    size_t len;
    FILE *part = page ? open_memstream(&text, &len) : out;
    int rc = part ? print(m, part) : -1;

    if (part && page) {
        rc = fclose(part) == 0 ? rc : -1;
        if (rc == 0)
            xb_screen_wrap(text, page->columns, 2, out);
        free(text);
    }
    return rc;
}

/* "stream each, p2p[engine=ce] gpu->gpu@node 64MiB, GB/s". */
static int print_title(const struct matrix *m, FILE *out)
{
    xb_format_title(m->c, out);
    fputs(", GB/s\n", out);
    return 0;
}

int xb_matrix_print(const struct xb_report *report, const struct xb_report_case *c,
                    const struct xb_page *page, FILE *out)
{
    const struct xb_table_fit fit = {.columns = page ? page->columns : 0};
    struct matrix m = {.report = report, .c = c, .self = strcmp(c->key.locality, "self") == 0};
    int rc = build(&m);
    struct xb_table *table = rc == 0 ? new_table(&m) : NULL;

    for (size_t row = 0; table && rc == 0 && row < m.rows.n; row++)
        rc = print_row(&m, table, row);
    if (table && rc == 0) {
        rc = print_part(&m, print_title, page, out);
        if (page)
            xb_table_print_fit(table, &fit, out);
        else
            xb_table_print(table, out);
        rc = rc == 0 ? print_part(&m, print_summary, page, out) : rc;
    }
    xb_table_free(table);
    release(&m);
    return table ? rc : -1;
}

/* The lanes of an operation of all ranks are its parts, with no times of their own. */
bool xb_matrix_has(const struct xb_report_case *c)
{
    const struct xb_pattern *pattern = xb_pattern_find(c->key.pattern, NULL);

    return c->lanes.n > 1 && !(pattern && pattern->kind == XB_KIND_COLLECTIVE);
}

static int write_matrix(const struct xb_report *report, FILE *out)
{
    struct xb_case_rows *others = xb_case_rows_new(report);
    struct xb_case_walk walk = xb_cases(report);
    const struct xb_report_case *c;
    const char *gap = "";
    int rc = others ? 0 : -1;

    while (rc == 0 && (c = xb_cases_next(&walk))) {
        bool alone = xb_matrix_has(c);
        if (alone) {
            fputs(gap, out);
            rc = xb_matrix_print(report, c, NULL, out);
            gap = "\n";
        }
        if (rc == 0)
            rc = xb_case_rows_add(others, &walk, c, !alone);
    }
    if (xb_cases_end(&walk) < 0)
        rc = -1;
    if (rc == 0)
        rc = xb_case_rows_print_others(others, gap, out);
    xb_case_rows_free(others);
    return rc;
}

const struct xb_format xb_format_matrix = {
    .name = "matrix",
    .summary = "sources by destinations, in GB/s, for each case with several lanes",
    .write = write_matrix,
};
