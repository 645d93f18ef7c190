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

#define XB_EVERY (-1) /* locality or kind of memory that a rule does not name */

struct xb_policy_rule {
    struct xb_policy_end src, dst;
    int locality;      /* enum xb_locality or XB_EVERY */
    int memory;        /* enum xb_gpu_memory or XB_EVERY */
    uint64_t from, to; /* bytes, inclusive; to is UINT64_MAX without an end */
    const struct xb_method_spec *method;
    struct xb_options options;     /* by the rows of method->options */
    struct xb_chunk_term chunk;    /* of a chunked method */
    uint64_t chunk_min, chunk_max; /* bytes; UINT64_MAX for no chunk_max */
    int depth;                     /* 0 where the method is not chunked */
};

/* Is a rule for this path and kind of memory, whatever the size? */
bool xb_policy_rule_is_for(const struct xb_policy_rule *rule, const struct xb_path *path,
                           enum xb_gpu_memory memory);

/* Make the table that answers are remembered in, empty. */
int xb_policy_new_cache(struct xb_policy *policy, struct xb_error *err);

/* policy_cover.c: fail at the first rule that can never match, naming it and those before it
 * that take all it is for. */
int xb_policy_check_cover(const struct xb_policy *policy, struct xb_error *err);

#endif
