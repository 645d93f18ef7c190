/* SPDX-License-Identifier: BSD-3-Clause */
/* json.h - reading JSON strictly: every error names file, line where it can, JSON path, what
 * was found and what was expected. The parsing itself is cJSON's.
 *
 * A document (struct xb_json) owns the tree and its text. A node (struct xb_node) is a small
 * value that points into a document and knows its own JSON path; it lives no longer than the
 * document and needs no release.
 */
#ifndef XB_BASE_JSON_H
#define XB_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"

#define XB_JSON_MAX_BYTES (1024 * 1024) /* of a scenario or policy file */
#define XB_JSON_MAX_DEPTH 64            /* nesting of objects and arrays */
#define XB_JSON_PATH_LEN  256

struct xb_json {
    char *name;  /* the file's name, as errors print it */
    char *text;  /* what was parsed, for line numbers; NULL where these say nothing */
    cJSON *root; /* owned */
    struct xb_json_said *said; /* owned; what the command line has said of it */
    size_t nsaid;
};

/* A JSON path that an option of the command line gave its value. */
struct xb_json_said {
    char *path;   /* "cases[*].sizes": "[*]" is every element */
    char *option; /* as errors in that value, or below it, name it: "--size" */
    bool makes;   /* what lies above it too, where that was not there */
};

struct xb_node {
    const struct xb_json *doc;
    const cJSON *item;
    char path[XB_JSON_PATH_LEN]; /* "cases[0].sizes"; "" is the root */
    size_t place;                /* in its array or object, from 0 */
};

/* Read and parse a file of at most max_bytes into out, which the caller releases with
 * xb_json_release. Fails, leaving out empty, when the file cannot be read, is too large, is not
 * JSON (with line and column), nests deeper than XB_JSON_MAX_DEPTH, has bytes behind the value,
 * or has an object with the same key twice (with line and path). */
int xb_json_load(const char *file, size_t max_bytes, struct xb_json *out, struct xb_error *err);

/* Parse text in memory as xb_json_load does a file; name stands for the file in errors. */
int xb_json_parse(const char *name, const char *text, size_t len, struct xb_json *out,
                  struct xb_error *err);

/* Free what the document owns and empty it. An empty document is allowed. */
void xb_json_release(struct xb_json *doc);

/* Replace or add the value at a JSON path, as `--set KEY=VALUE` does: assignment is
 * "KEY=VALUE", KEY is "sampling.max_time", "cases[0].sizes" or, for every element,
 * "cases[*].sizes"; VALUE is JSON when it parses as JSON, else a string. Members of KEY may be
 * new, and objects are made for those that have others below them; who reads the document says
 * whether it knows their names. Errors in what was set or made later say "--set KEY" in place
 * of a file and line. Fails on a malformed KEY or an array or an element of one that is not
 * there; then nothing is changed. */
int xb_json_set(struct xb_json *doc, const char *assignment, struct xb_error *err);

/* Note that an option of the command line, "--size", gave what lies at a JSON path: errors
 * there name it in place of a file and line. The last one counts. -1 when out of memory. */
int xb_json_note(struct xb_json *doc, const char *path, const char *option,
                 struct xb_error *err);

/* A value as text, which the caller frees with free; NULL when out of memory. Texts in it that
 * came from outside may be no UTF-8: they are mended, so that it is JSON. */
char *xb_json_print(const cJSON *value, bool formatted);

/* The root node of a document. */
struct xb_node xb_json_root(const struct xb_json *doc);

/* Fail with "FILE:LINE: PATH: " (or "--set KEY: PATH: ") before the formatted text; the line is
 * left out where it cannot be told. Always returns -1. */
int xb_node_fail(const struct xb_node *node, struct xb_error *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
#ifdef __clang_analyzer__ /* as xb_fail */
#define xb_node_fail(...) (xb_node_fail(__VA_ARGS__), -1)
#endif

/* Fail because the node is none of these words (NULL-terminated): "found ..., expected the WHAT
 * a, b or c", with the one that was meant where one is near. what may be NULL: "expected a, b
 * or c". Always returns -1. */
int xb_node_fail_choice(const struct xb_node *node, const char *what, const char *const *words,
                        struct xb_error *err);

/* Look up a member of an object: returns true and fills out when it is there (null counts as
 * there), else false. The node must be an object. */
bool xb_node_member(const struct xb_node *obj, const char *key, struct xb_node *out);

/* As xb_node_member, but a missing member is an error that names the path. Returns 0 or -1. */
int xb_node_require(const struct xb_node *obj, const char *key, struct xb_node *out,
                    struct xb_error *err);

/* Number of elements of an array or members of an object; 0 for anything else. */
size_t xb_node_count(const struct xb_node *node);

/* Element i (of an array, or member i of an object) with i < xb_node_count. O(i). */
struct xb_node xb_node_at(const struct xb_node *node, size_t i);

/* The first element of an array or member of an object, and from one to the next behind it:
 * true and *child, or false where there is none. */
bool xb_node_first(const struct xb_node *node, struct xb_node *child);
bool xb_node_next(const struct xb_node *node, struct xb_node *child);

/* Fail unless the node is an object all of whose keys stand in the NULL-terminated list; the
 * error names the unknown key, the one that was meant where one is near, and the known ones. */
int xb_node_expect_object(const struct xb_node *node, const char *const *keys,
                          struct xb_error *err);

/* Fail unless the node is an array with at least min elements. */
int xb_node_expect_array(const struct xb_node *node, size_t min, struct xb_error *err);

/* Typed getters: 0 and *out, or -1 with path, what was found and what was expected. Strings
 * stay owned by the document. Sizes and durations accept the strings of units.h; a size also
 * accepts a whole non-negative number of bytes. Numbers out of [min, max] are errors. */
int xb_node_string(const struct xb_node *node, const char **out, struct xb_error *err);
int xb_node_bool(const struct xb_node *node, bool *out, struct xb_error *err);
int xb_node_int(const struct xb_node *node, int64_t min, int64_t max, int64_t *out,
                struct xb_error *err);
int xb_node_number(const struct xb_node *node, double min, double max, double *out,
                   struct xb_error *err);
int xb_node_size(const struct xb_node *node, uint64_t *bytes, struct xb_error *err);
int xb_node_duration(const struct xb_node *node, int64_t *ns, struct xb_error *err);

/* Fail with what a node holds and what was expected instead. */
int xb_node_fail_found(const struct xb_node *node, struct xb_error *err, const char *expected);

/* A short description of what a node holds ("the string \"abc\"", "the number 3", "an array of
 * 2"), for error texts, written into buf, which it returns. */
const char *xb_node_describe(const struct xb_node *node, char *buf, size_t len);

/* Has the object at the root "schema": {"name": ..., "version": ...} with these two, the only
 * ones that its reader takes? Errors as above. */
int xb_node_expect_schema(const struct xb_node *root, const char *expected, int64_t version,
                          struct xb_error *err);

#endif
