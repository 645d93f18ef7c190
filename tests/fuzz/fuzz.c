/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz.c - libFuzzer's entry: it throws bytes at the reader that XB_FUZZ names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/targets.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct xb_fuzz_target *target = xb_fuzz_targets;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *name = getenv("XB_FUZZ");

    (void)argc, (void)argv;
    while (name && target->name && strcmp(target->name, name) != 0)
        target++;
    if (name && target->name)
        return 0;
    fprintf(stderr, "XB_FUZZ is '%s', expected the name of a row in targets.c\n",
            name ? name : "");
    exit(2);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    target->read(bytes, len);
    return 0;
}
