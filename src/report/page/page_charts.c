/* SPDX-License-Identifier: BSD-3-Clause */
/* page_charts.c - charts: each a picture, where one was drawn, and a table of the same rows. */
#include "report/page/page_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/page/markup.h"
#include "report/page/picture.h"

#define MOST_OPEN   12   /* rows of a table that is shown without a click */
#define MOST_VALUES 1000 /* rows of all charts, whose values pictures say too */

/* ---- the table ---- */

#define NUMBER_LEN 64

static const char *number_text(const cJSON *value, char buf[NUMBER_LEN])
{
    double number = value->valuedouble;
    bool whole = number == floor(number) && fabs(number) < 1e15;

    snprintf(buf, NUMBER_LEN, whole ? "%.0f" : "%.6g", number);
    return buf;
}

static void print_cell(const cJSON *value, FILE *out)
{
    char text[NUMBER_LEN];

    if (cJSON_IsNumber(value))
        fputs(number_text(value, text), out);
    else
        xb_markup_text(cJSON_GetStringValue(value), out);
}

#define MOST_COLUMNS 16

/* The columns that any row has something for. */
struct columns {
    const struct xb_chart_column *column[MOST_COLUMNS];
    bool numeric[MOST_COLUMNS]; /* some row has a number there */
    size_t n;
};

static struct columns columns_of(const struct xb_chart *chart)
{
    struct columns out = {.n = 0};

    for (size_t i = 0; i < chart->ncolumns && out.n < MOST_COLUMNS; i++) {
        bool there = false, numeric = false;
        const cJSON *row;
        cJSON_ArrayForEach(row, chart->rows)
        {
            const cJSON *value = cJSON_GetObjectItemCaseSensitive(row, chart->columns[i].name);
            there = there || value;
            numeric = numeric || cJSON_IsNumber(value);
        }
        out.column[out.n] = &chart->columns[i];
        out.numeric[out.n] = numeric;
        out.n += there;
    }
    return out;
}

static void print_heads(const struct columns *columns, FILE *out)
{
    fputs("<table class=\"t", out);
    for (size_t i = 0; i < columns->n; i++)
        if (columns->numeric[i])
            fprintf(out, " r%zu", i + 1);
    fputs("\">\n<thead><tr>", out);
    for (size_t i = 0; i < columns->n; i++) {
        fputs("<th scope=\"col\">", out);
        xb_markup_text(columns->column[i]->title, out);
        if (columns->column[i]->unit) {
            fputs(" (", out);
            xb_markup_text(columns->column[i]->unit, out);
            fputs(")", out);
        }
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
}

static void print_table(const struct xb_chart *chart, const struct columns *columns, FILE *out)
{
    int n = cJSON_GetArraySize(chart->rows);
    const cJSON *row;

    fprintf(out, "<details%s><summary>Table: %d row%s</summary>\n",
            n <= MOST_OPEN ? " open" : "", n, n == 1 ? "" : "s");
    xb_page_box_begin(chart->title, out);
    print_heads(columns, out);
    cJSON_ArrayForEach(row, chart->rows)
    {
        fputs("<tr>", out);
        for (size_t i = 0; i < columns->n; i++) {
            fputs("<td>", out);
            print_cell(cJSON_GetObjectItemCaseSensitive(row, columns->column[i]->name), out);
            fputs("</td>", out);
        }
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table>\n", out);
    xb_page_box_end(out);
    fputs("</details>\n", out);
}

/* ---- what scripts draw it from ---- */

/* How a script reads a member of rows: from the cells of a column, as a text or a number, or
 * where these do not hold all of it, from what is written beside the specification. */
enum origin { OF_TEXTS = 't', OF_NUMBERS = 'n', BESIDE = 'b' };

/* Does the cell say all of the value? */
static bool is_whole(const cJSON *value, enum origin origin)
{
    char text[NUMBER_LEN];

    if (origin == OF_TEXTS)
        return cJSON_IsString(value) && value->valuestring[0] &&
               !strpbrk(value->valuestring, "\t\r\n");
    number_text(value, text);
    return cJSON_IsNumber(value) && strtod(text, NULL) == value->valuedouble;
}

static enum origin origin_of(const struct xb_chart *chart, const struct columns *columns,
                             const char *name, size_t *column)
{
    enum origin origin = BESIDE;
    const cJSON *row;

    for (*column = 0; *column < columns->n; ++*column)
        if (strcmp(columns->column[*column]->name, name) == 0)
            break;
    if (*column == columns->n)
        return BESIDE;
    cJSON_ArrayForEach(row, chart->rows)
    {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(row, name);
        if (value && origin == BESIDE)
            origin = cJSON_IsNumber(value) ? OF_NUMBERS : OF_TEXTS;
        if (value && !is_whole(value, origin))
            return BESIDE;
    }
    return origin;
}

/* The members that any row has: where each is read from, in the order in which they come.
 * "method": "t0" are the texts of the first column, "us": "n3" the numbers of the fourth. */
static cJSON *members_of(const struct xb_chart *chart, const struct columns *columns)
{
    cJSON *members = cJSON_CreateObject();
    const cJSON *row, *member;
    bool good = members != NULL;

    cJSON_ArrayForEach(row, chart->rows)
    {
        cJSON_ArrayForEach(member, row)
        {
            char from[32];
            size_t column;
            if (!good || cJSON_HasObjectItem(members, member->string))
                continue;
            enum origin origin = origin_of(chart, columns, member->string, &column);
            snprintf(from, sizeof from, "%c%zu", origin, column);
            good = cJSON_AddStringToObject(members, member->string, from) != NULL;
        }
    }
    if (good)
        return members;
    cJSON_Delete(members);
    return NULL;
}

/* What of a row stands in no cell, in the order of the members; "[]" is one that it lacks. */
static int print_rest(const cJSON *row, const cJSON *members, FILE *out)
{
    const cJSON *member;
    const char *before = "";
    int rc = 0;

    fputc('[', out);
    cJSON_ArrayForEach(member, members)
    {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(row, member->string);
        if (member->valuestring[0] != BESIDE)
            continue;
        fputs(before, out);
        if (value)
            rc = rc < 0 ? rc : xb_markup_json(value, out);
        else
            fputs("[]", out);
        before = ",";
    }
    fputc(']', out);
    return rc;
}

/* Nothing that the table says stands here too. */
static int print_data(const struct xb_chart *chart, const struct columns *columns, FILE *out)
{
    cJSON *members = members_of(chart, columns);
    const cJSON *row;
    const char *before = "";
    int rc = members ? 0 : -1;

    fputs("<script type=\"application/json\">{\"spec\":", out);
    if (rc == 0)
        rc = xb_markup_json(chart->spec, out);
    fputs(",\"members\":", out);
    if (rc == 0)
        rc = xb_markup_json(members, out);
    fputs(",\"rest\":[", out);
    cJSON_ArrayForEach(row, chart->rows)
    {
        fputs(before, out);
        rc = rc < 0 ? rc : print_rest(row, members, out);
        before = ",";
    }
    fputs("]}</script>\n", out);
    cJSON_Delete(members);
    return rc;
}

/* ---- charts ---- */

/* Beyond so many a page would become too large. */
static bool say_values(const struct xb_charts *charts)
{
    size_t n = 0;

    for (size_t i = 0; i < charts->n; i++)
        n += (size_t)cJSON_GetArraySize(charts->chart[i].rows);
    return n <= MOST_VALUES;
}

static int print_chart(const struct xb_html_page *page, const struct xb_chart *chart, FILE *out)
{
    const struct columns columns = columns_of(chart);
    const char *id = chart->id;
    int rc = 0;

    /* a picture has its title in it */
    fprintf(out,
            "<figure class=\"chart\" id=\"%s\" aria-labelledby=\"%s-title\">\n"
            "<h4%s id=\"%s-title\">",
            id, id, chart->svg ? " class=\"heard\"" : "", id);
    xb_markup_text(chart->title, out);
    fputs("</h4>\n", out);
    if (chart->svg) {
        fputs("<div class=\"picture\">", out);
        if (!xb_picture_print(chart->svg, id, say_values(page->charts), out))
            fputs("<p class=\"warning\">What was drawn is no plain picture.</p>", out);
        fputs("</div>\n", out);
    }
    fprintf(out, "<p class=\"about\" id=\"%s-about\">", id);
    xb_markup_text(chart->description, out);
    fputs("</p>\n", out);
    print_table(chart, &columns, out);
    if (chart->svg && page->bundle)
        rc = print_data(chart, &columns, out);
    fputs("</figure>\n", out);
    return rc;
}

int xb_page_section_charts(const struct xb_html_page *page, enum xb_chart_section section,
                           FILE *out)
{
    bool any = false;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < page->charts->n; i++) {
        const struct xb_chart *chart = &page->charts->chart[i];
        if (chart->section != section)
            continue;
        if (!any && section != XB_CHART_COMPARISON) /* which has a part of the page */
            xb_page_element("h3", xb_chart_section_title(section), out);
        any = true;
        rc = print_chart(page, chart, out);
    }
    return rc;
}

int xb_page_charts(const struct xb_html_page *page, FILE *out)
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
