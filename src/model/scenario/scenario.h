/* SPDX-License-Identifier: BSD-3-Clause */
/* scenario.h - a JSON file that names cases by ranges, checked word for word.
 *
 * {
 *   "name": "quick", "description": "...",
 *   "device": "auto" | "cpu" | "cuda",
 *   "show": "table" | "matrix" | ..., the form of the report on stdout: any that there is,
 *   "sampling": { "min_samples": 10, "max_samples": 200, "max_time": "500ms",
 *                 "warmup": "20ms", "min_batch": "200us", "passes": 6, "repeat_for": "10min",
 *                 "bandwidth_ci": 0.01, "latency_ci": 0.02 },
 *   "outliers": { "off": 0.03, "mads": 3.5, "ceiling": 0.8, "again": 3 },
 *   "cases": [ {
 *     "pattern": "stream" or a list; also the name of an experiment,
 *     "pairs":   "classes" | "first" | "each" | "rounds" | "together" | [[0,3], [2,1], ...],
 *     "paths":   [ "host->gpu", "gpu->gpu@node", ... ],
 *     "sizes":   SIZES,
 *     "methods": [ "null" or { "name": "host-staged", "chunk": CHUNKS, "depth": DEPTHS,
 *                              OPTION: value or list of values, ... }, ... ],
 *     "src_offset": SIZE or list (0), "dst_offset": SIZE or list (0),
 *     "window": N or list (1),
 *     "cache": "warm" | "cold" or list ("warm")
 *     "allocator": "malloc" | "pool" | "vmm" | "nccl" or list ("malloc")
 *     "contention": "none" | "all" | "pairs" or list ("none")
 *     "traffic": of the pattern neighbour: a list of lanes, or a file (scenario_traffic.h)
 *   }, ... ]
 * }
 * SIZES is a size, a range {"from": "4KiB", "to": "256MiB", "factor": 4} or a list of these.
 * CHUNKS is the same, or "size" (the whole transfer) or "size/N" (rounded up to 256 bytes),
 * alone or in the list; a range of chunks is taken up to the transfer's size, while a chunk
 * named outright that is larger than a size of its group is an error. DEPTHS and window are a
 * whole number, a range or a list. A list gives at most XB_LIST_MAX values. Only "name" and
 * "cases" are required, and in a case only "paths", "sizes" and "methods"; the default pattern
 * is stream. `pairs` (default: classes) says which ranks a pattern of two ends is about and
 * which of them are busy at once; model/plan/pairs.h has what each means. With `cache` cold
 * each transfer finds its bytes in no cache. `allocator` is where the memory of GPUs comes
 * from. With `contention` lanes that are busy together are measured by themselves too;
 * model/plan/contention.h has how. A
 * traffic whose lanes say their bytes has no "sizes" beside it.
 */
#ifndef XB_MODEL_SCENARIO_SCENARIO_H
#define XB_MODEL_SCENARIO_SCENARIO_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "model/plan/path.h"
#include "model/plan/pattern.h"
#include "model/plan/traffic.h"
#include "model/scenario/catalog.h"

#define XB_LIST_MAX      1000                /* values of one list */
#define XB_SIZE_MAX      (UINT64_C(1) << 53) /* bytes: exact as a JSON number, safe to add */
#define XB_RANK_MAX      1048575             /* of a list of pairs */
#define XB_IN_FLIGHT_MAX 65536               /* of depth and of window */
#define XB_PASSES_MAX    100
#define XB_MIN_BATCH_NS  200000 /* below, starting and ending a batch shows in its time */

struct xb_sampling {
    int min_samples, max_samples;
    int64_t max_time_ns;  /* of the samples of one case */
    int64_t warmup_ns;    /* at least this much untimed work first */
    int64_t min_batch_ns; /* transfers timed together last at least as long */
    double bandwidth_ci;  /* target half-width of the median's 95 % interval over the median */
    double latency_ci;
    int passes;            /* over the plan, each with its share of a case's time and samples */
    int64_t repeat_for_ns; /* further passes are begun until so long after the first; 0: none */
    bool anew;             /* a case finds nothing that earlier ones have set up */
};

/* What makes a lane slower than its like (figures/suspects.h). */
struct xb_outlier_limits {
    double off;     /* share of what is usual by which it takes longer at least */
    double mads;    /* and median absolute deviations */
    double ceiling; /* share of its ceiling that each lane is to reach; 0: none */
    int again;      /* cases of each suspect that are measured again before it is named */
};

/* One list of chunk values, kept as written because "size/4" needs the size. */
struct xb_chunk_term {
    uint64_t bytes;   /* of an outright value; 0 when relative */
    uint64_t divisor; /* N of "size/N", 1 for "size"; 0 when outright */
    int ranged;       /* came from a range: left out where larger than the size */
};

struct xb_method_use {
    const struct xb_method_spec *spec;
    int64_t *values[XB_MAX_OPTIONS]; /* for each option row, the values to take in turn */
    size_t nvalues[XB_MAX_OPTIONS];
    struct xb_chunk_term *chunks; /* of a chunked method, at least one */
    size_t nchunks;
    int64_t *depths;
    size_t ndepths;
    struct xb_node node; /* where it stands, for errors */
};

/* What stands as a pattern: one, or an experiment. */
struct xb_pattern_use {
    const struct xb_pattern *pattern;            /* NULL for an experiment */
    const struct xb_experiment_spec *experiment; /* NULL for a pattern */
    const struct xb_pairs *pairs; /* what its short name says; NULL where it says nothing */
};

struct xb_group {
    struct xb_pattern_use *patterns;
    size_t npatterns;
    struct xb_pairs pairs;     /* of the others; owns its list */
    struct xb_traffic traffic; /* of those that play one, else empty; owns its lanes */
    struct xb_path *paths;
    size_t npaths;
    uint64_t *sizes;
    size_t nsizes;
    struct xb_method_use *methods;
    size_t nmethods;
    uint64_t *src_offsets, *dst_offsets;
    size_t nsrc_offsets, ndst_offsets;
    int64_t *windows;
    size_t nwindows;
    int64_t *caches; /* enum xb_cache */
    size_t ncaches;
    int64_t *allocators; /* enum xb_allocator */
    size_t nallocators;
    int64_t *contentions; /* enum xb_contention */
    size_t ncontentions;
    struct xb_node node; /* where it stands, for errors */
};

struct xb_scenario {
    struct xb_json doc; /* owned: the file as read, with overrides applied */
    const char *name, *description, *device;
    const char *show; /* "table" or another form of the catalog */
    struct xb_sampling sampling;
    struct xb_outlier_limits outliers;
    struct xb_group *groups;
    size_t ngroups;
};

/* Read, override (`sets`, NULL-terminated "KEY=VALUE" strings, or NULL) and check a scenario
 * file. Needs no MPI and no device. out is the caller's to release; on failure it is empty.
 * Each error names file, line where it can, JSON path and what was expected: unknown keys,
 * wrong types, bad units, sizes, depths or windows of 0, chunk above size, empty lists, unknown
 * methods, patterns, devices, options or paths. */
int xb_scenario_load(const char *file, const char *const *sets,
                     const struct xb_catalog *catalog, struct xb_scenario *out,
                     struct xb_error *err);

/* The same for text in memory. */
int xb_scenario_parse(const char *name, const char *text, const char *const *sets,
                      const struct xb_catalog *catalog, struct xb_scenario *out,
                      struct xb_error *err);

/* The same of a document that is at hand, which the scenario takes over, also on failure; doc
 * is empty then. */
int xb_scenario_read(struct xb_json *doc, const char *const *sets,
                     const struct xb_catalog *catalog, struct xb_scenario *out,
                     struct xb_error *err);

/* Bytes of a chunk for a transfer of size bytes, at most that size; 0 where the term of a range
 * is left out. */
uint64_t xb_chunk_bytes(const struct xb_chunk_term *term, uint64_t size);

/* Free what the scenario owns and empty it. */
void xb_scenario_release(struct xb_scenario *scenario);

#endif
