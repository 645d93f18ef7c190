/* SPDX-License-Identifier: BSD-3-Clause */
/* test_arena.c - what a rank keeps from case to case: when buffers, mappings and streams are
 * made, put aside and freed. */
#include "engine/devices/arena.h"

#include "tests/engine/devices/arena_fixture.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const struct xb_buffer_key a_key = {XB_BUFFER_SRC, XB_MEM_DEVICE, 0, 0,
                                           XB_ALLOCATOR_MALLOC};

static struct xb_mem take(struct xb_arena *arena, struct xb_buffer_key key, uint64_t bytes)
{
    struct xb_mem mem = {0};
    struct xb_error err = {""};

    if (xb_arena_take(arena, key, bytes, &mem, &err) < 0)
        printf("# %s\n", err.text);
    return mem;
}

/* Take and give back at once; where it was. */
static void *visit(struct xb_arena *arena, struct xb_buffer_key key, uint64_t bytes)
{
    struct xb_mem mem = take(arena, key, bytes);
    void *ptr = mem.ptr;

    xb_arena_give(arena, &mem, XB_RETURN_GOOD);
    return ptr;
}

/* ---- buffers ---- */

static void test_reuse(void)
{
    static const struct xb_buffer_key others[] = {
        {XB_BUFFER_DST, XB_MEM_DEVICE, 0, 0, XB_ALLOCATOR_MALLOC},
        {XB_BUFFER_SRC, XB_MEM_PINNED, 0, 0, XB_ALLOCATOR_MALLOC},
        {XB_BUFFER_SRC, XB_MEM_DEVICE, 1, 0, XB_ALLOCATOR_MALLOC},
        {XB_BUFFER_SRC, XB_MEM_DEVICE, 0, 1, XB_ALLOCATOR_MALLOC},
        {XB_BUFFER_SRC, XB_MEM_DEVICE, 0, 0, XB_ALLOCATOR_VMM},
    };
    struct xb_arena *arena = open_arena();
    struct xb_mem mem = take(arena, a_key, 1000), none = {0};
    void *first = mem.ptr;

    is_int((long long)mem.bytes, 1000, "a buffer");
    is_int((long long)xb_arena_lacks(arena, a_key, 1000), 0, "which is there then");
    is_int((long long)xb_arena_lacks(arena, a_key, 1001), 1001, "but no larger one");
    is_int((long long)xb_arena_idle_bytes(arena), 0, "in use");
    xb_arena_give(arena, &mem, XB_RETURN_GOOD);
    ok(!mem.ptr && mem.bytes == 0, "given back it is empty");
    is_int((long long)xb_arena_idle_bytes(arena), 1000, "and idle");
    mem = take(arena, a_key, 300);
    ok(mem.ptr == first && mem.bytes == 300, "a smaller one is a part of it");
    xb_arena_give(arena, &mem, XB_RETURN_GOOD);
    mem = take(arena, a_key, 1000);
    ok(mem.ptr == first && mem.bytes == 1000, "which loses nothing by it");
    xb_arena_give(arena, &mem, XB_RETURN_GOOD);
    is_int(counts.allocs, 1, "all in one allocation");
    for (size_t i = 0; i < ROWS(others); i++) {
        is_int((long long)xb_arena_lacks(arena, others[i], 8), 8, "another");
        ok(visit(arena, others[i], 8) != first,
           "role, kind, GPU, index or allocator has its own");
    }
    is_int(counts.allocs, 1 + (int)ROWS(others), "an allocation each");
    xb_arena_give(arena, &none, XB_RETURN_GOOD);
    is_int(counts.frees, 0, "nothing was freed");
    xb_arena_close(arena);
    is_int(counts.frees, counts.allocs, "before the end");
    xb_arena_close(NULL);
}

static void test_growth(void)
{
    struct xb_arena *arena = open_arena();
    struct xb_mem_handle handle;
    struct xb_error err = {""};

    visit(arena, a_key, 1000);
    visit(arena, a_key, 2000);
    is_int(counts.frees, 1, "one that has become too small is freed");
    is_int((long long)xb_arena_idle_bytes(arena), 2000, "at once");

    struct xb_mem mem = take(arena, a_key, 2000);
    is_int(xb_arena_export(arena, &mem, &handle, &err), 0, "one that others may have mapped");
    xb_arena_give(arena, &mem, XB_RETURN_GOOD);
    visit(arena, a_key, 3000);
    is_int(counts.frees, 1, "is not");
    is_int((long long)xb_arena_idle_bytes(arena), 5000, "but put aside");
    is_int((long long)xb_arena_lacks(arena, a_key, 2500), 0, "the new one is used");
    xb_arena_flush_mapped(arena);
    is_int(counts.frees, 1, "also when mappings go");
    xb_arena_flush_owned(arena);
    is_int(counts.frees, 3, "until all are flushed");
    is_int((long long)xb_arena_idle_bytes(arena), 0, "and nothing is idle");

    mem = take(arena, a_key, 100);
    xb_arena_flush_mapped(arena);
    xb_arena_flush_owned(arena);
    is_int(counts.frees, 3, "what is in use is not freed");
    memset(mem.ptr, 1, 100);
    xb_arena_give(arena, &mem, XB_RETURN_GOOD);
    alloc_most = 5000;
    is_int(xb_arena_take(arena, a_key, 6000, &mem, &err), -1, "where there is no room");
    contains(err.text, "buffer of 6000 bytes: no room for 6000 bytes", "the error says so");
    alloc_most = UINT64_MAX;
    ok(visit(arena, a_key, 100) != NULL, "and a smaller one is made again");
    struct xb_mem foreign = {.ptr = &arena, .bytes = 8};
    is_int(xb_arena_export(arena, &foreign, &handle, &err), -1, "other memory");
    contains(err.text, "is not the arena's", "cannot be exported");
    xb_arena_close(arena);
    is_int(counts.frees, counts.allocs, "all is freed at the end");
}

static void test_states(void)
{
    static const struct {
        enum xb_return state;
        const char *name;
        uint64_t idle; /* when given back */
        int after_flush, after_close;
    } rows[] = {
        {XB_RETURN_GOOD, "good", 1000, 1, 2},
        {XB_RETURN_BROKEN, "broken", 1000, 1, 2},
        {XB_RETURN_LOST, "lost", 0, 0, 1},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct xb_arena *arena = open_arena();
        struct xb_mem mem = take(arena, a_key, 1000);
        void *first = mem.ptr;
        xb_arena_give(arena, &mem, rows[i].state);
        is_int((long long)xb_arena_idle_bytes(arena), (long long)rows[i].idle, rows[i].name);
        is_int((long long)xb_arena_lacks(arena, a_key, 8), rows[i].state ? 8 : 0, "is there");
        mem = take(arena, a_key, 8);
        ok((mem.ptr == first) == (rows[i].state == XB_RETURN_GOOD),
           "only a good one comes again");
        is_int(counts.frees, 0, "none is freed");
        xb_arena_give(arena, &mem, XB_RETURN_GOOD);
        mem = take(
            arena,
            (struct xb_buffer_key){XB_BUFFER_OWN, XB_MEM_PINNED, 0, 0, XB_ALLOCATOR_MALLOC}, 8);
        xb_arena_flush_mapped(arena);
        xb_arena_flush_owned(arena);
        int kept = rows[i].state == XB_RETURN_GOOD ? 0 : 1;
        is_int(counts.frees, rows[i].after_flush + kept, "before all are flushed");
        xb_arena_give(arena, &mem, XB_RETURN_GOOD);
        xb_arena_close(arena);
        is_int(counts.allocs - counts.frees, rows[i].state == XB_RETURN_LOST,
               "a lost one never is");
    }
}

static void test_expected(void)
{
    static const struct {
        const char *name;
        enum xb_mem_kind kind;
        uint64_t expected, more, free, most; /* more: expected for another index */
        uint64_t made;                       /* when 1 KiB is asked for */
    } rows[] = {
        {"nothing is expected", XB_MEM_DEVICE, 0, 0, 1024 * MIB, UINT64_MAX, KIB},
        {"as large as it will be", XB_MEM_DEVICE, MIB, 0, 1024 * MIB, UINT64_MAX, MIB},
        {"the largest counts, of any index", XB_MEM_DEVICE, MIB, 2 * MIB, 1024 * MIB,
         UINT64_MAX, 2 * MIB},
        {"in any order", XB_MEM_DEVICE, 2 * MIB, MIB, 1024 * MIB, UINT64_MAX, 2 * MIB},
        {"smaller than what is asked for", XB_MEM_DEVICE, 8, 0, 1024 * MIB, UINT64_MAX, KIB},
        {"an eighth of what is free", XB_MEM_DEVICE, MIB, 0, 8 * MIB, UINT64_MAX, MIB},
        {"more than that", XB_MEM_DEVICE, MIB, 0, 8 * MIB - 8, UINT64_MAX, KIB},
        {"managed memory as it is needed", XB_MEM_MANAGED, MIB, 0, 1024 * MIB, UINT64_MAX, KIB},
        {"host memory whatever the device has", XB_MEM_PINNED, MIB, 0, 0, UINT64_MAX, MIB},
        {"what is asked for where the larger fails", XB_MEM_DEVICE, MIB, 0, 1024 * MIB, KIB,
         KIB},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct xb_arena *arena = open_arena();
        struct xb_buffer_key key = {XB_BUFFER_DST, rows[i].kind, 0, 0, XB_ALLOCATOR_MALLOC},
                             other = key;
        struct xb_mem mem;
        other.index = 3;
        free_now = rows[i].free;
        alloc_most = rows[i].most;
        if (rows[i].expected)
            xb_arena_expect(arena, key, rows[i].expected);
        if (rows[i].more)
            xb_arena_expect(arena, other, rows[i].more);
        mem = take(arena, key, KIB);
        is_int((long long)counts.last, (long long)rows[i].made, rows[i].name);
        is_int((long long)mem.bytes, KIB, "of which the case sees its own");
        xb_arena_give(arena, &mem, XB_RETURN_GOOD);
        key.role = XB_BUFFER_SRC;
        visit(arena, key, KIB);
        is_int((long long)counts.last, KIB, "nothing was said of another role");
        xb_arena_close(arena);
    }
    free_now = 1024 * MIB;
    alloc_most = UINT64_MAX;
}

/* ---- mappings and streams ---- */

static void test_mappings(void)
{
    struct xb_arena *owner = open_arena(), *user = xb_arena_open(&device, 1);
    struct xb_mem mem = take(owner, a_key, 1000), mapped, again;
    struct xb_mem_handle handle, missing;
    struct xb_error err = {""};

    xb_arena_export(owner, &mem, &handle, &err);
    is_int(xb_arena_import(user, &handle, &mapped, &err), 0, "another's memory is mapped");
    memset(mem.ptr, 7, 1000);
    is_int(((unsigned char *)mapped.ptr)[999], 7, "it is the same");
    is_int(xb_arena_import(user, &handle, &again, &err), 0, "once more");
    ok(again.ptr == mapped.ptr && counts.imports == 1, "it is there already");
    xb_arena_flush_owned(user);
    is_int(counts.unmaps, 0, "freeing what is one's own leaves it");
    xb_arena_flush_mapped(user);
    is_int(counts.unmaps, 1, "it goes before");
    xb_arena_import(user, &handle, &mapped, &err);
    is_int(counts.imports, 2, "and is mapped anew");
    missing = handle;
    memset(missing.data, 0, sizeof missing.data);
    is_int(xb_arena_import(user, &missing, &again, &err), -1, "what is not there");
    is_int(xb_arena_import(user, &missing, &again, &err), -1, "is asked for every time");
    is_int(counts.imports, 4, "since it may come");
    xb_arena_close(user);
    is_int(counts.unmaps, 2, "closing unmaps");
    xb_arena_give(owner, &mem, XB_RETURN_GOOD);
    xb_arena_close(owner);
    ok(xb_arena_times(owner = open_arena()).map_us == 0, "a new arena has spent no time");
    xb_arena_close(owner);
}

static void test_streams(void)
{
    struct xb_arena *arena = open_arena();
    struct xb_stream *first, *other, *again;
    struct xb_error err = {""};

    is_int(xb_arena_stream(arena, 0, 0, &first, &err), 0, "a stream");
    xb_arena_stream(arena, 0, 0, &again, &err);
    ok(again == first && counts.streams == 1, "is there the next time");
    xb_arena_stream(arena, 0, 1, &other, &err);
    ok(other != first, "another index is another");
    xb_arena_stream(arena, 1, 0, &other, &err);
    ok(other != first && counts.streams == 3, "and so is another GPU");
    xb_arena_stream_broken(arena, first);
    is_int(counts.closed, 1, "a broken one is closed");
    xb_arena_stream(arena, 0, 0, &again, &err);
    is_int(counts.streams, 4, "and another made");
    xb_arena_flush_mapped(arena);
    xb_arena_flush_owned(arena);
    is_int(counts.closed, 1, "a flush leaves streams");
    xb_arena_close(arena);
    is_int(counts.closed, 4, "all are closed at the end");
}

int main(void)
{
    test_reuse();
    test_growth();
    test_states();
    test_expected();
    test_mappings();
    test_streams();
    return done_testing();
}
