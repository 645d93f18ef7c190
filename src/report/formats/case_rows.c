/* SPDX-License-Identifier: BSD-3-Clause */
/* case_rows.c - what tables show of a report's cases. Of each note there is a number here and
 * where the first case with it stands; its words, which may be as many as there are cases, are
 * read back from there.
 */
#include "report/formats/case_rows.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/screen.h"
#include "base/units.h"
#include "model/figures/trend.h"
#include "report/drift.h"
#include "report/formats/format.h"
#include "report/formats/table.h"

/* A reason or warning that some cases share: those whose hashes of 64 bits are the same. */
struct note {
    uint64_t hash;
    int status;          /* -1 for a warning */
    size_t cases, place; /* how many, and where the first stands */
};

/* A case that did not do what was asked. */
struct failure {
    size_t place, note;
};

#define MOST_DRIFTS 20 /* lines */

struct xb_case_rows {
    const struct xb_report *report;
    struct xb_table *table;
    size_t rows;
    bool lanes;          /* of some case one is the slowest */
    struct note *reason; /* in the order of appearance */
    size_t nreasons, reason_room;
    struct note *warning;
    size_t nwarnings, warning_room;
    struct failure *failure;
    size_t nfailures, failure_room;
    size_t noisy, measured, drifts;
    char *drift[MOST_DRIFTS]; /* owned; lines */
};

#define ROW_COLUMNS 9 /* of cases that have no slowest lane */

struct xb_case_rows *xb_case_rows_new(const struct xb_report *report)
{
    static const char *const titles[] = {"pattern",        "method",   "path",  ">size",
                                         ">chunk x depth", ">median",  ">GB/s", ">+-%",
                                         "status",         ">slowest", "lane",  NULL};
    struct xb_case_rows *rows = calloc(1, sizeof(*rows));

    if (!rows)
        return NULL;
    rows->report = report;
    rows->table = xb_table_new(titles);
    if (rows->table)
        return rows;
    free(rows);
    return NULL;
}

void xb_case_rows_free(struct xb_case_rows *rows)
{
    if (!rows)
        return;
    for (size_t i = 0; i < MOST_DRIFTS; i++)
        free(rows->drift[i]);
    xb_table_free(rows->table);
    free(rows->reason);
    free(rows->warning);
    free(rows->failure);
    free(rows);
}

/* ---- rows ---- */

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
                         char rate[XB_CELL_LEN], char who[XB_LANE_TEXT_LEN])
{
    rate[0] = who[0] = '\0';
    if (c->slowest_lane < 0)
        return;
    size_t i = (size_t)c->slowest_lane;
    xb_format_rate(xb_report_lane_at(c, i)->gb_per_s, rate);
    xb_format_lane(report, xb_report_step_of(report, c, i), who);
}

static int add_row(struct xb_case_rows *rows, const struct xb_report_case *c)
{
    char method[XB_METHOD_TEXT_LEN], path[XB_CELL_LEN], size[XB_UNITS_LEN], chunk[XB_CELL_LEN];
    char time[XB_UNITS_LEN], rate[XB_CELL_LEN], spread[XB_CELL_LEN], status[XB_CELL_LEN];
    char slow_rate[XB_CELL_LEN], slow_who[XB_LANE_TEXT_LEN];

    chunk_text(c, chunk);
    spread_text(&c->time_us, spread);
    status_text(c, status);
    slowest_text(rows->report, c, slow_rate, slow_who);
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
        slow_rate,
        slow_who,
        NULL,
    };
    rows->rows++;
    return xb_table_add(rows->table, cells);
}

size_t xb_case_rows_count(const struct xb_case_rows *rows)
{
    return rows->rows;
}

const struct xb_table *xb_case_rows_table(const struct xb_case_rows *rows)
{
    if (!rows->lanes)
        xb_table_narrow(rows->table, ROW_COLUMNS);
    return rows->rows > 0 ? rows->table : NULL;
}

void xb_case_rows_print(const struct xb_case_rows *rows,
                        void (*print)(const struct xb_table *table, FILE *out), FILE *out)
{
    const struct xb_table *table = xb_case_rows_table(rows);

    if (table)
        print(table, out);
    else
        fputs("no case was measured\n", out);
}

/* ---- notes ---- */

/* Room for one more of a list, which may move. */
static int make_room(void **list, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return 0;
    size_t more_room = *room ? 2 * *room : 16;
    void *more = realloc(*list, more_room * size);
    if (!more)
        return -1;
    *list = more;
    *room = more_room;
    return 0;
}

/* Count a case under its status (or -1) and text; *note is the number of that note. */
static int note_case(struct note **notes, size_t *n, size_t *room, const struct note *of,
                     size_t *note)
{
    void *list = *notes;

    for (*note = 0; *note < *n; ++*note)
        if ((*notes)[*note].hash == of->hash && (*notes)[*note].status == of->status) {
            (*notes)[*note].cases++;
            return 0;
        }
    if (make_room(&list, *n, room, sizeof(**notes)) < 0)
        return -1;
    *notes = list;
    (*notes)[(*n)++] = *of;
    return 0;
}

/* What kept a case from being ok; its id is shown, but for a skipped one, which was not asked
 * for. Cases without a reason have none to note. */
static int note_reason(struct xb_case_rows *rows, size_t place, const struct xb_report_case *c)
{
    void *list = rows->failure;
    size_t note;

    if (!c->reason)
        return 0;
    const struct note of = {xb_hash_text(XB_HASH_BASIS, c->reason), c->status, 1, place};
    if (note_case(&rows->reason, &rows->nreasons, &rows->reason_room, &of, &note) < 0)
        return -1;
    if (c->status == XB_SKIPPED)
        return 0;
    if (make_room(&list, rows->nfailures, &rows->failure_room, sizeof(*rows->failure)) < 0)
        return -1;
    assert(list);
    rows->failure = list;
    rows->failure[rows->nfailures++] = (struct failure){place, note};
    return 0;
}

static int note_warning(struct xb_case_rows *rows, size_t place, const struct xb_report_case *c)
{
    size_t note;

    if (!c->warning)
        return 0;
    const struct note of = {xb_hash_text(XB_HASH_BASIS, c->warning), -1, 1, place};
    return note_case(&rows->warning, &rows->nwarnings, &rows->warning_room, &of, &note);
}

/* A line for a case or a lane that did not stay where it was. */
static int note_drift(struct xb_case_rows *rows, const struct xb_report_drift *drift,
                      const char *id, const struct xb_report_step *lane)
{
    char text[XB_DRIFT_TEXT_LEN], who[XB_CELL_LEN] = "";

    if (!xb_drift_told(drift) || rows->drifts++ >= MOST_DRIFTS)
        return 0;
    if (lane)
        snprintf(who, sizeof who, ", lane %" PRId64 "->%" PRId64, lane->src_rank,
                 lane->dst_rank);
    char **line = &rows->drift[rows->drifts - 1];
    if (asprintf(line, "%s: %s%s: %s", xb_trend_name((enum xb_trend_kind)drift->kind), id, who,
                 xb_drift_text(drift, text)) >= 0)
        return 0;
    *line = NULL;
    return -1;
}

static int note_drifts(struct xb_case_rows *rows, const struct xb_report_case *c)
{
    int rc = note_drift(rows, &c->drift, c->id, NULL);

    /* else a lane would say it again */
    for (size_t i = 0; rc == 0 && !xb_drift_told(&c->drift) && i < c->lanes.n; i++)
        rc = note_drift(rows, &xb_report_lane_at(c, i)->drift, c->id,
                        xb_report_step_of(rows->report, c, i));
    return rc;
}

int xb_case_rows_add(struct xb_case_rows *rows, const struct xb_case_walk *walk,
                     const struct xb_report_case *c, bool row)
{
    bool measured = c->time_us.there;

    rows->lanes = rows->lanes || (row && c->slowest_lane >= 0);
    rows->measured += measured;
    rows->noisy += xb_report_noted(c, XB_NOTE_NOISY);
    if ((row && measured && add_row(rows, c) < 0) || note_reason(rows, walk->place, c) < 0 ||
        note_warning(rows, walk->place, c) < 0)
        return -1;
    return note_drifts(rows, c);
}

struct xb_case_rows *xb_case_rows_of(const struct xb_report *report)
{
    struct xb_case_rows *rows = xb_case_rows_new(report);
    struct xb_case_walk walk = xb_cases(report);
    const struct xb_report_case *c;
    int rc = rows ? 0 : -1;

    while (rc == 0 && (c = xb_cases_next(&walk)))
        rc = xb_case_rows_add(rows, &walk, c, true);
    if (xb_cases_end(&walk) == 0 && rc == 0)
        return rows;
    xb_case_rows_free(rows);
    return NULL;
}

/* ---- and what is printed of them ---- */

static const char *text_of(struct xb_case_walk *walk, const struct note *note)
{
    const struct xb_report_case *c = xb_cases_at(walk, note->place);

    return c ? note->status < 0 ? c->warning : c->reason : NULL;
}

/* A line: as it is where there is no page, else no wider than that says. -1 when out of memory.
 */
static int say(const struct xb_page *page, FILE *out, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int say(const struct xb_page *page, FILE *out, const char *fmt, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, fmt);
    int rc = vasprintf(&text, fmt, args);
    va_end(args);
    if (rc < 0)
        return -1;
    xb_screen_tame(text, false);
    if (page)
        xb_screen_wrap(text, page->columns, 2, out);
    else
        fprintf(out, "%s\n", text);
    free(text);
    return 0;
}

/* The ids of the cases of reason number i that were asked for. */
static int print_failed(const struct xb_case_rows *rows, struct xb_case_walk *walk, size_t i,
                        const struct xb_page *page, FILE *out)
{
    int rc = 0;

    for (size_t k = 0; rc == 0 && k < rows->nfailures; k++) {
        const struct xb_report_case *c =
            rows->failure[k].note == i ? xb_cases_at(walk, rows->failure[k].place) : NULL;
        if (c)
            rc = say(page, out, "  %s", c->id);
    }
    return rc;
}

/* Those of skipped ones. */
static int print_skipped(const struct xb_case_rows *rows, uint64_t reason,
                         const struct xb_page *page, FILE *out)
{
    struct xb_case_walk walk = xb_cases(rows->report);
    const struct xb_report_case *c;
    int rc = 0;

    while (rc == 0 && (c = xb_cases_next(&walk)))
        if (c->status == XB_SKIPPED && c->reason &&
            xb_hash_text(XB_HASH_BASIS, c->reason) == reason)
            rc = say(page, out, "  %s", c->id);
    return xb_cases_end(&walk) < 0 ? -1 : rc;
}

/* Reason number i: how many cases have it, and which. */
static int print_reason(const struct xb_case_rows *rows, struct xb_case_walk *walk, size_t i,
                        const struct xb_page *page, FILE *out)
{
    const struct note *note = &rows->reason[i];
    const char *status = xb_status_name((enum xb_status)note->status);
    const char *text = text_of(walk, note);
    int rc;

    if (!text)
        return -1;
    if (page)
        rc = say(page, out, "%zu case%s %s: %s", note->cases, note->cases == 1 ? "" : "s",
                 status, text);
    else
        rc = say(NULL, out, "%s %zu: %s", status, note->cases, text);
    if (rc == 0 && note->status != XB_SKIPPED)
        return print_failed(rows, walk, i, page, out);
    return rc == 0 && page && page->verbose ? print_skipped(rows, note->hash, page, out) : rc;
}

/* Is there a reason that cases were skipped for? */
static bool has_skipped(const struct xb_case_rows *rows)
{
    for (size_t i = 0; i < rows->nreasons; i++)
        if (rows->reason[i].status == XB_SKIPPED)
            return true;
    return false;
}

static const struct xb_report_use *use_at(const struct xb_report *report, size_t i)
{
    return (const struct xb_report_use *)report->run.resources.item + i;
}

bool xb_case_rows_has_notes(const struct xb_case_rows *rows)
{
    bool uses = false;

    for (size_t i = 0; i < rows->report->run.resources.n; i++)
        uses = uses || use_at(rows->report, i)->warning;
    return uses || rows->nreasons + rows->nwarnings + rows->noisy + rows->drifts > 0;
}

static int print_warnings(const struct xb_case_rows *rows, struct xb_case_walk *walk,
                          const struct xb_page *page, FILE *out)
{
    const char *text;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < rows->nwarnings; i++) {
        if (!(text = text_of(walk, &rows->warning[i])))
            return -1;
        rc = say(page, out, "warning %zu: %s", rows->warning[i].cases, text);
    }
    return rc;
}

/* What did not stay where it was: times of cases, and what ranks take. */
static int print_changes(const struct xb_case_rows *rows, const struct xb_page *page, FILE *out)
{
    const struct xb_report *report = rows->report;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < rows->drifts && i < MOST_DRIFTS; i++)
        rc = say(page, out, "%s", rows->drift[i]);
    if (rc == 0 && rows->drifts > MOST_DRIFTS)
        rc = say(page, out, "and %zu more that drift or step", rows->drifts - MOST_DRIFTS);
    for (size_t i = 0; rc == 0 && i < report->run.resources.n; i++)
        if (use_at(report, i)->warning)
            rc = say(page, out, "rank %" PRId64 ": %s", use_at(report, i)->rank,
                     use_at(report, i)->warning);
    return rc;
}

static int print_notes(const struct xb_case_rows *rows, const struct xb_page *page, FILE *out)
{
    struct xb_case_walk walk = xb_cases(rows->report);
    int rc = 0;

    fputs(xb_case_rows_has_notes(rows) ? "\n" : "", out);
    for (size_t i = 0; rc == 0 && i < rows->nreasons; i++)
        rc = print_reason(rows, &walk, i, page, out);
    if (rc == 0 && page && !page->verbose && has_skipped(rows))
        rc = say(page, out, "--verbose lists the skipped cases");
    if (rc == 0)
        rc = print_warnings(rows, &walk, page, out);
    if (rc == 0 && rows->noisy > 0)
        rc = say(page, out, "noisy: %zu of %zu cases have intervals wider than 10 %%",
                 rows->noisy, rows->measured);
    if (rc == 0)
        rc = print_changes(rows, page, out);
    return xb_cases_end(&walk) < 0 ? -1 : rc;
}

int xb_case_rows_print_notes(const struct xb_case_rows *rows, FILE *out)
{
    return print_notes(rows, NULL, out);
}

int xb_case_rows_tell_notes(const struct xb_case_rows *rows, const struct xb_page *page,
                            FILE *out)
{
    return print_notes(rows, page, out);
}

int xb_case_rows_print_others(const struct xb_case_rows *rows, const char *gap, FILE *out)
{
    if (xb_case_rows_count(rows) > 0 || !gap[0]) {
        fputs(gap, out);
        xb_case_rows_print(rows, xb_table_print, out);
    }
    return xb_case_rows_print_notes(rows, out);
}
