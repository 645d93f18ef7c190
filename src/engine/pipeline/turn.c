/* SPDX-License-Identifier: BSD-3-Clause */
/* turn.c - which bytes each transfer of a batch moves, and what that leaves. */
#include "engine/pipeline/turn.h"

#include <string.h>

/* Let a transfer write over what was there. */
static int paint(struct xb_patch *patches, int n, const struct xb_patch *with)
{
    struct xb_patch out[XB_TURN_PATCHES + 2];
    uint64_t end = with->at + with->bytes;
    int k = 0;

    for (int i = 0; i < n; i++) {
        struct xb_patch left = patches[i], right = patches[i];
        uint64_t old_end = left.at + left.bytes;
        if (left.at < with->at) {
            left.bytes = (old_end < with->at ? old_end : with->at) - left.at;
            out[k++] = left;
        }
        if (old_end > end) {
            right.at = right.at > end ? right.at : end;
            right.bytes = old_end - right.at;
            out[k++] = right;
        }
    }
    if (with->bytes > 0)
        out[k++] = *with;
    memcpy(patches, out, (size_t)k * sizeof *out);
    return k;
}

int xb_turn_patches(const struct xb_batch *batch, uint64_t size,
                    struct xb_patch patches[XB_TURN_PATCHES])
{
    int64_t last = batch->rounds - 1, between = batch->rounds * batch->window - 2;
    /* where those between end: beside the last transfer, or in the round before it */
    int64_t middle = batch->window > 1 ? last : last - 1;
    const struct {
        int64_t round;
        int i;
        bool is_there;
    } writers[] = {{0, 0, true},
                   {middle, middle == 0 ? 1 : 0, between > 0},
                   {last, batch->window - 1, batch->rounds * batch->window > 1}};
    int n = 1;

    patches[0] = (struct xb_patch){.bytes = size, .untouched = true};
    for (size_t w = 0; w < sizeof writers / sizeof writers[0]; w++) {
        if (!writers[w].is_there)
            continue;
        struct xb_turn turn = xb_turn_of(batch, writers[w].round);
        uint64_t at = xb_turn_dst(&turn, writers[w].i);
        n = paint(patches, n,
                  &(struct xb_patch){.at = at,
                                     .bytes = batch->written,
                                     .dst = at,
                                     .src = xb_turn_src(&turn, writers[w].i)});
    }
    return n;
}

struct xb_stamps xb_stamps_make(uint64_t bytes, uint64_t step, uint64_t unit)
{
    const uint64_t most = 256; /* between the ends, where units do not ask for more */
    struct xb_stamps s = {.grain = XB_STAMP_BYTES};
    uint64_t widest = unit > 0 && unit < bytes / most ? unit / 2 : bytes / most;

    while (2 * s.grain <= widest)
        s.grain *= 2;
    for (uint64_t k = 0; k <= 3; k++) {
        uint64_t end = bytes + k * step;
        s.place[s.places++] = k * step;
        s.place[s.places++] = end > XB_STAMP_BYTES ? end - XB_STAMP_BYTES : 0;
    }
    return s;
}
