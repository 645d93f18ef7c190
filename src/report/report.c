/* report.c - what is done with a report, whether it was built or read. */
#include "report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/report_json.h"
#include "report/tables.h"

struct xb_report_rank *xb_report_rank_at(const struct xb_report *report, size_t i)
{
    return (struct xb_report_rank *)report->ranks.item + i;
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

enum xb_run_status xb_report_status(const struct xb_report *report)
{
    enum xb_run_status worst = XB_RUN_OK;

    for (size_t i = 0; i < report->cases.n; i++) {
        int status = xb_report_case_at(report, i)->status;

        if (status == XB_CORRUPT)
            return XB_RUN_CORRUPT;
        if (status != XB_OK && status != XB_SKIPPED)
            worst = XB_RUN_FAILED;
    }
    return worst;
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
            !same_text(x->dst, y->dst) || !same_text(x->link_class, y->link_class))
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

static void release_case(struct xb_report_case *c)
{
    free(c->bars);
    xb_fields_release(xb_report_case_fields, c);
    c->bars = NULL;
    c->nbars = 0;
}

/* Copy a schedule by way of its steps; -1 when out of memory. */
static int copy_schedule(const struct xb_report_schedule *from, struct xb_report_schedule *to)
{
    *to = (struct xb_report_schedule){.steps = {NULL, 0, 0}};
    for (size_t i = 0; i < from->steps.n; i++) {
        const struct xb_report_step *step = (const struct xb_report_step *)from->steps.item + i;
        struct xb_report_step *copy = xb_list_add(&to->steps, sizeof(*copy));

        if (!copy)
            return -1;
        *copy = *step;
        copy->src = copy->dst = copy->link_class = NULL;
        if (xb_text_dup(step->src, &copy->src) < 0 || xb_text_dup(step->dst, &copy->dst) < 0 ||
            xb_text_dup(step->link_class, &copy->link_class) < 0)
            return -1;
    }
    return 0;
}

bool xb_report_noted(const struct xb_report_case *c, const char *note)
{
    for (size_t i = 0; i < c->notes.n; i++)
        if (strcmp(c->notes.value[i], note) == 0)
            return true;
    return false;
}

static int by_place(const void *a, const void *b)
{
    const struct xb_report_case *x = a, *y = b;

    return (x->place > y->place) - (x->place < y->place);
}

void xb_report_sort(struct xb_report *report)
{
    if (report->cases.n > 1)
        qsort(report->cases.item, report->cases.n, sizeof(struct xb_report_case), by_place);
}

/* Say that a case is of an earlier run, and of when. */
static int mark_resumed(const struct xb_report *from, struct xb_report_case *c,
                        struct xb_error *err)
{
    const struct xb_report_run *run = &from->run;

    if ((!xb_report_noted(c, XB_NOTE_RESUMED) &&
         xb_texts_add(&c->notes, XB_NOTE_RESUMED) < 0) ||
        (!c->measured_utc &&
         xb_text_dup(run->end_utc ? run->end_utc : run->start_utc, &c->measured_utc) < 0))
        return xb_fail(err, "out of memory for a report");
    return 0;
}

int xb_report_take(struct xb_report *report, struct xb_report *from, size_t i,
                   struct xb_error *err)
{
    struct xb_report_case *c = xb_report_case_at(from, i), *added;
    int64_t schedule = -1;

    if (c->schedule >= 0) {
        struct xb_report_schedule copy;
        if (copy_schedule(schedule_at(from, c->schedule), &copy) < 0 ||
            (schedule = xb_report_schedule(report, &copy)) < 0) {
            xb_fields_release(xb_report_schedule_fields, &copy);
            return xb_fail(err, "out of memory for a report");
        }
    }
    added = xb_list_add(&report->cases, sizeof(*added));
    if (!added)
        return xb_fail(err, "out of memory for a report");
    *added = *c;
    added->schedule = schedule;
    *c = (struct xb_report_case){.bars = NULL};
    xb_fields_clear(xb_report_case_fields, c);
    return mark_resumed(from, added, err);
}

void xb_report_drop(struct xb_report *report, size_t i)
{
    struct xb_report_case *c = xb_report_case_at(report, i);

    release_case(c);
    memmove(c, c + 1, (--report->cases.n - i) * sizeof(*c));
}

void xb_report_empty(struct xb_report *report)
{
    *report = (struct xb_report){.status = XB_RUN_OK};
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

int xb_report_print(const struct xb_report *report, FILE *out)
{
    struct xb_report last = *report;

    last.schema = (struct xb_report_schema){(char[]){XB_REPORT_NAME}, XB_REPORT_VERSION};
    return xb_fields_print(xb_report_fields, &last, out);
}

cJSON *xb_report_case_json(const struct xb_report *report, size_t i)
{
    const struct xb_report_case *c = xb_report_case_at(report, i);
    cJSON *json = xb_fields_write(xb_report_case_fields, c), *steps;

    if (!json || c->schedule < 0)
        return json;
    steps = xb_fields_write(xb_report_schedule_fields, schedule_at(report, c->schedule));
    if (steps && cJSON_ReplaceItemInObjectCaseSensitive(json, "schedule", steps))
        return json;
    cJSON_Delete(steps);
    cJSON_Delete(json);
    return NULL;
}
