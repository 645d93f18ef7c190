/* file.c - renaming safely, and waiting until it is so on the disk. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool xb_file_is(int fd, const char *name)
{
    struct stat open_one, named;

    return fstat(fd, &open_one) == 0 && lstat(name, &named) == 0 &&
           open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

bool xb_file_same(const char *a, const char *b)
{
    struct stat x, y;

    return a && b && stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

int xb_file_name(const char *file, const char *name)
{
    if (renameat2(AT_FDCWD, file, AT_FDCWD, name, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno == EEXIST)
        return -1;
    if (link(file, name) == 0) /* NFS has no such rename */
        return unlink(file);
    if (errno == EEXIST)
        return -1;
    if (access(name, F_OK) == 0) {
        errno = EEXIST;
        return -1;
    }
    return rename(file, name);
}

void xb_file_sync_folder(const char *file)
{
    char *folder = strdup(file), *slash = folder ? strrchr(folder, '/') : NULL;

    if (slash)
        slash[slash == folder] = '\0';
    int fd = folder ? open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(folder);
}
