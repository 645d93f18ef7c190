/* SPDX-License-Identifier: BSD-3-Clause */
/* differences.c - in what two runs' builds and environments differ. */
#include "report/differences.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/facts.h"

struct found {
    char *text;
    size_t len;
    int count;
    const struct xb_report *is; /* whose nodes are named by their hosts */
};

/* "nodes[1].kernel" is "n2: kernel". */
static const char *name_text(const struct found *f, const char *name, char *buf, size_t len)
{
    const char *rest = name;
    int node = xb_fact_number(name, "nodes", &rest);

    if (node < 0)
        return name;
    const cJSON *host = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetArrayItem(f->is->environment.nodes, node), "host");
    snprintf(buf, len, "%.50s: %s", cJSON_IsString(host) ? host->valuestring : "", rest);
    return buf;
}

static void add_difference(struct found *f, const char *name, const struct xb_fact *was,
                           const struct xb_fact *is)
{
    size_t at = strlen(f->text);
    char named[256];

    if (at + 1 < f->len) /* of thousands of nodes not all are looked up for what has no room */
        snprintf(f->text + at, f->len - at, "%s%s was %s, is %s", f->count ? "; " : "",
                 name_text(f, name, named, sizeof named), was ? was->value : "nothing",
                 is ? is->value : "nothing");
    f->count++;
}

/* What the second says, then what only the first does. */
static void compare(struct found *f, const struct xb_facts *was, const struct xb_facts *is)
{
    for (size_t i = 0; i < is->list.n; i++) {
        const struct xb_fact *now = xb_fact_at(is, i), *old = xb_facts_find(was, now->name);
        if (!xb_fact_is_measured(now->name) && (!old || strcmp(old->value, now->value) != 0))
            add_difference(f, now->name, old, now);
    }
    for (size_t i = 0; i < was->list.n; i++) {
        const struct xb_fact *old = xb_fact_at(was, i);
        if (!xb_fact_is_measured(old->name) && !xb_facts_find(is, old->name))
            add_difference(f, old->name, old, NULL);
    }
}

int xb_report_differences(const struct xb_report *was, const struct xb_report *is, char *text,
                          size_t len)
{
    struct found f = {.text = text, .len = len, .is = is};
    struct xb_facts old = {.list = {NULL, 0, 0}}, now = {.list = {NULL, 0, 0}};

    text[0] = '\0';
    if (!was->build.version) {
        snprintf(text, len, "it does not say by what build it was made");
        return 1;
    }
    int rc = xb_facts_environment(was, &old) < 0 || xb_facts_environment(is, &now) < 0 ? -1 : 0;
    if (rc == 0)
        compare(&f, &old, &now);
    xb_facts_release(&old);
    xb_facts_release(&now);
    return rc < 0 ? -1 : f.count;
}
