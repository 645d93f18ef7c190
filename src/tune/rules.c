/* SPDX-License-Identifier: BSD-3-Clause */
/* tune_rules.c - from trials to rules: who wins in which range of sizes. */
#include "tune/tune.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/methods/method.h"
#include "report/report_json.h"

#define BISECTIONS 2 /* of the sizes between two, of which each has another winner */
#define ROUNDS     3 /* of choices, while what borders were measured for changes them */
#define PAGE       4096ull
#define BLOCK      64ull /* what a block is a multiple of, where sizes between two are tried */

int xb_tune_points(struct xb_tune *tune, const struct xb_plan *plan, struct xb_error *err)
{
    int rc = xb_tune_split(tune, plan, err);

    tune->points = calloc(tune->ncases + 1, sizeof *tune->points);
    tune->ranges = calloc(tune->ncases + 1, sizeof *tune->ranges);
    tune->picks = calloc(tune->ncases + 1, sizeof *tune->picks);
    tune->contests = calloc(tune->ncases + 1, sizeof *tune->contests);
    if (rc == 0 && !(tune->points && tune->ranges && tune->picks && tune->contests))
        rc = xb_fail(err, "out of memory");
    if (xb_tuner_agree(&tune->tuner, rc, err) < 0)
        return -1;
    for (size_t i = 0; i < tune->ncases; i++) {
        const struct xb_case *c = &tune->cases[i];
        bool known = false;
        const struct xb_point point = xb_point_of(c);
        for (size_t k = 0; k < tune->npoints && !known; k++) {
            const struct xb_point other = xb_point_of(&tune->points[k]);
            known = xb_point_equal(&point, &other);
        }
        if (!known)
            tune->points[tune->npoints++] = *c;
    }
    return 0;
}

void xb_tune_release(struct xb_tune *tune)
{
    xb_trials_release(&tune->tuner.trials);
    for (size_t i = 0; i < tune->ncases; i++)
        if (tune->cases[i].one_class)
            free(tune->cases[i].pairs.list);
    free(tune->cases);
    free(tune->points);
    free(tune->ranges);
    free(tune->picks);
    free(tune->contests);
    memset(tune, 0, sizeof *tune);
}

/* The point of that line with the next larger size, or NULL. */
static const struct xb_case *next_point(const struct xb_tune *tune, const struct xb_point *line,
                                        uint64_t above)
{
    const struct xb_case *next = NULL;

    for (size_t i = 0; i < tune->npoints; i++) {
        const struct xb_case *p = &tune->points[i];
        const struct xb_point point = xb_point_of(p);
        if (xb_same_line(&point, line) && p->bytes > above &&
            xb_trials_best(&tune->tuner.trials, &point) && (!next || p->bytes < next->bytes))
            next = p;
    }
    return next;
}

/* The same way to carry out a transfer, for another size of as many blocks. */
static struct xb_case resized(const struct xb_case *c, uint64_t bytes)
{
    struct xb_case out = *c;

    out.bytes = bytes;
    if (c->chunk && (c->chunk >= c->bytes || c->chunk > bytes))
        out.chunk = bytes;
    out.chunk = xb_chunk_of_blocks(&out, out.chunk);
    return out;
}

/* Between two sizes of a line: pages, or blocks of equal size. */
static uint64_t middle(const struct xb_case *line, uint64_t a, uint64_t b)
{
    uint64_t blocks = (uint64_t)xb_case_shape(line).blocks;
    uint64_t unit = blocks > 1 ? blocks * BLOCK : PAGE;

    return (uint64_t)sqrt((double)a * (double)b) / unit * unit;
}

/* ---- who is chosen at each point ---- */

static void pick_line(struct xb_tune *tune, const struct xb_point *line, bool *changed)
{
    struct xb_preference by = {.catalog = xb_engine_catalog()};
    struct xb_trials *trials = &tune->tuner.trials;

    for (const struct xb_case *p = next_point(tune, line, 0); p;
         p = next_point(tune, line, p->bytes)) {
        const struct xb_point point = xb_point_of(p);
        const struct xb_trial *t = xb_trials_choose(trials, &point, &by);
        struct xb_pick *pick = &tune->picks[tune->npicks++];
        struct xb_pick now = {.point = p, .trial = (size_t)(t - trials->trial)};
        *changed = *changed || pick->point != now.point || pick->trial != now.trial;
        *pick = now;
        by.before = &t->c;
    }
}

static bool is_first_of_line(const struct xb_tune *tune, size_t i)
{
    const struct xb_point point = xb_point_of(&tune->points[i]);

    for (size_t k = 0; k < i; k++) {
        const struct xb_point other = xb_point_of(&tune->points[k]);
        if (xb_same_line(&point, &other))
            return false;
    }
    return true;
}

/* Anew at all points; true where it is not what it was. */
static bool pick_all(struct xb_tune *tune)
{
    size_t before = tune->npicks;
    bool changed = false;

    tune->npicks = 0;
    for (size_t i = 0; i < tune->npoints; i++) {
        const struct xb_point line = xb_point_of(&tune->points[i]);
        if (is_first_of_line(tune, i))
            pick_line(tune, &line, &changed);
    }
    return changed || tune->npicks != before;
}

/* ---- where one gives way to the next ---- */

static bool share_line(const struct xb_case *a, const struct xb_case *b)
{
    const struct xb_point here = xb_point_of(a), there = xb_point_of(b);
    return xb_same_line(&here, &there);
}

/* Between two sizes of a line with different winners: a wins at lo, b at hi. */
struct border {
    struct xb_case a, b;
    uint64_t lo, hi;
    bool crosses; /* another method, not another chunk or depth alone */
    bool open;    /* it can be narrowed down */
    bool parted;
    size_t at_a, at_b; /* trials at the size that is looked at */
};

/* Those of the picks, in their order. Returns how many. */
static size_t find_borders(const struct xb_tune *tune, struct border *borders)
{
    size_t n = 0;

    for (size_t i = 0; i + 1 < tune->npicks; i++) {
        const struct xb_case *a = &tune->tuner.trials.trial[tune->picks[i].trial].c;
        const struct xb_case *b = &tune->tuner.trials.trial[tune->picks[i + 1].trial].c;
        if (!share_line(a, b) || xb_same_use(a, b))
            continue;
        bool crosses = !xb_same_method(a, b);
        borders[n++] = (struct border){.a = *a,
                                       .b = *b,
                                       .lo = a->bytes,
                                       .hi = b->bytes,
                                       .crosses = crosses,
                                       .open = crosses};
    }
    return n;
}

/* Measure both sides of a border at a size, all borders together: a level between their sizes
 * while it is narrowed down, else their upper ones. */
static int measure_sides(struct xb_tune *tune, struct border *borders, size_t n, bool narrow,
                         struct xb_error *err)
{
    size_t *index = calloc(2 * n + 1, sizeof *index), count = 0;
    int rc = index ? 0 : xb_fail(err, "out of memory for %zu crossovers", n);

    rc = xb_tuner_agree(&tune->tuner, rc, err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        struct border *x = &borders[i];
        uint64_t bytes = narrow ? middle(&x->a, x->lo, x->hi) : x->hi;
        if (!x->crosses || (narrow && !x->open))
            continue;
        x->open = !narrow || (bytes > x->lo && bytes < x->hi);
        if (!x->open)
            continue;
        struct xb_case a = resized(&x->a, bytes), b = resized(&x->b, bytes);
        if (xb_tuner_ask(&tune->tuner, &a, &x->at_a, err) < 0 ||
            xb_tuner_ask(&tune->tuner, &b, &x->at_b, err) < 0)
            rc = -1;
        index[count++] = x->at_a;
        index[count++] = x->at_b;
    }
    if (rc == 0)
        rc = xb_tuner_in_passes(&tune->tuner, index, count, 1, err);
    free(index);
    return rc;
}

/* Is b the one to take where both were measured? Of finalists it must be faster beyond doubt,
 * since a goes on from smaller sizes and so is the simpler one. */
static bool takes_over(const struct xb_trial *a, const struct xb_trial *b)
{
    return a->final && b->final ? b->us < a->us && xb_trials_part(a, b) : b->us < a->us;
}

static void compare_sides(const struct xb_tune *tune, struct border *x, bool narrow)
{
    const struct xb_trial *a = &tune->tuner.trials.trial[x->at_a];
    const struct xb_trial *b = &tune->tuner.trials.trial[x->at_b];
    bool both = a->ok && b->ok;

    if (!x->open)
        return;
    if (!narrow)
        x->parted = both && b->us < a->us && xb_trials_part(a, b);
    else if (both)
        *(takes_over(a, b) ? &x->hi : &x->lo) = a->c.bytes;
    else
        x->open = false;
}

/* Narrow down all borders where the method changes, and see whether the two part. */
static int narrow_borders(struct xb_tune *tune, struct border *borders, size_t n,
                          struct xb_error *err)
{
    for (int level = 0; level <= BISECTIONS; level++) {
        bool narrow = level < BISECTIONS;
        if (measure_sides(tune, borders, n, narrow, err) < 0)
            return -1;
        for (size_t i = 0; i < n; i++)
            if (borders[i].crosses)
                compare_sides(tune, &borders[i], narrow);
    }
    return 0;
}

/* The last size before a border: the last at which a was measured to win, or between the two
 * where it is but another chunk or depth. */
static uint64_t end_of(const struct border *x)
{
    uint64_t between = middle(&x->a, x->lo, x->hi);

    return x->crosses || between <= x->lo ? x->lo : between;
}

/* The numbers of blocks that a line stands for: up to halfway, as a ratio, to the next lines
 * that differ in nothing else. */
static void set_blocks(const struct xb_tune *tune, struct xb_range *range)
{
    const struct xb_point line = xb_point_of(&range->use);
    int64_t below = 0, above = 0, own = line.shape.blocks;

    range->blocks_from = range->blocks_to = 1;
    if (own == 1)
        return;
    for (size_t i = 0; i < tune->npicks; i++) {
        struct xb_point other = xb_point_of(tune->picks[i].point);
        int64_t blocks = other.shape.blocks;
        other.shape.blocks = own;
        if (blocks == 1 || blocks == own || !xb_same_line(&other, &line))
            continue;
        if (blocks < own && blocks > below)
            below = blocks;
        if (blocks > own && (above == 0 || blocks < above))
            above = blocks;
    }
    range->blocks_from = below ? (int64_t)sqrt((double)below * (double)own) + 1 : 2;
    range->blocks_to = above ? (int64_t)sqrt((double)own * (double)above) : 0;
}

/* Sizes with the same use are one range, with the use of the largest of them. */
static void make_ranges(struct xb_tune *tune, const struct border *next)
{
    uint64_t from = 0;

    tune->nranges = 0;
    assert(tune->npicks == 0 || tune->tuner.trials.trial);
    for (size_t i = 0; i < tune->npicks; i++) {
        const struct xb_case *use = &tune->tuner.trials.trial[tune->picks[i].trial].c;
        const struct xb_case *after =
            i + 1 < tune->npicks ? &tune->tuner.trials.trial[tune->picks[i + 1].trial].c : NULL;
        uint64_t blocks = (uint64_t)xb_case_shape(use).blocks;
        bool last = !after || !share_line(after, use);
        struct xb_range range = {.from = from, .use = *use};
        if (!last && xb_same_use(use, after))
            continue;
        if (!last) {
            assert(next); /* two lines meet at a border */
            range.to = end_of(next) / blocks;
            range.parted = next->parted;
            next++;
        }
        set_blocks(tune, &range);
        from = last ? 0 : range.to + 1;
        tune->ranges[tune->nranges++] = range;
    }
}

static int make_rules(struct xb_tune *tune, struct border *borders, struct xb_error *err)
{
    pick_all(tune);
    for (int round = 0; round < ROUNDS; round++) {
        size_t n = find_borders(tune, borders);
        if (narrow_borders(tune, borders, n, err) < 0)
            return -1;
        make_ranges(tune, borders);
        if (!pick_all(tune)) /* what was measured at points may count for them too */
            return 0;
    }
    size_t n = find_borders(tune, borders); /* of choices that go back and forth the last */
    if (narrow_borders(tune, borders, n, err) < 0)
        return -1;
    make_ranges(tune, borders);
    return 0;
}

int xb_tune_ranges(struct xb_tune *tune, struct xb_error *err)
{
    struct border *borders = calloc(tune->npoints + 1, sizeof *borders);
    int rc = borders ? 0 : xb_fail(err, "out of memory");

    rc = xb_tuner_agree(&tune->tuner, rc, err);
    if (rc == 0)
        rc = make_rules(tune, borders, err);
    free(borders);
    return rc;
}

/* ---- the policy ---- */

/* Would their rules be for the same, but for link class, sizes and number of blocks? */
static bool share_rules(const struct xb_case *a, const struct xb_case *b)
{
    struct xb_point here = xb_point_of(a), there = xb_point_of(b);

    here.one_class = there.one_class = false;
    if (here.shape.blocks > 1 && there.shape.blocks > 1)
        here.shape.blocks = there.shape.blocks;
    return xb_same_line(&here, &there);
}

/* Is a range of the farthest link class of its path, and nothing else is for other lanes? */
static bool stands_in(const struct xb_tune *tune, const struct xb_range *range)
{
    const struct xb_case *own = &range->use;
    bool good = own->one_class;

    for (size_t i = 0; good && i < tune->nranges; i++) {
        const struct xb_case *other = &tune->ranges[i].use;
        good = !share_rules(other, own) ||
               (other->one_class && other->link_class <= own->link_class);
    }
    return good;
}

/* The rule of a range of one link class, for any. */
static cJSON *stand_in_rule(const struct xb_range *range)
{
    struct xb_range any = *range;
    char note[160];

    any.use.one_class = false;
    snprintf(note, sizeof note,
             "As for %s: of lanes that are not joined alike, and of link classes that were not "
             "measured.",
             xb_link_class_name((enum xb_link_class)range->use.link_class));
    cJSON *rule = xb_range_rule(&any);
    return xb_report_done(rule, xb_report_put(rule, "note", cJSON_CreateString(note)));
}

/* First those that ask for a link class, or the others would leave them nothing. */
static cJSON *rules_json(const struct xb_tune *tune)
{
    cJSON *rules = cJSON_CreateArray();
    bool good = rules != NULL;

    for (size_t i = 0; good && i < tune->nranges; i++)
        if (tune->ranges[i].use.one_class)
            good = xb_report_push(rules, xb_range_rule(&tune->ranges[i]));
    for (size_t i = 0; good && i < tune->nranges; i++) {
        const struct xb_range *range = &tune->ranges[i];
        if (!range->use.one_class)
            good = xb_report_push(rules, xb_range_rule(range));
        else if (stands_in(tune, range))
            good = xb_report_push(rules, stand_in_rule(range));
    }
    return xb_report_done(rules, good);
}

cJSON *xb_tune_policy(const struct xb_tune *tune, const char *name, cJSON *source)
{
    cJSON *schema = cJSON_CreateObject(), *policy = cJSON_CreateObject();
    bool good = xb_report_put(schema, "name", cJSON_CreateString(XB_POLICY_NAME)) &&
                xb_report_put(schema, "version", xb_report_number(XB_POLICY_VERSION));

    good = xb_report_put(policy, "schema", xb_report_done(schema, good)) && good;
    good = xb_report_put(policy, "name", cJSON_CreateString(name)) && good;
    good = xb_report_put(policy, "description",
                         cJSON_CreateString("The fastest method, chunk, depth and "
                                            "submission of blocks that tune found for each "
                                            "path and size.")) &&
           good;
    good = xb_report_put(policy, "source", source) && good;
    good = xb_report_put(policy, "rules", rules_json(tune)) && good;
    return xb_report_done(policy, good);
}
