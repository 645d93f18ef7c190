/* SPDX-License-Identifier: BSD-3-Clause */
/* host_facts.c - what a node's operating system says of itself. */
#include "report/host_facts.h"

#include <math.h>
#include <stdbool.h>

static bool add_text(cJSON *to, const char *key, const char *text)
{
    return text[0] ? cJSON_AddStringToObject(to, key, text) : cJSON_AddNullToObject(to, key);
}

static bool add_number(cJSON *to, const char *key, double value, bool known)
{
    return known ? cJSON_AddNumberToObject(to, key, value) : cJSON_AddNullToObject(to, key);
}

static bool add_flag(cJSON *to, const char *key, int flag)
{
    return flag < 0 ? cJSON_AddNullToObject(to, key) : cJSON_AddBoolToObject(to, key, flag);
}

static bool add_facts(cJSON *to, const struct xb_host_facts *f)
{
    bool loaded = isfinite(f->load);

    return add_text(to, "host", f->host) && add_text(to, "kernel", f->kernel) &&
           add_text(to, "os", f->os) && add_text(to, "cpu", f->cpu) &&
           add_number(to, "processors", (double)f->processors, f->processors >= 0) &&
           add_number(to, "load", loaded ? round(f->load * 100) / 100 : 0, loaded) &&
           add_text(to, "governor", f->governor) &&
           add_number(to, "memory_bytes", (double)f->memory_bytes, f->memory_bytes >= 0) &&
           add_number(to, "available_bytes", (double)f->available_bytes,
                      f->available_bytes >= 0) &&
           add_text(to, "huge_pages", f->huge_pages) &&
           add_flag(to, "numa_balancing", f->numa_balancing) &&
           add_flag(to, "peermem", f->peermem) &&
           add_text(to, "nvidia_module", f->nvidia_module);
}

cJSON *xb_host_facts_json(const struct xb_host_facts *facts, size_t n)
{
    cJSON *list = cJSON_CreateArray();

    for (size_t i = 0; list && i < n; i++) {
        cJSON *one = cJSON_CreateObject();
        if (one && add_facts(one, &facts[i]) && cJSON_AddItemToArray(list, one))
            continue;
        cJSON_Delete(one);
        cJSON_Delete(list);
        return NULL;
    }
    return list;
}
