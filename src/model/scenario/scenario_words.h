/* SPDX-License-Identifier: BSD-3-Clause */
/* scenario_words.h - a scenario of one group of cases, out of the words of a command line.
 *
 * `--method p2p,mpi --path 'gpu->gpu@node' --size 1KiB:64MiB:4 --option engine=ce,sm` is
 *
 * {"name": "command-line", "cases": [{
 *   "paths": ["gpu->gpu@node"], "sizes": {"from": "1KiB", "to": "64MiB", "factor": 4},
 *   "methods": [{"name": "p2p", "engine": ["ce", "sm"]}, {"name": "mpi"}]}]}
 *
 * which is read as a file is. A word may be repeated, and may hold several values with commas
 * between them; all of them count. A value is JSON where it is JSON, else a text. Sizes,
 * chunks, depths and windows have ranges FIRST:LAST:FACTOR, and pairs a list 0-3,2-1;
 * traffic is a file, or a list of lanes 0-3:1MiB,2-1:64KiB.
 */
#ifndef XB_MODEL_SCENARIO_SCENARIO_WORDS_H
#define XB_MODEL_SCENARIO_SCENARIO_WORDS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/json.h"
#include "model/scenario/catalog.h"

enum xb_word {
    XB_WORD_METHOD,
    XB_WORD_PATH,
    XB_WORD_SIZE,
    XB_WORD_PATTERN,
    XB_WORD_PAIRS,
    XB_WORD_TRAFFIC,
    XB_WORD_OPTION, /* [METHOD.]KEY=VALUES: for the methods that have such an option */
    XB_WORD_CHUNK,  /* for the methods that take chunks */
    XB_WORD_DEPTH,
    XB_WORD_WINDOW,
    XB_WORD_CACHE,
    XB_WORD_ALLOCATOR,
    XB_WORD_CONTENTION,
    XB_WORD_SRC_OFFSET,
    XB_WORD_DST_OFFSET,
    XB_WORDS
};

/* What was said of each, in the order in which it was said; borrowed. */
struct xb_scenario_words {
    const char *const *said[XB_WORDS]; /* NULL-terminated; NULL for nothing */
};

/* "--method" and so on; constant strings. */
const char *xb_word_option(enum xb_word word);

/* The first of them that something was said of, or XB_WORDS. */
enum xb_word xb_words_first(const struct xb_scenario_words *words);

/* Make the scenario's document, which the caller releases, or hands to xb_scenario_read; errors
 * that this finds in it name the options that said it. Fails, leaving out empty, where method,
 * path or size is missing, a range or an option has no such form, or no method has the option.
 * Whether values are good is left to xb_scenario_read. */
int xb_words_document(const struct xb_scenario_words *words, const struct xb_catalog *catalog,
                      struct xb_json *out, struct xb_error *err);

#endif
