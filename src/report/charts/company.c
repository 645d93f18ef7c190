/* SPDX-License-Identifier: BSD-3-Clause */
/* company.c - what is lost in company: lanes alone and beside others, and transfers and work on
 * the same GPU, each with what it keeps of its rate alone.
 */
#include "report/charts/kinds.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/case_walk.h"

#define MOST_CHARTS    6  /* of contention */
#define MOST_LANES     32 /* of a case */
#define MOST_TRANSFERS 40 /* rows of interference that are drawn, one below the other */

/* ---- contention ---- */

static const struct xb_chart_column lane_columns[] = {
    {"lane", "Lane", NULL},
    {"alone", "Alone", "GB/s"},
    {"company", "In company", "GB/s"},
    {"times", "Time, company over alone", NULL},
    {"lo", "from", NULL},
    {"hi", "to", NULL},
};

/* Is this lane one whose contention is shown: in full company, and the first of its chain? */
static bool is_compared(const struct xb_report *report, const struct xb_report_case *c,
                        size_t i)
{
    const struct xb_report_step *step = xb_report_step_of(report, c, i);

    return xb_report_lane_at(c, i)->contention.there && !step->company && step->step == 0;
}

static void add_lane(struct xb_draft *d, const struct xb_report *report,
                     const struct xb_report_case *c, size_t i, bool rounds)
{
    const struct xb_report_step *step = xb_report_step_of(report, c, i);
    const struct xb_report_lane *lane = xb_report_lane_at(c, i);
    char name[XB_LANE_TEXT_LEN], text[XB_LANE_TEXT_LEN + 40];

    xb_format_lane(report, step, name);
    snprintf(text, sizeof text, "%s", name);
    if (rounds)
        snprintf(text, sizeof text, "round %" PRId64 ": %s", step->round, name);
    xb_draft_row(d);
    xb_draft_text(d, "lane", text);
    xb_draft_number(d, "alone", xb_format_rate_alone(report, c, i));
    xb_draft_number(d, "company", lane->gb_per_s);
    xb_draft_number(d, "times", lane->contention.median);
    xb_draft_number(d, "lo", lane->contention.ci_lo);
    xb_draft_number(d, "hi", lane->contention.ci_hi);
}

/* Two marks a lane, joined by a line that is what it loses. */
static void draw_lanes(struct xb_draft *d)
{
    xb_draft_spec(
        d, "{'width':720,'height':{'step':22},'autosize':{'type':'fit-x','contains':'padding'},"
           "'encoding':{'y':{'field':'lane','type':'nominal','sort':null,'title':null}},"
           "'layer':[{'mark':{'type':'rule','aria':false,'strokeWidth':2,'color':'#999'},"
           "'encoding':{'x':{'field':'company','type':'quantitative','title':'GB/s',"
           "'scale':{'zero':true}},'x2':{'field':'alone'}}},"
           "{'transform':[{'fold':['alone','company'],'as':['when','rate']},"
           "{'calculate':'datum.when==`company`?`in company`:`alone`','as':'when'},"
           "{'calculate':'datum.lane+`, `+datum.when+`: `+datum.rate+` GB/s`',"
           "'as':'told'}],"
           "'mark':{'type':'point','filled':true,'size':80,'opacity':1},'encoding':{"
           "'x':{'field':'rate','type':'quantitative'},"
           "'color':{'field':'when','type':'nominal','legend':{'title':null}},"
           "'shape':{'field':'when','type':'nominal','legend':{'title':null}},"
           "'description':{'field':'told'},"
           "'tooltip':[{'field':'lane','title':'Lane'},{'field':'when','title':'Measured'},"
           "{'field':'rate','title':'GB/s'},{'field':'times','title':'Times as long'},"
           "{'field':'lo','title':'from'},{'field':'hi','title':'to'}]}}]}");
}

static int add_contention(const struct xb_chart_source *source, const struct xb_report_case *c,
                          struct xb_charts *out)
{
    struct xb_draft d = xb_draft_begin(XB_CHART_COMPANY, lane_columns,
                                       sizeof lane_columns / sizeof lane_columns[0]);
    char about[XB_CHART_ABOUT_LEN], method[XB_METHOD_TEXT_LEN], size[XB_CHART_SIZE];
    size_t n = 0;
    double worst = 0;
    int64_t first = -1;
    bool rounds = false;

    for (size_t i = 0; i < c->lanes.n; i++) {
        int64_t round = xb_report_step_of(source->report, c, i)->round;
        if (!is_compared(source->report, c, i))
            continue;
        rounds = rounds || (first >= 0 && round != first);
        first = round;
        worst = fmax(worst, xb_report_lane_at(c, i)->contention.median);
    }
    for (size_t i = 0; i < c->lanes.n; i++)
        if (is_compared(source->report, c, i) && n++ < MOST_LANES)
            add_lane(&d, source->report, c, i, rounds);
    xb_draft_title(&d, source, "Alone and in company: %s\n%s, %s", xb_chart_about(c, about),
                   xb_chart_method(c, method, sizeof method),
                   xb_chart_size(c->key.bytes, size));
    xb_draft_describe(&d,
                      "Bandwidth of %zu lanes, each alone and beside the others; the worst "
                      "takes %.3g times as long in company.",
                      n, worst);
    if (n > MOST_LANES)
        xb_draft_describe(&d, "Lanes behind the first %d are left out.", MOST_LANES);
    draw_lanes(&d);
    return xb_draft_end(&d, "contention", out);
}

/* ---- interference ---- */

/* The option that says what a transfer has beside it, and the figures that come of it. */
#define BESIDE "beside"

static const struct xb_chart_column kept_columns[] = {
    {"transfer", "Transfer", NULL},         {"beside", "Beside", NULL},
    {"alone", "Transfer alone", "GB/s"},    {"transfer_kept", "Transfer keeps", NULL},
    {"work_kept", "The other keeps", NULL},
};

static double figure_of(const struct xb_report_case *c, const char *name)
{
    for (size_t i = 0; i < c->figures.n; i++)
        if (strcmp(c->figures.item[i].name, name) == 0)
            return c->figures.item[i].value;
    return NAN;
}

static bool has_interference(const struct xb_report_case *c)
{
    return c->status == XB_OK &&
           cJSON_IsString(cJSON_GetObjectItemCaseSensitive(c->key.options, BESIDE)) &&
           isfinite(figure_of(c, "transfer_kept")) && isfinite(figure_of(c, "work_kept"));
}

static void add_interference(struct xb_draft *d, const struct xb_report_case *c)
{
    struct xb_report_case other = *c;
    char path[XB_CELL_LEN], method[XB_METHOD_TEXT_LEN], size[XB_CHART_SIZE];
    char text[XB_CELL_LEN + XB_METHOD_TEXT_LEN + XB_CHART_SIZE + 4];

    other.key.options = cJSON_Duplicate(c->key.options, true);
    cJSON_DeleteItemFromObjectCaseSensitive(other.key.options, BESIDE);
    /* the method of the experiment is the same in all: what counts are its options */
    const char *options = strchr(xb_chart_method(&other, method, sizeof method), '[');
    snprintf(text, sizeof text, "%s %s %s", xb_format_path(c, path),
             xb_chart_size(c->key.bytes, size), options ? options : "");
    cJSON_Delete(other.key.options);
    xb_draft_row(d);
    xb_draft_text(d, "transfer", text);
    xb_draft_text(d, "beside",
                  cJSON_GetObjectItemCaseSensitive(c->key.options, BESIDE)->valuestring);
    xb_draft_number(d, "alone", figure_of(c, "transfer_alone_gb_per_s"));
    xb_draft_number(d, "transfer_kept", figure_of(c, "transfer_kept"));
    xb_draft_number(d, "work_kept", figure_of(c, "work_kept"));
}

/* How many different texts a member has in the rows. */
static size_t count_texts(const cJSON *rows, const char *name)
{
    const cJSON *row, *other;
    size_t n = 0;

    cJSON_ArrayForEach(row, rows)
    {
        const char *text = cJSON_GetObjectItem(row, name)->valuestring;
        for (other = rows->child; other != row; other = other->next)
            if (strcmp(cJSON_GetObjectItem(other, name)->valuestring, text) == 0)
                break;
        n += other == row;
    }
    return n;
}

/* A column for each kind of company, two bars a transfer. */
static int end_interference(struct xb_draft *d, const struct xb_chart_source *source,
                            size_t left_out, struct xb_charts *out)
{
    size_t kinds = count_texts(d->chart.rows, "beside");

    xb_draft_title(d, source, "What transfers and work beside them keep of their rates alone");
    xb_draft_describe(d, "Of each transfer and of what is beside it on the same GPU, the share "
                         "of its rate alone that is left; 1 is all of it.");
    if (left_out)
        xb_draft_describe(d, "%zu more are left out.", left_out);
    xb_draft_spec(
        d,
        "{'transform':[{'fold':['transfer_kept','work_kept'],'as':['side','kept']},"
        "{'calculate':'datum.side==`transfer_kept`?`the transfer`:`what is beside it`',"
        "'as':'side'},"
        "{'calculate':'datum.transfer+` beside `+datum.beside+`: `+datum.side+` keeps "
        "`+datum.kept',"
        "'as':'told'}],"
        "'facet':{'column':{'field':'beside','sort':null,'title':'beside'}},"
        "'spec':{'width':%zu,'height':{'step':13},'layer':[{'mark':{'type':'bar'},'encoding':{"
        "'y':{'field':'transfer','type':'nominal','sort':null,'title':null,"
        "'axis':{'labelLimit':270}},"
        "'yOffset':{'field':'side','sort':['the transfer','what is beside it']},"
        "'x':{'field':'kept','type':'quantitative','title':'kept','axis':{'values':[0,0.5,1]},"
        "'scale':{'domain':[0,1.1]}},"
        "'color':{'field':'side','sort':['the transfer','what is beside it'],"
        "'scale':{'range':['#0072B2','#E69F00']},"
        "'legend':{'title':null}},"
        "'description':{'field':'told'},"
        "'tooltip':[{'field':'transfer','title':'Transfer'},{'field':'beside',"
        "'title':'Beside'},{'field':'side','title':'Of'},{'field':'kept','title':'Kept'},"
        "{'field':'alone','title':'Transfer alone, GB/s'}]}},"
        "{'mark':{'type':'rule','aria':false,'strokeDash':[5,3],'color':'#444'},"
        "'encoding':{'x':{'datum':1}}}]}}",
        (size_t)(430 / (kinds ? kinds : 1)) - 12);
    return xb_draft_end(d, "interference", out);
}

static int add_company(const struct xb_chart_source *source, struct xb_charts *out,
                       struct xb_error *err)
{
    struct xb_case_walk walk = xb_cases(source->report);
    struct xb_draft kept = xb_draft_begin(XB_CHART_COMPANY, kept_columns,
                                          sizeof kept_columns / sizeof kept_columns[0]);
    const struct xb_report_case *c;
    size_t contended = 0, left_out = 0;
    int rc = 0;

    while (rc == 0 && (c = xb_cases_next(&walk))) {
        bool lanes = false;
        for (size_t i = 0; !lanes && i < c->lanes.n; i++)
            lanes = is_compared(source->report, c, i);
        if (lanes && contended++ < MOST_CHARTS)
            rc = add_contention(source, c, out);
        if (!has_interference(c))
            continue;
        if (xb_draft_rows(&kept) < XB_CHART_ROWS &&
            count_texts(kept.chart.rows, "transfer") < MOST_TRANSFERS)
            add_interference(&kept, c);
        else
            left_out++;
    }
    if (xb_cases_end(&walk) < 0)
        rc = -1;
    if (rc == 0 && xb_draft_rows(&kept) > 0)
        rc = end_interference(&kept, source, left_out, out);
    else
        xb_draft_drop(&kept);
    return rc < 0 ? xb_fail(err, "out of memory for charts, or a case cannot be read back") : 0;
}

const struct xb_chart_kind xb_chart_company = {.of_report = add_company};
