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
    load(lib, "nvmlDeviceGetNvLinkRemoteDeviceType", &nvml->remote_type);
    load(lib, "nvmlDeviceGetNvLinkRemotePciInfo_v2", &nvml->remote_pci);
    load(lib, "nvmlDeviceGetGpuFabricInfo", &nvml->fabric);
    load(lib, "nvmlDeviceGetC2cModeInfoV", &nvml->c2c_mode);
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
