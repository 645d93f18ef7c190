/* SPDX-License-Identifier: BSD-3-Clause */
/* looks.h - at which numbers of launches a campaign looks whether it can end, and at what level
 * of confidence each look must decide. */
#ifndef XB_MODEL_CAMPAIGN_LOOKS_H
#define XB_MODEL_CAMPAIGN_LOOKS_H

#include <stddef.h>

#define XB_LOOKS_MAX 24 /* of a campaign */

struct xb_look {
    size_t launches; /* of each configuration */
    double level;    /* of its intervals: 0.998 */
};

/* The looks of a campaign that ends after so many launches of each configuration, 1 at least,
 * at the latest: at 6, then at half as many more each time, in even numbers, so that rounds
 * come in pairs, and at the last launch. Returns how many.
 *
 * Whoever looks several times at 95 % and stops at what he likes is wrong more often than 5 %.
 * So the looks share `alpha` (0.05), each in proportion to its launches: what early looks lack,
 * with few launches, the late ones have. Since the shares add up to alpha, all intervals of all
 * looks hold together with 1 - alpha, however they depend on each other (Bonferroni's
 * inequality; the idea of giving out alpha by the share of what is known is that of K. K. G.
 * Lan and D. L. DeMets, "Discrete sequential boundaries for clinical trials", Biometrika 70,
 * 1983). */
size_t xb_looks_plan(size_t most, double alpha, struct xb_look looks[XB_LOOKS_MAX]);

#endif
