/* SPDX-License-Identifier: BSD-3-Clause */
/* near_memory.c - host memory on the NUMA node of a rank's GPU. */
#include "config.h"

#include "engine/runtime/near_memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As in linux/mempolicy.h. */
#define POLICY_DEFAULT   0
#define POLICY_PREFERRED 1

#define BITS_A_WORD (8 * (int)sizeof(unsigned long))
#define MAX_NODES   1024
#define MASK_BITS   (MAX_NODES + 1) /* the kernel takes one off */
#define MAX_PAGES   4096

static int preferred = -1;

static int get_policy(int *mode, unsigned long *nodes)
{
    return (int)syscall(SYS_get_mempolicy, mode, nodes, MASK_BITS, NULL, 0);
}

int xb_near_memory_use(int numa)
{
    unsigned long nodes[MAX_NODES / BITS_A_WORD] = {0};
    int mode;

    preferred = -1;
    if (numa >= 0 && numa < MAX_NODES && get_policy(&mode, nodes) == 0 &&
        mode == POLICY_DEFAULT)
        preferred = numa;
    return preferred;
}

void xb_near_memory_begin(struct xb_near_memory *saved)
{
    unsigned long nodes[MAX_NODES / BITS_A_WORD] = {0};

    _Static_assert(sizeof saved->nodes == sizeof nodes, "as many nodes");
    *saved = (struct xb_near_memory){.changed = false};
    if (preferred < 0 || get_policy(&saved->mode, saved->nodes) != 0)
        return;
    nodes[preferred / BITS_A_WORD] = 1ul << preferred % BITS_A_WORD;
    saved->changed = syscall(SYS_set_mempolicy, POLICY_PREFERRED, nodes, MASK_BITS) == 0;
}

void xb_near_memory_end(const struct xb_near_memory *saved)
{
    bool none = saved->mode == POLICY_DEFAULT;

    if (saved->changed)
        (void)syscall(SYS_set_mempolicy, saved->mode, none ? NULL : saved->nodes,
                      none ? 0 : MASK_BITS);
}

static void count_page(struct xb_host_memory *out, int node)
{
    int i = 0;

    while (i < out->n && out->found[i].node < node)
        i++;
    if (i == out->n || out->found[i].node != node) {
        if (out->n == XB_HOST_MEMORY_NODES)
            return;
        memmove(&out->found[i + 1], &out->found[i],
                (size_t)(out->n++ - i) * sizeof out->found[0]);
        out->found[i].node = node;
        out->found[i].pages = 0;
    }
    out->found[i].pages++;
}

void xb_near_memory_find(const void *memory, uint64_t bytes, struct xb_host_memory *out)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), n = bytes / page;

    out->n = 0;
    n = n < MAX_PAGES ? n : MAX_PAGES;
    const void **pages = calloc(n + 1, sizeof *pages);
    int *nodes = calloc(n + 1, sizeof *nodes);
    for (uint64_t i = 0; pages && i < n; i++)
        pages[i] = (const char *)memory + i * page;
    /* without nodes to go to it only says where they are, or a negative error of each */
    if (pages && nodes && n > 0 && syscall(SYS_move_pages, 0, n, pages, NULL, nodes, 0) == 0)
        for (uint64_t i = 0; i < n; i++)
            if (nodes[i] >= 0)
                count_page(out, nodes[i]);
    free(pages);
    free(nodes);
}
