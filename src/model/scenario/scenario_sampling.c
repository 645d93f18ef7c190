/* SPDX-License-Identifier: BSD-3-Clause */
/* scenario_sampling.c - reading how long and how often a scenario's cases are measured, and
 * from where on what they come to is slow. */
#include "model/scenario/scenario_sampling.h"

#include <string.h>

#define SAMPLES_MAX 1000000

static const struct xb_sampling default_sampling = {
    .min_samples = 10,
    .max_samples = 200,
    .max_time_ns = 500000000,
    .warmup_ns = 20000000,
    .min_batch_ns = XB_MIN_BATCH_NS,
    .bandwidth_ci = 0.01,
    .latency_ci = 0.02,
    .passes = 6,
};

static int read_count(const struct xb_node *sampling, const char *key, int most, int *out,
                      struct xb_error *err)
{
    struct xb_node node;
    int64_t value;

    if (!xb_node_member(sampling, key, &node))
        return 0;
    if (xb_node_int(&node, 1, most, &value, err) < 0)
        return -1;
    *out = (int)value;
    return 0;
}

static int read_time(const struct xb_node *sampling, const char *key, int64_t min, int64_t *out,
                     struct xb_error *err)
{
    struct xb_node node;

    if (!xb_node_member(sampling, key, &node))
        return 0;
    if (xb_node_duration(&node, out, err) < 0)
        return -1;
    if (*out < min)
        return xb_node_fail(&node, err, "found %lld ns, expected at least %lld ns",
                            (long long)*out, (long long)min);
    return 0;
}

static int read_ci(const struct xb_node *sampling, const char *key, double *out,
                   struct xb_error *err)
{
    struct xb_node node;

    if (!xb_node_member(sampling, key, &node))
        return 0;
    if (xb_node_number(&node, 0, 1, out, err) < 0)
        return -1;
    if (*out <= 0)
        return xb_node_fail(&node, err, "found 0, expected a number above 0 and at most 1");
    return 0;
}

static int read_setup(const struct xb_node *sampling, bool *anew, struct xb_error *err)
{
    static const char *const words[] = {"kept", "anew", NULL};
    struct xb_node node;
    const char *word;

    if (!xb_node_member(sampling, "setup", &node))
        return 0;
    if (xb_node_string(&node, &word, err) < 0)
        return -1;
    *anew = strcmp(word, "anew") == 0;
    return *anew || strcmp(word, "kept") == 0 ? 0
                                              : xb_node_fail_choice(&node, NULL, words, err);
}

int xb_read_sampling(const struct xb_node *root, struct xb_sampling *out, struct xb_error *err)
{
    static const char *const keys[] = {
        "min_samples", "max_samples",  "max_time",   "warmup", "min_batch", "passes",
        "repeat_for",  "bandwidth_ci", "latency_ci", "setup",  NULL};
    struct xb_node node;

    *out = default_sampling;
    if (!xb_node_member(root, "sampling", &node))
        return 0;
    if (xb_node_expect_object(&node, keys, err) < 0 ||
        read_count(&node, "min_samples", SAMPLES_MAX, &out->min_samples, err) < 0 ||
        read_count(&node, "max_samples", SAMPLES_MAX, &out->max_samples, err) < 0 ||
        read_count(&node, "passes", XB_PASSES_MAX, &out->passes, err) < 0 ||
        read_time(&node, "max_time", 1, &out->max_time_ns, err) < 0 ||
        read_time(&node, "warmup", 0, &out->warmup_ns, err) < 0 ||
        read_time(&node, "min_batch", XB_MIN_BATCH_NS, &out->min_batch_ns, err) < 0 ||
        read_time(&node, "repeat_for", 1, &out->repeat_for_ns, err) < 0 ||
        read_ci(&node, "bandwidth_ci", &out->bandwidth_ci, err) < 0 ||
        read_ci(&node, "latency_ci", &out->latency_ci, err) < 0 ||
        read_setup(&node, &out->anew, err) < 0)
        return -1;
    if (out->max_samples < out->min_samples)
        return xb_node_fail(&node, err,
                            "found max_samples %d, expected at least min_samples %d",
                            out->max_samples, out->min_samples);
    return 0;
}

#define AGAIN_MAX 100

static const struct xb_outlier_limits default_outliers = {.off = 0.03, .mads = 3.5, .again = 3};

int xb_read_outliers(const struct xb_node *root, struct xb_outlier_limits *out,
                     struct xb_error *err)
{
    static const char *const keys[] = {"off", "mads", "ceiling", "again", NULL};
    struct xb_node node, member;
    int64_t again;

    *out = default_outliers;
    if (!xb_node_member(root, "outliers", &node))
        return 0;
    if (xb_node_expect_object(&node, keys, err) < 0)
        return -1;
    if ((xb_node_member(&node, "off", &member) &&
         xb_node_number(&member, 0.001, 1e6, &out->off, err) < 0) ||
        (xb_node_member(&node, "mads", &member) &&
         xb_node_number(&member, 0, 1e6, &out->mads, err) < 0) ||
        (xb_node_member(&node, "ceiling", &member) &&
         xb_node_number(&member, 0, 1, &out->ceiling, err) < 0))
        return -1;
    if (!xb_node_member(&node, "again", &member))
        return 0;
    if (xb_node_int(&member, 0, AGAIN_MAX, &again, err) < 0)
        return -1;
    out->again = (int)again;
    return 0;
}
