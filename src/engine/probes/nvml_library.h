/* SPDX-License-Identifier: BSD-3-Clause */
/* nvml_library.h - NVIDIA's management library, loaded at run time; for the files of this
 * folder.
 *
 * Its header is often missing where its library is there, so the few declarations that are
 * needed stand here. Source of names, numbers and layouts: NVIDIA's NVML API reference.
 */
#ifndef XB_ENGINE_PROBES_NVML_LIBRARY_H
#define XB_ENGINE_PROBES_NVML_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "model/topology/node_info.h"
#include "model/topology/visible.h"

#define XB_NVML_MAX_LINKS     36 /* NVML_NVLINK_MAX_LINKS */
#define XB_NVML_NOT_SUPPORTED 3  /* NVML_ERROR_NOT_SUPPORTED: the GPU has no such thing */
#define XB_NVML_VALUE_UINT    1  /* type of a field value; the wider ones share their bits */

typedef void *xb_nvml_gpu;

struct xb_nvml_field {
    unsigned field, scope;
    long long timestamp, latency_us;
    int type, rc;
    union {
        double real;
        unsigned u32;
        unsigned long long u64;
    } value;
};

/* nvmlPciInfo_t */
struct xb_nvml_pci {
    char legacy_id[16];
    unsigned domain, bus, device, device_id, subsystem_id;
    char id[32];
};

/* nvmlIntNvLinkDeviceType_t */
enum { XB_NVML_REMOTE_GPU = 0, XB_NVML_REMOTE_IBM_CPU = 1, XB_NVML_REMOTE_SWITCH = 2 };

/* nvmlGpuFabricInfo_t */
struct xb_nvml_fabric {
    unsigned char cluster[16];
    int status;
    unsigned clique;
    unsigned char state;
};
#define XB_NVML_FABRIC_COMPLETED 3

/* nvmlProcessInfo_t, as of the third version of the question. */
struct xb_nvml_process {
    unsigned pid;
    unsigned long long used_bytes;
    unsigned gpu_instance, compute_instance;
};

/* nvmlClockType_t, nvmlTemperatureSensors_t, nvmlMemoryErrorType_t, nvmlEccCounterType_t */
enum { XB_NVML_CLOCK_SM = 1, XB_NVML_CLOCK_MEMORY = 2 };
enum { XB_NVML_TEMPERATURE_GPU = 0 };
enum { XB_NVML_UNCORRECTED = 1 };
enum { XB_NVML_VOLATILE = 0 };

/* nvmlNvLinkErrorCounter_t */
enum { XB_NVML_REPLAY = 0, XB_NVML_RECOVERY = 1, XB_NVML_CRC_FLIT = 2, XB_NVML_CRC_DATA = 3 };

/* The functions of the library; those behind the blank line are NULL where a driver is too old
 * for them. */
struct xb_nvml {
    void *lib;
    int (*init)(void);
    int (*shutdown)(void);
    int (*driver_version)(char *, unsigned);
    int (*by_bus_id)(const char *, xb_nvml_gpu *);
    int (*max_gen)(xb_nvml_gpu, unsigned *);
    int (*max_width)(xb_nvml_gpu, unsigned *);
    int (*link_state)(xb_nvml_gpu, unsigned, int *);
    int (*fields)(xb_nvml_gpu, int, struct xb_nvml_field *);

    int (*gen)(xb_nvml_gpu, unsigned *);
    int (*width)(xb_nvml_gpu, unsigned *);
    int (*name)(xb_nvml_gpu, char *, unsigned);
    int (*uuid)(xb_nvml_gpu, char *, unsigned);
    int (*mig_mode)(xb_nvml_gpu, unsigned *, unsigned *);
    int (*count)(unsigned *);
    int (*by_index)(unsigned, xb_nvml_gpu *);
    int (*pci)(xb_nvml_gpu, struct xb_nvml_pci *);
    int (*max_instances)(xb_nvml_gpu, unsigned *);
    int (*instance)(xb_nvml_gpu, unsigned, xb_nvml_gpu *);
    int (*remote_type)(xb_nvml_gpu, unsigned, int *);
    int (*remote_pci)(xb_nvml_gpu, unsigned, struct xb_nvml_pci *);
    int (*fabric)(xb_nvml_gpu, struct xb_nvml_fabric *);
    int (*c2c_mode)(xb_nvml_gpu, unsigned *);
    int (*clock)(xb_nvml_gpu, int type, unsigned *mhz);
    int (*max_clock)(xb_nvml_gpu, int type, unsigned *mhz);
    int (*power_state)(xb_nvml_gpu, int *);
    int (*power)(xb_nvml_gpu, unsigned *mw);
    int (*power_limit)(xb_nvml_gpu, unsigned *mw);
    int (*temperature)(xb_nvml_gpu, int sensor, unsigned *celsius);
    int (*throttle)(xb_nvml_gpu, unsigned long long *reasons);
    int (*ecc_mode)(xb_nvml_gpu, int *now, int *pending);
    int (*persistence)(xb_nvml_gpu, int *);
    int (*compute_mode)(xb_nvml_gpu, int *);
    int (*processes)(xb_nvml_gpu, unsigned *count, struct xb_nvml_process *);
    int (*link_errors)(xb_nvml_gpu, unsigned link, int counter, unsigned long long *);
    int (*ecc_errors)(xb_nvml_gpu, int type, int since, unsigned long long *);
};

/* Load the library and start it. False where there is none, or where the program was built
 * without; then there is nothing to close. */
bool xb_nvml_open(struct xb_nvml *out);

void xb_nvml_close(struct xb_nvml *nvml);

/* What xb_nvml_list and xb_nvml_describe do with the library, given its functions; for tests.
 */
size_t xb_nvml_list_by(const struct xb_nvml *nvml, struct xb_listed_gpu *out, size_t max);
void xb_nvml_describe_by(const struct xb_nvml *nvml, struct xb_gpu_info *gpus, size_t n);

#endif
