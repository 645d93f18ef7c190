/* SPDX-License-Identifier: BSD-3-Clause */
/* clock_map.h - from the clock of one host to that of another, by messages that went there and
 * back. */
#ifndef XB_MODEL_FIGURES_CLOCK_MAP_H
#define XB_MODEL_FIGURES_CLOCK_MAP_H

#include <stddef.h>

/* A message to another host and back, in microseconds: when it left and came back by the clock
 * here, and what the clock there said in between. */
struct xb_clock_exchange {
    double left_us, there_us, back_us;
};

/* What the clock there says is what the one here says plus offset_us, which grows by drift from
 * at_us on; anywhere between the exchanges it is wrong by error_us at most. */
struct xb_clock_map {
    double at_us, offset_us, drift, error_us;
};

/* The map of exchanges in two groups, before and after what is to be placed in time; neither
 * may be empty. Of each group the quickest exchange counts: the clock there was read somewhere
 * on the way, so its offset is known to half of that exchange's time, whatever the two ways
 * took. Offsets in between lie on a line, as clocks drift evenly over such times. Source: F.
 * Cristian, "Probabilistic clock synchronization", Distributed Computing 3 (1989); that offset
 * and drift make a linear model between two ranks, as in S. Hunold, A. Carpen-Amarie,
 * "Hierarchical Clock Synchronization in MPI", CLUSTER 2018 (HCA3). */
struct xb_clock_map xb_clock_map_make(const struct xb_clock_exchange *before, size_t nbefore,
                                      const struct xb_clock_exchange *after, size_t nafter);

/* What the clock there said when the one here said so. */
double xb_clock_map_there(const struct xb_clock_map *map, double here_us);

#endif
