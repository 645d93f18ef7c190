/* SPDX-License-Identifier: BSD-3-Clause */
/* scenario_pairs.c - reading which ranks a group's patterns are about. */
#include "model/scenario/scenario_pairs.h"

#include <stdlib.h>
#include <string.h>

#include "model/scenario/scenario_ranges.h"

/* [[0, 3], [2, 1]]: source and destination rank of each. */
static int read_pair_list(const struct xb_node *node, struct xb_pairs *out,
                          struct xb_error *err)
{
    if (xb_expect_list(node, err) < 0)
        return -1;
    out->kind = XB_PAIRS_LIST;
    out->count = xb_node_count(node);
    out->list = calloc(out->count, sizeof(*out->list));
    for (size_t i = 0; out->list && i < out->count; i++) {
        struct xb_node pair = xb_node_at(node, i);
        if (!cJSON_IsArray(pair.item) || xb_node_count(&pair) != 2)
            return xb_node_fail_found(&pair, err, "two ranks, [SOURCE, DESTINATION]");
        for (size_t k = 0; k < 2; k++) {
            struct xb_node rank = xb_node_at(&pair, k);
            int64_t value;
            if (xb_node_int(&rank, 0, XB_RANK_MAX, &value, err) < 0)
                return -1;
            out->list[i][k] = (int)value;
        }
    }
    return out->list ? 0 : xb_fail(err, "out of memory for a list of pairs");
}

int xb_read_pairs(const struct xb_node *group_node, struct xb_group *group,
                  struct xb_error *err)
{
    struct xb_node node;

    group->pairs = (struct xb_pairs){.kind = XB_PAIRS_CLASSES};
    if (!xb_node_member(group_node, "pairs", &node))
        return 0;
    for (size_t i = 0; i < group->npatterns; i++) {
        const struct xb_pattern_use *use = &group->patterns[i];
        if (use->pairs)
            return xb_node_fail(
                &node, err,
                "the pattern stands for %s with pairs \"%s\": expected no pairs "
                "beside it",
                use->pattern->name, xb_pairs_name(use->pairs->kind));
        if (!use->pattern || !use->pattern->of_pair)
            return xb_node_fail(&node, err, "%s has no pairs: expected none beside it",
                                use->pattern ? use->pattern->name : use->experiment->name);
    }
    if (cJSON_IsArray(node.item))
        return read_pair_list(&node, &group->pairs, err);
    const char *name = cJSON_GetStringValue(node.item);
    for (size_t i = 0; name && xb_pairs_names[i]; i++)
        if (strcmp(name, xb_pairs_names[i]) == 0) {
            group->pairs.kind = (enum xb_pairs_kind)i;
            return 0;
        }
    return xb_node_fail_choice(&node, "pairs [[SOURCE, DESTINATION], ...] or", xb_pairs_names,
                               err);
}
