/* SPDX-License-Identifier: BSD-3-Clause */
/* concepts.h - what the words mean that scenarios, tables and reports use. */
#ifndef XB_CMD_CONCEPTS_H
#define XB_CMD_CONCEPTS_H

#include <stdio.h>

#include "cmd/names.h"

struct xb_concept {
    const char *name;    /* as it stands on a command line: "link-class" */
    const char *other;   /* words that mean the same, with blanks between them; NULL for none */
    const char *text;    /* plain sentences; "\n" begins another paragraph */
    enum xb_names names; /* what there is of it */
    const char *names_of; /* what help calls these: "methods"; NULL where there are none */
};

/* By name; the last one's name is NULL. */
extern const struct xb_concept xb_concepts[];

/* The concept that some words of a command line mean, as {"link", "class"}: by its name, one of
 * its other words, or either with an s behind it; NULL where there is none. */
const struct xb_concept *xb_concept_find(char *const *words, int count);

/* Print it as help does: its text, then the names that there are. */
void xb_concept_print(const struct xb_concept *concept, FILE *out);

/* Print a text in lines of at most width columns, each behind so many blanks. */
void xb_wrapped_print(const char *text, int indent, int width, FILE *out);

#endif
