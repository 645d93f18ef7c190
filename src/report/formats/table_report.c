/* table_report.c - the measured cases of a report as a table, and what kept others from it. */
#include "report/formats/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "model/figures/trend.h"
#include "report/drift.h"
#include "report/formats/table.h"

/* A reason or warning that some cases share. */
struct note {
    const char *kind, *text; /* kind is a status or "warning"; both borrowed */
    int status;              /* -1 for a warning */
    size_t cases;
};

struct notes {
    struct note *note;
    size_t count, room;
};

/* "256KiB x 4"; "-" for a method without chunks. */
static void chunk_text(const struct xb_report_case *c, char out[XB_CELL_LEN])
{
    int64_t chunk = c->chosen.there ? c->chosen.chunk_bytes : c->key.chunk_bytes;
    int64_t depth = c->chosen.there ? c->chosen.depth : c->key.depth;
    char size[XB_UNITS_LEN];

    if (chunk > 0 && depth > 0)
        snprintf(out, XB_CELL_LEN, "%s x %" PRId64, xb_size_format((uint64_t)chunk, size),
                 depth);
    else
        snprintf(out, XB_CELL_LEN, "-");
}

/* Half-width of the interval in % of the median; "-" without an interval. */
static void spread_text(const struct xb_report_time *t, char out[XB_CELL_LEN])
{
    double percent = 100 * (t->ci_hi - t->ci_lo) / 2 / t->median;

    if (isfinite(percent))
        snprintf(out, XB_CELL_LEN, "%.1f", percent);
    else
        snprintf(out, XB_CELL_LEN, "-");
}

/* "failed", or "ok noisy": the status and the notes. */
static void status_text(const struct xb_report_case *c, char out[XB_CELL_LEN])
{
    int n = snprintf(out, XB_CELL_LEN, "%s", xb_status_name((enum xb_status)c->status));

    for (size_t i = 0; i < c->notes.n && n < XB_CELL_LEN; i++)
        n += snprintf(out + n, XB_CELL_LEN - (size_t)n, " %s", c->notes.value[i]);
}

/* The slowest lane's rate, and who it is: "0->3 3b:00.0->5e:00.0"; "" where no lane differs. */
static void slowest_text(const struct xb_report *report, const struct xb_report_case *c,
                         char rate[XB_CELL_LEN], char who[XB_CELL_LEN * 3])
{
    char src[XB_CELL_LEN], dst[XB_CELL_LEN];

    rate[0] = who[0] = '\0';
    if (c->slowest_lane < 0)
        return;
    size_t i = (size_t)c->slowest_lane;
    const struct xb_report_step *step = xb_report_step_of(report, c, i);
    xb_format_rate(xb_report_lane_at(c, i)->gb_per_s, rate);
    snprintf(who, XB_CELL_LEN * 3, "%" PRId64 "->%" PRId64 " %s->%s", step->src_rank,
             step->dst_rank, xb_format_end(report, step->src_rank, step->src, src),
             xb_format_end(report, step->dst_rank, step->dst, dst));
}

static int add_row(struct xb_table *table, bool lanes, const struct xb_report *report,
                   const struct xb_report_case *c)
{
    char method[XB_METHOD_TEXT_LEN], path[XB_CELL_LEN], size[XB_UNITS_LEN], chunk[XB_CELL_LEN];
    char time[XB_UNITS_LEN], rate[XB_CELL_LEN], spread[XB_CELL_LEN], status[XB_CELL_LEN];
    char slow_rate[XB_CELL_LEN], slow_who[XB_CELL_LEN * 3];

    chunk_text(c, chunk);
    spread_text(&c->time_us, spread);
    status_text(c, status);
    slowest_text(report, c, slow_rate, slow_who);
    const char *const cells[] = {
        c->key.pattern,
        xb_format_method(c, method),
        xb_format_path(c, path),
        xb_size_format((uint64_t)c->key.bytes, size),
        chunk,
        xb_time_us_format(c->time_us.median, time),
        xb_format_rate(c->bandwidth.median, rate),
        spread,
        status,
        lanes ? slow_rate : NULL,
        slow_who,
        NULL,
    };
    return xb_table_add(table, cells);
}

int xb_table_print_cases(const struct xb_report *report, FILE *out)
{
    const char *titles[] = {"pattern",        "method",   "path",  ">size",
                            ">chunk x depth", ">median",  ">GB/s", ">+-%",
                            "status",         ">slowest", "lane",  NULL};
    bool lanes = false;
    int rows = 0;

    for (size_t i = 0; i < report->cases.n; i++)
        lanes = lanes || xb_report_case_at(report, i)->slowest_lane >= 0;
    if (!lanes)
        titles[9] = NULL;
    struct xb_table *table = xb_table_new(titles);
    int rc = table ? 0 : -1;
    for (size_t i = 0; rc == 0 && i < report->cases.n; i++) {
        const struct xb_report_case *c = xb_report_case_at(report, i);
        if (!c->time_us.there)
            continue;
        rc = add_row(table, lanes, report, c);
        rows++;
    }
    if (rc == 0 && rows > 0)
        xb_table_print(table, out);
    else if (rc == 0)
        fputs("no case was measured\n", out);
    xb_table_free(table);
    return rc;
}

/* Count a case under its status (or -1) and text; cases without a text have none to note. */
static int note_case(struct notes *notes, int status, const char *text)
{
    if (!text)
        return 0;
    for (size_t i = 0; i < notes->count; i++) {
        struct note *note = &notes->note[i];

        if (note->status == status && strcmp(note->text, text) == 0) {
            note->cases++;
            return 0;
        }
    }
    if (notes->count == notes->room) {
        size_t room = notes->room ? 2 * notes->room : 16;
        struct note *note = realloc(notes->note, room * sizeof(*note));

        if (!note)
            return -1;
        notes->note = note;
        notes->room = room;
    }
    notes->note[notes->count++] = (struct note){
        .kind = status < 0 ? "warning" : xb_status_name((enum xb_status)status),
        .text = text,
        .status = status,
        .cases = 1,
    };
    return 0;
}

/* The ids of the cases that did not do what was asked; a skipped one was not asked for. */
static void print_ids(const struct note *note, const struct xb_report *report, FILE *out)
{
    if (note->status == XB_SKIPPED || note->status < 0)
        return;
    for (size_t i = 0; i < report->cases.n; i++) {
        const struct xb_report_case *c = xb_report_case_at(report, i);
        if (c->status == note->status && c->reason && strcmp(c->reason, note->text) == 0)
            fprintf(out, "  %s\n", c->id);
    }
}

/* Reasons in order of appearance, then warnings. */
static int collect_notes(const struct xb_report *report, struct notes *notes)
{
    for (size_t i = 0; i < report->cases.n; i++) {
        const struct xb_report_case *c = xb_report_case_at(report, i);
        if (note_case(notes, c->status, c->reason) != 0)
            return -1;
    }
    for (size_t i = 0; i < report->cases.n; i++)
        if (note_case(notes, -1, xb_report_case_at(report, i)->warning) != 0)
            return -1;
    return 0;
}

/* How many of the measured cases the next look may find elsewhere. */
static void print_noisy(const struct xb_report *report, bool first, FILE *out)
{
    size_t noisy = 0, measured = 0;

    for (size_t i = 0; i < report->cases.n; i++) {
        const struct xb_report_case *c = xb_report_case_at(report, i);
        measured += c->time_us.there;
        noisy += xb_report_noted(c, XB_NOTE_NOISY);
    }
    if (noisy > 0)
        fprintf(out, "%snoisy: %zu of %zu cases have intervals wider than 10 %%\n",
                first ? "\n" : "", noisy, measured);
}

#define MOST_DRIFTS 20 /* lines */

struct drifts {
    size_t n;
    bool first; /* nothing stands before them */
    FILE *out;
};

static void print_drift(struct drifts *d, const struct xb_report_drift *drift, const char *id,
                        const struct xb_report_step *lane)
{
    char text[XB_DRIFT_TEXT_LEN], who[XB_CELL_LEN] = "";

    if (!xb_drift_told(drift) || d->n++ >= MOST_DRIFTS)
        return;
    if (lane)
        snprintf(who, sizeof who, ", lane %" PRId64 "->%" PRId64, lane->src_rank,
                 lane->dst_rank);
    fprintf(d->out, "%s%s: %s%s: %s\n", d->first && d->n == 1 ? "\n" : "",
            xb_trend_name((enum xb_trend_kind)drift->kind), id, who,
            xb_drift_text(drift, text));
}

/* Which cases and lanes did not stay where they were, and when. */
static void print_drifts(const struct xb_report *report, bool first, FILE *out)
{
    struct drifts d = {.first = first, .out = out};

    for (size_t i = 0; i < report->cases.n; i++) {
        const struct xb_report_case *c = xb_report_case_at(report, i);
        print_drift(&d, &c->drift, c->id, NULL);
        /* else a lane would say it again */
        for (size_t l = 0; !xb_drift_told(&c->drift) && l < c->lanes.n; l++)
            print_drift(&d, &xb_report_lane_at(c, l)->drift, c->id,
                        xb_report_step_of(report, c, l));
    }
    if (d.n > MOST_DRIFTS)
        fprintf(out, "and %zu more that drift or step\n", d.n - MOST_DRIFTS);
}

static void print_uses(const struct xb_report *report, FILE *out)
{
    for (size_t i = 0; i < report->run.resources.n; i++) {
        const struct xb_report_use *use =
            (const struct xb_report_use *)report->run.resources.item + i;
        if (use->warning)
            fprintf(out, "rank %" PRId64 ": %s\n", use->rank, use->warning);
    }
}

int xb_table_print_notes(const struct xb_report *report, FILE *out)
{
    struct notes notes = {0};
    int rc = collect_notes(report, &notes);

    for (size_t i = 0; i < notes.count; i++) {
        const struct note *note = &notes.note[i];

        fprintf(out, "%s%s %zu: %s\n", i == 0 ? "\n" : "", note->kind, note->cases, note->text);
        print_ids(note, report, out);
    }
    print_noisy(report, notes.count == 0, out);
    print_drifts(report, notes.count == 0, out);
    print_uses(report, out);
    free(notes.note);
    return rc;
}

static int write_table(const struct xb_report *report, FILE *out)
{
    return xb_table_print_cases(report, out) == 0 && xb_table_print_notes(report, out) == 0
               ? 0
               : -1;
}

const struct xb_format xb_format_table = {
    .name = "table",
    .summary = "a row for each measured case, and what kept others from it",
    .write = write_table,
};
