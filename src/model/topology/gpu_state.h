/* SPDX-License-Identifier: BSD-3-Clause */
/* gpu_state.h - in what state a GPU is at some moment, as plain data: what explains a figure,
 * and what the hardware has counted of its errors. */
#ifndef XB_MODEL_TOPOLOGY_GPU_STATE_H
#define XB_MODEL_TOPOLOGY_GPU_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Errors that the hardware counts. Those of NVLink are sums over a GPU's links. */
enum xb_gpu_error {
    XB_GPU_NVLINK_REPLAYS,
    XB_GPU_NVLINK_RECOVERIES,
    XB_GPU_NVLINK_CRC_ERRORS,
    XB_GPU_ECC_UNCORRECTABLE, /* of its memory, since the driver was loaded */
};
#define XB_GPU_ERRORS 4

/* What nobody has told: 0 of clocks, watts and PCI Express, -1 of all else. */
struct xb_gpu_state {
    bool there; /* somebody has asked */
    int sm_mhz, sm_mhz_max, memory_mhz, memory_mhz_max;
    int power_state; /* from 0, the fastest, to 15 */
    double power_w, power_limit_w;
    int temperature_c;
    int64_t throttle;          /* bits of xb_gpu_throttle_name */
    int ecc, mig, persistence; /* 1 or 0 */
    int compute_mode;          /* as xb_gpu_compute_mode_name numbers it */
    int other_processes;       /* on the GPU that are not of this run */
    int64_t errors[XB_GPU_ERRORS];
    int pcie_gen, pcie_width;
    bool pcie_busy; /* they were read when much had just gone over it */
};

/* A state of which nothing is known; it is there. */
struct xb_gpu_state xb_gpu_state_unknown(void);

/* Why clocks are lower than they could be, by bit: "gpu-idle", "sw-power-cap", ...; NULL beyond
 * the last that is known. A constant string, as below. */
const char *xb_gpu_throttle_name(int bit);

/* "default", "exclusive-process", ...; NULL for what is none. */
const char *xb_gpu_compute_mode_name(int mode);

/* "nvlink_replays", ... as the keys of a report. */
const char *xb_gpu_error_name(enum xb_gpu_error error);

/* How many errors of a kind came between two moments; -1 where that cannot be told, and where
 * somebody has set the counter back. */
int64_t xb_gpu_errors_between(const struct xb_gpu_state *before,
                              const struct xb_gpu_state *after, enum xb_gpu_error error);

#endif
