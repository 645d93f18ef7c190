/* SPDX-License-Identifier: BSD-3-Clause */
/* scenario_traffic.c - reading the traffic that a group's pattern plays. */
#include "model/scenario/scenario_traffic.h"

#include <stdlib.h>

#include "base/input.h"
#include "model/scenario/traffic_file.h"

/* ---- files ---- */

/* {"ranks": N, "lanes": [[SRC, DST, BYTES], ...]}; NULL when out of memory. */
static cJSON *make_value(const struct xb_traffic *traffic)
{
    cJSON *value = cJSON_CreateObject(), *lanes;

    if (!value || !cJSON_AddNumberToObject(value, "ranks", traffic->nranks) ||
        !(lanes = cJSON_AddArrayToObject(value, "lanes"))) {
        cJSON_Delete(value);
        return NULL;
    }
    for (size_t i = 0; i < traffic->count; i++) {
        const struct xb_traffic_lane *lane = &traffic->lane[i];
        const double numbers[3] = {lane->src, lane->dst, (double)lane->bytes};
        cJSON *item = cJSON_CreateDoubleArray(numbers, 3);
        if (item && cJSON_AddItemToArray(lanes, item))
            continue;
        cJSON_Delete(item);
        cJSON_Delete(value);
        return NULL;
    }
    return value;
}

static int read_file(const char *file, const struct xb_catalog *catalog, cJSON **value,
                     struct xb_error *err)
{
    struct xb_traffic traffic;
    char *text;
    size_t len;
    int rc = catalog->read_text
                 ? catalog->read_text(file, XB_TRAFFIC_FILE_BYTES, &text, &len, err)
                 : xb_input_text(file, XB_TRAFFIC_FILE_BYTES, &text, &len, err);

    if (rc < 0)
        return -1;
    rc = xb_traffic_file_parse(file, text, len, &traffic, err);
    free(text);
    if (rc < 0)
        return -1;
    *value = make_value(&traffic);
    free(traffic.lane);
    return *value ? 0 : xb_fail(err, "%s: out of memory", file);
}

int xb_inline_traffic(struct xb_json *doc, const struct xb_catalog *catalog,
                      struct xb_error *err)
{
    cJSON *groups = cJSON_GetObjectItemCaseSensitive(doc->root, "cases"), *group, *value;

    cJSON_ArrayForEach(group, groups)
    {
        const char *file =
            cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(group, "traffic"));
        if (!file)
            continue;
        if (read_file(file, catalog, &value, err) < 0)
            return -1;
        if (!cJSON_ReplaceItemInObjectCaseSensitive(group, "traffic", value)) {
            cJSON_Delete(value);
            return xb_fail(err, "%s: out of memory", doc->name);
        }
    }
    return 0;
}

/* ---- the key ---- */

static int read_lane(const struct xb_node *node, struct xb_traffic_lane *out,
                     struct xb_error *err)
{
    size_t n = cJSON_IsArray(node->item) ? xb_node_count(node) : 0;
    struct xb_node part;
    int64_t rank;

    if (n != 2 && n != 3)
        return xb_node_fail_found(
            node, err, "a lane, [SOURCE, DESTINATION, BYTES] or [SOURCE, DESTINATION]");
    for (size_t k = 0; k < 2; k++) {
        part = xb_node_at(node, k);
        if (xb_node_int(&part, 0, XB_RANK_MAX, &rank, err) < 0)
            return -1;
        *(k ? &out->dst : &out->src) = (int)rank;
    }
    if (n == 2)
        return 0;
    part = xb_node_at(node, 2);
    if (xb_node_size(&part, &out->bytes, err) < 0)
        return -1;
    if (out->bytes == 0 || out->bytes > XB_SIZE_MAX)
        return xb_node_fail(&part, err, "found %llu bytes, expected 1 to %llu",
                            (unsigned long long)out->bytes, (unsigned long long)XB_SIZE_MAX);
    return 0;
}

static int read_lanes(const struct xb_node *node, struct xb_traffic *out, struct xb_error *err)
{
    struct xb_node lane;
    struct xb_error why;

    if (xb_node_expect_array(node, 1, err) < 0)
        return -1;
    if (xb_node_count(node) > XB_TRAFFIC_LANES)
        return xb_node_fail(node, err, "found %zu lanes, expected at most %d",
                            xb_node_count(node), XB_TRAFFIC_LANES);
    out->lane = calloc(xb_node_count(node), sizeof *out->lane);
    if (!out->lane)
        return xb_fail(err, "out of memory for a traffic");
    for (bool more = xb_node_first(node, &lane); more; more = xb_node_next(node, &lane))
        if (read_lane(&lane, &out->lane[out->count++], err) < 0)
            return -1;
    return xb_traffic_settle(out, &why) < 0 ? xb_node_fail(node, err, "%s", why.text) : 0;
}

static int read_object(const struct xb_node *node, struct xb_traffic *out, struct xb_error *err)
{
    static const char *const keys[] = {"ranks", "lanes", NULL};
    struct xb_node ranks, lanes;
    int64_t n;

    if (xb_node_expect_object(node, keys, err) < 0 ||
        xb_node_require(node, "ranks", &ranks, err) < 0 ||
        xb_node_require(node, "lanes", &lanes, err) < 0 ||
        xb_node_int(&ranks, 1, XB_RANK_MAX, &n, err) < 0)
        return -1;
    out->nranks = (int)n;
    return read_lanes(&lanes, out, err);
}

int xb_read_traffic(const struct xb_node *group_node, struct xb_group *group,
                    struct xb_error *err)
{
    struct xb_node node;
    bool there = xb_node_member(group_node, "traffic", &node);

    group->traffic = (struct xb_traffic){.lane = NULL};
    for (size_t i = 0; i < group->npatterns; i++) {
        const struct xb_pattern_use *use = &group->patterns[i];
        bool plays = use->pattern && use->pattern->of_traffic;
        const char *name = use->pattern ? use->pattern->name : use->experiment->name;
        if (plays && !there)
            return xb_node_fail(group_node, err,
                                "the pattern %s plays a traffic: expected the key \"traffic\", "
                                "a list of lanes or a file",
                                name);
        if (!plays && there)
            return xb_node_fail(&node, err, "%s plays no traffic: expected none beside it",
                                name);
    }
    if (!there)
        return 0;
    return cJSON_IsObject(node.item) ? read_object(&node, &group->traffic, err)
                                     : read_lanes(&node, &group->traffic, err);
}
