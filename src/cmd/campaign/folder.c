/* SPDX-License-Identifier: BSD-3-Clause */
/* folder.c - the folder of a campaign. */
#include "cmd/campaign/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "engine/runtime/clock.h"

#define LOCK_NAME "campaign.lock"
#define TRIES     100 /* at a lock that others remove while it is opened */

static int out_of_memory(struct xb_error *err)
{
    return xb_fail(err, "out of memory for a campaign");
}

char *xb_folder_path(const char *folder, struct xb_error *err)
{
    size_t n = strlen(folder);
    char *path = NULL, *here = folder[0] == '/' ? strdup("") : getcwd(NULL, 0);

    if (!here)
        xb_fail(err, "%s: the folder that it is relative to cannot be told: %s", folder,
                strerror(errno));
    while (n > 1 && folder[n - 1] == '/')
        n--;
    if (here && asprintf(&path, "%s%s%.*s", here, here[0] ? "/" : "", (int)n, folder) < 0) {
        path = NULL;
        out_of_memory(err);
    }
    free(here);
    return path;
}

char *xb_folder_file(const struct xb_folder *folder, const char *name)
{
    char *file;

    return asprintf(&file, "%s/%s", folder->path, name) < 0 ? NULL : file;
}

/* ---- the lock ---- */

/* Say who has it, as far as the file tells. */
static int taken(int fd, const struct xb_folder *folder, struct xb_error *err)
{
    char who[256] = "";
    ssize_t n = read(fd, who, sizeof who - 1);

    who[n > 0 ? n : 0] = '\0';
    who[strcspn(who, "\n")] = '\0';
    return xb_fail(err, "%s: another campaign runs there%s%s", folder->path, who[0] ? ": " : "",
                   who);
}

static void sign(int fd)
{
    char host[256] = "", now[24];

    gethostname(host, sizeof host - 1);
    xb_clock_utc(now);
    if (ftruncate(fd, 0) == 0)
        dprintf(fd, "process %ld on %s, since %s\n", (long)getpid(), host, now);
}

static int lock(struct xb_folder *folder, struct xb_error *err)
{
    char *name = xb_folder_file(folder, LOCK_NAME);
    int rc = name ? 1 : out_of_memory(err);

    for (int i = 0; rc == 1 && i < TRIES; i++) {
        int fd = open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (fd < 0) {
            rc = xb_fail(err, "%s: cannot create: %s", name, strerror(errno));
            break;
        }
        enum xb_file_lock got = xb_file_lock(fd, false);
        if (got == XB_FILE_TAKEN)
            rc = taken(fd, folder, err);
        else if (!xb_file_is(fd, name)) { /* its campaign ended just now */
            close(fd);
            continue;
        } else {
            rc = 0;
            if (got == XB_FILE_NO_LOCKS)
                xb_log_warn("%s: cannot be locked: %s; nothing keeps another campaign out",
                            name, strerror(errno));
        }
        if (rc == 0) {
            sign(fd);
            folder->lock = fd;
        } else {
            close(fd);
        }
    }
    if (rc == 1)
        rc = xb_fail(err,
                     "%s: was removed by others each of the %d times that it was made, "
                     "expected it to stay",
                     name, TRIES);
    free(name);
    return rc;
}

void xb_folder_close(struct xb_folder *folder)
{
    char *name = folder->path ? xb_folder_file(folder, LOCK_NAME) : NULL;

    if (name && folder->lock >= 0 && xb_file_is(folder->lock, name))
        unlink(name); /* while it is locked, so that it is not another's by then */
    if (folder->lock >= 0)
        close(folder->lock);
    free(name);
    free(folder->path);
    *folder = (struct xb_folder){.lock = -1};
}

/* ---- the folder ---- */

/* Is there nothing but a lock in it? Where it cannot be read it is said to be empty: who writes
 * there says what is wrong. */
static bool is_empty(const char *path)
{
    DIR *dir = opendir(path);
    bool empty = true;

    for (struct dirent *d; dir && empty && (d = readdir(dir));)
        empty = strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0 ||
                strcmp(d->d_name, LOCK_NAME) == 0;
    if (dir)
        closedir(dir);
    return empty;
}

static int check_empty(const struct xb_folder *folder, struct xb_error *err)
{
    char *file = xb_folder_file(folder, XB_CAMPAIGN_FILE);
    bool campaign = file && access(file, F_OK) == 0;

    free(file);
    if (is_empty(folder->path))
        return 0;
    return xb_fail(err, "%s: %s", folder->path,
                   campaign ? "has a campaign in it, which --resume goes on with"
                            : "is not empty: a campaign needs a folder of its own");
}

int xb_folder_make(const char *folder, struct xb_folder *out, struct xb_error *err)
{
    *out = (struct xb_folder){.path = xb_folder_path(folder, err), .lock = -1};
    int rc = out->path ? 0 : -1;

    if (rc == 0 && mkdir(out->path, 0777) != 0 && errno != EEXIST)
        rc = xb_fail(err, "%s: cannot make the folder: %s", out->path, strerror(errno));
    if (rc == 0)
        rc = check_empty(out, err);
    if (rc == 0)
        rc = lock(out, err);
    if (rc == 0) /* another one may have begun and ended meanwhile */
        rc = check_empty(out, err);
    if (rc < 0)
        xb_folder_close(out);
    return rc;
}

int xb_folder_open(const char *folder, struct xb_folder *out, struct xb_error *err)
{
    *out = (struct xb_folder){.path = xb_folder_path(folder, err), .lock = -1};
    char *file = out->path ? xb_folder_file(out, XB_CAMPAIGN_FILE) : NULL;
    int rc = file ? 0 : out->path ? out_of_memory(err) : -1;

    if (rc == 0 && access(file, F_OK) != 0)
        rc = xb_fail(err, "%s: %s%s", file, strerror(errno),
                     errno == ENOENT || errno == ENOTDIR
                         ? ": there is no campaign to go on with, expected the folder of one"
                         : "");
    if (rc == 0)
        rc = lock(out, err);
    free(file);
    if (rc < 0)
        xb_folder_close(out);
    return rc;
}

void xb_folder_clear_report(const struct xb_folder *folder, const char *name)
{
    static const char *const ends[] = {".json", ".json.journal", ".json.journal.new"};
    size_t len = strlen(name);
    DIR *dir = opendir(folder->path);

    for (struct dirent *d; dir && (d = readdir(dir));) {
        if (strncmp(d->d_name, name, len) != 0)
            continue;
        bool its = strncmp(d->d_name + len, ".json.tmp.", strlen(".json.tmp.")) == 0;
        for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
            its = its || strcmp(d->d_name + len, ends[i]) == 0;
        if (its)
            unlinkat(dirfd(dir), d->d_name, 0);
    }
    if (dir)
        closedir(dir);
}

void xb_folder_clear_launch(const struct xb_folder *folder, const char *name)
{
    char *log = NULL;

    xb_folder_clear_report(folder, name);
    if (asprintf(&log, "%s/%s.log", folder->path, name) >= 0)
        unlink(log);
    free(log);
}
