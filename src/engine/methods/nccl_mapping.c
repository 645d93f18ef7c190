/* SPDX-License-Identifier: BSD-3-Clause */
/* nccl_mapping.c - a window of NCCL over the memory of two ranks.
 *
 * All ranks of a communicator make a window together, each with a part of the same size, in an
 * allocation of the same size: else CUDA does not map it (cudaErrorNotSupported). So the rank
 * that maps another's memory gives as much of its own, of which nothing is used. */
#include "config.h"

#include "engine/methods/nccl_mapping.h"

#include <stdlib.h>
#include <string.h>

#include "engine/runtime/agree.h"
#ifdef HAVE_NCCL_DEVICE
#include "engine/devices/nccl_library.h"
#include "nccl_pointer.h"

struct xb_nccl_mapping {
    const struct xb_device *device;
    const struct xb_nccl *nccl;
    ncclComm_t world;
    ncclWindow_t window;
    struct xb_mem own; /* of the rank that maps */
};

static bool has_windows(const struct xb_nccl *nccl)
{
    return nccl->CommWindowRegister && nccl->CommWindowDeregister && nccl->TeamLsa;
}

int xb_nccl_mapping_probe(const struct xb_transfer *t, struct xb_error *err)
{
    const struct xb_rank_info *ranks = t->session->ranks;
    const struct xb_nccl *nccl;

    if (t->device->caps & XB_DEVICE_IS_HOST)
        xb_fail(err, "NCCL maps memory of GPUs; device %s has none", t->device->name);
    else if (strcmp(ranks[t->lane->src_rank].place.pci, ranks[t->lane->dst_rank].place.pci) ==
             0)
        xb_fail(err, "NCCL takes one rank a GPU; both of the lane's are on %s",
                ranks[t->lane->src_rank].place.pci);
    else if (t->c->allocator != XB_ALLOCATOR_VMM && t->c->allocator != XB_ALLOCATOR_NCCL)
        xb_fail(err, "NCCL maps memory of the allocators vmm and nccl; found %s",
                xb_allocator_names[t->c->allocator]);
    else if (!(nccl = xb_nccl_load(err)))
        return XB_SKIP;
    else if (nccl->code != NCCL_VERSION_CODE || !has_windows(nccl))
        xb_fail(err,
                "kernels ask NCCL for pointers as its header says, which is of %s: the library "
                "must be of that version, and is of %s",
                XB_NCCL_VERSION, nccl->version);
    else
        return XB_GO;
    return XB_SKIP;
}

int xb_nccl_mapping_offer(uint64_t bytes, struct xb_nccl_mapping_card *card,
                          struct xb_error *err)
{
    const struct xb_nccl *nccl = xb_nccl_load(err);
    ncclUniqueId id;

    _Static_assert(sizeof id == sizeof card->id, "the card must fit");
    if (!nccl)
        return -1;
    ncclResult_t rc = nccl->GetUniqueId(&id);
    if (rc != ncclSuccess)
        return xb_nccl_fail(err, nccl, "ncclGetUniqueId", rc, NULL);
    memcpy(card->id, &id, sizeof id);
    card->bytes = bytes;
    return 0;
}

/* The window, and the pointer where this rank is the one that maps. */
static int make_window(struct xb_nccl_mapping *m, void *mem, uint64_t bytes, void **there,
                       struct xb_error *err)
{
    const struct xb_nccl *nccl = m->nccl;
    ncclResult_t rc =
        nccl->CommWindowRegister(m->world, mem, bytes, &m->window, NCCL_WIN_COLL_SYMMETRIC);

    if (rc != ncclSuccess)
        return xb_nccl_fail(err, nccl, "ncclCommWindowRegister", rc, m->world);
    if (!m->window || nccl->TeamLsa(m->world).ranks != 2) {
        xb_fail(err, "NCCL finds no way for kernels of one GPU to reach the other's memory");
        return XB_SKIP;
    }
    if (!m->own.ptr)
        return XB_GO;
    int code = xb_kernel_nccl_pointer(m->window, 0, there);
    if (code != 0)
        return xb_fail(err, "asking NCCL for a pointer by a kernel failed (CUDA error %d)",
                       code);
    return XB_GO;
}

int xb_nccl_mapping_open(const struct xb_transfer *t, const struct xb_nccl_mapping_card *card,
                         void *mem, struct xb_nccl_mapping **out, void **there,
                         struct xb_error *err)
{
    struct xb_nccl_mapping *m = calloc(1, sizeof *m);
    bool owner = mem != NULL;
    ncclUniqueId id;
    int rc;

    *out = NULL;
    *there = NULL;
    if (!m)
        return xb_fail(err, "out of memory");
    m->device = t->device;
    m->nccl = xb_nccl_load(err);
    memcpy(&id, card->id, sizeof id);
    rc = owner ? 0
               : xb_device_alloc(t->device, XB_MEM_DEVICE, t->c->allocator, 0, card->bytes,
                                 &m->own, err);
    /* joined also where there is no memory, or the owner would wait for this rank */
    ncclResult_t joined = m->nccl->CommInitRank(&m->world, 2, id, owner ? 0 : 1);
    if (rc == 0 && joined != ncclSuccess) {
        m->world = NULL;
        rc = xb_nccl_fail(err, m->nccl, "ncclCommInitRank", joined, NULL);
    }
    if (rc == 0)
        rc = make_window(m, owner ? mem : m->own.ptr, card->bytes, there, err);
    if (rc == XB_GO)
        *out = m;
    else
        xb_nccl_mapping_close(m, true);
    return rc;
}

void xb_nccl_mapping_close(struct xb_nccl_mapping *m, bool broken)
{
    if (!m)
        return;
    if (m->world && !broken && m->window)
        m->nccl->CommWindowDeregister(m->world, m->window);
    if (m->world && broken)
        m->nccl->CommAbort(m->world);
    else if (m->world)
        m->nccl->CommDestroy(m->world);
    m->device->free(&m->own);
    free(m);
}

#else

int xb_nccl_mapping_probe(const struct xb_transfer *t, struct xb_error *err)
{
    (void)t;
    xb_fail(err, "this build has no NCCL with pointers for kernels, which came with 2.28");
    return XB_SKIP;
}

int xb_nccl_mapping_offer(uint64_t bytes, struct xb_nccl_mapping_card *card,
                          struct xb_error *err)
{
    (void)bytes;
    (void)card;
    return xb_fail(err, "this build has no NCCL with pointers for kernels");
}

int xb_nccl_mapping_open(const struct xb_transfer *t, const struct xb_nccl_mapping_card *card,
                         void *mem, struct xb_nccl_mapping **out, void **there,
                         struct xb_error *err)
{
    (void)t;
    (void)card;
    (void)mem;
    *out = NULL;
    *there = NULL;
    return xb_fail(err, "this build has no NCCL with pointers for kernels");
}

void xb_nccl_mapping_close(struct xb_nccl_mapping *mapping, bool broken)
{
    (void)mapping;
    (void)broken;
}

#endif
