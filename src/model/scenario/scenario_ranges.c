/* SPDX-License-Identifier: BSD-3-Clause */
/* scenario_ranges.c - the sizes, chunks and numbers that a scenario's cases range over. */
#include "model/scenario/scenario_ranges.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

#define CHUNK_ALIGN 256
#define FACTOR_MAX  1048576

/* Every kind of list is first read as terms, since a size, an offset and a number are what a
 * chunk is when it is neither ranged nor relative. */
struct terms {
    size_t count;
    struct xb_chunk_term term[XB_LIST_MAX];
};

struct rules {
    int (*read)(const struct xb_node *node, struct xb_chunk_term *out, struct xb_error *err);
    int (*read_bound)(const struct xb_node *node, struct xb_chunk_term *out,
                      struct xb_error *err); /* of a range; NULL where there are no ranges */
    const uint64_t *sizes;                   /* of the group, for chunks */
    size_t nsizes;
};

int xb_expect_list(const struct xb_node *node, struct xb_error *err)
{
    if (xb_node_expect_array(node, 1, err) < 0)
        return -1;
    if (xb_node_count(node) > XB_LIST_MAX)
        return xb_node_fail(node, err, "found %zu values, expected at most %d",
                            xb_node_count(node), XB_LIST_MAX);
    return 0;
}

size_t xb_value_count(const struct xb_node *node)
{
    return cJSON_IsArray(node->item) ? xb_node_count(node) : 1;
}

struct xb_node xb_value_at(const struct xb_node *node, size_t i)
{
    return cJSON_IsArray(node->item) ? xb_node_at(node, i) : *node;
}

static int read_offset(const struct xb_node *node, struct xb_chunk_term *out,
                       struct xb_error *err)
{
    *out = (struct xb_chunk_term){0};
    if (xb_node_size(node, &out->bytes, err) < 0)
        return -1;
    if (out->bytes > XB_SIZE_MAX)
        return xb_node_fail(node, err, "found %llu bytes, expected at most %llu",
                            (unsigned long long)out->bytes, (unsigned long long)XB_SIZE_MAX);
    return 0;
}

static int read_size(const struct xb_node *node, struct xb_chunk_term *out,
                     struct xb_error *err)
{
    if (read_offset(node, out, err) < 0)
        return -1;
    if (out->bytes == 0)
        return xb_node_fail(node, err, "found the size 0, expected at least 1 byte");
    return 0;
}

static int read_count(const struct xb_node *node, struct xb_chunk_term *out,
                      struct xb_error *err)
{
    int64_t value;

    if (xb_node_int(node, 1, XB_IN_FLIGHT_MAX, &value, err) < 0)
        return -1;
    *out = (struct xb_chunk_term){.bytes = (uint64_t)value};
    return 0;
}

/* The N of "size/N"; 0 when it is not a whole number from 1 to XB_SIZE_MAX. */
static uint64_t parse_divisor(const char *digits)
{
    uint64_t n = 0;

    for (; *digits >= '0' && *digits <= '9' && n <= XB_SIZE_MAX; digits++)
        n = n * 10 + (uint64_t)(*digits - '0');
    return *digits == '\0' && n <= XB_SIZE_MAX ? n : 0;
}

int xb_read_chunk(const struct xb_node *node, struct xb_chunk_term *out, struct xb_error *err)
{
    const char *text = cJSON_GetStringValue(node->item);

    if (!text || strncmp(text, "size", 4) != 0)
        return read_size(node, out, err);

    uint64_t divisor = 1;
    if (text[4] != '\0')
        divisor = text[4] == '/' ? parse_divisor(text + 5) : 0;
    if (divisor == 0)
        return xb_node_fail(node, err,
                            "found \"%s\", expected a size, \"size\" or \"size/N\" "
                            "with a whole N of at least 1",
                            text);
    *out = (struct xb_chunk_term){.divisor = divisor};
    return 0;
}

static int append(struct terms *terms, const struct xb_chunk_term *term,
                  const struct xb_node *node, struct xb_error *err)
{
    if (terms->count == XB_LIST_MAX)
        return xb_node_fail(node, err, "found more than %d values, expected at most that",
                            XB_LIST_MAX);
    terms->term[terms->count++] = *term;
    return 0;
}

static int append_range(const struct xb_node *node, const struct rules *rules,
                        struct terms *terms, struct xb_error *err)
{
    static const char *const keys[] = {"from", "to", "factor", NULL};
    struct xb_node from_node, to_node, factor_node;
    struct xb_chunk_term from, to;
    char found[2][XB_UNITS_LEN];
    int64_t factor;

    if (xb_node_expect_object(node, keys, err) < 0 ||
        xb_node_require(node, "from", &from_node, err) < 0 ||
        xb_node_require(node, "to", &to_node, err) < 0 ||
        xb_node_require(node, "factor", &factor_node, err) < 0 ||
        rules->read_bound(&from_node, &from, err) < 0 ||
        rules->read_bound(&to_node, &to, err) < 0 ||
        xb_node_int(&factor_node, 2, FACTOR_MAX, &factor, err) < 0)
        return -1;
    if (from.bytes > to.bytes)
        return xb_node_fail(node, err, "found \"from\" %s above \"to\" %s, expected from <= to",
                            xb_size_format(from.bytes, found[0]),
                            xb_size_format(to.bytes, found[1]));
    for (uint64_t v = from.bytes;; v *= (uint64_t)factor) {
        struct xb_chunk_term term = {.bytes = v, .ranged = 1};
        if (append(terms, &term, node, err) < 0)
            return -1;
        if (v > to.bytes / (uint64_t)factor)
            return 0;
    }
}

/* A chunk that is named outright must fit every size. */
static int check_outright(const struct xb_node *node, const struct xb_chunk_term *term,
                          const struct rules *rules, struct xb_error *err)
{
    char chunk[XB_UNITS_LEN], size[XB_UNITS_LEN];

    for (size_t i = 0; i < rules->nsizes && term->divisor == 0; i++) {
        if (term->bytes > rules->sizes[i])
            return xb_node_fail(node, err,
                                "found the chunk %s, expected at most the size %s of this "
                                "group",
                                xb_size_format(term->bytes, chunk),
                                xb_size_format(rules->sizes[i], size));
    }
    return 0;
}

static int read_terms(const struct xb_node *node, const struct rules *rules,
                      struct terms *terms, struct xb_error *err)
{
    terms->count = 0;
    if (cJSON_IsArray(node->item) && xb_expect_list(node, err) < 0)
        return -1;
    for (size_t i = 0; i < xb_value_count(node); i++) {
        struct xb_node value = xb_value_at(node, i);
        struct xb_chunk_term term;
        if (rules->read_bound && cJSON_IsObject(value.item)) {
            if (append_range(&value, rules, terms, err) < 0)
                return -1;
        } else if (rules->read(&value, &term, err) < 0 ||
                   check_outright(&value, &term, rules, err) < 0 ||
                   append(terms, &term, &value, err) < 0) {
            return -1;
        }
    }
    return 0;
}

static int out_of_memory(struct xb_error *err)
{
    return xb_fail(err, "out of memory for the scenario's lists");
}

static int read_u64(const struct xb_node *node, const struct rules *rules, uint64_t **out,
                    size_t *count, struct xb_error *err)
{
    struct terms terms;

    if (read_terms(node, rules, &terms, err) < 0)
        return -1;
    uint64_t *values = calloc(terms.count, sizeof(*values));
    if (!values)
        return out_of_memory(err);
    for (size_t i = 0; i < terms.count; i++)
        values[i] = terms.term[i].bytes;
    *out = values;
    *count = terms.count;
    return 0;
}

int xb_read_sizes(const struct xb_node *node, uint64_t **out, size_t *count,
                  struct xb_error *err)
{
    return read_u64(node, &(struct rules){.read = read_size, .read_bound = read_size}, out,
                    count, err);
}

int xb_read_offsets(const struct xb_node *node, uint64_t **out, size_t *count,
                    struct xb_error *err)
{
    return read_u64(node, &(struct rules){.read = read_offset}, out, count, err);
}

int xb_read_counts(const struct xb_node *node, int64_t **out, size_t *count,
                   struct xb_error *err)
{
    uint64_t *values;

    if (read_u64(node, &(struct rules){.read = read_count, .read_bound = read_count}, &values,
                 count, err) < 0)
        return -1;
    *out = (int64_t *)values; /* the signed twin of the type; all values fit both */
    return 0;
}

int xb_read_names(const struct xb_node *group_node, const char *key, const char *const *names,
                  int64_t **out, size_t *count, struct xb_error *err)
{
    struct xb_node node;
    bool given = xb_node_member(group_node, key, &node);

    if (given && cJSON_IsArray(node.item) && xb_expect_list(&node, err) < 0)
        return -1;
    *count = given ? xb_value_count(&node) : 1;
    *out = calloc(*count, sizeof(**out)); /* each the first name */
    if (!*out)
        return out_of_memory(err);
    for (size_t i = 0; given && i < *count; i++) {
        struct xb_node value = xb_value_at(&node, i);
        int64_t *number = &(*out)[i];
        const char *name;
        if (xb_node_string(&value, &name, err) < 0)
            return -1;
        while (names[*number] && strcmp(name, names[*number]) != 0)
            ++*number;
        if (!names[*number])
            return xb_node_fail_choice(&value, key, names, err);
    }
    return 0;
}

uint64_t xb_chunk_bytes(const struct xb_chunk_term *term, uint64_t size)
{
    uint64_t bytes = term->bytes;

    if (term->divisor > 0) {
        bytes = size / term->divisor + (size % term->divisor != 0);
        bytes += (CHUNK_ALIGN - bytes % CHUNK_ALIGN) % CHUNK_ALIGN;
    }
    if (bytes <= size)
        return bytes;
    return term->ranged ? 0 : size;
}

/* A size that is smaller than every chunk of its ranges would silently have no case. */
static int check_every_size(const struct xb_node *node, const struct terms *terms,
                            const uint64_t *sizes, size_t nsizes, struct xb_error *err)
{
    char text[XB_UNITS_LEN];

    for (size_t i = 0; i < nsizes; i++) {
        bool found = false;
        for (size_t k = 0; k < terms->count && !found; k++)
            found = xb_chunk_bytes(&terms->term[k], sizes[i]) > 0;
        if (!found)
            return xb_node_fail(node, err,
                                "found no chunk for the size %s, expected one that is not "
                                "larger",
                                xb_size_format(sizes[i], text));
    }
    return 0;
}

int xb_read_chunks(const struct xb_node *node, const uint64_t *sizes, size_t nsizes,
                   struct xb_chunk_term **out, size_t *count, struct xb_error *err)
{
    const struct rules rules = {
        .read = xb_read_chunk,
        .read_bound = read_size,
        .sizes = sizes,
        .nsizes = nsizes,
    };
    struct terms terms;

    if (read_terms(node, &rules, &terms, err) < 0 ||
        check_every_size(node, &terms, sizes, nsizes, err) < 0)
        return -1;
    struct xb_chunk_term *chunks = calloc(terms.count + 1, sizeof(*chunks));
    if (!chunks)
        return out_of_memory(err);
    memcpy(chunks, terms.term, terms.count * sizeof(*chunks));
    *out = chunks;
    *count = terms.count;
    return 0;
}
