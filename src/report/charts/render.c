/* SPDX-License-Identifier: BSD-3-Clause */
/* render.c - charts go as JSON to a script that draws them, and come back as text.
 *
 * What goes in and what comes out stand in files without names, so that neither side waits for
 * the other; the script's messages come through a pipe, whose end is the script's.
 */
#include "report/charts/render.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"

#define SCRIPT      "render-charts.py"
#define PACKAGE     "vl-convert-python"
#define NO_PACKAGE  3   /* how the script ends without it */
#define LIMIT_S     300 /* for all charts: a tenth of a second each is usual */
#define MESSAGE_LEN 400

enum { DRAWN, NOTHING_TO_DRAW_WITH, FAILED = -1 };

/* ---- the script ---- */

/* Where the script is: in $XFERBENCH_SCRIPTS; in scripts/ beside the program, as in a build
 * tree; where the program's own data are when it is installed, wherever that tree has moved to;
 * or where it was to be installed. */
static bool find_script(char path[PATH_MAX], struct xb_error *err)
{
    char exe[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    const char *given = getenv("XFERBENCH_SCRIPTS");

    exe[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(exe, '/');
    if (slash)
        *slash = '\0';
    const struct {
        const char *folder, *below;
    } places[] = {{given, ""},
                  {slash ? exe : NULL, "/scripts"},
                  {slash ? exe : NULL, "/../share/xferbench/scripts"},
                  {XB_SCRIPT_DIR, ""}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (places[i].folder &&
            snprintf(path, PATH_MAX, "%s%s/" SCRIPT, places[i].folder, places[i].below) <
                PATH_MAX &&
            access(path, R_OK) == 0)
            return true;
    xb_fail(err,
            "charts cannot be drawn: the script " SCRIPT
            " is not there; looked in %s%s%s/scripts, %s/../share/xferbench/scripts "
            "and " XB_SCRIPT_DIR,
            given ? given : "", given ? ", " : "", slash ? exe : ".", slash ? exe : ".");
    return false;
}

static const char *python(void)
{
    const char *given = getenv("XFERBENCH_PYTHON");

    return given && given[0] ? given : "python3";
}

/* A script that runs: its process, and the end of the pipe that its messages come from. */
struct running {
    pid_t pid;
    int messages;
};

/* 0, or an errno. */
static int start(const char *script, int in, int out, struct running *running)
{
    char *argv[] = {(char *)(uintptr_t)python(), (char *)(uintptr_t)script, NULL};
    posix_spawn_file_actions_t actions;
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return errno;
    int rc = posix_spawn_file_actions_init(&actions);
    if (rc == 0) {
        posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
        rc = posix_spawnp(&running->pid, argv[0], &actions, NULL, argv, environ);
        posix_spawn_file_actions_destroy(&actions);
    }
    close(ends[1]);
    running->messages = ends[0];
    if (rc != 0)
        close(ends[0]);
    return rc;
}

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Keep the last of what is said. */
static void keep_end(char kept[MESSAGE_LEN], const char *more, size_t n)
{
    size_t had = strlen(kept), room = MESSAGE_LEN - 1;

    if (n > room) {
        more += n - room;
        n = room;
    }
    if (had + n > room) {
        memmove(kept, kept + had + n - room, room - n);
        had = room - n;
    }
    memcpy(kept + had, more, n);
    kept[had + n] = '\0';
}

/* Wait for the script's end, and no longer than it may take. How it ended, as of waitpid, or -1
 * where it had to be ended; said is the end of its messages. */
static int await(const struct running *running, char said[MESSAGE_LEN])
{
    const double end = now_s() + LIMIT_S;
    bool late = false;
    int status = 0;

    said[0] = '\0';
    for (;;) {
        struct pollfd fd = {.fd = running->messages, .events = POLLIN};
        double left = end - now_s();
        char more[MESSAGE_LEN];
        int ready = left > 0 ? poll(&fd, 1, (int)(left * 1000) + 1) : 0;
        if (ready < 0 && errno == EINTR)
            continue;
        ssize_t n = ready > 0 ? read(running->messages, more, sizeof more) : 0;
        late = ready == 0;
        if (n <= 0)
            break;
        keep_end(said, more, (size_t)n);
    }
    close(running->messages);
    if (late)
        kill(running->pid, SIGKILL);
    while (waitpid(running->pid, &status, 0) < 0 && errno == EINTR)
        ;
    return late ? -1 : status;
}

/* The last line of what was said. */
static const char *last_line(char said[MESSAGE_LEN])
{
    size_t n = strlen(said);

    while (n > 0 && strchr(" \t\r\n", said[n - 1]))
        said[--n] = '\0';
    const char *line = strrchr(said, '\n');
    return !said[0] ? "it gave no reason" : line ? line + 1 : said;
}

/* Run the script between two open files; what the header says. */
static int run_script(int in, int out, struct xb_error *err)
{
    char script[PATH_MAX], said[MESSAGE_LEN];
    struct running running = {0};

    if (!find_script(script, err))
        return NOTHING_TO_DRAW_WITH;
    int failed = start(script, in, out, &running);
    if (failed) {
        xb_fail(err, "charts are drawn by Python 3, and %s cannot be started: %s", python(),
                strerror(failed));
        return failed == ENOENT || failed == EACCES ? NOTHING_TO_DRAW_WITH : FAILED;
    }
    int status = await(&running, said);
    if (status == 0)
        return DRAWN;
    if (status > 0 && WIFEXITED(status) && WEXITSTATUS(status) == NO_PACKAGE) {
        xb_fail(err,
                "charts are drawn by the Python package " PACKAGE
                ", which %s does not have: install it, \"%s -m pip install " PACKAGE "\"",
                python(), python());
        return NOTHING_TO_DRAW_WITH;
    }
    /* As shells say that a program is not there. */
    if (status > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        xb_fail(err, "charts are drawn by Python 3, and %s cannot be started", python());
        return NOTHING_TO_DRAW_WITH;
    }
    if (status < 0)
        return xb_fail(err, "charts were not drawn within %d s", LIMIT_S);
    return xb_fail(err, "charts were not drawn: %s", last_line(said));
}

/* ---- what goes in ---- */

static bool add_chart(cJSON *list, const struct xb_chart *chart)
{
    cJSON *item = cJSON_CreateObject();

    return item && cJSON_AddItemToArray(list, item) &&
           cJSON_AddStringToObject(item, "id", chart->id) &&
           cJSON_AddStringToObject(item, "title", chart->title) &&
           cJSON_AddStringToObject(item, "description", chart->description) &&
           cJSON_AddItemReferenceToObject(item, "spec", chart->spec) &&
           cJSON_AddItemReferenceToObject(item, "rows", chart->rows);
}

/* The charts as the script reads them; the caller frees it; NULL when out of memory. */
static char *write_request(const struct xb_chart *chart, size_t n, const char *format,
                           bool bundle)
{
    cJSON *root = cJSON_CreateObject(), *list = NULL;
    char *text = NULL;
    bool good = root && cJSON_AddStringToObject(root, "format", format) &&
                cJSON_AddBoolToObject(root, "bundle", bundle) &&
                (list = cJSON_AddArrayToObject(root, "charts"));

    for (size_t i = 0; good && i < n; i++)
        good = add_chart(list, &chart[i]);
    if (good)
        text = xb_json_print(root, false);
    cJSON_Delete(root);
    return text;
}

static bool write_whole(int fd, const char *text)
{
    for (size_t len = strlen(text), at = 0; at < len;) {
        ssize_t n = write(fd, text + at, len - at);
        if (n < 0 && errno != EINTR)
            return false;
        at += n > 0 ? (size_t)n : 0;
    }
    return lseek(fd, 0, SEEK_SET) == 0;
}

/* ---- what comes out ---- */

/* All that stands in a file, as JSON that the caller deletes; NULL where it is none. */
static cJSON *read_answer(int fd)
{
    struct stat about;
    cJSON *root = NULL;
    char *text = fstat(fd, &about) == 0 ? malloc((size_t)about.st_size + 1) : NULL;
    size_t n = 0;

    while (text && n < (size_t)about.st_size) {
        ssize_t more = pread(fd, text + n, (size_t)about.st_size - n, (off_t)n);
        if (more == 0 || (more < 0 && errno != EINTR))
            break;
        n += more > 0 ? (size_t)more : 0;
    }
    if (text && n == (size_t)about.st_size)
        root = cJSON_ParseWithLength(text, n);
    free(text);
    return root;
}

/* Draw n charts; *answer is the script's, which the caller deletes, with n drawings. */
static int draw(const struct xb_chart *chart, size_t n, const char *format, bool bundle,
                cJSON **answer, struct xb_error *err)
{
    char *request = write_request(chart, n, format, bundle);
    int in = xb_file_nameless(), out = xb_file_nameless(), rc;

    *answer = NULL;
    if (!request)
        rc = xb_fail(err, "out of memory for charts");
    else if (in < 0 || out < 0 || !write_whole(in, request))
        rc = xb_fail(err, "a file for charts cannot be written: %s", strerror(errno));
    else
        rc = run_script(in, out, err);
    free(request);
    if (rc == 0) {
        *answer = read_answer(out);
        const cJSON *drawn = cJSON_GetObjectItemCaseSensitive(*answer, "drawn");
        bool good = cJSON_IsArray(drawn) && (size_t)cJSON_GetArraySize(drawn) == n;
        const cJSON *item;
        cJSON_ArrayForEach(item, drawn)
        {
            good = good && cJSON_IsString(item);
        }
        if (!good)
            rc = xb_fail(err, "charts were not drawn: what came back is not %zu drawings", n);
    }
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return rc;
}

int xb_render_svg(struct xb_charts *charts, char **bundle, struct xb_error *err)
{
    cJSON *answer;
    int rc = draw(charts->chart, charts->n, "svg", bundle != NULL, &answer, err);
    const cJSON *drawn = cJSON_GetObjectItemCaseSensitive(answer, "drawn"), *item;
    const char *script =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "bundle"));
    size_t i = 0;

    if (bundle)
        *bundle = NULL;
    if (rc == 0 && bundle && !script)
        rc = xb_fail(err, "charts were not drawn: no script came back with them");
    if (rc == 0 && bundle && !(*bundle = strdup(script)))
        rc = xb_fail(err, "out of memory for charts");
    cJSON_ArrayForEach(item, drawn)
    {
        struct xb_chart *chart = &charts->chart[i++];
        if (rc != 0)
            break;
        free(chart->svg);
        chart->svg = strdup(item->valuestring);
        if (!chart->svg)
            rc = xb_fail(err, "out of memory for charts");
    }
    cJSON_Delete(answer);
    return rc;
}

/* ---- base64 ---- */

static int digit_of(char c)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* How many bytes text stands for, which are written to out. */
static size_t decode(const char *text, unsigned char *out)
{
    unsigned bits = 0;
    size_t n = 0, held = 0;

    for (; digit_of(*text) >= 0; text++) {
        bits = (bits << 6 | (unsigned)digit_of(*text)) & 0xffffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[n++] = (unsigned char)(bits >> held);
        }
    }
    return n;
}

int xb_render_png(const struct xb_charts *charts, struct xb_picture *out, struct xb_error *err)
{
    cJSON *answer;
    int rc = draw(charts->chart, charts->n, "png", false, &answer, err);
    const cJSON *drawn = cJSON_GetObjectItemCaseSensitive(answer, "drawn"), *item;
    size_t i = 0;

    for (size_t k = 0; k < charts->n; k++)
        out[k] = (struct xb_picture){NULL, 0};
    cJSON_ArrayForEach(item, drawn)
    {
        struct xb_picture *picture = &out[i++];
        if (rc != 0)
            break;
        picture->png = malloc(strlen(item->valuestring) + 1);
        if (picture->png)
            picture->size = decode(item->valuestring, picture->png);
        else
            rc = xb_fail(err, "out of memory for charts");
    }
    cJSON_Delete(answer);
    return rc;
}
