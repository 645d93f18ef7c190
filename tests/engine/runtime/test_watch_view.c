/* SPDX-License-Identifier: BSD-3-Clause */
/* test_watch_view.c - what is thought of ranks by what they show, and how it is said. */
#include "engine/runtime/watch_view.h"

#include <signal.h>
#include <stdlib.h>

#include "tests/tap.h"

#define PATIENCE_S 30.0

/* Ranks that are well, all in the same case. */
static void all_well(struct xb_watch_view *views, size_t n)
{
    memset(views, 0, n * sizeof *views);
    for (size_t i = 0; i < n; i++) {
        views[i].rank = (int32_t)i;
        views[i].pid = 100 + (int32_t)i;
        views[i].waits_for = XB_WAIT_NOBODY;
        views[i].state = 'R';
        views[i].since_s = 12;
        views[i].over_s = -1;
        snprintf(views[i].place, sizeof views[i].place, "n%zu", i / 2);
        snprintf(views[i].step, sizeof views[i].step, "case 3 of 9: stream");
    }
}

static void check(const char *name, const struct xb_watch_view *views, size_t n,
                  enum xb_watch_cause cause, int who, const char *part)
{
    struct xb_watch_verdict v = xb_watch_judge(views, n, PATIENCE_S);

    is_int(v.cause, cause, name);
    if (cause != XB_CAUSE_NONE)
        is_int(v.who, who, name);
    ok(strstr(v.text, part), name);
    if (!strstr(v.text, part))
        printf("# %s\n", v.text);
}

static void test_judge(void)
{
    struct xb_watch_view v[4];

    all_well(v, 4);
    check("all are well", v, 4, XB_CAUSE_NONE, 0, "");
    v[2].silent_s = 29;
    v[2].state = 'T';
    check("silent within the patience", v, 4, XB_CAUSE_NONE, 0, "");
    v[2].silent_s = 31;
    check("stopped", v, 4, XB_CAUSE_STOPPED, 2, "rank 2 (n1, process 102) is stopped");
    v[2].state = 'D';
    v[2].silent_s = 119;
    check("silent, it may wait for a processor", v, 4, XB_CAUSE_NONE, 0, "");
    v[2].silent_s = 121;
    check("silent, in the driver", v, 4, XB_CAUSE_SILENT, 2,
          "nothing was heard of it for 121 s");
    v[2].state = '?';
    v[2].silent_s = 61;
    check("silent, with its node", v, 4, XB_CAUSE_SILENT, 2, "its node does not answer");
    v[2].ended = 1;
    check("silent since it has ended", v, 4, XB_CAUSE_NONE, 0, "");
    v[2].state = 0;
    check("gone since it has ended", v, 4, XB_CAUSE_NONE, 0, "");
    v[2].state = 'T';
    check("stopped at its very end", v, 4, XB_CAUSE_STOPPED, 2, "rank 2 (n1, process 102)");
    v[2].silent_s = 0;
    v[2].over_s = 1;
    check("its end takes too long", v, 4, XB_CAUSE_OVERDUE, 2, "rank 2");

    all_well(v, 4);
    v[3].state = 0;
    v[3].silent_s = 0.5;
    check("not there for an instant", v, 4, XB_CAUSE_NONE, 0, "");
    v[3].silent_s = 2;
    check("gone", v, 4, XB_CAUSE_GONE, 3, "rank 3 (n1, process 103) is gone");
    v[1].signal = SIGTERM;
    v[3].silent_s = 0;
    check("a launcher ends all when one has died", v, 4, XB_CAUSE_GONE, 3, "rank 3");
    v[3].state = 'R';
    check("a signal to one", v, 4, XB_CAUSE_SIGNAL, 1, "SIGTERM at rank 1 (n0, process 101)");
    is_int(xb_watch_judge(v, 4, PATIENCE_S).signal, SIGTERM, "which");
    is_int(xb_watch_judge(v, 4, 0).cause, XB_CAUSE_SIGNAL, "also without patience");
    v[1].signal = 0;
    v[1].silent_s = 1e6;
    is_int(xb_watch_judge(v, 4, 0).cause, XB_CAUSE_NONE, "no patience: no silence");
}

static void test_overdue(void)
{
    struct xb_watch_view v[4];

    all_well(v, 4);
    v[0].over_s = 0.1f;
    v[0].limit_s = 60;
    check("one is late", v, 4, XB_CAUSE_OVERDUE, 0,
          "rank 0 (n0, process 100) did not come back within 60 s from: case 3 of 9: stream");
    v[0].waits_for = 2;
    v[2].waits_for = 3;
    check("the one that others wait for", v, 4, XB_CAUSE_OVERDUE, 0,
          "rank 3 (n1, process 103) did not come back from: case 3 of 9: stream; rank 0 has "
          "waited for 60 s");
    v[3].waits_for = 0;
    check("all wait for each other", v, 4, XB_CAUSE_OVERDUE, 0, "did not come back");
    v[0].waits_for = XB_WAIT_ALL;
    v[0].meetings = v[2].meetings = v[3].meetings = 7;
    v[1].meetings = 6;
    v[2].waits_for = v[3].waits_for = XB_WAIT_ALL;
    check("one that has not come to a meeting", v, 4, XB_CAUSE_OVERDUE, 0,
          "rank 1 (n0, process 101) did not come back from");
    v[1].state = 'T';
    check("it is stopped", v, 4, XB_CAUSE_STOPPED, 1, "is stopped");
}

static void describe(const char *name, const struct xb_watch_view *views, size_t n,
                     const char *const *want)
{
    bool *done = calloc(n, sizeof *done);
    char line[640];
    size_t i = 0;

    for (; want[i]; i++) {
        ok(xb_watch_describe(views, n, done, line, sizeof line), name);
        is_str(line, want[i], name);
    }
    ok(!xb_watch_describe(views, n, done, line, sizeof line), "no more");
    free(done);
}

static void test_describe(void)
{
    struct xb_watch_view v[6];

    all_well(v, 6);
    describe("all alike", v, 6,
             (const char *[]){"ranks 0-5: case 3 of 9: stream, for 12 s", NULL});
    for (int i = 0; i < 6; i++)
        v[i].waits_for = XB_WAIT_ALL;
    for (int i = 0; i < 6; i++)
        v[i].meetings = 4;
    v[1].meetings = v[4].meetings = 3;
    v[1].waits_for = XB_WAIT_NOBODY;
    v[1].state = 'T';
    v[4].waits_for = 1;
    describe(
        "who waits for whom", v, 6,
        (const char *[]){"ranks 0, 2-3, 5: case 3 of 9: stream, for 12 s, waits for ranks 1, 4",
                         "rank 1 (n0): stopped: case 3 of 9: stream, for 12 s",
                         "rank 4 (n2): case 3 of 9: stream, for 12 s, waits for rank 1", NULL});
}

static void test_many(void)
{
    static struct xb_watch_view v[2000];
    static bool done[2000];
    char line[640];

    all_well(v, 2000);
    for (int i = 0; i < 2000; i += 2)
        v[i].waits_for = 1;
    ok(xb_watch_describe(v, 2000, done, line, sizeof line), "a line of a thousand ranks");
    ok(strstr(line, "ranks 0, 2, 4, ") && strstr(line, ", ...") &&
           strstr(line, "waits for rank 1"),
       "is cut");
    ok(strlen(line) < 400, "and short");
}

/* What the main thread says, as records hold it. */
static void test_record(void)
{
    _Atomic uint64_t words[4];
    struct xb_watch_record *own = xb_watch_mine();
    static struct xb_watch_record other;
    char text[XB_WATCH_STEP_LEN];

    xb_watch_put_text(words, 4, "");
    xb_watch_get_text(words, 4, text);
    is_str(text, "", "an empty text");
    xb_watch_put_text(words, 4, "exactly 8exactly 8exactly 8exactly 8");
    xb_watch_get_text(words, 4, text);
    is_str(text, "exactly 8exactly 8exactly 8exac", "a text that is cut");

    xb_watch_set_patience(2);
    xb_watch_tick(1e5);
    xb_watch_tick(9e6);
    is_int(atomic_load(&own->watched_us), 600000, "a tick that came late counts half a second");
    is_int((long long)atomic_load(&own->tick), 2, "two ticks");
    xb_watch_step(XB_LIMIT_DECISION, "step %d", 1);
    is_int(atomic_load(&own->due_us), 600000 + 8000001, "a deadline of 4 times the patience");
    xb_watch_meet();
    is_int(atomic_load(&own->waits_for), -1, "waits for all");
    xb_watch_move(&other);
    ok(xb_watch_mine() == &other, "the record has moved");
    xb_watch_get_text(other.step, XB_WATCH_WORDS, text);
    is_str(text, "step 1", "with its step");
    is_int((long long)atomic_load(&other.meetings), 1, "and its meetings");
    xb_watch_wait(5);
    is_int(atomic_load(&other.waits_for), 6, "waits for rank 5");
    xb_watch_step(XB_LIMIT_NONE, "%s", "another");
    is_int(atomic_load(&other.due_us), 0, "no deadline");
    is_int(atomic_load(&other.waits_for), 0, "a new step waits for nobody");
}

int main(void)
{
    test_judge();
    test_overdue();
    test_describe();
    test_many();
    test_record();
    return done_testing();
}
