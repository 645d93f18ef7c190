/* SPDX-License-Identifier: BSD-3-Clause */
/* policy.c - following a policy's rules, and remembering what they said. */
#include "model/policy/policy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/units.h"
#include "model/policy/policy_internal.h"

#define SLOTS 1024 /* of the cache; a new answer takes the place of one in the same slot */

struct slot {
    bool used;
    struct xb_path path;
    uint64_t bytes;
    struct xb_shape shape;
    struct xb_policy_place place;
    struct xb_choice choice; /* without a method: no rule matches */
};

struct xb_policy_cache {
    struct slot slot[SLOTS];
};

const char *const xb_gpu_memory_names[XB_GPU_MEMORIES + 1] = {
    [XB_GPU_DISCRETE] = "discrete",
    [XB_GPU_MAPPABLE] = "mappable",
    [XB_GPU_UNIFIED] = "unified",
};

const char *xb_gpu_memory_name(enum xb_gpu_memory memory)
{
    return xb_gpu_memory_names[memory];
}

/* ---- rules ---- */

static bool same_endpoint(struct xb_endpoint a, struct xb_endpoint b)
{
    return a.kind == b.kind && a.index == b.index;
}

static bool is_for_end(const struct xb_policy_end *end, struct xb_endpoint e)
{
    switch (end->match) {
    case XB_END_THIS:
        return same_endpoint(end->endpoint, e);
    case XB_END_OTHER_GPU:
        return e.kind == XB_GPU && e.index > 0;
    case XB_END_ANY:
        break;
    }
    return true;
}

static bool is_for_shape(const struct xb_policy_rule *rule, const struct xb_policy_query *q)
{
    return q->blocks >= rule->blocks_from && q->blocks <= rule->blocks_to &&
           (q->blocks == 1 || ((rule->order == XB_EVERY || rule->order == q->order) &&
                               (rule->at == XB_EVERY || rule->at == q->at)));
}

bool xb_policy_rule_takes(const struct xb_policy_rule *rule,
                          const struct xb_policy_query *query)
{
    return query->bytes >= rule->from && query->bytes <= rule->to &&
           is_for_end(&rule->src, query->path.src) && is_for_end(&rule->dst, query->path.dst) &&
           (rule->locality == XB_EVERY || rule->locality == (int)query->path.locality) &&
           (rule->memory == XB_EVERY || rule->memory == (int)query->place.memory) &&
           (rule->link == XB_EVERY || rule->link == query->place.link) &&
           is_for_shape(rule, query);
}

static uint64_t chunk_of(const struct xb_policy_rule *rule, uint64_t bytes)
{
    uint64_t chunk = xb_chunk_bytes(&rule->chunk, bytes);

    if (chunk < rule->chunk_min)
        chunk = rule->chunk_min;
    if (chunk > rule->chunk_max)
        chunk = rule->chunk_max;
    return chunk < bytes ? chunk : bytes;
}

/* What a rule says for a transfer that it takes. */
static struct xb_choice choice_of(const struct xb_policy_rule *rule, uint64_t bytes,
                                  const struct xb_shape *shape)
{
    struct xb_case c = {.method = rule->method, .options = rule->options, .bytes = bytes};
    struct xb_choice choice = {.method = rule->method, .depth = rule->depth};

    xb_case_set_shape(&c, shape);
    choice.options = c.options;
    if (rule->method->flags & XB_METHOD_TAKES_CHUNKS)
        choice.chunk = xb_chunk_of_blocks(&c, chunk_of(rule, bytes));
    if (rule->method->flags & XB_METHOD_PIECES && choice.chunk >= bytes) {
        choice.chunk = 0; /* the whole */
        choice.depth = 0;
    }
    return choice;
}

/* The answer of the first rule that matches; without a method where none does. */
static struct xb_choice follow(const struct xb_policy *policy, const struct xb_path *path,
                               uint64_t bytes, const struct xb_shape *shape,
                               struct xb_policy_place place)
{
    const struct xb_policy_query query = {
        *path, place, shape->blocks, shape->order, shape->at, bytes / (uint64_t)shape->blocks};

    for (size_t i = 0; i < policy->nrules; i++) {
        if (!xb_policy_rule_takes(&policy->rules[i], &query))
            continue;
        struct xb_choice choice = choice_of(&policy->rules[i], bytes, shape);
        choice.rule = i;
        return choice;
    }
    return (struct xb_choice){0};
}

/* ---- remembered answers ---- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

static struct slot *find_slot(struct xb_policy_cache *cache, const struct xb_path *path,
                              uint64_t bytes, const struct xb_shape *shape,
                              struct xb_policy_place place)
{
    uint64_t ends = (uint64_t)path->src.kind << 40 | (uint64_t)path->src.index << 32 |
                    (uint64_t)path->dst.kind << 24 | (uint64_t)path->dst.index << 16 |
                    (uint64_t)path->locality << 8 | (uint64_t)place.memory << 4 |
                    (uint64_t)(place.link + 1);
    uint64_t blocks =
        (uint64_t)shape->blocks << 4 | (uint64_t)shape->order << 2 | (uint64_t)shape->at;
    uint64_t apart = (uint64_t)(shape->stride ^ shape->rows << 32 ^ shape->plane << 8);
    uint64_t hash = mix(mix(mix(XB_HASH_BASIS, ends), bytes), blocks);

    return &cache->slot[mix(hash, apart) % SLOTS];
}

static bool holds(const struct slot *slot, const struct xb_path *path, uint64_t bytes,
                  const struct xb_shape *shape, struct xb_policy_place place)
{
    return slot->used && slot->bytes == bytes && slot->place.memory == place.memory &&
           slot->place.link == place.link && slot->path.locality == path->locality &&
           same_endpoint(slot->path.src, path->src) &&
           same_endpoint(slot->path.dst, path->dst) && xb_shape_equal(&slot->shape, shape);
}

int xb_policy_decide(struct xb_policy *policy, const struct xb_path *path, uint64_t bytes,
                     const struct xb_shape *shape, struct xb_policy_place place,
                     struct xb_choice *out, struct xb_error *err)
{
    const struct xb_shape s = shape ? *shape : XB_ONE_PIECE;
    struct slot *slot = find_slot(policy->cache, path, bytes, &s, place);
    char where[XB_PATH_LEN], size[XB_UNITS_LEN], blocks[XB_SHAPE_LEN];

    *out = (struct xb_choice){0};
    if (bytes % (uint64_t)s.blocks)
        return xb_fail(err,
                       "%s are not %" PRId64
                       " blocks of equal size, expected a multiple of that many bytes",
                       xb_size_format(bytes, size), s.blocks);
    if (holds(slot, path, bytes, &s, place)) {
        policy->from_cache++;
    } else {
        *slot =
            (struct slot){true, *path, bytes, s, place, follow(policy, path, bytes, &s, place)};
        policy->decided++;
    }
    *out = slot->choice;
    if (out->method)
        return 0;
    return xb_fail(err, "the policy %.64s has no rule for %s at %s%s%s with %s GPU memory%s%s",
                   policy->name, xb_path_format(path, where), xb_size_format(bytes, size),
                   s.blocks > 1 ? " in " : "", xb_shape_format(&s, blocks),
                   xb_gpu_memory_name(place.memory),
                   !policy->asks_link            ? ""
                   : place.link == XB_LINK_MIXED ? " and lanes that are not joined alike"
                                                 : " and the link class ",
                   policy->asks_link && place.link != XB_LINK_MIXED
                       ? xb_link_class_name((enum xb_link_class)place.link)
                       : "");
}

void xb_policy_clear_cache(struct xb_policy *policy)
{
    memset(policy->cache, 0, sizeof *policy->cache);
    policy->decided = policy->from_cache = 0;
}

int xb_policy_new_cache(struct xb_policy *policy, struct xb_error *err)
{
    policy->cache = calloc(1, sizeof *policy->cache);
    return policy->cache ? 0 : xb_fail(err, "out of memory for a policy");
}

/* ---- choices ---- */

struct xb_case xb_choice_apply(const struct xb_choice *choice, const struct xb_case *c)
{
    struct xb_case out = *c;

    out.method = choice->method;
    out.options = choice->options;
    out.chunk = choice->chunk;
    out.depth = choice->depth;
    return out;
}

cJSON *xb_choice_json(const struct xb_choice *choice)
{
    static const char *const keys[] = {"method", "options", "chunk_bytes", "depth"};
    struct xb_case none = {.pattern = xb_patterns[0]};

    if (!choice->method)
        return cJSON_CreateNull();
    struct xb_case c = xb_choice_apply(choice, &none);
    cJSON *key = xb_case_key_json(&c), *out = key ? cJSON_CreateObject() : NULL;
    bool good = out != NULL;
    for (size_t i = 0; good && i < sizeof keys / sizeof keys[0]; i++)
        good = cJSON_AddItemToObject(out, keys[i],
                                     cJSON_DetachItemFromObjectCaseSensitive(key, keys[i]));
    cJSON_Delete(key);
    if (good)
        return out;
    cJSON_Delete(out);
    return NULL;
}

void xb_policy_release(struct xb_policy *policy)
{
    free(policy->rules);
    free(policy->cache);
    xb_json_release(&policy->doc);
    memset(policy, 0, sizeof *policy);
}
