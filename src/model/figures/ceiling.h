/* SPDX-License-Identifier: BSD-3-Clause */
/* ceiling.h - the most that the hardware of a path can carry, from what the ranks say of their
 * links. A result above it is wrong, not fast. How wide links are stands in link_class.h.
 */
#ifndef XB_MODEL_FIGURES_CEILING_H
#define XB_MODEL_FIGURES_CEILING_H

#include "model/plan/plan.h"
#include "model/plan/schedule.h"
#include "model/topology/link_class.h"

/* GB/s that one lane of a case can carry, 0 where it cannot be told (host memory, an unknown
 * link, a copy of which the GPU's cache can hold a good part): that of the narrowest link that
 * its method must take. Within a GPU that is half the memory bandwidth, since every byte is
 * read and written; for a staged method the GPUs' links to the host; else the own links of the
 * pair. m describes the run's ranks and nodes. */
double xb_lane_ceiling(const struct xb_case *c, const struct xb_lane *lane,
                       const struct xb_machine *m);

/* GB/s that the lanes of a round can carry side by side, 0 where that of any cannot be told.
 * Lanes that leave from the same link, or arrive at it, are held to what it carries; the others
 * add up. Links carry both directions at once. So three lanes from one GPU to three others over
 * a switch have the ceiling of its links, and three from three GPUs to one likewise; links that
 * join single pairs of GPUs add up. */
double xb_ceiling(const struct xb_case *c, const struct xb_round *lanes,
                  const struct xb_machine *m);

#endif
