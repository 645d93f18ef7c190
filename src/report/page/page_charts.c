/* SPDX-License-Identifier: BSD-3-Clause */
/* page_charts.c - charts: each a picture, where one was drawn, and a table of the same rows. */
#include "report/page/page_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/page/markup.h"
#include "report/page/picture.h"

#define MOST_OPEN 12 /* rows of a table that is shown without a click */

/* ---- the table ---- */

static void print_cell(const cJSON *value, FILE *out)
{
    if (cJSON_IsNumber(value) && value->valuedouble == floor(value->valuedouble) &&
        fabs(value->valuedouble) < 1e15)
        fprintf(out, "%.0f", value->valuedouble);
    else if (cJSON_IsNumber(value))
        fprintf(out, "%.6g", value->valuedouble);
    else
        xb_markup_text(cJSON_GetStringValue(value), out);
}

/* Does the column hold a number in any row? */
static bool is_numeric(const struct xb_chart *chart, const struct xb_chart_column *column)
{
    const cJSON *row;

    cJSON_ArrayForEach(row, chart->rows)
    {
        if (cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(row, column->name)))
            return true;
    }
    return false;
}

static void print_heads(const struct xb_chart *chart, FILE *out)
{
    fputs("<table class=\"t", out);
    for (size_t i = 0; i < chart->ncolumns; i++)
        if (is_numeric(chart, &chart->columns[i]))
            fprintf(out, " r%zu", i + 1);
    fputs("\">\n<thead><tr>", out);
    for (size_t i = 0; i < chart->ncolumns; i++) {
        fputs("<th scope=\"col\">", out);
        xb_markup_text(chart->columns[i].title, out);
        if (chart->columns[i].unit) {
            fputs(" (", out);
            xb_markup_text(chart->columns[i].unit, out);
            fputs(")", out);
        }
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
}

static void print_table(const struct xb_chart *chart, FILE *out)
{
    int n = cJSON_GetArraySize(chart->rows);
    const cJSON *row;

    fprintf(out, "<details%s><summary>Table: %d row%s</summary>\n",
            n <= MOST_OPEN ? " open" : "", n, n == 1 ? "" : "s");
    xb_page_box_begin(chart->title, out);
    print_heads(chart, out);
    cJSON_ArrayForEach(row, chart->rows)
    {
        fputs("<tr>", out);
        for (size_t i = 0; i < chart->ncolumns; i++) {
            fputs("<td>", out);
            print_cell(cJSON_GetObjectItemCaseSensitive(row, chart->columns[i].name), out);
            fputs("</td>", out);
        }
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table>\n", out);
    xb_page_box_end(out);
    fputs("</details>\n", out);
}

/* ---- what scripts draw it from ---- */

/* The members that any row has, in the order in which they come. */
static cJSON *names_of(const cJSON *rows)
{
    cJSON *names = cJSON_CreateObject();
    const cJSON *row, *member;
    bool good = names != NULL;

    cJSON_ArrayForEach(row, rows)
    {
        cJSON_ArrayForEach(member, row)
        {
            if (good && !cJSON_HasObjectItem(names, member->string))
                good = cJSON_AddNullToObject(names, member->string) != NULL;
        }
    }
    if (good)
        return names;
    cJSON_Delete(names);
    return NULL;
}

/* A row as its values in the order of the names; "[]" stands for one that it lacks. */
static int print_row(const cJSON *row, const cJSON *names, FILE *out)
{
    const cJSON *name;
    const char *before = "[";
    int rc = 0;

    cJSON_ArrayForEach(name, names)
    {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(row, name->string);
        fputs(before, out);
        if (value)
            rc = rc < 0 ? rc : xb_markup_json(value, out);
        else
            fputs("[]", out);
        before = ",";
    }
    fputs(names->child ? "]" : "[]", out);
    return rc;
}

/* The names of members stand once. */
static int print_data(const struct xb_chart *chart, FILE *out)
{
    cJSON *names = names_of(chart->rows);
    const cJSON *name, *row;
    const char *before = "";
    int rc = names ? 0 : -1;

    fputs("<script type=\"application/json\">{\"spec\":", out);
    if (rc == 0)
        rc = xb_markup_json(chart->spec, out);
    fputs(",\"names\":[", out);
    cJSON_ArrayForEach(name, names)
    {
        fprintf(out, "%s\"%s\"", before, name->string); /* the program's own words */
        before = ",";
    }
    fputs("],\"rows\":[", out);
    before = "";
    cJSON_ArrayForEach(row, chart->rows)
    {
        fputs(before, out);
        rc = rc < 0 ? rc : print_row(row, names, out);
        before = ",";
    }
    fputs("]}</script>\n", out);
    cJSON_Delete(names);
    return rc;
}

/* ---- charts ---- */

static int print_chart(const struct xb_page *page, const struct xb_chart *chart, FILE *out)
{
    int rc = 0;

    /* a picture has its title in it */
    fprintf(out, "<figure class=\"chart\" id=\"%s\">\n<figcaption><h4%s id=\"%s-title\">",
            chart->id, chart->svg ? " class=\"heard\"" : "", chart->id);
    xb_markup_text(chart->title, out);
    fprintf(out, "</h4><p id=\"%s-about\">", chart->id);
    xb_markup_text(chart->description, out);
    fputs("</p></figcaption>\n", out);
    if (chart->svg) {
        fputs("<div class=\"picture\">", out);
        if (!xb_picture_print(chart->svg, chart->id, out))
            fputs("<p class=\"warning\">What was drawn is no plain picture.</p>", out);
        fputs("</div>\n", out);
    }
    print_table(chart, out);
    if (chart->svg && page->bundle)
        rc = print_data(chart, out);
    fputs("</figure>\n", out);
    return rc;
}

int xb_page_section_charts(const struct xb_page *page, enum xb_chart_section section, FILE *out)
{
    bool any = false;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < page->charts->n; i++) {
        const struct xb_chart *chart = &page->charts->chart[i];
        if (chart->section != section)
            continue;
        if (!any)
            xb_page_element("h3", xb_chart_section_title(section), out);
        any = true;
        rc = print_chart(page, chart, out);
    }
    return rc;
}

int xb_page_charts(const struct xb_page *page, FILE *out)
{
    int rc = 0;

    if (page->undrawn) {
        fputs("<p class=\"warning\"><b>Without pictures</b>: ", out);
        xb_markup_text(page->undrawn, out);
        fputs("</p>\n", out);
    }
    if (page->charts->n == 0)
        fputs("<p>There is nothing to draw.</p>\n", out);
    if (page->bundle)
        fputs(
            "<p class=\"hint\" hidden>Values stand under the pointer. Ctrl and the wheel zoom "
            "into curves, dragging moves them, a double click brings them back.</p>\n",
            out);
    for (int s = 0; rc == 0 && s < XB_CHART_COMPARISON; s++)
        rc = xb_page_section_charts(page, (enum xb_chart_section)s, out);
    return rc;
}
