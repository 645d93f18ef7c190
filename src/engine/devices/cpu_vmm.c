/* SPDX-License-Identifier: BSD-3-Clause */
/* cpu_vmm.c - memory of the cpu device by the allocator vmm: a memfd. */
#include "engine/devices/cpu_vmm.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/runtime/fd_card.h"
#include "engine/runtime/near_memory.h"

struct vmm {
    int fd;
};

/* Map all of the file, which belongs to *out from then on, and is closed where that fails. */
static int map_file(int fd, uint64_t bytes, struct xb_mem *out, struct xb_error *err)
{
    struct vmm *vmm = calloc(1, sizeof *vmm);
    void *ptr =
        vmm ? mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0)
            : MAP_FAILED;

    *out =
        (struct xb_mem){.bytes = bytes, .kind = XB_MEM_DEVICE, .allocator = XB_ALLOCATOR_VMM};
    if (ptr == MAP_FAILED) {
        xb_fail(err, "cpu device: cannot map %" PRIu64 " bytes of a memfd: %s", bytes,
                strerror(errno));
        free(vmm);
        close(fd);
        return -1;
    }
    vmm->fd = fd;
    out->ptr = ptr;
    out->priv = vmm;
    return 0;
}

int xb_cpu_vmm_alloc(uint64_t bytes, struct xb_mem *out, struct xb_error *err)
{
    struct xb_near_memory policy;
    int fd = memfd_create("xferbench", MFD_CLOEXEC);

    *out = (struct xb_mem){0};
    if (fd < 0)
        return xb_fail(err, "cpu device: memfd_create: %s", strerror(errno));
    xb_near_memory_begin(&policy);
    /* a page that is not there when it is touched kills the process; this asks for all */
    int failed = posix_fallocate(fd, 0, (off_t)bytes);
    int rc = failed ? -1 : map_file(fd, bytes, out, err);
    xb_near_memory_end(&policy);
    if (!failed)
        return rc;
    close(fd);
    return xb_fail(err, "cpu device: cannot have %" PRIu64 " bytes of a memfd: %s", bytes,
                   strerror(failed));
}

int xb_cpu_vmm_export(struct xb_mem *mem, struct xb_mem_handle *out, struct xb_error *err)
{
    const struct vmm *vmm = mem->priv;
    struct xb_fd_card card;

    if (xb_fd_offer(vmm->fd, &card, err) < 0)
        return -1;
    memset(out, 0, sizeof *out);
    memcpy(out->data, &card, sizeof card);
    out->bytes = mem->bytes;
    out->allocator = XB_ALLOCATOR_VMM;
    return 0;
}

int xb_cpu_vmm_import(const struct xb_mem_handle *handle, struct xb_mem *out,
                      struct xb_error *err)
{
    struct xb_fd_card card;
    int fd;

    memset(out, 0, sizeof *out);
    memcpy(&card, handle->data, sizeof card);
    return xb_fd_fetch(&card, &fd, err) != 0 ? 1 : map_file(fd, handle->bytes, out, err);
}

void xb_cpu_vmm_close(struct xb_mem *mem)
{
    struct vmm *vmm = mem->priv;

    munmap(mem->ptr, mem->bytes);
    close(vmm->fd);
    free(vmm);
    memset(mem, 0, sizeof *mem);
}
