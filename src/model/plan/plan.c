/* plan.c - expanding a scenario into the list of cases, each once, in an order all ranks share.
 */
#include "model/plan/plan.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/units.h"
#include "model/plan/collective_op.h"

#define SLOTS 262144 /* more than twice XB_PLAN_MAX, so that probes stay short */

/* The values that a method's cases run through, slowest first: its options, then these. */
enum { CHUNK, DEPTH, SRC_OFFSET, DST_OFFSET, WINDOW, CACHE, SIZE, TAIL };

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
};

/* ---- one case as text and as JSON ---- */

/* Append to buf, which holds *used characters. Characters that do not fit are counted too. */
__attribute__((format(printf, 4, 5))) static void append(char *buf, size_t len, size_t *used,
                                                         const char *fmt, ...)
{
    size_t at = *used < len ? *used : len;
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(buf + at, len - at, fmt, args);
    va_end(args);
    *used += (size_t)n;
}

const char *xb_case_pattern_name(const struct xb_case *c)
{
    return c->experiment ? c->experiment->name : c->pattern->name;
}

bool xb_case_is_experiment(const struct xb_case *c)
{
    return c->experiment || c->method->kind == XB_KIND_EXPERIMENT;
}

static bool same_endpoint(struct xb_endpoint a, struct xb_endpoint b)
{
    return a.kind == b.kind && a.index == b.index;
}

int xb_case_experiment_fits(const struct xb_case *c, struct xb_error *err)
{
    const struct xb_experiment_spec *e = c->experiment;
    char text[XB_PATH_LEN];

    if (!e || c->method != &e->method)
        xb_fail(err, "the %s %s is not for what the method %s does here",
                e ? "experiment" : "pattern", xb_case_pattern_name(c), c->method->name);
    else if (c->path.locality != e->path.locality)
        xb_fail(err, "the experiment %s is within one rank; the path says %s", e->name,
                xb_locality_name(c->path.locality));
    else if (!same_endpoint(c->path.src, e->path.src) ||
             !same_endpoint(c->path.dst, e->path.dst))
        xb_fail(err, "method %s does not do the path %s", c->method->name,
                xb_path_format(&c->path, text));
    else if (c->cache == XB_CACHE_COLD)
        xb_fail(err,
                "the experiment %s moves its bytes many times in one measurement: none "
                "but the first would start cold",
                e->name);
    else
        return 0;
    return 1;
}

bool xb_case_via_host(const struct xb_case *c)
{
    bool between = c->path.locality != XB_SELF;
    return c->method->flags & (XB_METHOD_VIA_HOST | (between ? XB_METHOD_RANKS_VIA_HOST : 0));
}

const char *xb_case_options_format(const struct xb_case *c, char *buf, size_t len)
{
    return xb_options_format(c->method->options, &c->options, buf, len);
}

/* Write the id; defaults of offsets, window and cache are left out to keep it readable. */
int xb_case_make_id(struct xb_case *c, struct xb_error *err)
{
    char path[XB_PATH_LEN], size[XB_UNITS_LEN];
    size_t used = 0;

    append(c->id, sizeof(c->id), &used, "%s/%s", xb_case_pattern_name(c), c->method->name);
    if (xb_option_count(c->method->options) > 0) {
        char text[XB_CASE_ID_LEN];
        append(c->id, sizeof(c->id), &used, "[%s]",
               xb_case_options_format(c, text, sizeof(text)));
    }
    append(c->id, sizeof(c->id), &used, "/%s/%s", xb_path_format(&c->path, path),
           xb_size_format(c->bytes, size));
    if (c->method->flags & XB_METHOD_CHUNKED)
        append(c->id, sizeof(c->id), &used, "/chunk=%s,depth=%d",
               xb_size_format(c->chunk, size), c->depth);
    if (c->window != 1)
        append(c->id, sizeof(c->id), &used, "/window=%d", c->window);
    if (c->cache != XB_CACHE_WARM)
        append(c->id, sizeof(c->id), &used, "/cache=%s", xb_cache_names[c->cache]);
    if (c->src_offset || c->dst_offset)
        append(c->id, sizeof(c->id), &used, "/offset=%" PRIu64 "+%" PRIu64, c->src_offset,
               c->dst_offset);
    if (c->pairs.kind != XB_PAIRS_CLASSES) {
        char pairs[XB_CASE_ID_LEN];
        size_t len = xb_pairs_format(&c->pairs, pairs, sizeof(pairs));
        append(c->id, sizeof(c->id), &used, "/pairs=%s", pairs);
        used += len < sizeof(pairs) ? 0 : len; /* was cut: too long below */
    }
    if (used >= sizeof(c->id))
        return xb_fail(err, "the id of a case is longer than %zu characters: %s",
                       sizeof(c->id) - 1, c->id);
    return 0;
}

/* Add item under name; frees it and fails when that cannot be done (or item is NULL). */
static bool add(cJSON *object, const char *name, cJSON *item)
{
    if (item && cJSON_AddItemToObject(object, name, item))
        return true;
    cJSON_Delete(item);
    return false;
}

/* What a reduction adds up is said whatever it is. */
static bool add_datatype(const struct xb_case *c, cJSON *options)
{
    const struct xb_option *opt = c->method->datatype_option;

    if (!opt || !xb_case_reduces(c) || cJSON_HasObjectItem(options, opt->name))
        return true;
    return add(options, opt->name, xb_option_json(opt, xb_case_datatype(c)));
}

static cJSON *options_json(const struct xb_case *c)
{
    cJSON *options = cJSON_CreateObject();

    if (options && xb_options_add_json(c->method->options, &c->options, options) &&
        add_datatype(c, options))
        return options;
    cJSON_Delete(options);
    return NULL;
}

static cJSON *number(uint64_t value)
{
    return cJSON_CreateNumber((double)value);
}

/* Null where the case is not about pairs. */
static cJSON *pairs_json(const struct xb_case *c)
{
    const struct xb_pairs *pairs = &c->pairs;

    if (!c->pattern || !c->pattern->of_pair)
        return cJSON_CreateNull();
    if (pairs->kind != XB_PAIRS_LIST)
        return cJSON_CreateString(xb_pairs_name(pairs->kind));
    cJSON *list = cJSON_CreateArray();
    bool good = list != NULL;

    for (size_t i = 0; good && i < pairs->count; i++) {
        cJSON *pair = cJSON_CreateIntArray(pairs->list[i], 2);
        good = pair && cJSON_AddItemToArray(list, pair);
        if (!good)
            cJSON_Delete(pair);
    }
    if (good)
        return list;
    cJSON_Delete(list);
    return NULL;
}

cJSON *xb_case_key_json(const struct xb_case *c)
{
    bool chunked = c->method->flags & XB_METHOD_CHUNKED;
    char src[XB_PATH_LEN], dst[XB_PATH_LEN];
    cJSON *key = cJSON_CreateObject();

    if (key && add(key, "pattern", cJSON_CreateString(xb_case_pattern_name(c))) &&
        add(key, "pairs", pairs_json(c)) &&
        add(key, "method", cJSON_CreateString(c->method->name)) &&
        add(key, "options", options_json(c)) &&
        add(key, "src", cJSON_CreateString(xb_endpoint_format(c->path.src, src))) &&
        add(key, "dst", cJSON_CreateString(xb_endpoint_format(c->path.dst, dst))) &&
        add(key, "locality", cJSON_CreateString(xb_locality_name(c->path.locality))) &&
        add(key, "bytes", number(c->bytes)) &&
        add(key, "size_class", cJSON_CreateNumber(xb_size_class(c->bytes))) &&
        add(key, "chunk_bytes", chunked ? number(c->chunk) : cJSON_CreateNull()) &&
        add(key, "depth", chunked ? cJSON_CreateNumber(c->depth) : cJSON_CreateNull()) &&
        add(key, "window", cJSON_CreateNumber(c->window)) &&
        add(key, "cache", cJSON_CreateString(xb_cache_names[c->cache])) &&
        add(key, "src_offset", number(c->src_offset)) &&
        add(key, "dst_offset", number(c->dst_offset)))
        return key;
    cJSON_Delete(key);
    return NULL;
}

/* ---- expansion ---- */

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

static struct odometer start(const struct xb_group *group, const struct xb_method_use *use)
{
    size_t noptions = xb_option_count(use->spec->options);
    bool chunked = use->spec->flags & XB_METHOD_CHUNKED;
    struct odometer o = {.digits = noptions + TAIL};
    size_t *tail = o.count + noptions;

    memcpy(o.count, use->nvalues, noptions * sizeof(*o.count));
    tail[CHUNK] = chunked ? use->nchunks : 1;
    tail[DEPTH] = chunked ? use->ndepths : 1;
    tail[SRC_OFFSET] = group->nsrc_offsets;
    tail[DST_OFFSET] = group->ndst_offsets;
    tail[WINDOW] = group->nwindows;
    tail[CACHE] = group->ncaches;
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
    bool chunked = use->spec->flags & XB_METHOD_CHUNKED;
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
        if (chunked && c->chunk == 0)
            continue;
        if (add_case(b, c, err) < 0)
            return -1;
    } while (advance(&o));
    return 0;
}

static int expand_group(struct builder *b, const struct xb_group *group, struct xb_error *err)
{
    for (size_t t = 0; t < group->npatterns; t++) {
        for (size_t p = 0; p < group->npaths; p++) {
            for (size_t m = 0; m < group->nmethods; m++) {
                struct xb_case c = {.pattern = group->patterns[t].pattern,
                                    .experiment = group->patterns[t].experiment,
                                    .path = group->paths[p],
                                    .pairs = group->patterns[t].pairs
                                                 ? *group->patterns[t].pairs
                                                 : group->pairs};
                if (expand_method(b, group, &group->methods[m], &c, err) < 0)
                    return -1;
            }
        }
    }
    return 0;
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
