/* SPDX-License-Identifier: BSD-3-Clause */
/* verify.c - sources filled and stamped, destinations poisoned, and compared afterwards where
 * they lie. */
#include "engine/measure/verify.h"

#include <stdlib.h>
#include <string.h>

#include "engine/devices/bytes.h"
#include "engine/measure/lost.h"
#include "engine/measure/resident.h"
#include "engine/pipeline/work_stage.h"
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

/* Key of a lane's stamps: they are others in each batch. */
static uint64_t stamp_key(const struct xb_case_run *run, const struct xb_lane *lane)
{
    return (lane_key(run, lane) ^ run->begun) * FNV_PRIME;
}

/* How words that are added up, or converted, are made: one of these has no key yet. */
static struct xb_bytes_keys no_keys(const struct xb_case_run *run)
{
    return (struct xb_bytes_keys){.floats = xb_case_datatype(run->c) == XB_DATATYPE_FLOAT ||
                                            xb_case_shrinks(run->c) > 1};
}

static struct xb_bytes_keys one_key(const struct xb_case_run *run, uint64_t key)
{
    struct xb_bytes_keys keys = no_keys(run);

    keys.key[keys.count++] = key;
    return keys;
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
        return s->bytes >= BY_DEVICE_FROM && !s->stamps && !t->session->device_is_host &&
               !xb_lost_is(t->session, t->session->rank);
    case XB_MEM_PAGEABLE:
        break;
    }
    return false;
}

/* Write the sum of the patterns of these keys into a stretch of the memory of one end. */
static int fill(const struct xb_transfer *t, enum xb_role role, const struct xb_stretch *s,
                const struct xb_bytes_keys *keys, struct xb_error *err)
{
    if (s->bytes == 0)
        return 0;
    if (is_for_device(t, role, s))
        return t->device->fill(s, keys, err);
    xb_bytes_fill_stretch(s, keys);
    return 0;
}

/* Compare a stretch of the destination with that. */
static int check(const struct xb_transfer *t, const struct xb_stretch *s,
                 const struct xb_bytes_keys *keys, struct xb_verify *out, struct xb_error *err)
{
    if (s->bytes == 0)
        return 0;
    if (is_for_device(t, XB_ROLE_DST, s))
        return t->device->check(s, keys, out, err);
    xb_bytes_check_stretch(s, keys, out);
    return 0;
}

/* What transfers write, which is described by bytes of their source, as it lies in the
 * destination of a case that halves it; of any other case it is as it was. */
struct arrived {
    struct xb_stretch stretch;
    struct xb_bytes_keys keys;
    struct xb_stamps stamps;
};

static void as_arrived(const struct xb_case_run *run, const struct xb_stretch *s,
                       const struct xb_bytes_keys *keys, struct arrived *out)
{
    out->stretch = *s;
    out->keys = *keys;
    if (xb_case_shrinks(run->c) == 1)
        return;
    out->stretch.from /= 2;
    out->stretch.bytes /= 2;
    out->stretch.first /= 2;
    out->keys.bfloat16 = 1;
    if (s->stamps) {
        out->stamps = xb_stamps_halve(*s->stamps);
        out->stretch.stamps = &out->stamps;
    }
}

/* Fill such a stretch, and compare it. */
static int fill_arrived(const struct xb_case_run *run, const struct xb_transfer *t,
                        const struct xb_stretch *s, const struct xb_bytes_keys *keys,
                        struct xb_error *err)
{
    struct arrived a;

    as_arrived(run, s, keys, &a);
    return fill(t, XB_ROLE_DST, &a.stretch, &a.keys, err);
}

static int check_arrived(const struct xb_case_run *run, const struct xb_transfer *t,
                         const struct xb_stretch *s, const struct xb_bytes_keys *keys,
                         struct xb_verify *out, struct xb_error *err)
{
    struct arrived a;

    as_arrived(run, s, keys, &a);
    return check(t, &a.stretch, &a.keys, out, err);
}

/* All of a lane's buffer, whose offsets count from its beginning. */
static struct xb_stretch whole_of(const struct xb_transfer *t, enum xb_role role)
{
    const struct xb_mem *mem = role == XB_ROLE_SRC ? &t->src_mem : &t->dst_mem;
    struct xb_endpoint e = role == XB_ROLE_SRC ? t->lane->path.src : t->lane->path.dst;

    return (struct xb_stretch){
        .gpu = e.kind == XB_GPU ? e.index : 0, .base = mem->ptr, .bytes = mem->bytes};
}

/* All that the transfers of a batch may reach in it, whose offsets count from where the first
 * one begins. */
static struct xb_stretch inside_of(const struct xb_transfer *t, enum xb_role role)
{
    struct xb_stretch s = whole_of(t, role);

    s.base = role == XB_ROLE_SRC ? t->src : t->dst;
    s.map = role == XB_ROLE_SRC ? t->src_map : t->dst_map;
    s.bytes = t->c->bytes + xb_transfer_room(t->c, role);
    return s;
}

/* What lies beside it and must stay as it is: before, behind, between its blocks, and between
 * its planes; these are empty where there are none. */
#define MARGINS 4
static void margins_of(const struct xb_transfer *t, struct xb_stretch margins[MARGINS])
{
    struct xb_stretch whole = whole_of(t, XB_ROLE_DST), inside = inside_of(t, XB_ROLE_DST);
    const struct xb_layout layout = xb_case_layout(t->c, false);
    uint64_t gap = inside.map.stride - inside.map.block;
    uint64_t plane = layout.rows * layout.stride, beside = layout.plane - plane;

    whole.poison = true;
    margins[0] = margins[1] = margins[2] = margins[3] = whole;
    margins[0].bytes = t->c->dst_offset;
    margins[1].first = margins[1].from = t->c->dst_offset + xb_transfer_span(t->c, XB_ROLE_DST);
    margins[1].bytes -= margins[1].from;
    margins[2].base = inside.base + inside.map.block;
    margins[2].map = (struct xb_block_map){
        .block = gap, .stride = inside.map.stride, .place = inside.map.place};
    margins[2].bytes = gap ? inside.bytes / inside.map.block * gap : 0;
    margins[2].first = inside.bytes;
    margins[3].base = inside.base + plane;
    margins[3].map = (struct xb_block_map){.block = beside, .stride = layout.plane};
    margins[3].bytes = beside ? inside.bytes / (layout.rows * layout.block) * beside : 0;
    margins[3].first = inside.bytes + margins[2].bytes;
}

static bool moves_bytes(const struct xb_case_run *run)
{
    return !(run->c->method->flags & XB_METHOD_NO_BYTES);
}

/* Has the lane a source of its own on this rank? */
static bool has_source(const struct xb_lane_run *l)
{
    return l->t.roles & XB_ROLE_SRC && !l->forwards;
}

/* The margins carry poison by buffer offset, so they differ from the inside's, by transfer
 * offset, unless the two are equal, and then they are the same bytes. Gaps carry what would lie
 * behind the inside. */
static int prepare_dst(const struct xb_case_run *run, const struct xb_lane_run *l,
                       struct xb_error *err)
{
    const struct xb_bytes_keys key = one_key(run, lane_key(run, l->origin));
    const struct xb_transfer *t = &l->t;
    struct xb_stretch inside = inside_of(t, XB_ROLE_DST), margins[MARGINS];

    margins_of(t, margins);
    inside.poison = true;
    for (int i = 0; i < MARGINS; i++)
        if (fill(t, XB_ROLE_DST, &margins[i], &key, err) < 0)
            return -1;
    if (fill_arrived(run, t, &inside, &key, err) < 0)
        return -1;
    if (moves_bytes(run))
        return 0;
    inside.poison = false; /* right already */
    inside.bytes = t->c->bytes;
    return fill(t, XB_ROLE_DST, &inside, &key, err);
}

int xb_verify_prepare(struct xb_case_run *run, struct xb_error *err)
{
    run->phase++; /* what an earlier phase left in a buffer or a ring is wrong in this one */
    for (size_t i = 0; i < run->nmine; i++) {
        const struct xb_lane_run *l = &run->mine[i];
        const struct xb_bytes_keys key = one_key(run, lane_key(run, l->origin));
        struct xb_stretch src = inside_of(&l->t, XB_ROLE_SRC);
        if (has_source(l) && fill(&l->t, XB_ROLE_SRC, &src, &key, err) < 0)
            return -1;
        if (l->t.roles & XB_ROLE_DST && prepare_dst(run, l, err) < 0)
            return -1;
    }
    return 0;
}

int xb_verify_begin(struct xb_case_run *run, int64_t rounds, int window, struct xb_error *err)
{
    if (xb_resident_is(run)) { /* its transfers follow one another whatever the window */
        rounds *= window;
        window = 1;
    }
    run->batch = (struct xb_batch){.step = moves_bytes(run) ? xb_transfer_step(run->c) : 0,
                                   .rounds = rounds,
                                   .window = window,
                                   .odd = (unsigned)(run->turns % 2)};
    run->turns += rounds;
    run->begun++;
    for (size_t i = 0; i < run->nmine; i++) {
        struct xb_lane_run *l = &run->mine[i];
        const struct xb_bytes_keys key = one_key(run, stamp_key(run, l->origin));
        struct xb_stretch src = inside_of(&l->t, XB_ROLE_SRC);
        l->stamp_key = key.key[0];
        xb_lane_run_turn(l, &run->batch, 0); /* for who resets */
        src.stamps = &l->stamps;
        if (has_source(l) && moves_bytes(run) && fill(&l->t, XB_ROLE_SRC, &src, &key, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- what a batch leaves in a destination ---- */

/* What is done with each stretch of it. */
enum look { CHECK_ALL, CHECK_STAMPS, ERASE_STAMPS };

/* Piece i of what one transfer leaves: of a collective, of any other its one piece. */
static bool find_piece(const struct xb_case_run *run, const struct xb_lane_run *l, int i,
                       struct xb_piece *piece)
{
    if (run->c->pattern->one_operation)
        return xb_collective_piece(xb_case_collective(run->c), run->c->bytes, l->t.members,
                                   l->t.member, i, piece);
    *piece = (struct xb_piece){.bytes = l->t.c->bytes};
    return i == 0;
}

/* Keys of what a piece holds: of a collective lane k of the group leaves its member k. */
static struct xb_bytes_keys piece_keys(const struct xb_case_run *run,
                                       const struct xb_lane_run *l,
                                       const struct xb_piece *piece, enum look look)
{
    uint64_t (*key_of)(const struct xb_case_run *, const struct xb_lane *) =
        look == CHECK_STAMPS ? stamp_key : lane_key;
    struct xb_bytes_keys keys = no_keys(run);

    if (!run->c->pattern->one_operation)
        return one_key(run, key_of(run, l->origin));
    for (int k = 0; k < l->t.members && keys.count < XB_BYTES_KEYS; k++)
        if (piece->from < 0 || piece->from == k)
            keys.key[keys.count++] = key_of(run, &l->t.group[k]);
    return keys;
}

/* The part of a patch that a piece fills; first is its place in the source. */
static struct xb_stretch part_of(const struct xb_transfer *t, const struct xb_patch *patch,
                                 const struct xb_piece *piece)
{
    struct xb_stretch s = inside_of(t, XB_ROLE_DST);
    uint64_t from = patch->dst + piece->at, to = from + piece->bytes;
    uint64_t begin = from > patch->at ? from : patch->at;
    uint64_t end = to < patch->at + patch->bytes ? to : patch->at + patch->bytes;

    s.bytes = begin < end ? end - begin : 0;
    s.from += begin;
    s.first = patch->src + piece->first + (begin - from);
    return s;
}

/* Do this with the stretches of a patch; offsets of wrong bytes count from a transfer's
 * beginning. */
static int look_at_patch(const struct xb_case_run *run, struct xb_lane_run *l,
                         const struct xb_patch *patch, enum look look, struct xb_verify *out,
                         struct xb_error *err)
{
    struct xb_piece piece;

    for (int i = 0; find_piece(run, l, i, &piece); i++) {
        struct xb_bytes_keys keys = piece_keys(run, l, &piece, look);
        struct xb_stretch s = part_of(&l->t, patch, &piece);
        struct xb_verify found = {0};
        s.stamps = look == CHECK_ALL ? NULL : &l->stamps;
        int rc = look == ERASE_STAMPS ? fill_arrived(run, &l->t, &s, &keys, err)
                                      : check_arrived(run, &l->t, &s, &keys, &found, err);
        if (rc < 0)
            return -1;
        uint64_t bad = found.first_bad - patch->src / xb_case_shrinks(run->c);
        if (found.wrong_bytes && (!out->wrong_bytes || bad < out->first_bad))
            out->first_bad = bad;
        out->done = true;
        out->checked_bytes += found.checked_bytes;
        out->wrong_bytes += found.wrong_bytes;
    }
    return 0;
}

/* Do this with all that the last batch wrote; what it had no reason to touch is left to
 * outside, where that is not NULL. */
static int look_at_dst(const struct xb_case_run *run, struct xb_lane_run *l, enum look look,
                       struct xb_verify *out, struct xb_verify *outside, struct xb_error *err)
{
    const struct xb_bytes_keys own = one_key(run, lane_key(run, l->origin));
    const struct xb_stretch inside = inside_of(&l->t, XB_ROLE_DST);
    struct xb_patch patches[XB_TURN_PATCHES];
    struct xb_batch batch = xb_lane_run_batch(l, &run->batch);
    struct xb_piece piece;

    for (int i = 0; find_piece(run, l, i, &piece); i++)
        if (batch.written < piece.at + piece.bytes)
            batch.written = piece.at + piece.bytes;
    int n = xb_turn_patches(&batch, inside.bytes, patches);
    for (int i = 0; i < n; i++) {
        struct xb_stretch rest = inside;
        rest.from += patches[i].at;
        rest.first = patches[i].at;
        rest.bytes = patches[i].bytes;
        rest.poison = true;
        int rc = !patches[i].untouched ? look_at_patch(run, l, &patches[i], look, out, err)
                 : outside             ? check_arrived(run, &l->t, &rest, &own, outside, err)
                                       : 0;
        if (rc < 0)
            return -1;
    }
    return 0;
}

/* Compare the checksum that was taken of the batch's last transfer on its way with that of its
 * chunks as the source had them. */
static int check_sum(const struct xb_case_run *run, struct xb_lane_run *l, struct xb_error *err)
{
    enum { PIECE = 64 << 10 }; /* whole words, so that sums of pieces add up to a chunk's */
    const struct xb_bytes_keys keys = one_key(run, lane_key(run, l->origin)),
                               stamps = one_key(run, stamp_key(run, l->origin));
    const struct xb_batch batch = xb_lane_run_batch(l, &run->batch);
    const struct xb_case *c = l->t.c;
    struct xb_turn turn = xb_turn_of(&batch, batch.rounds - 1);
    uint64_t src = xb_turn_origin(&turn, turn.n - 1);
    struct xb_stretch s = {.base = malloc(PIECE)};

    if (!s.base)
        return xb_fail(err, "out of memory");
    l->sum = (struct xb_sums){.taken = run->method->checksum(l->ctx)};
    for (uint64_t at = 0, end; at < c->bytes; at += s.bytes) {
        end = (at / c->chunk + 1) * c->chunk;
        end = end < c->bytes ? end : c->bytes;
        s.bytes = end - at < PIECE ? end - at : PIECE;
        s.first = src + at;
        s.stamps = NULL;
        xb_bytes_fill_stretch(&s, &keys);
        s.stamps = &l->stamps;
        xb_bytes_fill_stretch(&s, &stamps);
        l->sum.expected += xb_work_checksum(s.base, s.bytes);
    }
    free(s.base);
    return 0;
}

static int check_dst(const struct xb_case_run *run, struct xb_lane_run *l, struct xb_error *err)
{
    const struct xb_bytes_keys own = one_key(run, lane_key(run, l->origin));
    struct xb_verify outside = {0}, none = {0};
    struct xb_stretch margins[MARGINS];

    l->verify = (struct xb_verify){0}; /* what was right before does not count again */
    margins_of(&l->t, margins);
    /* the stamps were compared behind the batch */
    if (moves_bytes(run) && look_at_dst(run, l, ERASE_STAMPS, &none, NULL, err) < 0)
        return -1;
    if (look_at_dst(run, l, CHECK_ALL, &l->verify, &outside, err) < 0)
        return -1;
    for (int i = 0; i < MARGINS; i++)
        if (check(&l->t, &margins[i], &own, &outside, err) < 0)
            return -1;
    l->outside += outside.wrong_bytes;
    if (xb_case_chunk_work(run->c) != XB_CHUNK_CHECKSUM)
        return 0;
    return check_sum(run, l, err);
}

int xb_verify_stamps(struct xb_case_run *run, struct xb_error *err)
{
    for (size_t i = 0; moves_bytes(run) && i < run->nmine; i++) {
        struct xb_lane_run *l = &run->mine[i];
        struct xb_verify found = {0};
        if (!(l->t.roles & XB_ROLE_DST) || l->when)
            continue;
        if (look_at_dst(run, l, CHECK_STAMPS, &found, NULL, err) < 0)
            return -1;
        l->stamped++;
        if (!found.wrong_bytes)
            continue;
        l->verify = found;
        l->when = run->stage;
        l->wrong_batch = run->begun;
    }
    return 0;
}

int xb_verify_check(struct xb_case_run *run, struct xb_error *err)
{
    for (size_t i = 0; i < run->nmine; i++) {
        struct xb_lane_run *l = &run->mine[i];
        /* what a lane was found wrong with stays, though others go on */
        if (!(l->t.roles & XB_ROLE_DST) || l->when)
            continue;
        if (check_dst(run, l, err) < 0)
            return -1;
        if (l->verify.wrong_bytes || l->outside || l->sum.taken != l->sum.expected)
            l->when = run->stage;
    }
    return 0;
}
