/* SPDX-License-Identifier: BSD-3-Clause */
/* host_facts.h - what a node's operating system says of itself, as far as it can explain a
 * figure. */
#ifndef XB_REPORT_HOST_FACTS_H
#define XB_REPORT_HOST_FACTS_H

#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

/* Of one node, when a run began. Plain bytes: it travels as they are. */
struct xb_host_facts {
    char host[64];
    char kernel[96];      /* "Linux 6.1.0-18-amd64" */
    char os[96];          /* "Debian GNU/Linux 12 (bookworm)"; here and below "" if unknown */
    char cpu[96];         /* the processor's name */
    char governor[32];    /* of its frequency: "performance", "powersave", ... */
    char huge_pages[16];  /* when the kernel makes them by itself: always, madvise, never */
    int64_t processors;   /* that are online; here and below -1 if unknown */
    int64_t memory_bytes; /* all of it */
    int64_t available_bytes; /* that programs may have */
    int numa_balancing;      /* 1 where the kernel moves pages between NUMA nodes by itself */
    int peermem;             /* 1 where the kernel lets NICs read and write GPU memory */
    char nvidia_module[16];  /* the driver in the kernel: "open" or "proprietary" */
    double load;             /* processes that ran or waited to, in the last minute; NAN */
};

/* The `environment.nodes` of a report; the caller owns it; NULL when out of memory. */
cJSON *xb_host_facts_json(const struct xb_host_facts *facts, size_t n);

#endif
