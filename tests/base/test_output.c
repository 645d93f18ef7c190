/* SPDX-License-Identifier: BSD-3-Clause */
/* test_output.c - what may be written is known beforehand; what is there is not lost. */
#include "base/output.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tap.h"
#include "tests/text_file.h"

static void put(const char *file, const char *text)
{
    FILE *f = fopen(file, "w");

    if (!f || fputs(text, f) == EOF || fclose(f) != 0) {
        perror(file);
        exit(1);
    }
}

static void test_kinds(void)
{
    is_int(xb_output_kind("-"), XB_OUTPUT_STDOUT, "- is standard output");
    is_int(xb_output_kind("new"), XB_OUTPUT_FILE, "what is not there will be a file");
    is_int(xb_output_kind("old"), XB_OUTPUT_FILE, "a file is one");
    is_int(xb_output_kind("/dev/null"), XB_OUTPUT_DEVICE, "a device is none");
    fflush(stdout);
    int kept = dup(STDOUT_FILENO), fd = open("taken", O_WRONLY | O_CREAT, 0600);
    dup2(fd, STDOUT_FILENO);
    int kind = xb_output_kind("taken");
    dup2(kept, STDOUT_FILENO);
    close(fd);
    close(kept);
    is_int(kind, XB_OUTPUT_STDOUT, "the file that standard output goes to is that");
    unlink("taken");
}

/* An output by two names, or that is read. */
static void test_names(void)
{
    static const struct {
        const char *what, *one, *two, *read;
        bool force;
        const char *error;
    } rows[] = {
        {"two files", "new", "newer", "old", false, ""},
        {"none asked for", NULL, NULL, NULL, false, ""},
        {"a file that is there", "old", NULL, NULL, false,
         "old: cannot be the one: it is there"},
        {"by force", "old", NULL, NULL, true, ""},
        {"one name twice", "new", "new", NULL, true, "new: cannot be both the one and the two"},
        {"through the folder", "new", "./new", NULL, true, "./new: cannot be both"},
        {"through a linked folder", "new", "here/new", NULL, true, "here/new: cannot be both"},
        {"a folder that is not there", "no/new", "no/new", NULL, true,
         "no/new: cannot be both"},
        {"an input", "old", NULL, "old", true, "old: cannot be the one: it is the input"},
        {"by a hard link", "hard", NULL, "old", true,
         "hard: cannot be the one: it is the input"},
        {"by a link", "old", NULL, "soft", true, "old: cannot be the one: it is the input"},
        {"a device twice", "/dev/null", "/dev/null", NULL, false, ""},
        {"standard output twice", "-", "-", NULL, false, "-: cannot be both"},
        {"no name", "", NULL, NULL, true,
         "'': cannot be the one: found an empty text, expected the name of a file"},
        {"a folder", ".", NULL, NULL, true, ".: cannot be the one: it is a folder"},
        {"a pipe", "fifo", NULL, NULL, true, "fifo: cannot be the one: it is a pipe"},
        {"a link to nothing", "lost", NULL, NULL, true,
         "lost: cannot be the one: it is a link"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct xb_output out[] = {{.what = "one", .file = rows[i].one},
                                        {.what = "two", .file = rows[i].two}};
        const struct xb_input in = {"input", rows[i].read, false};
        struct xb_error err = {""};
        int rc = xb_outputs_check(out, 2, &in, 1, rows[i].force, &err);
        is_int(rc, rows[i].error[0] ? -1 : 0, rows[i].what);
        contains(err.text, rows[i].error, "what is said of it");
    }
    ok(access("new", F_OK) != 0, "nothing is made");
    is_str(content_of("old"), "old\n", "nothing is changed");
}

/* What is resumed may be replaced by what goes on with it, and by nothing else. */
static void test_going_on(void)
{
    struct xb_output out[] = {{.what = "report", .file = "old", .goes_on = true},
                              {.what = "trace", .file = "new"}};
    const struct xb_input in = {"resumed", "soft", true};
    struct xb_error err = {""};

    is_int(xb_outputs_check(out, 2, &in, 1, false, &err), 0, "a report goes on with itself");
    out[1].file = "hard";
    is_int(xb_outputs_check(out, 2, &in, 1, false, &err), -1, "and is not its trace");
    out[1].file = "other";
    put("other", "");
    is_int(xb_outputs_check(out, 2, &in, 1, false, &err), -1, "nor may a trace be there");
    contains(err.text, "other: cannot be the trace: it is there already", "as is said");
    unlink("other");
}

/* What is written ends its last line, once; nothing has none. */
static void test_line_ends(void)
{
    static const struct {
        const char *text, *file;
    } rows[] = {{"a", "a\n"}, {"a\n", "a\n"}, {"a\r\n", "a\r\n"}, {"a\n\n", "a\n\n"}, {"", ""}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        is_int(xb_output_write("ends", rows[i].text, true, NULL), 0, "a text is written");
        is_str(content_of("ends"), rows[i].file, "and ends its last line");
    }
    unlink("ends");
}

static void test_write(void)
{
    struct xb_error err = {""};

    is_int(xb_output_write("old", "new", false, &err), -1, "a file that is there");
    contains(err.text, "old: cannot write: it has come to be there meanwhile", "stays");
    is_str(content_of("old"), "old\n", "as it was");
    is_int(xb_output_write("soft", "new", true, &err), 0, "a link");
    is_str(content_of("old"), "new\n", "is written through");
    is_str(content_of("soft"), "new\n", "and leads there");
    is_int(xb_output_write("new", "x", false, &err), 0, "a new file");
    is_str(content_of("new"), "x\n", "is written");
    unlink("new");
    is_int(xb_output_write("/dev/null", "x", false, &err), 0, "a device is written to");
    is_int(xb_output_write("/dev/full", "x", true, &err), -1, "unless it is full");
    contains(err.text, "/dev/full: cannot write: No space left on device", "as is said");
}

/* Of a file that cannot be written to its end nothing stays. */
static void test_make(void)
{
    struct xb_error err = {""};
    struct rlimit before, small;

    getrlimit(RLIMIT_FSIZE, &before);
    small = (struct rlimit){.rlim_cur = 4, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    fflush(stdout);
    setrlimit(RLIMIT_FSIZE, &small);
    int rc = xb_output_make("made", "more than four", &err);
    setrlimit(RLIMIT_FSIZE, &before);
    is_int(rc, -1, "a file that may not grow is not made");
    contains(err.text, "made: cannot be written: File too large", "as is said");
    ok(access("made", F_OK) != 0, "and nothing is left of it");
    is_int(xb_output_make("made", "all", &err), 0, "one that may is made");
    is_str(content_of("made"), "all\n", "to its end");
    is_int(xb_output_make("made", "again", &err), -1, "and not made again");
    is_str(content_of("made"), "all\n", "but stays as it was");
    unlink("made");
}

static int die(const void *arg, FILE *out)
{
    (void)arg;
    fputs("half of it", out);
    fflush(out);
    raise(SIGKILL);
    return 0;
}

/* How many names begin like this? */
static int count_names(const char *begin)
{
    DIR *dir = opendir(".");
    int n = 0;

    for (struct dirent *d; dir && (d = readdir(dir));)
        n += strncmp(d->d_name, begin, strlen(begin)) == 0;
    closedir(dir);
    return n;
}

static void test_killed(void)
{
    int fd = open(".", O_TMPFILE | O_WRONLY, 0600), status = 0;

    close(fd);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        xb_output_print("killed", die, NULL, false, NULL);
        _exit(0);
    }
    waitpid(child, &status, 0);
    ok(child > 0 && WIFSIGNALED(status), "a program is killed while it writes");
    is_int(count_names("killed"), fd < 0, "what it wrote is left only where files need names");
}

int main(void)
{
    char dir[] = "test_output.XXXXXX";

    if (!ok(mkdtemp(dir) != NULL && chdir(dir) == 0, "a folder to write to"))
        return done_testing();
    put("old", "old\n");
    if (link("old", "hard") != 0 || symlink("old", "soft") != 0 || symlink(".", "here") != 0 ||
        symlink("nothing", "lost") != 0 || mkfifo("fifo", 0600) != 0)
        return 1;
    test_kinds();
    test_names();
    test_going_on();
    test_line_ends();
    test_write();
    test_make();
    test_killed();
    static const char *const made[] = {"old", "hard", "soft", "here", "lost", "fifo"};
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
        unlink(made[i]);
    ok(chdir("..") == 0 && rmdir(dir) == 0, "nothing is left there");
    return done_testing();
}
