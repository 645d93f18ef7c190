/* SPDX-License-Identifier: BSD-3-Clause */
/* conclude.c - compares the launches of a campaign, underway and at its end. */
#include "cmd/campaign/conclude.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cmd/campaign/outcome.h"
#include "cmd/cmd.h"

#define EXIT_NOTHING 3

/* Launches of a configuration with this status. */
static size_t count_launches(const struct xb_campaign *c, const char *config, int status)
{
    size_t n = 0;

    for (size_t i = 0; i < c->launches.n; i++) {
        const struct xb_campaign_launch *l = xb_campaign_launch(c, i);
        n += l->status == status && strcmp(l->config, config) == 0;
    }
    return n;
}

/* What the launches that are done measured, and its comparison with the first configuration;
 * both are NULL on failure. */
struct comparison {
    struct xb_launches *launches;
    struct xb_comparison *result;
};

static void release(struct comparison *c)
{
    xb_comparison_free(c->result);
    xb_launches_free(c->launches);
}

/* The texts of a list, NULL-terminated; the caller frees the list alone. */
static const char **terminated(const struct xb_texts *texts)
{
    const char **list = calloc(texts->n + 1, sizeof *list);

    for (size_t i = 0; list && i < texts->n; i++)
        list[i] = texts->value[i];
    return list;
}

static int compare(const struct xb_campaign *c, const struct xb_folder *folder, double level,
                   struct comparison *out, struct xb_error *err)
{
    const char **ignores = terminated(&c->compare.ignores);
    const char **filters = terminated(&c->compare.filters);
    struct xb_compare_ask ask = XB_COMPARE_ASK;
    int rc;

    *out = (struct comparison){.launches = xb_launches_new()};
    rc = out->launches && ignores && filters ? 0 : xb_fail(err, "out of memory for a campaign");
    if (rc == 0)
        rc = xb_launches_add_path(out->launches, folder->path, NULL, folder->path, err);
    ask.confidence = level;
    ask.threshold = c->compare.threshold;
    ask.ignores = ignores;
    ask.filters = filters;
    ask.seed = c->seed;
    if (rc == 0) {
        out->result = xb_compare(out->launches, &ask, err);
        rc = out->result ? 0 : -1;
    }
    free(ignores);
    free(filters);
    if (rc < 0) {
        release(out);
        *out = (struct comparison){NULL};
    }
    return rc;
}

/* The first launch that failed, with what its log ends with: config NULL is any. */
static void print_first_failure(const struct xb_campaign *c, const struct xb_folder *folder,
                                const char *config)
{
    const struct xb_campaign_launch *first = NULL;
    char lines[XB_LAST_LINES][XB_LAST_LINE_LEN], how[XB_OUTCOME_LEN];

    for (size_t i = 0; !first && i < c->launches.n; i++) {
        const struct xb_campaign_launch *l = xb_campaign_launch(c, i);
        if ((l->status == XB_LAUNCH_FAILED || l->status == XB_LAUNCH_HUNG) &&
            (!config || strcmp(l->config, config) == 0))
            first = l;
    }
    char *log = first && first->log ? xb_folder_file(folder, first->log) : NULL;
    if (!log)
        return;
    size_t n = xb_outcome_last_lines(log, lines);
    const struct xb_child_end end = {.exit_status = (int)first->exit_status,
                                     .signal = (int)first->signal,
                                     .seconds = first->seconds,
                                     .hung = first->status == XB_LAUNCH_HUNG};
    xb_log_error("%s-%02d failed first: it %s; %s %s%s", first->config, (int)first->number,
                 xb_outcome_words(&end, how),
                 n > 0 ? "the end of its log" : "its log says nothing:", log, n > 0 ? ":" : "");
    for (size_t i = 0; i < n; i++)
        xb_log_notice("  | %s", lines[i]);
    free(log);
}

/* Configurations without a launch that is done. */
static size_t count_missing(const struct xb_campaign *c, bool say)
{
    size_t missing = 0;

    for (size_t i = 0; i < c->configs.n; i++) {
        const char *name = xb_campaign_config(c, i)->name;
        if (count_launches(c, name, XB_LAUNCH_DONE) > 0)
            continue;
        missing++;
        if (say)
            xb_log_error("%s: none of its launches is done: it is not compared", name);
    }
    return missing;
}

/* Where nothing of a configuration can be compared: what was first, of each or, where it is so
 * for all of them, which mostly has one reason, of any. */
static void print_why_missing(const struct xb_campaign *c, const struct xb_folder *folder,
                              size_t missing)
{
    if (missing == c->configs.n)
        print_first_failure(c, folder, NULL);
    for (size_t i = 0; missing < c->configs.n && i < c->configs.n; i++) {
        const char *name = xb_campaign_config(c, i)->name;
        if (count_launches(c, name, XB_LAUNCH_DONE) == 0)
            print_first_failure(c, folder, name);
    }
}

int xb_campaign_look(const struct xb_campaign *campaign, const struct xb_folder *folder,
                     double level, size_t *open, struct xb_error *err)
{
    struct comparison c;

    *open = 0;
    if (count_missing(campaign, false) > 0)
        return 1;
    if (compare(campaign, folder, level, &c, err) < 0)
        return -1;
    *open = xb_comparison_open(c.result, campaign->until);
    release(&c);
    return 0;
}

/* Say of each configuration how many launches failed or hung; returns how many in all. */
static size_t warn_of_failed(const struct xb_campaign *c, const struct xb_folder *folder)
{
    size_t all = 0;

    for (size_t i = 0; i < c->configs.n; i++) {
        const char *name = xb_campaign_config(c, i)->name;
        size_t done = count_launches(c, name, XB_LAUNCH_DONE);
        size_t failed = count_launches(c, name, XB_LAUNCH_FAILED);
        size_t hung = count_launches(c, name, XB_LAUNCH_HUNG);
        all += failed + hung;
        if (failed + hung > 0)
            xb_log_warn("%s: of %zu launches %zu failed and %zu hung; their logs are in %s",
                        name, done + failed + hung, failed, hung, folder->path);
    }
    return all;
}

static int keep_noise(const struct comparison *c, const struct xb_folder *folder,
                      struct xb_error *err)
{
    char *file = xb_folder_file(folder, XB_CAMPAIGN_NOISE);
    struct xb_noise noise;
    int rc = -1;

    if (!file)
        return xb_fail(err, "out of memory for a campaign");
    if (xb_noise_make(c->launches, 0, &noise, err) == 0) {
        rc = xb_noise_save(&noise, file, true, err);
        xb_noise_release(&noise);
    }
    if (rc == 0)
        xb_log_progress("%s: how much launches differ, for 'compare --noise'", file);
    free(file);
    return rc;
}

/* At which level all that was looked at holds. */
static double final_level(const struct xb_campaign *c)
{
    const struct xb_campaign_look *looks = c->looks.item;

    return c->looks.n > 0 ? looks[c->looks.n - 1].level : 1 - XB_CAMPAIGN_ALPHA;
}

int xb_campaign_conclude(const struct xb_campaign *campaign, const struct xb_folder *folder,
                         enum xb_compare_format format)
{
    size_t failed = warn_of_failed(campaign, folder), missing = count_missing(campaign, true);
    struct xb_error err = {""};
    struct comparison c;
    int status = XB_EXIT_USAGE;

    print_why_missing(campaign, folder, missing);
    if (missing == campaign->configs.n)
        return EXIT_NOTHING;
    if (compare(campaign, folder, final_level(campaign), &c, &err) < 0) {
        xb_log_error("%s", err.text);
        return XB_EXIT_USAGE;
    }
    errno = 0;
    if (xb_comparison_print(c.result, format, false, stdout) < 0)
        xb_log_error("the comparison cannot be printed: out of memory");
    else if (fflush(stdout) != 0 || ferror(stdout))
        xb_log_error("cannot write to standard output%s%s", errno ? ": " : "",
                     errno ? strerror(errno) : "");
    else
        status = xb_comparison_exit(c.result);
    if (campaign->configs.n == 1 &&
        count_launches(campaign, xb_campaign_config(campaign, 0)->name, XB_LAUNCH_DONE) > 1 &&
        keep_noise(&c, folder, &err) < 0) {
        xb_log_error("%s", err.text);
        status = XB_EXIT_USAGE;
    }
    release(&c);
    return status == XB_EXIT_OK && failed + missing > 0 ? EXIT_NOTHING : status;
}
