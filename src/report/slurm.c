/* SPDX-License-Identifier: BSD-3-Clause */
/* slurm.c - what Slurm says of the job that a run was part of. */
#include "report/slurm.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS_MOST 15 /* of a number: it stays below 2^53 */

/* An environment variable, its key in a report, the type and the member: a row each. */
#define SLURM_ROWS(ROW)                                                                        \
    ROW("SLURM_CLUSTER_NAME", "cluster", XB_FIELD_TEXT, cluster)                               \
    ROW("SLURM_JOB_PARTITION", "partition", XB_FIELD_TEXT, partition)                          \
    ROW("SLURM_JOB_NAME", "job_name", XB_FIELD_TEXT, job_name)                                 \
    ROW("SLURM_JOB_ID", "job_id", XB_FIELD_WHOLE, job_id)                                      \
    ROW("SLURM_ARRAY_JOB_ID", "array_job_id", XB_FIELD_WHOLE, array_job_id)                    \
    ROW("SLURM_ARRAY_TASK_ID", "array_task_id", XB_FIELD_WHOLE, array_task_id)                 \
    ROW("SLURM_STEP_ID", "step_id", XB_FIELD_WHOLE, step_id)                                   \
    ROW("SLURM_RESTART_COUNT", "restart_count", XB_FIELD_WHOLE, restart_count)                 \
    ROW("SLURM_JOB_NUM_NODES", "nodes", XB_FIELD_WHOLE, nodes)                                 \
    ROW("SLURM_NTASKS", "tasks", XB_FIELD_WHOLE, tasks)                                        \
    ROW("SLURM_CPUS_PER_TASK", "cpus_per_task", XB_FIELD_WHOLE, cpus_per_task)                 \
    ROW("SLURM_GPUS_ON_NODE", "gpus_on_node", XB_FIELD_WHOLE, gpus_on_node)                    \
    ROW("SLURM_JOB_NODELIST", "node_list", XB_FIELD_TEXT, node_list)                           \
    ROW("SLURM_STEP_NODELIST", "step_node_list", XB_FIELD_TEXT, step_node_list)                \
    ROW("SLURM_JOB_GPUS", "job_gpus", XB_FIELD_TEXT, job_gpus)                                 \
    ROW("SLURM_STEP_GPUS", "step_gpus", XB_FIELD_TEXT, step_gpus)

#define VARIABLE(variable, key, kind, member) variable,
static const char *const variables[] = {SLURM_ROWS(VARIABLE) NULL};

/* In the order of the variables. */
#define FIELD(variable, key, kind, member)                                                     \
    {.name = (key),                                                                            \
     .type = (kind),                                                                           \
     .offset = offsetof(struct xb_report_slurm, member),                                       \
     .flags = XB_FIELD_SINCE_2 | XB_FIELD_LATER},
const struct xb_field xb_report_slurm_fields[] = {SLURM_ROWS(FIELD){.name = NULL}};

const char *xb_report_slurm_variable(size_t i)
{
    return variables[i];
}

int xb_report_slurm_take(struct xb_report_slurm *slurm, const char *variable, const char *value)
{
    size_t i = 0;

    slurm->there = true;
    while (variables[i] && strcmp(variables[i], variable) != 0)
        i++;
    if (!variables[i] || !value || !value[0])
        return 0;
    void *member = (char *)slurm + xb_report_slurm_fields[i].offset;
    if (xb_report_slurm_fields[i].type == XB_FIELD_TEXT) {
        free(*(char **)member);
        return xb_text_dup(value, member);
    }
    size_t digits = strspn(value, "0123456789");
    if (digits <= DIGITS_MOST && value[digits] == '\0')
        *(int64_t *)member = strtoll(value, NULL, 10);
    return 0;
}
