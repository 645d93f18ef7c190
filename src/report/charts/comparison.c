/* SPDX-License-Identifier: BSD-3-Clause */
/* comparison.c - several reports: how much longer or shorter each case takes than with the
 * first, with its interval and the band within which no change counts; then curves side by
 * side.
 *
 * Figures and verdicts are those of `compare`. Reports of one set, or of one label where they
 * are of no set, are launches of one side; where all have the same label, or none, each report
 * is a side.
 */
#include "report/charts/kinds.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/charts/curve_data.h"
#include "report/compare_internal.h"

#define MOST_SIDES  4  /* that get a forest plot */
#define MOST_CASES  40 /* of a side in it */
#define MOST_BESIDE 3  /* sides whose curves stand beside each other */
#define MOST_CURVES 6
#define SIDE_LEN    96

/* ---- sides ---- */

static const char *label_of(const struct xb_format_set *set, size_t i)
{
    return set->source[i].report->run.label;
}

/* Do labels tell sides apart? */
static bool are_labelled(const struct xb_format_set *set)
{
    bool differ = false;

    for (size_t i = 0; i < set->n; i++) {
        if (!label_of(set, i))
            return false;
        differ = differ || strcmp(label_of(set, i), label_of(set, 0)) != 0;
    }
    return differ;
}

/* The side of a report: its set, or else its label, or its file's own name, with its number
 * where another has the same. */
static void name_side(const struct xb_format_set *set, size_t i, bool labelled,
                      char out[SIDE_LEN])
{
    const char *name = set->source[i].name ? set->source[i].name : "report";
    const char *slash = strrchr(name, '/'), *own = slash ? slash + 1 : name;
    bool again = false;

    for (size_t k = 0; k < set->n; k++) {
        const char *other = set->source[k].name ? set->source[k].name : "report";
        slash = strrchr(other, '/');
        again = again || (k != i && strcmp(slash ? slash + 1 : other, own) == 0);
    }
    if (set->source[i].set)
        snprintf(out, SIDE_LEN, "%.80s", set->source[i].set);
    else if (labelled)
        snprintf(out, SIDE_LEN, "%.80s", label_of(set, i));
    else if (again)
        snprintf(out, SIDE_LEN, "%zu: %.80s", i + 1, own);
    else
        snprintf(out, SIDE_LEN, "%.80s", own);
}

/* ---- forest ---- */

static const struct xb_chart_column forest_columns[] = {
    {"name", "Case", NULL},       {"ratio", "Time, over the base's", NULL},
    {"lo", "from", NULL},         {"hi", "to", NULL},
    {"verdict", "Verdict", NULL}, {"base", "Base", "µs"},
    {"us", "Side", "µs"},
};

/* What is worth to be seen first: what is slower or faster, then by how much. */
static double worth(const struct xb_change *change)
{
    bool told = change->verdict == XB_VERDICT_SLOWER || change->verdict == XB_VERDICT_FASTER;

    return (told ? 1000 : 0) + fabs(change->log_ratio);
}

struct ranked {
    size_t row;
    double worth;
};

static int by_worth(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->worth != y->worth)
        return x->worth > y->worth ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static int by_row(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    return (x->row > y->row) - (x->row < y->row);
}

/* The rows of a side that have a ratio: those that are shown, in the order of the report, and
 * how many there are in all. */
static struct ranked *rank_rows(const struct xb_comparison *c, size_t side, size_t *shown,
                                size_t *all)
{
    struct ranked *ranked = calloc(xb_rows(c) + 1, sizeof *ranked);

    *all = 0;
    for (size_t i = 0; ranked && i < xb_rows(c); i++) {
        const struct xb_change *change = &xb_outcome_at(c, i, side)->change;
        if (isfinite(change->log_ratio))
            ranked[(*all)++] = (struct ranked){i, worth(change)};
    }
    *shown = *all < MOST_CASES ? *all : MOST_CASES;
    if (ranked) {
        qsort(ranked, *all, sizeof *ranked, by_worth);
        qsort(ranked, *shown, sizeof *ranked, by_row);
    }
    return ranked;
}

static void add_row(struct xb_draft *d, const struct xb_comparison *c, size_t row, size_t side)
{
    const struct xb_change *change = &xb_outcome_at(c, row, side)->change;

    xb_draft_row(d);
    xb_draft_text(d, "name", xb_row_at(c, row)->id);
    xb_draft_number(d, "ratio", exp(change->log_ratio));
    xb_draft_number(d, "lo", exp(change->log_ratio - change->half));
    xb_draft_number(d, "hi", exp(change->log_ratio + change->half));
    xb_draft_text(d, "verdict", xb_verdict_name(change->verdict));
    xb_draft_number(d, "base", exp(xb_value_at(c, row, 0)->log_us));
    xb_draft_number(d, "us", exp(xb_value_at(c, row, side)->log_us));
}

/* The threshold as a band of two ratios; points by their verdict. */
static void draw_forest(struct xb_draft *d, double threshold, double left, double right)
{
    xb_draft_spec(
        d,
        "{'width':720,'height':{'step':19},'autosize':{'type':'fit-x','contains':'padding'},"
        "'transform':[{'calculate':'isValid(datum.lo)?datum.lo:datum.ratio','as':'bar_lo'},"
        "{'calculate':'isValid(datum.hi)?datum.hi:datum.ratio','as':'bar_hi'},"
        "{'calculate':'datum.name+`: `+datum.ratio+` times, `+datum.verdict',"
        "'as':'told'}],"
        "'layer':[{'data':{'values':[{}]},'mark':{'type':'rect','aria':false,'clip':true,"
        "'color':'#999','opacity':0.25},'encoding':{'x':{'datum':%.6g},'x2':{'datum':%.6g}}},"
        "{'data':{'values':[{}]},'mark':{'type':'rule','aria':false,'color':'#444'},"
        "'encoding':{'x':{'datum':1}}},"
        "{'mark':{'type':'rule','aria':false,'clip':true,'strokeWidth':2,'color':'#777'},"
        "'encoding':{'y':{'field':'name','type':'nominal','sort':null,'title':null,"
        "'axis':{" XB_CHART_NAMES "}},'x':{'field':'bar_lo','type':'"
        "quantitative',"
        "'title':'Time, over that of the base (log)','scale':{'type':'log','nice':false,"
        "'domain':[%.4g,%.4g]},'axis':{'format':'.3~r','tickCount':7}},"
        "'x2':{'field':'bar_hi'}}},"
        "{'mark':{'type':'point','filled':true,'clip':true,'size':70,'opacity':1},'encoding':{"
        "'y':{'field':'name','type':'nominal','sort':null},"
        "'x':{'field':'ratio','type':'quantitative'},"
        "'color':{'field':'verdict','type':'nominal','legend':{'title':null},'scale':{"
        "'domain':['slower','faster','same','unclear'],"
        "'range':['#D55E00','#0072B2','#444444','#999999']}},"
        "'shape':{'field':'verdict','type':'nominal','legend':{'title':null},'scale':{"
        "'domain':['slower','faster','same','unclear'],"
        "'range':['triangle-right','triangle-left','circle','diamond']}},"
        "'description':{'field':'told'},"
        "'tooltip':[{'field':'name','title':'Case'},{'field':'ratio','title':'Ratio'},"
        "{'field':'lo','title':'from'},{'field':'hi','title':'to'},"
        "{'field':'verdict','title':'Verdict'},{'field':'base','title':'Base, µs'},"
        "{'field':'us','title':'Side, µs'}]}}]}",
        1 / (1 + threshold), 1 + threshold, left, right);
}

/* How far out ratios are drawn, to the left of 1 where sign is -1 and to the right where it is
 * 1: twice the threshold at least, and behind the last point with its interval, but for
 * intervals so wide that they would push all others together. */
static double reach(const struct xb_comparison *c, const struct ranked *ranked, size_t n,
                    size_t side, int sign)
{
    double least = log1p(c->threshold), far = 2 * least;

    for (size_t i = 0; i < n; i++) {
        const struct xb_change *change = &xb_outcome_at(c, ranked[i].row, side)->change;
        double out = sign * change->log_ratio, half = change->half;
        far = fmax(far, out + fmin(isfinite(half) ? half : 0, fmax(out, 0) + least));
    }
    return exp(sign * 1.08 * far);
}

static int add_forest(const struct xb_comparison *c, size_t side, size_t left_out,
                      struct xb_charts *out)
{
    struct xb_draft d = xb_draft_begin(XB_CHART_COMPARISON, forest_columns,
                                       sizeof forest_columns / sizeof forest_columns[0]);
    const char *base = c->grouping.sides.value[0], *name = c->grouping.sides.value[side];
    size_t shown, all, count[XB_VERDICTS] = {0};
    struct ranked *ranked = rank_rows(c, side, &shown, &all);

    if (!ranked || all == 0) {
        xb_draft_drop(&d);
        free(ranked);
        return ranked ? 0 : -1;
    }
    for (size_t i = 0; i < xb_rows(c); i++)
        count[xb_outcome_at(c, i, side)->change.verdict]++;
    for (size_t i = 0; i < shown; i++)
        add_row(&d, c, ranked[i].row, side);
    xb_draft_title(&d, NULL, "%s against %s", name, base);
    xb_draft_subtitle(&d, "right of 1 it is slower; the band is the threshold of %.3g %%",
                      100 * c->threshold);
    xb_draft_describe(&d,
                      "Times of %s over those of %s: %zu slower, %zu faster, %zu the same, "
                      "%zu unclear, %zu missing on a side.",
                      name, base, count[XB_VERDICT_SLOWER], count[XB_VERDICT_FASTER],
                      count[XB_VERDICT_SAME], count[XB_VERDICT_UNCLEAR],
                      count[XB_VERDICT_MISSING]);
    xb_draft_describe(&d,
                      "Intervals hold for all cases together with %.3g %%; with one launch "
                      "a side there are none.",
                      100 * c->confidence);
    if (shown < all)
        xb_draft_describe(&d, "The %zu cases that changed most are shown, of %zu.", shown, all);
    if (left_out)
        xb_draft_describe(&d, "%zu more sides are left out.", left_out);
    draw_forest(&d, c->threshold, reach(c, ranked, shown, side, -1),
                reach(c, ranked, shown, side, 1));
    free(ranked);
    return xb_draft_end(&d, "comparison", out);
}

static int add_forests(const struct xb_format_set *set, bool labelled, struct xb_charts *out,
                       struct xb_error *err)
{
    const struct xb_compare_ask ask = XB_COMPARE_ASK;
    struct xb_launches *launches = xb_launches_new();
    struct xb_comparison *c = NULL;
    int rc = launches ? 0 : xb_fail(err, "out of memory for charts");

    for (size_t i = 0; rc == 0 && i < set->n; i++) {
        char side[SIDE_LEN];
        name_side(set, i, labelled, side);
        rc = xb_launches_add_report(launches, side,
                                    set->source[i].name ? set->source[i].name : side,
                                    set->source[i].report, err);
    }
    if (rc == 0)
        c = xb_compare(launches, &ask, err);
    if (rc == 0 && !c)
        rc = -1;
    for (size_t side = 1; rc == 0 && side < xb_sides(c) && side <= MOST_SIDES; side++) {
        size_t left = side == MOST_SIDES ? xb_sides(c) - 1 - MOST_SIDES : 0;
        if (add_forest(c, side, left, out) < 0)
            rc = xb_fail(err, "out of memory for charts");
    }
    xb_comparison_free(c);
    xb_launches_free(launches);
    return rc;
}

/* ---- curves side by side ---- */

static const struct xb_chart_column beside_columns[] = {
    {"side", "Report", NULL},      {"method", "Method", NULL}, {"size", "Size", NULL},
    {"gbps", "Bandwidth", "GB/s"}, {"lo", "from", "GB/s"},     {"hi", "to", "GB/s"},
    {"us", "Time", "µs"},
};

/* The curves of a side, which are those of its first report. */
struct beside {
    char side[SIDE_LEN];
    struct xb_curves curves;
};

static const struct xb_curve *find_curve(const struct xb_curves *curves, const char *about)
{
    for (size_t i = 0; i < curves->n; i++)
        if (strcmp(curves->curve[i].about, about) == 0)
            return &curves->curve[i];
    return NULL;
}

static bool is_drawn(const struct xb_curve *base, const char *method)
{
    for (size_t i = 0; i < base->n; i++)
        if (base->series[i].drawn && strcmp(base->series[i].method, method) == 0)
            return true;
    return false;
}

/* The series that the base's picture has, on each side. */
static void add_points(struct xb_draft *d, const struct xb_curve *base, const char *side,
                       const struct xb_curve *curve)
{
    for (size_t i = 0; i < curve->n; i++)
        for (size_t k = 0; is_drawn(base, curve->series[i].method) && k < curve->series[i].n;
             k++) {
            const struct xb_curve_point *p = &curve->series[i].point[k];
            if (xb_draft_rows(d) == 2 * XB_CHART_ROWS)
                return;
            xb_draft_row(d);
            xb_draft_text(d, "side", side);
            xb_draft_text(d, "method", curve->series[i].method);
            xb_draft_whole(d, "bytes", p->bytes);
            xb_draft_size(d, "size", p->bytes);
            xb_draft_number(d, "gbps", p->rate.median);
            xb_draft_number(d, "lo", p->rate.ci_lo);
            xb_draft_number(d, "hi", p->rate.ci_hi);
            xb_draft_number(d, "us", p->us);
        }
}

static int draw_beside(struct xb_draft *d, size_t sides, int64_t least, int64_t most,
                       const char *legend)
{
    assert(sides > 0);
    char *x = xb_chart_size_axis(least, most, sides);

    if (x)
        xb_draft_spec(
            d,
            "{'transform':[{'calculate':'isValid(datum.lo)?datum.lo:datum.gbps','as':'bar_lo'},"
            "{'calculate':'isValid(datum.hi)?datum.hi:datum.gbps','as':'bar_hi'},"
            "{'calculate':'datum.side+`, `+datum.method+`, `+datum.size+`: `+datum.gbps+` "
            "GB/s`',"
            "'as':'told'}],"
            "'facet':{'column':{'field':'side','sort':null,'title':null,"
            "'header':{'labelLimit':%zu}}},"
            "'spec':{'width':%zu,'height':260,'layer':["
            "{'mark':{'type':'rule','aria':false,'strokeWidth':2,'opacity':0.55},'encoding':{"
            "%s,'color':{'field':'method','sort':null,'legend':%s},"
            "'y':{'field':'bar_lo','type':'quantitative'},'y2':{'field':'bar_hi'}}},"
            "{'mark':{'type':'line','aria':false,'strokeWidth':1.6},'encoding':{%s,"
            "'stroke':{'field':'method','sort':null,'legend':%s},"
            "'strokeDash':{'field':'method','sort':null,'legend':%s,"
            "'scale':{'range':[[1,0],[6,3],[2,2],[8,3,2,3],[1,0],[6,3],[2,2],[8,3,2,3]]}},"
            "'y':{'field':'gbps','type':'quantitative','title':'Bandwidth, GB/s'}}},"
            "{'mark':{'type':'point','strokeWidth':0,'size':45,'opacity':1},'encoding':{%s,"
            "'fill':{'field':'method','sort':null,'legend':%s},"
            "'shape':{'field':'method','sort':null,'legend':%s},"
            "'y':{'field':'gbps','type':'quantitative'},"
            "'description':{'field':'told'},"
            "'tooltip':[{'field':'side','title':'Report'},{'field':'method','title':'Method'},"
            "{'field':'size','title':'Size'},{'field':'gbps','title':'GB/s'},"
            "{'field':'lo','title':'from'},{'field':'hi','title':'to'},"
            "{'field':'us','title':'µs'}]}}]}}",
            640 / sides, 640 / sides, x, legend, x, legend, legend, x, legend, legend);
    free(x);
    return x ? 0 : -1;
}

static int add_beside(const struct beside *sides, size_t n, const struct xb_curve *base,
                      size_t left_out, struct xb_charts *out)
{
    struct xb_draft d = xb_draft_begin(XB_CHART_COMPARISON, beside_columns,
                                       sizeof beside_columns / sizeof beside_columns[0]);
    int64_t least = base->least, most = base->most;

    for (size_t i = 0; i < n; i++) {
        const struct xb_curve *curve = find_curve(&sides[i].curves, base->about);
        if (!curve)
            continue;
        least = curve->least < least ? curve->least : least;
        most = curve->most > most ? curve->most : most;
        add_points(&d, base, sides[i].side, curve);
    }
    xb_draft_title(&d, NULL, "Side by side: %s", base->about);
    xb_draft_describe(&d, "Bandwidth by size, one picture a report; bars are intervals of "
                          "95 %%.");
    if (base->drawn < base->n)
        xb_draft_describe(&d, "%zu methods of %zu are drawn.", base->drawn, base->n);
    if (left_out)
        xb_draft_describe(&d, "%zu more of such charts are left out.", left_out);
    if (draw_beside(&d, n, least, most, xb_chart_legend(xb_curve_longest(base))) < 0) {
        xb_draft_drop(&d);
        return -1;
    }
    return xb_draft_end(&d, "beside", out);
}

/* Those of the base that another side has as well, and that have several sizes. */
static int add_all_beside(const struct beside *sides, size_t n, struct xb_charts *out)
{
    const struct xb_curves *base = &sides[0].curves;
    size_t shared = 0, added = 0;
    int rc = 0;

    for (int draw = 0; draw <= 1; draw++)
        for (size_t i = 0; rc == 0 && i < base->n; i++) {
            const struct xb_curve *curve = &base->curve[i];
            bool other = false;
            for (size_t k = 1; k < n; k++)
                other = other || find_curve(&sides[k].curves, curve->about);
            if (!other || curve->least == curve->most)
                continue;
            if (!draw)
                shared++;
            else if (added++ < MOST_CURVES)
                rc = add_beside(sides, n, curve,
                                added == MOST_CURVES ? shared - MOST_CURVES : 0, out);
        }
    return rc;
}

static int add_curves(const struct xb_format_set *set, bool labelled, struct xb_charts *out,
                      struct xb_error *err)
{
    struct beside sides[MOST_BESIDE] = {{.side = ""}};
    size_t n = 0;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < set->n && n < MOST_BESIDE; i++) {
        bool there = false;
        name_side(set, i, labelled, sides[n].side);
        for (size_t k = 0; k < n; k++)
            there = there || strcmp(sides[k].side, sides[n].side) == 0;
        if (!there)
            rc = xb_curves_of(set->source[i].report, &sides[n++].curves, err);
    }
    if (rc == 0 && add_all_beside(sides, n, out) < 0)
        rc = xb_fail(err, "out of memory for charts");
    for (size_t k = 0; k < n; k++)
        xb_curves_release(&sides[k].curves);
    return rc;
}

static int add_comparison(const struct xb_format_set *set, struct xb_charts *out,
                          struct xb_error *err)
{
    bool labelled = are_labelled(set);
    int rc = add_forests(set, labelled, out, err);

    return rc < 0 ? rc : add_curves(set, labelled, out, err);
}

const struct xb_chart_kind xb_chart_comparison = {.of_set = add_comparison};
