/* SPDX-License-Identifier: BSD-3-Clause */
/* tuning.c - from what was measured to a policy, and how good a policy is. */
#include "tune/tuning.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "model/figures/stats.h"
#include "model/topology/link_class.h"
#include "report/report_json.h"

struct xb_point xb_point_of(const struct xb_case *c)
{
    return (struct xb_point){.path = c->path,
                             .one_class = c->one_class,
                             .link_class = c->link_class,
                             .bytes = c->bytes,
                             .shape = xb_case_shape(c)};
}

bool xb_same_line(const struct xb_point *a, const struct xb_point *b)
{
    return xb_path_equal(&a->path, &b->path) && a->one_class == b->one_class &&
           (!a->one_class || a->link_class == b->link_class) &&
           xb_shape_equal(&a->shape, &b->shape);
}

bool xb_point_equal(const struct xb_point *a, const struct xb_point *b)
{
    return a->bytes == b->bytes && xb_same_line(a, b);
}

static const char *class_name(const struct xb_point *point)
{
    return xb_link_class_name((enum xb_link_class)point->link_class);
}

const char *xb_where_format(const struct xb_point *point, char buf[XB_WHERE_LEN])
{
    char path[XB_PATH_LEN];

    xb_path_format(&point->path, path);
    if (point->one_class)
        snprintf(buf, XB_WHERE_LEN, "%s (%s)", path, class_name(point));
    else
        snprintf(buf, XB_WHERE_LEN, "%s", path);
    return buf;
}

const char *xb_point_format(const struct xb_point *point, char buf[XB_POINT_LEN])
{
    char where[XB_WHERE_LEN], size[XB_UNITS_LEN], shape[XB_SHAPE_LEN];

    snprintf(buf, XB_POINT_LEN, "%s, %s%s%s", xb_where_format(point, where),
             xb_size_format(point->bytes, size), point->shape.blocks > 1 ? " in " : "",
             xb_shape_format(&point->shape, shape));
    return buf;
}

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

/* What a rule says, without the blocks that it is for. */
static struct xb_case without_shape(const struct xb_case *c)
{
    struct xb_case out = *c;

    xb_case_set_shape(&out, &XB_ONE_PIECE);
    return out;
}

const char *xb_use_format(const struct xb_case *c, char *buf, size_t len)
{
    char options[XB_CASE_ID_LEN], chunk[XB_UNITS_LEN];
    const struct xb_case use = without_shape(c);
    bool any = xb_case_options_format(&use, options, sizeof(options))[0];

    int n = snprintf(buf, len, "%s%s%s%s", c->method->name, any ? "[" : "", options,
                     any ? "]" : "");
    if (c->chunk > 0 && n > 0 && (size_t)n < len)
        snprintf(buf + n, len - (size_t)n, " %s x %d",
                 is_whole(c) ? "size" : xb_size_format(c->chunk, chunk), c->depth);
    return buf;
}

static cJSON *use_json(const struct xb_case *c)
{
    const struct xb_case bare = without_shape(c);
    cJSON *use = cJSON_CreateObject();
    bool good = xb_report_put(use, "method", cJSON_CreateString(c->method->name));

    good = good && xb_options_add_json(c->method->options, &bare.options, use);
    if (good && c->chunk > 0)
        good = xb_report_put(use, "chunk",
                             is_whole(c) ? cJSON_CreateString("size")
                                         : xb_report_number((double)c->chunk)) &&
               xb_report_put(use, "depth", xb_report_number(c->depth));
    return xb_report_done(use, good);
}

/* src, dst, locality and link class of lanes as policies and regrets name them. */
static bool put_where(cJSON *object, const struct xb_point *point)
{
    const struct xb_path *path = &point->path;
    char src[XB_PATH_LEN], dst[XB_PATH_LEN];

    return xb_report_put(object, "src",
                         cJSON_CreateString(xb_endpoint_format(path->src, src))) &&
           xb_report_put(object, "dst",
                         cJSON_CreateString(xb_endpoint_format(path->dst, dst))) &&
           xb_report_put(object, "locality",
                         cJSON_CreateString(xb_locality_name(path->locality))) &&
           (!point->one_class ||
            xb_report_put(object, "link_class", cJSON_CreateString(class_name(point))));
}

static bool put_order(cJSON *object, const struct xb_shape *shape)
{
    return xb_report_put(object, "order", cJSON_CreateString(xb_orders[shape->order])) &&
           xb_report_put(object, "blocks_at", cJSON_CreateString(xb_blocks_at_ends[shape->at]));
}

static bool put_line(cJSON *object, const struct xb_point *point)
{
    const struct xb_shape *shape = &point->shape;

    return put_where(object, point) &&
           (shape->blocks == 1 ||
            (xb_report_put(object, "blocks", xb_report_number((double)shape->blocks)) &&
             put_order(object, shape)));
}

cJSON *xb_point_json(const struct xb_point *point)
{
    cJSON *where = cJSON_CreateObject();
    bool good = put_line(where, point) &&
                xb_report_put(where, "bytes", xb_report_number((double)point->bytes));

    return xb_report_done(where, good);
}

/* "from" and "to", as far as there are any. */
static bool put_bounds(cJSON *object, double from, double to)
{
    return (from == 0 || xb_report_put(object, "from", xb_report_number(from))) &&
           (to == 0 || xb_report_put(object, "to", xb_report_number(to)));
}

/* The same as an object below this key; nothing where there is neither. */
static bool put_range(cJSON *object, const char *key, double from, double to)
{
    if (from == 0 && to == 0)
        return true;
    cJSON *bounds = cJSON_CreateObject();
    return xb_report_put(object, key, xb_report_done(bounds, put_bounds(bounds, from, to)));
}

cJSON *xb_range_rule(const struct xb_range *range)
{
    const struct xb_point point = xb_point_of(&range->use);
    cJSON *rule = cJSON_CreateObject();
    bool good = put_where(rule, &point);

    if (point.shape.blocks == 1)
        good = good && put_bounds(rule, (double)range->from, (double)range->to);
    else
        good =
            good &&
            put_range(rule, "blocks", (double)range->blocks_from, (double)range->blocks_to) &&
            put_order(rule, &point.shape) &&
            put_range(rule, "block", (double)range->from, (double)range->to);
    good = good && xb_report_put(rule, "use", use_json(&range->use));
    return xb_report_done(rule, good);
}

bool xb_range_crosses(const struct xb_range *range, const struct xb_range *next)
{
    if (!next || range->to == 0)
        return false;
    const struct xb_point here = xb_point_of(&range->use), there = xb_point_of(&next->use);
    return xb_same_line(&here, &there) && !xb_same_method(&range->use, &next->use);
}

const char *xb_crossover_format(const struct xb_range *range, const struct xb_range *next,
                                char *buf, size_t len)
{
    char where[XB_WHERE_LEN], size[XB_UNITS_LEN], a[XB_CASE_ID_LEN], b[XB_CASE_ID_LEN];
    char shape[XB_SHAPE_LEN];

    if (!xb_range_crosses(range, next))
        return NULL;
    const struct xb_point point = xb_point_of(&range->use);
    bool several = point.shape.blocks > 1;
    snprintf(buf, len, "%s%s%s: above %s%s %s, which %s %s", xb_where_format(&point, where),
             several ? ", " : "", xb_shape_format(&point.shape, shape),
             xb_size_format(range->to, size), several ? " a block" : "",
             xb_use_format(&next->use, b, sizeof b),
             range->parted ? "is faster than" : "does not part from",
             xb_use_format(&range->use, a, sizeof a));
    return buf;
}

cJSON *xb_crossover_json(const struct xb_range *range, const struct xb_range *next)
{
    char a[XB_CASE_ID_LEN], b[XB_CASE_ID_LEN];
    const struct xb_point point = xb_point_of(&range->use);
    cJSON *x = cJSON_CreateObject();
    bool good =
        xb_range_crosses(range, next) && put_line(x, &point) &&
        xb_report_put(x, "above", xb_report_number((double)range->to)) &&
        xb_report_put(x, "before",
                      cJSON_CreateString(xb_use_format(&range->use, a, sizeof a))) &&
        xb_report_put(x, "after", cJSON_CreateString(xb_use_format(&next->use, b, sizeof b))) &&
        xb_report_put(x, "parted", cJSON_CreateBool(range->parted));

    return xb_report_done(x, good);
}

struct xb_regret xb_regret_of(const double *choice_us, const double *best_us,
                              const struct xb_point *points, size_t n)
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
            r.where = points[i];
        }
        if (ratio[r.points] > XB_REGRET_HIGH && r.nhigh++ < XB_REGRETS) {
            r.high[r.nhigh - 1].where = points[i];
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
        cJSON *point = xb_point_json(&r->high[i].where);
        point = xb_report_done(
            point, xb_report_put(point, "ratio", xb_report_known(r->high[i].ratio)));
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
                      regret->points ? xb_point_json(&regret->where) : cJSON_CreateNull()) &&
        xb_report_put(object, "high", high_json(regret));

    return xb_report_done(object, good);
}
