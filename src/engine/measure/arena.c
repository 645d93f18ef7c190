/* memory.c - memory is asked for before it is taken, and then taken. */
#include "engine/measure/case_run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/runtime/shm.h"

#define GUARD          256          /* bytes behind a buffer that must stay as they are */
#define DEVICE_GRANULE (2ull << 20) /* in which GPUs hand out their memory */
#define MANAGED_SHARE  4            /* of the free device memory, one part may be managed */

/* What one rank needs and finds free. */
struct budget {
    int node;
    char pci[XB_PCI_LEN], host[64];
    uint64_t need_device, need_other, need_host, need_shared; /* other: of a GPU not bound to */
    uint64_t free_device, free_other, free_host, free_shared;
    uint64_t need_managed, free_managed;
};

static uint64_t buffer_bytes(const struct xb_case *c, uint64_t offset)
{
    return offset + c->bytes + GUARD;
}

static void count_buffer(const struct xb_case_run *run, struct xb_endpoint e, enum xb_role role,
                         uint64_t offset, struct xb_needs *needs)
{
    uint64_t bytes = buffer_bytes(run->c, offset);
    bool is_host = run->session->device->caps & XB_DEVICE_IS_HOST;

    enum xb_mem_kind kind = xb_method_memory(run->c, e, role);
    if (kind == XB_MEM_MANAGED)
        needs->managed += bytes;
    else if (kind != XB_MEM_DEVICE)
        needs->host += bytes;
    if (kind != XB_MEM_DEVICE)
        return;
    if (!is_host)
        bytes = (bytes + DEVICE_GRANULE - 1) / DEVICE_GRANULE * DEVICE_GRANULE;
    if (e.index == 0)
        needs->device += bytes;
    else
        needs->other += bytes;
}

static int make_budget(const struct xb_case_run *run, struct budget *b, struct xb_error *err)
{
    const struct xb_session *s = run->session;
    const struct xb_rank_info *me = &s->ranks[s->rank];
    struct xb_needs needs = {0};

    for (size_t i = 0; i < run->nmine; i++) {
        const struct xb_transfer *t = &run->mine[i].t;
        if (t->roles & XB_ROLE_SRC)
            count_buffer(run, t->lane->path.src, XB_ROLE_SRC, run->c->src_offset, &needs);
        if (t->roles & XB_ROLE_DST)
            count_buffer(run, t->lane->path.dst, XB_ROLE_DST, run->c->dst_offset, &needs);
        if (run->method->needs)
            run->method->needs(t, &needs);
    }
    memset(b, 0, sizeof *b);
    b->node = me->node;
    memcpy(b->pci, me->place.pci, sizeof b->pci);
    memcpy(b->host, me->host, sizeof b->host);
    bool is_host = s->device->caps & XB_DEVICE_IS_HOST;
    b->need_shared = needs.shared + (is_host ? needs.device : 0);
    b->need_device = is_host ? 0 : needs.device;
    /* shared memory is host memory too, and managed memory may all come to the host */
    b->need_host = needs.host + b->need_shared + needs.managed;
    b->free_host = xb_host_free_bytes();
    b->free_shared = xb_shm_free_bytes();
    b->need_other = needs.other;
    int other = run->c->path.src.index > 0 ? run->c->path.src.index : run->c->path.dst.index;
    b->need_managed = needs.managed;
    if ((b->need_other || (other > 0 && b->need_managed)) &&
        s->device->mem_free(other, &b->free_other, err) < 0)
        return -1;
    if ((b->need_device || b->need_managed) && s->device->mem_free(0, &b->free_device, err) < 0)
        return -1;
    b->free_managed = b->free_device / MANAGED_SHARE;
    if (other > 0 && b->free_other / MANAGED_SHARE < b->free_managed)
        b->free_managed = b->free_other / MANAGED_SHARE;
    return 0;
}

static int refuse(struct xb_error *err, uint64_t need, const char *kind, const char *where,
                  uint64_t have)
{
    xb_fail(err, "needs %" PRIu64 " bytes of %s memory on %s, where %" PRIu64 " are free", need,
            kind, where, have);
    return XB_SKIP;
}

/* Ranks of a node draw on the same host memory, and sharers of a GPU on the same device memory.
 */
static int judge(const struct budget *all, int n, struct xb_error *err)
{
    for (int i = 0; i < n; i++) {
        uint64_t device = 0, host = 0, shared = 0, managed = 0;
        for (int k = 0; k < n; k++) {
            if (all[k].node != all[i].node)
                continue;
            host += all[k].need_host;
            shared += all[k].need_shared;
            if (strcmp(all[k].pci, all[i].pci) != 0)
                continue;
            device += all[k].need_device;
            managed += all[k].need_managed;
        }
        if (all[i].need_device && device > all[i].free_device)
            return refuse(err, device, "device", all[i].pci, all[i].free_device);
        if (all[i].need_managed && managed > all[i].free_managed)
            return refuse(err, managed, "managed", "a quarter of its GPUs",
                          all[i].free_managed);
        if (all[i].need_other > all[i].free_other)
            return refuse(err, all[i].need_other, "device", "another GPU", all[i].free_other);
        if (shared > all[i].free_shared)
            return refuse(err, shared, "shared", all[i].host, all[i].free_shared);
        if (host > all[i].free_host)
            return refuse(err, host, "host", all[i].host, all[i].free_host);
    }
    return XB_GO;
}

int xb_memory_check(const struct xb_case_run *run, struct xb_error *err)
{
    struct budget mine, *all = calloc((size_t)run->nmembers, sizeof *all);
    int failed = all ? make_budget(run, &mine, err) : xb_fail(err, "out of memory"), any;

    MPI_Allreduce(&failed, &any, 1, MPI_INT, MPI_MIN, run->comm);
    int rc = XB_ERROR;
    if (any == 0) {
        MPI_Allgather(&mine, (int)sizeof mine, MPI_BYTE, all, (int)sizeof mine, MPI_BYTE,
                      run->comm);
        rc = judge(all, run->nmembers, err);
    } else if (failed == 0) {
        xb_fail(err, "another rank could not tell its free memory");
    }
    free(all);
    return rc;
}

static int alloc_one(const struct xb_case_run *run, struct xb_endpoint e, enum xb_role role,
                     struct xb_mem *mem, unsigned char **first, struct xb_error *err)
{
    const struct xb_device *dev = run->session->device;
    uint64_t offset = role == XB_ROLE_SRC ? run->c->src_offset : run->c->dst_offset;
    uint64_t bytes = buffer_bytes(run->c, offset);

    if (dev->alloc(xb_method_memory(run->c, e, role), e.index, bytes, mem, err) < 0)
        return xb_fail_in(err, "buffer of %" PRIu64 " bytes", bytes);
    *first = (unsigned char *)mem->ptr + offset;
    return 0;
}

int xb_memory_alloc(struct xb_case_run *run, struct xb_error *err)
{
    for (size_t i = 0; i < run->nmine; i++) {
        struct xb_transfer *t = &run->mine[i].t;
        if (t->roles & XB_ROLE_SRC &&
            alloc_one(run, t->lane->path.src, XB_ROLE_SRC, &t->src_mem, &t->src, err) < 0)
            return -1;
        if (t->roles & XB_ROLE_DST &&
            alloc_one(run, t->lane->path.dst, XB_ROLE_DST, &t->dst_mem, &t->dst, err) < 0)
            return -1;
        int gpu = run->method->gpu ? run->method->gpu(t) : 0;
        if (run->session->device->stream_open(gpu, &t->stream, err) < 0)
            return -1;
    }
    return 0;
}

void xb_memory_free(struct xb_case_run *run)
{
    const struct xb_device *dev = run->session->device;

    for (size_t i = 0; i < run->nmine; i++) {
        struct xb_transfer *t = &run->mine[i].t;
        dev->stream_close(t->stream);
        if (t->src_mem.ptr)
            dev->free(&t->src_mem);
        if (t->dst_mem.ptr)
            dev->free(&t->dst_mem);
        t->stream = NULL;
    }
}
