/* SPDX-License-Identifier: BSD-3-Clause */
/* looks.c - at which numbers of launches a campaign looks whether it can end. */
#include "model/campaign/looks.h"

#define FIRST_LOOK 6

size_t xb_looks_plan(size_t most, double alpha, struct xb_look looks[XB_LOOKS_MAX])
{
    size_t n = 0;
    double sum = 0;

    for (size_t at = FIRST_LOOK; at < most && n < XB_LOOKS_MAX - 1; at += (at / 2 + 1) / 2 * 2)
        looks[n++].launches = at;
    looks[n++].launches = most;
    for (size_t i = 0; i < n; i++)
        sum += (double)looks[i].launches;
    for (size_t i = 0; i < n; i++)
        looks[i].level = 1 - alpha * (double)looks[i].launches / sum;
    return n;
}
