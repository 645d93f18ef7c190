/* SPDX-License-Identifier: BSD-3-Clause */
/* test_near_memory.c - the policy by which host memory is taken, and where it lies. */
#include "engine/runtime/near_memory.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/tap.h"

#define BYTES (UINT64_C(1) << 18)

/* The calling thread's policy: 0 default, 1 preferred, 3 interleaved; -1 where it is not told.
 */
static int policy(unsigned long *nodes)
{
    unsigned long all[16] = {0};
    int mode = -1;

    if (syscall(SYS_get_mempolicy, &mode, all, 1025, NULL, 0) != 0)
        return -1;
    *nodes = all[0];
    return mode;
}

static void test_policy(void)
{
    struct xb_near_memory saved;
    unsigned long nodes;

    is_int(xb_near_memory_use(-1), -1, "no node");
    xb_near_memory_begin(&saved);
    ok(!saved.changed, "nothing is changed then");
    xb_near_memory_end(&saved);
    if (policy(&nodes) != 0) {
        is_int(xb_near_memory_use(0), -1, "what cannot be asked is not asked");
        return;
    }
    is_int(xb_near_memory_use(0), 0, "a node");
    is_int(policy(&nodes), 0, "is not preferred yet");
    xb_near_memory_begin(&saved);
    if (saved.changed) {
        is_int(policy(&nodes), 1, "is preferred");
        is_int((long long)nodes, 1, "that one");
    }
    xb_near_memory_end(&saved);
    is_int(policy(&nodes), 0, "and as it was before");
    is_int(xb_near_memory_use(5000), -1, "no machine has that node");
}

/* As numactl would have set it. */
static void test_kept(void)
{
    unsigned long node0[16] = {1}, nodes;
    struct xb_near_memory saved;

    xb_near_memory_use(0);
    if (syscall(SYS_set_mempolicy, 3, node0, 1025) != 0)
        return;
    xb_near_memory_begin(&saved);
    xb_near_memory_end(&saved);
    is_int(policy(&nodes), 3, "a policy comes back");
    is_int((long long)nodes, 1, "with its nodes");
    is_int(xb_near_memory_use(0), -1, "one that is there is kept");
    xb_near_memory_begin(&saved);
    ok(!saved.changed, "also within");
    xb_near_memory_end(&saved);
    syscall(SYS_set_mempolicy, 0, NULL, 0);
}

static void test_find(void)
{
    struct xb_host_memory found = {.asked = 3};
    long page = sysconf(_SC_PAGESIZE);
    int64_t pages = 0;
    char *memory =
        mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (!ok(memory != MAP_FAILED, "memory"))
        return;
    madvise(memory, BYTES, MADV_NOHUGEPAGE);
    xb_near_memory_find(memory, BYTES, &found);
    is_int(found.n, 0, "what was never written to lies nowhere");
    memset(memory, 1, BYTES / 2);
    xb_near_memory_find(memory, BYTES, &found);
    for (int i = 0; i < found.n; i++) {
        pages += found.found[i].pages;
        ok(i == 0 || found.found[i - 1].node < found.found[i].node, "nodes in order");
    }
    is_int(found.asked, 3, "what was asked for stays");
    ok(found.n == 0 || pages == (int64_t)BYTES / 2 / page, "pages that were written to");
    xb_near_memory_find(memory, 0, &found);
    is_int(found.n, 0, "no memory");
    munmap(memory, BYTES);
}

int main(void)
{
    test_policy();
    test_kept();
    test_find();
    return done_testing();
}
