/* SPDX-License-Identifier: BSD-3-Clause */
/* drift.c - whether a case's figure stayed where it was. */
#include "report/drift.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "model/figures/trend.h"

#define HOUR_S 3600.0

/* Seconds since 1970 of "2026-01-31T12:00:00Z"; 0 where it is none. */
static double seconds_of(const char *utc)
{
    struct tm tm = {.tm_sec = 0};

    if (!utc || !strptime(utc, "%Y-%m-%dT%H:%M:%SZ", &tm))
        return 0;
    return (double)timegm(&tm);
}

static void format_utc(double seconds, char buf[24])
{
    time_t whole = (time_t)floor(seconds);
    struct tm tm;

    gmtime_r(&whole, &tm);
    strftime(buf, 24, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

int xb_pass_times_make(const struct xb_result *result, const char *start_utc,
                       struct xb_pass_times *out)
{
    *out = (struct xb_pass_times){.start_s = seconds_of(start_utc)};
    if (out->start_s <= 0 || result->npasses_s == 0)
        return 0;
    for (size_t i = 0; i < result->npasses_s; i++)
        if (!(result->passes_s[i] > 0) ||
            (i > 0 && result->passes_s[i] < result->passes_s[i - 1]))
            return 0;
    out->s = malloc(result->npasses_s * sizeof(*out->s));
    if (!out->s)
        return -1;
    for (; out->n < result->npasses_s;
         out->n++) /* to a millisecond: they stand in the report */
        out->s[out->n] = round((result->passes_s[out->n] - out->start_s) * 1e3) / 1e3;
    return 0;
}

static int add_step(const struct xb_pass_times *times, const struct xb_trend_step *step,
                    struct xb_report_drift *out)
{
    struct xb_report_drift_step *added = xb_list_add(&out->steps, sizeof(*added));
    char utc[24];

    if (!added)
        return -1;
    added->since_s = times->s[step->at];
    added->before_us = step->before;
    added->after_us = step->after;
    added->change = step->after / step->before - 1;
    format_utc(times->start_s + added->since_s, utc);
    return xb_text_dup(utc, &added->since_utc);
}

int xb_drift_find(const struct xb_pass_times *times, const double *passes_us, size_t n,
                  double level, struct xb_report_drift *out)
{
    struct xb_trend trend;

    if (n != times->n || n < XB_TREND_LEAST)
        return 0;
    if (xb_trend_find(times->s, passes_us, n, level, &trend) < 0)
        return -1;
    double span_s = times->s[n - 1] - times->s[0];
    if (trend.kind == XB_TREND_NONE)
        return 0;
    out->there = true;
    out->kind = (int)trend.kind;
    out->p = trend.p;
    out->change = trend.change;
    out->per_hour =
        trend.kind == XB_TREND_DRIFTS && span_s > 0 ? trend.change * HOUR_S / span_s : NAN;
    out->within_s = span_s;
    for (size_t i = 0; i < trend.nsteps; i++)
        if (add_step(times, &trend.step[i], out) < 0)
            return -1;
    return 0;
}

bool xb_drift_told(const struct xb_report_drift *drift)
{
    return drift->there && (drift->kind == XB_TREND_DRIFTS || drift->kind == XB_TREND_STEPPED);
}

#define TIMES 10 /* from so many on, multiples are told instead of a share */

/* "12 % slower", "40 times slower" of a time that has changed by such a share. */
static const char *change_text(double change, char buf[32])
{
    const double times = change > 0 ? 1 + change : 1 / (1 + change);
    const char *word = change > 0 ? "slower" : "faster";

    if (times >= TIMES)
        snprintf(buf, 32, "%.3g times %s", times, word);
    else
        snprintf(buf, 32, "%.3g %% %s", 100 * fabs(change), word);
    return buf;
}

#define EACH 3 /* steps that are told one by one */

const char *xb_drift_text(const struct xb_report_drift *drift, char buf[XB_DRIFT_TEXT_LEN])
{
    const struct xb_report_drift_step *step = drift->steps.item, *largest = step;
    char change[32], whole[32];
    size_t n = 0;

    buf[0] = '\0';
    if (drift->kind == XB_TREND_DRIFTS)
        snprintf(buf, XB_DRIFT_TEXT_LEN, "%s within %.0f s, steadily",
                 change_text(drift->change, change), drift->within_s);
    for (size_t i = 0; i < drift->steps.n; i++) {
        largest = fabs(step[i].change) > fabs(largest->change) ? &step[i] : largest;
        if (drift->steps.n <= EACH && n < XB_DRIFT_TEXT_LEN)
            n += (size_t)snprintf(buf + n, XB_DRIFT_TEXT_LEN - n, "%s%s from %s on",
                                  i > 0 ? ", " : "", change_text(step[i].change, change),
                                  step[i].since_utc);
    }
    if (drift->steps.n > EACH)
        snprintf(buf, XB_DRIFT_TEXT_LEN,
                 "%zu steps from %s on, the largest %s from %s on, at the end %s",
                 drift->steps.n, step->since_utc, change_text(largest->change, change),
                 largest->since_utc, change_text(drift->change, whole));
    return buf;
}
