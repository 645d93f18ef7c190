/* SPDX-License-Identifier: BSD-3-Clause */
/* targets.h - what reads input from outside, a row a reader, for whoever throws bytes at them.
 */
#ifndef XB_TESTS_FUZZ_TARGETS_H
#define XB_TESTS_FUZZ_TARGETS_H

#include <stddef.h>
#include <stdint.h>

struct xb_fuzz_target {
    const char *name; /* and of the folder of its inputs, tests/fuzz/corpus/NAME */
    /* Read these bytes. It must come back, and keep nothing. */
    void (*read)(const uint8_t *bytes, size_t len);
    const char *more; /* a folder with others that the source has anyway, or NULL */
};

/* The last one has no name. */
extern const struct xb_fuzz_target xb_fuzz_targets[];

#endif
