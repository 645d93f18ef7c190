/* SPDX-License-Identifier: BSD-3-Clause */
/* test_nvml_state.c - the state of a GPU, by a library of made-up answers. */
#include "engine/probes/nvml_state.h"

#include "tests/tap.h"

#define PCI "0000:3b:00.0"

/* What the made-up library says. */
static struct {
    unsigned pids[4], npids;
    int process_rc, ecc_rc, power_state;
    unsigned long long throttle;
    int links; /* that have counters */
} says;

static int by_bus_id(const char *pci, xb_nvml_gpu *gpu)
{
    *gpu = NULL;
    return strcmp(pci, PCI) == 0 ? 0 : 6;
}

static int clock(xb_nvml_gpu gpu, int type, unsigned *mhz)
{
    (void)gpu;
    *mhz = type == 1 ? 345 : type == 2 ? 3201 : 0;
    return 0;
}

static int max_clock(xb_nvml_gpu gpu, int type, unsigned *mhz)
{
    (void)gpu;
    *mhz = type == 1 ? 1980 : type == 2 ? 3202 : 0;
    return 0;
}

static int power_state(xb_nvml_gpu gpu, int *out)
{
    (void)gpu;
    *out = says.power_state;
    return 0;
}

static int power(xb_nvml_gpu gpu, unsigned *mw)
{
    (void)gpu;
    *mw = 75500;
    return 0;
}

static int power_limit(xb_nvml_gpu gpu, unsigned *mw)
{
    (void)gpu;
    *mw = 700000;
    return 0;
}

static int temperature(xb_nvml_gpu gpu, int sensor, unsigned *celsius)
{
    (void)gpu;
    *celsius = 31;
    return sensor;
}

static int throttle(xb_nvml_gpu gpu, unsigned long long *reasons)
{
    (void)gpu;
    *reasons = says.throttle;
    return 0;
}

static int ecc_mode(xb_nvml_gpu gpu, int *now, int *pending)
{
    (void)gpu;
    *now = 1;
    *pending = 0;
    return says.ecc_rc;
}

static int compute_mode(xb_nvml_gpu gpu, int *mode)
{
    (void)gpu;
    *mode = 3;
    return 0;
}

static int processes(xb_nvml_gpu gpu, unsigned *count, struct xb_nvml_process *out)
{
    (void)gpu;
    *count = says.npids;
    for (unsigned i = 0; i < says.npids; i++)
        out[i] = (struct xb_nvml_process){.pid = says.pids[i]};
    return says.process_rc;
}

static int link_errors(xb_nvml_gpu gpu, unsigned link, int counter, unsigned long long *value)
{
    (void)gpu;
    *value = counter == XB_NVML_REPLAY ? link + 1 : counter == XB_NVML_CRC_DATA ? 10 : 0;
    return (int)link < says.links && counter != XB_NVML_CRC_FLIT ? 0 : 3;
}

static int ecc_errors(xb_nvml_gpu gpu, int type, int since, unsigned long long *value)
{
    (void)gpu;
    *value = type == 1 && since == 0 ? 2 : 99;
    return 0;
}

static int gen(xb_nvml_gpu gpu, unsigned *out)
{
    (void)gpu;
    *out = 4;
    return 0;
}

static const struct xb_nvml library = {
    .by_bus_id = by_bus_id,
    .gen = gen,
    .width = gen,
    .clock = clock,
    .max_clock = max_clock,
    .power_state = power_state,
    .power = power,
    .power_limit = power_limit,
    .temperature = temperature,
    .throttle = throttle,
    .ecc_mode = ecc_mode,
    .compute_mode = compute_mode,
    .processes = processes,
    .link_errors = link_errors,
    .ecc_errors = ecc_errors,
};

static void test_answers(void)
{
    const int ours[] = {100, 101};
    struct xb_gpu_state s;

    says.npids = 0;
    says.throttle = 5;
    says.links = 3;
    says.power_state = 2;
    xb_nvml_state_by(&library, PCI, 100, ours, 2, &s);
    ok(s.there, "somebody has asked");
    is_int(s.sm_mhz, 345, "clock");
    is_int(s.sm_mhz_max, 1980, "its maximum");
    is_int(s.memory_mhz, 3201, "memory's clock");
    is_int(s.memory_mhz_max, 3202, "its maximum");
    is_near(s.power_w, 75.5, 1e-9, "power in watts");
    is_near(s.power_limit_w, 700, 1e-9, "its limit");
    is_int(s.temperature_c, 31, "temperature");
    is_int(s.power_state, 2, "power state");
    is_int(s.throttle, 5, "throttle reasons");
    is_int(s.ecc, 1, "ECC as it is now, not as it will be");
    is_int(s.compute_mode, 3, "compute mode");
    is_str(xb_gpu_compute_mode_name(s.compute_mode), "exclusive-process", "by name");
    is_int(s.mig, -1, "a question that the library lacks");
    is_int(s.persistence, -1, "another");
    is_int(s.errors[XB_GPU_NVLINK_REPLAYS], 6, "replays of three links");
    is_int(s.errors[XB_GPU_NVLINK_RECOVERIES], 0, "no recoveries");
    is_int(s.errors[XB_GPU_NVLINK_CRC_ERRORS], 30, "CRC errors, of the counter that is there");
    is_int(s.errors[XB_GPU_ECC_UNCORRECTABLE], 2, "memory errors");
    is_int(s.pcie_gen, 4, "PCI Express");
    says.links = 0;
    says.power_state = 32;
    says.ecc_rc = XB_NVML_NOT_SUPPORTED;
    xb_nvml_state_by(&library, PCI, 100, ours, 2, &s);
    is_int(s.errors[XB_GPU_NVLINK_REPLAYS], -1, "no link has counters");
    is_int(s.errors[XB_GPU_NVLINK_CRC_ERRORS], -1, "nor this one");
    is_int(s.power_state, -1, "an unknown power state");
    is_int(s.ecc, 0, "a GPU without ECC");
}

static void test_processes(void)
{
    static const struct {
        const char *name;
        unsigned pids[4], n;
        int rc, want;
    } cases[] = {
        {"this run's alone", {100, 101}, 2, 0, 0},
        {"two others", {7, 101, 100, 8}, 4, 0, 2},
        {"a container shows other numbers", {7, 8}, 2, 0, -1},
        {"or none", {0}, 0, 0, -1},
        {"no permission", {100}, 1, 4, -1},
    };
    const int ours[] = {100, 101};
    struct xb_gpu_state s;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memcpy(says.pids, cases[i].pids, sizeof says.pids);
        says.npids = cases[i].n;
        says.process_rc = cases[i].rc;
        xb_nvml_state_by(&library, PCI, 100, ours, 2, &s);
        is_int(s.other_processes, cases[i].want, cases[i].name);
    }
}

/* A library of which nothing but the way to a GPU is there, and a GPU that is not. */
static void test_nothing(void)
{
    const struct xb_nvml old = {.by_bus_id = by_bus_id};
    const struct xb_gpu_state unknown = xb_gpu_state_unknown();
    struct xb_gpu_state s;

    xb_nvml_state_by(&old, PCI, 1, NULL, 0, &s);
    is_int(s.sm_mhz, 0, "no clock");
    is_int(s.throttle, -1, "no reasons");
    is_int(s.errors[XB_GPU_NVLINK_REPLAYS], -1, "no counters");
    is_int(s.other_processes, -1, "no processes");
    xb_nvml_state_by(&library, "0000:01:00.0", 1, NULL, 0, &s);
    ok(s.sm_mhz == 0 && s.throttle == unknown.throttle && s.ecc == unknown.ecc,
       "a GPU that is not seen");
}

int main(void)
{
    test_answers();
    test_processes();
    test_nothing();
    return done_testing();
}
