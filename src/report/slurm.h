/* SPDX-License-Identifier: BSD-3-Clause */
/* slurm.h - what Slurm says of the job that a run was part of, in rank 0's environment.
 */
#ifndef XB_REPORT_SLURM_H
#define XB_REPORT_SLURM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/fields.h"

/* Whole numbers are -1 and texts NULL where Slurm says nothing of them. Lists are in Slurm's
 * own form: nodes "n[1-4,7]", GPUs "0,1" or "0-3", those of rank 0's node by their numbers
 * there. */
struct xb_report_slurm {
    bool there;
    char *cluster, *partition, *job_name;
    int64_t job_id;                      /* of an array's task its own */
    int64_t array_job_id, array_task_id; /* outside an array -1 */
    int64_t step_id;                     /* -1 where mpirun started the ranks */
    int64_t restart_count;               /* times that the job was queued again; -1 for none */
    int64_t nodes, tasks, cpus_per_task, gpus_on_node;
    char *node_list, *step_node_list, *job_gpus, *step_gpus;
};

extern const struct xb_field xb_report_slurm_fields[];

/* Name i of the environment variables that these come from, or NULL behind the last one. */
const char *xb_report_slurm_variable(size_t i);

/* Take over what a variable says, which must be UTF-8; a value that is NULL or empty, or a text
 * where a number is expected, says nothing, and others than those above are passed over. -1
 * when out of memory. */
int xb_report_slurm_take(struct xb_report_slurm *slurm, const char *variable,
                         const char *value);

#endif
