/* SPDX-License-Identifier: BSD-3-Clause */
/* launch_order.h - in which order a campaign starts its configurations. */
#ifndef XB_MODEL_CAMPAIGN_LAUNCH_ORDER_H
#define XB_MODEL_CAMPAIGN_LAUNCH_ORDER_H

#include <stddef.h>
#include <stdint.h>

#define XB_CONFIGS_MAX 64 /* of a campaign */

/* Which of so many configurations, from 1 to XB_CONFIGS_MAX, launch i of a campaign starts,
 * both from 0. Two of them come as ABBA BAAB BAAB ABBA, the seed saying which is A. The same
 * everywhere for the same arguments, and what stands before i does not depend on how many
 * launches there will be.
 *
 * Launches come in rounds of one of each. Every second round is the one before it backwards, so
 * that what changes steadily with time adds the same to all. From one such pair to the next the
 * configurations change places as in a Williams design (E. J. Williams, "Experimental designs
 * balanced for the estimation of residual effects of treatments", Aust. J. Sci. Res. A 2,
 * 1949): after k rounds where k is even, 2k where it is odd, each has stood in every place, and
 * behind every other one, equally often. The next such cycle is the same, with each pair
 * backwards where the Thue-Morse sequence has a 1. */
size_t xb_launch_config(size_t configs, uint64_t seed, size_t i);

#endif
