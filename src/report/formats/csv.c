/* SPDX-License-Identifier: BSD-3-Clause */
/* csv.c - reports as one table for programs: a row a case, or a lane, with what it was measured
 * by and on in columns of their own. */
#include "report/formats/format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/text_set.h"
#include "report/case_walk.h"
#include "report/formats/csv_columns.h"
#include "report/formats/table.h"
#include "report/tables.h"

/* ---- lists of texts ---- */

/* Cells of a row, or titles; all are owned. */
struct cells {
    char **cell; /* ends with NULL */
    size_t n, room;
    bool failed; /* out of memory */
};

/* Takes the text over; NULL is one for which there was no memory. */
static void add_owned(struct cells *c, char *text)
{
    if (c->n + 1 >= c->room) {
        size_t room = c->room ? 2 * c->room : 128;
        char **more = realloc(c->cell, room * sizeof(*more));

        if (!more) {
            c->failed = true;
            free(text);
            return;
        }
        c->cell = more;
        c->room = room;
    }
    c->failed = c->failed || !text;
    c->cell[c->n] = text;
    c->n += text != NULL;
    c->cell[c->n] = NULL;
}

static void add(struct cells *c, const char *text)
{
    add_owned(c, strdup(text ? text : ""));
}

static void clear(struct cells *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->cell[i]);
    c->n = 0;
}

static void release(struct cells *c)
{
    clear(c);
    free(c->cell);
    *c = (struct cells){.cell = NULL};
}

/* ---- values ---- */

/* A value as it stands in the report; of texts in a list all, of other lists how many. */
static char *value_text(const cJSON *value)
{
    char *text = NULL;
    size_t len;
    const cJSON *item = value ? value->child : NULL;

    if (!value || cJSON_IsNull(value) || (cJSON_IsArray(value) && !item))
        return strdup("");
    if (cJSON_IsString(value))
        return strdup(value->valuestring);
    if (cJSON_IsArray(value) && cJSON_IsObject(item))
        return asprintf(&text, "%d", cJSON_GetArraySize(value)) < 0 ? NULL : text;
    if (!cJSON_IsArray(value) || !cJSON_IsString(item))
        return cJSON_PrintUnformatted(value); /* numbers as they are written, pairs of ranks */
    FILE *out = open_memstream(&text, &len);
    for (; out && item; item = item->next)
        fprintf(out, "%s%s", cJSON_GetStringValue(item), item->next ? " " : "");
    if (out)
        fclose(out);
    return text;
}

/* What stands at a path of members, or NULL. */
static const cJSON *find(const cJSON *object, const char *path)
{
    char name[64];

    for (const char *at = path; object && *at;) {
        size_t len = strcspn(at, ".");
        snprintf(name, sizeof(name), "%.*s", (int)len, at);
        object = cJSON_GetObjectItemCaseSensitive(object, name);
        at += len + (at[len] == '.');
    }
    return object;
}

static void add_columns(struct cells *row, const struct xb_csv_column *columns,
                        const cJSON *object)
{
    for (; columns->path; columns++)
        add_owned(row, value_text(find(object, columns->path)));
}

static void add_titles(struct cells *row, const struct xb_csv_column *columns)
{
    for (; columns->path; columns++) {
        char *title = strdup(columns->title ? columns->title : columns->path);
        for (char *at = title; at && *at; at++)
            *at = *at == '.' ? '_' : *at;
        add_owned(row, title);
    }
}

/* ---- options and figures: names that only the reports know ---- */

/* Names of columns, sorted, each once; a new one is taken over. */
static void add_name(struct cells *names, char *name)
{
    size_t at = 0;

    while (name && at < names->n && strcmp(names->cell[at], name) < 0)
        at++;
    if (name && at < names->n && strcmp(names->cell[at], name) == 0) {
        free(name);
        return;
    }
    add_owned(names, name);
    for (size_t i = names->n; i > at + 1 && !names->failed; i--) {
        char *other = names->cell[i - 1];
        names->cell[i - 1] = names->cell[i - 2];
        names->cell[i - 2] = other;
    }
}

/* The row of an option in a method's table, or NULL. */
static const struct xb_option *option_row(const struct xb_catalog *catalog, const char *method,
                                          const char *name)
{
    const struct xb_method_spec *spec = catalog ? xb_catalog_method(catalog, method) : NULL;

    for (size_t i = 0; catalog && !spec && catalog->experiments && catalog->experiments[i]; i++)
        if (strcmp(catalog->experiments[i]->method.name, method) == 0)
            spec = &catalog->experiments[i]->method;
    int row = spec ? xb_option_find(spec->options, name) : -1;
    return row < 0 ? NULL : &spec->options[row];
}

/* "option_engine", "option_delay_ns"; the caller frees it. */
static char *option_title(const struct xb_catalog *catalog, const char *method,
                          const char *name)
{
    const struct xb_option *row = option_row(catalog, method, name);
    const char *unit = !row                              ? ""
                       : row->type == XB_OPTION_DURATION ? "_ns"
                       : row->type == XB_OPTION_SIZE     ? "_bytes"
                                                         : "";
    char *title;

    return asprintf(&title, "option_%s%s", name, unit) < 0 ? NULL : title;
}

/* The options that were measured, and whose: of a case of auto what the policy picked. */
static const cJSON *options_of(const struct xb_report_case *c, const char **method)
{
    *method = c->chosen.there ? c->chosen.method : c->key.method;
    return c->chosen.there ? c->chosen.options : c->key.options;
}

/* What several reports have that not each of them has. */
struct names {
    struct cells options, figures;
};

static void collect_of_case(const struct xb_format_set *set, const struct xb_report_case *c,
                            struct names *out)
{
    const char *method;
    const cJSON *options = options_of(c, &method), *option;

    cJSON_ArrayForEach(option, options)
    {
        add_name(&out->options, option_title(set->catalog, method, option->string));
    }
    for (size_t f = 0; !set->lanes && f < c->figures.n; f++) {
        char *title;
        if (asprintf(&title, "figure_%s", c->figures.item[f].name) < 0)
            title = NULL;
        add_name(&out->figures, title);
    }
}

/* -1 where a case cannot be read back. */
static int collect_names(const struct xb_format_set *set, struct names *out)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < set->n; i++) {
        struct xb_case_walk walk = xb_cases(set->source[i].report);
        const struct xb_report_case *c;
        while ((c = xb_cases_next(&walk)))
            collect_of_case(set, c, out);
        rc = xb_cases_end(&walk);
    }
    return rc;
}

static void add_options(struct cells *row, const struct xb_format_set *set,
                        const struct xb_report_case *c, const struct cells *titles)
{
    const char *method;
    const cJSON *options = options_of(c, &method), *option;

    for (size_t i = 0; i < titles->n; i++) {
        const cJSON *found = NULL;
        cJSON_ArrayForEach(option, options)
        {
            char *title = option_title(set->catalog, method, option->string);
            if (title && strcmp(title, titles->cell[i]) == 0)
                found = option;
            row->failed = row->failed || !title;
            free(title);
        }
        add_owned(row, value_text(found));
    }
}

static void add_figures(struct cells *row, const cJSON *json, const struct cells *titles)
{
    const cJSON *figures = find(json, "figures");

    for (size_t i = 0; i < titles->n; i++)
        add_owned(row, value_text(cJSON_GetObjectItemCaseSensitive(
                           figures, titles->cell[i] + strlen("figure_"))));
}

/* ---- rows ---- */

/* The hosts of a report, each once. The caller frees; NULL when out of memory. */
static char *list_hosts(const struct xb_report *report)
{
    char *text = NULL;
    size_t len;
    struct xb_text_set hosts = {.n = 0};
    FILE *out = open_memstream(&text, &len);
    bool good = out != NULL;

    for (size_t i = 0; good && i < report->ranks.n; i++)
        good = xb_text_set_add(&hosts, xb_report_rank_at(report, i)->host) >= 0;
    for (size_t i = 0; good && i < hosts.n; i++)
        fprintf(out, "%s%s", i ? " " : "", xb_text_set_at(&hosts, i));
    xb_text_set_release(&hosts);
    if (out && fclose(out) == 0 && good)
        return text;
    free(text);
    return NULL;
}

static void add_run(struct cells *row, const struct xb_format_source *source, const char *hosts)
{
    const struct xb_report_run *run = &source->report->run;
    char ranks[24] = "";

    if (source->report->ranks.n > 0)
        snprintf(ranks, sizeof(ranks), "%zu", source->report->ranks.n);
    add(row, source->name);
    add(row, run->id);
    add(row, run->label);
    add(row, run->start_utc);
    add(row, hosts);
    add(row, ranks);
    add(row, run->device);
}

/* Hosts and GPUs of a lane's two ends. */
static void add_ends(struct cells *row, const struct xb_report *report,
                     const struct xb_report_step *step)
{
    const struct xb_report_rank *src = xb_report_rank_of(report, step->src_rank);
    const struct xb_report_rank *dst = xb_report_rank_of(report, step->dst_rank);

    add(row, src ? src->host : NULL);
    add(row, dst ? dst->host : NULL);
    add(row, src && strcmp(step->src, "gpu") == 0 ? src->gpu.pci_bus_id : NULL);
    add(row, dst && strcmp(step->dst, "gpu") == 0 ? dst->gpu.pci_bus_id : NULL);
}

static void add_lane(struct cells *row, const struct xb_report *report,
                     const struct xb_report_case *c, size_t i)
{
    const struct xb_report_step *step = xb_report_step_of(report, c, i);
    cJSON *place = xb_fields_write(xb_report_step_fields, step);
    cJSON *lane = xb_fields_write(xb_report_lane_fields, xb_report_lane_at(c, i));
    char number[24];

    snprintf(number, sizeof(number), "%zu", i);
    add(row, number);
    add_columns(row, xb_csv_step_columns, place);
    add_ends(row, report, step);
    add_columns(row, xb_csv_lane_columns, lane);
    row->failed = row->failed || !place || !lane;
    cJSON_Delete(place);
    cJSON_Delete(lane);
}

static void make_titles(struct cells *row, const struct xb_format_set *set,
                        const struct names *names)
{
    for (size_t i = 0; xb_csv_run_titles[i]; i++)
        add(row, xb_csv_run_titles[i]);
    add_titles(row, xb_csv_key_columns);
    for (size_t i = 0; i < names->options.n; i++)
        add(row, names->options.cell[i]);
    if (!set->lanes) {
        add_titles(row, xb_csv_case_columns);
        for (size_t i = 0; i < names->figures.n; i++)
            add(row, names->figures.cell[i]);
        return;
    }
    add(row, "lane");
    add_titles(row, xb_csv_step_columns);
    for (size_t i = 0; xb_csv_end_titles[i]; i++)
        add(row, xb_csv_end_titles[i]);
    add_titles(row, xb_csv_lane_columns);
}

/* The rows of one case, each begun with what they have in common. */
static int add_case(struct xb_table *table, const struct xb_format_set *set,
                    const struct xb_format_source *source, const char *hosts,
                    const struct xb_report_case *c, const struct names *names)
{
    cJSON *json = xb_fields_write(xb_report_case_fields, c);
    struct cells row = {.failed = !json};
    size_t rows = set->lanes ? c->lanes.n : 1;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < rows; i++) {
        clear(&row);
        add_run(&row, source, hosts);
        add_columns(&row, xb_csv_key_columns, json);
        add_options(&row, set, c, &names->options);
        if (set->lanes) {
            add_lane(&row, source->report, c, i);
        } else {
            add_columns(&row, xb_csv_case_columns, json);
            add_figures(&row, json, &names->figures);
        }
        rc = row.failed ? -1 : xb_table_add(table, (const char *const *)row.cell);
    }
    release(&row);
    cJSON_Delete(json);
    return rc;
}

static int write_set(const struct xb_format_set *set, FILE *out)
{
    struct cells titles = {.cell = NULL};
    struct names names = {.options = {.cell = NULL}};

    bool good = collect_names(set, &names) == 0;
    make_titles(&titles, set, &names);
    good = good && !titles.failed && !names.options.failed && !names.figures.failed;
    struct xb_table *table = good ? xb_table_new((const char *const *)titles.cell) : NULL;
    int rc = table ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < set->n; i++) {
        struct xb_case_walk walk = xb_cases(set->source[i].report);
        char *hosts = list_hosts(set->source[i].report);
        const struct xb_report_case *c;
        rc = hosts ? 0 : -1;
        while (rc == 0 && (c = xb_cases_next(&walk)))
            rc = add_case(table, set, &set->source[i], hosts, c, &names);
        free(hosts);
        rc = xb_cases_end(&walk) < 0 ? -1 : rc;
    }
    if (rc == 0)
        xb_table_print_csv(table, out);
    xb_table_free(table);
    release(&titles);
    release(&names.options);
    release(&names.figures);
    return rc;
}

const struct xb_format xb_format_csv = {
    .name = "csv",
    .summary = "a row for each case, or each lane, with all figures",
    .is_document = true,
    .has_lanes = true,
    .write_set = write_set,
};
