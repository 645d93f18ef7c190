/* SPDX-License-Identifier: BSD-3-Clause */
/* test_journal_slices.c - what passes gave of cases that had not all of them when their run
 * died, and how all of it comes back to the run that wrote it.
 */
#include "tests/engine/runtime/journal_fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* A pass of a case, of one lane and so many samples, behind another; returns its line. */
static int64_t add_long_slice(struct xb_journal *j, const char *id, int pass, size_t samples,
                              int64_t before)
{
    struct xb_result slice = {.status = XB_OK, .ops_per_sample = 4};
    struct xb_error err = {""};
    int64_t where = XB_NOWHERE;

    xb_result_lanes(&slice, 1);
    slice.lanes[0].status = XB_OK;
    xb_path_parse("host->host", &slice.lanes[0].path, NULL);
    slice.samples_us = calloc(samples, sizeof(double));
    slice.nsamples = samples;
    is_int(xb_journal_add_slice(j, id, pass, &slice, before, &where, &err), 0, id);
    xb_result_release(&slice);
    return where;
}

static int64_t add_slice(struct xb_journal *j, const char *id, int pass, int64_t before)
{
    return add_long_slice(j, id, pass, 2, before);
}

/* What a later run finds: all in the order of the file. */
static void test_lines(void)
{
    struct xb_journal *j;
    struct xb_error err = {""};
    struct collected all;
    int64_t where;

    is_int(start(&anew, NULL, &j, &err), 0, "a journal");
    add(j, "c");
    int64_t a = add_slice(j, "a", 0, XB_NOWHERE), b = add_slice(j, "b", 0, XB_NOWHERE);
    add_slice(j, "c", 0, XB_NOWHERE);
    add_slice(j, "b", 1, b);
    add(j, "b");
    add_slice(j, "a", 1, a);
    struct xb_report part = report_of("a");
    is_int(xb_journal_add_partial(j, &part, xb_report_case_at(&part, 0), &where, &err), 0,
           "and what there is of a case");
    xb_report_release(&part);
    xb_journal_close(j, false);
    is_loaded("r.json.journal", "cb", "its cases, and none that has not all of its passes");
    is_int(load("r.json.journal", &key, &all, &err), 0, "and slices");
    is_str(all.slices, "a0 b0 c0 b1 a1", "as they came");
    xb_report_release(&all.report);

    write_file("r.json.journal", HEADER "{\"partial\":{\"id\":\"a\"}}\n{\"lane\":{}}\n");
    is_int(start(&anew, NULL, &j, &err), 0, "what nobody goes on with is nothing");
    xb_journal_close(j, true);
    write_file("r.json.journal",
               HEADER "{\"slice\":{\"id\":\"a\",\"pass\":0}}\n" CASE("b") "\n");
    is_int(load("r.json.journal", &key, &all, &err), -1,
           "one that lacks what it needs is an error");
    contains(err.text, "line 2: slice: the key \"warning\" is missing", "where");
    unlink("r.json.journal");
}

/* A taker that has no more room. */
static int refuse(void *arg, struct xb_slice_entry *slice, struct xb_error *err)
{
    (void)arg;
    return xb_fail(err, "no room for %s", slice->id);
}

/* What this run finds. Lines are longer and shorter than what is read at once. */
static void test_back(struct xb_journal *j, const char *name)
{
    struct xb_error err = {""};
    struct xb_report report;
    struct xb_report_case c;
    struct collected all = {.slices = ""};
    int64_t last = XB_NOWHERE, other = XB_NOWHERE;

    for (int pass = 0; pass < 5; pass++) {
        last = add_long_slice(j, "a", pass, pass == 2 ? 5000 : 1, last);
        other = add_slice(j, "b", pass, other);
    }
    int64_t where = add(j, "c");
    is_int(xb_journal_slices(j, last, 5, collect_slice, &all, &err), 0, name);
    is_str(all.slices, "a0 a1 a2 a3 a4", "passes of a case, in their order");
    all.slices[0] = '\0';
    is_int(xb_journal_slices(j, other, 2, collect_slice, &all, &err), 0, "the last ones alone");
    is_str(all.slices, "b3 b4", "of another case");
    is_int(xb_journal_slices(j, last, 6, collect_slice, &all, &err), -1,
           "more than there are is an error");
    contains(err.text, "found no pass that follows another", "as it says");
    is_int(xb_journal_slices(j, last, 5, refuse, NULL, &err), -1, "who takes them may fail");
    is_str(err.text, "no room for a", "with words");

    xb_report_empty(&report);
    is_int(xb_journal_case(j, where, &report, &c, &err), 0, "a case comes back");
    is_str(c.id, "c", "by its place");
    is_str(c.reason, "two\nlines", "whole");
    xb_report_case_release(&c);
    struct xb_report part = report_of("d");
    int64_t partial;
    xb_journal_add_partial(j, &part, xb_report_case_at(&part, 0), &partial, &err);
    is_int(xb_journal_case(j, partial, &report, &c, &err), 0, "so does one without all passes");
    is_str(c.id, "d", "by its place too");
    xb_report_case_release(&c);
    is_int(xb_journal_case(j, partial + 2, &report, &c, &err), -1, "what is no line");
    contains(err.text, "cannot read back what was measured: what is at byte", "is an error");
    is_int(xb_journal_case(j, 1 << 30, &report, &c, &err), -1, "as is what is not there");
    contains(err.text, "cannot read back what was measured: it ends too early", "with words");
    xb_report_release(&part);
    xb_report_release(&report);
}

static void test_of_its_own(void)
{
    struct xb_journal *j;
    struct xb_error err = {""};
    struct collected all;

    is_int(start(&anew, NULL, &j, &err), 0, "a journal");
    ok(xb_journal_is_kept(j), "that is there for a later run");
    test_back(j, "what it has comes back");
    xb_journal_close(j, false);
    is_int(load("r.json.journal", &key, &all, &err), 0, "to another run as well");
    is_str(all.slices, "a0 b0 a1 b1 a2 b2 a3 b3 a4 b4", "slice by slice");
    is_str(ids_of(&all.report), "c", "and case by case");
    xb_report_release(&all.report);
    unlink("r.json.journal");
}

static void test_nameless(void)
{
    struct xb_journal *j;
    struct xb_error err = {""};

    setenv("TMPDIR", "nowhere", 1);
    for (int i = 0; i < 2; i++) {
        is_int(xb_journal_nameless(&j, &err), 0, "a journal without a name");
        ok(!xb_journal_is_kept(j), "is there for no other run");
        is_int(xb_journal_fill(j, &key, &err), 0, "it has a header");
        is_int(xb_journal_begin(j, &err), 0, "and begins");
        test_back(j, "what it has comes back too");
        xb_journal_close(j, false);
        setenv("TMPDIR", ".", 1);
    }
    unsetenv("TMPDIR");
}

/* What finds no room is gone; what was there before comes back, and what follows is a line. */
static void test_full_disk(void)
{
    struct xb_error err = {""};
    struct xb_journal *j;
    struct xb_report report = report_of("x");
    struct collected all = {.slices = ""};
    struct rlimit before, limit;
    struct stat st;
    int64_t where = 0;

    is_int(start(&anew, NULL, &j, &err), 0, "a journal");
    int64_t a = add_slice(j, "a", 0, XB_NOWHERE);
    fflush(stdout);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    stat("r.json.journal", &st);
    limit.rlim_cur = (rlim_t)st.st_size + 50; /* into the next line */
    setrlimit(RLIMIT_FSIZE, &limit);
    int rc = xb_journal_add(j, &report, xb_report_case_at(&report, 0), &where, &err);
    setrlimit(RLIMIT_FSIZE, &before);
    is_int(rc, -1, "a full disk");
    contains(err.text, "r.json.journal: cannot write: File too large", "is named");
    is_int(where, XB_NOWHERE, "there is no line");
    int64_t b = add_slice(j, "a", 1, a);
    is_int(xb_journal_slices(j, b, 2, collect_slice, &all, &err), 0, "what has room later");
    is_str(all.slices, "a0 a1", "follows what was there");
    xb_journal_close(j, false);
    is_int(load("r.json.journal", &key, &all, &err), 0, "another run reads it");
    is_str(all.slices, "a0 a1", "without half a line");
    xb_report_release(&all.report);
    xb_report_release(&report);
    unlink("r.json.journal");
}

int main(void)
{
    char dir[] = "test_journal_slices.XXXXXX";

    if (!ok(mkdtemp(dir) != NULL && chdir(dir) == 0, "a folder to write to"))
        return done_testing();
    test_lines();
    test_of_its_own();
    test_nameless();
    test_full_disk();
    ok(chdir("..") == 0 && rmdir(dir) == 0, "nothing is left there");
    return done_testing();
}
