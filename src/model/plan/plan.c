/* SPDX-License-Identifier: BSD-3-Clause */
/* plan.c - expanding a scenario into the list of cases, each once, in an order all ranks share.
 */
#include "model/plan/plan.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "model/plan/case_fits.h"
#include "model/plan/layout.h"

#define SLOTS 262144 /* more than twice XB_PLAN_MAX, so that probes stay short */

/* The values that a method's cases run through, slowest first: its options, then these. */
enum { CHUNK, DEPTH, SRC_OFFSET, DST_OFFSET, WINDOW, CACHE, ALLOCATOR, CONTENTION, SIZE, TAIL };

struct odometer {
    size_t digits;
    size_t at[XB_MAX_OPTIONS + TAIL];
    size_t count[XB_MAX_OPTIONS + TAIL];
};

struct builder {
    const struct xb_scenario *scenario;
    struct xb_plan plan;
    size_t capacity;
    uint32_t *slots; /* SLOTS entries: index of a case + 1, by the hash of its id; 0 is free */
    size_t in_group; /* cases of the group that is being expanded, also those named before */
    size_t possible; /* and of these, that a job could measure */
    struct xb_error first; /* of the others the first, and why */
};

static int grow(struct builder *b, struct xb_error *err)
{
    size_t capacity = b->capacity ? 2 * b->capacity : 64;
    struct xb_case *cases = realloc(b->plan.cases, capacity * sizeof(*cases));

    if (!cases)
        return xb_fail(err, "out of memory for a plan of %zu cases", capacity);
    b->plan.cases = cases;
    b->capacity = capacity;
    return 0;
}

/* The slot where this id stands, or the free one where it belongs. */
static uint32_t *find_slot(const struct builder *b, const char *id)
{
    size_t i = xb_hash_text(XB_HASH_BASIS, id) % SLOTS;

    while (b->slots[i] && strcmp(b->plan.cases[b->slots[i] - 1].id, id) != 0)
        i = (i + 1) % SLOTS;
    return &b->slots[i];
}

/* Take a case into the plan, unless it is there already. */
static int add_case(struct builder *b, struct xb_case *c, struct xb_error *err)
{
    if (b->plan.count + b->plan.repeated == XB_PLAN_MAX)
        return xb_fail(err, "%s: found more than %d cases, expected at most that",
                       b->scenario->doc.name, XB_PLAN_MAX);
    if (xb_case_make_id(c, err) < 0)
        return xb_fail_in(err, "%s", b->scenario->doc.name);

    struct xb_error why;
    if (xb_case_possible(c, &why) == 0)
        b->possible++;
    else if (b->possible == 0 && b->in_group == 0)
        xb_fail(&b->first, "%s: %s", c->id, why.text);
    b->in_group++;
    uint32_t *slot = find_slot(b, c->id);
    if (*slot) {
        b->plan.repeated++;
        return 0;
    }
    if (b->plan.count == b->capacity && grow(b, err) < 0)
        return -1;
    b->plan.cases[b->plan.count++] = *c;
    *slot = (uint32_t)b->plan.count;
    return 0;
}

/* Bytes of chunk term k for this size; 0 where there is no such case because the term is left
 * out or an earlier one comes to the same chunk. */
static uint64_t chunk_for_size(const struct xb_method_use *use, size_t k, uint64_t size)
{
    uint64_t chunk = xb_chunk_bytes(&use->chunks[k], size);

    for (size_t i = 0; i < k; i++) {
        if (xb_chunk_bytes(&use->chunks[i], size) == chunk)
            return 0;
    }
    return chunk;
}

/* A chunk that is not named to the byte is as many whole blocks as it takes. */
static void round_to_blocks(const struct xb_method_use *use, size_t k, struct xb_case *c)
{
    const struct xb_chunk_term *term = &use->chunks[k];
    bool named = term->divisor == 0 && !term->ranged && term->bytes != use->spec->default_chunk;

    if (!named && use->spec->flags & XB_METHOD_CHUNKED)
        c->chunk = xb_chunk_of_blocks(c, c->chunk);
}

static struct odometer start(const struct xb_group *group, const struct xb_method_use *use)
{
    size_t noptions = xb_option_count(use->spec->options);
    bool chunked = use->spec->flags & XB_METHOD_TAKES_CHUNKS;
    struct odometer o = {.digits = noptions + TAIL};
    size_t *tail = o.count + noptions;

    memcpy(o.count, use->nvalues, noptions * sizeof(*o.count));
    tail[CHUNK] = chunked ? use->nchunks : 1;
    tail[DEPTH] = chunked ? use->ndepths : 1;
    tail[SRC_OFFSET] = group->nsrc_offsets;
    tail[DST_OFFSET] = group->ndst_offsets;
    tail[WINDOW] = group->nwindows;
    tail[CACHE] = group->ncaches;
    tail[ALLOCATOR] = group->nallocators;
    tail[CONTENTION] = group->ncontentions;
    tail[SIZE] = group->nsizes;
    return o;
}

/* Go to the next combination; false after the last. */
static bool advance(struct odometer *o)
{
    for (size_t i = o->digits; i-- > 0;) {
        if (++o->at[i] < o->count[i])
            return true;
        o->at[i] = 0;
    }
    return false;
}

/* Expand one method of a group for the pattern and path that the case already holds. */
static int expand_method(struct builder *b, const struct xb_group *group,
                         const struct xb_method_use *use, struct xb_case *c,
                         struct xb_error *err)
{
    size_t noptions = xb_option_count(use->spec->options);
    bool chunked = use->spec->flags & XB_METHOD_TAKES_CHUNKS;
    struct odometer o = start(group, use);
    const size_t *tail = o.at + noptions;

    c->method = use->spec;
    c->options = xb_options_default(use->spec->options);
    do {
        for (size_t i = 0; i < noptions; i++)
            xb_option_set(&use->spec->options[i], &c->options, use->values[i][o.at[i]]);
        c->bytes = group->sizes[tail[SIZE]];
        c->chunk = chunked ? chunk_for_size(use, tail[CHUNK], c->bytes) : 0;
        c->depth = chunked ? (int)use->depths[tail[DEPTH]] : 0;
        c->src_offset = group->src_offsets[tail[SRC_OFFSET]];
        c->dst_offset = group->dst_offsets[tail[DST_OFFSET]];
        c->window = (int)group->windows[tail[WINDOW]];
        c->cache = (enum xb_cache)group->caches[tail[CACHE]];
        c->allocator = (enum xb_allocator)group->allocators[tail[ALLOCATOR]];
        c->contention = (enum xb_contention)group->contentions[tail[CONTENTION]];
        if (chunked && c->chunk == 0)
            continue;
        if (chunked)
            round_to_blocks(use, tail[CHUNK], c);
        xb_case_settle_pieces(c);
        if (chunked && c->chunk == 0 && tail[DEPTH] > 0) /* the whole has no depth */
            continue;
        if (add_case(b, c, err) < 0)
            return -1;
    } while (advance(&o));
    return 0;
}

/* A group must have a case that some job could measure; of the others each is skipped. */
static int expand_group(struct builder *b, const struct xb_group *group, struct xb_error *err)
{
    b->in_group = b->possible = 0;
    for (size_t t = 0; t < group->npatterns; t++) {
        for (size_t p = 0; p < group->npaths; p++) {
            for (size_t m = 0; m < group->nmethods; m++) {
                struct xb_case c = {
                    .pattern = group->patterns[t].pattern,
                    .experiment = group->patterns[t].experiment,
                    .path = group->paths[p],
                    .traffic = group->traffic.count > 0 ? &group->traffic : NULL,
                    .pairs =
                        group->patterns[t].pairs ? *group->patterns[t].pairs : group->pairs};
                if (expand_method(b, group, &group->methods[m], &c, err) < 0)
                    return -1;
            }
        }
    }
    if (b->possible > 0 || b->in_group == 0)
        return 0;
    if (b->in_group == 1)
        return xb_node_fail(&group->node, err, "no job can measure %s", b->first.text);
    return xb_node_fail(&group->node, err, "no job can measure any of its %zu cases; %s",
                        b->in_group, b->first.text);
}

/* Two runs whose hashes are equal measure the same cases in the same way. The text of the
 * numbers is hashed, not their bytes, so that byte order does not count. */
static uint64_t hash_plan(const struct xb_plan *plan, const struct xb_scenario *scenario)
{
    const struct xb_sampling *s = &scenario->sampling;
    char sampling[256];
    uint64_t hash = XB_HASH_BASIS;

    for (size_t i = 0; i < plan->count; i++)
        hash = xb_hash_text(hash, plan->cases[i].id);
    snprintf(sampling, sizeof(sampling), "%d %d %" PRId64 " %" PRId64 " %" PRId64 " %a %a %d",
             s->min_samples, s->max_samples, s->max_time_ns, s->warmup_ns, s->min_batch_ns,
             s->bandwidth_ci, s->latency_ci, s->passes);
    return xb_hash_text(xb_hash_text(hash, sampling), scenario->device);
}

int xb_plan_expand(const struct xb_scenario *scenario, struct xb_plan *out,
                   struct xb_error *err)
{
    struct builder b = {.scenario = scenario, .slots = calloc(SLOTS, sizeof(*b.slots))};
    int rc = 0;

    *out = b.plan;
    if (!b.slots)
        return xb_fail(err, "out of memory for a plan");
    for (size_t i = 0; rc == 0 && i < scenario->ngroups; i++)
        rc = expand_group(&b, &scenario->groups[i], err);
    if (rc == 0 && b.plan.count == 0)
        rc = xb_fail(err, "%s: found no case, expected at least one", scenario->doc.name);
    free(b.slots);
    if (rc < 0)
        xb_plan_release(&b.plan);
    else
        b.plan.hash = hash_plan(&b.plan, scenario);
    *out = b.plan;
    return rc;
}

bool xb_plan_asks_policy(const struct xb_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->cases[i].method->flags & XB_METHOD_BY_POLICY)
            return true;
    return false;
}

void xb_plan_release(struct xb_plan *plan)
{
    free(plan->cases);
    memset(plan, 0, sizeof(*plan));
}
