/* SPDX-License-Identifier: BSD-3-Clause */
/* hash.h - telling two texts apart: FNV-1a, 64 bits. Not for secrets. */
#ifndef XB_BASE_HASH_H
#define XB_BASE_HASH_H

#include <stdint.h>

#define XB_HASH_BASIS UINT64_C(0xcbf29ce484222325) /* where a hash begins */

/* Continue a hash with a text. Its NUL counts too, so that "ab", "c" and "a", "bc" differ. */
uint64_t xb_hash_text(uint64_t hash, const char *text);

#endif
