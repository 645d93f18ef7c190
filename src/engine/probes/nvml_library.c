/* SPDX-License-Identifier: BSD-3-Clause */
/* nvml_library.c - NVIDIA's management library, loaded at run time. */
#include "config.h"

#include "engine/probes/nvml_library.h"

#include <dlfcn.h>
#include <stddef.h>

#ifdef WITH_NVML
/* POSIX lets dlsym's pointer be used as a function; ISO C only through such a copy. */
static int load(void *lib, const char *name, void *slot)
{
    void *symbol = dlsym(lib, name);
    *(void **)slot = symbol;
    return symbol ? 0 : -1;
}

static int load_all(struct xb_nvml *nvml)
{
    void *lib = nvml->lib;

    load(lib, "nvmlDeviceGetCurrPcieLinkGeneration", &nvml->gen);
    load(lib, "nvmlDeviceGetCurrPcieLinkWidth", &nvml->width);
    load(lib, "nvmlDeviceGetName", &nvml->name);
    load(lib, "nvmlDeviceGetUUID", &nvml->uuid);
    load(lib, "nvmlDeviceGetMigMode", &nvml->mig_mode);
    load(lib, "nvmlDeviceGetCount_v2", &nvml->count);
    load(lib, "nvmlDeviceGetHandleByIndex_v2", &nvml->by_index);
    load(lib, "nvmlDeviceGetPciInfo_v3", &nvml->pci);
    load(lib, "nvmlDeviceGetMaxMigDeviceCount", &nvml->max_instances);
    load(lib, "nvmlDeviceGetMigDeviceHandleByIndex", &nvml->instance);
    load(lib, "nvmlDeviceGetNvLinkRemoteDeviceType", &nvml->remote_type);
    load(lib, "nvmlDeviceGetNvLinkRemotePciInfo_v2", &nvml->remote_pci);
    load(lib, "nvmlDeviceGetGpuFabricInfo", &nvml->fabric);
    load(lib, "nvmlDeviceGetC2cModeInfoV", &nvml->c2c_mode);
    load(lib, "nvmlDeviceGetClockInfo", &nvml->clock);
    load(lib, "nvmlDeviceGetMaxClockInfo", &nvml->max_clock);
    load(lib, "nvmlDeviceGetPerformanceState", &nvml->power_state);
    load(lib, "nvmlDeviceGetPowerUsage", &nvml->power);
    load(lib, "nvmlDeviceGetEnforcedPowerLimit", &nvml->power_limit);
    load(lib, "nvmlDeviceGetTemperature", &nvml->temperature);
    if (load(lib, "nvmlDeviceGetCurrentClocksEventReasons", &nvml->throttle) != 0)
        load(lib, "nvmlDeviceGetCurrentClocksThrottleReasons", &nvml->throttle);
    load(lib, "nvmlDeviceGetEccMode", &nvml->ecc_mode);
    load(lib, "nvmlDeviceGetPersistenceMode", &nvml->persistence);
    load(lib, "nvmlDeviceGetComputeMode", &nvml->compute_mode);
    load(lib, "nvmlDeviceGetComputeRunningProcesses_v3", &nvml->processes);
    load(lib, "nvmlDeviceGetNvLinkErrorCounter", &nvml->link_errors);
    load(lib, "nvmlDeviceGetTotalEccErrors", &nvml->ecc_errors);
    return load(lib, "nvmlInit_v2", &nvml->init) ||
           load(lib, "nvmlShutdown", &nvml->shutdown) ||
           load(lib, "nvmlSystemGetDriverVersion", &nvml->driver_version) ||
           load(lib, "nvmlDeviceGetHandleByPciBusId_v2", &nvml->by_bus_id) ||
           load(lib, "nvmlDeviceGetMaxPcieLinkGeneration", &nvml->max_gen) ||
           load(lib, "nvmlDeviceGetMaxPcieLinkWidth", &nvml->max_width) ||
           load(lib, "nvmlDeviceGetNvLinkState", &nvml->link_state) ||
           load(lib, "nvmlDeviceGetFieldValues", &nvml->fields);
}
#endif

bool xb_nvml_open(struct xb_nvml *out)
{
    *out = (struct xb_nvml){.lib = NULL};
#ifdef WITH_NVML
    out->lib = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    if (out->lib && (load_all(out) || out->init() != 0)) {
        dlclose(out->lib);
        out->lib = NULL;
    }
#endif
    return out->lib != NULL;
}

void xb_nvml_close(struct xb_nvml *nvml)
{
    if (!nvml->lib)
        return;
    nvml->shutdown();
    dlclose(nvml->lib);
    nvml->lib = NULL;
}
