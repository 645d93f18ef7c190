/* SPDX-License-Identifier: BSD-3-Clause */
/* catalog.h - what there is to choose from: the declared side of methods and experiments,
 * and the names of devices and of the forms of a report.
 *
 * The model checks scenarios and expands plans against this, without knowing how a method
 * moves a byte. The engine's method rows and the laboratory's experiment rows carry the specs;
 * tests bring their own.
 */
#ifndef XB_MODEL_SCENARIO_CATALOG_H
#define XB_MODEL_SCENARIO_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "base/options.h"
#include "model/plan/path.h"
#include "model/plan/path_kinds.h"
#include "model/plan/pattern.h"

#define XB_MAX_OPTIONS 12 /* rows of one method's options table at most */
#define XB_MAX_DEPTH   64 /* pieces in flight at once, of any chunked method */

enum xb_method_flags {
    XB_METHOD_CHUNKED = 1 << 0,        /* takes chunk and depth */
    XB_METHOD_NO_BYTES = 1 << 1,       /* moves nothing: a self-test of the program */
    XB_METHOD_VIA_HOST = 1 << 2,       /* between GPUs every byte passes host memory */
    XB_METHOD_RANKS_VIA_HOST = 1 << 3, /* between GPUs of two ranks, but not of one */
    XB_METHOD_MIGRATES =
        1 << 4, /* within a rank right bytes do not tell that they were moved */
    XB_METHOD_BY_POLICY = 1 << 5, /* stands for the method that the policy picks */
    XB_METHOD_NEEDS_GPU = 1 << 6, /* host memory that stands in for GPUs will not do */
    XB_METHOD_PIECES = 1 << 7,    /* takes chunk and depth, and moves the whole without them */
};
#define XB_METHOD_TAKES_CHUNKS (XB_METHOD_CHUNKED | XB_METHOD_PIECES)

struct xb_method_spec {
    const char *name;                /* as scenarios and reports write it */
    const char *summary;             /* one line for `xferbench list` */
    const struct xb_option *options; /* ends with a NULL name; NULL for none */
    unsigned flags;                  /* enum xb_method_flags */
    enum xb_kind kind;             /* of its work, but for collectives; see first_collective */
    int64_t default_depth;         /* of a method that takes chunks */
    uint64_t default_chunk;        /* bytes; sizes below it use the size itself; 0: the size */
    unsigned paths[XB_LOCALITIES]; /* those it takes: enum xb_path_kind, by locality */
    /* The option, an enum, whose last choices are those of XB_COLLECTIVE_NAMES, and the first
     * of these; NULL for a method without collectives. */
    const struct xb_option *collective_option;
    int first_collective;
    unsigned collective_paths; /* of its paths between ranks those that its collectives take:
                                  enum xb_path_kind; 0: all */
    /* The option, an enum with the choices of XB_DATATYPE_NAMES, the first its default and
     * quiet, that says what reductions add up; NULL where they add up the first alone. */
    const struct xb_option *datatype_option;
    /* The option, an enum with the choices of XB_HOST_MEMORY_NAMES, that says what memory a
     * host endpoint has within a rank; NULL where that is not a choice. */
    const struct xb_option *host_memory_option;
    /* The option, an enum with the choices of XB_CHUNK_WORK_NAMES, the first its default and
     * quiet, that says what is done with chunks on their way; NULL where nothing is. */
    const struct xb_option *chunk_work_option;
    bool takes_layout; /* it moves blocks: XB_TAKES_LAYOUT, and the rows XB_LAYOUT_OPTIONS */
    size_t layout_at;  /* where the struct xb_layout_options is in the method's options */
};

/* A measurement that is no schedule of lanes. Scenarios name it where a pattern's name stands,
 * and its one method among the methods. */
struct xb_experiment_spec {
    const char *name;             /* as scenarios and reports write it */
    const char *summary;          /* one line for `xferbench list` */
    struct xb_method_spec method; /* of kind XB_KIND_EXPERIMENT, not chunked; its paths are
                                     those that the experiment takes, within a node */
    /* How long a round is, for estimates: the product of the values of these options over a
     * rate, of a GPU and of host memory that stands in for one; and the case's bytes, as often
     * as one option says, past the host. work[0] NULL: rounds are short. */
    const char *work[4];
    double work_per_s[2];
    const char *images;
};

struct xb_catalog {
    const struct xb_method_spec *const *methods;         /* NULL-terminated */
    const struct xb_experiment_spec *const *experiments; /* the same, or NULL for none */
    const char *const *devices; /* NULL-terminated names, without "auto" */
    /* Name of form i that a report can be shown in, NULL behind the last. */
    const char *(*form)(size_t i);
    /* Reads a file that a scenario names, of at most max_bytes, as xb_json_text does; NULL for
     * that. */
    int (*read_text)(const char *file, size_t max_bytes, char **text, size_t *len,
                     struct xb_error *err);
};

/* The method or experiment of that name, or NULL. */
const struct xb_method_spec *xb_catalog_method(const struct xb_catalog *catalog,
                                               const char *name);
const struct xb_experiment_spec *xb_catalog_experiment(const struct xb_catalog *catalog,
                                                       const char *name);

/* The same, or the method of an experiment, which a case may name too. */
const struct xb_method_spec *xb_catalog_case_method(const struct xb_catalog *catalog,
                                                    const char *name);

/* The spec that a node names; fails with the names there are. A case may also name the method
 * of an experiment. */
int xb_catalog_read_method(const struct xb_catalog *catalog, const struct xb_node *node,
                           const struct xb_method_spec **out, struct xb_error *err);
int xb_catalog_read_case_method(const struct xb_catalog *catalog, const struct xb_node *node,
                                const struct xb_method_spec **out, struct xb_error *err);

/* Does the method take paths of this kind and locality at all? */
bool xb_catalog_takes_path(const struct xb_method_spec *spec, const struct xb_path *path);

/* Fail when the object that says how to use a method has other keys than `name`, which is the
 * method's own, its options and, where it takes chunks, those of `chunked`, NULL-terminated and
 * at most XB_CHUNKED_KEYS. */
#define XB_CHUNKED_KEYS 4
int xb_catalog_expect_keys(const struct xb_node *node, const struct xb_method_spec *spec,
                           const char *name, const char *const *chunked, struct xb_error *err);

/* Check the catalog itself, as tests do: names there and unique, options tables that
 * end, fit XB_MAX_OPTIONS and pass xb_options_check, collectives that are a method's last
 * choices, datatypes that are an option's, paths that it takes. A fault is the programmer's. */
int xb_catalog_check(const struct xb_catalog *catalog, struct xb_error *err);

#endif
