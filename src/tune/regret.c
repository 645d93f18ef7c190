/* SPDX-License-Identifier: BSD-3-Clause */
/* tune_regret.c - what policies choose, and how good that is. */
#include "tune/tune.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "engine/measure/policy_choice.h"

/* What a policy says for a point, as a case; false where it has no rule for it. */
static bool choice_of(const struct xb_tune *tune, struct xb_policy *policy,
                      const struct xb_case *p, struct xb_case *out)
{
    const struct xb_session *s = tune->tuner.session;
    const struct xb_shape shape = xb_case_shape(p);
    struct xb_choice choice;
    struct xb_error none;

    if (xb_policy_decide(policy, &p->path, p->bytes, &shape, xb_auto_place(s, policy, p),
                         &choice, &none) < 0)
        return false;
    *out = xb_choice_apply(&choice, p);
    return true;
}

int xb_tune_try(struct xb_tune *tune, struct xb_policy *policy, struct xb_error *err)
{
    for (size_t i = 0; i < tune->npoints; i++) {
        struct xb_case c;
        size_t index;
        if (choice_of(tune, policy, &tune->points[i], &c) &&
            xb_tuner_measure(&tune->tuner, &c, &index, err) < 0)
            return -1;
    }
    return 0;
}

/* The trial of a policy's choice, which is measured if it is none yet. */
static int choice_trial(struct xb_tune *tune, struct xb_policy *policy, const struct xb_case *p,
                        size_t *index, struct xb_error *err)
{
    struct xb_case c;

    *index = XB_NO_TRIAL;
    return choice_of(tune, policy, p, &c) ? xb_tuner_measure(&tune->tuner, &c, index, err) : 0;
}

/* Each trial of a point once more, and once. */
static int hold_contest(struct xb_tune *tune, const struct xb_case *p, struct xb_policy *a,
                        struct xb_policy *b, struct xb_contest *out, struct xb_error *err)
{
    const struct xb_trials *trials = &tune->tuner.trials;

    if (choice_trial(tune, a, p, &out->a, err) < 0 ||
        choice_trial(tune, b, p, &out->b, err) < 0)
        return -1;
    const struct xb_point point = xb_point_of(p);
    out->best = (size_t)(xb_trials_best(trials, &point) - trials->trial);
    if (xb_tuner_again(&tune->tuner, out->best, err) < 0)
        return -1;
    if (out->a != XB_NO_TRIAL && out->a != out->best &&
        xb_tuner_again(&tune->tuner, out->a, err) < 0)
        return -1;
    return out->b != XB_NO_TRIAL && out->b != out->best && out->b != out->a
               ? xb_tuner_again(&tune->tuner, out->b, err)
               : 0;
}

/* In microseconds; 0 where the choice does not work, or there is none. */
static double time_of(const struct xb_tune *tune, size_t index)
{
    if (index == XB_NO_TRIAL)
        return 0;
    const struct xb_trial *t = &tune->tuner.trials.trial[index];
    return t->ok ? t->best_us : 0;
}

/* Columns of what is compared, a row for each point. */
struct columns {
    double *a_us, *b_us, *best_us;
    struct xb_point *points;
};

static int hold_contests(struct xb_tune *tune, struct xb_policy *a, struct xb_policy *b,
                         struct columns *out, struct xb_error *err)
{
    for (size_t i = 0; i < tune->npoints; i++) {
        const struct xb_case *p = &tune->points[i];
        struct xb_contest *contest = &tune->contests[i];
        *contest = (struct xb_contest){XB_NO_TRIAL, XB_NO_TRIAL, XB_NO_TRIAL};
        out->points[i] = xb_point_of(p);
        if (!xb_trials_best(&tune->tuner.trials, &out->points[i]))
            continue; /* nothing works there */
        if (hold_contest(tune, p, a, b, contest, err) < 0)
            return -1;
        out->a_us[i] = time_of(tune, contest->a);
        out->b_us[i] = time_of(tune, contest->b);
        out->best_us[i] = xb_trials_best_us(&tune->tuner.trials, &out->points[i]);
    }
    return 0;
}

int xb_tune_regrets(struct xb_tune *tune, struct xb_policy *a, struct xb_policy *b,
                    struct xb_regret *a_out, struct xb_regret *b_out, struct xb_error *err)
{
    size_t n = tune->npoints;
    struct columns c = {calloc(n + 1, sizeof *c.a_us), calloc(n + 1, sizeof *c.b_us),
                        calloc(n + 1, sizeof *c.best_us), calloc(n + 1, sizeof *c.points)};
    bool good = c.a_us && c.b_us && c.best_us && c.points;
    int rc = xb_tuner_agree(&tune->tuner, good ? 0 : xb_fail(err, "out of memory"), err);
    assert(rc < 0 || good);

    if (rc == 0 && (rc = hold_contests(tune, a, b, &c, err)) == 0) {
        *a_out = xb_regret_of(c.a_us, c.best_us, c.points, n);
        *b_out = xb_regret_of(c.b_us, c.best_us, c.points, n);
    }
    free(c.a_us);
    free(c.b_us);
    free(c.best_us);
    free(c.points);
    return rc;
}
