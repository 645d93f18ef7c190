/* SPDX-License-Identifier: BSD-3-Clause */
/* job.h - a job of so many ranks that never was, and what a run, and who reads its report, do
 * for it: stages, which follow one another. For programs that look at how they grow.
 */
#ifndef XB_TESTS_SCALE_JOB_H
#define XB_TESTS_SCALE_JOB_H

#include "engine/measure/conclude.h"
#include "report/expect.h"
#include "report/report.h"

#define PER_NODE 8 /* ranks on each node */

struct job {
    int n;
    struct xb_session session;
    struct xb_job job;
    struct xb_scenario scenario;
    struct xb_plan plan; /* pairs in rounds: within nodes, and between them */
    struct xb_result result;
    struct xb_report report;
    struct xb_expectations learnt; /* from it */
    char file[64], other[64];      /* reports; of the other one lanes are in another order */
};

struct stage {
    const char *name, *of;          /* what is counted */
    void (*prepare)(struct job *j); /* what is no part of the stage; NULL for nothing */
    size_t (*run)(struct job *j);   /* how many things it has dealt with */
    bool all_pairs;                 /* it walks through each two ranks of different nodes */
};

/* What a run does, as far as its report and how that is read; then who reads it. They end with
 * one without a name. */
extern const struct stage run_stages[], reader_stages[];
#define STAGES_MAX 32

/* Stage i of all of them, NULL behind the last. */
const struct stage *stage_at(size_t i);

/* A job of n ranks, before its first stage, and the end of it; files are of this name and end
 * in
 * ".json". What fails ends the program. */
void job_open(struct job *j, int n, const char *name);
void job_close(struct job *j);

/* End the program unless rc is 0. */
void must(int rc, const char *what, const struct xb_error *err);

/* Room for n things of so many bytes, all zeros. */
void *room(size_t n, size_t size);

#endif
