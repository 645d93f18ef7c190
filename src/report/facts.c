/* SPDX-License-Identifier: BSD-3-Clause */
/* facts.c - what a report says of its environment, flattened. */
#include "report/facts.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/report_json.h"
#include "report/tables.h"

#define NAME_LEN 256

/* Found anew in each run, or no more than words for what stands beside. */
static const char *const passed_over[] = {"clock",   "mpi_cuda_aware_how", "available_bytes",
                                          "power_w", "temperature_c",      "power_state",
                                          "errors",  "host_memory",        NULL};

/* Quantities that change from run to run, and explain a figure where they change much. */
static const char *const measured[] = {
    "load", "sm_mhz.before", "sm_mhz.after", "memory_mhz.before", "memory_mhz.after", NULL};

static bool is_passed_over(const char *name)
{
    for (size_t i = 0; passed_over[i]; i++)
        if (strcmp(passed_over[i], name) == 0)
            return true;
    return false;
}

bool xb_fact_is_measured(const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; measured[i]; i++) {
        size_t m = strlen(measured[i]);
        if (n > m && name[n - m - 1] == '.' && strcmp(name + n - m, measured[i]) == 0)
            return true;
    }
    return false;
}

static int add(struct xb_facts *out, const char *name, const cJSON *value)
{
    int64_t number = xb_text_set_add(&out->names, name);

    if (number < 0 || (size_t)number < out->list.n)
        return number < 0 ? -1 : 0;
    struct xb_fact *fact = xb_list_add(&out->list, sizeof(*fact));
    if (!fact)
        return -1;
    fact->name = xb_text_set_at(&out->names, (size_t)number);
    fact->value = cJSON_PrintUnformatted(value);
    return fact->value ? 0 : -1;
}

/* A value of this name: itself, or what it holds. */
static int flatten(struct xb_facts *out, const char *name, const cJSON *value)
{
    const cJSON *child;
    char inner[NAME_LEN];
    int i = 0;

    if (!value || cJSON_IsNull(value))
        return 0;
    if (!cJSON_IsObject(value) && !(cJSON_IsArray(value) && cJSON_IsObject(value->child)))
        return add(out, name, value);
    cJSON_ArrayForEach(child, value)
    {
        if (child->string && is_passed_over(child->string))
            continue;
        if (child->string)
            snprintf(inner, sizeof inner, "%s%s%s", name, name[0] ? "." : "", child->string);
        else
            snprintf(inner, sizeof inner, "%s[%d]", name, i++);
        if (flatten(out, inner, child) < 0)
            return -1;
    }
    return 0;
}

/* What rows say of a struct. */
static int flatten_rows(struct xb_facts *out, const char *name, const struct xb_field *rows,
                        const void *object)
{
    cJSON *json = xb_fields_write(rows, object);
    int rc = json ? flatten(out, name, json) : -1;

    cJSON_Delete(json);
    return rc;
}

int xb_facts_rows(const struct xb_field *rows, const void *object, struct xb_facts *out)
{
    return flatten_rows(out, "", rows, object);
}

int xb_facts_environment(const struct xb_report *report, struct xb_facts *out)
{
    return flatten_rows(out, "build", xb_report_build_fields, &report->build) < 0
               ? -1
               : flatten_rows(out, "", xb_report_environment_fields, &report->environment);
}

/* How the run was started, and what for. */
static int add_run(const struct xb_report_run *run, struct xb_facts *out)
{
    char hash[24];
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(run->scenario, "name");

    snprintf(hash, sizeof hash, "0x%016llx", (unsigned long long)run->plan_hash);
    const struct {
        const char *name, *value;
    } texts[] = {
        {"run.label", run->label},
        {"run.launcher", run->launcher},
        {"run.device", run->device},
        {"run.scenario", cJSON_IsString(name) ? name->valuestring : NULL},
        {"run.policy", run->policy.there ? run->policy.name : NULL},
        {"run.plan_hash", hash},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (!texts[i].value)
            continue;
        cJSON *value = cJSON_CreateString(texts[i].value);
        int rc = value ? add(out, texts[i].name, value) : -1;
        cJSON_Delete(value);
        if (rc < 0)
            return -1;
    }
    return 0;
}

int xb_facts_machine(const struct xb_report *report, struct xb_facts *out)
{
    const cJSON *ranks = cJSON_GetObjectItemCaseSensitive(report->topology, "ranks");
    cJSON *count = cJSON_CreateNumber((double)report->ranks.n);
    int rc = count ? add(out, "run.ranks", count) : -1;

    cJSON_Delete(count);
    return rc < 0 || add_run(&report->run, out) < 0 ? -1 : flatten(out, "ranks", ranks);
}

const struct xb_fact *xb_facts_find(const struct xb_facts *facts, const char *name)
{
    int64_t number = xb_text_set_find(&facts->names, name, strlen(name));

    return number >= 0 && (size_t)number < facts->list.n ? xb_fact_at(facts, (size_t)number)
                                                         : NULL;
}

int xb_fact_number(const char *name, const char *list, const char **rest)
{
    size_t len = strlen(list);
    char *end;

    if (strncmp(name, list, len) != 0 || name[len] != '[')
        return -1;
    long number = strtol(name + len + 1, &end, 10);
    if (number < 0 || number > INT_MAX || strncmp(end, "].", 2) != 0)
        return -1;
    *rest = end + 2;
    return (int)number;
}

void xb_facts_release(struct xb_facts *facts)
{
    struct xb_fact *list = facts->list.item;

    for (size_t i = 0; i < facts->list.n; i++)
        cJSON_free(list[i].value);
    free(list);
    xb_text_set_release(&facts->names);
    facts->list = (struct xb_list){NULL, 0, 0};
}
