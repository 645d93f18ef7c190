/* SPDX-License-Identifier: BSD-3-Clause */
/* rank_ends.h - what is asked of every lane's ends, looked up once for each rank.
 *
 * Example: of 1,024 ranks on the 8 GPUs of a node, bound to nothing, 128 share each GPU, and
 * what joins two of them is one of 64 answers. With these a pattern that compares all ranks
 * asks 64 times, not a million.
 */
#ifndef XB_MODEL_TOPOLOGY_RANK_ENDS_H
#define XB_MODEL_TOPOLOGY_RANK_ENDS_H

#include "model/topology/link_class.h"

struct xb_rank_ends {
    const struct xb_gpu_info *gpu; /* its own, as xb_machine_gpu finds it */
    int alike;    /* the lowest rank of its node whose ends are the same: with the same GPUs and
                     host memory; itself where there is none */
    int same_nic; /* the lowest rank of its node that uses the same NIC, by its name */
};

/* Look at each of so many ranks of a machine, whose ends are not there yet. Steps: ranks times
 * what differs within a node. The caller frees; NULL when out of memory. */
struct xb_rank_ends *xb_rank_ends_make(const struct xb_machine *machine, int nranks);

#endif
