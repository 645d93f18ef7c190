/* SPDX-License-Identifier: BSD-3-Clause */
/* test_arena_segments.c - segments that two ranks share and keep from case to case: two
 * processes, each with its arena. */
#include "engine/devices/arena.h"

#include <sys/wait.h>
#include <unistd.h>

#include "tests/engine/devices/arena_fixture.h"

/* What the maker asks of the one who joins. */
struct order {
    char name[XB_SHM_NAME_LEN];
    uint64_t bytes;
    unsigned char seen; /* what stands in the first and the last byte */
    enum xb_return state;
    bool registered;
    enum { JOIN, KEEP, GIVE_KEPT, FLUSH, END } what;
};

/* 0, or which step went wrong; times registered in the tens. */
static int carry_out(struct xb_arena *arena, const struct order *o, struct xb_shm *kept)
{
    struct xb_shm shm;
    struct xb_error err;

    if (o->what == FLUSH)
        xb_arena_flush_mapped(arena);
    if (o->what == GIVE_KEPT)
        xb_arena_segment_give(arena, kept, o->state);
    if (o->what != JOIN && o->what != KEEP)
        return 0;
    if (xb_arena_segment_join(arena,
                              &(struct xb_segment_place){0, o->name, o->bytes, o->registered},
                              &shm, &err) < 0)
        return 1;
    unsigned char *bytes = shm.ptr;
    if (shm.bytes != o->bytes)
        return 2;
    if (bytes[0] != o->seen || bytes[shm.bytes - 1] != o->seen)
        return 3;
    bytes[0] = bytes[shm.bytes - 1] = (unsigned char)(o->seen + 1);
    if (o->what == KEEP)
        *kept = shm;
    else
        xb_arena_segment_give(arena, &shm, o->state);
    return 0;
}

static void join_all(int orders, int answers)
{
    struct xb_arena *arena = open_arena();
    struct xb_shm kept = {0};
    struct order o;

    while (read(orders, &o, sizeof o) == (ssize_t)sizeof o && o.what != END) {
        int answer[2] = {carry_out(arena, &o, &kept), counts.registered};
        if (write(answers, answer, sizeof answer) < 0)
            break;
    }
    xb_arena_close(arena);
    _exit(counts.registered == counts.unregistered ? 0 : 1);
}

struct joiner {
    pid_t pid;
    int orders, answers;
    int registered; /* so often, by the last answer */
};

static struct joiner start_joiner(void)
{
    struct joiner j = {.pid = -1};
    int orders[2], answers[2];

    fflush(stdout);
    if (pipe(orders) < 0 || pipe(answers) < 0)
        return j;
    j = (struct joiner){fork(), orders[1], answers[0], 0};
    if (j.pid == 0) {
        close(orders[1]);
        join_all(orders[0], answers[1]);
    }
    close(orders[0]);
    close(answers[1]);
    return j;
}

static int ask(struct joiner *j, const struct order *o)
{
    int answer[2] = {-1, 0};

    if (write(j->orders, o, sizeof *o) < 0 || read(j->answers, answer, sizeof answer) < 0)
        return -1;
    j->registered = answer[1];
    return answer[0];
}

/* Let the other join what this rank has made, and look at what it wrote. */
static void share(struct joiner *j, struct xb_shm *shm, struct order o, const char *name)
{
    static unsigned char value;
    unsigned char *bytes = shm->ptr;

    value = (unsigned char)(value + 10);
    memcpy(o.name, shm->name, sizeof o.name);
    o.bytes = shm->bytes;
    o.seen = value;
    bytes[0] = bytes[shm->bytes - 1] = value;
    is_int(ask(j, &o), 0, name);
    ok(bytes[0] == value + 1 && bytes[shm->bytes - 1] == value + 1, "what it writes is seen");
}

/* A segment of so many bytes, shared once and given back in a state by both. */
static void share_once(struct xb_arena *arena, struct joiner *j, uint64_t bytes,
                       enum xb_return state, const char *name)
{
    struct xb_shm shm;
    struct xb_error err = {""};
    const struct order join = {.state = state};

    if (!ok(xb_arena_segment_make(arena, 1, bytes, false, &shm, &err) == 0, "a segment"))
        return;
    share(j, &shm, join, name);
    xb_arena_segment_give(arena, &shm, state);
    ok(!shm.ptr, "given back it is empty");
}

/* Names are used again: of a segment that is gone, the other must not keep what it had. */
static void test_segments(void)
{
    struct joiner j = start_joiner();
    struct xb_arena *arena = open_arena();
    struct xb_shm one, two;
    struct xb_error err = {""};
    struct order order = {.registered = true};
    char name[XB_SHM_NAME_LEN];
    int status = -1;

    xb_arena_segment_make(arena, 1, MIB, true, &one, &err);
    memcpy(name, one.name, sizeof name);
    share(&j, &one, order, "another process joins");
    xb_arena_segment_give(arena, &one, XB_RETURN_GOOD);
    is_int((long long)xb_arena_idle_bytes(arena), MIB, "idle");
    xb_arena_segment_make(arena, 1, KIB, true, &one, &err);
    is_str(one.name, name, "a smaller one is the same");
    is_int((long long)one.bytes, MIB, "as large as it was");
    share(&j, &one, order, "also there");
    is_int(counts.registered + j.registered, 2, "each has registered it once");
    xb_arena_segment_make(arena, 1, KIB, false, &two, &err);
    ok(strcmp(two.name, name) != 0, "while it is in use a second one is made");
    order = (struct order){.what = KEEP};
    share(&j, &two, order, "and joined");
    xb_arena_segment_make(arena, 2, KIB, false, &two, &err);
    ok(strcmp(two.name, name) != 0, "of another rank there is another");
    xb_arena_segment_give(arena, &two, XB_RETURN_GOOD);
    xb_arena_segment_give(arena, &one, XB_RETURN_GOOD);
    order.what = GIVE_KEPT;
    ask(&j, &order);

    share_once(arena, &j, 3 * MIB, XB_RETURN_GOOD, "a larger one");
    share_once(arena, &j, 4 * MIB, XB_RETURN_BROKEN, "one that breaks");
    share_once(arena, &j, 4 * MIB, XB_RETURN_GOOD, "the next of its size");
    is_int(xb_arena_segment_make(arena, 1, UINT64_MAX, false, &one, &err), -1, "no room");
    share_once(arena, &j, 4 * MIB, XB_RETURN_GOOD,
               "one of a size as before, which may have the name of one that is gone");
    order.what = FLUSH;
    ask(&j, &order);
    xb_arena_flush_owned(arena);
    share_once(arena, &j, 4 * MIB, XB_RETURN_GOOD, "one after a flush");
    share_once(arena, &j, 4 * MIB, XB_RETURN_LOST, "one that a library may still write to");
    share_once(arena, &j, 4 * MIB, XB_RETURN_GOOD, "is not used again");

    order.what = END;
    is_int(write(j.orders, &order, sizeof order) > 0 && waitpid(j.pid, &status, 0) == j.pid, 1,
           "the other ends");
    is_int(status, 0, "and has registered nothing for good");
    xb_arena_close(arena);
    is_int(counts.unregistered, counts.registered, "nor has this one");
    close(j.orders);
    close(j.answers);
}

int main(void)
{
    test_segments();
    return done_testing();
}
