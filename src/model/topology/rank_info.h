/* SPDX-License-Identifier: BSD-3-Clause */
/* rank_info.h - who a rank is, where it runs and what its GPU and links can do. */
#ifndef XB_MODEL_TOPOLOGY_RANK_INFO_H
#define XB_MODEL_TOPOLOGY_RANK_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "model/topology/gpu_state.h"
#include "model/topology/placement.h"

/* Whose memory a GPU's is: its own; its own, but the host can address it too; the host's. */
enum xb_gpu_memory { XB_GPU_DISCRETE, XB_GPU_MAPPABLE, XB_GPU_UNIFIED };

/* What a device says of the GPU that a rank has taken. */
struct xb_device_info {
    char name[64], uuid[XB_UUID_LEN];
    char driver[32];        /* driver version, "" if there is none */
    char runtime[32];       /* runtime library version, "" if there is none */
    double memory_gb_per_s; /* of the GPU's memory, reads and writes together; 0 if unknown */
    uint64_t l2_bytes;      /* of the GPU's cache; 0 if unknown */
    enum xb_gpu_memory memory;
    int gpudirect_rdma; /* 1 where NICs can be let read and write its memory through the kernel
                           module nvidia_peermem, 0 where not; -1 if unknown */
    int dma_buf;        /* the same through the kernel's own dma-buf */
    const char *variable; /* of the environment, that attaching has set; NULL for none */
};

#define XB_HOST_MEMORY_NODES 8

/* Where host memory lies that a rank takes for its transfers. */
struct xb_host_memory {
    int asked;   /* NUMA node that it was asked from; -1 if none */
    bool pinned; /* what was looked at: pinned memory, or pageable */
    int n;       /* nodes below; 0 where it cannot be told */
    struct {
        int node;
        int64_t pages;
    } found[XB_HOST_MEMORY_NODES]; /* of a buffer, by node */
};

/* One rank's identity and place, as plain data that ranks can send to each other, but for the
 * words of the place. Every rank has those of all ranks, so they are small. */
struct xb_rank_info {
    int rank, node;
    char host[64];
    struct xb_place place;
    char gpu_uuid[XB_UUID_LEN], gpu_name[64]; /* "" without a GPU */
    int pcie_gen, pcie_width;                 /* 0 if unknown */
    int nvlink_links;                         /* -1 if unknown, 0 if none */
    double nvlink_gb_per_s;                   /* one direction, all links; 0 if unknown */
    double memory_gb_per_s; /* of the GPU's memory, reads and writes together; 0 if unknown */
    uint64_t l2_bytes;      /* of its cache; 0 if unknown */
    enum xb_gpu_memory gpu_memory;
    int gpudirect_rdma, dma_buf;  /* as the device says */
    int nvisible;                 /* GPUs of its node that it sees */
    uint8_t visible[XB_MAX_GPUS]; /* their indices in the node's description, in bus order */
    double nic_gb_per_s;          /* of the place's NIC, one direction; 0 if unknown */
    struct xb_gpu_state before;   /* of its GPU, when the run began */
    struct xb_host_memory host_memory;
};

#endif
