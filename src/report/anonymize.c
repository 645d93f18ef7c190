/* SPDX-License-Identifier: BSD-3-Clause */
/* anonymize.c - reports that may leave the house: each part of them as JSON, key by key. */
#include "report/anonymize.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/anonymize_internal.h"
#include "report/tables.h"

#define PATH_LEN 512

struct walk {
    struct xb_anon_names names;
    char path[PATH_LEN];
    size_t hint;   /* of xb_anon_row_of */
    bool learning; /* nothing is changed, but names are made up for what has one */
};

/* ---- one value ---- */

/* A copy that the caller frees. */
static char *name_copy(struct walk *w, const char *prefix, const char *was)
{
    return strdup(was[0] ? xb_anon_name(&w->names, prefix, was) : "");
}

static char *kept_or(struct walk *w, bool stays, const char *prefix, const char *text)
{
    return stays ? strdup(text) : name_copy(w, prefix, text);
}

/* What stands for a text by its row; the caller frees it. NULL is null, or out of memory, which
 * names.failed tells. */
static char *text_for(struct walk *w, const struct xb_anon_row *row, const char *text)
{
    char *made = NULL;

    switch (row->rule) {
    case XB_ANON_FIGURE:
    case XB_ANON_TEXT:
        made = xb_anon_text(&w->names, text);
        break;
    case XB_ANON_WORD:
        made = kept_or(w, xb_anon_is_word(text), XB_ANON_OTHER, text);
        break;
    case XB_ANON_CASE_ID:
        made = kept_or(w, xb_anon_is_case_id(text), "case-", text);
        break;
    case XB_ANON_UTC:
        if (!xb_anon_is_utc(text))
            return NULL;
        made = strdup(text);
        break;
    case XB_ANON_HASH:
        if (!xb_anon_is_hash(text))
            return NULL;
        made = strdup(text);
        break;
    case XB_ANON_RUN_ID:
        made = kept_or(w, xb_anon_is_run_id(text), "run-", text);
        break;
    case XB_ANON_COMMIT:
        made = xb_anon_is_commit(text) ? strdup(text) : xb_anon_text(&w->names, text);
        break;
    case XB_ANON_PART:
        xb_anon_keep(&w->names, text);
        made = strdup(text);
        break;
    case XB_ANON_NAME:
        made = name_copy(w, row->prefix, text);
        break;
    }
    w->names.failed = w->names.failed || !made;
    return made;
}

/* Learn from a text what must be known before others are looked at: names of hosts, jobs and
 * labels, and what stays. A label stands among the arguments, too, whatever its words; a job
 * that is called "run" would take this word out of all texts. */
static void learn_text(struct walk *w, const struct xb_anon_row *row, const char *text)
{
    bool is_name = row->rule == XB_ANON_NAME && strcmp(row->prefix, XB_ANON_PATH) != 0;
    bool is_anywhere = is_name && (strcmp(row->prefix, XB_ANON_HOST) == 0 ||
                                   strchr(text, ' ') || xb_anon_tells(text));

    if (!text[0])
        return;
    if (is_anywhere)
        xb_anon_learn(&w->names, row->prefix, text);
    else if (row->rule == XB_ANON_PART)
        free(text_for(w, row, text));
}

/* A number that tells whose it is, as that of a job, gets another one by the same rule; as a
 * text it has the name of which that is the number. */
static void settle_number(struct walk *w, const struct xb_anon_row *row, cJSON *item)
{
    char was[32];

    snprintf(was, sizeof was, "%.0f", item->valuedouble);
    if (w->learning) {
        learn_text(w, row, was);
        return;
    }
    const char *name = xb_anon_name(&w->names, row->prefix, was);
    cJSON_SetNumberValue(item, name[0] ? strtod(name + strlen(row->prefix), NULL) : 0);
}

/* Does the value stay, changed or not? */
static bool settle_leaf(struct walk *w, cJSON *item)
{
    const struct xb_anon_row *row = xb_anon_row_of(w->path, &w->hint);
    const char *text = cJSON_GetStringValue(item);

    if (cJSON_IsRaw(item)) { /* a long number, digit by digit */
        item->valuedouble = strtod(item->valuestring, NULL);
        item->type = cJSON_Number;
    }
    if (!row)
        return cJSON_IsNull(item) && xb_anon_is_above(w->path);
    if (!text) {
        if (cJSON_IsNumber(item) && row->rule == XB_ANON_NAME)
            settle_number(w, row, item);
        return true;
    }
    if (w->learning) {
        learn_text(w, row, text);
        return true;
    }
    char *made = text_for(w, row, text);
    if (made && !cJSON_SetValuestring(item, made))
        w->names.failed = true;
    else if (!made)
        item->type = cJSON_NULL;
    free(made);
    return true;
}

/* ---- a tree ---- */

/* Go through what stands below the path so far, and leave out what no row is for. */
static void settle(struct walk *w, cJSON *item)
{
    size_t len = strlen(w->path);
    cJSON *next;

    for (cJSON *child = item->child; child; child = next) {
        bool stays;
        next = child->next;
        if (cJSON_IsArray(item))
            snprintf(w->path + len, sizeof w->path - len, "[]");
        else
            snprintf(w->path + len, sizeof w->path - len, ".%s", child->string);
        if (cJSON_IsArray(child) || cJSON_IsObject(child)) {
            settle(w, child);
            stays =
                child->child || xb_anon_is_above(w->path) || xb_anon_row_of(w->path, &w->hint);
        } else {
            stays = settle_leaf(w, child);
        }
        w->path[len] = '\0';
        if (!stays && !w->learning)
            cJSON_Delete(cJSON_DetachItemViaPointer(item, child));
    }
}

static void settle_json(struct walk *w, const char *path, cJSON *json)
{
    snprintf(w->path, sizeof w->path, "%s", path);
    if (json)
        settle(w, json);
}

/* A part of a report that has a table of fields: by way of JSON. */
static int settle_part(struct walk *w, const char *path, const struct xb_field *fields,
                       void *part, struct xb_error *err)
{
    struct xb_json doc = {.name = (char[]){"report"}, .root = xb_fields_write(fields, part)};
    struct xb_node root = xb_json_root(&doc);

    if (!doc.root)
        return xb_fail(err, "out of memory for a report");
    settle_json(w, path, doc.root);
    int rc = 0;
    if (!w->learning) {
        xb_fields_release(fields, part);
        rc = xb_fields_read(fields, &root, XB_REPORT_VERSION, part, err);
    }
    cJSON_Delete(doc.root);
    return rc;
}

static int settle_list(struct walk *w, const char *path, const struct xb_field *fields,
                       struct xb_list *list, size_t size, struct xb_error *err)
{
    for (size_t i = 0; i < list->n; i++)
        if (settle_part(w, path, fields, (char *)list->item + i * size, err) < 0)
            return -1;
    return 0;
}

/* ---- reports ---- */

static void settle_gpu(struct walk *w, struct xb_report_gpu *gpu)
{
    char *uuid = gpu->uuid ? xb_anon_text(&w->names, gpu->uuid) : NULL;

    w->names.failed = w->names.failed || (gpu->uuid && !uuid);
    free(gpu->uuid);
    gpu->uuid = uuid;
}

/* Ranks are read from the topology beside it. */
static void settle_ranks(struct walk *w, struct xb_report *report)
{
    for (size_t i = 0; i < report->ranks.n; i++) {
        struct xb_report_rank *rank = xb_report_rank_at(report, i);
        char *host = name_copy(w, XB_ANON_HOST, rank->host);

        w->names.failed = w->names.failed || !host;
        free(rank->host);
        rank->host = host;
        settle_gpu(w, &rank->gpu);
        for (size_t k = 0; k < rank->visible.n; k++)
            settle_gpu(w, (struct xb_report_gpu *)rank->visible.item + k);
    }
}

static int settle_tuned(struct walk *w, struct xb_report_tuned *tuned, struct xb_error *err)
{
    int rc = settle_part(w, "tuned", xb_report_tuned_fields, tuned, err);

    tuned->there = rc == 0;
    return rc;
}

/* Schedules stand in the report once for all cases and have no names of their own. */
static int settle_report(struct walk *w, struct xb_report *report, struct xb_error *err)
{
    if (settle_part(w, "run", xb_report_run_fields, &report->run, err) < 0 ||
        settle_part(w, "build", xb_report_build_fields, &report->build, err) < 0 ||
        settle_part(w, "environment", xb_report_environment_fields, &report->environment, err) <
            0 ||
        settle_list(w, "cases[]", xb_report_case_fields, &report->cases,
                    sizeof(struct xb_report_case), err) < 0 ||
        settle_list(w, "schedules[]", xb_report_schedule_fields, &report->schedules,
                    sizeof(struct xb_report_schedule), err) < 0 ||
        settle_list(w, "paths[]", xb_report_path_fields, &report->paths,
                    sizeof(struct xb_report_path), err) < 0 ||
        (report->tuned.there && settle_tuned(w, &report->tuned, err) < 0))
        return -1;
    settle_json(w, "topology", report->topology);
    settle_json(w, "outliers", report->outliers);
    settle_ranks(w, report);
    return 0;
}

/* Hosts and parts of all reports, in the order of their nodes, before any text is looked at. */
static int learn(struct walk *w, struct xb_report *reports, size_t n, struct xb_error *err)
{
    int rc = 0;

    w->learning = true;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        settle_json(w, "topology", reports[i].topology);
        rc = settle_part(w, "environment", xb_report_environment_fields,
                         &reports[i].environment, err);
        if (rc == 0)
            rc = settle_part(w, "run", xb_report_run_fields, &reports[i].run, err);
    }
    w->learning = false;
    return rc;
}

int xb_anonymize(struct xb_report *reports, size_t n, struct xb_error *err)
{
    struct walk w = {.hint = 0};
    int rc = learn(&w, reports, n, err);

    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = settle_report(&w, &reports[i], err);
    if (rc == 0 && w.names.failed)
        rc = xb_fail(err, "out of memory for the reports");
    xb_anon_names_release(&w.names);
    return rc;
}
