/* SPDX-License-Identifier: BSD-3-Clause */
/* link_warn.h - what is wrong with the links of a job's GPUs, and what went wrong with them
 * while it ran: pure functions of what ranks and nodes say of themselves. */
#ifndef XB_MODEL_TOPOLOGY_LINK_WARN_H
#define XB_MODEL_TOPOLOGY_LINK_WARN_H

#include <stddef.h>

#include "model/topology/gpu_state.h"
#include "model/topology/node_info.h"
#include "model/topology/rank_info.h"

/* Takes one warning, a sentence without a full stop that names rank, host and GPU. */
typedef void xb_warning_fn(void *arg, const char *text);

/* NVLinks that a GPU should have by its name, or that others of its name in this job have, and
 * that are not active; PCI Express with fewer lanes than it can have. A GPU that is alone on
 * its node and has no active link at all is left in peace: who lends single GPUs turns them
 * off. nodes is NULL where nobody has described them. -1 when out of memory, with nothing said.
 */
int xb_warn_links(const struct xb_rank_info *ranks, size_t nranks,
                  const struct xb_node_info *nodes, size_t nnodes, xb_warning_fn *warn,
                  void *arg);

/* Errors that the ranks' GPUs have counted since the run began, and PCI Express that was never
 * seen as fast as it can be, where it was seen busy: an idle GPU slows it down. after[nranks]
 * is when the run ended. A GPU that several ranks share is named once, by the lowest. -1 as
 * above. */
int xb_warn_run(const struct xb_rank_info *ranks, size_t nranks,
                const struct xb_gpu_state *after, xb_warning_fn *warn, void *arg);

#endif
