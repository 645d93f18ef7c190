/* SPDX-License-Identifier: BSD-3-Clause */
/* watch_view.c - what is to be thought of ranks that are watched, in words. */
#include "config.h"

#include "engine/runtime/watch_view.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "engine/runtime/process.h"

#define GONE_AFTER_S 1.0

const char *xb_watch_signal_name(int number)
{
    static const struct {
        int number;
        const char *name;
    } names[] = {{SIGINT, "SIGINT"},   {SIGTERM, "SIGTERM"}, {SIGHUP, "SIGHUP"},
                 {SIGQUIT, "SIGQUIT"}, {SIGUSR1, "SIGUSR1"}, {SIGUSR2, "SIGUSR2"},
                 {SIGXCPU, "SIGXCPU"}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].number == number)
            return names[i].name;
    return "a signal";
}

bool xb_watch_is_silent(const struct xb_watch_view *v, double patience_s)
{
    /* one that may run and does not may be waiting for a processor, and so may a node's voice
     */
    double times = xb_process_is_stopped((char)v->state) ? 1 : v->state == '?' ? 2 : 4;

    /* at its end a rank moves no tick any more */
    bool counts = !v->ended || xb_process_is_stopped((char)v->state);

    return counts && patience_s > 0 && v->silent_s > times * patience_s;
}

/* What is wrong with one rank by itself. */
static enum xb_watch_cause cause_of(const struct xb_watch_view *v, double patience_s)
{
    bool silent = xb_watch_is_silent(v, patience_s);

    if (v->ended)
        return silent ? XB_CAUSE_STOPPED : v->over_s > 0 ? XB_CAUSE_OVERDUE : XB_CAUSE_NONE;
    if (patience_s > 0 && v->silent_s > GONE_AFTER_S && xb_process_is_gone((char)v->state))
        return XB_CAUSE_GONE;
    if (silent)
        return xb_process_is_stopped((char)v->state) ? XB_CAUSE_STOPPED : XB_CAUSE_SILENT;
    if (v->signal)
        return XB_CAUSE_SIGNAL;
    return v->over_s > 0 ? XB_CAUSE_OVERDUE : XB_CAUSE_NONE;
}

/* One whose state alone explains why others are told to end, or wait for too long. */
static bool explains(const struct xb_watch_view *v)
{
    return !v->ended &&
           (xb_process_is_gone((char)v->state) || xb_process_is_stopped((char)v->state));
}

/* The rank that keeps one that is overdue: that which it waits for, and so on. */
static int find_kept_by(const struct xb_watch_view *views, size_t n, int who)
{
    for (size_t steps = 0; steps < n; steps++) {
        const struct xb_watch_view *v = &views[who];
        int next = -1;
        for (size_t i = 0; i < n && next < 0; i++) {
            bool it = v->waits_for == XB_WAIT_ALL ? views[i].meetings < v->meetings
                                                  : views[i].rank == v->waits_for;
            if (it && !views[i].ended && (int)i != who)
                next = (int)i;
        }
        if (next < 0)
            return who;
        who = next;
    }
    return who;
}

static void put_name(const struct xb_watch_view *v, char *out, size_t len)
{
    snprintf(out, len, "rank %d (%s, process %d)", v->rank, v->place, v->pid);
}

static void say(struct xb_watch_verdict *out, const struct xb_watch_view *views, size_t n,
                double patience_s)
{
    const struct xb_watch_view *v = &views[out->who], *kept;
    char name[128], other[128];

    put_name(v, name, sizeof name);
    switch (out->cause) {
    case XB_CAUSE_NONE:
        out->text[0] = '\0';
        break;
    case XB_CAUSE_GONE:
        snprintf(out->text, sizeof out->text, "%s is gone, its last step was: %s", name,
                 v->step);
        break;
    case XB_CAUSE_STOPPED:
        snprintf(out->text, sizeof out->text,
                 "%s is stopped (SIGSTOP or a debugger), for %.0f s, in: %s", name,
                 (double)v->silent_s, v->step);
        break;
    case XB_CAUSE_SILENT:
        snprintf(out->text, sizeof out->text,
                 "%s: nothing was heard of it for %.0f s (%s%.1s), in: %s", name,
                 (double)v->silent_s,
                 v->state == '?' ? "its node does not answer" : "its process is in the state ",
                 v->state == '?' ? "" : (const char[]){(char)v->state, '\0'}, v->step);
        break;
    case XB_CAUSE_SIGNAL:
        snprintf(out->text, sizeof out->text, "%s at %s", xb_watch_signal_name(out->signal),
                 name);
        break;
    case XB_CAUSE_OVERDUE:
        kept = &views[find_kept_by(views, n, out->who)];
        put_name(kept, other, sizeof other);
        if (kept == v)
            snprintf(out->text, sizeof out->text, "%s did not come back within %.3g s from: %s",
                     name, (double)v->limit_s, v->step);
        else
            snprintf(out->text, sizeof out->text,
                     "%s did not come back from: %s; rank %d has waited for %.3g s", other,
                     kept->step, v->rank, (double)v->limit_s);
        break;
    }
    (void)patience_s;
}

struct xb_watch_verdict xb_watch_judge(const struct xb_watch_view *views, size_t n,
                                       double patience_s)
{
    struct xb_watch_verdict out = {.cause = XB_CAUSE_NONE};

    for (size_t i = 0; i < n; i++) {
        enum xb_watch_cause cause = cause_of(&views[i], patience_s);
        if (cause == XB_CAUSE_NONE || (out.cause != XB_CAUSE_NONE && cause >= out.cause))
            continue;
        out.cause = cause;
        out.who = (int)i;
        out.signal = views[i].signal;
    }
    if (out.cause == XB_CAUSE_SIGNAL || out.cause == XB_CAUSE_OVERDUE)
        for (size_t i = 0; i < n; i++)
            if (explains(&views[i])) {
                out.cause =
                    xb_process_is_gone((char)views[i].state) ? XB_CAUSE_GONE : XB_CAUSE_STOPPED;
                out.who = (int)i;
                break;
            }
    if (out.cause != XB_CAUSE_NONE)
        say(&out, views, n, patience_s);
    return out;
}

/* ---- who waits for whom ---- */

/* A list of ranks, "0, 2-5", that grows by one; cut with dots where it is full. */
struct ranks {
    char text[200];
    int first, last; /* of the run that is open; first < 0: none */
    int count;
};

static void put_run(struct ranks *r)
{
    size_t at = strlen(r->text), left = sizeof r->text - at;

    if (r->first < 0)
        return;
    if (left < 40) {
        snprintf(r->text + at, left, "%s", r->text[at - 1] == '.' ? "" : ", ...");
        return;
    }
    const char *comma = at > 0 ? ", " : "";
    if (r->first == r->last)
        snprintf(r->text + at, left, "%s%d", comma, r->first);
    else
        snprintf(r->text + at, left, "%s%d-%d", comma, r->first, r->last);
}

static void add_rank(struct ranks *r, int rank)
{
    r->count++;
    if (r->first >= 0 && rank == r->last + 1) {
        r->last = rank;
        return;
    }
    put_run(r);
    r->first = r->last = rank;
}

/* Those that a rank waits for. */
static void find_awaited(const struct xb_watch_view *views, size_t n,
                         const struct xb_watch_view *v, struct ranks *out)
{
    *out = (struct ranks){.first = -1};
    if (v->waits_for >= 0)
        add_rank(out, v->waits_for);
    for (size_t i = 0; v->waits_for == XB_WAIT_ALL && i < n; i++)
        if (views[i].meetings < v->meetings && !views[i].ended)
            add_rank(out, views[i].rank);
    put_run(out);
}

/* In the same step, waiting for the same. */
static bool alike(const struct xb_watch_view *a, const struct xb_watch_view *b)
{
    return strcmp(a->step, b->step) == 0 && a->waits_for == b->waits_for &&
           a->meetings == b->meetings && a->ended == b->ended && a->state == b->state;
}

bool xb_watch_describe(const struct xb_watch_view *views, size_t n, bool *done, char *line,
                       size_t len)
{
    struct ranks who = {.first = -1}, awaited;
    size_t first = 0;

    while (first < n && done[first])
        first++;
    if (first == n)
        return false;
    const struct xb_watch_view *v = &views[first];
    float longest = 0;
    for (size_t i = first; i < n; i++) {
        if (done[i] || !alike(v, &views[i]))
            continue;
        done[i] = true;
        add_rank(&who, views[i].rank);
        longest = views[i].since_s > longest ? views[i].since_s : longest;
    }
    put_run(&who);
    find_awaited(views, n, v, &awaited);
    char state = (char)v->state;
    snprintf(line, len, "%s %s%s%s%s: %s%s, for %.0f s%s%s%s", who.count > 1 ? "ranks" : "rank",
             who.text, who.count > 1 ? "" : " (", who.count > 1 ? "" : v->place,
             who.count > 1 ? "" : ")",
             v->ended                       ? "at its end: "
             : xb_process_is_gone(state)    ? "gone: "
             : xb_process_is_stopped(state) ? "stopped: "
                                            : "",
             v->step[0] ? v->step : "nothing yet", (double)longest,
             v->waits_for == XB_WAIT_NOBODY ? "" : ", waits for ",
             v->waits_for == XB_WAIT_NOBODY ? ""
             : awaited.count == 0           ? "the others"
             : awaited.count > 1            ? "ranks "
                                            : "rank ",
             v->waits_for == XB_WAIT_NOBODY ? "" : awaited.text);
    return true;
}
