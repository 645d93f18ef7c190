/* tuning.c - from what was measured to a policy, and how good a policy is. */
#include "tune/tuning.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "model/figures/stats.h"
#include "report/report_json.h"

int xb_trials_add(struct xb_trials *trials, const struct xb_trial *trial)
{
    if (trials->count == trials->room) {
        size_t room = trials->room ? 2 * trials->room : 64;
        struct xb_trial *grown = realloc(trials->trial, room * sizeof(*grown));
        if (!grown)
            return -1;
        trials->trial = grown;
        trials->room = room;
    }
    trials->trial[trials->count++] = *trial;
    return 0;
}

void xb_trials_release(struct xb_trials *trials)
{
    free(trials->trial);
    *trials = (struct xb_trials){0};
}

const struct xb_trial *xb_trials_find(const struct xb_trials *trials, const char *id)
{
    for (size_t i = 0; i < trials->count; i++)
        if (strcmp(trials->trial[i].c.id, id) == 0)
            return &trials->trial[i];
    return NULL;
}

static bool is_of(const struct xb_trial *t, const struct xb_path *path, uint64_t bytes)
{
    return t->ok && t->c.bytes == bytes && xb_path_equal(&t->c.path, path);
}

const struct xb_trial *xb_trials_best(const struct xb_trials *trials,
                                      const struct xb_path *path, uint64_t bytes)
{
    const struct xb_trial *best = NULL;

    for (size_t i = 0; i < trials->count; i++) {
        const struct xb_trial *t = &trials->trial[i];
        if (is_of(t, path, bytes) && (!best || t->us < best->us))
            best = t;
    }
    return best;
}

double xb_trials_best_us(const struct xb_trials *trials, const struct xb_path *path,
                         uint64_t bytes)
{
    double us = 0;

    for (size_t i = 0; i < trials->count; i++) {
        const struct xb_trial *t = &trials->trial[i];
        if (is_of(t, path, bytes) && (us == 0 || t->best_us < us))
            us = t->best_us;
    }
    return us;
}

bool xb_same_method(const struct xb_case *a, const struct xb_case *b)
{
    return a->method == b->method && memcmp(&a->options, &b->options, sizeof a->options) == 0;
}

const struct xb_trial *xb_trials_choose(const struct xb_trials *trials,
                                        const struct xb_path *path, uint64_t bytes,
                                        const struct xb_case *before)
{
    const struct xb_trial *best = xb_trials_best(trials, path, bytes), *kept = NULL;

    for (size_t i = 0; best && before && i < trials->count; i++) {
        const struct xb_trial *t = &trials->trial[i];
        if (is_of(t, path, bytes) && xb_same_method(&t->c, before) &&
            t->ci_lo_us <= best->ci_hi_us && (!kept || t->us < kept->us))
            kept = t;
    }
    return kept ? kept : best;
}

static bool is_chunked(const struct xb_case *c)
{
    return c->method->flags & XB_METHOD_CHUNKED;
}

static bool is_whole(const struct xb_case *c)
{
    return c->chunk >= c->bytes;
}

bool xb_same_use(const struct xb_case *a, const struct xb_case *b)
{
    if (!xb_same_method(a, b))
        return false;
    if (!is_chunked(a))
        return true;
    return a->depth == b->depth &&
           (is_whole(a) || is_whole(b) ? is_whole(a) == is_whole(b) : a->chunk == b->chunk);
}

const char *xb_use_format(const struct xb_case *c, char *buf, size_t len)
{
    char options[XB_CASE_ID_LEN], chunk[XB_UNITS_LEN];
    bool any = xb_option_count(c->method->options) > 0;

    int n = snprintf(buf, len, "%s%s%s%s", c->method->name, any ? "[" : "",
                     any ? xb_case_options_format(c, options, sizeof(options)) : "",
                     any ? "]" : "");
    if (is_chunked(c) && n > 0 && (size_t)n < len)
        snprintf(buf + n, len - (size_t)n, " %s x %d",
                 is_whole(c) ? "size" : xb_size_format(c->chunk, chunk), c->depth);
    return buf;
}

static cJSON *use_json(const struct xb_case *c)
{
    cJSON *use = cJSON_CreateObject();
    bool good = xb_report_put(use, "method", cJSON_CreateString(c->method->name));

    good = good && xb_options_add_json(c->method->options, &c->options, use);
    if (good && is_chunked(c))
        good = xb_report_put(use, "chunk",
                             is_whole(c) ? cJSON_CreateString("size")
                                         : xb_report_number((double)c->chunk)) &&
               xb_report_put(use, "depth", xb_report_number(c->depth));
    return xb_report_done(use, good);
}

/* src, dst and locality of a path as policies and regrets name them. */
static bool put_path(cJSON *object, const struct xb_path *path)
{
    char src[XB_PATH_LEN], dst[XB_PATH_LEN];

    return xb_report_put(object, "src",
                         cJSON_CreateString(xb_endpoint_format(path->src, src))) &&
           xb_report_put(object, "dst",
                         cJSON_CreateString(xb_endpoint_format(path->dst, dst))) &&
           xb_report_put(object, "locality",
                         cJSON_CreateString(xb_locality_name(path->locality)));
}

cJSON *xb_range_rule(const struct xb_range *range)
{
    cJSON *rule = cJSON_CreateObject();
    bool good = put_path(rule, &range->path);

    if (good && range->from > 0)
        good = xb_report_put(rule, "from", xb_report_number((double)range->from));
    if (good && range->to > 0)
        good = xb_report_put(rule, "to", xb_report_number((double)range->to));
    good = good && xb_report_put(rule, "use", use_json(&range->use));
    return xb_report_done(rule, good);
}

struct xb_regret xb_regret_of(const double *choice_us, const double *best_us,
                              const struct xb_path *paths, const uint64_t *bytes, size_t n)
{
    struct xb_regret r = {0};
    double *ratio = calloc(n + 1, sizeof(*ratio));
    struct xb_stats stats;

    for (size_t i = 0; ratio && i < n; i++) {
        if (best_us[i] <= 0)
            continue;
        if (choice_us[i] <= 0) {
            r.no_answer++;
            continue;
        }
        ratio[r.points] = choice_us[i] / best_us[i];
        if (ratio[r.points] > r.worst) {
            r.worst = ratio[r.points];
            r.path = paths[i];
            r.bytes = bytes[i];
        }
        if (ratio[r.points] > XB_REGRET_HIGH && r.nhigh++ < XB_REGRETS) {
            r.high[r.nhigh - 1].path = paths[i];
            r.high[r.nhigh - 1].bytes = bytes[i];
            r.high[r.nhigh - 1].ratio = ratio[r.points];
        }
        r.points++;
    }
    if (ratio && r.points > 0 && xb_stats_compute(ratio, r.points, &stats) == 0)
        r.median = stats.median;
    free(ratio);
    return r;
}

/* {"src", "dst", "locality", "bytes"} */
static cJSON *where_json(const struct xb_path *path, uint64_t bytes)
{
    cJSON *where = cJSON_CreateObject();
    bool good =
        put_path(where, path) && xb_report_put(where, "bytes", xb_report_number((double)bytes));

    return xb_report_done(where, good);
}

static cJSON *high_json(const struct xb_regret *r)
{
    cJSON *high = cJSON_CreateArray();
    bool good = high != NULL;

    for (size_t i = 0; good && i < r->nhigh && i < XB_REGRETS; i++) {
        cJSON *point = where_json(&r->high[i].path, r->high[i].bytes);
        point = xb_report_done(
            point, xb_report_put(point, "ratio", xb_report_number(r->high[i].ratio)));
        good = point && xb_report_push(high, point);
    }
    return xb_report_done(high, good);
}

cJSON *xb_regret_json(const struct xb_regret *regret)
{
    cJSON *object = cJSON_CreateObject();
    bool good =
        xb_report_put(object, "worst", xb_report_known(regret->worst)) &&
        xb_report_put(object, "median", xb_report_known(regret->median)) &&
        xb_report_put(object, "points", xb_report_number((double)regret->points)) &&
        xb_report_put(object, "no_answer", xb_report_number((double)regret->no_answer)) &&
        xb_report_put(object, "where",
                      regret->points ? where_json(&regret->path, regret->bytes)
                                     : cJSON_CreateNull()) &&
        xb_report_put(object, "high", high_json(regret));

    return xb_report_done(object, good);
}
