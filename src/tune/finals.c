/* SPDX-License-Identifier: BSD-3-Clause */
/* finals.c - the best of the search, measured again in passes; and where they did not part. */
#include "tune/tune.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/units.h"
#include "report/report_json.h"

#define FINALS_MAY_TAKE 0.4 /* of the search's time; crossovers come on top */

static bool has_finalist(const struct xb_tune *tune, const struct xb_point *point)
{
    const struct xb_trial *best = xb_trials_best(&tune->tuner.trials, point);

    return best && best->final;
}

/* What finalists have of the time that they took in the search, so that all of them take no
 * more than they may. */
static double share_of_time(const struct xb_trials *trials, const size_t *finals, size_t n)
{
    double search_us = 0, finals_us = 0;

    for (size_t i = 0; i < trials->count; i++)
        search_us += trials->trial[i].wall_us;
    for (size_t i = 0; i < n; i++)
        finals_us += trials->trial[finals[i]].wall_us;
    return finals_us > FINALS_MAY_TAKE * search_us ? FINALS_MAY_TAKE * search_us / finals_us
                                                   : 1;
}

int xb_tune_finals(struct xb_tune *tune, struct xb_error *err)
{
    const struct xb_trials *trials = &tune->tuner.trials;
    size_t *finals = calloc(XB_FINALISTS * tune->npoints + 1, sizeof *finals), n = 0;
    int rc = finals ? 0 : xb_fail(err, "out of memory for finalists");

    rc = xb_tuner_agree(&tune->tuner, rc, err);
    assert(rc < 0 || finals);
    for (size_t i = 0; rc == 0 && i < tune->npoints; i++) {
        const struct xb_point point = xb_point_of(&tune->points[i]);
        if (!has_finalist(tune, &point))
            n += xb_trials_finalists(trials, &point, finals + n);
    }
    if (rc == 0)
        rc = xb_tuner_in_passes(&tune->tuner, finals, n, share_of_time(trials, finals, n), err);
    free(finals);
    return rc;
}

/* ---- what did not part ---- */

static const struct xb_trial *trial_of(const struct xb_tune *tune, const struct xb_pick *pick)
{
    return &tune->tuner.trials.trial[pick->trial];
}

const char *xb_undecided_format(const struct xb_tune *tune, const struct xb_pick *pick,
                                char *buf, size_t len)
{
    const struct xb_trial *kept = trial_of(tune, pick), *rival;
    const struct xb_point point = xb_point_of(&kept->c);
    char where[XB_POINT_LEN], use[XB_CASE_ID_LEN];
    size_t at, i = 0;

    if (!xb_trials_rival(&tune->tuner.trials, kept, 0))
        return NULL;
    at =
        (size_t)snprintf(buf, len, "%s: %s does not part from ", xb_point_format(&point, where),
                         xb_use_format(&kept->c, use, sizeof use));
    for (; at < len && (rival = xb_trials_rival(&tune->tuner.trials, kept, i)); i++)
        at += (size_t)snprintf(buf + at, len - at, "%s%s", i ? ", " : "",
                               xb_use_format(&rival->c, use, sizeof use));
    if (at < len)
        snprintf(buf + at, len - at, ": the simpler one is kept");
    return buf;
}

static cJSON *undecided_json(const struct xb_tune *tune, const struct xb_trial *kept)
{
    const struct xb_point point = xb_point_of(&kept->c);
    cJSON *one = xb_point_json(&point), *rivals = cJSON_CreateArray();
    char use[XB_CASE_ID_LEN];
    const struct xb_trial *rival;
    bool good = rivals != NULL;

    for (size_t i = 0; good && (rival = xb_trials_rival(&tune->tuner.trials, kept, i)); i++)
        good = xb_report_push(rivals,
                              cJSON_CreateString(xb_use_format(&rival->c, use, sizeof use)));
    good = xb_report_put(one, "kept",
                         cJSON_CreateString(xb_use_format(&kept->c, use, sizeof use))) &&
           good;
    good = xb_report_put(one, "does_not_part_from", rivals) && good;
    return xb_report_done(one, good);
}

cJSON *xb_undecided_json(const struct xb_tune *tune)
{
    cJSON *list = cJSON_CreateArray();
    bool good = list != NULL;

    for (size_t i = 0; good && i < tune->npicks; i++) {
        const struct xb_trial *kept = trial_of(tune, &tune->picks[i]);
        if (xb_trials_rival(&tune->tuner.trials, kept, 0))
            good = xb_report_push(list, undecided_json(tune, kept));
    }
    return xb_report_done(list, good);
}

cJSON *xb_crossovers_json(const struct xb_tune *tune)
{
    cJSON *list = cJSON_CreateArray();
    bool good = list != NULL;

    for (size_t i = 0; good && i + 1 < tune->nranges; i++)
        if (xb_range_crosses(&tune->ranges[i], &tune->ranges[i + 1]))
            good =
                xb_report_push(list, xb_crossover_json(&tune->ranges[i], &tune->ranges[i + 1]));
    return xb_report_done(list, good);
}
