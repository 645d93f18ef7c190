/* SPDX-License-Identifier: BSD-3-Clause */
/* input.h - files that are read whole: also a pipe, which can be read once only. */
#ifndef XB_BASE_INPUT_H
#define XB_BASE_INPUT_H

#include <stddef.h>

#include "base/error.h"

/* Read a file of at most max_bytes into *text, len bytes and a NUL, which the caller frees.
 * What a pipe or a device gave is kept until the process ends, so that whoever reads the same
 * name again gets it again. A named pipe is waited for until somebody writes to it, for 10 s at
 * most, and then until that ends. Fails, leaving *text NULL, where the file cannot be read, is
 * a folder, is too large, or is a pipe to which nobody writes. */
int xb_input_text(const char *file, size_t max_bytes, char **text, size_t *len,
                  struct xb_error *err);

#endif
