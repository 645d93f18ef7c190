/* SPDX-License-Identifier: BSD-3-Clause */
/* run_check.c - what a run's report is held against, and what was found. */
#include "cmd/run/run_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "cmd/agree.h"

void xb_run_check_name(const char *output, char *buf, size_t len)
{
    size_t n = strlen(output);
    bool json = n > 5 && strcmp(output + n - 5, ".json") == 0;

    snprintf(buf, len, "%.*s-again%s", (int)(json ? n - 5 : n), output, json ? ".json" : "");
}

int xb_run_check_open(struct xb_run_check *check, char *const *given, struct xb_error *err)
{
    int rank, rc = 0;

    *check = (struct xb_run_check){.output = NULL};
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (rank == 0)
        rc = xb_expectation_files_open(given, &check->files, err);
    return xb_arguments_agree(rc, err);
}

void xb_run_check_release(struct xb_run_check *check)
{
    xb_check_release(&check->first);
    xb_check_release(&check->again);
    xb_expectation_files_release(&check->files);
    free(check->output);
}

int xb_run_check_take(struct xb_run_check *check, const struct xb_report *report,
                      const char *output, struct xb_error *err)
{
    if (!check->is_again && !(check->output = strdup(output)))
        return xb_fail(err, "out of memory");
    return xb_check_add(check->is_again ? &check->again : &check->first, output, report,
                        check->files.expect, check->files.n, err);
}
