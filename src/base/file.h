/* file.h - what the system does with files beyond reading and writing them. */
#ifndef XB_BASE_FILE_H
#define XB_BASE_FILE_H

#include <stdbool.h>

/* Is the file that is open the one of this name? A link is none. */
bool xb_file_is(int fd, const char *name);

/* Are both there, and one file? Links are followed. A name may be NULL. */
bool xb_file_same(const char *a, const char *b);

/* Give a file another name in its folder, which no file may have: then -1 with errno EEXIST, at
 * once and for good, whoever else tries. Where the file system knows neither such a rename nor
 * hard links, two that try in the same instant are not told apart. */
int xb_file_name(const char *file, const char *name);

/* Wait until the folder of a file is on the disk, so that what has been renamed in it stays so.
 * Where a folder cannot be waited for nothing is done. */
void xb_file_sync_folder(const char *file);

#endif
