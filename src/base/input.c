/* SPDX-License-Identifier: BSD-3-Clause */
/* input.c - files that are read whole, and pipes, whose text is kept. */
#include "base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES     65536 /* first buffer of a file */
#define WRITER_WAIT_MS 10000 /* for somebody who writes to a named pipe */
#define LOOK_MS        10    /* between two looks for one */

/* What cannot be read a second time. */
struct kept {
    char *name, *text;
    size_t len;
    struct kept *next;
};
static struct kept *kept_texts;

/* Wait until a pipe that gave nothing has more, or has ended. */
static int wait_for_more(int fd, const char *file, bool has_writer, int *waited_ms, bool *ended,
                         struct xb_error *err)
{
    struct pollfd there = {.fd = fd, .events = POLLIN};

    if (poll(&there, 1, has_writer ? -1 : LOOK_MS) < 0 && errno != EINTR)
        return xb_fail(err, "%s: cannot be waited for: %s", file, strerror(errno));
    *ended = there.revents & POLLHUP && !(there.revents & POLLIN);
    if (has_writer || there.revents)
        return 0;
    *waited_ms += LOOK_MS;
    return *waited_ms < WRITER_WAIT_MS
               ? 0
               : xb_fail(err,
                         "%s: is a pipe to which nobody has written for %d s, expected a file "
                         "or a pipe with a writer",
                         file, WRITER_WAIT_MS / 1000);
}

/* Read to the end into *text, which the caller frees in any case. It grows, since a pipe does
 * not know its size. */
static int read_all(int fd, const char *file, bool pipe, size_t max_bytes, char **text,
                    size_t *len, struct xb_error *err)
{
    size_t room = 0;
    int waited_ms = 0;
    bool ended = false;

    for (*len = 0; !ended;) {
        if (room - *len < 2) {
            room = room ? room * 2 : READ_BYTES;
            char *grown = realloc(*text, room);
            if (!grown)
                return xb_fail(err, "%s: out of memory", file);
            *text = grown;
        }
        ssize_t n = read(fd, *text + *len, room - *len - 1);
        if (n > 0) {
            /* no text has a NUL: who reads it says so, and what is behind it may never end */
            ended = memchr(*text + *len, '\0', (size_t)n) != NULL;
            *len += (size_t)n;
            if (*len > max_bytes)
                return xb_fail(err, "%s: is too large: expected at most %zu bytes", file,
                               max_bytes);
        } else if (n < 0 && errno != EINTR && errno != EAGAIN) {
            return xb_fail(err, "%s: cannot be read: %s", file, strerror(errno));
        } else if (pipe && !(n == 0 && *len > 0)) {
            if (wait_for_more(fd, file, n < 0, &waited_ms, &ended, err) < 0)
                return -1;
        } else if (n == 0) {
            ended = true;
        }
    }
    (*text)[*len] = '\0';
    return 0;
}

static int copy_text(const char *file, const char *from, size_t n, char **text, size_t *len,
                     struct xb_error *err)
{
    *text = malloc(n + 1);
    if (!*text)
        return xb_fail(err, "%s: out of memory", file);
    memcpy(*text, from, n + 1);
    *len = n;
    return 0;
}

/* Keep a copy for whoever reads the name again; without memory for it he reads what is left. */
static void keep(const char *file, const char *text, size_t len)
{
    struct kept *k = calloc(1, sizeof *k);
    struct xb_error err;

    if (k && (k->name = strdup(file)) &&
        copy_text(file, text, len, &k->text, &k->len, &err) == 0) {
        k->next = kept_texts;
        kept_texts = k;
        return;
    }
    if (k)
        free(k->name);
    free(k);
}

int xb_input_text(const char *file, size_t max_bytes, char **text, size_t *len,
                  struct xb_error *err)
{
    struct stat st;

    *text = NULL;
    for (const struct kept *k = kept_texts; k; k = k->next)
        if (strcmp(k->name, file) == 0)
            return copy_text(file, k->text, k->len, text, len, err);
    /* a named pipe without a writer would not open */
    bool pipe = stat(file, &st) == 0 && S_ISFIFO(st.st_mode);
    int fd = open(file, O_RDONLY | O_CLOEXEC | (pipe ? O_NONBLOCK : 0));
    if (fd < 0)
        return xb_fail(err, "%s: cannot be opened: %s", file, strerror(errno));
    int rc = read_all(fd, file, pipe, max_bytes, text, len, err);
    if (rc == 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
        keep(file, *text, *len);
    close(fd);
    if (rc) {
        free(*text);
        *text = NULL;
    }
    return rc;
}
