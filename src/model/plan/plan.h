/* SPDX-License-Identifier: BSD-3-Clause */
/* plan.h - the flat, ordered list of cases that every rank computes alike. */
#ifndef XB_MODEL_PLAN_PLAN_H
#define XB_MODEL_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "model/plan/allocator.h"
#include "model/plan/cache.h"
#include "model/plan/contention.h"
#include "model/plan/pairs.h"
#include "model/plan/pattern.h"
#include "model/plan/traffic.h"
#include "model/scenario/catalog.h"
#include "model/scenario/scenario.h"

#define XB_CASE_ID_LEN 320
#define XB_PLAN_MAX    100000 /* cases */

struct xb_case {
    char id[XB_CASE_ID_LEN]; /* made from what follows alone, without host names or ranks */
    const struct xb_pattern *pattern;            /* NULL where an experiment stands for it */
    const struct xb_experiment_spec *experiment; /* NULL where there is a pattern */
    const struct xb_method_spec *method;
    struct xb_options options; /* by the rows of method->options */
    struct xb_path path;
    struct xb_pairs pairs;            /* its list is the scenario's, or tune's */
    bool one_class;                   /* a part of a case whose pairs are of several link
                                         classes: it has those of one of them alone */
    int link_class;                   /* then enum xb_link_class */
    const struct xb_traffic *traffic; /* the scenario's; NULL where the pattern plays none */
    uint64_t bytes;                   /* of one transfer; of the largest lane, where lanes have
                                         their own */
    uint64_t chunk;                   /* bytes; 0 where the method moves the whole */
    int depth;                        /* pieces in flight; 0 where it moves the whole */
    int window;                       /* transfers posted before they are waited for */
    enum xb_cache cache;              /* cold: each batch is one transfer */
    enum xb_allocator allocator;      /* of memory of GPUs */
    enum xb_contention contention;    /* are lanes measured by themselves too? */
    uint64_t src_offset, dst_offset;  /* bytes into each buffer */
};

struct xb_plan {
    struct xb_case *cases;
    size_t count;
    size_t repeated; /* cases that a scenario names again; each is measured once */
    uint64_t hash;   /* over all ids in order, the sampling and the device (FNV-1a, 64 bits) */
};

/* Expand a scenario: groups in file order, then pattern, path, method with its options, chunk,
 * depth, offsets, window, cache, allocator and contention, and the size varying fastest. Fails
 * when there is no case or more than XB_PLAN_MAX, those named again included, and with the
 * place of a group of which no job could measure any case. The caller releases out; on failure
 * it is empty. */
int xb_plan_expand(const struct xb_scenario *scenario, struct xb_plan *out,
                   struct xb_error *err);

void xb_plan_release(struct xb_plan *plan);

/* Is there a case whose method the policy picks? */
bool xb_plan_asks_policy(const struct xb_plan *plan);

/* Write the id that the rest of the case gives it; fails where that is too long. */
int xb_case_make_id(struct xb_case *c, struct xb_error *err);

/* The name of the case's pattern, or of the experiment that stands for it. */
const char *xb_case_pattern_name(const struct xb_case *c);

/* Is the case one for the laboratory, since an experiment stands for its pattern or its method
 * is that of one? Then no engine knows what to do with it. */
bool xb_case_is_experiment(const struct xb_case *c);

/* Can such a case be measured: is its method that of its experiment, and its path one that
 * this takes? 0, or 1 with the reason. */
int xb_case_experiment_fits(const struct xb_case *c, struct xb_error *err);

/* The options as the method's own struct: const struct xb_p2p_options *o =
 * xb_case_options(c). They live as long as the case. */
static inline const void *xb_case_options(const struct xb_case *c)
{
    return c->options.bytes;
}

/* Let a method that moves the whole unless it is told otherwise do so, where the chunk is all
 * of it: that is one case, whatever was asked for. */
void xb_case_settle_pieces(struct xb_case *c);

/* Does every byte between the case's GPUs pass host memory? */
bool xb_case_via_host(const struct xb_case *c);

/* The options as text, "engine=ce,side=push", "" for none, into buf, which is returned. */
const char *xb_case_options_format(const struct xb_case *c, char *buf, size_t len);

/* The `key` object of a report; the caller owns it; NULL when out of memory. */
cJSON *xb_case_key_json(const struct xb_case *c);

#endif
