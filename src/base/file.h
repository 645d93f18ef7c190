/* SPDX-License-Identifier: BSD-3-Clause */
/* file.h - what the system does with files beyond reading and writing them. */
#ifndef XB_BASE_FILE_H
#define XB_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/error.h"

/* Is the file that is open the one of this name? A link is none. */
bool xb_file_is(int fd, const char *name);

/* Are both there, and one file? Links are followed. A name may be NULL. */
bool xb_file_same(const char *a, const char *b);

/* Lock a file that is open, alone or (shared) beside others that share it, without waiting. The
 * lock belongs to the open file: it stays when that is renamed and goes with its process. Some
 * file systems have no locks; errno then says so. */
enum xb_file_lock { XB_FILE_LOCKED, XB_FILE_TAKEN, XB_FILE_NO_LOCKS };
enum xb_file_lock xb_file_lock(int fd, bool shared);

/* Open a file that will be read more than once, for reading: one on a disk, and no folder, pipe
 * or device, which might keep the reader waiting or never end. NULL with an error. */
FILE *xb_file_open(const char *file, struct xb_error *err);

/* Give a file another name in its folder, which no file may have: then -1 with errno EEXIST, at
 * once and for good, whoever else tries. Where the file system knows neither such a rename nor
 * hard links, two that try in the same instant are not told apart. */
int xb_file_name(const char *file, const char *name);

/* A file to write and read that has no name, so that it goes with its process: in the folder
 * that TMPDIR names, or in /tmp or /var/tmp, or in memory where none of them takes one. Returns
 * its descriptor, or -1 with errno. */
int xb_file_nameless(void);

/* Read a line that begins at a byte of a file, without its end, into *line, of *room bytes,
 * which grows as it must and which the caller frees. Returns its length, or -1 with errno: 0
 * where the file ends before the line does. */
ssize_t xb_file_line(int fd, off_t at, char **line, size_t *room);

/* Wait until the folder of a file is on the disk, so that what has been renamed in it stays so.
 * Where a folder cannot be waited for nothing is done. */
void xb_file_sync_folder(const char *file);

#endif
