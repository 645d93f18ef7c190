/* SPDX-License-Identifier: BSD-3-Clause */
/* bytes.h - fill and check of the test pattern in host memory (kernels/bytes_word.h says
 * what it is). Single-threaded and never timed. */
#ifndef XB_ENGINE_DEVICES_BYTES_H
#define XB_ENGINE_DEVICES_BYTES_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/devices/device.h"
#include "report/result.h"
#include "bytes_word.h"

/* Write bytes [first, first + bytes) of the sum of the patterns of these keys, or of its
 * complement. */
void xb_bytes_fill(void *dst, uint64_t bytes, const struct xb_bytes_keys *keys, uint64_t first,
                   bool poison);

/* Compare with the sum of the patterns of these keys, adding to out->checked_bytes and
 * out->wrong_bytes and lowering out->first_bad (an offset into the pattern) where wrong bytes
 * are found; with none so far first_bad is not read.
 */
void xb_bytes_check(const void *src, uint64_t bytes, const struct xb_bytes_keys *keys,
                    uint64_t first, bool poison, struct xb_verify *out);

/* The same for a stretch, or for the stamps in it. */
void xb_bytes_fill_stretch(const struct xb_stretch *s, const struct xb_bytes_keys *keys);
void xb_bytes_check_stretch(const struct xb_stretch *s, const struct xb_bytes_keys *keys,
                            struct xb_verify *out);

#endif
