/* SPDX-License-Identifier: BSD-3-Clause */
/* submission_lists.c - which addresses a transfer's blocks have. */
#include "engine/pipeline/submission_internal.h"

struct xb_block_list xb_submission_list_from(const struct xb_submission *s, uint64_t dst,
                                             uint64_t src, bool for_kernels)
{
    void *const *to = for_kernels ? s->dst.gpu : s->dst.host;
    void *const *from = for_kernels ? s->src.gpu : s->src.host;

    return (struct xb_block_list){.dst = to + dst / s->granule,
                                  .src = (const void *const *)(from + src / s->granule),
                                  .bytes = s->bytes,
                                  .block = s->block,
                                  .count = s->blocks,
                                  .align = s->align};
}

struct xb_block_list xb_submission_list(const struct xb_submission *s, int i, bool for_kernels)
{
    return xb_submission_list_from(s, xb_turn_dst(&s->t->turn, i), xb_turn_src(&s->t->turn, i),
                                   for_kernels);
}
