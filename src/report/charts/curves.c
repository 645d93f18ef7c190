/* SPDX-License-Identifier: BSD-3-Clause */
/* curves.c - what a path carries by size, and how long small transfers take: all methods of a
 * pattern on a path together. Where there is one size alone, methods stand below each other.
 */
#include "report/charts/kinds.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/charts/curve_data.h"

#define MOST_RATES     10          /* charts of bandwidth of a report */
#define MOST_LATENCIES 6           /* of latency */
#define SMALL          (64 * 1024) /* bytes up to which latency is what counts */
#define MOST_CROSSINGS 5           /* that are named below the title */
#define MOST_RULES     3           /* ceilings */
#define FAR            2.5  /* times the best rate: a ceiling beyond is told, not drawn */
#define NEAR           0.08 /* of the best rate: ceilings so near have one label */

static const struct xb_chart_column columns[] = {
    {"method", "Method", NULL},       {"size", "Size", NULL},   {"gbps", "Bandwidth", "GB/s"},
    {"lo", "from", "GB/s"},           {"hi", "to", "GB/s"},     {"us", "Time", "µs"},
    {"ceiling", "Ceiling", "GB/s"},   {"chunk", "Chunk", NULL}, {"depth", "Depth", NULL},
    {"overtakes", "Overtakes", NULL},
};
static const struct xb_chart_column latency_columns[] = {
    {"method", "Method", NULL}, {"size", "Size", NULL},   {"us", "Time", "µs"},
    {"lo", "from", "µs"},       {"hi", "to", "µs"},       {"gbps", "Bandwidth", "GB/s"},
    {"chunk", "Chunk", NULL},   {"depth", "Depth", NULL}, {"overtakes", "Overtakes", NULL},
};
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* What a chart of a curve is about: a quantity with its interval. */
struct aspect {
    bool latency;
    int64_t most; /* bytes */
};

static void quantity(const struct aspect *a, const struct xb_curve_point *p, double out[3])
{
    out[0] = a->latency ? p->us : p->rate.median;
    out[1] = a->latency ? p->us_lo : p->rate.ci_lo;
    out[2] = a->latency ? p->us_hi : p->rate.ci_hi;
}

/* ---- crossovers ---- */

/* Where one method becomes the fastest in place of another, beyond both intervals. */
struct crossing {
    int64_t bytes;
    const struct xb_curve_series *from, *to;
};

static bool is_beyond(const struct xb_curve_point *slow, const struct xb_curve_point *fast)
{
    if (isfinite(slow->rate.ci_hi) && isfinite(fast->rate.ci_lo))
        return fast->rate.ci_lo > slow->rate.ci_hi;
    return fast->rate.median > slow->rate.median;
}

/* All crossings up to a size, at most `room`; returns how many there are. */
static size_t find_crossings(const struct xb_curve *curve, int64_t most, struct crossing *out,
                             size_t room)
{
    const struct xb_curve_series *leader = NULL;
    size_t n = 0;

    for (int64_t b = curve->least; b > 0 && b <= most; b = xb_curve_next(curve, b)) {
        const struct xb_curve_series *best = xb_curve_best(curve, b);
        const struct xb_curve_point *was = leader ? xb_curve_at(leader, b) : NULL;
        if (!was) { /* who was not measured here leads on, if it comes back */
            if (!leader || leader->point[leader->n - 1].bytes < b)
                leader = best;
            continue;
        }
        if (best == leader || !is_beyond(was, xb_curve_at(best, b)))
            continue;
        if (n < room)
            out[n++] = (struct crossing){b, leader, best};
        leader = best;
    }
    return n;
}

/* ---- rows ---- */

/* Ceilings get a rule each, on the row of the first point that has it. */
struct rules {
    double value[MOST_RULES];
    size_t n;
    double beyond; /* one that is not drawn; 0 without */
};

static bool takes_rule(struct rules *rules, double ceiling, double best)
{
    if (!(ceiling > 0))
        return false;
    if (ceiling > FAR * best) {
        rules->beyond = fmax(rules->beyond, ceiling);
        return false;
    }
    for (size_t i = 0; i < rules->n; i++)
        if (fabs(rules->value[i] - ceiling) < NEAR * best)
            return false;
    if (rules->n == MOST_RULES)
        return false;
    rules->value[rules->n++] = ceiling;
    return true;
}

static void add_row(struct xb_draft *d, const struct aspect *a,
                    const struct xb_curve_series *series, const struct xb_curve_point *p)
{
    double q[3];

    quantity(a, p, q);
    xb_draft_row(d);
    xb_draft_text(d, "method", series->method);
    xb_draft_whole(d, "bytes", p->bytes);
    xb_draft_size(d, "size", p->bytes);
    xb_draft_number(d, a->latency ? "us" : "gbps", q[0]);
    xb_draft_number(d, "lo", q[1]);
    xb_draft_number(d, "hi", q[2]);
    xb_draft_number(d, a->latency ? "gbps" : "us", a->latency ? p->rate.median : p->us);
    if (!a->latency && p->ceiling > 0)
        xb_draft_number(d, "ceiling", p->ceiling);
    xb_draft_size(d, "chunk", p->chunk_bytes);
    xb_draft_whole(d, "depth", p->depth);
    if (series->drawn)
        xb_draft_whole(d, "drawn", 1);
}

static void mark_crossing(struct xb_draft *d, const struct crossing *crossing, size_t n,
                          const struct xb_curve_series *series, int64_t bytes)
{
    for (size_t i = 0; i < n; i++)
        if (crossing[i].to == series && crossing[i].bytes == bytes) {
            xb_draft_text(d, "overtakes", crossing[i].from->method);
            xb_draft_whole(d, "crossing", (int64_t)i + 1);
        }
}

/* The rows of those that are drawn first, and as many of the others as there is room for. */
static void add_rows(struct xb_draft *d, const struct aspect *a, const struct xb_curve *curve,
                     const struct crossing *crossing, size_t ncrossings, struct rules *rules)
{
    for (int drawn = 1; drawn >= 0; drawn--)
        for (size_t i = 0; i < curve->n; i++) {
            const struct xb_curve_series *series = &curve->series[i];
            for (size_t k = 0; series->drawn == drawn && k < series->n; k++) {
                const struct xb_curve_point *p = &series->point[k];
                if (p->bytes > a->most || xb_draft_rows(d) >= XB_CHART_ROWS)
                    continue;
                add_row(d, a, series, p);
                mark_crossing(d, crossing, ncrossings, series, p->bytes);
                if (!a->latency && drawn && takes_rule(rules, p->ceiling, curve->best)) {
                    char text[64];
                    snprintf(text, sizeof text, "ceiling %.4g GB/s", p->ceiling);
                    xb_draft_number(d, "rule", p->ceiling);
                    xb_draft_text(d, "rule_text", text);
                }
            }
        }
}

/* ---- the picture ---- */

/* Lines with points and bars of their intervals; a ring with a number where a method overtakes;
 * dashed rules for ceilings, which a chart without them draws none of. */
static const char layers[] =
    "'width':720,'height':%d,'autosize':{'type':'fit-x','contains':'padding'},"
    "'transform':[{'filter':'datum.drawn'},"
    "{'calculate':'isValid(datum.lo)?datum.lo:datum.%s','as':'bar_lo'},"
    "{'calculate':'isValid(datum.hi)?datum.hi:datum.%s','as':'bar_hi'},"
    "{'calculate':'datum.method+`, `+datum.size+`: `+datum.%s+` %s`','as':'told'}],'layer':["
    "{'mark':{'type':'rule','aria':false,'clip':true,'strokeWidth':2,'opacity':0.55},"
    "'encoding':{%s,'color':%s,'y':{'field':'bar_lo','type':'quantitative'},"
    "'y2':{'field':'bar_hi'}}},"
    "{'mark':{'type':'line','aria':false,'clip':true,'strokeWidth':1.6},'encoding':{%s,'stroke'"
    ":%s,"
    "'strokeDash':{'field':'method','sort':null,'legend':%s,'scale':{'range':[[1,0],[6,3],"
    "[2,2],[8,3,2,3],[1,0],[6,3],[2,2],[8,3,2,3]]}},"
    "'y':{'field':'%s','type':'quantitative','title':'%s','scale':{%s}}}},"
    "{'params':[{'name':'zoom','select':'interval','bind':'scales'}],"
    "'mark':{'type':'point','strokeWidth':0,'clip':true,'size':55,'opacity':1},"
    "'encoding':{%s,'fill':%s,'shape':{'field':'method','sort':null,'legend':%s},"
    "'y':{'field':'%s','type':'quantitative'},'description':{'field':'told'},"
    "'tooltip':[%s]}},"
    "{'transform':[{'filter':'isValid(datum.crossing)'}],'mark':{'type':'point','aria':false,"
    "'clip':true,'size':260,'filled':false,'stroke':'#222','strokeWidth':1.3},"
    "'encoding':{%s,'y':{'field':'%s','type':'quantitative'}}},"
    "{'transform':[{'filter':'isValid(datum.crossing)'}],'mark':{'type':'text','clip':true,"
    "'aria':false,'dy':-15,'fontWeight':'bold'},"
    "'encoding':{%s,'y':{'field':'%s','type':'quantitative'},'text':{'field':'crossing'}}}"
    "%s]";
static const char rule_layers[] =
    ",{'transform':[{'filter':'isValid(datum.rule)'}],'mark':{'type':'rule','clip':true,"
    "'color':'#444','strokeDash':[9,4],'strokeWidth':1.3},"
    "'encoding':{'y':{'field':'rule','type':'quantitative'},"
    "'tooltip':[{'field':'rule_text','title':'Line'}]}},"
    "{'transform':[{'filter':'isValid(datum.rule)'}],'mark':{'type':'text','clip':true,"
    "'aria':false,'align':'left','dx':6,'dy':-7},'encoding':{'x':{'value':0},"
    "'y':{'field':'rule','type':'quantitative'},'text':{'field':'rule_text'}}}";
static const char tooltip[] =
    "{'field':'method','title':'Method'},{'field':'size','title':'Size'},"
    "{'field':'gbps','title':'GB/s'},{'field':'us','title':'µs'},"
    "{'field':'lo','title':'from'},{'field':'hi','title':'to'},"
    "{'field':'chunk','title':'Chunk'},{'field':'depth','title':'Depth'},"
    "{'field':'overtakes','title':'Overtakes'}";

static int draw_lines(struct xb_draft *d, const struct aspect *a, const struct xb_curve *curve,
                      double top)
{
    /* Legends of one field, alike, become one, where each channel stands in one layer. */
    const char *legend = xb_chart_legend(xb_curve_longest(curve));
    const int64_t most = a->most < curve->most ? a->most : curve->most;
    const char *y = a->latency ? "us" : "gbps";
    char *x = xb_chart_size_axis(curve->least, most, 1);
    char *text = NULL, linear[64], by_method[200];

    snprintf(by_method, sizeof by_method,
             "{'field':'method','sort':null,'scale':{'range':'category'},'legend':%s}", legend);
    snprintf(linear, sizeof linear, "'domain':[0,%.4g]", 1.08 * top); /* room for a label */
    if (!x ||
        asprintf(&text, layers, 340, y, y, y, a->latency ? "µs" : "GB/s", x, by_method, x,
                 by_method, legend, y,
                 a->latency ? "Time of a transfer, µs" : "Bandwidth, GB/s",
                 a->latency ? "'type':'log','nice':false,'padding':14" : linear, x, by_method,
                 legend, y, tooltip, x, y, x, y, a->latency ? "" : rule_layers) < 0)
        text = NULL;
    free(x);
    if (text)
        xb_draft_spec(d, "{%s}", text);
    free(text);
    return text ? 0 : -1;
}

/* One size: a row a method, in the order of the report. */
static void draw_rates(struct xb_draft *d)
{
    xb_draft_spec(
        d, "{'width':720,'height':{'step':26},'autosize':{'type':'fit-x','contains':'padding'},"
           "'transform':[{'filter':'datum.drawn'},"
           "{'calculate':'isValid(datum.lo)?datum.lo:datum.gbps','as':'bar_lo'},"
           "{'calculate':'isValid(datum.hi)?datum.hi:datum.gbps','as':'bar_hi'},"
           "{'calculate':'datum.method+`: `+datum.gbps+` GB/s`',"
           "'as':'told'}],"
           "'encoding':{'y':{'field':'method','type':'nominal','sort':null,'title':null}},"
           "'layer':[{'mark':{'type':'bar','height':{'band':0.62}},'encoding':{"
           "'x':{'field':'gbps','type':'quantitative','title':'Bandwidth, GB/s',"
           "'scale':{'zero':true}},'description':{'field':'told'},"
           "'tooltip':[{'field':'method','title':'Method'},"
           "{'field':'size','title':'Size'},{'field':'gbps','title':'GB/s'},"
           "{'field':'lo','title':'from'},{'field':'hi','title':'to'},"
           "{'field':'ceiling','title':'Ceiling'},{'field':'chunk','title':'Chunk'},"
           "{'field':'depth','title':'Depth'}]}},"
           "{'mark':{'type':'rule','aria':false,'strokeWidth':2.5,'color':'#D55E00'},"
           "'encoding':{'x':{'field':'bar_lo','type':'quantitative'},'x2':{'field':'bar_hi'}}},"
           "{'mark':{'type':'text','aria':false,'align':'left','dx':6},'encoding':{"
           "'x':{'field':'bar_hi','type':'quantitative'},'text':{'field':'gbps',"
           "'type':'quantitative','format':'.4~r'}}}]}");
}

/* ---- words ---- */

static void describe(struct xb_draft *d, const struct aspect *a, const struct xb_curve *curve,
                     const struct crossing *crossing, size_t ncrossings,
                     const struct rules *rules)
{
    char size[XB_CHART_SIZE];

    xb_draft_describe(d, "%s of %zu method%s by size; bars are intervals of 95 %%.",
                      a->latency ? "Times of small transfers" : "Bandwidth", curve->n,
                      curve->n == 1 ? "" : "s");
    if (curve->drawn < curve->n)
        xb_draft_describe(d,
                          "The picture has %zu of them: the fastest at each size, the best "
                          "of each method, and who comes nearest; the table has the others.",
                          curve->drawn);
    if (curve->points > XB_CHART_ROWS && xb_draft_rows(d) == XB_CHART_ROWS)
        xb_draft_describe(d, "The table ends after %d rows.", XB_CHART_ROWS);
    if (rules->beyond > 0)
        xb_draft_describe(d, "A ceiling of %.4g GB/s lies beyond the picture.", rules->beyond);
    for (size_t i = 0; i < ncrossings; i++) {
        xb_chart_size(crossing[i].bytes, size);
        xb_draft_describe(d, "From %s on %s is faster than %s.", size, crossing[i].to->method,
                          crossing[i].from->method);
        xb_draft_subtitle(d, "%zu: from %s %.60s is faster than %.60s", i + 1, size,
                          crossing[i].to->method, crossing[i].from->method);
    }
}

/* The most that is drawn of rates. */
static double top_of(const struct xb_curve *curve, const struct rules *rules)
{
    double top = 0;

    for (size_t i = 0; i < rules->n; i++)
        top = fmax(top, rules->value[i]);
    for (size_t i = 0; i < curve->n; i++)
        for (size_t k = 0; curve->series[i].drawn && k < curve->series[i].n; k++) {
            const struct xb_report_rate *rate = &curve->series[i].point[k].rate;
            top = fmax(top, isfinite(rate->ci_hi) ? rate->ci_hi : rate->median);
        }
    return top;
}

static int add_chart(const struct aspect *a, const struct xb_curve *curve,
                     const struct xb_chart_source *source, size_t left_out,
                     struct xb_charts *out)
{
    struct crossing crossing[MOST_CROSSINGS];
    struct rules rules = {.n = 0};
    char size[XB_CHART_SIZE];
    bool one = curve->least == curve->most;
    size_t n = find_crossings(curve, a->most, crossing, MOST_CROSSINGS);
    struct xb_draft d =
        a->latency ? xb_draft_begin(XB_CHART_CURVES, latency_columns, COUNT(latency_columns))
                   : xb_draft_begin(XB_CHART_CURVES, columns, COUNT(columns));

    if (one)
        xb_draft_title(&d, source, "Bandwidth at %s: %s", xb_chart_size(curve->most, size),
                       curve->about);
    else
        xb_draft_title(&d, source, "%s by size: %s", a->latency ? "Latency" : "Bandwidth",
                       curve->about);
    add_rows(&d, a, curve, crossing, n, &rules);
    describe(&d, a, curve, crossing, n, &rules);
    if (left_out)
        xb_draft_describe(&d, "%zu more of such charts are left out.", left_out);
    if (one)
        draw_rates(&d);
    else if (draw_lines(&d, a, curve, top_of(curve, &rules)) < 0) {
        xb_draft_drop(&d);
        return -1;
    }
    return xb_draft_end(&d, a->latency ? "latency" : "curve", out);
}

/* ---- which there are ---- */

/* Sizes up to `most`. */
static size_t count_sizes(const struct xb_curve *curve, int64_t most)
{
    size_t n = 0;

    for (int64_t b = curve->least; b > 0 && b <= most; b = xb_curve_next(curve, b))
        n++;
    return n;
}

static bool is_shown(const struct aspect *a, const struct xb_curve *curve)
{
    size_t sizes = count_sizes(curve, a->most);

    return a->latency ? sizes > 1 : sizes > 1 || curve->n > 1;
}

/* The curves with most points, where there are more than so many; the others are left out. */
static int add_aspect(const struct aspect *a, const struct xb_curves *curves, size_t most,
                      const struct xb_chart_source *source, struct xb_charts *out)
{
    size_t shown = 0, added = 0;
    int rc = 0;

    for (size_t i = 0; i < curves->n; i++)
        shown += is_shown(a, &curves->curve[i]);
    for (size_t i = 0; rc == 0 && i < curves->n; i++) {
        const struct xb_curve *curve = &curves->curve[i];
        size_t before = 0; /* that come before it in number of points */
        for (size_t k = 0; k < curves->n; k++)
            before += is_shown(a, &curves->curve[k]) &&
                      (curves->curve[k].points > curve->points ||
                       (k < i && curves->curve[k].points == curve->points));
        if (is_shown(a, curve) && before < most)
            rc = add_chart(a, curve, source, ++added == most && shown > most ? shown - most : 0,
                           out);
    }
    return rc;
}

static int add_curves(const struct xb_chart_source *source, struct xb_charts *out,
                      struct xb_error *err)
{
    const struct aspect rate = {false, INT64_MAX}, latency = {true, SMALL};
    struct xb_curves curves;
    int rc = xb_curves_of(source->report, &curves, err);

    if (rc == 0 && (add_aspect(&rate, &curves, MOST_RATES, source, out) < 0 ||
                    add_aspect(&latency, &curves, MOST_LATENCIES, source, out) < 0))
        rc = xb_fail(err, "out of memory for charts");
    xb_curves_release(&curves);
    return rc;
}

const struct xb_chart_kind xb_chart_curves = {.of_report = add_curves, .first_only = true};
