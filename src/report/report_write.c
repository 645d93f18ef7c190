/* report_write.c - a report into a file, whole or not at all. */
#include "report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail_write(struct xb_error *err, const char *file, int number)
{
    return xb_fail(err, "cannot write report '%s': %s", file, strerror(number));
}

/* Returns 0 or an errno value. */
static int write_all(int fd, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t n = write(fd, text, left);

        if (n < 0 && errno != EINTR)
            return errno;
        if (n > 0) {
            text += n;
            left -= (size_t)n;
        }
    }
    return 0;
}

/* Write text and a newline to a file, to the disk where it has one. Returns 0 or an errno
 * value. */
static int write_file(const char *file, const char *text, bool on_disk)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (fd < 0)
        return errno;
    int number = write_all(fd, text);
    if (number == 0)
        number = write_all(fd, "\n");
    if (number == 0 && on_disk && fsync(fd) != 0)
        number = errno;
    if (close(fd) != 0 && number == 0)
        number = errno;
    return number;
}

static int replace_file(const char *file, const char *text, struct xb_error *err)
{
    char *temporary;

    if (asprintf(&temporary, "%s.tmp.%ld", file, (long)getpid()) < 0)
        return fail_write(err, file, ENOMEM);
    int number = write_file(temporary, text, true);
    if (number == 0 && rename(temporary, file) != 0)
        number = errno;
    if (number != 0)
        unlink(temporary);
    free(temporary);
    return number == 0 ? 0 : fail_write(err, file, number);
}

int xb_report_write(const char *file, const cJSON *report, struct xb_error *err)
{
    struct stat there;
    char *text = cJSON_Print(report);
    int rc;

    if (!text)
        return fail_write(err, file, ENOMEM);
    if (stat(file, &there) == 0 && !S_ISREG(there.st_mode)) {
        int number = write_file(file, text, false);

        rc = number == 0 ? 0 : fail_write(err, file, number);
    } else {
        rc = replace_file(file, text, err);
    }
    cJSON_free(text);
    return rc;
}
