/* report.c - the report of a whole run around its case entries. */
#include "report/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/report_json.h"

static cJSON *texts_json(const char *const *texts)
{
    cJSON *array = cJSON_CreateArray();
    bool good = array != NULL;

    for (; good && texts && *texts; texts++)
        good = xb_report_push(array, cJSON_CreateString(*texts));
    return xb_report_done(array, good);
}

/* An empty value stays "": a variable that is set to nothing is not an unset one. */
static cJSON *named_json(const struct xb_named *named)
{
    cJSON *object = cJSON_CreateObject();
    bool good = object != NULL;

    for (; good && named && named->name; named++)
        good =
            xb_report_put(object, named->name,
                          named->value ? cJSON_CreateString(named->value) : cJSON_CreateNull());
    return xb_report_done(object, good);
}

/* Written digit by digit: cJSON rounds a double near 2^53 to 15 digits. */
static cJSON *seed_json(uint64_t seed)
{
    char digits[24];

    snprintf(digits, sizeof(digits), "%" PRIu64, seed);
    return cJSON_CreateRaw(digits);
}

static cJSON *hash_json(uint64_t hash)
{
    char text[24];

    snprintf(text, sizeof(text), "0x%016" PRIx64, hash);
    return cJSON_CreateString(text);
}

static cJSON *schema_json(void)
{
    cJSON *schema = cJSON_CreateObject();
    bool good = xb_report_put(schema, "name", cJSON_CreateString(XB_REPORT_NAME)) &&
                xb_report_put(schema, "version", xb_report_number(XB_REPORT_VERSION));

    return xb_report_done(schema, good);
}

/* Null when no case was decided by a policy. */
static cJSON *policy_json(const struct xb_policy *policy)
{
    if (!policy)
        return cJSON_CreateNull();
    cJSON *object = cJSON_CreateObject();
    bool good = xb_report_put(object, "name", xb_report_text(policy->name)) &&
                xb_report_put(object, "hash", hash_json(policy->hash));

    return xb_report_done(object, good);
}

static cJSON *run_json(const struct xb_report_head *head, const char *end_utc)
{
    const cJSON *scenario = head->scenario ? head->scenario->doc.root : NULL;
    cJSON *run = cJSON_CreateObject();
    bool good =
        xb_report_put(run, "id", xb_report_text(head->id)) &&
        xb_report_put(run, "start_utc", xb_report_text(head->start_utc)) &&
        xb_report_put(run, "end_utc", xb_report_text(end_utc)) &&
        xb_report_put(run, "argv", texts_json((const char *const *)head->argv)) &&
        xb_report_put(run, "seed", seed_json(head->seed)) &&
        xb_report_put(run, "device", xb_report_text(head->device)) &&
        xb_report_put(run, "plan_hash", hash_json(head->plan_hash)) &&
        xb_report_put(run, "plan_cases", xb_report_number((double)head->plan_cases)) &&
        xb_report_put(run, "scenario",
                      scenario ? cJSON_Duplicate(scenario, true) : cJSON_CreateNull()) &&
        xb_report_put(run, "policy", policy_json(head->policy)) &&
        xb_report_put(run, "slurm", head->slurm ? named_json(head->slurm) : cJSON_CreateNull());

    return xb_report_done(run, good);
}

static cJSON *build_json(const struct xb_report_head *head)
{
    cJSON *build = cJSON_CreateObject();
    bool good = xb_report_put(build, "version", xb_report_text(head->version)) &&
                xb_report_put(build, "git", xb_report_text(head->git)) &&
                xb_report_put(build, "compiler", xb_report_text(head->compiler)) &&
                xb_report_put(build, "mpi", xb_report_text(head->build_mpi)) &&
                xb_report_put(build, "cuda", xb_report_text(head->build_cuda)) &&
                xb_report_put(build, "nccl", xb_report_text(head->build_nccl)) &&
                xb_report_put(build, "hwloc", xb_report_text(head->build_hwloc)) &&
                xb_report_put(build, "features", texts_json(head->features));

    return xb_report_done(build, good);
}

static cJSON *clock_json(const struct xb_report_head *head)
{
    cJSON *clock = cJSON_CreateObject();
    bool good =
        xb_report_put(clock, "resolution_ns", xb_report_number(head->clock_resolution_ns)) &&
        xb_report_put(clock, "overhead_ns", xb_report_number(head->clock_overhead_ns));

    return xb_report_done(clock, good);
}

static cJSON *environment_json(const struct xb_report_head *head)
{
    cJSON *env = cJSON_CreateObject();
    bool good =
        xb_report_put(env, "driver", xb_report_text(head->driver)) &&
        xb_report_put(env, "cuda_runtime", xb_report_text(head->cuda_runtime)) &&
        xb_report_put(env, "nccl_library", xb_report_text(head->nccl_library)) &&
        xb_report_put(env, "mpi_library", xb_report_text(head->mpi_library)) &&
        xb_report_put(env, "mpi_cuda_aware", cJSON_CreateBool(head->mpi_cuda_aware)) &&
        xb_report_put(env, "mpi_cuda_aware_how", xb_report_text(head->mpi_cuda_aware_how)) &&
        xb_report_put(env, "variables", named_json(head->variables)) &&
        xb_report_put(env, "clock", clock_json(head));

    return xb_report_done(env, good);
}

cJSON *xb_report_build(const struct xb_report_head *head, cJSON *cases,
                       enum xb_run_status status, const char *end_utc)
{
    cJSON *paths = xb_report_paths(cases);
    cJSON *report = cJSON_CreateObject();
    bool good =
        xb_report_put(report, "schema", schema_json()) &&
        xb_report_put(report, "status", cJSON_CreateString(xb_run_status_name(status))) &&
        xb_report_put(report, "run", run_json(head, end_utc)) &&
        xb_report_put(report, "build", build_json(head)) &&
        xb_report_put(report, "environment", environment_json(head)) &&
        xb_report_put(report, "topology",
                      xb_report_topology(head->ranks, head->nranks, head->nodes));

    /* Both are owned here until they are put, even when a step before them failed. */
    if (!good) {
        cJSON_Delete(cases);
        cJSON_Delete(paths);
    } else {
        good = xb_report_put(report, "cases", cases);
        good = xb_report_put(report, "paths", paths) && good;
    }
    return xb_report_done(report, good);
}

enum xb_run_status xb_report_status(const cJSON *cases)
{
    enum xb_run_status worst = XB_RUN_OK;
    const cJSON *entry;

    cJSON_ArrayForEach(entry, cases)
    {
        int status = xb_status_find(xb_report_member_text(entry, NULL, "status"));

        if (status == XB_CORRUPT)
            return XB_RUN_CORRUPT;
        if (status != XB_OK && status != XB_SKIPPED)
            worst = XB_RUN_FAILED;
    }
    return worst;
}

static const struct {
    const char *name;
    int exit_status;
} run_statuses[] = {
    [XB_RUN_OK] = {"ok", 0},
    [XB_RUN_FAILED] = {"failed", 1},
    [XB_RUN_CORRUPT] = {"corrupt", 4},
    [XB_RUN_INTERRUPTED] = {"interrupted", 5},
};

const char *xb_run_status_name(enum xb_run_status status)
{
    return run_statuses[status].name;
}

int xb_run_exit_status(enum xb_run_status status)
{
    return run_statuses[status].exit_status;
}
