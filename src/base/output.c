/* SPDX-License-Identifier: BSD-3-Clause */
/* output.c - outputs are looked at before the work and written whole at its end. */
#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/poll.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define LONGEST_END     ".tmp.0123456789abcdef" /* that the program puts behind a name */
#define TEMPORARY_FLAGS (O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)
#define INHERITED_FILES 256 /* descriptors that are looked at */

/* ---- what a name stands for ---- */

static bool is_open_as(int fd, const struct stat *st)
{
    struct stat there;

    return fstat(fd, &there) == 0 && there.st_dev == st->st_dev && there.st_ino == st->st_ino;
}

enum xb_output_kind xb_output_kind(const char *file)
{
    struct stat st;

    if (strcmp(file, "-") == 0)
        return XB_OUTPUT_STDOUT;
    if (stat(file, &st) != 0)
        return XB_OUTPUT_FILE;
    /* what is written to /dev/null, both as a table and as a report, is two things */
    if (is_open_as(STDOUT_FILENO, &st) && (!S_ISCHR(st.st_mode) || isatty(STDOUT_FILENO)))
        return XB_OUTPUT_STDOUT;
    return S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) ? XB_OUTPUT_FILE : XB_OUTPUT_DEVICE;
}

static bool is_link(const char *file)
{
    struct stat st;
    return lstat(file, &st) == 0 && S_ISLNK(st.st_mode);
}

/* The folder of a file, "." where it names none, which the caller frees, and its name there. */
static char *folder_of(const char *file, const char **name)
{
    const char *slash = strrchr(file, '/');

    *name = slash ? slash + 1 : file;
    if (!slash)
        return strdup(".");
    return slash == file ? strdup("/") : strndup(file, (size_t)(slash - file));
}

/* Is it a link that somebody else may have laid there, where all may make files? By the rule of
 * Linux's fs.protected_symlinks, which a rename does not ask for. */
static bool is_laid(const char *file)
{
    struct stat link, in;
    const char *name;
    char *folder = folder_of(file, &name);
    bool laid = folder && lstat(file, &link) == 0 && S_ISLNK(link.st_mode) &&
                stat(folder, &in) == 0 && (in.st_mode & S_ISVTX) && (in.st_mode & S_IWOTH) &&
                link.st_uid != geteuid() && link.st_uid != in.st_uid;

    free(folder);
    return laid;
}

char *xb_output_follow(const char *file)
{
    char *path = NULL;

    if (xb_output_kind(file) == XB_OUTPUT_FILE && is_link(file) && !is_laid(file))
        path = realpath(file, NULL);
    return path ? path : strdup(file);
}

/* ---- one file of two names ---- */

/* Would both be made as one? */
static bool would_be_same(const char *a, const char *b)
{
    const char *x, *y;
    char *from = folder_of(a, &x), *to = folder_of(b, &y);
    bool same =
        from && to && strcmp(x, y) == 0 && (xb_file_same(from, to) || strcmp(from, to) == 0);

    free(from);
    free(to);
    return same;
}

static bool is_same(const char *a, const char *b)
{
    struct stat st;
    enum xb_output_kind kind = xb_output_kind(a);

    if (kind != xb_output_kind(b))
        return false;
    if (kind != XB_OUTPUT_FILE)
        return kind == XB_OUTPUT_STDOUT; /* devices take more than one */
    if (stat(a, &st) == 0 || stat(b, &st) == 0)
        return xb_file_same(a, b);
    return would_be_same(a, b);
}

/* ---- can it be written? ---- */

static int refuse(const struct xb_output *o, struct xb_error *err, const char *why)
{
    return xb_fail(err, "%s: cannot be the %s: %s", o->file[0] ? o->file : "''", o->what, why);
}

static int check_device(const struct xb_output *o, const struct stat *st, struct xb_error *err)
{
    if (S_ISBLK(st->st_mode) || S_ISSOCK(st->st_mode))
        return refuse(o, err,
                      S_ISBLK(st->st_mode) ? "it is a disk, expected a file"
                                           : "it is a socket, expected a file");
    if (S_ISFIFO(st->st_mode)) {
        int fd = 0;
        while (fd < INHERITED_FILES && !is_open_as(fd, st))
            fd++;
        if (fd == INHERITED_FILES)
            return refuse(o, err,
                          "it is a pipe, which would wait for a reader: expected a file or -");
    }
    int fd = open(o->file, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return refuse(o, err, strerror(errno));
    int rc = write(fd, "", 0) == 0 ? 0 : refuse(o, err, strerror(errno)); /* /dev/full */
    close(fd);
    return rc;
}

/* What is renamed to a file when it is whole: in its folder, by a name that nobody can guess
 * and lay something under. NULL with errno; the caller frees it. */
static char *temporary_name(const char *file)
{
    char *name = NULL;
    uint64_t number;

    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        return NULL;
    if (asprintf(&name, "%s.tmp.%016" PRIx64, file, number) < 0)
        errno = ENOMEM;
    return name;
}

/* Make what will be renamed to it, and remove it. */
static int try_beside(const struct xb_output *o, const char *file, struct xb_error *err)
{
    char *name = NULL;
    struct stat st;
    int rc = 0;

    if (asprintf(&name, "%s" LONGEST_END, file) < 0)
        return xb_fail(err, "out of memory");
    if (lstat(name, &st) != 0 && errno == ENAMETOOLONG)
        rc = refuse(o, err, strerror(errno));
    free(name);
    if (rc < 0)
        return rc;
    if (!(name = temporary_name(file)))
        return refuse(o, err, strerror(errno));
    int fd = open(name, TEMPORARY_FLAGS, 0600);
    if (fd >= 0) {
        close(fd);
        unlink(name);
    } else {
        rc = refuse(o, err, strerror(errno));
    }
    free(name);
    return rc;
}

static int check_file(const struct xb_output *o, bool may_be_there, struct xb_error *err)
{
    struct stat st;
    bool there = stat(o->file, &st) == 0;

    if (!o->file[0])
        return refuse(o, err, "found an empty text, expected the name of a file");
    if (xb_output_kind(o->file) == XB_OUTPUT_STDOUT)
        return 0;
    if (!there && is_link(o->file))
        return refuse(o, err, "it is a link to what is not there, expected a file");
    if (is_laid(o->file))
        return refuse(o, err,
                      "it is a link of another user in a folder where all may write, "
                      "expected a file");
    if (there && S_ISDIR(st.st_mode))
        return refuse(o, err, "it is a folder, expected a file");
    if (there && !S_ISREG(st.st_mode))
        return check_device(o, &st, err);
    if (there && is_open_as(STDERR_FILENO, &st))
        return refuse(o, err, "messages go there, expected a file of its own");
    if (there && !may_be_there) {
        struct xb_error why;
        xb_fail(&why, "it is there already%s%s%s", o->kept ? "" : "; --force replaces it",
                o->hint ? ", " : "", o->hint ? o->hint : "");
        return refuse(o, err, why.text);
    }
    char *file = xb_output_follow(o->file);
    int rc = file ? try_beside(o, file, err) : xb_fail(err, "out of memory");
    free(file);
    return rc;
}

/* ---- all of them ---- */

static int check_distinct(const struct xb_output *outputs, size_t n,
                          const struct xb_input *inputs, size_t m, struct xb_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct xb_output *o = &outputs[i];
        if (!o->file || !o->file[0])
            continue;
        for (size_t k = 0; k < i; k++)
            if (outputs[k].file && is_same(o->file, outputs[k].file))
                return xb_fail(err,
                               "%s: cannot be both the %s and the %s, expected a file for each",
                               o->file, outputs[k].what, o->what);
        for (size_t k = 0; k < m; k++)
            if (inputs[k].file && !(o->goes_on && inputs[k].goes_on) &&
                xb_output_kind(o->file) == XB_OUTPUT_FILE &&
                xb_file_same(o->file, inputs[k].file))
                return xb_fail(
                    err,
                    "%s: cannot be the %s: it is the %s, which is read; expected another file",
                    o->file, o->what, inputs[k].what);
    }
    return 0;
}

/* Is there a file that begins with these bytes? */
static bool begins_with(const char *file, const char *begin)
{
    char text[64] = "";
    struct stat st;
    bool may_be = begin && stat(file, &st) == 0 && S_ISREG(st.st_mode);
    FILE *f = may_be ? fopen(file, "re") : NULL;
    size_t n = f ? fread(text, 1, strlen(begin), f) : 0;

    if (f)
        fclose(f);
    return may_be && n == strlen(begin) && strncmp(text, begin, n) == 0;
}

/* May it be there already? */
static bool may_go(const struct xb_output *o, bool goes_on, bool force)
{
    return (force && !o->kept) || (goes_on && (o->goes_on || begins_with(o->file, o->begins)));
}

/* Is one of the outputs what they go on with? */
static bool go_on(const struct xb_output *outputs, size_t n, const struct xb_input *inputs,
                  size_t m)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < m; k++)
            if (outputs[i].goes_on && inputs[k].goes_on && outputs[i].file &&
                xb_file_same(outputs[i].file, inputs[k].file))
                return true;
    return false;
}

int xb_outputs_check(const struct xb_output *outputs, size_t n, const struct xb_input *inputs,
                     size_t m, bool force, struct xb_error *err)
{
    bool goes_on = go_on(outputs, n, inputs, m);

    if (check_distinct(outputs, n, inputs, m, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const struct xb_output *o = &outputs[i];
        if (o->file && !o->beside && check_file(o, may_go(o, goes_on, force), err) < 0)
            return -1;
    }
    return 0;
}

/* ---- writing ---- */

/* What is printed goes to fd; number is the first errno of that, or 0. */
struct sink {
    int fd, number;
    char last; /* that came in */
};

/* For fopencookie: unlike a stream's own, it waits where a pipe that others share takes nothing
 * at once. */
static ssize_t sink_write(void *cookie, const char *text, size_t len)
{
    struct sink *s = cookie;

    if (len > 0)
        s->last = text[len - 1];
    for (size_t left = len; left > 0 && s->number == 0;) {
        ssize_t n = write(s->fd, text, left);
        struct pollfd room = {.fd = s->fd, .events = POLLOUT};

        if (n < 0 && errno == EAGAIN)
            poll(&room, 1, -1);
        else if (n < 0 && errno != EINTR)
            s->number = errno;
        else if (n > 0) {
            text += n;
            left -= (size_t)n;
        }
    }
    return s->number == 0 ? (ssize_t)len : 0;
}

/* What to write. */
struct matter {
    xb_output_fn *print;
    const void *arg;
    bool exact; /* else the last line gets an end where it has none */
};

/* Returns 0 or an errno value. */
static int write_to(int fd, const struct matter *m)
{
    struct sink s = {.fd = fd};
    FILE *out = fopencookie(&s, "w", (cookie_io_functions_t){.write = sink_write});

    if (!out)
        return ENOMEM;
    int number = m->print(m->arg, out) < 0 ? ENOMEM : 0;
    fflush(out);
    if (!m->exact && s.last && s.last != '\n')
        fputc('\n', out);
    fclose(out);
    return number ? number : s.number;
}

/* A file beside this one, without a name where the file system makes such, so that a kill
 * leaves nothing of it; else with a temporary one. */
static int open_beside(const char *file, const char *temporary, bool *nameless)
{
    const char *name;
    char *folder = folder_of(file, &name);
    int fd = folder && access("/proc/self/fd", X_OK) == 0
                 ? open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666)
                 : -1;

    free(folder);
    *nameless = fd >= 0;
    return fd >= 0 ? fd : open(temporary, TEMPORARY_FLAGS, 0666);
}

static int give_name(int fd, const char *name)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, path, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

/* Returns 0 or an errno value. */
static int write_file(const char *file, const struct matter *m, bool replace)
{
    char *temporary = temporary_name(file);

    if (!temporary)
        return errno;
    bool nameless;
    int fd = open_beside(file, temporary, &nameless);
    int number = fd < 0 ? errno : write_to(fd, m);
    if (fd >= 0) {
        if (number == 0 && fsync(fd) != 0)
            number = errno;
        if (number == 0 && nameless && give_name(fd, temporary) != 0)
            number = errno;
        if (close(fd) != 0 && number == 0)
            number = errno;
        if (number == 0 &&
            (replace ? rename(temporary, file) : xb_file_name(temporary, file)) != 0)
            number = errno;
        if (number != 0)
            unlink(temporary);
        else
            xb_file_sync_folder(file);
    }
    free(temporary);
    return number;
}

static int write_device(const char *file, const struct matter *m)
{
    int fd = open(file, O_WRONLY | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return errno;
    int number = write_to(fd, m);
    if (close(fd) != 0 && number == 0)
        number = errno;
    return number;
}

static int write_stdout(const struct matter *m)
{
    fflush(stdout);
    return write_to(STDOUT_FILENO, m);
}

static int write_matter(const char *file, const struct matter *m, bool replace,
                        struct xb_error *err)
{
    char *path;
    int number = ENOMEM;

    switch (xb_output_kind(file)) {
    case XB_OUTPUT_STDOUT:
        number = write_stdout(m);
        file = "standard output";
        break;
    case XB_OUTPUT_DEVICE:
        number = write_device(file, m);
        break;
    case XB_OUTPUT_FILE:
        path = xb_output_follow(file);
        if (path)
            number = write_file(path, m, replace);
        free(path);
        break;
    }
    if (number == EEXIST)
        return xb_fail(err, "%s: cannot write: it has come to be there meanwhile", file);
    return number == 0 ? 0 : xb_fail(err, "%s: cannot write: %s", file, strerror(number));
}

int xb_output_print(const char *file, xb_output_fn *print, const void *arg, bool replace,
                    struct xb_error *err)
{
    const struct matter m = {.print = print, .arg = arg};

    return write_matter(file, &m, replace, err);
}

struct bytes {
    const void *first;
    size_t n;
};

static int print_bytes(const void *arg, FILE *out)
{
    const struct bytes *bytes = arg;

    fwrite(bytes->first, 1, bytes->n, out);
    return 0;
}

int xb_output_bytes(const char *file, const void *first, size_t n, bool replace,
                    struct xb_error *err)
{
    const struct bytes bytes = {first, n};
    const struct matter m = {.print = print_bytes, .arg = &bytes, .exact = true};

    return write_matter(file, &m, replace, err);
}

static int print_text(const void *text, FILE *out)
{
    fputs(text, out);
    return 0;
}

int xb_output_write(const char *file, const char *text, bool replace, struct xb_error *err)
{
    return xb_output_print(file, print_text, text, replace, err);
}

int xb_output_make(const char *file, const char *text, struct xb_error *err)
{
    size_t len = strlen(text);
    FILE *out = fopen(file, "wxe");

    if (!out && errno == EEXIST)
        return xb_fail(err, "%s: is there already", file);
    if (!out)
        return xb_fail(err, "%s: cannot be made: %s", file, strerror(errno));
    bool written =
        fputs(text, out) >= 0 && (len == 0 || text[len - 1] == '\n' || fputc('\n', out) != EOF);
    if (fclose(out) || !written) {
        xb_fail(err, "%s: cannot be written: %s", file, strerror(errno));
        unlink(file);
        return -1;
    }
    return 0;
}
