/* ceiling.h - the most that the hardware of a path can carry, from what the ranks say of their
 * links. A result above it is wrong, not fast.
 *
 * PCI Express per lane and direction after line coding, GB/s (PCI-SIG, "PCI Express Base
 * Specification"): gen 1 2.5 GT/s and gen 2 5 GT/s at 8b/10b, gen 3 8, gen 4 16 and gen 5 32
 * GT/s at 128b/130b, gen 6 64 GT/s at 242/256. Packet headers are not taken off, so a good link
 * reaches about 0.88 of it.
 */
#ifndef XB_MODEL_FIGURES_CEILING_H
#define XB_MODEL_FIGURES_CEILING_H

#include "model/plan/pattern.h"
#include "model/plan/plan.h"
#include "model/topology/rank_info.h"

/* GB/s of a link of so many lanes in one direction; 0 when either number is unknown. */
double xb_pcie_gb_per_s(int gen, int width);

/* GB/s that the lanes of a case can carry side by side, 0 where it cannot be told (host memory,
 * an unknown link, a copy of which the GPU's cache can hold a good part). A lane's ceiling is
 * that of the narrowest link that its method must take: PCI Express between host and GPU and
 * for staged methods, NVLink (or, without it, PCI Express) between GPUs, half the memory
 * bandwidth within a GPU, where every byte is read and written, the NIC between nodes. Lanes
 * that take the same links from end to end, in the same direction, count once; the others add
 * up. `ranks` are those of the run by rank. */
double xb_ceiling(const struct xb_case *c, const struct xb_lanes *lanes,
                  const struct xb_rank_info *ranks);

#endif
