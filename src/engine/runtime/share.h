/* SPDX-License-Identifier: BSD-3-Clause */
/* share.h - rank 0 reads a file, so that it need not be on every node. */
#ifndef XB_ENGINE_RUNTIME_SHARE_H
#define XB_ENGINE_RUNTIME_SHARE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Finds the file that a name means. */
typedef int xb_find_fn(const char *given, char *path, size_t len, struct xb_error *err);

struct xb_shared_text {
    char path[4096];
    char *text; /* ends with 0 */
};

/* Called by all ranks after MPI_Init: rank 0 finds and reads a JSON file, all get its path and
 * text. 0; the caller frees out->text. -1, on all ranks alike, with out->text NULL; rank 0 has
 * the reason in err. */
int xb_share_text(xb_find_fn *find, const char *given, struct xb_shared_text *out,
                  struct xb_error *err);

/* The same of a text that rank 0 has read by itself: rc and text are rank 0's, path and text
 * reach all. */
int xb_share_read(int rc, struct xb_shared_text *text);

#endif
