/* SPDX-License-Identifier: BSD-3-Clause */
/* go.c - starts the launches of a campaign, one after another, and keeps what came of each. */
#include "cmd/campaign/go.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/output.h"
#include "base/units.h"
#include "cmd/campaign/command.h"
#include "cmd/campaign/conclude.h"
#include "cmd/campaign/outcome.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/process.h"
#include "model/campaign/launch_order.h"
#include "model/campaign/looks.h"

#define FIRST_TIMEOUT_S  7200.0 /* before any launch is done */
#define LEAST_TIMEOUT_S  600.0
#define TIMEOUT_LAUNCHES 10 /* times the longest launch so far */
#define FORMER_S         30 /* that a launch may take to end whose campaign was killed */

/* A campaign that goes on. */
struct going {
    struct xb_campaign *campaign;
    const struct xb_folder *folder;
    const struct xb_child_guard *guard;
    char *file; /* campaign.json */
};

/* ---- time ---- */

static double timeout_of(const struct xb_campaign *c)
{
    double longest = 0;

    if (!isnan(c->launch_timeout_s))
        return c->launch_timeout_s;
    for (size_t i = 0; i < c->launches.n; i++) {
        const struct xb_campaign_launch *l = xb_campaign_launch(c, i);
        if (l->status == XB_LAUNCH_DONE)
            longest = fmax(longest, l->seconds);
    }
    return longest > 0 ? fmax(TIMEOUT_LAUNCHES * longest, LEAST_TIMEOUT_S) : FIRST_TIMEOUT_S;
}

/* Mean seconds of the launches of a configuration (NULL: of any), or NAN without one. */
static double mean_of(const struct xb_campaign *c, const char *config)
{
    double sum = 0, n = 0;

    for (size_t i = 0; i < c->launches.n; i++) {
        const struct xb_campaign_launch *l = xb_campaign_launch(c, i);
        if (!config || strcmp(l->config, config) == 0) {
            sum += l->seconds;
            n++;
        }
    }
    return n > 0 ? sum / n : NAN;
}

/* ", about 3 min left", or "" where nothing is known yet. */
static const char *time_left(const struct xb_campaign *c, char *buf, size_t len)
{
    double seconds = 0, each[XB_CONFIGS_MAX] = {0};
    char about[XB_UNITS_LEN];

    for (size_t k = 0; k < c->configs.n; k++) {
        each[k] = mean_of(c, xb_campaign_config(c, k)->name);
        each[k] = isnan(each[k]) ? mean_of(c, NULL) : each[k];
    }
    for (size_t i = c->launches.n; i < xb_campaign_most(c); i++)
        seconds += each[xb_launch_config(c->configs.n, c->seed, i)];
    if (isnan(seconds))
        buf[0] = '\0';
    else
        snprintf(buf, len, ", %s %s left", isnan(c->until) ? "about" : "at most about",
                 xb_about_s_format(seconds, about));
    return buf;
}

/* ---- one launch ---- */

static int print_head(const void *launch, FILE *out)
{
    fputs("$ ", out);
    xb_campaign_launch_print(launch, out);
    return 0;
}

/* A launch whose campaign was killed ends soon, and may write its report until then. */
static int await_former(const char *name, const char *report, struct xb_error *err)
{
    const struct timespec pause = {0, 100000000};
    size_t left = xb_process_count_told("-o", report);

    if (left > 0)
        xb_log_progress("%s: waiting for the end of its earlier start, %zu process%s", name,
                        left, left == 1 ? "" : "es");
    for (int i = 0; left > 0 && i < 10 * FORMER_S; i++) {
        nanosleep(&pause, NULL);
        left = xb_process_count_told("-o", report);
    }
    if (left > 0)
        return xb_fail(err,
                       "%s: %zu process%s of its earlier start, with '-o %s', did not end "
                       "within %d s: expected none",
                       name, left, left == 1 ? "" : "es", report, FORMER_S);
    return 0;
}

/* Start a launch and wait for its end, which goes into it and into why. */
static int make_launch(const struct going *g, const char *name, struct xb_campaign_launch *l,
                       struct xb_child_end *end, struct xb_error *why, struct xb_error *err)
{
    char *report = xb_folder_file(g->folder, l->report);
    char *log = xb_folder_file(g->folder, l->log), now[24];
    const struct xb_child child = {.argv = &l->argv,
                                   .environment = &l->environment,
                                   .log = log,
                                   .timeout_s = timeout_of(g->campaign)};
    int rc = -1;

    xb_clock_utc(now);
    if (!report || !log || xb_text_dup(now, &l->start_utc) < 0)
        xb_fail(err, "out of memory for a campaign");
    else if (await_former(name, report, err) == 0) {
        xb_folder_clear_launch(g->folder, name); /* what one that was killed has left */
        rc = xb_output_print(log, print_head, l, true, err);
    }
    if (rc == 0)
        rc = xb_child_run(g->guard, &child, end, err);
    if (rc == 0) {
        l->exit_status = end->exit_status;
        l->signal = end->signal;
        l->seconds = end->seconds;
        l->status = xb_outcome(end, report, log, why);
        if (l->status != XB_LAUNCH_DONE) {
            free(l->report);
            l->report = NULL;
        }
    }
    free(report);
    free(log);
    return rc;
}

static void tell_end(const struct xb_campaign_launch *l, const char *name,
                     const struct xb_child_end *end, const struct xb_error *why)
{
    if (l->status == XB_LAUNCH_FAILED || l->status == XB_LAUNCH_HUNG)
        xb_log_warn("%s: %s", name, why->text);
    if (end->left > 0 && l->status == XB_LAUNCH_DONE)
        xb_log_warn("%s: left %zu process%s behind, which were ended", name, end->left,
                    end->left == 1 ? "" : "es");
    if (end->surviving > 0)
        xb_log_warn("%s: %zu of its processes could not be ended, and may disturb what follows",
                    name, end->surviving);
}

/* The next launch, which becomes the last of the campaign. Returns 0, the signal that ended it,
 * or -1. */
static int next_launch(struct going *g, struct xb_error *err)
{
    struct xb_campaign *c = g->campaign;
    size_t i = c->launches.n;
    struct xb_campaign_launch launch;
    struct xb_child_end end;
    struct xb_error why = {""};
    char name[128], left[64];

    if (xb_campaign_launch_make(c, g->folder, i, &launch, err) < 0)
        return -1;
    snprintf(name, sizeof name, "%s-%02d", launch.config, (int)launch.number);
    xb_log_progress("launch %zu of %s%zu: %s%s", i + 1, isnan(c->until) ? "" : "at most ",
                    xb_campaign_most(c), name, time_left(c, left, sizeof left));
    int rc = make_launch(g, name, &launch, &end, &why, err);
    struct xb_campaign_launch *kept = rc == 0 ? xb_list_add(&c->launches, sizeof launch) : NULL;
    if (!kept) {
        xb_campaign_launch_release(&launch);
        return rc < 0 ? -1 : xb_fail(err, "out of memory for a campaign");
    }
    *kept = launch;
    tell_end(kept, name, &end, &why);
    if (end.interrupted)
        xb_folder_clear_report(g->folder, name); /* it is half of one, or soon made anew */
    if (xb_campaign_save(c, g->file, err) < 0)
        return -1;
    return end.interrupted;
}

/* ---- all of them ---- */

/* The look that is due with so many launches of each configuration, or NULL. */
static const struct xb_look *look_at(const struct xb_campaign *c, struct xb_look *looks)
{
    size_t each = c->launches.n / c->configs.n;

    if (isnan(c->until) || c->launches.n % c->configs.n != 0)
        return NULL;
    size_t n = xb_looks_plan((size_t)c->launches_asked, XB_CAMPAIGN_ALPHA, looks);
    for (size_t i = 0; i < n; i++)
        if (looks[i].launches == each)
            return &looks[i];
    return NULL;
}

/* Look, unless this look has been made, and keep what was seen. Returns 1 where the campaign is
 * to end, since all is decided or nothing can be; else 0, or -1. */
static int look(struct going *g, struct xb_error *err)
{
    struct xb_campaign *c = g->campaign;
    struct xb_look plan[XB_LOOKS_MAX];
    const struct xb_look *due = look_at(c, plan);
    struct xb_campaign_look *kept = c->looks.item;
    size_t open;

    if (!due)
        return 0;
    for (size_t i = 0; i < c->looks.n; i++)
        if (kept[i].launches == (int64_t)due->launches)
            return kept[i].decided;
    int rc = xb_campaign_look(c, g->folder, due->level, &open, err);
    if (rc < 0)
        return -1;
    bool decided = rc == 0 && open == 0, limit = c->launches.n == xb_campaign_most(c);
    kept = xb_list_add(&c->looks, sizeof *kept);
    if (!kept)
        return xb_fail(err, "out of memory for a campaign");
    *kept = (struct xb_campaign_look){(int64_t)due->launches, due->level, decided};
    if (rc == 0 && decided)
        xb_log_progress("decided with %zu launches each", due->launches);
    else if (rc == 0)
        xb_log_progress("with %zu launches each %zu case%s open%s", due->launches, open,
                        open == 1 ? " is" : "s are", limit ? ", and the limit is reached" : "");
    return xb_campaign_save(c, g->file, err) < 0 ? -1 : rc == 1 || decided;
}

int xb_campaign_go(struct xb_campaign *campaign, const struct xb_folder *folder,
                   const struct xb_child_guard *guard, struct xb_error *err)
{
    struct going g = {campaign, folder, guard, xb_folder_file(folder, XB_CAMPAIGN_FILE)};
    int rc = g.file ? 0 : xb_fail(err, "out of memory for a campaign");

    while (rc == 0) {
        int ends = look(&g, err);
        if (ends != 0 || campaign->launches.n >= xb_campaign_most(campaign)) {
            rc = ends < 0 ? -1 : 0;
            break;
        }
        rc = xb_child_guard_signal(guard);
        if (rc == 0)
            rc = next_launch(&g, err);
    }
    free(g.file);
    return rc;
}
