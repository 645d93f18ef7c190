/* nvml.h - facts about a GPU's links from NVIDIA's management library, loaded at run time.
 *
 * Its header is often missing where its library is there, so the few declarations that are
 * needed stand in nvml.c. Source of names, numbers and layouts: NVIDIA's NVML API reference.
 */
#ifndef XB_ENGINE_PROBES_NVML_H
#define XB_ENGINE_PROBES_NVML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xb_gpu_links {
    int pcie_gen, pcie_width; /* the most that GPU and slot can do together; 0 if unknown */
    int nvlink_links;         /* active links; -1 if unknown */
    double nvlink_gb_per_s;   /* one direction, all active links together; 0 if unknown */
};

/* Ask about the GPU of that PCI bus id. Unknown figures stay unknown: no library, no driver or
 * an unsupported question are no errors. */
void xb_nvml_gpu_links(const char *pci, struct xb_gpu_links *out);

/* Bytes that a GPU has sent and received so far over all its NVLinks and over PCI Express;
 * UINT64_MAX where that cannot be told. */
struct xb_gpu_traffic {
    uint64_t nvlink_tx, nvlink_rx, pcie_tx, pcie_rx;
    bool pcie_wraps; /* at 2^32: the driver holds it in 32 bits */
};

/* Open the counters of the GPU of that PCI bus id, once in a process; ones that cannot be
 * opened are unknown. Reading costs up to some milliseconds. */
void xb_nvml_traffic_open(const char *pci);
void xb_nvml_traffic_read(struct xb_gpu_traffic *out);
void xb_nvml_traffic_close(void);

/* The driver's version ("580.159.04") into buf, "" if it cannot be told. */
void xb_nvml_driver_version(char *buf, size_t len);

#endif
