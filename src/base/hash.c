/* SPDX-License-Identifier: BSD-3-Clause */
/* hash.c - FNV-1a over texts. */
#include "base/hash.h"

#define FNV_PRIME UINT64_C(0x100000001b3)

uint64_t xb_hash_text(uint64_t hash, const char *text)
{
    do {
        hash = (hash ^ (unsigned char)*text) * FNV_PRIME;
    } while (*text++);
    return hash;
}
