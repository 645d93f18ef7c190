/* nvml.c - facts about a GPU's links from NVIDIA's management library, loaded at run time. */
#include "config.h"

#include "engine/probes/nvml.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_LINKS 36 /* NVML_NVLINK_MAX_LINKS */

enum {
    FIELD_NVLINK_DATA_TX = 138, /* KiB of payload */
    FIELD_NVLINK_DATA_RX = 139,
    FIELD_NVLINK_GET_SPEED = 164, /* MB/s of the link in scope */
    FIELD_PCIE_TX_BYTES = 197,
    FIELD_PCIE_RX_BYTES = 198,
};

#define NOT_SUPPORTED 3          /* NVML_ERROR_NOT_SUPPORTED: the GPU has no such link */
#define ALL_LINKS     UINT32_MAX /* as a scope */
#define VALUE_UINT    1          /* type of a field value; the wider ones share their bits */

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
        int rc = nvml->link_state(gpu, link, &active);
        if (out->nvlink_links < 0 && (rc == 0 || rc == NOT_SUPPORTED))
            out->nvlink_links = 0;
        if (rc != 0)
            continue;
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

#ifdef WITH_NVML
static struct {
    void *lib;
    struct api api;
    gpu_handle gpu;
} traffic;

static uint64_t field_bytes(const struct field_value *f, uint64_t unit)
{
    if (f->rc != 0)
        return UINT64_MAX;
    return (f->type == VALUE_UINT ? f->value.u32 : f->value.u64) * unit;
}
#endif

void xb_nvml_traffic_open(const char *pci)
{
#ifdef WITH_NVML
    traffic.lib = pci[0] ? open_library(&traffic.api) : NULL;
    if (traffic.lib && traffic.api.by_bus_id(pci, &traffic.gpu) != 0)
        xb_nvml_traffic_close();
#else
    (void)pci;
#endif
}

void xb_nvml_traffic_read(struct xb_gpu_traffic *out)
{
    *out = (struct xb_gpu_traffic){UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, false};
#ifdef WITH_NVML
    struct field_value f[] = {{.field = FIELD_NVLINK_DATA_TX, .scope = ALL_LINKS},
                              {.field = FIELD_NVLINK_DATA_RX, .scope = ALL_LINKS},
                              {.field = FIELD_PCIE_TX_BYTES},
                              {.field = FIELD_PCIE_RX_BYTES}};
    if (!traffic.lib || traffic.api.field_values(traffic.gpu, 4, f) != 0)
        return;
    *out = (struct xb_gpu_traffic){.nvlink_tx = field_bytes(&f[0], 1024),
                                   .nvlink_rx = field_bytes(&f[1], 1024),
                                   .pcie_tx = field_bytes(&f[2], 1),
                                   .pcie_rx = field_bytes(&f[3], 1),
                                   .pcie_wraps = f[2].type == VALUE_UINT};
#endif
}

void xb_nvml_traffic_close(void)
{
#ifdef WITH_NVML
    if (traffic.lib)
        close_library(&traffic.api, traffic.lib);
    traffic.lib = NULL;
#endif
}
