/* SPDX-License-Identifier: BSD-3-Clause */
/* report.c - what is done with a report, whether it was built or read. */
#include "report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/bars.h"
#include "report/report_json.h"
#include "report/tables.h"

struct xb_report_rank *xb_report_rank_at(const struct xb_report *report, size_t i)
{
    return (struct xb_report_rank *)report->ranks.item + i;
}

struct xb_report_rank *xb_report_rank_of(const struct xb_report *report, int64_t rank)
{
    for (size_t i = 0; i < report->ranks.n; i++) {
        /* its number is usually where it stands */
        size_t at = (i + (size_t)(rank > 0 ? rank : 0)) % report->ranks.n;
        if (xb_report_rank_at(report, at)->rank == rank)
            return xb_report_rank_at(report, at);
    }
    return NULL;
}

struct xb_report_case *xb_report_case_at(const struct xb_report *report, size_t i)
{
    return (struct xb_report_case *)report->cases.item + i;
}

struct xb_report_path *xb_report_path_at(const struct xb_report *report, size_t i)
{
    return (struct xb_report_path *)report->paths.item + i;
}

struct xb_report_lane *xb_report_lane_at(const struct xb_report_case *c, size_t i)
{
    return (struct xb_report_lane *)c->lanes.item + i;
}

static struct xb_report_schedule *schedule_at(const struct xb_report *report, int64_t i)
{
    return (struct xb_report_schedule *)report->schedules.item + i;
}

struct xb_report_step *xb_report_step_of(const struct xb_report *report,
                                         const struct xb_report_case *c, size_t i)
{
    return c->schedule < 0
               ? NULL
               : (struct xb_report_step *)schedule_at(report, c->schedule)->steps.item + i;
}

bool xb_report_lane_is_full(const struct xb_report *report, const struct xb_report_case *c,
                            size_t i)
{
    const struct xb_report_step *step = xb_report_step_of(report, c, i);

    return !step || !step->company;
}

double xb_report_lane_bytes(const struct xb_report_case *c, size_t i)
{
    int64_t bytes = xb_report_lane_at(c, i)->bytes;

    return bytes > 0 ? (double)bytes : c->transfer_bytes;
}

struct xb_report_round *xb_report_round_at(const struct xb_report_case *c, size_t i)
{
    return (struct xb_report_round *)c->rounds.item + i;
}

/* ---- schedules ---- */

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_steps(const struct xb_list *a, const struct xb_list *b)
{
    const struct xb_report_step *x = a->item, *y = b->item;

    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++, x++, y++)
        if (x->src_rank != y->src_rank || x->dst_rank != y->dst_rank || x->round != y->round ||
            x->chain != y->chain || x->step != y->step || !same_text(x->src, y->src) ||
            !same_text(x->dst, y->dst) || !same_text(x->link_class, y->link_class) ||
            !same_text(x->company, y->company))
            return false;
    return true;
}

int64_t xb_report_schedule(struct xb_report *report, struct xb_report_schedule *schedule)
{
    struct xb_list *all = &report->schedules;

    for (size_t i = 0; i < all->n; i++)
        if (same_steps(&schedule_at(report, (int64_t)i)->steps, &schedule->steps)) {
            xb_fields_release(xb_report_schedule_fields, schedule);
            return (int64_t)i;
        }
    struct xb_report_schedule *added = xb_list_add(all, sizeof(*added));
    if (!added)
        return -1;
    *added = *schedule;
    xb_fields_clear(xb_report_schedule_fields, schedule);
    return (int64_t)all->n - 1;
}

/* ---- cases that come and go ---- */

void xb_report_case_clear(struct xb_report_case *c)
{
    *c = (struct xb_report_case){.bars = NULL};
    xb_fields_clear(xb_report_case_fields, c);
}

void xb_report_case_release(struct xb_report_case *c)
{
    free(c->bars);
    xb_fields_release(xb_report_case_fields, c);
    c->bars = NULL;
    c->nbars = 0;
}

bool xb_report_noted(const struct xb_report_case *c, const char *note)
{
    for (size_t i = 0; i < c->notes.n; i++)
        if (strcmp(c->notes.value[i], note) == 0)
            return true;
    return false;
}

int xb_report_mark_resumed(struct xb_report_case *c, const struct xb_report_run *run,
                           struct xb_error *err)
{
    if ((!xb_report_noted(c, XB_NOTE_RESUMED) &&
         xb_texts_add(&c->notes, XB_NOTE_RESUMED) < 0) ||
        (!c->measured_utc &&
         xb_text_dup(run->end_utc ? run->end_utc : run->start_utc, &c->measured_utc) < 0))
        return xb_fail(err, "out of memory for a report");
    return 0;
}

void xb_report_drop(struct xb_report *report, size_t i)
{
    struct xb_report_case *c = xb_report_case_at(report, i);

    xb_report_case_release(c);
    memmove(c, c + 1, (--report->cases.n - i) * sizeof(*c));
}

void xb_report_empty(struct xb_report *report)
{
    *report = (struct xb_report){.status = XB_RUN_OK, .store = {.status = XB_RUN_NOTHING}};
    xb_fields_clear(xb_report_fields, report);
}

void xb_report_release(struct xb_report *report)
{
    for (size_t i = 0; i < report->cases.n; i++)
        free(xb_report_case_at(report, i)->bars);
    for (size_t i = 0; i < report->ranks.n; i++)
        xb_fields_release(xb_report_rank_fields, xb_report_rank_at(report, i));
    free(report->ranks.item);
    xb_fields_release(xb_report_fields, report);
    report->ranks = (struct xb_list){NULL, 0, 0};
}

/* ---- as JSON ---- */

cJSON *xb_report_json(const struct xb_report *report)
{
    struct xb_report last = *report;

    last.schema = (struct xb_report_schema){(char[]){XB_REPORT_NAME}, XB_REPORT_VERSION};
    return xb_fields_write(xb_report_fields, &last);
}

cJSON *xb_report_case_json(const struct xb_report *report, const struct xb_report_case *c)
{
    cJSON *json = xb_fields_write(xb_report_case_fields, c);
    bool good = json != NULL;

    if (good && c->schedule >= 0) {
        cJSON *steps =
            xb_fields_write(xb_report_schedule_fields, schedule_at(report, c->schedule));
        good = steps && cJSON_ReplaceItemInObjectCaseSensitive(json, "schedule", steps);
        if (!good)
            cJSON_Delete(steps);
    }
    if (good && c->nbars > 0)
        good = xb_report_put(json, XB_BARS, xb_bars_json(c->bars, c->nbars));
    return xb_report_done(json, good);
}
