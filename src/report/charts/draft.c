/* SPDX-License-Identifier: BSD-3-Clause */
/* draft.c - how a chart is put together. */
#include "report/charts/draft.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "model/plan/plan.h"

/* Colours that those who see red and green alike tell apart (Okabe and Ito), on white; the
 * letters' sizes; where legends stand. */
static const char config[] =
    "{'background':'white','mark':{'invalid':null},'font':'sans-serif',"
    "'range':{'category':['#0072B2','#D55E00','#009E73','#CC79A7','#000000','#E69F00',"
    "'#56B4E9','#7F7F7F'],'heatmap':{'scheme':'viridis'},"
    "'symbol':['circle','square','triangle-up','diamond','cross','triangle-down',"
    "'triangle-right','triangle-left']},"
    "'title':{'anchor':'start','frame':'group','limit':700,'fontSize':14,'subtitleFontSize':11,"
    "'subtitleColor':'#444','offset':10},"
    "'axis':{'labelFontSize':11,'titleFontSize':12,'titleFontWeight':'normal',"
    "'labelLimit':300,'gridColor':'#e4e4e4','labelColor':'#222','titleColor':'#222'},"
    "'legend':{'orient':'bottom','direction':'horizontal','labelLimit':320,'labelFontSize':11,"
    "'titleFontSize':12,'titleFontWeight':'normal','symbolSize':90,'symbolOpacity':1,'"
    "symbolStrokeWidth':2},"
    "'view':{'stroke':'#bbb'},'text':{'fontSize':11,'color':'#222'},"
    "'header':{'labelFontSize':12,'labelLimit':340,'titleFontSize':12}}";

struct xb_draft xb_draft_begin(enum xb_chart_section section,
                               const struct xb_chart_column *columns, size_t ncolumns)
{
    struct xb_draft d = {.chart = {.section = section,
                                   .columns = columns,
                                   .ncolumns = ncolumns,
                                   .rows = cJSON_CreateArray()}};

    d.failed = !d.chart.rows;
    return d;
}

/* ---- texts ---- */

/* Put more behind a text, with a gap between them. */
static void append(struct xb_draft *d, char **text, const char *gap, const char *fmt,
                   va_list args)
{
    char *more = NULL, *both = NULL;

    if (vasprintf(&more, fmt, args) < 0)
        more = NULL;
    if (!more || asprintf(&both, "%s%s%s", *text ? *text : "", *text ? gap : "", more) < 0) {
        d->failed = true;
        both = NULL;
    }
    free(more);
    if (both) {
        free(*text);
        *text = both;
    }
}

void xb_draft_title(struct xb_draft *d, const struct xb_chart_source *source, const char *fmt,
                    ...)
{
    va_list args;

    va_start(args, fmt);
    append(d, &d->chart.title, "", fmt, args);
    va_end(args);
    if (source && source->name[0] && d->chart.title) {
        char *both = NULL;
        if (asprintf(&both, "%s, %s", d->chart.title, source->name) < 0)
            both = NULL;
        d->failed = d->failed || !both;
        free(d->chart.title);
        d->chart.title = both;
    }
}

void xb_draft_describe(struct xb_draft *d, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    append(d, &d->chart.description, " ", fmt, args);
    va_end(args);
}

void xb_draft_subtitle(struct xb_draft *d, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    append(d, &d->subtitle, "\n", fmt, args);
    va_end(args);
}

/* ---- rows ---- */

double xb_chart_round(double value)
{
    char text[32];

    snprintf(text, sizeof text, "%.4g", value);
    return strtod(text, NULL);
}

void xb_draft_row(struct xb_draft *d)
{
    d->row = cJSON_CreateObject();
    if (!d->row || !cJSON_AddItemToArray(d->chart.rows, d->row))
        d->failed = true;
}

void xb_draft_number(struct xb_draft *d, const char *name, double value)
{
    if (isfinite(value) && !cJSON_AddNumberToObject(d->row, name, xb_chart_round(value)))
        d->failed = true;
}

void xb_draft_whole(struct xb_draft *d, const char *name, int64_t value)
{
    if (value >= 0 && !cJSON_AddNumberToObject(d->row, name, (double)value))
        d->failed = true;
}

void xb_draft_text(struct xb_draft *d, const char *name, const char *text)
{
    if (text && !cJSON_AddStringToObject(d->row, name, text))
        d->failed = true;
}

const char *xb_chart_size(int64_t bytes, char buf[XB_CHART_SIZE])
{
    char text[XB_UNITS_LEN];
    size_t digits;

    xb_size_format(bytes > 0 ? (uint64_t)bytes : 0, text);
    digits = strspn(text, "0123456789.");
    snprintf(buf, XB_CHART_SIZE, "%.*s %s", (int)digits, text,
             text[digits] ? text + digits : "B");
    return buf;
}

void xb_draft_size(struct xb_draft *d, const char *name, int64_t bytes)
{
    char text[XB_CHART_SIZE];

    if (bytes >= 0)
        xb_draft_text(d, name, xb_chart_size(bytes, text));
}

size_t xb_draft_rows(const struct xb_draft *d)
{
    return (size_t)cJSON_GetArraySize(d->chart.rows);
}

/* ---- the specification ---- */

/* JSON from what C can hold; NULL where it is none. */
static cJSON *parse(const char *held)
{
    char *text = strdup(held);
    cJSON *json;

    for (char *p = text; p && *p; p++)
        *p = *p == '\'' ? '"' : *p == '`' ? '\'' : *p;
    json = text ? cJSON_Parse(text) : NULL;
    free(text);
    return json;
}

void xb_draft_spec(struct xb_draft *d, const char *fmt, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, fmt);
    if (vasprintf(&text, fmt, args) < 0)
        text = NULL;
    va_end(args);
    cJSON_Delete(d->chart.spec);
    d->chart.spec = text ? parse(text) : NULL;
    d->failed = d->failed || !d->chart.spec;
    free(text);
}

static bool add_line(cJSON *lines, const char *text, size_t len)
{
    char *one = strndup(text, len);
    cJSON *item = one ? cJSON_CreateString(one) : NULL;

    free(one);
    return item && cJSON_AddItemToArray(lines, item);
}

/* The title and the lines below it, which are text and nothing else. */
static bool add_title(cJSON *spec, const struct xb_draft *d)
{
    cJSON *title = cJSON_AddObjectToObject(spec, "title");
    cJSON *first = title ? cJSON_AddArrayToObject(title, "text") : NULL;
    cJSON *lines = title ? cJSON_AddArrayToObject(title, "subtitle") : NULL;
    const char *parts[] = {d->chart.title, d->subtitle ? d->subtitle : ""};
    bool good = first && lines, is_first = true;

    for (size_t i = 0; good && i < 2; i++)
        for (const char *line = parts[i]; good && *line;) {
            size_t len = strcspn(line, "\n");
            good = add_line(is_first ? first : lines, line, len);
            is_first = false;
            line += len + (line[len] == '\n');
        }
    return good;
}

/* What stands below the title in the picture stands behind it elsewhere. */
static bool join_title(char **title)
{
    char *end = strchr(*title, '\n'), *both = NULL;

    if (!end)
        return true;
    if (asprintf(&both, "%.*s; %s", (int)(end - *title), *title, end + 1) < 0)
        return false;
    free(*title);
    *title = both;
    return true;
}

static bool complete_spec(struct xb_draft *d)
{
    cJSON *spec = d->chart.spec, *common = parse(config), *data;

    if (!spec || !common || !cJSON_AddItemToObject(spec, "config", common)) {
        cJSON_Delete(common);
        return false;
    }
    data = cJSON_AddObjectToObject(spec, "data");
    return data && cJSON_AddStringToObject(data, "name", "rows") &&
           cJSON_AddStringToObject(spec, "description", d->chart.description) &&
           add_title(spec, d) && join_title(&d->chart.title);
}

/* ---- the end ---- */

static void release(struct xb_chart *chart)
{
    free(chart->id);
    free(chart->title);
    free(chart->description);
    free(chart->svg);
    cJSON_Delete(chart->rows);
    cJSON_Delete(chart->spec);
}

void xb_draft_drop(struct xb_draft *d)
{
    release(&d->chart);
    free(d->subtitle);
    *d = (struct xb_draft){.failed = true};
}

/* "curve-2": the second of its kind. */
static char *next_id(const struct xb_charts *charts, const char *kind)
{
    size_t len = strlen(kind), n = 1;
    char *id = NULL;

    for (size_t i = 0; i < charts->n; i++)
        n += strncmp(charts->chart[i].id, kind, len) == 0 &&
             strspn(charts->chart[i].id + len, "-0123456789") ==
                 strlen(charts->chart[i].id + len);
    return asprintf(&id, "%s-%zu", kind, n) < 0 ? NULL : id;
}

int xb_draft_end(struct xb_draft *d, const char *kind, struct xb_charts *out)
{
    struct xb_chart *more;

    d->chart.id = next_id(out, kind);
    if (d->failed || !d->chart.id || !d->chart.title || !d->chart.description ||
        !complete_spec(d) || !(more = realloc(out->chart, (out->n + 1) * sizeof *more))) {
        xb_draft_drop(d);
        return -1;
    }
    out->chart = more;
    more[out->n++] = d->chart;
    free(d->subtitle);
    *d = (struct xb_draft){.failed = true};
    return 0;
}

void xb_charts_release(struct xb_charts *charts)
{
    for (size_t i = 0; i < charts->n; i++)
        release(&charts->chart[i]);
    free(charts->chart);
    *charts = (struct xb_charts){NULL, 0};
}
