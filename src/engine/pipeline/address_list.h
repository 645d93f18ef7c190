/* SPDX-License-Identifier: BSD-3-Clause */
/* address_list.h - lists of addresses of blocks, for the processor and for kernels. One rank
 * uses them for itself. */
#ifndef XB_ENGINE_PIPELINE_ADDRESS_LIST_H
#define XB_ENGINE_PIPELINE_ADDRESS_LIST_H

#include "engine/pipeline/transfer.h"

struct xb_address_list {
    void **host; /* owned; for the processor */
    uint64_t count;
    void *const *gpu;  /* the same for kernels; NULL where there are none */
    struct xb_mem mem; /* the arena's, in which those are */
};

/* Lower align, a power of two, until it divides the address. */
void xb_align_to(unsigned *align, const void *address);

/* How many addresses an end has, of a transfer that begins as far on as any may. */
uint64_t xb_address_list_count(const struct xb_transfer *t, enum xb_role role);

/* List an end that begins at base: an address every granule, in the bytes that a turn counts;
 * lower align to what fits them all. 0 or -1; free it in any case. */
int xb_address_list_end(struct xb_address_list *list, const struct xb_transfer *t,
                        enum xb_role role, unsigned char *base, uint64_t granule,
                        unsigned *align, struct xb_error *err);

/* Copy the list to where kernels of the GPU read it, by the transfer's stream, and wait for
 * that. `which` tells a lane's lists apart, from 0 to 3. 0 or -1. */
int xb_address_list_share(struct xb_address_list *list, const struct xb_transfer *t, int gpu,
                          int which, struct xb_error *err);

/* Free it; one that is all zero may be given. */
void xb_address_list_free(struct xb_address_list *list, const struct xb_transfer *t);

#endif
