/* SPDX-License-Identifier: BSD-3-Clause */
/* launch_order.c - in which order a campaign starts its configurations. */
#include "model/campaign/launch_order.h"

#include <assert.h>
#include <stdbool.h>

#include "base/random.h"

/* The configurations in the order in which the seed deals out their letters. */
static void deal(size_t configs, uint64_t seed, size_t *letter)
{
    uint64_t state = seed;

    for (size_t k = 0; k < configs; k++)
        letter[k] = k;
    for (size_t k = configs; k > 1; k--) { /* Fisher and Yates */
        size_t other = (size_t)(xb_random_next(&state) % k), kept = letter[other];
        letter[other] = letter[k - 1];
        letter[k - 1] = kept;
    }
}

/* Williams' first row: 0, 1, k - 1, 2, k - 2, ... */
static size_t williams(size_t k, size_t place)
{
    return place % 2 ? (place + 1) / 2 : (k - place / 2) % k;
}

size_t xb_launch_config(size_t configs, uint64_t seed, size_t i)
{
    size_t letter[XB_CONFIGS_MAX];

    assert(configs > 0 && configs <= XB_CONFIGS_MAX);
    size_t round = i / configs, place = i % configs, pair = round / 2;
    size_t pairs = configs > 1 && configs % 2 == 0 ? configs / 2 : configs; /* of a cycle */
    bool backwards = round % 2 != (size_t)__builtin_parityll(pair / pairs);

    deal(configs, seed, letter);
    if (backwards)
        place = configs - 1 - place;
    return letter[(williams(configs, place) + pair % pairs) % configs];
}
