/* SPDX-License-Identifier: BSD-3-Clause */
/* output.h - files that a command writes. What is wrong with their names is said before there
 * is anything to write; then each is written whole or not at all.
 *
 * "-" is standard output, and so is any name of what that is open on, "/dev/stdout" say. A
 * device, or a pipe that this process was given ("/dev/fd/63"), is written to as it is. A link
 * stands for the file that it leads to.
 */
#ifndef XB_BASE_OUTPUT_H
#define XB_BASE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

enum xb_output_kind {
    XB_OUTPUT_FILE,   /* a file, there or not */
    XB_OUTPUT_STDOUT, /* standard output */
    XB_OUTPUT_DEVICE, /* what is written to as it is */
};
enum xb_output_kind xb_output_kind(const char *file);

/* A file to write. */
struct xb_output {
    const char *what;   /* "report": for errors */
    const char *file;   /* NULL where none is asked for */
    const char *hint;   /* what may be done with one that is there, beside --force, or NULL */
    bool kept;          /* one that is there is never replaced */
    bool beside;        /* the program's own, beside another: who makes it looks after it */
    bool goes_on;       /* it goes on with an input that does so */
    const char *begins; /* one that is there and begins so may go where other outputs go on: it
                         * is of the run that is gone on with. Or NULL */
};

/* A file that is read. */
struct xb_input {
    const char *what;
    const char *file; /* NULL where none is */
    bool goes_on;     /* outputs go on with it: one of them may be it, and all may be there */
};

/* Can they be written, is each another file than all others, by whatever names and links, and
 * is none of them there unless force says that it may be replaced? Makes a file beside each and
 * removes it. Fails, with the file, what it was to be and why not. */
int xb_outputs_check(const struct xb_output *outputs, size_t n, const struct xb_input *inputs,
                     size_t m, bool force, struct xb_error *err);

/* The file that a link leads to, or file itself where it is none or is no XB_OUTPUT_FILE; the
 * caller frees it. NULL when out of memory. */
char *xb_output_follow(const char *file);

/* Print what is written to out; 0, or -1 when out of memory. Whether it reached out is for who
 * opened that to find out. */
typedef int xb_output_fn(const void *arg, FILE *out);

/* Write what print prints, and a line's end where it has not ended its last line. A file is
 * written beside its name, waited for until it is on the disk, and renamed: it never holds half
 * of it, and on failure is as before. One that has come to be there is replaced only where the
 * caller says so. A device or standard output is written to. */
int xb_output_print(const char *file, xb_output_fn *print, const void *arg, bool replace,
                    struct xb_error *err);

/* The same of so many bytes, which are no text: they are written as they are. */
int xb_output_bytes(const char *file, const void *first, size_t n, bool replace,
                    struct xb_error *err);

/* The same of a text. */
int xb_output_write(const char *file, const char *text, bool replace, struct xb_error *err);

/* Make a file that is not there yet, of a text and an end of its last line. Links are not
 * followed. */
int xb_output_make(const char *file, const char *text, struct xb_error *err);

#endif
