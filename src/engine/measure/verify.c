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

/* Write the pattern where an endpoint's memory lies. */
static int fill(const struct xb_case_run *run, struct xb_endpoint e, void *at, uint64_t bytes,
                uint64_t key, uint64_t first, bool poison, struct xb_error *err)
{
    if (bytes == 0)
        return 0;
    if (e.kind == XB_GPU)
        return run->session->device->fill(e.index, at, bytes, key, first, poison, err);
    xb_bytes_fill(at, bytes, key, first, poison);
    return 0;
}

static int check(const struct xb_case_run *run, struct xb_endpoint e, const void *at,
                 uint64_t bytes, const struct xb_bytes_keys *keys, uint64_t first, bool poison,
                 struct xb_verify *out, struct xb_error *err)
{
    if (bytes == 0)
        return 0;
    if (e.kind == XB_GPU)
        return run->session->device->check(e.index, at, bytes, keys, first, poison, out, err);
    xb_bytes_check(at, bytes, keys, first, poison, out);
    return 0;
}

/* The margins around a destination carry poison by buffer offset, so they differ from the
 * inside's by transfer offset unless the two are equal, and then they are the same bytes. */
static int prepare_dst(const struct xb_case_run *run, const struct xb_transfer *t,
                       struct xb_error *err)
{
    struct xb_endpoint e = t->lane->path.dst;
    uint64_t key = lane_key(run, t->lane);

    if (fill(run, e, t->dst_mem.ptr, t->dst_mem.bytes, key, 0, true, err) < 0)
        return -1;
    bool right = run->c->method->flags & XB_METHOD_NO_BYTES;
    return fill(run, e, t->dst, run->c->bytes, key, 0, !right, err);
}

int xb_verify_prepare(struct xb_case_run *run, struct xb_error *err)
{
    run->phase++; /* what an earlier phase left in a buffer or a ring is wrong in this one */
    for (size_t i = 0; i < run->nmine; i++) {
        const struct xb_transfer *t = &run->mine[i].t;
        if (t->roles & XB_ROLE_SRC && fill(run, t->lane->path.src, t->src, run->c->bytes,
                                           lane_key(run, t->lane), 0, false, err) < 0)
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
    const struct xb_transfer *t = &l->t;
    struct xb_bytes_keys own = {{lane_key(run, t->lane)}, 1};
    struct xb_endpoint e = t->lane->path.dst;
    uint64_t end = 0;
    struct xb_piece piece;

    for (int i = 0; xb_collective_piece(xb_case_collective(run->c), run->c->bytes,
                                        (int)run->round->count, run->session->rank, i, &piece);
         i++) {
        struct xb_bytes_keys keys = piece_keys(run, &piece);
        if (check(run, e, t->dst + piece.at, piece.bytes, &keys, piece.first, false, &l->verify,
                  err) < 0)
            return -1;
        end = piece.at + piece.bytes;
    }
    return check(run, e, t->dst + end, run->c->bytes - end, &own, end, true, margins, err);
}

static int check_dst(const struct xb_case_run *run, struct xb_lane_run *l, struct xb_error *err)
{
    const struct xb_transfer *t = &l->t;
    struct xb_endpoint e = t->lane->path.dst;
    struct xb_bytes_keys key = {{lane_key(run, t->lane)}, 1};
    uint64_t before = run->c->dst_offset, behind = before + run->c->bytes;
    const unsigned char *base = t->dst_mem.ptr;
    struct xb_verify margins = {0};

    if (!l->when) /* what was right before does not count again */
        l->verify = (struct xb_verify){0};
    int rc = run->c->pattern->kind == XB_KIND_COLLECTIVE
                 ? check_pieces(run, l, &margins, err)
                 : check(run, e, t->dst, run->c->bytes, &key, 0, false, &l->verify, err);

    if (rc < 0 || check(run, e, base, before, &key, 0, true, &margins, err) < 0 ||
        check(run, e, base + behind, t->dst_mem.bytes - behind, &key, behind, true, &margins,
              err) < 0)
        return -1;
    l->outside += margins.wrong_bytes;
    return 0;
}

int xb_verify_check(struct xb_case_run *run, const char *when, struct xb_error *err)
{
    for (size_t i = 0; i < run->nmine; i++) {
        struct xb_lane_run *l = &run->mine[i];
        if (!(l->t.roles & XB_ROLE_DST))
            continue;
        if (check_dst(run, l, err) < 0)
            return -1;
        if (!l->when && (l->verify.wrong_bytes || l->outside))
            l->when = when;
    }
    return 0;
}
