/* SPDX-License-Identifier: BSD-3-Clause */
/* test_steps.c - progress as a line of so many columns, and as lines now and then. */
#include "base/steps.h"

#include "base/screen.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const struct xb_step step = {.where = "[pass 2/6 13/240]",
                                    .what =
                                        "stream/p2p[engine=ce,side=push]/gpu->gpu@node/64MiB",
                                    .result = "ok, 412.3 GB/s",
                                    .why = "",
                                    .left = ", about 35 s left"};

static void test_line(void)
{
    static const struct {
        size_t columns;
        const char *want;
    } rows[] = {
        {120,
         "[pass 2/6 13/240] stream/p2p[engine=ce,side=push]/gpu->gpu@node/64MiB: ok, 412.3 "
         "GB/s, about 35 s left"},
        {80,
         "[pass 2/6 13/240] stream/p2p[en...pu@node/64MiB: ok, 412.3 GB/s, about 35 s left"},
        {66, "[pass 2/6 13/240] stream/p2p[engi...gpu@node/64MiB: ok, 412.3 GB/s"},
        {50, "[pass 2/6 13/240] stream/.../64MiB: ok, 412.3 GB/s"},
        {30, "[pass 2/6 13/2...k, 412.3 GB/s"},
        {5, "[...s"},
        {0, ""},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        char line[256];
        xb_step_line(&step, rows[i].columns, line, sizeof line);
        is_str(line, rows[i].want, "a line");
    }
    for (size_t columns = 0; columns < 130; columns++) {
        char line[256];
        xb_step_line(&step, columns, line, sizeof line);
        if (xb_screen_text_width(line) > columns)
            is_int((long long)xb_screen_text_width(line), (long long)columns, "it fits");
    }
}

static void test_wild(void)
{
    struct xb_step wild = step;
    char line[256];

    wild.what = "a\033[2Jb\nc";
    xb_step_line(&wild, 100, line, sizeof line);
    is_str(line, "[pass 2/6 13/240] a?[2Jb?c: ok, 412.3 GB/s, about 35 s left", "nothing acts");
}

static void test_text(void)
{
    struct xb_step failed = step;
    char text[256];

    failed.what = "id";
    failed.result = "failed";
    failed.why = "out of handles";
    xb_step_text(&failed, text, sizeof text);
    is_str(text, "[pass 2/6 13/240] id: failed: out of handles, about 35 s left", "of a log");
}

/* The first one, those that matter, and others after a while. */
static void test_due(void)
{
    static const struct {
        double at_s;
        bool matters, due;
    } rows[] = {
        {100, false, true},  {100.001, false, false}, {104.9, false, false}, {105, false, true},
        {105.1, true, true}, {109, false, false},     {110.2, false, true},  {500, false, true},
    };
    struct xb_steps_log log = {.begun = false};

    for (size_t i = 0; i < ROWS(rows); i++)
        is_int(xb_steps_due(&log, rows[i].at_s, rows[i].matters), rows[i].due, "a line is due");
}

int main(void)
{
    test_line();
    test_wild();
    test_text();
    test_due();
    return done_testing();
}
