/* SPDX-License-Identifier: BSD-3-Clause */
/* build.c - a report from what the session knows of its run. */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "report/report_json.h"
#include "report/tables.h"

static int out_of_memory(struct xb_error *err)
{
    return xb_fail(err, "out of memory for the report");
}

/* Texts that come from outside, as UTF-8. */
static int copy_texts(const char *const *from, struct xb_texts *to)
{
    for (; from && *from; from++) {
        char *text = xb_utf8_text(*from);
        int rc = text ? xb_texts_add(to, text) : -1;
        free(text);
        if (rc < 0)
            return -1;
    }
    return 0;
}

static int copy_named(const struct xb_named *from, struct xb_named_texts *to)
{
    size_t n = 0;

    while (from && from[n].name)
        n++;
    to->there = true;
    to->item = calloc(n + 1, sizeof(*to->item));
    if (!to->item)
        return -1;
    for (; to->n < n; to->n++) {
        struct xb_named_text *item = &to->item[to->n];
        const char *value = from[to->n].value;

        item->name = xb_utf8_text(from[to->n].name);
        item->value = item->name && value ? xb_utf8_text(value) : NULL;
        if (!item->name || (value && !item->value)) {
            free(item->name);
            return -1;
        }
    }
    return 0;
}

static int take_slurm(const struct xb_named *from, struct xb_report_slurm *to)
{
    int rc = 0;

    for (; from && from->name && rc == 0; from++) {
        char *value = from->value ? xb_utf8_text(from->value) : NULL;
        rc = from->value && !value ? -1 : xb_report_slurm_take(to, from->name, value);
        free(value);
    }
    return rc;
}

static int fill_texts(struct xb_report *r, const struct xb_report_head *head)
{
    struct xb_report_environment *env = &r->environment;
    const struct xb_text_copy copies[] = {
        {head->id, &r->run.id},
        {head->label, &r->run.label},
        {head->start_utc, &r->run.start_utc},
        {head->launcher, &r->run.launcher},
        {head->device, &r->run.device},
        {head->version, &r->build.version},
        {head->git, &r->build.git},
        {head->compiler, &r->build.compiler},
        {head->build_mpi, &r->build.mpi},
        {head->build_cuda, &r->build.cuda},
        {head->build_nccl, &r->build.nccl},
        {head->build_hwloc, &r->build.hwloc},
        {head->driver, &env->driver},
        {head->cuda_runtime, &env->cuda_runtime},
        {head->nccl_library, &env->nccl_library},
        {head->mpi_library, &env->mpi_library},
        {head->mpi_cuda_aware_how, &env->mpi_cuda_aware_how},
        {head->policy ? head->policy->name : NULL, &r->run.policy.name},
    };

    if (xb_text_copies(copies, sizeof(copies) / sizeof(copies[0])) < 0 ||
        copy_texts((const char *const *)head->argv, &r->run.argv) < 0 ||
        copy_texts(head->required, &r->run.required) < 0 ||
        copy_texts(head->features, &r->build.features) < 0 ||
        copy_named(head->variables, &env->variables) < 0 ||
        (head->set_by_xferbench &&
         copy_named(head->set_by_xferbench, &env->set_by_xferbench) < 0))
        return -1;
    return take_slurm(head->slurm, &r->run.slurm);
}

/* The GPUs that a rank sees, where its node is described. */
static int fill_visible(struct xb_report_rank *rank, const struct xb_rank_info *info,
                        const struct xb_node_info *node)
{
    for (int i = 0; node && i < info->nvisible; i++) {
        const struct xb_gpu_info *seen = &node->gpus[info->visible[i]];
        struct xb_report_gpu *gpu = xb_list_add(&rank->visible, sizeof(*gpu));

        if (!gpu)
            return -1;
        gpu->there = true;
        gpu->mig = seen->instance[0] != '\0';
        const struct xb_text_copy copies[] = {
            {seen->uuid, &gpu->uuid}, {seen->pci, &gpu->pci_bus_id}, {seen->name, &gpu->name}};
        if (xb_text_copies(copies, sizeof(copies) / sizeof(copies[0])) < 0)
            return -1;
    }
    return 0;
}

static int fill_ranks(struct xb_report *r, const struct xb_rank_info *ranks, size_t n,
                      const struct xb_node_info *nodes)
{
    for (size_t i = 0; i < n; i++) {
        struct xb_report_rank *rank = xb_list_add(&r->ranks, sizeof(*rank));

        if (!rank || fill_visible(rank, &ranks[i], nodes ? &nodes[ranks[i].node] : NULL) < 0)
            return -1;
        rank->rank = ranks[i].rank;
        rank->node = ranks[i].node;
        rank->gpu.there = ranks[i].place.has_gpu;
        rank->gpu.mig = ranks[i].place.instance[0] != '\0';
        const struct xb_text_copy copies[] = {{ranks[i].host, &rank->host},
                                              {ranks[i].gpu_uuid, &rank->gpu.uuid},
                                              {ranks[i].place.pci, &rank->gpu.pci_bus_id},
                                              {ranks[i].gpu_name, &rank->gpu.name}};
        if (xb_text_copies(copies, sizeof(copies) / sizeof(copies[0])) < 0)
            return -1;
    }
    return 0;
}

int xb_report_begin(struct xb_report *report, const struct xb_report_head *head,
                    struct xb_error *err)
{
    const cJSON *scenario = head->scenario ? head->scenario->doc.root : NULL;
    struct xb_report_run *run = &report->run;

    xb_report_empty(report);
    report->schema.version = XB_REPORT_VERSION;
    run->seed = head->seed;
    run->plan_hash = head->plan_hash;
    run->plan_cases = (int64_t)head->plan_cases;
    run->passes = head->passes > 0 ? head->passes : -1;
    if (head->passes > 0 && head->scenario && head->scenario->sampling.repeat_for_ns > 0)
        run->repeat_for_s = 1e-9 * (double)head->scenario->sampling.repeat_for_ns;
    if (head->max_time_s > 0)
        run->max_time_s = head->max_time_s;
    run->policy.there = head->policy != NULL;
    run->policy.hash = head->policy ? head->policy->hash : 0;
    report->environment.mpi_cuda_aware = head->mpi_cuda_aware;
    report->environment.clock =
        (struct xb_report_clock){head->clock_resolution_ns, head->clock_overhead_ns};
    report->environment.nodes = xb_host_facts_json(head->hosts, head->nhosts);
    report->outliers = cJSON_CreateArray();
    report->topology = xb_report_topology(head->ranks, head->nranks, head->nodes);
    run->scenario = scenario ? cJSON_Duplicate(scenario, true) : NULL;
    bool good = report->environment.nodes && report->outliers && report->topology &&
                (!scenario || run->scenario) && fill_texts(report, head) == 0 &&
                fill_ranks(report, head->ranks, head->nranks, head->nodes) == 0;
    return good ? 0 : out_of_memory(err);
}

int xb_report_end(struct xb_report *report, enum xb_run_status status, const char *end_utc,
                  struct xb_error *err)
{
    report->status = (int)status;
    free(report->run.end_utc);
    if (xb_text_dup(end_utc, &report->run.end_utc) < 0)
        return out_of_memory(err);
    return xb_report_total(report, err);
}
