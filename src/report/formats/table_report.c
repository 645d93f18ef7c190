/* SPDX-License-Identifier: BSD-3-Clause */
/* table_report.c - the measured cases of a report as tables that fit the terminal, one for each
 * pattern and path, and what kept others from them. docs/output.md says what stands where.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/screen.h"
#include "base/units.h"
#include "report/formats/case_groups.h"
#include "report/formats/case_rows.h"
#include "report/formats/chunk_grid.h"
#include "report/formats/format.h"
#include "report/formats/matrix.h"
#include "report/formats/table.h"
#include "report/formats/tuned_table.h"

#define MATRIX_MOST  1024 /* lanes of a case that is shown as a matrix here */
#define METHOD_LEAST 28   /* columns that a method keeps while there are others to leave out */

/* What is being written. */
struct writing {
    const struct xb_report *report;
    const struct xb_page *page;
    struct xb_case_walk walk; /* for the words of cases */
    unsigned marks;           /* that were shown */
    bool other_matrices;      /* some that are not shown */
    FILE *out;
};

/* Lines of text whose parts come one by one, printed so that they fit. */
struct lines {
    char *text;
    size_t len;
    FILE *out;
};

static int begin_lines(struct lines *l)
{
    *l = (struct lines){.text = NULL};
    l->out = open_memstream(&l->text, &l->len);
    return l->out ? 0 : -1;
}

static int end_lines(struct lines *l, const struct writing *w)
{
    int rc = fclose(l->out) == 0 ? 0 : -1;

    if (rc == 0)
        xb_screen_wrap(l->text, w->page->columns, 2, w->out);
    free(l->text);
    return rc;
}

/* ---- what it was measured on: texts of the report, whose ends of lines would be none ---- */

static size_t count_nodes(const struct xb_report *report)
{
    int64_t last = -1;

    for (size_t i = 0; i < report->ranks.n; i++) {
        int64_t node = xb_report_rank_at(report, i)->node;
        last = node > last ? node : last;
    }
    return (size_t)(last + 1);
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static int print_machine(const struct writing *w)
{
    const struct xb_report *report = w->report;
    const size_t nodes = count_nodes(report);
    char *gpus = xb_format_counted(report, xb_rank_gpu);
    struct lines l;

    if (!gpus || begin_lines(&l) < 0) {
        free(gpus);
        return -1;
    }
    fputs("device ", l.out);
    xb_screen_print(report->run.device ? report->run.device : "unknown", l.out);
    fputs(gpus[0] ? ": " : "", l.out);
    xb_screen_print(gpus, l.out);
    if (report->ranks.n > 0)
        fprintf(l.out, "; %zu rank%s", report->ranks.n, plural(report->ranks.n));
    if (nodes > 0)
        fprintf(l.out, " on %zu node%s", nodes, plural(nodes));
    if (report->run.policy.there && report->run.policy.name) {
        fputs("; policy ", l.out);
        xb_screen_print(report->run.policy.name, l.out);
    }
    free(gpus);
    return end_lines(&l, w);
}

static int print_run(const struct writing *w)
{
    const struct xb_report_run *run = &w->report->run;
    const char *scenario =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(run->scenario, "name"));
    const char *const said[] = {scenario, run->label, run->start_utc};
    const char *separator = "";
    struct lines l;

    if (begin_lines(&l) < 0)
        return -1;
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        if (said[i] && said[i][0]) {
            fprintf(l.out, "%s%s", separator, i == 0 ? "scenario " : "");
            xb_screen_print(said[i], l.out);
            separator = ", ";
        }
    if (run->passes_made > 0)
        fprintf(l.out, "%s%" PRId64 " pass%s", separator, run->passes_made,
                run->passes_made == 1 ? "" : "es");
    if (w->report->status >= 0 && w->report->status != XB_RUN_OK)
        fprintf(l.out, "%sstatus %s", separator,
                xb_run_status_name((enum xb_run_status)w->report->status));
    fflush(l.out);
    if (l.len > 0)
        return end_lines(&l, w);
    fclose(l.out);
    free(l.text);
    return 0;
}

/* ---- a group ---- */

static void print_term(const struct xb_group_term *term, FILE *out)
{
    xb_screen_print(term->name, out);
    fputc('=', out);
    xb_screen_print(term->value, out);
}

/* What all cases of a group have alike: conditions behind the title, then each method's options
 * in a line. */
static int print_title(const struct writing *w, const struct xb_case_group *group)
{
    const char *separator = "";
    struct lines l;

    if (begin_lines(&l) < 0)
        return -1;
    fprintf(l.out, "\n%s", group->title);
    for (size_t i = 0; i < group->conditions.nterms; i++)
        if (!group->conditions.term[i].differs) {
            fputs(", ", l.out);
            print_term(&group->conditions.term[i], l.out);
        }
    fputc('\n', l.out);
    for (size_t m = 0; m < group->nmethods; m++) {
        const struct xb_group_method *method = &group->method[m];
        size_t shown = 0;
        for (size_t i = 0; i < method->nterms; i++)
            if (!method->term[i].differs) {
                fputs(shown ? "," : separator[0] ? separator : "  ", l.out);
                if (shown++ == 0) {
                    xb_screen_print(method->name, l.out);
                    fputc('[', l.out);
                }
                print_term(&method->term[i], l.out);
            }
        fputs(shown ? "]" : "", l.out);
        separator = shown ? "; " : separator;
    }
    return end_lines(&l, w);
}

/* The unit of a group's times: the largest in which none is below 1. */
static double unit_of(const struct xb_case_group *group)
{
    double least = INFINITY;

    for (size_t i = 0; i < group->n; i++)
        if (group->c[i].us < least)
            least = group->c[i].us;
    if (isinf(least) || least < 1e3)
        return 1;
    return least < 1e6 ? 1e3 : 1e6;
}

static const char *time_title(double unit_us)
{
    return unit_us < 1e3 ? ".time us" : unit_us < 1e6 ? ".time ms" : ".time s";
}

/* A row, as text. */
struct row {
    char size[XB_UNITS_LEN], method[XB_METHOD_TEXT_LEN], chunk[XB_CELL_LEN];
    char figure[XB_CELL_LEN], signs[8], spread[XB_CELL_LEN], ceiling[XB_CELL_LEN];
    char slowest[2 * XB_CELL_LEN], notes[2 * XB_CELL_LEN];
};
#define ROW_COLUMNS 9 /* and a hidden one */

/* "256KiB x 4"; "" for a method without chunks. */
static void chunk_text(const struct xb_grouped_case *c, char out[XB_CELL_LEN])
{
    char size[XB_UNITS_LEN];

    out[0] = '\0';
    if (c->chunk > 0 && c->depth > 0)
        snprintf(out, XB_CELL_LEN, "%s x %" PRId64, xb_size_format((uint64_t)c->chunk, size),
                 c->depth);
}

/* A share in %; "" where it is not known. */
static void percent_text(double share, char out[XB_CELL_LEN])
{
    out[0] = '\0';
    if (isfinite(share))
        snprintf(out, XB_CELL_LEN, "%.1f", 100 * share);
}

/* Does a case show its slowest lane? There and back of a latency are one chain, with one time.
 */
static bool has_slowest(const struct xb_case_group *group, const struct xb_grouped_case *c)
{
    return c->has & XB_HAS_SLOWEST && (!group->latency || c->has & XB_HAS_MANY);
}

/* "52.25 2->3": the slowest lane, in the unit of the group's figures. */
static void slowest_text(const struct xb_report *report, const struct xb_case_group *group,
                         const struct xb_report_case *c, double unit_us,
                         char out[2 * XB_CELL_LEN])
{
    char figure[XB_CELL_LEN];

    const size_t i = (size_t)c->slowest_lane;
    const struct xb_report_step *step = xb_report_step_of(report, c, i);
    const struct xb_report_lane *lane = xb_report_lane_at(c, i);
    if (step)
        snprintf(out, 2 * XB_CELL_LEN, "%.60s %" PRId64 "->%" PRId64,
                 group->latency ? xb_figure_us(lane->time_us.median, unit_us, figure)
                                : xb_format_rate(lane->gb_per_s, figure),
                 step->src_rank, step->dst_rank);
}

/* The status of a case that is not ok, what is noted of it beside that it is noisy, and its
 * time where the group has rates and it has none. */
static void notes_text(const struct xb_case_group *group, const struct xb_report_case *c,
                       char out[2 * XB_CELL_LEN])
{
    const size_t len = 2 * XB_CELL_LEN;
    char time[XB_UNITS_LEN];
    size_t n = 0;

    out[0] = '\0';
    if (c->status != XB_OK)
        n += (size_t)snprintf(out, len, "%s", xb_status_name((enum xb_status)c->status));
    for (size_t i = 0; i < c->notes.n && n < len; i++)
        if (strcmp(c->notes.value[i], XB_NOTE_NOISY) != 0)
            n += (size_t)snprintf(out + n, len - n, "%s%s", n ? " " : "", c->notes.value[i]);
    if (!group->latency && !(c->bandwidth.median > 0) && n < len)
        snprintf(out + n, len - n, "%s%s", n ? " " : "",
                 xb_time_us_format(c->time_us.median, time));
}

static int add_row(struct writing *w, const struct xb_case_group *group,
                   const struct xb_grouped_case *of, double unit_us, struct xb_table *table)
{
    const struct xb_report_case *c = xb_cases_at(&w->walk, of->place);
    struct row r;

    if (!c)
        return -1;
    xb_size_format((uint64_t)of->bytes, r.size);
    xb_group_label(group, of, c, r.method);
    chunk_text(of, r.chunk);
    if (group->latency)
        xb_figure_us(of->us, unit_us, r.figure);
    else
        xb_format_rate(of->rate, r.figure);
    xb_mark_signs(of->marks, r.signs);
    percent_text((of->hi_us - of->lo_us) / 2 / of->us, r.spread);
    percent_text(group->latency ? NAN : c->fraction_of_ceiling, r.ceiling);
    r.slowest[0] = '\0';
    if (has_slowest(group, of))
        slowest_text(w->report, group, c, unit_us, r.slowest);
    notes_text(group, c, r.notes);
    const char *tint = of->marks & XB_MARK_BAD                      ? "r"
                       : of->marks & (XB_MARK_NOISY | XB_MARK_SLOW) ? "y"
                                                                    : "";
    const char *const cells[] = {r.size,    r.method,  r.chunk, r.figure, r.signs, r.spread,
                                 r.slowest, r.ceiling, r.notes, tint,     NULL};
    w->marks |= of->marks;
    return xb_table_add(table, cells);
}

/* Cases of a grid are there, unless all are to have rows. */
static bool has_row(const struct writing *w, const struct xb_grouped_case *c)
{
    return w->page->verbose || !(c->marks & XB_MARK_GRID) || c->marks & XB_MARK_GRID_BEST;
}

/* Columns that have something to show: a title whose column is empty would take room. */
struct columns {
    bool chunk, spread, ceiling, slowest, notes;
};

static struct columns columns_of(const struct writing *w, const struct xb_case_group *group)
{
    struct columns has = {.chunk = false};

    for (size_t i = 0; i < group->n; i++) {
        const struct xb_grouped_case *c = &group->c[i];
        if (!has_row(w, c))
            continue;
        has.chunk = has.chunk || (c->chunk > 0 && c->depth > 0);
        has.spread = has.spread || isfinite(c->hi_us - c->lo_us);
        has.ceiling = has.ceiling || (!group->latency && c->has & XB_HAS_CEILING);
        has.slowest = has.slowest || has_slowest(group, c);
        has.notes =
            has.notes || c->has & XB_HAS_NOTES || (!group->latency && !isfinite(c->rate));
    }
    return has;
}

static int print_rows(struct writing *w, const struct xb_case_group *group)
{
    const double unit_us = unit_of(group);
    const struct xb_table_fit fit = {.columns = w->page->columns,
                                     .least = METHOD_LEAST,
                                     .colours = w->page->colours,
                                     .tint = ROW_COLUMNS};
    const struct columns has = columns_of(w, group);
    const char *const titles[] = {">size",
                                  "method",
                                  has.chunk ? ">chunk x depth" : "",
                                  group->latency ? time_title(unit_us) : ".GB/s",
                                  "",
                                  has.spread ? ".+-%" : "",
                                  has.slowest ? "?slowest lane" : "?",
                                  has.ceiling ? "?.%ceiling" : "?",
                                  has.notes ? "notes" : "",
                                  "",
                                  NULL};
    struct xb_table *table = xb_table_new(titles);
    int rc = table ? 0 : -1;
    for (size_t i = 0; rc == 0 && i < group->n; i++)
        if (has_row(w, &group->c[i]))
            rc = add_row(w, group, &group->c[i], unit_us, table);
    if (rc == 0) {
        xb_table_narrow(table, ROW_COLUMNS);
        xb_table_print_fit(table, &fit, w->out);
    }
    xb_table_free(table);
    return rc;
}

/* ---- matrices ---- */

/* Is there a larger case of the same variant? They are sorted by size. */
static bool has_larger(const struct xb_case_group *group, size_t i)
{
    for (size_t k = group->n; k-- > i + 1 && group->c[k].bytes > group->c[i].bytes;)
        if (group->c[k].variant == group->c[i].variant)
            return true;
    return false;
}

/* Of each method the one with the largest size; two lanes stand in the row of their case. */
static int print_matrices(struct writing *w, const struct xb_case_group *group)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < group->n; i++) {
        if (!(group->c[i].has & XB_HAS_SWEEP) || !(group->c[i].has & XB_HAS_MANY))
            continue;
        const struct xb_report_case *c =
            has_larger(group, i) ? NULL : xb_cases_at(&w->walk, group->c[i].place);
        w->other_matrices = w->other_matrices || !c || c->lanes.n > MATRIX_MOST;
        if (!c || c->lanes.n > MATRIX_MOST)
            continue;
        fputc('\n', w->out);
        rc = xb_matrix_print(w->report, c, w->page, w->out);
    }
    return rc;
}

/* ---- and what stands below ---- */

static int print_signs(const struct writing *w)
{
    static const struct {
        unsigned mark;
        const char *text;
    } signs[] = {
        {XB_MARK_BEST, "* fastest of its size, or its interval meets that one's"},
        {XB_MARK_GRID_BEST, "# best of a grid"},
        {XB_MARK_NOISY, "~ noisy: its interval is wider than +-10 %"},
        {XB_MARK_SLOW, "! something was slow in it, as said above"},
        {XB_MARK_BAD, "x not ok"},
    };
    const char *separator = "signs: ";
    struct lines l;

    if (w->marks == 0 && !w->other_matrices)
        return 0;
    if (begin_lines(&l) < 0)
        return -1;
    fputc('\n', l.out);
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (w->marks & signs[i].mark) {
            fprintf(l.out, "%s%s", separator, signs[i].text);
            separator = "; ";
        }
    if (w->other_matrices)
        fprintf(l.out, "%s--format matrix shows all matrices of pairs", w->marks ? "\n" : "");
    return end_lines(&l, w);
}

static int print_groups(struct writing *w, struct xb_case_groups *groups)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < groups->n; i++) {
        struct xb_case_group *group = &groups->group[i];
        if (xb_chunk_grids_mark(group) < 0 || print_title(w, group) < 0 ||
            print_rows(w, group) < 0 ||
            xb_chunk_grids_print(groups, group, w->page, w->out) < 0)
            return -1;
        rc = print_matrices(w, group);
    }
    if (rc == 0 && groups->n == 0)
        fputs("no case was measured\n", w->out);
    return rc == 0 ? print_signs(w) : rc;
}

/* What kept cases from the tables, and what must be known of those that are there. */
static int print_notes(const struct writing *w)
{
    struct xb_case_rows *rows = xb_case_rows_new(w->report);
    struct xb_case_walk walk = xb_cases(w->report);
    const struct xb_report_case *c;
    int rc = rows ? 0 : -1;

    while (rc == 0 && (c = xb_cases_next(&walk)))
        rc = xb_case_rows_add(rows, &walk, c, false);
    if (xb_cases_end(&walk) < 0)
        rc = -1;
    if (rc == 0)
        rc = xb_case_rows_tell_notes(rows, w->page, w->out);
    xb_case_rows_free(rows);
    return rc;
}

static int write_table(const struct xb_report *report, const struct xb_page *page, FILE *out)
{
    struct writing w = {.report = report, .page = page, .walk = xb_cases(report), .out = out};
    struct xb_case_groups groups;
    int rc = xb_case_groups_of(report, &groups);

    if (rc == 0)
        rc = print_machine(&w);
    if (rc == 0)
        rc = print_run(&w);
    if (rc == 0 && report->tuned.there)
        rc = xb_tuned_print(&report->tuned, page, out);
    if (rc == 0)
        rc = print_groups(&w, &groups);
    if (xb_cases_end(&w.walk) < 0)
        rc = -1;
    if (rc == 0)
        rc = print_notes(&w);
    xb_case_groups_release(&groups);
    return rc;
}

const struct xb_format xb_format_table = {
    .name = "table",
    .summary = "a row for each measured case by pattern and path, and what kept others from it",
    .write_page = write_table,
};
