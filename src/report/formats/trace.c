/* SPDX-License-Identifier: BSD-3-Clause */
/* trace.c - a timeline of pipelined transfers in the trace-event format. */
#include "report/formats/trace.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/case_walk.h"
#include "report/formats/format.h"
#include "report/report_json.h"

/* An event with what all have; the caller adds the rest and pushes it. */
static cJSON *event(const char *phase, const char *name, int process, int lane)
{
    cJSON *e = cJSON_CreateObject();
    bool good = xb_report_put(e, "ph", cJSON_CreateString(phase)) &&
                xb_report_put(e, "name", cJSON_CreateString(name)) &&
                xb_report_put(e, "pid", xb_report_number(process)) &&
                xb_report_put(e, "tid", xb_report_number(lane));

    return xb_report_done(e, good);
}

/* "process_name" or "thread_name". */
static bool add_name(cJSON *events, const char *what, int process, int lane, const char *name)
{
    cJSON *e = event("M", what, process, lane), *args = cJSON_CreateObject();
    bool good = xb_report_put(args, "name", cJSON_CreateString(name));

    if (!xb_report_put(e, "args", args) || !good) {
        cJSON_Delete(e);
        return false;
    }
    return xb_report_push(events, e);
}

static bool add_bar(cJSON *events, int process, const struct xb_bar *b, double zero)
{
    char name[40];
    snprintf(name, sizeof name, "chunk %llu", (unsigned long long)b->chunk);
    cJSON *e = event("X", name, process, b->lane);
    bool good = xb_report_put(e, "cat", cJSON_CreateString("chunk")) &&
                xb_report_put(e, "ts", xb_report_number(b->start_us - zero)) &&
                xb_report_put(e, "dur", xb_report_number(b->done_us - b->start_us));

    if (good && b->clock_error_us > 0) {
        cJSON *args = cJSON_CreateObject();
        good = xb_report_put(args, "clock_error_us", xb_report_number(b->clock_error_us)) &&
               xb_report_put(e, "args", args);
    }
    e = xb_report_done(e, good);
    return e && xb_report_push(events, e);
}

/* An arrow's ends lie within their bars by this share of them: readers bind an end to the bar
 * that encloses its time, and where one bar ends the next may begin. */
#define WITHIN 0.01

/* One end of an arrow. */
static bool add_end(cJSON *events, const char *phase, int process, const struct xb_bar *b,
                    double us, double id)
{
    cJSON *e = event(phase, "next", process, b->lane);
    bool good = xb_report_put(e, "cat", cJSON_CreateString("flow")) &&
                xb_report_put(e, "ts", xb_report_number(us)) &&
                xb_report_put(e, "id", xb_report_number(id)) &&
                (*phase == 's' || xb_report_put(e, "bp", cJSON_CreateString("e")));

    e = xb_report_done(e, good);
    return e && xb_report_push(events, e);
}

/* Bars of one stage, which follow one another chunk by chunk. */
struct block {
    size_t first, count;
    int lane;
};
#define MAX_BLOCKS 32

static int by_lane(const void *a, const void *b)
{
    return ((const struct block *)a)->lane - ((const struct block *)b)->lane;
}

/* The blocks of a case in the order of their lanes; returns how many. */
static size_t find_blocks(const struct xb_report_case *r, struct block *blocks)
{
    size_t n = 0;

    for (size_t i = 0; i < r->nbars; i++) {
        if (i == 0 || r->bars[i].lane != r->bars[i - 1].lane) {
            if (n == MAX_BLOCKS)
                break;
            blocks[n++] = (struct block){.first = i, .lane = r->bars[i].lane};
        }
        blocks[n - 1].count++;
    }
    qsort(blocks, n, sizeof *blocks, by_lane);
    return n;
}

/* Arrows from the bars of one stage to those of the next. */
static bool add_arrows(cJSON *events, int process, const struct xb_report_case *r,
                       const struct block *from, const struct block *to, double zero)
{
    bool good = true;

    for (size_t i = 0; good && i < from->count && i < to->count; i++) {
        const struct xb_bar *b = &r->bars[from->first + i], *next = &r->bars[to->first + i];
        double leaves = b->done_us - WITHIN * (b->done_us - b->start_us);
        double arrives = next->start_us + WITHIN * (next->done_us - next->start_us);
        double id = (double)process * 4294967296.0 + (double)(from->first + i);
        good = add_end(events, "s", process, b, leaves - zero, id) &&
               add_end(events, "f", process, next, arrives - zero, id);
    }
    return good;
}

static bool add_lane_name(cJSON *events, int process, const struct xb_bar *b)
{
    char name[48];
    snprintf(name, sizeof name, "rank %d %s", b->rank, b->stage);
    return add_name(events, "thread_name", process, b->lane, name);
}

static bool add_case(cJSON *events, int process, const struct xb_report_case *c)
{
    struct block blocks[MAX_BLOCKS] = {{.first = 0}};
    size_t n = find_blocks(c, blocks);
    double zero = n ? c->bars[0].start_us : 0;
    bool good = n == 0 || add_name(events, "process_name", process, 0, c->id);

    for (size_t i = 0; i < c->nbars; i++)
        if (c->bars[i].start_us < zero)
            zero = c->bars[i].start_us;
    for (size_t k = 0; good && k < n; k++) {
        good = add_lane_name(events, process, &c->bars[blocks[k].first]);
        for (size_t i = 0; good && i < blocks[k].count; i++)
            good = add_bar(events, process, &c->bars[blocks[k].first + i], zero);
    }
    for (size_t k = 0; good && k + 1 < n; k++)
        good = add_arrows(events, process, c, &blocks[k], &blocks[k + 1], zero);
    return good;
}

/* The events of a case, as they stand in a list; *more tells whether any stand there already.
 */
static int print_case(int process, const struct xb_report_case *c, bool *more, FILE *out)
{
    cJSON *events = cJSON_CreateArray(), *e;
    int rc = events && add_case(events, process, c) ? 0 : -1;

    while (rc == 0 && (e = cJSON_DetachItemFromArray(events, 0))) {
        fputs(*more ? ", " : "", out);
        rc = xb_fields_print_value(e, 2, out);
        *more = true;
    }
    cJSON_Delete(events);
    return rc;
}

int xb_trace_print(const struct xb_report *report, FILE *out)
{
    struct xb_case_walk walk = xb_cases(report);
    const struct xb_report_case *c;
    bool more = false;
    int rc = 0;

    fputs(XB_TRACE_BEGINS ",\n\t\"traceEvents\":\t[", out);
    for (int i = 0; rc == 0 && (c = xb_cases_next(&walk)); i++)
        rc = print_case(i, c, &more, out);
    fputs("]\n}", out);
    return xb_cases_end(&walk) < 0 ? -1 : rc;
}

static int write_trace(const struct xb_report *report, FILE *out)
{
    int rc = xb_trace_print(report, out);

    fputc('\n', out);
    return rc;
}

const struct xb_format xb_format_trace = {
    .name = "trace",
    .summary = "when each chunk was in which stage, for Perfetto",
    .is_document = true,
    .is_of_run = true,
    .write = write_trace,
};
