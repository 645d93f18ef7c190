/* SPDX-License-Identifier: BSD-3-Clause */
/* test_report_scan.c - reports read case by case, beside the same read as a whole. */
#include "report/report_scan.h"

#include <unistd.h>

#include "base/input.h"
#include "tests/report/made_report.h"
#include "tests/tap.h"

static const char *const members[] = {
    "id", "status", "reason", "time_us", "carried_by", "passes_us", "schedule", "lanes", NULL};
static const char *const once[] = {"key", NULL};

struct seen {
    struct xb_report whole;
    size_t n, begun, wrong, keys, lanes;
    size_t stop; /* at this case; from 1 */
};

static bool is_second(const char *id, size_t len, void *arg)
{
    (void)arg;
    return len > 4 && memcmp(id + len - 4, "8KiB", 4) == 0;
}

static int begin(const struct xb_report *head, void *arg, struct xb_error *err)
{
    struct seen *seen = arg;

    (void)err;
    seen->begun += head->ranks.n == seen->whole.ranks.n;
    return 0;
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static int visit(const struct xb_report *head, const struct xb_report_case *c, void *arg,
                 struct xb_error *err)
{
    struct seen *seen = arg;
    const struct xb_report_case *want = xb_report_case_at(&seen->whole, seen->n++);

    seen->wrong +=
        strcmp(c->id, want->id) != 0 || c->status != want->status ||
        !same(c->time_us.median, want->time_us.median) || c->passes_us.n != want->passes_us.n ||
        !same(c->carried_by.by[0], want->carried_by.by[0]) || c->schedule != want->schedule ||
        head->schedules.n == 0 || (c->lanes.n != want->lanes.n && want->lanes.n > 1);
    seen->keys += c->key.method != NULL;
    seen->lanes += c->lanes.n;
    return seen->n == seen->stop ? xb_fail(err, "no more") : 0;
}

static struct xb_report_reader reader_of(struct seen *seen)
{
    return (struct xb_report_reader){.members = members,
                                     .once = once,
                                     .is_new = is_second,
                                     .begin = begin,
                                     .visit = visit,
                                     .arg = seen};
}

static int count_times(const struct xb_report *head, const struct xb_report_case *c, void *arg,
                       struct xb_error *err)
{
    struct seen *seen = arg;

    (void)head;
    (void)err;
    seen->n += c->time_us.there;
    seen->keys += c->passes_us.n > 1;
    return 0;
}

/* Of cases with passes, their median says no more. */
static void test_spare(const char *file, size_t times, size_t passes)
{
    struct seen seen = {.n = 0};
    struct xb_report_reader reader = {.members = members,
                                      .spare = "time_us",
                                      .instead = "passes_us",
                                      .visit = count_times,
                                      .arg = &seen};

    is_int(xb_report_scan(file, &reader, NULL), 0, "what is spare is left out");
    is_int((int)seen.n, (int)times, "where there are passes");
    is_int((int)seen.keys, (int)passes, "which stay");
}

static void test_same(const char *file, size_t keys, size_t lanes)
{
    struct seen seen = {.n = 0};
    struct xb_report_reader reader = reader_of(&seen);
    struct xb_error err = {""};

    is_int(xb_report_load(file, &seen.whole, &err), 0, file);
    is_int(xb_report_scan(file, &reader, &err), 0, "is read case by case");
    is_str(err.text, "", "without a word");
    is_int((int)seen.n, (int)seen.whole.cases.n, "every case");
    is_int((int)seen.begun, 1, "behind what they have in common");
    is_int((int)seen.wrong, 0, "is as in the whole");
    is_int((int)seen.keys, (int)keys, "with its key where that is asked for");
    is_int((int)seen.lanes, (int)lanes, "and its lanes where there are several");
    seen.n = 0;
    seen.stop = 2;
    is_int(xb_report_scan(file, &reader, &err), -1, "who reads may end it");
    is_str(err.text, "no more", "with a reason");
    xb_report_release(&seen.whole);
}

/* Files in which something is wrong: words replaced in one that is well. */
static const struct {
    const char *name, *from, *to, *error;
} faults[] = {
    {"a status that is none", "\"status\":\t\"ok\",\n\t\t\t\"reason\"",
     "\"status\": \"on\", \"reason\"", "cases[0].status"},
    {"no id", "\"id\":\t\"stream", "\"ip\":\t\"stream", "cases[0]: the key \"id\" is missing"},
    {"a schedule that is not there", "\"schedule\":\t0", "\"schedule\": 7",
     "schedule 7, expected one of the 1"},
    {"a comma too many", "\"cases\":\t[", "\"cases\":\t[,", "not valid JSON"},
    {"no cases", "\"cases\"", "\"kases\"", "the key \"cases\" is missing"},
    {"another file", "xferbench-report", "xferbench-policy", "schema.name"},
    {"a key twice", "\"id\":\t\"", "\"id\": \"x\", \"id\": \"", "stands twice"},
};

static void write_text(const char *file, const char *text)
{
    FILE *out = fopen(file, "w");

    fputs(text, out);
    fclose(out);
}

static char *replaced(const char *text, const char *from, const char *to)
{
    char *at = strstr(text, from), *out = malloc(strlen(text) + strlen(to) + 1);

    if (at)
        sprintf(out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return at ? out : NULL;
}

static void test_faults(const char *file)
{
    char *text;
    size_t len;
    struct xb_error err = {""};

    is_int(xb_input_text(file, 1 << 24, &text, &len, &err), 0, "a report to spoil");
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct seen seen = {.n = 0};
        struct xb_report_reader reader = reader_of(&seen);
        char *spoilt = replaced(text, faults[i].from, faults[i].to);
        reader.begin = NULL;
        reader.visit = NULL;
        if (!ok(spoilt != NULL, faults[i].name))
            continue;
        write_text("spoilt.json", spoilt);
        xb_report_empty(&seen.whole);
        err.text[0] = '\0';
        is_int(xb_report_scan("spoilt.json", &reader, &err), -1, "is no report");
        contains(err.text, "spoilt.json", "its file is named");
        contains(err.text, faults[i].error, "and what is wrong");
        free(spoilt);
    }
    unlink("spoilt.json");
    free(text);
}

int main(void)
{
    const struct made one = {.cases = 8, .lanes = 1, .factor = 1},
                      many = {.cases = 4, .lanes = 12, .factor = 1, .skipped = "*mpi*"};
    const struct made *const rows[] = {&one, &many};
    char old[512], dir[] = "/tmp/xb-test-scan-XXXXXX";

    if (!mkdtemp(dir) || chdir(dir) != 0)
        return 1;
    for (size_t i = 0; i < 2; i++) {
        struct xb_report report;
        struct xb_error err = {""};
        made_report(rows[i], &report, &err);
        is_int(xb_report_save(&report, "made.json", true, &err), 0, "a report");
        xb_report_release(&report);
        test_same("made.json", i == 0 ? 3 : 0, i == 0 ? 0 : 36);
        test_spare("made.json", 0, i == 0 ? 8 : 3);
        if (i == 0)
            test_faults("made.json");
    }
    const struct made once_over = {.cases = 4, .lanes = 1, .factor = 1, .passes = 1};
    struct xb_report report;
    made_report(&once_over, &report, NULL);
    xb_report_save(&report, "made.json", true, NULL);
    xb_report_release(&report);
    test_spare("made.json", 4, 0);
    unlink("made.json");
    rmdir(dir);
    snprintf(old, sizeof old, "%s/results/1xh200-2026-11-21/overlap.json", getenv("XB_SRCDIR"));
    if (access(old, R_OK) == 0)
        test_same(old, 48, 48); /* of version 1: all of it is read */
    return done_testing();
}
