/* SPDX-License-Identifier: BSD-3-Clause */
/* journal_claim.c - an output has one journal, which one run writes. The lock belongs to the
 * open file, so it stays when that is renamed and goes with its process. */
#include "engine/runtime/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "engine/runtime/journal_internal.h"
#include "engine/runtime/process.h"

#define TRIES       100 /* at a file that others rename while it is opened */
#define DYING_TRIES 300 /* at the lock of a process that is being ended */
#define DYING_PAUSE 100000000

/* Who writes a journal, as far as its header tells. */
static int taken(const char *file, struct xb_error *err)
{
    struct xb_journal_header head;

    if (xb_journal_head(file, &head) < 0 || !head.host)
        xb_fail(err, "%s: another run writes it", file);
    else
        xb_fail(err, "%s: process %" PRId64 " on %s writes it, a run that began %s", file,
                head.pid, head.host, head.start_utc ? head.start_utc : "some time ago");
    xb_fields_release(xb_journal_header_fields, &head);
    return XB_JOURNAL_TAKEN;
}

/* Was the process that writes a journal killed? It has its lock until its memory was given
 * back, which takes seconds where it had many GB. */
static bool writer_is_dying(const char *file)
{
    struct xb_journal_header head;
    char host[256] = "";

    gethostname(host, sizeof host - 1);
    bool dying = xb_journal_head(file, &head) == 0 && head.host &&
                 strcmp(head.host, host) == 0 &&
                 xb_process_is_gone(xb_process_state((pid_t)head.pid, 0));
    xb_fields_release(xb_journal_header_fields, &head);
    return dying;
}

static enum xb_file_lock lock(int fd, const char *name, bool shared)
{
    const struct timespec pause = {0, DYING_PAUSE};
    enum xb_file_lock got;

    for (int tries = 0; (got = xb_file_lock(fd, shared)) == XB_FILE_TAKEN; tries++) {
        if (tries >= DYING_TRIES || !writer_is_dying(name))
            break;
        nanosleep(&pause, NULL);
    }
    return got;
}

/* One that may be written to: no device, by no other name another's, and laid there by no other
 * user, who could change it for as long as it is written. */
static int check_own(int fd, const char *name, bool written, bool was_there,
                     struct xb_error *err)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return xb_fail(err, "%s: %s", name, strerror(errno));
    if (!S_ISREG(st.st_mode) || (written && st.st_nlink > 1))
        return xb_fail(err, "%s: is no file of this program's: remove it", name);
    if (written && was_there && st.st_uid != geteuid())
        return xb_fail(err, "%s: belongs to another user (%ld): remove it", name,
                       (long)st.st_uid);
    return 0;
}

static int take_lock(int fd, const char *name, bool written, bool was_there,
                     struct xb_error *err)
{
    switch (lock(fd, name, false)) {
    case XB_FILE_LOCKED:
        break;
    case XB_FILE_TAKEN:
        return taken(name, err);
    case XB_FILE_NO_LOCKS:
        if (written && was_there)
            return xb_fail(err,
                           "%s: another run begins, or died when it began: remove it if none "
                           "does",
                           name);
        if (written)
            xb_log_warn("%s: cannot be locked: %s; nothing keeps another run from resuming it",
                        name, strerror(errno));
        break;
    }
    return 0;
}

/* One that is to be written is made where it is not there. */
static int open_one(const char *name, bool written, bool *was_there)
{
    const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int fd = written ? open(name, flags | O_CREAT | O_EXCL, 0666) : -1;

    *was_there = !written || (fd < 0 && errno == EEXIST);
    return *was_there ? open(name, flags) : fd;
}

/* Open and lock a file that may be there, or will be where it is to be written. 0 and *out, -1
 * where it is not there; XB_JOURNAL_TAKEN, or -1. */
static int open_locked(const char *name, bool written, int *out, struct xb_error *err)
{
    *out = -1;
    for (int i = 0; i < TRIES; i++) {
        bool was_there;
        int fd = open_one(name, written, &was_there), rc;
        if (fd < 0 && errno == ENOENT && !written)
            return 0;
        if (fd < 0 && errno == ENOENT && was_there)
            continue; /* it was renamed just now */
        if (fd < 0)
            return xb_fail(err, "%s: cannot %s: %s", name, written ? "create" : "open",
                           errno == ELOOP ? "it is a link" : strerror(errno));
        if ((rc = check_own(fd, name, written, was_there, err)) == 0)
            rc = take_lock(fd, name, written, was_there, err);
        if (rc == 0 && xb_file_is(fd, name)) {
            *out = fd;
            return 0;
        }
        close(fd);
        if (rc != 0)
            return rc;
    }
    return xb_fail(err,
                   "%s: was removed by others each of the %d times that it was opened, "
                   "expected it to stay",
                   name, TRIES);
}

/* Another journal, which is resumed, must not be growing meanwhile. */
static int check_resumed(const char *file, struct xb_error *err)
{
    int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC), rc = 0;

    if (fd < 0)
        return 0; /* who reads it says why */
    if (lock(fd, file, true) == XB_FILE_TAKEN)
        rc = taken(file, err);
    close(fd);
    return rc;
}

/* Has a journal nothing that could be gone on with? Its header was cut short, or nothing
 * follows it: then a run may have begun that has no result yet, and without a lock there is no
 * telling whether it lives. */
static bool holds_nothing(const struct xb_journal *j)
{
    struct xb_journal_header head;

    if (xb_journal_is_cut(j->name))
        return true;
    bool ours = xb_journal_head(j->name, &head) == 0;
    xb_fields_release(xb_journal_header_fields, &head);
    return ours && lock(j->old, j->name, false) == XB_FILE_LOCKED &&
           !xb_journal_has_results(j->name);
}

/* May the journal that is there go? What it has is lost unless it is the one that is resumed.
 */
static int check_found(const struct xb_journal *j, const struct xb_journal_claim *claim,
                       struct xb_error *err)
{
    struct xb_journal_header head;

    if (j->old < 0 || j->goes_on)
        return 0;
    if (claim->force) {
        xb_log_warn("%s: was left by another run; as --force says, it is replaced", j->name);
        return 0;
    }
    if (holds_nothing(j)) {
        xb_log_warn("%s: was left by another run and holds nothing; it is replaced", j->name);
        return 0;
    }
    if (xb_journal_head(j->name, &head) == 0)
        xb_fail(err,
                "%s: was left by a run that began %s and did not come to its end: 'run "
                "--resume %s -o %s' goes on with it, --force replaces it",
                j->name, head.start_utc ? head.start_utc : "some time ago", j->name,
                claim->report_file);
    else
        xb_fail(err,
                "%s: is there, and no journal that this version can go on with; --force "
                "replaces it",
                j->name);
    xb_fields_release(xb_journal_header_fields, &head);
    return XB_JOURNAL_TAKEN;
}

static int open_both(struct xb_journal *j, const struct xb_journal_claim *claim,
                     struct xb_error *err)
{
    int fd, rc = open_locked(j->name, false, &j->old, err);

    j->goes_on = rc == 0 && j->old >= 0 && xb_file_same(claim->resumed, j->name);
    if (rc == 0 && claim->resumed && !j->goes_on)
        rc = check_resumed(claim->resumed, err);
    if (rc == 0)
        rc = check_found(j, claim, err);
    if (rc == 0)
        rc = open_locked(j->new_name, true, &fd, err);
    if (rc != 0)
        return rc;
    /* one that is there was left by a process that died before it began */
    j->fd = fd;
    return ftruncate(fd, 0) == 0
               ? 0
               : xb_fail(err, "%s: cannot create: %s", j->new_name, strerror(errno));
}

int xb_journal_open(const struct xb_journal_claim *claim, struct xb_journal **out,
                    struct xb_error *err)
{
    struct stat there;

    *out = NULL;
    if (stat(claim->report_file, &there) == 0 && !S_ISREG(there.st_mode))
        return 0;
    struct xb_journal *j = calloc(1, sizeof *j);
    if (!j)
        return xb_fail(err, "out of memory");
    j->fd = j->old = -1;
    if (asprintf(&j->name, "%s.journal", claim->report_file) < 0)
        j->name = NULL;
    if (!j->name || asprintf(&j->new_name, "%s.new", j->name) < 0)
        j->new_name = NULL;
    int rc = j->new_name ? open_both(j, claim, err) : xb_fail(err, "out of memory");
    if (rc == 0)
        *out = j;
    else
        xb_journal_close(j, false);
    return rc;
}

int xb_journal_nameless(struct xb_journal **out, struct xb_error *err)
{
    struct xb_journal *j = calloc(1, sizeof *j);

    *out = NULL;
    if (!j)
        return xb_fail(err, "out of memory");
    j->old = -1;
    j->name = strdup("a file without a name");
    j->fd = j->name ? xb_file_nameless() : -1;
    if (j->fd < 0) {
        xb_fail(err, "no room for what is measured: %s", strerror(errno));
        xb_journal_close(j, false);
        return -1;
    }
    *out = j;
    return 0;
}

int xb_journal_begin(struct xb_journal *j, struct xb_error *err)
{
    if (j->begun)
        return 0;
    if (xb_journal_sync(j, err) < 0)
        return -1;
    if (!xb_journal_is_kept(j)) {
        j->begun = true;
        return 0;
    }
    int rc = j->old >= 0 ? rename(j->new_name, j->name) : xb_file_name(j->new_name, j->name);
    if (rc < 0 && errno == EEXIST)
        return taken(j->name, err);
    if (rc < 0)
        return xb_fail(err, "%s: cannot rename: %s", j->new_name, strerror(errno));
    j->begun = true;
    xb_file_sync_folder(j->name);
    if (j->old >= 0)
        close(j->old);
    j->old = -1;
    return 0;
}

bool xb_journal_goes_on(const struct xb_journal *journal)
{
    return journal && journal->goes_on;
}

void xb_journal_close(struct xb_journal *journal, bool remove_file)
{
    if (!journal)
        return;
    const char *name = journal->begun ? journal->name : journal->new_name;
    /* removed while it is locked, so that it is not another's by then */
    if (name && xb_journal_is_kept(journal) && journal->fd >= 0 &&
        (remove_file || !journal->begun) && xb_file_is(journal->fd, name))
        unlink(name);
    if (journal->fd >= 0)
        close(journal->fd);
    if (journal->old >= 0)
        close(journal->old);
    free(journal->name);
    free(journal->new_name);
    free(journal->line);
    free(journal);
}
