/* trace.c - a timeline of pipelined transfers in the trace-event format. */
#include "model/trace.h"

#include <stdbool.h>
#include <stdio.h>

#include "model/report_json.h"

cJSON *xb_trace_new(void)
{
    cJSON *trace = cJSON_CreateObject();
    bool good = xb_report_put(trace, "displayTimeUnit", cJSON_CreateString("ns")) &&
                xb_report_put(trace, "traceEvents", cJSON_CreateArray());

    return xb_report_done(trace, good);
}

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

    e = xb_report_done(e, good);
    return e && xb_report_push(events, e);
}

/* One end of an arrow, which binds to the bar that encloses its time. */
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

/* The bar of the same chunk in the next lane that has one; NULL in the last. */
static const struct xb_bar *next_bar(const struct xb_result *r, const struct xb_bar *b)
{
    const struct xb_bar *next = NULL;

    for (size_t i = 0; i < r->nbars; i++) {
        const struct xb_bar *other = &r->bars[i];
        if (other->chunk == b->chunk && other->lane > b->lane &&
            (!next || other->lane < next->lane))
            next = other;
    }
    return next;
}

static bool add_arrow(cJSON *events, int process, const struct xb_result *r, size_t i,
                      double zero)
{
    const struct xb_bar *b = &r->bars[i], *next = next_bar(r, b);
    double id = (double)process * 1e6 + (double)i;

    return !next || (add_end(events, "s", process, b, b->done_us - zero, id) &&
                     add_end(events, "f", process, next, next->start_us - zero, id));
}

/* Is this the first bar of its lane? */
static bool opens_lane(const struct xb_result *r, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (r->bars[k].lane == r->bars[i].lane)
            return false;
    return true;
}

static bool add_lane_name(cJSON *events, int process, const struct xb_bar *b)
{
    char name[48];
    snprintf(name, sizeof name, "rank %d %s", b->rank, b->stage);
    return add_name(events, "thread_name", process, b->lane, name);
}

int xb_trace_add(cJSON *trace, int process, const char *id, const struct xb_result *result)
{
    cJSON *events = cJSON_GetObjectItemCaseSensitive(trace, "traceEvents");
    double zero = result->nbars ? result->bars[0].start_us : 0;
    bool good = result->nbars == 0 || add_name(events, "process_name", process, 0, id);

    for (size_t i = 0; i < result->nbars; i++)
        if (result->bars[i].start_us < zero)
            zero = result->bars[i].start_us;
    for (size_t i = 0; good && i < result->nbars; i++) {
        good = (!opens_lane(result, i) || add_lane_name(events, process, &result->bars[i])) &&
               add_bar(events, process, &result->bars[i], zero) &&
               add_arrow(events, process, result, i, zero);
    }
    return good ? 0 : -1;
}
