/* test_journal_slices.c - what passes gave of cases that had not all of them when their run
 * died.
 */
#include "tests/engine/runtime/journal_fixture.h"

/* A pass of a case, of one lane and two samples. */
static void add_slice(struct xb_journal *j, const char *id, int pass)
{
    struct xb_result slice = {.status = XB_OK, .ops_per_sample = 4};
    struct xb_error err = {""};

    xb_result_lanes(&slice, 1);
    slice.lanes[0].status = XB_OK;
    xb_path_parse("host->host", &slice.lanes[0].path, NULL);
    slice.samples_us = calloc(2, sizeof(double));
    slice.nsamples = 2;
    is_int(xb_journal_add_slice(j, id, pass, &slice, &err), 0, id);
    xb_result_release(&slice);
}

/* The slices of a journal, as "a0 a1 b0". */
static const char *slices_of(const struct xb_journal_slices *slices)
{
    static char text[64];
    size_t n = 0;

    text[0] = '\0';
    for (size_t i = 0; i < slices->n; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s%d", i ? " " : "",
                              slices->entry[i].id, slices->entry[i].pass);
    return text;
}

/* Slices count until their case follows. A case before them was resumed and not good. */
static void test_slices(void)
{
    struct xb_journal *j;
    struct xb_error err = {""};
    struct xb_report report;
    struct xb_journal_slices slices;

    is_int(start(&anew, NULL, NULL, &j, &err), 0, "a journal");
    add(j, "c");
    add_slice(j, "a", 0);
    add_slice(j, "b", 0);
    add_slice(j, "c", 0);
    add_slice(j, "b", 1);
    add(j, "b");
    add_slice(j, "a", 1);
    xb_journal_close(j, false);
    is_loaded("r.json.journal", "cb", "its cases alone");
    is_int(xb_journal_load("r.json.journal", &key, &report, &slices, &err), 0, "and slices");
    is_str(slices_of(&slices), "a0 c0 a1", "that no case follows");
    is_int((long long)slices.entry[0].result.nsamples, 2, "with their samples");
    is_int(start(&in_place, &report, &slices, &j, &err), 0, "go on with it");
    add_slice(j, "a", 2);
    xb_report_release(&report);
    xb_journal_slices_release(&slices);
    is_int(xb_journal_load("r.json.journal", &key, &report, &slices, &err), 0, "and again");
    is_str(slices_of(&slices), "a0 c0 a1 a2", "nothing is lost");
    xb_report_release(&report);
    xb_journal_slices_release(&slices);
    xb_journal_close(j, true);
    write_file("r.json.journal",
               HEADER "{\"slice\":{\"id\":\"a\",\"pass\":0}}\n" CASE("b") "\n");
    is_int(xb_journal_load("r.json.journal", &key, &report, &slices, &err), -1,
           "one that lacks what it needs is an error");
    contains(err.text, "line 2: slice: the key \"warning\" is missing", "where");
    ok(slices.n == 0 && !slices.entry, "and there are none");
    unlink("r.json.journal");
}

int main(void)
{
    char dir[] = "test_journal_slices.XXXXXX";

    if (!ok(mkdtemp(dir) != NULL && chdir(dir) == 0, "a folder to write to"))
        return done_testing();
    test_slices();
    ok(chdir("..") == 0 && rmdir(dir) == 0, "nothing is left there");
    return done_testing();
}
