/* SPDX-License-Identifier: BSD-3-Clause */
/* matrices.c - sources by destinations: of each pattern and method the largest size, with the
 * value in each cell. A cell that several lanes share, as both ways do, shows the slowest.
 */
#include "report/charts/kinds.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/plan/pattern.h"
#include "report/case_walk.h"

#define MOST_CHARTS 8
#define MOST_RANKS  32 /* of those that get rows and columns */
#define NAMED       20 /* rows or columns up to which cells have their values in them */
#define END_LEN     (XB_CELL_LEN + 96)

static const struct xb_chart_column columns[] = {
    {"source", "From", NULL}, {"destination", "To", NULL}, {"gbps", "Bandwidth", "GB/s"},
    {"us", "Time", "µs"},     {"link", "Link", NULL},      {"status", "Status", NULL},
};

/* ---- which cases ---- */

/* A case that stands for those of its pattern, path and method. */
struct chosen {
    char *about;
    size_t place;
    int64_t bytes;
};

struct chosen_list {
    struct chosen *item;
    size_t n;
};

/* Lanes of an operation of all ranks are its parts, with no times of their own. */
static bool has_matrix(const struct xb_report *report, const struct xb_report_case *c)
{
    const struct xb_pattern *pattern = xb_pattern_find(c->key.pattern, NULL);
    size_t full = 0;

    for (size_t i = 0; i < c->lanes.n; i++)
        full += xb_report_lane_is_full(report, c, i);
    return c->status != XB_SKIPPED && full > 1 &&
           (full > 2 || !cJSON_IsString(c->key.pairs) ||
            strcmp(c->key.pairs->valuestring, "classes") != 0) &&
           pattern && pattern->kind == XB_KIND_TRANSFER;
}

static const char *name_case(const struct xb_report_case *c,
                             char buf[XB_CHART_ABOUT_LEN + XB_METHOD_TEXT_LEN])
{
    char about[XB_CHART_ABOUT_LEN], method[XB_METHOD_TEXT_LEN];

    snprintf(buf, XB_CHART_ABOUT_LEN + XB_METHOD_TEXT_LEN, "%s\n%s", xb_chart_about(c, about),
             xb_chart_method(c, method, sizeof method));
    return buf;
}

static int choose(struct chosen_list *list, const struct xb_report_case *c, size_t place)
{
    char name[XB_CHART_ABOUT_LEN + XB_METHOD_TEXT_LEN];

    name_case(c, name);
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->item[i].about, name) == 0) {
            if (c->key.bytes > list->item[i].bytes) {
                list->item[i].bytes = c->key.bytes;
                list->item[i].place = place;
            }
            return 0;
        }
    struct chosen *more = realloc(list->item, (list->n + 1) * sizeof *more);
    if (!more)
        return -1;
    list->item = more;
    more[list->n] = (struct chosen){strdup(name), place, c->key.bytes};
    return more[list->n++].about ? 0 : -1;
}

/* ---- rows ---- */

/* "0 n1 3b:00.0": rank, host and GPU; the host alone where it is memory of that. */
static void name_end(const struct xb_report *report, int64_t rank, const char *endpoint,
                     char out[END_LEN])
{
    const struct xb_report_rank *r = xb_report_rank_of(report, rank);
    char end[XB_CELL_LEN];

    snprintf(out, END_LEN, "%" PRId64 " %.60s %s", rank, r && r->host ? r->host : "",
             xb_format_end(report, rank, endpoint, end));
}

static void name_lane(const struct xb_report *report, const struct xb_report_case *c,
                      const struct xb_report_step *step, char src[END_LEN], char dst[END_LEN])
{
    if (strcmp(c->key.locality, "self") == 0) { /* a row for the ends, a column for the rank */
        snprintf(src, END_LEN, "%.40s->%.40s", step->src, step->dst);
        name_end(report, step->dst_rank,
                 strncmp(step->dst, "gpu", 3) == 0 ? step->dst : step->src, dst);
        return;
    }
    name_end(report, step->src_rank, step->src, src);
    name_end(report, step->dst_rank, step->dst, dst);
}

/* The row of a cell, or NULL where it has none yet. */
static cJSON *row_of(const struct xb_draft *d, const char *src, const char *dst)
{
    cJSON *row;

    cJSON_ArrayForEach(row, d->chart.rows)
    {
        if (strcmp(cJSON_GetObjectItem(row, "source")->valuestring, src) == 0 &&
            strcmp(cJSON_GetObjectItem(row, "destination")->valuestring, dst) == 0)
            return row;
    }
    return NULL;
}

/* Is the cell's lane so far the slower one, so that it stays? */
static bool is_slower(const cJSON *row, const struct xb_report_lane *lane)
{
    const cJSON *rate = cJSON_GetObjectItem(row, "gbps");

    return !rate || (lane->status == XB_OK && rate->valuedouble <= lane->gb_per_s);
}

static void add_lane(struct xb_draft *d, const struct xb_report *report,
                     const struct xb_report_case *c, size_t i)
{
    const struct xb_report_step *step = xb_report_step_of(report, c, i);
    const struct xb_report_lane *lane = xb_report_lane_at(c, i);
    char src[END_LEN], dst[END_LEN], rate[XB_CELL_LEN];

    name_lane(report, c, step, src, dst);
    cJSON *there = row_of(d, src, dst);
    if (there && is_slower(there, lane))
        return;
    if (there)
        cJSON_Delete(cJSON_DetachItemViaPointer(d->chart.rows, there));
    xb_draft_row(d);
    xb_draft_text(d, "source", src);
    xb_draft_text(d, "destination", dst);
    xb_draft_whole(d, "from", step->src_rank);
    xb_draft_whole(d, "to", step->dst_rank);
    if (lane->status == XB_OK) {
        xb_draft_number(d, "gbps", lane->gb_per_s);
        xb_draft_number(d, "us", lane->time_us.median);
        snprintf(rate, sizeof rate, "%.3g", lane->gb_per_s);
        if (lane->gb_per_s >= 1000)
            snprintf(rate, sizeof rate, "%.0f", lane->gb_per_s);
    } else {
        snprintf(rate, sizeof rate, "%s", xb_status_name((enum xb_status)lane->status));
    }
    xb_draft_text(d, "cell", rate);
    xb_draft_text(d, "link", step->link_class);
    xb_draft_text(d, "status", xb_status_name((enum xb_status)lane->status));
}

/* ---- the picture ---- */

struct extent {
    double least, most; /* GB/s */
    size_t columns;
};

static struct extent measure(const struct xb_draft *d)
{
    struct extent e = {INFINITY, 0, 0};
    const cJSON *row, *other;

    cJSON_ArrayForEach(row, d->chart.rows)
    {
        const cJSON *rate = cJSON_GetObjectItem(row, "gbps");
        if (rate) {
            e.least = fmin(e.least, rate->valuedouble);
            e.most = fmax(e.most, rate->valuedouble);
        }
        bool seen = false;
        for (other = d->chart.rows->child; other != row && !seen; other = other->next)
            seen = strcmp(cJSON_GetObjectItem(other, "destination")->valuestring,
                          cJSON_GetObjectItem(row, "destination")->valuestring) == 0;
        e.columns += !seen;
    }
    return e;
}

static void draw(struct xb_draft *d, const struct extent *e)
{
    /* Cells that hardly differ have hardly different colours. */
    double low = fmin(e->least, 0.8 * e->most), dark = low + 0.55 * (e->most - low);
    double width = fmin(520, 70 * (double)e->columns + 60);

    xb_draft_spec(
        d,
        "{'transform':[{'calculate':'datum.source+` to `+datum.destination+`: `+datum.cell',"
        "'as':'told'}],"
        "'width':%.0f,'height':{'step':%d},"
        "'encoding':{'y':{'field':'source','type':'nominal','title':'from','sort':{"
        "'field':'from','op':'min'},'axis':{'labelLimit':180}},"
        "'x':{'field':'destination','type':'nominal','title':'to','sort':{'field':'to',"
        "'op':'min'},'axis':{'orient':'top','labelAngle':%d,'labelLimit':%d}}},"
        "'layer':[{'mark':{'type':'rect','stroke':'white'},'encoding':{'color':{"
        "'field':'gbps','type':'quantitative','scale':{'scheme':'blues','domain':[%.4g,%.4g]},"
        "'legend':{'title':'GB/"
        "s','orient':'right','gradientLength':120}},'description':{'field':'told'},"
        "'tooltip':[{'field':'source','title':'From'},{'field':'destination','title':'To'},"
        "{'field':'gbps','title':'GB/s'},{'field':'us','title':'µs'},"
        "{'field':'link','title':'Link'},{'field':'status','title':'Status'}]}},"
        "{'mark':{'type':'text','aria':false,'fontSize':%d},'encoding':{"
        "'text':{'field':'cell'},'color':{'condition':{'test':'datum.gbps>%.4g',"
        "'value':'white'},'value':'#222'}}}]}",
        width, e->columns > 12 ? 20 : 28, e->columns > 3 ? -35 : 0, e->columns > 3 ? 140 : 110,
        low, e->most,
        e->columns > NAMED ? 0
        : e->columns > 12  ? 9
                           : 11,
        dark);
}

static int add_chart(const struct xb_chart_source *source, const struct xb_report_case *c,
                     size_t left_out, struct xb_charts *out)
{
    struct xb_draft d =
        xb_draft_begin(XB_CHART_MATRICES, columns, sizeof columns / sizeof columns[0]);
    char name[XB_CHART_ABOUT_LEN + XB_METHOD_TEXT_LEN], size[XB_CHART_SIZE];
    size_t hidden = 0;

    for (size_t i = 0; i < c->lanes.n; i++) {
        const struct xb_report_step *step = xb_report_step_of(source->report, c, i);
        if (!xb_report_lane_is_full(source->report, c, i))
            continue;
        if (step->src_rank < MOST_RANKS && step->dst_rank < MOST_RANKS)
            add_lane(&d, source->report, c, i);
        else
            hidden++;
    }
    const struct extent e = measure(&d);
    if (!(e.most > 0)) {
        xb_draft_drop(&d);
        return 0;
    }
    xb_draft_title(&d, source, "GB/s by pair: %s, %s", name_case(c, name),
                   xb_chart_size(c->key.bytes, size));
    xb_draft_describe(&d, "Bandwidth from each source to each destination, %.4g to %.4g GB/s.",
                      e.least, e.most);
    if (hidden)
        xb_draft_describe(&d, "%zu lanes of ranks from %d on are left out.", hidden,
                          MOST_RANKS);
    if (left_out)
        xb_draft_describe(&d, "%zu more of such charts are left out.", left_out);
    draw(&d, &e);
    return xb_draft_end(&d, "matrix", out);
}

static int choose_cases(const struct xb_report *report, struct chosen_list *list)
{
    struct xb_case_walk walk = xb_cases(report);
    const struct xb_report_case *c;
    int rc = 0;

    while (rc == 0 && (c = xb_cases_next(&walk)))
        if (has_matrix(report, c))
            rc = choose(list, c, walk.place);
    return xb_cases_end(&walk) < 0 ? -1 : rc;
}

static int add_matrices(const struct xb_chart_source *source, struct xb_charts *out,
                        struct xb_error *err)
{
    struct chosen_list list = {NULL, 0};
    int rc = choose_cases(source->report, &list);
    struct xb_case_walk walk = xb_cases(source->report);

    for (size_t i = 0; rc == 0 && i < list.n && i < MOST_CHARTS; i++) {
        const struct xb_report_case *c = xb_cases_at(&walk, list.item[i].place);
        size_t left = i + 1 == MOST_CHARTS ? list.n - MOST_CHARTS : 0;
        rc = c ? add_chart(source, c, left, out) : -1;
    }
    if (xb_cases_end(&walk) < 0)
        rc = -1;
    for (size_t i = 0; i < list.n; i++)
        free(list.item[i].about);
    free(list.item);
    return rc < 0 ? xb_fail(err, "out of memory for charts, or a case cannot be read back") : 0;
}

const struct xb_chart_kind xb_chart_matrices = {.of_report = add_matrices};
