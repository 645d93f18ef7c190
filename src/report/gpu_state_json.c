/* SPDX-License-Identifier: BSD-3-Clause */
/* gpu_state_json.c - what a report says of the state of a rank's GPU. */
#include "report/gpu_state_json.h"

#include <math.h>

#include "report/report_json.h"

static cJSON *count_json(int64_t count)
{
    return xb_report_number(count >= 0 ? (double)count : NAN);
}

static cJSON *clock_json(int before, int after, int max)
{
    cJSON *clock = cJSON_CreateObject();
    bool good = xb_report_put(clock, "before", xb_report_known(before)) &&
                xb_report_put(clock, "after", xb_report_known(after)) &&
                xb_report_put(clock, "max", xb_report_known(max));

    return xb_report_done(clock, good);
}

static cJSON *clocks_json(const struct xb_gpu_state *before, const struct xb_gpu_state *after)
{
    cJSON *clocks = cJSON_CreateObject();
    bool good = xb_report_put(clocks, "sm_mhz",
                              clock_json(before->sm_mhz, after ? after->sm_mhz : 0,
                                         before->sm_mhz_max)) &&
                xb_report_put(clocks, "memory_mhz",
                              clock_json(before->memory_mhz, after ? after->memory_mhz : 0,
                                         before->memory_mhz_max));

    return xb_report_done(clocks, good);
}

static cJSON *throttle_json(int64_t bits)
{
    if (bits < 0)
        return cJSON_CreateNull();

    cJSON *names = cJSON_CreateArray();
    bool good = names != NULL;
    for (int bit = 0; good && bit < 63; bit++)
        if (bits >> bit & 1) {
            const char *name = xb_gpu_throttle_name(bit);
            good = xb_report_push(names, cJSON_CreateString(name ? name : "other"));
        }
    return xb_report_done(names, good);
}

static cJSON *errors_json(const struct xb_gpu_state *state)
{
    cJSON *errors = cJSON_CreateObject();
    bool good = errors != NULL;

    for (int e = 0; good && e < XB_GPU_ERRORS; e++)
        good = xb_report_put(errors, xb_gpu_error_name((enum xb_gpu_error)e),
                             count_json(state->errors[e]));
    return xb_report_done(errors, good);
}

static cJSON *pcie_json(const struct xb_gpu_state *state)
{
    cJSON *pcie = cJSON_CreateObject();
    bool good = xb_report_put(pcie, "gen", xb_report_known(state->pcie_gen)) &&
                xb_report_put(pcie, "width", xb_report_known(state->pcie_width));

    return xb_report_done(pcie, good);
}

/* What changes from moment to moment. */
static cJSON *moment_json(const struct xb_gpu_state *state)
{
    if (!state || !state->there)
        return cJSON_CreateNull();

    cJSON *moment = cJSON_CreateObject();
    bool good = xb_report_put(moment, "power_state", count_json(state->power_state)) &&
                xb_report_put(moment, "power_w", xb_report_known(state->power_w)) &&
                xb_report_put(moment, "temperature_c", count_json(state->temperature_c)) &&
                xb_report_put(moment, "throttle", throttle_json(state->throttle)) &&
                xb_report_put(moment, "other_processes", count_json(state->other_processes)) &&
                xb_report_put(moment, "pcie", pcie_json(state)) &&
                xb_report_put(moment, "errors", errors_json(state));

    return xb_report_done(moment, good);
}

static cJSON *state_json(const struct xb_gpu_state *before, const struct xb_gpu_state *after)
{
    cJSON *state = cJSON_CreateObject();
    bool good = xb_report_put(state, "ecc", xb_report_flag(before->ecc)) &&
                xb_report_put(state, "mig", xb_report_flag(before->mig)) &&
                xb_report_put(state, "persistence", xb_report_flag(before->persistence)) &&
                xb_report_put(state, "compute_mode",
                              xb_report_text(xb_gpu_compute_mode_name(before->compute_mode))) &&
                xb_report_put(state, "power_limit_w", xb_report_known(before->power_limit_w)) &&
                xb_report_put(state, "before", moment_json(before)) &&
                xb_report_put(state, "after", moment_json(after));

    return xb_report_done(state, good);
}

bool xb_gpu_state_put(cJSON *gpu, const struct xb_gpu_state *before,
                      const struct xb_gpu_state *after)
{
    cJSON_DeleteItemFromObject(gpu, "clocks");
    cJSON_DeleteItemFromObject(gpu, "state");
    return xb_report_put(gpu, "clocks",
                         before->there ? clocks_json(before, after) : cJSON_CreateNull()) &&
           xb_report_put(gpu, "state",
                         before->there ? state_json(before, after) : cJSON_CreateNull());
}
