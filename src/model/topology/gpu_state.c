/* SPDX-License-Identifier: BSD-3-Clause */
/* gpu_state.c - in what state a GPU is at some moment. */
#include "model/topology/gpu_state.h"

struct xb_gpu_state xb_gpu_state_unknown(void)
{
    struct xb_gpu_state state = {.there = true,
                                 .power_state = -1,
                                 .temperature_c = -1,
                                 .throttle = -1,
                                 .ecc = -1,
                                 .mig = -1,
                                 .persistence = -1,
                                 .compute_mode = -1,
                                 .other_processes = -1};

    for (int e = 0; e < XB_GPU_ERRORS; e++)
        state.errors[e] = -1;
    return state;
}

const char *xb_gpu_throttle_name(int bit)
{
    static const char *const names[] = {
        "gpu-idle",       "application-clocks", "sw-power-cap", "hw-slowdown",
        "sync-boost",     "sw-thermal",         "hw-thermal",   "hw-power-brake",
        "display-clocks", "board-limit",        "reliability",
    };

    return bit >= 0 && bit < (int)(sizeof names / sizeof *names) ? names[bit] : NULL;
}

const char *xb_gpu_compute_mode_name(int mode)
{
    static const char *const names[] = {"default", "exclusive-thread", "prohibited",
                                        "exclusive-process"};

    return mode >= 0 && mode < (int)(sizeof names / sizeof *names) ? names[mode] : NULL;
}

const char *xb_gpu_error_name(enum xb_gpu_error error)
{
    static const char *const names[XB_GPU_ERRORS] = {
        [XB_GPU_NVLINK_REPLAYS] = "nvlink_replays",
        [XB_GPU_NVLINK_RECOVERIES] = "nvlink_recoveries",
        [XB_GPU_NVLINK_CRC_ERRORS] = "nvlink_crc_errors",
        [XB_GPU_ECC_UNCORRECTABLE] = "ecc_uncorrectable",
    };

    return names[error];
}

int64_t xb_gpu_errors_between(const struct xb_gpu_state *before,
                              const struct xb_gpu_state *after, enum xb_gpu_error error)
{
    int64_t from = before->errors[error], to = after->errors[error];

    return before->there && after->there && from >= 0 && to >= from ? to - from : -1;
}
