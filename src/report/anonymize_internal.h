/* SPDX-License-Identifier: BSD-3-Clause */
/* anonymize_internal.h - what the files of the anonymizer share. */
#ifndef XB_REPORT_ANONYMIZE_INTERNAL_H
#define XB_REPORT_ANONYMIZE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text_set.h"

/* ---- names: anonymize_names.c ---- */

/* What was replaced by what, so that the same thing has one name. */
struct xb_anon_names {
    struct xb_text_set was; /* each thing behind its kind: "path-", a line's end, "/home/me" */
    char **is;              /* its name, by its number */
    size_t n, room;
    struct xb_text_set known; /* things that are replaced in texts, too */
    size_t *known_is;         /* the number of each in the list above */
    struct xb_anon_kind {
        const char *prefix; /* of made-up names: "path-" */
        int width;          /* digits of their numbers, at least */
        size_t next;        /* number of the next one */
    } kinds[24];
    size_t nkinds;
    char **kept; /* what stays as it is wherever it stands: "NVIDIA H200" */
    size_t nkept;
    bool failed; /* out of memory */
};

void xb_anon_names_release(struct xb_anon_names *names);

/* The name that stands for a thing of this kind, which is known by the constant prefix of its
 * names; made up when it is seen for the first time, with numbers from 1, hosts' from 0. Valid
 * as long as the names are. When out of memory "", with failed set. */
#define XB_ANON_HOST    "node"
#define XB_ANON_UUID    "00000000-0000-0000-0000-"
#define XB_ANON_PATH    "path-"
#define XB_ANON_ADDRESS "address-"
#define XB_ANON_OTHER   "word-"
const char *xb_anon_name(struct xb_anon_names *names, const char *prefix, const char *was);

/* Make up the name of a thing and let it stand for it in texts, too: a host, a label. */
void xb_anon_learn(struct xb_anon_names *names, const char *prefix, const char *was);

/* The name of such a thing, or NULL. */
const char *xb_anon_known(const struct xb_anon_names *names, const char *was, size_t len);

/* Let a text stay wherever it stands. */
void xb_anon_keep(struct xb_anon_names *names, const char *text);

/* ---- texts: anonymize_text.c ---- */

/* A text with what it must not tell replaced; the caller frees it. NULL when out of memory. */
char *xb_anon_text(struct xb_anon_names *names, const char *text);

/* Is there anything in it that may tell whose it is: a word that is not the program's, or a
 * number of four digits or more? */
bool xb_anon_tells(const char *text);

/* Is it a word that any of this program's runs may say? anonymize_words.c; whatever its case.
 */
bool xb_anon_knows(const char *word, size_t len);

/* Shapes of texts that tell nothing: "2026-01-31T12:00:00Z", "0x" and 16 hexadecimal digits, a
 * run's id, a commit, a word of this program ("gpu+1"), a case's id. */
bool xb_anon_is_utc(const char *text);
bool xb_anon_is_hash(const char *text);
bool xb_anon_is_run_id(const char *text);
bool xb_anon_is_commit(const char *text);
bool xb_anon_is_word(const char *text);
bool xb_anon_is_case_id(const char *text);

/* ---- rules: anonymize_rules.c ---- */

enum xb_anon_rule {
    XB_ANON_FIGURE,  /* a number or a flag; a text is treated as TEXT */
    XB_ANON_TEXT,    /* xb_anon_text */
    XB_ANON_WORD,    /* stays where it is a word of this program, else "word-1" */
    XB_ANON_CASE_ID, /* likewise, else "case-1" */
    XB_ANON_UTC,     /* likewise, else null */
    XB_ANON_HASH,    /* likewise */
    XB_ANON_RUN_ID,  /* likewise, else "run-1" */
    XB_ANON_COMMIT,  /* likewise, else as TEXT */
    XB_ANON_PART,    /* the name of a piece of hardware: stays, here and in texts */
    XB_ANON_NAME,    /* another name, with the row's prefix; a number another number */
};

/* A row for each key of a report: what becomes of its value. path is that of members, with "[]"
 * for the elements of a list: "topology.ranks[].host". One that ends in ".*" is for all that
 * stands below, by whatever names, if they are words. */
struct xb_anon_row {
    const char *path;
    enum xb_anon_rule rule;
    const char *prefix;
};

/* The row for a path, or NULL. *hint is where to look first and is moved there. */
const struct xb_anon_row *xb_anon_row_of(const char *path, size_t *hint);

/* Is there a row for something below this path? */
bool xb_anon_is_above(const char *path);

#endif
