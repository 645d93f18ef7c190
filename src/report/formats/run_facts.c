/* SPDX-License-Identifier: BSD-3-Clause */
/* run_facts.c - what a run was made with, as a table for people. */
#include "report/formats/run_facts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A table of two columns, whose first row is its head. */
struct facts {
    struct xb_table *table;
    bool failed; /* out of memory */
};

static void add_fact(struct facts *f, const char *what, const char *text)
{
    const char *const cells[] = {what, text, NULL};

    if (f->table && text && text[0])
        f->failed = xb_table_add(f->table, cells) < 0 || f->failed;
}

/* Texts that are there, with commas; "" where none is. The caller frees it. */
static char *join(const char *const *texts, size_t n)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    bool first = true;

    for (size_t i = 0; out && i < n; i++)
        if (texts[i] && texts[i][0]) {
            fprintf(out, "%s%s", first ? "" : ", ", texts[i]);
            first = false;
        }
    if (out)
        fclose(out);
    return text;
}

static void add_joined(struct facts *f, const char *what, const char *const *texts, size_t n)
{
    char *text = join(texts, n);

    f->failed = f->failed || !text;
    add_fact(f, what, text);
    free(text);
}

static void add_run(struct facts *f, const struct xb_report *report)
{
    const struct xb_report_run *run = &report->run;
    const char *scenario =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(run->scenario, "name"));
    const char *const about[] = {run->label, scenario, run->start_utc,
                                 xb_run_status_name((enum xb_run_status)report->status)};

    add_joined(f, "run", about, sizeof(about) / sizeof(about[0]));
}

static void add_counted(struct facts *f, const char *what, const struct xb_report *report,
                        xb_rank_name_fn *name_of)
{
    char *text = xb_format_counted(report, name_of);

    f->failed = f->failed || !text;
    add_fact(f, what, text);
    free(text);
}

static void add_variables(struct facts *f, const struct xb_report *report)
{
    const struct xb_named_texts *variables = &report->environment.variables;
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    for (size_t i = 0; out && i < variables->n; i++)
        fprintf(out, "%s%s=%s", i ? " " : "", variables->item[i].name,
                variables->item[i].value ? variables->item[i].value : "");
    if (out)
        fclose(out);
    f->failed = f->failed || !text;
    add_fact(f, "variables", text);
    free(text);
}

struct xb_table *xb_run_facts(const struct xb_format_source *source)
{
    const struct xb_report *report = source->report;
    const struct xb_report_environment *env = &report->environment;
    const char *const titles[] = {"report", source->name ? source->name : "", NULL};
    const char *const build[] = {report->build.version, report->build.git};
    struct facts f = {.table = xb_table_new(titles)};

    add_run(&f, report);
    add_fact(&f, "device", report->run.device);
    add_counted(&f, "ranks", report, xb_rank_host);
    add_counted(&f, "GPUs", report, xb_rank_gpu);
    add_fact(&f, "driver", env->driver);
    add_fact(&f, "CUDA", env->cuda_runtime);
    add_fact(&f, "NCCL", env->nccl_library);
    add_fact(&f, "MPI", env->mpi_library);
    add_variables(&f, report);
    add_joined(&f, "xferbench", build, sizeof(build) / sizeof(build[0]));
    if (!f.failed)
        return f.table;
    xb_table_free(f.table);
    return NULL;
}
