/* SPDX-License-Identifier: BSD-3-Clause */
/* clock_exchange.h - ranks of a team on several nodes compare their clocks. */
#ifndef XB_ENGINE_MEASURE_CLOCK_EXCHANGE_H
#define XB_ENGINE_MEASURE_CLOCK_EXCHANGE_H

#include "engine/measure/team.h"
#include "model/figures/clock_map.h"

#define XB_CLOCK_EXCHANGES 50 /* in a group: of as many one is not held up */

/* Called by all members: each but the first asks the first one for its clock so many times,
 * into out. Of the first nothing is written. */
void xb_clock_exchange(const struct xb_team *team,
                       struct xb_clock_exchange out[XB_CLOCK_EXCHANGES]);

#endif
