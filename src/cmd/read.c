/* SPDX-License-Identifier: BSD-3-Clause */
/* read.c - scenarios and policies that rank 0 reads and all ranks have. */
#include "cmd/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "base/input.h"
#include "cmd/agree.h"
#include "cmd/cmd.h"
#include "engine/methods/method.h"
#include "engine/runtime/journal.h"
#include "engine/runtime/share.h"
#include "lab/experiment.h"

/* Rank 0 reads a file that a scenario names, and all have it: they read the same scenario, and
 * so come here alike. */
static int share_file(const char *file, size_t max_bytes, char **text, size_t *len,
                      struct xb_error *err)
{
    struct xb_shared_text shared = {0};
    int rank, rc = 0;

    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (rank == 0)
        rc = xb_input_text(file, max_bytes, &shared.text, len, err);
    if (rank == 0 && rc == 0 && strlen(shared.text) != *len) {
        rc = xb_fail(err, "%s: holds a byte of value 0, expected text", file);
        free(shared.text);
    }
    if (xb_share_read(rc, &shared) < 0)
        return rank == 0 ? -1 : xb_fail(err, "%s: rank 0 cannot read it", file);
    *text = shared.text;
    *len = strlen(shared.text);
    return 0;
}

/* The laboratory's, for a job. */
static const struct xb_catalog *catalog_of_job(void)
{
    static struct xb_catalog catalog;

    catalog = *xb_lab_catalog();
    catalog.read_text = share_file;
    return &catalog;
}

/* The plan of a scenario that this rank could read, or could not: rc, 0 or -1. All have it, or
 * none has either. */
static int expand(int rc, struct xb_scenario *scenario, struct xb_plan *plan,
                  struct xb_error *err)
{
    if (rc == 0 && (rc = xb_plan_expand(scenario, plan, err)) < 0)
        xb_scenario_release(scenario);
    if (xb_arguments_agree(rc, err) == 0)
        return 0;
    if (rc == 0) {
        xb_plan_release(plan);
        xb_scenario_release(scenario);
    }
    return -1;
}

/* From a text that all ranks have; it is freed. */
static int parse(struct xb_shared_text *file, const char *const *sets,
                 struct xb_scenario *scenario, struct xb_plan *plan, struct xb_error *err)
{
    int rc = xb_scenario_parse(file->path, file->text, sets, catalog_of_job(), scenario, err);

    free(file->text);
    return expand(rc, scenario, plan, err);
}

int xb_read_words(const struct xb_scenario_words *words, const char *const *sets,
                  struct xb_scenario *scenario, struct xb_plan *plan, struct xb_error *err)
{
    struct xb_json doc;
    int rc = xb_words_document(words, xb_lab_catalog(), &doc, err);

    if (rc == 0)
        rc = xb_scenario_read(&doc, sets, catalog_of_job(), scenario, err);
    return expand(rc, scenario, plan, err);
}

int xb_read_scenario(const char *given, const char *const *sets, struct xb_scenario *scenario,
                     struct xb_plan *plan, struct xb_error *err)
{
    struct xb_shared_text file;

    if (xb_share_text(xb_scenario_find, given, &file, err) < 0)
        return -1;
    return parse(&file, sets, scenario, plan, err);
}

int xb_read_origin(const char *file, const char *const *sets, struct xb_scenario *scenario,
                   struct xb_plan *plan, uint64_t *seed, struct xb_error *err)
{
    struct xb_shared_text text = {0};
    int rank, rc = 0;

    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (rank == 0) {
        rc = xb_journal_origin(file, &text.text, seed, err);
        snprintf(text.path, sizeof text.path, "the scenario of %.4000s", file);
    }
    if (xb_share_read(rc, &text) < 0)
        return -1;
    MPI_Bcast(seed, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD);
    return parse(&text, sets, scenario, plan, err);
}

int xb_read_policy(const char *given, struct xb_policy *policy, struct xb_error *err)
{
    struct xb_shared_text file;

    if (xb_share_text(xb_policy_find, given, &file, err) < 0)
        return -1;
    int rc = xb_policy_parse(file.path, file.text, xb_engine_catalog(), policy, err);
    free(file.text);
    return xb_arguments_agree(rc, err);
}
