/* SPDX-License-Identifier: BSD-3-Clause */
/* policy_internal.h - the rules of a policy, for the files that read and follow them. */
#ifndef XB_MODEL_POLICY_POLICY_INTERNAL_H
#define XB_MODEL_POLICY_POLICY_INTERNAL_H

#include <stdbool.h>

#include "model/policy/policy.h"
#include "model/scenario/scenario.h"

/* The endpoints that a rule is for. */
enum xb_end_match { XB_END_ANY, XB_END_THIS, XB_END_OTHER_GPU };

struct xb_policy_end {
    enum xb_end_match match;
    struct xb_endpoint endpoint; /* of XB_END_THIS */
};

#define XB_EVERY (-1) /* whatever a rule does not name */

/* Those of enum xb_gpu_memory, then NULL. */
extern const char *const xb_gpu_memory_names[XB_GPU_MEMORIES + 1];

struct xb_policy_rule {
    struct xb_policy_end src, dst;
    int locality;      /* enum xb_locality or XB_EVERY */
    int memory;        /* enum xb_gpu_memory or XB_EVERY */
    int link;          /* enum xb_link_class or XB_EVERY */
    uint64_t from, to; /* bytes of the transfer, or of one of several blocks; inclusive; to is
                          UINT64_MAX without an end */
    int64_t blocks_from,
        blocks_to; /* inclusive; 1 and 1: one piece; INT64_MAX without an end */
    int order, at; /* of several blocks: enum xb_order, enum xb_blocks_at, or XB_EVERY */
    const struct xb_method_spec *method;
    struct xb_options options;     /* by the rows of method->options */
    struct xb_chunk_term chunk;    /* of a chunked method */
    uint64_t chunk_min, chunk_max; /* bytes; UINT64_MAX for no chunk_max */
    int depth;                     /* 0 where the method is not chunked */
};

/* What a rule is asked about. */
struct xb_policy_query {
    struct xb_path path;
    struct xb_policy_place place;
    int64_t blocks; /* 1: one piece */
    int order, at;  /* of several blocks */
    uint64_t bytes; /* of the transfer, or of one of several blocks */
};

bool xb_policy_rule_takes(const struct xb_policy_rule *rule,
                          const struct xb_policy_query *query);

/* Make the table that answers are remembered in, empty. */
int xb_policy_new_cache(struct xb_policy *policy, struct xb_error *err);

/* policy_cover.c: fail at the first rule that can never match, naming it and those before it
 * that take all it is for. */
int xb_policy_check_cover(const struct xb_policy *policy, struct xb_error *err);

#endif
