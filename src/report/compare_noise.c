/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_noise.c - how much launches of one setting differ: made, written, read. */
#include "report/compare_noise.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "model/figures/student.h"
#include "report/compare_internal.h"
#include "report/field_rows.h"
#include "report/report.h"

#define MOST_BYTES ((size_t)64 << 20)

struct schema {
    char *name;
    int64_t version;
};

/* The file. */
struct file {
    struct schema schema;
    struct machine {
        struct xb_texts gpus, hosts;
    } machine;
    struct xb_list cases;
};

static const struct xb_field schema_rows[] = {
    NEEDED(schema, "name", XB_FIELD_TEXT, name),
    NEEDED(schema, "version", XB_FIELD_WHOLE, version),
    {.name = NULL},
};

static const struct xb_field machine_rows[] = {
    NEEDED(machine, "gpus", XB_FIELD_TEXTS, gpus),
    NEEDED(machine, "hosts", XB_FIELD_TEXTS, hosts),
    {.name = NULL},
};

static const struct xb_field case_rows[] = {
    NEEDED(xb_noise_case, "id", XB_FIELD_TEXT, id),
    NEEDED(xb_noise_case, "launches", XB_FIELD_WHOLE, launches),
    NEEDED(xb_noise_case, "log_sd", XB_FIELD_RATIO, log_sd),
    {.name = NULL},
};

static const struct xb_field file_rows[] = {
    {.name = "schema",
     .type = XB_FIELD_OBJECT,
     .offset = offsetof(struct file, schema),
     .flags = XB_FIELD_NEEDED,
     .fields = schema_rows},
    {.name = "machine",
     .type = XB_FIELD_OBJECT,
     .offset = offsetof(struct file, machine),
     .flags = XB_FIELD_NEEDED,
     .fields = machine_rows},
    {.name = "cases",
     .type = XB_FIELD_LIST,
     .offset = offsetof(struct file, cases),
     .flags = XB_FIELD_NEEDED,
     .fields = case_rows,
     .size = sizeof(struct xb_noise_case)},
    {.name = NULL},
};

/* The noise as it stands in a file; texts stay its own. */
static struct file file_of(const struct xb_noise *noise)
{
    static char name[] = XB_NOISE_NAME;

    return (struct file){.schema = {name, XB_NOISE_VERSION},
                         .machine = {noise->gpus, noise->hosts},
                         .cases = noise->cases};
}

void xb_noise_release(struct xb_noise *noise)
{
    struct file file = file_of(noise);

    xb_fields_release(machine_rows, &file.machine);
    file.schema.name = NULL;
    xb_fields_release(file_rows, &file);
    *noise = (struct xb_noise){.cases = {NULL, 0, 0}};
}

/* ---- make ---- */

/* The values of facts of this name, "ranks[%d].gpu.name" with numbers from 0 on. */
static int add_numbered(const struct xb_facts *facts, const char *form, struct xb_texts *out)
{
    char name[64], value[256];
    const struct xb_fact *fact;

    for (int i = 0;; i++) {
        snprintf(name, sizeof name, form, i);
        if (!(fact = xb_facts_find(facts, name)))
            return 0;
        bool quoted = fact->value[0] == '"'; /* else it is null */
        size_t len = strlen(fact->value) - (quoted ? 2 : 0);
        snprintf(value, sizeof value, "%.*s", (int)len, fact->value + quoted);
        if (xb_texts_add(out, value) < 0)
            return -1;
    }
}

static int add_machine(const struct xb_launch *launch, struct xb_texts *gpus,
                       struct xb_texts *hosts)
{
    return add_numbered(&launch->facts, "ranks[%d].gpu.name", gpus) < 0 ||
                   add_numbered(&launch->facts, "nodes[%d].host", hosts) < 0
               ? -1
               : 0;
}

static int add_case(const struct xb_launches *launches, size_t set, size_t c, double *logs,
                    struct xb_noise *out)
{
    size_t n = 0;
    double mean, sd;

    for (size_t i = 0; i < launches->launches.n; i++) {
        const struct xb_launch *launch = xb_launch_at(launches, i);
        const struct xb_seen *seen = xb_seen_at(launch, c);
        if (launch->set == set && seen && isfinite(seen->log_us))
            logs[n++] = seen->log_us;
    }
    if (n < 2)
        return 0;
    xb_mean_sd(logs, n, &mean, &sd);
    struct xb_noise_case *added = xb_list_add(&out->cases, sizeof(*added));
    if (!added)
        return -1;
    added->launches = (int64_t)n;
    added->log_sd = sd;
    return xb_text_dup(xb_measured_at(launches, c)->id, &added->id);
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct xb_noise_case *)a)->id, ((const struct xb_noise_case *)b)->id);
}

static void sort(struct xb_noise *noise)
{
    if (noise->cases.n > 1)
        qsort(noise->cases.item, noise->cases.n, sizeof(struct xb_noise_case), by_id);
}

int xb_noise_make(const struct xb_launches *launches, size_t set, struct xb_noise *out,
                  struct xb_error *err)
{
    size_t n = xb_launches_count(launches, set), first = 0;
    double *logs = calloc(n + 1, sizeof(*logs));
    int rc = 0;

    *out = (struct xb_noise){.cases = {NULL, 0, 0}};
    if (logs && n < 2) {
        free(logs);
        return xb_fail(err, "found %zu launches, expected two or more to tell how they differ",
                       n);
    }
    while (first < launches->launches.n && xb_launch_at(launches, first)->set != set)
        first++;
    rc = logs ? add_machine(xb_launch_at(launches, first), &out->gpus, &out->hosts) : -1;
    for (size_t c = 0; rc == 0 && c < launches->cases.n; c++)
        rc = add_case(launches, set, c, logs, out);
    free(logs);
    if (rc < 0) {
        xb_noise_release(out);
        return xb_fail(err, "out of memory for the noise of launches");
    }
    sort(out);
    return 0;
}

/* ---- use ---- */

const struct xb_noise_case *xb_noise_find(const struct xb_noise *noise, const char *id)
{
    struct xb_noise_case key = {.id = (char *)(uintptr_t)id};

    return noise->cases.n ? bsearch(&key, noise->cases.item, noise->cases.n, sizeof key, by_id)
                          : NULL;
}

static bool same_texts(const struct xb_texts *a, const struct xb_texts *b)
{
    for (size_t i = 0; a->n == b->n && i < a->n; i++)
        if (strcmp(a->value[i], b->value[i]) != 0)
            return false;
    return a->n == b->n;
}

bool xb_noise_fits(const struct xb_noise *noise, const struct xb_launches *launches)
{
    bool fits = true;

    for (size_t i = 0; fits && i < launches->launches.n; i++) {
        struct machine machine = {{NULL, 0}, {NULL, 0}};
        fits = add_machine(xb_launch_at(launches, i), &machine.gpus, &machine.hosts) == 0 &&
               same_texts(&machine.gpus, &noise->gpus) &&
               (noise->gpus.n > 0 || same_texts(&machine.hosts, &noise->hosts));
        xb_fields_release(machine_rows, &machine);
    }
    return fits;
}

/* ---- write and read ---- */

static int print(const void *arg, FILE *out)
{
    const struct file *file = arg;

    return xb_fields_print(file_rows, file, out);
}

int xb_noise_save(const struct xb_noise *noise, const char *file, bool replace,
                  struct xb_error *err)
{
    const struct file as = file_of(noise);

    return xb_output_print(file, print, &as, replace, err);
}

static int read_file(const struct xb_node *root, struct file *out, struct xb_error *err)
{
    struct xb_node schema, name;
    const char *text;

    if (xb_node_require(root, "schema", &schema, err) < 0 ||
        xb_node_require(&schema, "name", &name, err) < 0 ||
        xb_node_string(&name, &text, err) < 0)
        return -1;
    if (strcmp(text, XB_NOISE_NAME) != 0)
        return xb_node_fail(&name, err, "found \"%s\", expected \"" XB_NOISE_NAME "\"", text);
    if (xb_fields_read(file_rows, root, XB_REPORT_VERSION, out, err) < 0)
        return -1;
    if (out->schema.version == XB_NOISE_VERSION)
        return 0;
    xb_node_fail(&schema, err, "found version %lld, expected %d",
                 (long long)out->schema.version, XB_NOISE_VERSION);
    xb_fields_release(file_rows, out);
    return -1;
}

int xb_noise_load(const char *file, struct xb_noise *out, struct xb_error *err)
{
    struct file from;
    struct xb_json doc;

    *out = (struct xb_noise){.cases = {NULL, 0, 0}};
    if (xb_json_load(file, MOST_BYTES, &doc, err) < 0)
        return -1;
    struct xb_node root = xb_json_root(&doc);
    int rc = read_file(&root, &from, err);
    xb_json_release(&doc);
    if (rc < 0)
        return -1;
    free(from.schema.name);
    *out = (struct xb_noise){from.machine.gpus, from.machine.hosts, from.cases};
    sort(out);
    return 0;
}
