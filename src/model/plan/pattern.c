/* SPDX-License-Identifier: BSD-3-Clause */
/* pattern.c - the table of patterns. */
#include "model/plan/pattern.h"

#include <string.h>

extern const struct xb_pattern xb_pattern_stream, xb_pattern_bidirectional, xb_pattern_pingpong,
    xb_pattern_ring, xb_pattern_fan_in, xb_pattern_fan_out, xb_pattern_bisection,
    xb_pattern_alltoall, xb_pattern_neighbour, xb_pattern_collective,
    xb_pattern_collective_places;

const struct xb_pattern *const xb_patterns[] = {
    &xb_pattern_stream,
    &xb_pattern_bidirectional,
    &xb_pattern_pingpong,
    &xb_pattern_ring,
    &xb_pattern_fan_in,
    &xb_pattern_fan_out,
    &xb_pattern_bisection,
    &xb_pattern_alltoall,
    &xb_pattern_neighbour,
    &xb_pattern_collective,
    &xb_pattern_collective_places,
    NULL,
};

/* Names that stand for a pattern with pairs. */
static const struct {
    const char *name;
    const struct xb_pattern *pattern;
    struct xb_pairs pairs;
} short_names[] = {
    {"matrix", &xb_pattern_stream, {.kind = XB_PAIRS_EACH}},
    {"pairs", &xb_pattern_stream, {.kind = XB_PAIRS_TOGETHER}},
};

const struct xb_pattern *xb_pattern_find(const char *name, const struct xb_pairs **pairs)
{
    if (pairs)
        *pairs = NULL;
    for (size_t i = 0; xb_patterns[i]; i++)
        if (strcmp(xb_patterns[i]->name, name) == 0)
            return xb_patterns[i];
    for (size_t i = 0; pairs && i < sizeof short_names / sizeof short_names[0]; i++)
        if (strcmp(short_names[i].name, name) == 0) {
            *pairs = &short_names[i].pairs;
            return short_names[i].pattern;
        }
    return NULL;
}
