/* SPDX-License-Identifier: BSD-3-Clause */
/* test_report_write.c - a report's file is whole or as it was. */
#include "report/report.h"

#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/report/made_report.h"
#include "tests/tap.h"

/* What a file holds, cut at a buffer's length. */
static const char *content_of(const char *file)
{
    static char text[256];
    int fd = open(file, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

    text[n > 0 ? n : 0] = '\0';
    if (fd >= 0)
        close(fd);
    return text;
}

/* How many files lie beside one that a report is written to first. */
static long long temporaries(const char *file)
{
    char pattern[128];
    glob_t found;

    snprintf(pattern, sizeof(pattern), "%s.tmp.*", file);
    long long n = glob(pattern, 0, NULL, &found) == 0 ? (long long)found.gl_pathc : 0;
    globfree(&found);
    return n;
}

static void test_write(const char *dir)
{
    char file[64], guessed[128], missing[64];
    struct xb_error err;
    cJSON *old = cJSON_Parse("{\"n\":[1,2]}"), *new = cJSON_Parse("{}");

    snprintf(file, sizeof(file), "%s/r.json", dir);
    snprintf(missing, sizeof(missing), "%s/no/r.json", dir);
    is_int(xb_report_write(file, old, true, &err), 0, "write a report");
    is_str(content_of(file), "{\n\t\"n\":\t[1, 2]\n}\n", "it is there");
    is_int(temporaries(file), 0, "no temporary file stays");

    snprintf(guessed, sizeof(guessed), "%s.tmp.%ld", file, (long)getpid());
    mkdir(guessed, 0700);
    is_int(xb_report_write(file, new, true, &err), 0, "replace a report");
    is_str(content_of(file), "{\n}\n", "wholly, whatever lies where a number tells the name");
    rmdir(guessed);
    is_int(xb_report_write(missing, new, true, &err), -1, "no such directory");
    contains(err.text, missing, "the error names the file");
    contains(err.text, "No such file or directory", "and the reason");
    unlink(file);
    cJSON_Delete(old);
    cJSON_Delete(new);
}

/* As on a full disk: the limit on a file's size stops the write after its first byte. Nothing
 * is printed under the limit, which holds for standard output too. */
static int write_limited(const char *file, const cJSON *report, struct xb_error *err)
{
    struct rlimit before, limit;

    fflush(stdout);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = 1;
    setrlimit(RLIMIT_FSIZE, &limit);
    int rc = xb_report_write(file, report, true, err);
    setrlimit(RLIMIT_FSIZE, &before);
    return rc;
}

static void test_full_disk(const char *dir)
{
    char file[64];
    struct xb_error err;
    cJSON *report = cJSON_Parse("{}");

    snprintf(file, sizeof(file), "%s/r.json", dir);
    is_int(xb_report_write(file, report, true, &err), 0, "a report while there is room");
    is_int(write_limited(file, report, &err), -1, "no room for the next");
    contains(err.text, "File too large", "as the error says");
    is_str(content_of(file), "{\n}\n", "the old report is as before");
    is_int(temporaries(file), 0, "and no half one stays");
    unlink(file);
    cJSON_Delete(report);
}

static void test_write_elsewhere(const char *dir)
{
    char fifo[64];
    struct xb_error err;
    struct stat there;
    cJSON *report = cJSON_Parse("{}");

    snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
    mkfifo(fifo, 0600);
    int reader = open(fifo, O_RDONLY | O_NONBLOCK);
    is_int(xb_report_write(fifo, report, true, &err), 0, "write a report into a pipe");
    ok(stat(fifo, &there) == 0 && S_ISFIFO(there.st_mode), "which is not replaced");

    char text[16] = "";
    ok(read(reader, text, sizeof(text) - 1) > 0, "and carries");
    is_str(text, "{\n}\n", "the report");
    close(reader);
    unlink(fifo);
    is_int(xb_report_write(dir, report, true, &err), -1, "a directory is no file");
    contains(err.text, "Is a directory", "as the error says");
    cJSON_Delete(report);
}

/* What is printed part by part is what cJSON makes of the whole: lists in lists, too. */
static void test_print(void)
{
    const struct made m = {.cases = 2, .lanes = 12, .factor = 1};
    struct xb_report report;
    struct xb_error err = {""};
    char *printed = NULL;
    size_t len;

    is_int(made_report(&m, &report, &err), 0, "a report of cases with lanes");
    FILE *out = open_memstream(&printed, &len);
    is_int(xb_report_print(&report, out), 0, "is printed");
    fclose(out);
    cJSON *json = xb_report_json(&report);
    char *whole = xb_json_print(json, true);
    is_str(printed, whole, "as the whole of it would be");
    free(whole);
    free(printed);
    cJSON_Delete(json);
    xb_report_release(&report);
}

int main(void)
{
    char dir[] = "test_report.XXXXXX";

    if (ok(mkdtemp(dir) != NULL, "a directory to write to")) {
        test_write(dir);
        test_full_disk(dir);
        test_write_elsewhere(dir);
        rmdir(dir);
    }
    test_print();
    return done_testing();
}
