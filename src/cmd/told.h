/* SPDX-License-Identifier: BSD-3-Clause */
/* told.h - ranks must have been told the same, all of it, before they do anything together. */
#ifndef XB_CMD_TOLD_H
#define XB_CMD_TOLD_H

#include "base/error.h"
#include "cmd/cmd.h"

#define XB_TOLD_LEN 4096

/* What a rank was told, as it travels. It has this form in all versions of the program, so that
 * ranks of two versions can tell each other that they are: it must never change. */
struct xb_told {
    char magic[16];         /* "xferbench-told" */
    char hash[16];          /* of all lines, in hexadecimal digits */
    char text[XB_TOLD_LEN]; /* lines "KEY=VALUE"; cut where there is no more room */
};

/* Put together what this rank was told: version of the program, command, operand and options,
 * by the rows of the command, whose struct args is. Files need not be compared: rank 0 reads
 * them, and the others have them from it. */
void xb_told_make(const struct xb_command *command, const void *args, struct xb_told *out);

/* Write what two were told differently as "KEY is VALUE, there VALUE; ...". Returns how many
 * differences there are. */
int xb_told_compare(const struct xb_told *mine, const struct xb_told *theirs, char *text,
                    size_t len);

/* Called by all ranks as the first thing after MPI_Init: 0 on all where all were told the same,
 * else -1 on all, with the ranks that differ from rank 0 and in what in rank 0's err. */
int xb_told_agree(const struct xb_told *mine, struct xb_error *err);

#endif
