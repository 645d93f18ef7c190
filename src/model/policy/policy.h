/* SPDX-License-Identifier: BSD-3-Clause */
/* policy.h - a table that picks method, chunk and depth from path and size, and for blocks how
 * their copies are submitted.
 *
 * {
 *   "schema": {"name": "xferbench-policy", "version": 1},
 *   "name": "static", "description": "...", "source": "..." or {...},
 *   "rules": [ {
 *     "src": ENDPOINT, "dst": ENDPOINT,       "host", "gpu", "gpu+K", "gpu+*"; absent: any
 *     "locality": "self" | "node" | "remote", absent: any
 *     "from": SIZE (0), "to": SIZE,           both inclusive; without "to" there is no end
 *     "device": "discrete" | "mappable" | "unified", the kind of GPU memory; absent: any
 *     "link_class": "nvlink", "pcie-switch", ..., what joins the two ends; absent: any
 *     "blocks": {"from": N (2), "to": N},     how many blocks; absent: for one piece alone
 *     "block": {"from": SIZE (0), "to": SIZE}, bytes of one block, in place of from and to
 *     "order": "contiguous" | "strided" | "scattered" | "planes"; absent: any
 *     "blocks_at": "both" | "src" | "dst", of blocks; absent: any
 *     "use": { "method": NAME, OPTION: value, ..., "chunk": SIZE, "size" or "size/N",
 *              "chunk_min": SIZE, "chunk_max": SIZE, "depth": N },
 *     "note": "..."
 *   }, ... ]
 * }
 * The first rule that matches wins. A rule without "blocks" is for transfers of one piece, and
 * one with it for those of several, whose "use" may name a submission. "gpu" is the GPU that
 * the rank is bound to, "gpu+*" any other one. Options that are not named have the method's
 * defaults, and so have chunk and depth of a method that takes them. chunk_min and chunk_max
 * bound a chunk that is relative to the size; no chunk is larger than the transfer, and one of
 * blocks is of whole ones. "source" says where the rules come from and "note" is for readers.
 * Required are "schema", "name", "rules" and, in a rule, "use" with its "method".
 */
#ifndef XB_MODEL_POLICY_POLICY_H
#define XB_MODEL_POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "model/plan/layout.h"
#include "model/plan/path.h"
#include "model/plan/plan.h"
#include "model/scenario/catalog.h"
#include "model/topology/link_class.h"
#include "model/topology/rank_info.h"

#define XB_POLICY_NAME    "xferbench-policy"
#define XB_POLICY_VERSION 1

#define XB_GPU_MEMORIES 3

/* "discrete", "mappable", "unified"; a constant string. */
const char *xb_gpu_memory_name(enum xb_gpu_memory memory);

/* What a policy answers. method is NULL where there is no answer. */
struct xb_choice {
    const struct xb_method_spec *method;
    struct xb_options options; /* by the rows of method->options; of blocks with their shape */
    uint64_t chunk;            /* bytes; 0 where the method is not chunked */
    int depth;                 /* 0 where the method is not chunked */
    size_t rule;               /* index of the rule that said so */
};

struct xb_policy_rule;  /* policy_internal.h */
struct xb_policy_cache; /* as above */

struct xb_policy {
    struct xb_json doc; /* owned: the file as read */
    const char *name, *description;
    uint64_t hash; /* of the whole document, but not of white space */
    struct xb_policy_rule *rules;
    size_t nrules;
    bool asks_link; /* some rule names a link class */
    struct xb_policy_cache *cache;
    uint64_t decided, from_cache; /* answers that were worked out, and that were remembered */
};

/* Read and check a policy file. Needs no MPI and no device. out is the caller's to release; on
 * failure it is empty. Each error names file, line where it can, JSON path, what was found and
 * what was expected: unknown keys, methods, options and endpoints, wrong types, "from" above
 * "to", chunk or depth of a method that takes none, and a rule that can never match because
 * rules before it match all that it does. */
int xb_policy_load(const char *file, const struct xb_catalog *catalog, struct xb_policy *out,
                   struct xb_error *err);

/* The same for text in memory; name stands for the file in errors. */
int xb_policy_parse(const char *name, const char *text, const struct xb_catalog *catalog,
                    struct xb_policy *out, struct xb_error *err);

/* Is this document meant as a policy, and not as a scenario, which has no schema key? */
bool xb_policy_is(const struct xb_json *doc);

/* What joins the ends of a transfer whose lanes are not all joined alike, or of which that is
 * not known: rules that name a link class are not for it. */
#define XB_LINK_MIXED (-1)

/* Where a transfer goes, as rules ask. */
struct xb_policy_place {
    enum xb_gpu_memory memory; /* kind of memory of the GPUs */
    int link;                  /* enum xb_link_class, or XB_LINK_MIXED */
};

/* What the first rule that matches says for a transfer of so many bytes on a path, in this
 * shape, at such a place. shape NULL means one piece. -1 with the reason where none matches, or
 * where there are no blocks of equal size; then out->method is NULL. Answers are remembered by
 * path, exact size, shape and place in a table of fixed size, never by size class: a rule may
 * begin or end within one. One thread at a time. */
int xb_policy_decide(struct xb_policy *policy, const struct xb_path *path, uint64_t bytes,
                     const struct xb_shape *shape, struct xb_policy_place place,
                     struct xb_choice *out, struct xb_error *err);

/* Forget all answers and set both counters to 0. */
void xb_policy_clear_cache(struct xb_policy *policy);

/* The case with the method, options, chunk and depth that were chosen and everything else, the
 * id included, as it was. */
struct xb_case xb_choice_apply(const struct xb_choice *choice, const struct xb_case *c);

/* {method, options, chunk_bytes, depth} as a report has it, null without a method. The caller
 * owns it; NULL when out of memory. */
cJSON *xb_choice_json(const struct xb_choice *choice);

/* Free what the policy owns and empty it. An empty policy is allowed. */
void xb_policy_release(struct xb_policy *policy);

#endif
