/* SPDX-License-Identifier: BSD-3-Clause */
/* asked.c - what a campaign is to do: from the command line, and what is not said there from a
 * file. */
#include "cmd/campaign/asked.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "cmd/campaign/asked_file.h"
#include "cmd/campaign/asked_parts.h"
#include "report/compare.h"

#define DEFAULT_SCENARIO "quick"
#define DEFAULT_SEED     1

/* "NAME=[VARIABLE=VALUE...] LAUNCHER... [-- ARGUMENT...]" */
static int take_config(struct xb_campaign *c, const char *text, struct xb_error *err)
{
    const char *equals = strchr(text, '=');
    struct xb_words words;
    char name[128];
    size_t i = 0, len;
    int rc = 0;

    if (!equals || equals == text || (size_t)(equals - text) >= sizeof name)
        return xb_fail(err, "--config: got '%s', expected NAME=LAUNCHER", text);
    snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
    if (xb_words_split(equals + 1, &words, err) < 0)
        return xb_fail_in(err, "--config %s", name);
    struct xb_config *config = xb_asked_add_config(c, name, err);
    if (!config)
        rc = -1;
    for (; rc == 0 && i < words.n && (len = xb_asked_variable_name(words.list[i])) > 0; i++)
        rc = xb_asked_add_variable(&config->environment, words.list[i], len,
                                   words.list[i] + len + 1, err);
    for (; rc == 0 && i < words.n && strcmp(words.list[i], "--") != 0; i++)
        rc = xb_texts_add(&config->launcher, words.list[i]) < 0 ? xb_asked_no_memory(err) : 0;
    for (i++; rc == 0 && i < words.n; i++)
        rc = xb_texts_add(&config->run, words.list[i]) < 0 ? xb_asked_no_memory(err) : 0;
    xb_words_release(&words);
    return rc;
}

/* Put texts, NULL-terminated or NULL, behind those of a list. */
static int take_texts(char *const *texts, struct xb_texts *out, struct xb_error *err)
{
    for (; texts && *texts; texts++)
        if (xb_texts_add(out, *texts) < 0)
            return xb_asked_no_memory(err);
    return 0;
}

/* How many launches, and until when. What the command line says of one of the two ways to end
 * takes the place of what the file says of the other. */
static int take_launches(const struct xb_campaign_words *w, struct xb_campaign *c,
                         struct xb_error *err)
{
    bool each = w->launches != XB_NOT_GIVEN, limited = w->max_launches != XB_NOT_GIVEN;
    bool goes_on = !isnan(c->until); /* as the file says */

    if (each && (w->until || limited))
        return xb_fail(err,
                       "found --launches beside %s, expected one way to end: --launches, or "
                       "--until and --max-launches",
                       w->until ? "--until" : "--max-launches");
    if ((each && goes_on) || (w->until && !goes_on)) {
        c->until = NAN;
        c->launches_asked = -1;
    }
    if (w->until && xb_asked_share(w->until, &c->until, err) < 0)
        return xb_fail_in(err, "--until");
    if (limited && isnan(c->until))
        return xb_fail(err, "--max-launches: found no --until, whose limit it is: expected "
                            "--until beside it, or --launches");
    if ((each && w->launches == 0) || (limited && w->max_launches == 0))
        return xb_fail(err, "--%slaunches: got '0', expected 1 or more", each ? "" : "max-");
    if (each || limited)
        c->launches_asked = (int64_t)(each ? w->launches : w->max_launches);
    if (c->launches_asked < 0)
        c->launches_asked = isnan(c->until) ? XB_LAUNCHES_DEFAULT : XB_LAUNCHES_LIMIT;
    return 0;
}

static int take_words(const struct xb_campaign_words *w, struct xb_campaign *c,
                      struct xb_error *err)
{
    const char *scenario = w->scenario ? w->scenario : c->scenario ? NULL : DEFAULT_SCENARIO;

    if (scenario) {
        free(c->scenario);
        if (xb_text_dup(scenario, &c->scenario) < 0)
            return xb_asked_no_memory(err);
    }
    for (char *const *text = w->configs; text && *text; text++)
        if (take_config(c, *text, err) < 0)
            return -1;
    if (take_texts(w->run, &c->run, err) < 0 ||
        take_texts(w->ignores, &c->compare.ignores, err) < 0 ||
        take_texts(w->filters, &c->compare.filters, err) < 0 || take_launches(w, c, err) < 0)
        return -1;
    if (w->threshold && xb_asked_share(w->threshold, &c->compare.threshold, err) < 0)
        return xb_fail_in(err, "--threshold");
    if (w->seed != XB_NOT_GIVEN)
        c->seed = w->seed;
    if (w->launch_timeout_s > 0)
        c->launch_timeout_s = w->launch_timeout_s;
    return 0;
}

int xb_campaign_ask(const struct xb_campaign_words *words, struct xb_campaign *campaign,
                    struct xb_error *err)
{
    const struct xb_compare_ask defaults = XB_COMPARE_ASK;

    campaign->seed = DEFAULT_SEED;
    campaign->compare.threshold = defaults.threshold;
    if (words->file && xb_asked_read_file(words->file, campaign, err) < 0)
        return -1;
    if (take_words(words, campaign, err) < 0)
        return -1;
    if (campaign->configs.n == 0)
        return xb_fail(err, "expected a configuration: --config NAME='mpirun -n 2', or a file "
                            "of them by --configs FILE");
    return 0;
}
