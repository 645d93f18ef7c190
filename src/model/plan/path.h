/* SPDX-License-Identifier: BSD-3-Clause */
/* path.h - endpoints, localities and paths in words.
 *
 * An endpoint is a memory that a rank can address; a path goes from one to another, within a
 * rank (self), between two ranks of a node (node), or between two nodes (remote).
 */
#ifndef XB_MODEL_PLAN_PATH_H
#define XB_MODEL_PLAN_PATH_H

#include <stdbool.h>
#include "base/error.h"

#define XB_PATH_LEN      40
#define XB_GPU_INDEX_MAX 63
#define XB_GPU_ANY       (-1) /* the wildcard gpu+*: every other GPU of a rank */

enum xb_endpoint_kind { XB_HOST, XB_GPU };

struct xb_endpoint {
    enum xb_endpoint_kind kind;
    int index; /* of a GPU: 0 is the bound one, k the k-th other one, XB_GPU_ANY; of a host: 0
                */
};

enum xb_locality { XB_SELF, XB_NODE, XB_REMOTE };
#define XB_LOCALITIES 3

struct xb_path {
    struct xb_endpoint src, dst;
    enum xb_locality locality;
};

/* Parse "host", "gpu", "gpu+K" (K from 1 to XB_GPU_INDEX_MAX) or "gpu+*". */
int xb_endpoint_parse(const char *text, struct xb_endpoint *out, struct xb_error *err);

/* Parse "self", "node" or "remote". */
int xb_locality_parse(const char *text, enum xb_locality *out, struct xb_error *err);

/* Parse "SRC->DST" or "SRC->DST@LOCALITY" ("gpu->gpu@node"); the locality is self if not
 * given. The error says which word was not understood and which ones there are. */
int xb_path_parse(const char *text, struct xb_path *out, struct xb_error *err);

/* Write an endpoint ("gpu+1") or a path ("gpu->gpu@node", the locality always written) into
 * buf, which is returned. */
const char *xb_endpoint_format(struct xb_endpoint e, char buf[XB_PATH_LEN]);
const char *xb_path_format(const struct xb_path *path, char buf[XB_PATH_LEN]);

/* "self", "node" or "remote"; a constant string. */
const char *xb_locality_name(enum xb_locality locality);

/* Are these the same endpoints and locality? */
bool xb_path_equal(const struct xb_path *a, const struct xb_path *b);

/* The same path the other way round. */
struct xb_path xb_path_reverse(const struct xb_path *path);

#endif
