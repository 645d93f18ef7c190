/* SPDX-License-Identifier: BSD-3-Clause */
/* nvidia_signs.h - is there a GPU of NVIDIA on this node, whatever CUDA says? By files alone,
 * so that a build without CUDA can ask too. */
#ifndef XB_ENGINE_DEVICES_NVIDIA_SIGNS_H
#define XB_ENGINE_DEVICES_NVIDIA_SIGNS_H

#include <stdbool.h>

#include "base/error.h"

/* What speaks for one, below a root folder ("" for the node's own): device nodes and the
 * driver's folder in /proc. True with their names in what; false where there is none. */
bool xb_nvidia_signs(const char *root, struct xb_error *what);

/* CUDA came to no GPU, with this error (0: none was shown): is that for a driver that is
 * broken, rather than for no GPU or one that the variable CUDA_VISIBLE_DEVICES hides (NULL: not
 * set)? True with what says so. libcuda that is missing or finds no device is broken where
 * there are signs of one; any other error says that libcuda did not start. */
bool xb_nvidia_is_broken(const char *root, int cuda_error, const char *visible,
                         struct xb_error *what);

#endif
