/* tune_rules.c - from trials to rules: who wins in which range of sizes. */
#include "tune/tune.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/report_json.h"

#define BISECTIONS 2 /* of the sizes between two, of which each has another winner */
#define PAGE       4096ull

int xb_tune_points(struct xb_tune *tune, const struct xb_plan *plan, struct xb_error *err)
{
    tune->points = calloc(plan->count + 1, sizeof *tune->points);
    tune->ranges = calloc(plan->count + 1, sizeof *tune->ranges);
    tune->crossovers = calloc(plan->count + 1, sizeof *tune->crossovers);
    bool good = tune->points && tune->ranges && tune->crossovers;
    if (xb_tuner_agree(&tune->tuner, good ? 0 : xb_fail(err, "out of memory"), err) < 0)
        return -1;
    for (size_t i = 0; i < plan->count; i++) {
        const struct xb_case *c = &plan->cases[i];
        bool known = false;
        for (size_t k = 0; k < tune->npoints && !known; k++)
            known = tune->points[k].bytes == c->bytes &&
                    xb_path_equal(&tune->points[k].path, &c->path);
        if (!known)
            tune->points[tune->npoints++] = *c;
    }
    return 0;
}

void xb_tune_release(struct xb_tune *tune)
{
    xb_trials_release(&tune->tuner.trials);
    free(tune->points);
    free(tune->ranges);
    free(tune->crossovers);
    memset(tune, 0, sizeof *tune);
}

/* The point of that path with the next larger size, or NULL. */
static const struct xb_case *next_point(const struct xb_tune *tune, const struct xb_path *path,
                                        uint64_t above)
{
    const struct xb_case *next = NULL;

    for (size_t i = 0; i < tune->npoints; i++) {
        const struct xb_case *p = &tune->points[i];
        if (xb_path_equal(&p->path, path) && p->bytes > above &&
            xb_trials_best(&tune->tuner.trials, path, p->bytes) &&
            (!next || p->bytes < next->bytes))
            next = p;
    }
    return next;
}

/* The same way to carry out a transfer, for another size. */
static struct xb_case resized(const struct xb_case *c, uint64_t bytes)
{
    struct xb_case out = *c;

    out.bytes = bytes;
    if (c->chunk && (c->chunk >= c->bytes || c->chunk > bytes))
        out.chunk = bytes;
    return out;
}

static uint64_t middle(uint64_t a, uint64_t b)
{
    return (uint64_t)sqrt((double)a * (double)b) / PAGE * PAGE;
}

/* Narrow down where b becomes faster than a: a wins at *lo, b at *hi. */
static int bisect(struct xb_tune *tune, const struct xb_case *a, const struct xb_case *b,
                  uint64_t *lo, uint64_t *hi, struct xb_error *err)
{
    for (int i = 0; i < BISECTIONS; i++) {
        uint64_t mid = middle(*lo, *hi);
        struct xb_case at_a = resized(a, mid), at_b = resized(b, mid);
        size_t ia, ib;

        if (mid <= *lo || mid >= *hi)
            return 0;
        if (xb_tuner_measure(&tune->tuner, &at_a, &ia, err) < 0 ||
            xb_tuner_measure(&tune->tuner, &at_b, &ib, err) < 0)
            return -1;
        const struct xb_trial *ta = &tune->tuner.trials.trial[ia];
        const struct xb_trial *tb = &tune->tuner.trials.trial[ib];
        if (!ta->ok || !tb->ok)
            return 0;
        *(ta->us <= tb->us ? lo : hi) = mid;
    }
    return 0;
}

/* Is b faster than a at this size beyond doubt? */
static int is_clear(struct xb_tune *tune, const struct xb_case *a, const struct xb_case *b,
                    uint64_t bytes, bool *clear, struct xb_error *err)
{
    struct xb_case at_a = resized(a, bytes), at_b = resized(b, bytes);
    size_t ia, ib;

    if (xb_tuner_measure(&tune->tuner, &at_a, &ia, err) < 0 ||
        xb_tuner_measure(&tune->tuner, &at_b, &ib, err) < 0)
        return -1;
    const struct xb_trial *ta = &tune->tuner.trials.trial[ia];
    const struct xb_trial *tb = &tune->tuner.trials.trial[ib];
    *clear = ta->ok && tb->ok && tb->ci_hi_us < ta->ci_lo_us;
    return 0;
}

static void add_crossover(struct xb_tune *tune, const struct xb_case *a,
                          const struct xb_case *b, uint64_t bytes, bool parted)
{
    struct xb_crossover *x = &tune->crossovers[tune->ncrossovers++];

    *x = (struct xb_crossover){.path = a->path, .bytes = bytes, .parted = parted};
    xb_use_format(a, x->before, sizeof x->before);
    xb_use_format(b, x->after, sizeof x->after);
}

/* The last size of a's range, which b's follows. */
static int find_border(struct xb_tune *tune, size_t a, size_t b, uint64_t *border,
                       struct xb_error *err)
{
    struct xb_case before = tune->tuner.trials.trial[a].c;
    struct xb_case after = tune->tuner.trials.trial[b].c;
    uint64_t lo = before.bytes, hi = after.bytes;
    bool parted;

    if (xb_same_method(&before, &after)) { /* another chunk or depth */
        *border = middle(lo, hi) > lo ? middle(lo, hi) : lo;
        return 0;
    }
    if (bisect(tune, &before, &after, &lo, &hi, err) < 0 ||
        is_clear(tune, &before, &after, hi, &parted, err) < 0)
        return -1;
    add_crossover(tune, &before, &after, hi, parted);
    *border = lo;
    return 0;
}

static size_t index_of(const struct xb_tune *tune, const struct xb_trial *trial)
{
    return (size_t)(trial - tune->tuner.trials.trial);
}

static int ranges_of_path(struct xb_tune *tune, const struct xb_path *path,
                          struct xb_error *err)
{
    const struct xb_case *p = next_point(tune, path, 0), *next;
    uint64_t from = 0, border;
    size_t chosen = 0; /* index of the trial: measuring moves the trials */

    if (p)
        chosen = index_of(tune, xb_trials_choose(&tune->tuner.trials, path, p->bytes, NULL));
    for (; p; p = next) {
        struct xb_case use = tune->tuner.trials.trial[chosen].c;

        /* sizes with the same use are one range, with the use of the largest of them */
        next = next_point(tune, path, p->bytes);
        if (!next) {
            tune->ranges[tune->nranges++] =
                (struct xb_range){.path = *path, .from = from, .use = use};
            break;
        }
        size_t after =
            index_of(tune, xb_trials_choose(&tune->tuner.trials, path, next->bytes, &use));
        if (!xb_same_use(&use, &tune->tuner.trials.trial[after].c)) {
            if (find_border(tune, chosen, after, &border, err) < 0)
                return -1;
            tune->ranges[tune->nranges++] =
                (struct xb_range){.path = *path, .from = from, .to = border, .use = use};
            from = border + 1;
        }
        chosen = after;
    }
    return 0;
}

int xb_tune_ranges(struct xb_tune *tune, struct xb_error *err)
{
    tune->nranges = tune->ncrossovers = 0;
    for (size_t i = 0; i < tune->npoints; i++) {
        const struct xb_path *path = &tune->points[i].path;
        bool first = true;
        for (size_t k = 0; k < i && first; k++)
            first = !xb_path_equal(&tune->points[k].path, path);
        if (first && ranges_of_path(tune, path, err) < 0)
            return -1;
    }
    return 0;
}

cJSON *xb_tune_policy(const struct xb_tune *tune, const char *name, cJSON *source)
{
    cJSON *schema = cJSON_CreateObject(), *rules = cJSON_CreateArray();
    cJSON *policy = cJSON_CreateObject();
    bool good = xb_report_put(schema, "name", cJSON_CreateString(XB_POLICY_NAME)) &&
                xb_report_put(schema, "version", xb_report_number(XB_POLICY_VERSION));

    for (size_t i = 0; good && i < tune->nranges; i++)
        good = xb_report_push(rules, xb_range_rule(&tune->ranges[i]));
    good = xb_report_put(policy, "schema", xb_report_done(schema, good)) && good;
    good = xb_report_put(policy, "name", cJSON_CreateString(name)) && good;
    good = xb_report_put(policy, "description",
                         cJSON_CreateString("The fastest method, chunk and depth that tune "
                                            "found for each path and size.")) &&
           good;
    good = xb_report_put(policy, "source", source) && good;
    good = xb_report_put(policy, "rules", rules) && good;
    return xb_report_done(policy, good);
}
