/* SPDX-License-Identifier: BSD-3-Clause */
/* nvml_state.c - in what state a GPU is now, from NVIDIA's management library. */
#include "engine/probes/nvml_state.h"

#include <stdbool.h>
#include <unistd.h>

#define MAX_PROCESSES 256

static int ask(int (*question)(xb_nvml_gpu, unsigned *), xb_nvml_gpu gpu)
{
    unsigned value = 0;

    return question && question(gpu, &value) == 0 ? (int)value : 0;
}

static int ask_clock(int (*question)(xb_nvml_gpu, int, unsigned *), xb_nvml_gpu gpu, int clock)
{
    unsigned mhz = 0;

    return question && question(gpu, clock, &mhz) == 0 ? (int)mhz : 0;
}

static int ask_mode(int (*question)(xb_nvml_gpu, int *), xb_nvml_gpu gpu)
{
    int mode;

    return question && question(gpu, &mode) == 0 ? mode : -1;
}

static void read_clocks(const struct xb_nvml *nvml, xb_nvml_gpu gpu, struct xb_gpu_state *out)
{
    unsigned long long reasons;
    unsigned celsius;

    out->sm_mhz = ask_clock(nvml->clock, gpu, XB_NVML_CLOCK_SM);
    out->sm_mhz_max = ask_clock(nvml->max_clock, gpu, XB_NVML_CLOCK_SM);
    out->memory_mhz = ask_clock(nvml->clock, gpu, XB_NVML_CLOCK_MEMORY);
    out->memory_mhz_max = ask_clock(nvml->max_clock, gpu, XB_NVML_CLOCK_MEMORY);
    out->power_w = ask(nvml->power, gpu) * 1e-3;
    out->power_limit_w = ask(nvml->power_limit, gpu) * 1e-3;
    if (nvml->temperature && nvml->temperature(gpu, XB_NVML_TEMPERATURE_GPU, &celsius) == 0)
        out->temperature_c = (int)celsius;
    if (nvml->throttle && nvml->throttle(gpu, &reasons) == 0)
        out->throttle = (int64_t)(reasons & INT64_MAX);
    int state = ask_mode(nvml->power_state, gpu);
    out->power_state = state >= 0 && state <= 15 ? state : -1; /* 32 is unknown */
}

static void read_modes(const struct xb_nvml *nvml, xb_nvml_gpu gpu, struct xb_gpu_state *out)
{
    int now, next, rc;
    unsigned mig, pending;

    rc = nvml->ecc_mode ? nvml->ecc_mode(gpu, &now, &next) : -1;
    out->ecc = rc == 0 ? now == 1 : rc == XB_NVML_NOT_SUPPORTED ? 0 : -1;
    rc = nvml->mig_mode ? nvml->mig_mode(gpu, &mig, &pending) : -1;
    out->mig = rc == 0 ? mig == 1 : rc == XB_NVML_NOT_SUPPORTED ? 0 : -1;
    out->persistence = ask_mode(nvml->persistence, gpu);
    out->compute_mode = ask_mode(nvml->compute_mode, gpu);
}

static bool is_among(int pid, const int *pids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

static void count_others(const struct xb_nvml *nvml, xb_nvml_gpu gpu, int self, const int *ours,
                         size_t n, struct xb_gpu_state *out)
{
    struct xb_nvml_process found[MAX_PROCESSES];
    unsigned count = MAX_PROCESSES;
    bool seen = false;
    int others = 0;

    if (!nvml->processes || nvml->processes(gpu, &count, found) != 0)
        return;
    for (unsigned i = 0; i < count && i < MAX_PROCESSES; i++) {
        int pid = (int)found[i].pid;
        seen = seen || pid == self;
        others += pid != self && !is_among(pid, ours, n);
    }
    out->other_processes = seen ? others : -1;
}

/* The sum of a counter over the links that have it; -1 where none has. */
static int64_t sum_links(const struct xb_nvml *nvml, xb_nvml_gpu gpu, int counter)
{
    unsigned long long value;
    int64_t sum = -1;

    for (unsigned link = 0; nvml->link_errors && link < XB_NVML_MAX_LINKS; link++)
        if (nvml->link_errors(gpu, link, counter, &value) == 0)
            sum = (sum < 0 ? 0 : sum) + (int64_t)value;
    return sum;
}

static void read_errors(const struct xb_nvml *nvml, xb_nvml_gpu gpu, struct xb_gpu_state *out)
{
    unsigned long long value;
    int64_t flits = sum_links(nvml, gpu, XB_NVML_CRC_FLIT);
    int64_t data = sum_links(nvml, gpu, XB_NVML_CRC_DATA);

    out->errors[XB_GPU_NVLINK_REPLAYS] = sum_links(nvml, gpu, XB_NVML_REPLAY);
    out->errors[XB_GPU_NVLINK_RECOVERIES] = sum_links(nvml, gpu, XB_NVML_RECOVERY);
    if (flits >= 0 || data >= 0)
        out->errors[XB_GPU_NVLINK_CRC_ERRORS] = (flits > 0 ? flits : 0) + (data > 0 ? data : 0);
    if (nvml->ecc_errors &&
        nvml->ecc_errors(gpu, XB_NVML_UNCORRECTED, XB_NVML_VOLATILE, &value) == 0)
        out->errors[XB_GPU_ECC_UNCORRECTABLE] = (int64_t)value;
}

void xb_nvml_state_by(const struct xb_nvml *nvml, const char *pci, int self, const int *ours,
                      size_t n, struct xb_gpu_state *out)
{
    xb_nvml_gpu gpu;

    *out = xb_gpu_state_unknown();
    if (nvml->by_bus_id(pci, &gpu) != 0)
        return;
    read_clocks(nvml, gpu, out);
    read_modes(nvml, gpu, out);
    read_errors(nvml, gpu, out);
    count_others(nvml, gpu, self, ours, n, out);
    out->pcie_gen = ask(nvml->gen, gpu);
    out->pcie_width = ask(nvml->width, gpu);
}

void xb_nvml_state(const char *pci, const int *ours, size_t n, struct xb_gpu_state *out)
{
    struct xb_nvml nvml;

    *out = (struct xb_gpu_state){.there = false};
    if (!xb_nvml_open(&nvml))
        return;
    xb_nvml_state_by(&nvml, pci, getpid(), ours, n, out);
    xb_nvml_close(&nvml);
}
