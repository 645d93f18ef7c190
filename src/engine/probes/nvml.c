/* SPDX-License-Identifier: BSD-3-Clause */
/* nvml.c - facts about a node's GPUs and their links from NVIDIA's management library. */
#include "engine/probes/nvml.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "engine/probes/nvml_library.h"

enum {
    FIELD_NVLINK_GET_SPEED = 164, /* MB/s of the link in scope */
    FIELD_C2C_LINK_COUNT = 170,
    FIELD_C2C_LINK_STATUS = 171, /* of the link in scope: 1 is active */
    FIELD_C2C_LINK_SPEED = 172,  /* MB/s of the link in scope */
};

/* Read a field that is a whole number; false where it cannot be told. */
static bool read_field(const struct xb_nvml *nvml, xb_nvml_gpu gpu, unsigned field,
                       unsigned link, unsigned *value)
{
    struct xb_nvml_field f = {.field = field, .scope = link};

    if (nvml->fields(gpu, 1, &f) != 0 || f.rc != 0)
        return false;
    *value = f.value.u32;
    return true;
}

/* Count a link to the entry of its far end. One entry too many joins the unknown: there are
 * fewer GPUs and switches than room. */
static void add_link(struct xb_gpu_info *out, enum xb_link_end end, const char *pci,
                     double gb_per_s)
{
    int i = 0;

    while (i < out->nlinks && (out->links[i].end != end || strcmp(out->links[i].pci, pci) != 0))
        i++;
    if (i == XB_MAX_LINK_ENDS)
        i--;
    if (i == out->nlinks) {
        out->nlinks++;
        out->links[i] = (struct xb_gpu_link){.end = end};
        snprintf(out->links[i].pci, sizeof out->links[i].pci, "%s", pci);
    }
    out->links[i].links++;
    out->links[i].gb_per_s += gb_per_s;
}

/* Where an active NVLink ends. A GPU's bus id is that of this machine, or the link is one to
 * something unknown. */
static enum xb_link_end far_end(const struct xb_nvml *nvml, xb_nvml_gpu gpu, unsigned link,
                                char pci[XB_PCI_LEN])
{
    struct xb_nvml_pci remote = {.id = ""};
    int type = -1;

    pci[0] = '\0';
    if (!nvml->remote_type || nvml->remote_type(gpu, link, &type) != 0)
        return XB_LINK_TO_UNKNOWN;
    if (type == XB_NVML_REMOTE_SWITCH)
        return XB_LINK_TO_SWITCH;
    if (type == XB_NVML_REMOTE_IBM_CPU)
        return XB_LINK_TO_CPU;
    if (type != XB_NVML_REMOTE_GPU || !nvml->remote_pci ||
        nvml->remote_pci(gpu, link, &remote) != 0 ||
        xb_pci_normalize(remote.id, pci, NULL) != 0)
        return XB_LINK_TO_UNKNOWN;
    return XB_LINK_TO_GPU;
}

static void read_nvlinks(const struct xb_nvml *nvml, xb_nvml_gpu gpu, struct xb_gpu_info *out)
{
    char pci[XB_PCI_LEN];

    for (unsigned link = 0; link < XB_NVML_MAX_LINKS; link++) {
        int active = 0;
        unsigned mb_per_s = 0;
        int rc = nvml->link_state(gpu, link, &active);
        if (out->nlinks < 0 && (rc == 0 || rc == XB_NVML_NOT_SUPPORTED))
            out->nlinks = 0;
        if (rc == 0)
            *(active ? &out->links_up : &out->links_down) |= UINT64_C(1) << link;
        if (rc != 0 || !active)
            continue;
        read_field(nvml, gpu, FIELD_NVLINK_GET_SPEED, link, &mb_per_s);
        enum xb_link_end end = far_end(nvml, gpu, link, pci);
        add_link(out, end, pci, mb_per_s * 1e-3);
    }
}

static void read_c2c(const struct xb_nvml *nvml, xb_nvml_gpu gpu, struct xb_gpu_info *out)
{
    unsigned enabled = 0, count = 0;

    if (out->nlinks < 0 || !nvml->c2c_mode || nvml->c2c_mode(gpu, &enabled) != 0 || !enabled ||
        !read_field(nvml, gpu, FIELD_C2C_LINK_COUNT, 0, &count))
        return;
    for (unsigned link = 0; link < count; link++) {
        unsigned active = 0, mb_per_s = 0;
        if (!read_field(nvml, gpu, FIELD_C2C_LINK_STATUS, link, &active) || active != 1)
            continue;
        read_field(nvml, gpu, FIELD_C2C_LINK_SPEED, link, &mb_per_s);
        add_link(out, XB_LINK_TO_CPU, "", mb_per_s * 1e-3);
    }
}

/* A node of its own has a cluster of zeros, which is no name. */
static void read_fabric(const struct xb_nvml *nvml, xb_nvml_gpu gpu, struct xb_gpu_info *out)
{
    struct xb_nvml_fabric fabric = {.state = 0};
    bool named = false;

    if (!nvml->fabric || nvml->fabric(gpu, &fabric) != 0 ||
        fabric.state != XB_NVML_FABRIC_COMPLETED || fabric.status != 0)
        return;
    for (size_t i = 0; i < sizeof fabric.cluster; i++)
        named = named || fabric.cluster[i];
    for (size_t i = 0; named && i < sizeof fabric.cluster; i++)
        snprintf(out->cluster + 2 * i, 3, "%02x", fabric.cluster[i]);
    out->clique = (int)fabric.clique;
}

static int ask(int (*question)(xb_nvml_gpu, unsigned *), xb_nvml_gpu gpu)
{
    unsigned value = 0;

    return question && question(gpu, &value) == 0 ? (int)value : 0;
}

static bool in_mig_mode(const struct xb_nvml *nvml, xb_nvml_gpu gpu)
{
    unsigned mig = 0, pending = 0;
    return nvml->mig_mode && nvml->mig_mode(gpu, &mig, &pending) == 0 && mig == 1;
}

static void read_uuid(const struct xb_nvml *nvml, xb_nvml_gpu gpu, char uuid[XB_UUID_LEN])
{
    if (!nvml->uuid || nvml->uuid(gpu, uuid, XB_UUID_LEN) != 0)
        uuid[0] = '\0';
}

/* The first instance of a GPU from number *at on, and its UUID; *at goes behind it. False when
 * there is no more: numbers may be missing between two. */
static bool next_instance(const struct xb_nvml *nvml, xb_nvml_gpu gpu, unsigned *at,
                          xb_nvml_gpu *instance, char uuid[XB_UUID_LEN])
{
    unsigned most = 0;

    if (!nvml->max_instances || !nvml->instance || nvml->max_instances(gpu, &most) != 0)
        return false;
    while (*at < most) {
        uuid[0] = '\0';
        if (nvml->instance(gpu, (*at)++, instance) == 0)
            read_uuid(nvml, *instance, uuid);
        if (uuid[0])
            return true;
    }
    return false;
}

size_t xb_nvml_list_by(const struct xb_nvml *nvml, struct xb_listed_gpu *out, size_t max)
{
    unsigned count = 0;
    size_t n = 0;

    if (!nvml->count || !nvml->by_index || !nvml->pci || nvml->count(&count) != 0)
        return 0;
    for (unsigned i = 0; i < count && n < max; i++) {
        struct xb_listed_gpu gpu = {.uuid = ""};
        struct xb_nvml_pci pci = {.id = ""};
        xb_nvml_gpu handle, instance;
        if (nvml->by_index(i, &handle) != 0 || nvml->pci(handle, &pci) != 0 ||
            xb_pci_normalize(pci.id, gpu.key.pci, NULL) != 0)
            continue;
        if (!in_mig_mode(nvml, handle)) {
            read_uuid(nvml, handle, gpu.uuid);
            out[n++] = gpu;
            continue;
        }
        for (unsigned at = 0;
             n < max && next_instance(nvml, handle, &at, &instance, gpu.uuid);) {
            memcpy(gpu.key.instance, gpu.uuid, sizeof gpu.key.instance);
            out[n++] = gpu;
        }
    }
    return n;
}

/* Its own name; where it stands and its PCI Express are those of its GPU, NVLinks it has none.
 */
static void read_instance(const struct xb_nvml *nvml, xb_nvml_gpu gpu, struct xb_gpu_info *out)
{
    char uuid[XB_UUID_LEN];
    xb_nvml_gpu instance;

    for (unsigned at = 0; next_instance(nvml, gpu, &at, &instance, uuid);)
        if (strcmp(uuid, out->instance) == 0 &&
            (!nvml->name || nvml->name(instance, out->name, sizeof out->name) != 0))
            out->name[0] = '\0';
    read_c2c(nvml, gpu, out);
}

static void read_gpu(const struct xb_nvml *nvml, xb_nvml_gpu gpu, struct xb_gpu_info *out)
{
    unsigned mig = 0, pending = 0;
    int rc;

    out->pcie_gen = ask(nvml->max_gen, gpu);
    out->pcie_width = ask(nvml->max_width, gpu);
    out->pcie_gen_now = ask(nvml->gen, gpu);
    out->pcie_width_now = ask(nvml->width, gpu);
    if (out->instance[0]) {
        read_instance(nvml, gpu, out);
        return;
    }
    if (!nvml->name || nvml->name(gpu, out->name, sizeof out->name) != 0)
        out->name[0] = '\0';
    read_uuid(nvml, gpu, out->uuid);
    rc = nvml->mig_mode ? nvml->mig_mode(gpu, &mig, &pending) : -1;
    out->mig = rc == 0 ? mig == 1 : rc == XB_NVML_NOT_SUPPORTED ? 0 : -1;
    read_nvlinks(nvml, gpu, out);
    read_c2c(nvml, gpu, out);
    read_fabric(nvml, gpu, out);
}

void xb_nvml_describe_by(const struct xb_nvml *nvml, struct xb_gpu_info *gpus, size_t n)
{
    xb_nvml_gpu gpu;

    for (size_t i = 0; i < n; i++)
        if (nvml->by_bus_id(gpus[i].pci, &gpu) == 0)
            read_gpu(nvml, gpu, &gpus[i]);
}

void xb_nvml_describe(struct xb_gpu_info *gpus, size_t n)
{
    struct xb_nvml nvml;

    if (!xb_nvml_open(&nvml))
        return;
    xb_nvml_describe_by(&nvml, gpus, n);
    xb_nvml_close(&nvml);
}

size_t xb_nvml_list(struct xb_listed_gpu *out, size_t max)
{
    struct xb_nvml nvml;

    if (!xb_nvml_open(&nvml))
        return 0;
    size_t n = xb_nvml_list_by(&nvml, out, max);
    xb_nvml_close(&nvml);
    return n;
}

void xb_nvml_driver_version(char *buf, size_t len)
{
    struct xb_nvml nvml;

    buf[0] = '\0';
    if (!xb_nvml_open(&nvml))
        return;
    if (nvml.driver_version(buf, (unsigned)len) != 0)
        buf[0] = '\0';
    xb_nvml_close(&nvml);
}
