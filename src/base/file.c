/* SPDX-License-Identifier: BSD-3-Clause */
/* file.c - renaming safely, and waiting until it is so on the disk; files without a name. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
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

FILE *xb_file_open(const char *file, struct xb_error *err)
{
    struct stat st;
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    FILE *in = NULL;

    if (fd < 0 || fstat(fd, &st) != 0)
        xb_fail(err, "%s: cannot be opened: %s", file, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        xb_fail(err, "%s: found a %s, expected a file: it is read more than once", file,
                S_ISDIR(st.st_mode) ? "folder" : "pipe or a device");
    else if (!(in = fdopen(fd, "r")))
        xb_fail(err, "%s: cannot be opened: %s", file, strerror(errno));
    if (!in && fd >= 0)
        close(fd);
    return in;
}

enum xb_file_lock xb_file_lock(int fd, bool shared)
{
    int rc;

    do
        rc = flock(fd, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB);
    while (rc < 0 && errno == EINTR);
    if (rc == 0)
        return XB_FILE_LOCKED;
    return errno == EWOULDBLOCK ? XB_FILE_TAKEN : XB_FILE_NO_LOCKS;
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

/* In a folder; where the file system makes none without a name, it has one for an instant. */
static int nameless_in(const char *folder)
{
    char *name = NULL;
    int fd = open(folder, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);

    if (fd >= 0 || asprintf(&name, "%s/xferbench.XXXXXX", folder) < 0)
        return fd;
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0)
        unlink(name);
    free(name);
    return fd;
}

int xb_file_nameless(void)
{
    const char *const folders[] = {getenv("TMPDIR"), "/tmp", "/var/tmp"};

    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        int fd = folders[i] && folders[i][0] ? nameless_in(folders[i]) : -1;
        if (fd >= 0)
            return fd;
    }
    return memfd_create("xferbench", MFD_CLOEXEC);
}

#define LINE_ROOM 4096 /* that is read at first; then as much again as there is */

ssize_t xb_file_line(int fd, off_t at, char **line, size_t *room)
{
    for (size_t n = 0;;) {
        size_t more = n ? n : LINE_ROOM;
        if (*room < n + more + 1) {
            char *longer = realloc(*line, n + more + 1);
            if (!longer)
                return -1;
            *line = longer;
            *room = n + more + 1;
        }
        ssize_t got = pread(fd, *line + n, more, at + (off_t)n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got < 0 ? errno : 0;
            return -1;
        }
        char *end = memchr(*line + n, '\n', (size_t)got);
        if (end) {
            *end = '\0';
            return end - *line;
        }
        n += (size_t)got;
    }
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
