/* share.h - rank 0 reads a file, so that it need not be on every node. */
#ifndef XB_ENGINE_RUNTIME_SHARE_H
#define XB_ENGINE_RUNTIME_SHARE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Finds the file that a name means. */
typedef int xb_find_fn(const char *given, char *path, size_t len, struct xb_error *err);

/* Called by all ranks after MPI_Init: rank 0 finds and reads a JSON file, all get its path and
 * text. The caller frees the text. On failure, rank 0 has the reason in err. */
int xb_share_text(xb_find_fn *find, const char *given, char *name, size_t name_len, char **text,
                  uint64_t *len, struct xb_error *err);

#endif
