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

bool xb_same_method(const struct xb_case *a, const struct xb_case *b)
{
    return a->method == b->method && memcmp(&a->options, &b->options, sizeof a->options) == 0;
}

static bool is_whole(const struct xb_case *c)
{
    return c->chunk == 0 || c->chunk >= c->bytes;
}

bool xb_same_use(const struct xb_case *a, const struct xb_case *b)
{
    if (!xb_same_method(a, b))
        return false;
    return a->depth == b->depth &&
           (is_whole(a) || is_whole(b) ? is_whole(a) == is_whole(b) : a->chunk == b->chunk);
}

const char *xb_use_format(const struct xb_case *c, char *buf, size_t len)
{
    char options[XB_CASE_ID_LEN], chunk[XB_UNITS_LEN];
    bool any = xb_case_options_format(c, options, sizeof(options))[0];

    int n = snprintf(buf, len, "%s%s%s%s", c->method->name, any ? "[" : "", options,
                     any ? "]" : "");
    if (c->chunk > 0 && n > 0 && (size_t)n < len)
        snprintf(buf + n, len - (size_t)n, " %s x %d",
                 is_whole(c) ? "size" : xb_size_format(c->chunk, chunk), c->depth);
    return buf;
}

static cJSON *use_json(const struct xb_case *c)
{
    cJSON *use = cJSON_CreateObject();
    bool good = xb_report_put(use, "method", cJSON_CreateString(c->method->name));

    good = good && xb_options_add_json(c->method->options, &c->options, use);
    if (good && c->chunk > 0)
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

cJSON *xb_place_json(const struct xb_path *path, uint64_t bytes)
{
    cJSON *where = cJSON_CreateObject();
    bool good =
        put_path(where, path) && xb_report_put(where, "bytes", xb_report_number((double)bytes));

    return xb_report_done(where, good);
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

bool xb_range_crosses(const struct xb_range *range, const struct xb_range *next)
{
    return next && range->to > 0 && xb_path_equal(&range->path, &next->path) &&
           !xb_same_method(&range->use, &next->use);
}

const char *xb_crossover_format(const struct xb_range *range, const struct xb_range *next,
                                char *buf, size_t len)
{
    char path[XB_PATH_LEN], size[XB_UNITS_LEN], a[XB_CASE_ID_LEN], b[XB_CASE_ID_LEN];

    if (!xb_range_crosses(range, next))
        return NULL;
    snprintf(buf, len, "%s: above %s %s, which %s %s", xb_path_format(&range->path, path),
             xb_size_format(range->to, size), xb_use_format(&next->use, b, sizeof b),
             range->parted ? "is faster than" : "does not part from",
             xb_use_format(&range->use, a, sizeof a));
    return buf;
}

cJSON *xb_crossover_json(const struct xb_range *range, const struct xb_range *next)
{
    char a[XB_CASE_ID_LEN], b[XB_CASE_ID_LEN];
    cJSON *x = cJSON_CreateObject();
    bool good =
        xb_range_crosses(range, next) && put_path(x, &range->path) &&
        xb_report_put(x, "above", xb_report_number((double)range->to)) &&
        xb_report_put(x, "before",
                      cJSON_CreateString(xb_use_format(&range->use, a, sizeof a))) &&
        xb_report_put(x, "after", cJSON_CreateString(xb_use_format(&next->use, b, sizeof b))) &&
        xb_report_put(x, "parted", cJSON_CreateBool(range->parted));

    return xb_report_done(x, good);
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

static cJSON *high_json(const struct xb_regret *r)
{
    cJSON *high = cJSON_CreateArray();
    bool good = high != NULL;

    for (size_t i = 0; good && i < r->nhigh && i < XB_REGRETS; i++) {
        cJSON *point = xb_place_json(&r->high[i].path, r->high[i].bytes);
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
                      regret->points ? xb_place_json(&regret->path, regret->bytes)
                                     : cJSON_CreateNull()) &&
        xb_report_put(object, "high", high_json(regret));

    return xb_report_done(object, good);
}
