/* SPDX-License-Identifier: BSD-3-Clause */
/* policy_cover.c - rules that others before them leave nothing for. */
#include <stdio.h>
#include <stdlib.h>

#include "model/policy/policy_internal.h"

#define NAMES_MAX 6                      /* rules that an error names */
#define NAME_LEN  32                     /* of "rules[12]" */
#define ENDS_MAX  (XB_GPU_INDEX_MAX + 2) /* all endpoints: host, gpu, gpu+1, ... */

/* The endpoints that rules tell apart: those that are named, and one for all other GPUs. */
struct ends {
    size_t count;
    struct xb_endpoint end[ENDS_MAX];
};

struct search {
    const struct xb_policy *policy;
    const struct xb_policy_rule *rule; /* that is looked at */
    struct ends ends;
    bool *met; /* rules before it that take a part of what it is for */
};

static void note_name(const struct xb_policy_end *end, bool named[XB_GPU_INDEX_MAX + 1])
{
    if (end->match == XB_END_THIS && end->endpoint.kind == XB_GPU)
        named[end->endpoint.index] = true;
}

static struct ends list_ends(const struct xb_policy *policy)
{
    struct ends ends = {1, {{.kind = XB_HOST}}};
    bool named[XB_GPU_INDEX_MAX + 1] = {true}, other = false;

    for (size_t i = 0; i < policy->nrules; i++) {
        note_name(&policy->rules[i].src, named);
        note_name(&policy->rules[i].dst, named);
    }
    for (int k = 0; k <= XB_GPU_INDEX_MAX; k++) {
        if (named[k] || !other)
            ends.end[ends.count++] = (struct xb_endpoint){.kind = XB_GPU, .index = k};
        other = other || !named[k];
    }
    return ends;
}

/* The first rule before the one looked at that takes this, or NULL. */
static const struct xb_policy_rule *taker(const struct search *s,
                                          const struct xb_policy_query *query)
{
    for (const struct xb_policy_rule *r = s->policy->rules; r < s->rule; r++)
        if (xb_policy_rule_takes(r, query))
            return r;
    return NULL;
}

/* Is there a size that the rule gets of what else is asked? Goes from the end of what one rule
 * takes to the next. */
static bool gets_size(struct search *s, struct xb_policy_query query)
{
    const struct xb_policy_rule *by;

    query.bytes = s->rule->from > 0 ? s->rule->from : 1; /* nothing transfers 0 bytes */
    if (!xb_policy_rule_takes(s->rule, &query))
        return false;
    while ((by = taker(s, &query))) {
        s->met[by - s->policy->rules] = true;
        if (by->to >= s->rule->to)
            return false;
        query.bytes = by->to + 1;
    }
    return true;
}

/* Is there a number of blocks of which it gets a size? What it gets of any number, it gets of
 * the smallest that it is for, or of the first behind those of a rule before it. */
static bool gets_blocks(struct search *s, struct xb_policy_query query)
{
    query.blocks = s->rule->blocks_from;
    if (gets_size(s, query))
        return true;
    for (const struct xb_policy_rule *r = s->policy->rules; r < s->rule; r++) {
        if (r->blocks_to == INT64_MAX || r->blocks_to < s->rule->blocks_from)
            continue;
        query.blocks = r->blocks_to + 1;
        if (gets_size(s, query))
            return true;
    }
    return false;
}

/* Orders and ends of one piece are those of its only shape. */
static bool gets_shape(struct search *s, struct xb_policy_query query)
{
    bool several = s->rule->blocks_from > 1;

    for (query.order = 0; query.order < (several ? XB_ORDERS : 1); query.order++)
        for (query.at = 0; query.at <= (several ? XB_BLOCKS_AT_DST : 0); query.at++) {
            bool possible = query.order != XB_ORDER_CONTIGUOUS || query.at == XB_BLOCKS_AT_BOTH;
            if (possible && gets_blocks(s, query))
                return true;
        }
    return false;
}

static bool gets_path(struct search *s, struct xb_endpoint src, struct xb_endpoint dst)
{
    for (int l = 0; l < XB_LOCALITIES; l++)
        for (int m = 0; m < XB_GPU_MEMORIES; m++)
            for (int link = XB_LINK_MIXED; link < XB_LINK_CLASSES; link++) {
                struct xb_policy_query query = {
                    .path = {src, dst, (enum xb_locality)l},
                    .place = {.memory = (enum xb_gpu_memory)m, .link = link}};
                if (gets_shape(s, query))
                    return true;
            }
    return false;
}

static bool gets_anything(struct search *s)
{
    for (size_t a = 0; a < s->ends.count; a++)
        for (size_t b = 0; b < s->ends.count; b++)
            if (gets_path(s, s->ends.end[a], s->ends.end[b]))
                return true;
    return false;
}

static int fail_covered(const struct search *s, struct xb_error *err)
{
    char name[NAMES_MAX][NAME_LEN], list[XB_ERROR_LEN];
    const char *names[NAMES_MAX + 1] = {NULL};
    struct xb_node root = xb_json_root(&s->policy->doc), rules, node;
    size_t index = (size_t)(s->rule - s->policy->rules), n = 0;

    for (size_t i = 0; i < index && n < NAMES_MAX; i++)
        if (s->met[i]) {
            snprintf(name[n], NAME_LEN, n + 1 < NAMES_MAX ? "rules[%zu]" : "others", i);
            names[n] = name[n];
            n++;
        }
    if (xb_node_require(&root, "rules", &rules, err) < 0)
        return -1;
    node = xb_node_at(&rules, index);
    return xb_node_fail(&node, err,
                        "found a rule that can never match, expected one for something that "
                        "the rules before it do not take; it is taken by %s",
                        xb_error_list(names, list, sizeof list));
}

int xb_policy_check_cover(const struct xb_policy *policy, struct xb_error *err)
{
    struct search s = {.policy = policy, .ends = list_ends(policy)};
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < policy->nrules; i++) {
        s.rule = &policy->rules[i];
        s.met = calloc(policy->nrules, sizeof *s.met);
        if (!s.met)
            return xb_fail(err, "out of memory for a policy");
        if (!gets_anything(&s))
            rc = fail_covered(&s, err);
        free(s.met);
    }
    return rc;
}
