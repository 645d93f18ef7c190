/* nvml.c - facts about a GPU's links from NVIDIA's management library, loaded at run time. */
#include "config.h"

#include "engine/nvml.h"

#include <dlfcn.h>
#include <stddef.h>

#define MAX_LINKS 36 /* NVML_NVLINK_MAX_LINKS */

enum { FIELD_NVLINK_GET_SPEED = 164 /* MB/s of the link in scope */ };

typedef void *gpu_handle;

struct field_value {
    unsigned field, scope;
    long long timestamp, latency_us;
    int type, rc;
    union {
        double real;
        unsigned u32;
        unsigned long long u64;
    } value;
};

struct api {
    int (*init)(void);
    int (*shutdown)(void);
    int (*driver_version)(char *, unsigned);
    int (*by_bus_id)(const char *, gpu_handle *);
    int (*max_gen)(gpu_handle, unsigned *);
    int (*max_width)(gpu_handle, unsigned *);
    int (*link_state)(gpu_handle, unsigned, int *);
    int (*field_values)(gpu_handle, int, struct field_value *);
};

#ifdef WITH_NVML
/* POSIX lets dlsym's pointer be used as a function; ISO C only through such a copy. */
static int load(void *lib, const char *name, void *slot)
{
    void *symbol = dlsym(lib, name);
    *(void **)slot = symbol;
    return symbol ? 0 : -1;
}

static int load_api(void *lib, struct api *nvml)
{
    return load(lib, "nvmlInit_v2", &nvml->init) ||
           load(lib, "nvmlShutdown", &nvml->shutdown) ||
           load(lib, "nvmlSystemGetDriverVersion", &nvml->driver_version) ||
           load(lib, "nvmlDeviceGetHandleByPciBusId_v2", &nvml->by_bus_id) ||
           load(lib, "nvmlDeviceGetMaxPcieLinkGeneration", &nvml->max_gen) ||
           load(lib, "nvmlDeviceGetMaxPcieLinkWidth", &nvml->max_width) ||
           load(lib, "nvmlDeviceGetNvLinkState", &nvml->link_state) ||
           load(lib, "nvmlDeviceGetFieldValues", &nvml->field_values);
}

/* The library, ready for questions, or NULL. */
static void *open_library(struct api *nvml)
{
    void *lib = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);

    if (lib && load_api(lib, nvml) == 0 && nvml->init() == 0)
        return lib;
    if (lib)
        dlclose(lib);
    return NULL;
}

static void close_library(const struct api *nvml, void *lib)
{
    nvml->shutdown();
    dlclose(lib);
}

static void read_nvlink(const struct api *nvml, gpu_handle gpu, struct xb_gpu_links *out)
{
    double mb_per_s = 0;

    for (unsigned link = 0; link < MAX_LINKS; link++) {
        int active = 0;
        if (nvml->link_state(gpu, link, &active) != 0)
            continue;
        if (out->nvlink_links < 0)
            out->nvlink_links = 0;
        struct field_value speed = {.field = FIELD_NVLINK_GET_SPEED, .scope = link};
        if (!active)
            continue;
        out->nvlink_links++;
        if (nvml->field_values(gpu, 1, &speed) == 0 && speed.rc == 0)
            mb_per_s += speed.value.u32;
    }
    out->nvlink_gb_per_s = mb_per_s * 1e-3;
}

static void read_links(const struct api *nvml, const char *pci, struct xb_gpu_links *out)
{
    gpu_handle gpu;
    unsigned value;

    if (nvml->by_bus_id(pci, &gpu) != 0)
        return;
    if (nvml->max_gen(gpu, &value) == 0)
        out->pcie_gen = (int)value;
    if (nvml->max_width(gpu, &value) == 0)
        out->pcie_width = (int)value;
    read_nvlink(nvml, gpu, out);
}
#endif

void xb_nvml_gpu_links(const char *pci, struct xb_gpu_links *out)
{
    *out = (struct xb_gpu_links){.nvlink_links = -1};
#ifdef WITH_NVML
    struct api nvml;
    void *lib = open_library(&nvml);
    if (!lib)
        return;
    read_links(&nvml, pci, out);
    close_library(&nvml, lib);
#else
    (void)pci;
#endif
}

void xb_nvml_driver_version(char *buf, size_t len)
{
    buf[0] = '\0';
#ifdef WITH_NVML
    struct api nvml;
    void *lib = open_library(&nvml);
    if (!lib)
        return;
    if (nvml.driver_version(buf, (unsigned)len) != 0)
        buf[0] = '\0';
    close_library(&nvml, lib);
#else
    (void)len;
#endif
}
