/* verify.c - sources filled, destinations poisoned, and compared afterwards where they lie. */
#include "engine/measure/verify.h"

#include <string.h>

#include "engine/devices/bytes.h"
#include "model/plan/collective_op.h"

#define FNV_PRIME UINT64_C(0x100000001b3)

/* Key of a lane's bytes: seed, case, source rank, place in the schedule, phase, hashed (FNV-1a)
 * so that no two agree.
 */
static uint64_t lane_key(const struct xb_case_run *run, const struct xb_lane *lane)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ run->session->seed;
    for (const char *p = run->c->id; *p; p++)
        h = (h ^ (unsigned char)*p) * FNV_PRIME;
    h = (h ^ (uint64_t)lane->src_rank) * FNV_PRIME;
    h = (h ^ (uint64_t)run->phase << 32 ^ (uint64_t)lane->round) * FNV_PRIME;
    return (h ^ (uint64_t)lane->chain << 32 ^ (uint64_t)lane->step) * FNV_PRIME;
}

/* Less than this is filled and compared by the processor where both could: a kernel's launch
 * takes longer. */
#define BY_DEVICE_FROM (64 << 10)

/* Is the GPU to work on a stretch of this end's memory? It does on its own, and on the host's
 * that it can address, where that is faster; managed memory is looked at where the transfer
 * ends. */
static bool is_for_device(const struct xb_transfer *t, enum xb_role role,
                          const struct xb_stretch *s)
{
    const struct xb_path *path = &t->lane->path;

    switch (role == XB_ROLE_SRC ? t->src_mem.kind : t->dst_mem.kind) {
    case XB_MEM_DEVICE:
        return true;
    case XB_MEM_MANAGED:
        return (role == XB_ROLE_SRC ? path->src.kind : path->dst.kind) == XB_GPU;
    case XB_MEM_PINNED:
        return s->bytes >= BY_DEVICE_FROM && !t->session->device_is_host;
    case XB_MEM_PAGEABLE:
        break;
    }
    return false;
}

/* Write the pattern of a key into a stretch of the memory of one end. */
static int fill(const struct xb_transfer *t, enum xb_role role, const struct xb_stretch *s,
                uint64_t key, struct xb_error *err)
{
    if (s->bytes == 0)
        return 0;
    if (is_for_device(t, role, s))
        return t->device->fill(s, key, err);
    xb_bytes_fill(s->at, s->bytes, key, s->first, s->poison);
    return 0;
}

/* Compare a stretch of the destination with the sum of the patterns of these keys. */
static int check(const struct xb_transfer *t, const struct xb_stretch *s,
                 const struct xb_bytes_keys *keys, struct xb_verify *out, struct xb_error *err)
{
    if (s->bytes == 0)
        return 0;
    if (is_for_device(t, XB_ROLE_DST, s))
        return t->device->check(s, keys, out, err);
    xb_bytes_check(s->at, s->bytes, keys, s->first, s->poison, out);
    return 0;
}

/* All of a lane's buffer, whose offsets count from its beginning. */
static struct xb_stretch whole_of(const struct xb_transfer *t, enum xb_role role)
{
    const struct xb_mem *mem = role == XB_ROLE_SRC ? &t->src_mem : &t->dst_mem;
    struct xb_endpoint e = role == XB_ROLE_SRC ? t->lane->path.src : t->lane->path.dst;

    return (struct xb_stretch){
        .gpu = e.kind == XB_GPU ? e.index : 0, .at = mem->ptr, .bytes = mem->bytes};
}

/* The transfer in it, whose offsets count from its own first byte. */
static struct xb_stretch transfer_of(const struct xb_transfer *t, enum xb_role role)
{
    struct xb_stretch s = whole_of(t, role);

    s.at = role == XB_ROLE_SRC ? t->src : t->dst;
    s.bytes = t->c->bytes;
    return s;
}

/* The margins around a destination carry poison by buffer offset, so they differ from the
 * inside's by transfer offset unless the two are equal, and then they are the same bytes. */
static int prepare_dst(const struct xb_case_run *run, const struct xb_transfer *t,
                       struct xb_error *err)
{
    uint64_t key = lane_key(run, t->lane);
    struct xb_stretch whole = whole_of(t, XB_ROLE_DST), inside = transfer_of(t, XB_ROLE_DST);
    struct xb_stretch before = whole, behind = whole;

    before.bytes = run->c->dst_offset;
    behind.first = before.bytes + run->c->bytes;
    behind.at += behind.first;
    behind.bytes -= behind.first;
    before.poison = behind.poison = true;
    inside.poison = !(run->c->method->flags & XB_METHOD_NO_BYTES); /* else right already */
    if (fill(t, XB_ROLE_DST, &before, key, err) < 0 ||
        fill(t, XB_ROLE_DST, &inside, key, err) < 0)
        return -1;
    return fill(t, XB_ROLE_DST, &behind, key, err);
}

int xb_verify_prepare(struct xb_case_run *run, struct xb_error *err)
{
    run->phase++; /* what an earlier phase left in a buffer or a ring is wrong in this one */
    for (size_t i = 0; i < run->nmine; i++) {
        const struct xb_transfer *t = &run->mine[i].t;
        struct xb_stretch src = transfer_of(t, XB_ROLE_SRC);
        if (t->roles & XB_ROLE_SRC &&
            fill(t, XB_ROLE_SRC, &src, lane_key(run, t->lane), err) < 0)
            return -1;
        if (t->roles & XB_ROLE_DST && prepare_dst(run, t, err) < 0)
            return -1;
    }
    return 0;
}

/* Keys of what a piece of a collective holds: lane k leaves rank k. */
static struct xb_bytes_keys piece_keys(const struct xb_case_run *run,
                                       const struct xb_piece *piece)
{
    struct xb_bytes_keys keys = {.count = 0};

    for (size_t k = 0; k < run->round->count && keys.count < XB_BYTES_KEYS; k++)
        if (piece->from < 0 || piece->from == (int)k)
            keys.key[keys.count++] = lane_key(run, &run->round->lane[k]);
    return keys;
}

/* What a collective leaves in this rank's destination, and that it leaves the rest alone. */
static int check_pieces(const struct xb_case_run *run, struct xb_lane_run *l,
                        struct xb_verify *margins, struct xb_error *err)
{
    const struct xb_stretch inside = transfer_of(&l->t, XB_ROLE_DST);
    struct xb_bytes_keys own = {{lane_key(run, l->t.lane)}, 1};
    struct xb_stretch rest = inside;
    struct xb_piece piece;

    for (int i = 0; xb_collective_piece(xb_case_collective(run->c), run->c->bytes,
                                        (int)run->round->count, run->session->rank, i, &piece);
         i++) {
        struct xb_bytes_keys keys = piece_keys(run, &piece);
        struct xb_stretch s = inside;
        s.at += piece.at;
        s.bytes = piece.bytes;
        s.first = piece.first;
        if (check(&l->t, &s, &keys, &l->verify, err) < 0)
            return -1;
        rest.first = piece.at + piece.bytes;
    }
    rest.at += rest.first;
    rest.bytes -= rest.first;
    rest.poison = true;
    return check(&l->t, &rest, &own, margins, err);
}

static int check_dst(const struct xb_case_run *run, struct xb_lane_run *l, struct xb_error *err)
{
    struct xb_bytes_keys key = {{lane_key(run, l->t.lane)}, 1};
    struct xb_stretch inside = transfer_of(&l->t, XB_ROLE_DST);
    struct xb_stretch before = whole_of(&l->t, XB_ROLE_DST), behind = before;
    struct xb_verify margins = {0};

    l->verify = (struct xb_verify){0}; /* what was right before does not count again */
    before.bytes = run->c->dst_offset;
    behind.first = before.bytes + run->c->bytes;
    behind.at += behind.first;
    behind.bytes -= behind.first;
    before.poison = behind.poison = true;
    int rc = run->c->pattern->one_operation ? check_pieces(run, l, &margins, err)
                                            : check(&l->t, &inside, &key, &l->verify, err);
    if (rc < 0 || check(&l->t, &before, &key, &margins, err) < 0 ||
        check(&l->t, &behind, &key, &margins, err) < 0)
        return -1;
    l->outside += margins.wrong_bytes;
    return 0;
}

int xb_verify_check(struct xb_case_run *run, const char *when, struct xb_error *err)
{
    for (size_t i = 0; i < run->nmine; i++) {
        struct xb_lane_run *l = &run->mine[i];
        /* what a lane was found wrong with stays, though others go on */
        if (!(l->t.roles & XB_ROLE_DST) || l->when)
            continue;
        if (check_dst(run, l, err) < 0)
            return -1;
        if (l->verify.wrong_bytes || l->outside)
            l->when = when;
    }
    return 0;
}
