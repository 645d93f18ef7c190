/* SPDX-License-Identifier: BSD-3-Clause */
/* test_compare_load.c - launches by the paths that name them. */
#include "tests/report/compare_fixture.h"

#include <sys/stat.h>

static void write_text(const char *file, const char *text)
{
    FILE *out = fopen(file, "w");

    fputs(text, out);
    fclose(out);
}

static const char campaign[] =
    "{\"schema\":{\"name\":\"xferbench-campaign\",\"version\":1},\"goal\":\"any\","
    "\"configs\":[{\"name\":\"nvlink\"},{\"name\":\"staged\"},{\"name\":\"lost\"}],"
    "\"launches\":[{\"config\":\"staged\",\"number\":1,\"report\":\"staged-01.json\"},"
    "{\"config\":\"nvlink\",\"number\":1,\"report\":\"nvlink-01.json\"},"
    "{\"config\":\"nvlink\",\"number\":2,\"report\":null},"
    "{\"config\":\"nvlink\",\"number\":3,\"report\":\"nvlink-03.json\"}]}";

static const char single[] =
    "{\"schema\":{\"name\":\"xferbench-campaign\",\"version\":1},"
    "\"configs\":[{\"name\":\"alone\"}],\"launches\":["
    "{\"config\":\"alone\",\"number\":1,\"report\":\"nvlink-01.json\"}]}";

/* Paths, and the sets that they become: names and numbers of launches. */
static const struct {
    const char *name, *path, *set;
    const char *sets[4];
    size_t counts[4];
    const char *error;
} rows[] = {
    {"a report", "ab/nvlink-01.json", NULL, {"named"}, {1}, NULL},
    {"a report into a set", "ab/nvlink-01.json", "base", {"base"}, {1}, NULL},
    {"a folder, with other files in it", "folder", NULL, {"named"}, {2}, NULL},
    {"a folder into a set", "folder/", "base", {"base"}, {2}, NULL},
    {"a campaign, in the order of its configurations",
     "ab",
     NULL,
     {"nvlink", "staged", "lost"},
     {2, 1, 0},
     NULL},
    {"several configurations in one set", "ab", "base", {NULL}, {0}, "configs: found 3"},
    {"a campaign of one configuration", "one", NULL, {"alone"}, {1}, NULL},
    {"the same into a set", "one", "base", {"base"}, {1}, NULL},
    {"nothing there", "nowhere", NULL, {NULL}, {0}, "nowhere: cannot be read"},
    {"no report in it", "empty", NULL, {NULL}, {0}, "empty: found no report"},
    {"another file",
     "folder/scenario.json",
     NULL,
     {NULL},
     {0},
     "the key \"schema\" is missing"},
    {"a campaign of a later version", "later", NULL, {NULL}, {0}, "schema.version"},
    {"no campaign", "other", NULL, {NULL}, {0}, "expected \"xferbench-campaign\""},
    {"a report that is gone", "gone", NULL, {NULL}, {0}, "gone/nvlink-01.json"},
};

static void test_row(size_t i)
{
    struct xb_launches *launches = xb_launches_new();
    struct xb_error err = {""};
    int rc = xb_launches_add_path(launches, rows[i].path, rows[i].set, "named", &err);
    size_t sets = 0;

    is_int(rc, rows[i].error ? -1 : 0, rows[i].name);
    if (rows[i].error)
        contains(err.text, rows[i].error, "is said");
    for (; rc == 0 && sets < 4 && rows[i].sets[sets]; sets++) {
        const struct xb_compare_ask ask = {
            .threshold = 0.05, .confidence = 0.95, .base = rows[i].sets[sets]};
        struct xb_comparison *c = xb_compare(launches, &ask, &err);
        ok(c != NULL, rows[i].sets[sets]);
        xb_comparison_free(c);
        is_int((int)xb_launches_count(launches, sets), (int)rows[i].counts[sets],
               "has so many launches");
    }
    if (rc == 0)
        is_int((int)xb_launches_sets(launches), (int)sets, "and there is no other");
    xb_launches_free(launches);
}

/* A case twice in a report; then launches are as before. */
static void test_twice(void)
{
    struct made m = {.cases = 2, .lanes = 1, .factor = 1};
    struct xb_launches *launches = xb_launches_new();
    struct xb_report report;
    struct xb_error err = {""};

    made_report(&m, &report, &err);
    free(xb_report_case_at(&report, 1)->id);
    xb_report_case_at(&report, 1)->id = strdup(xb_report_case_at(&report, 0)->id);
    xb_report_save(&report, "twice.json", true, &err);
    xb_report_release(&report);
    is_int(xb_launches_add(launches, "a", "twice.json", &err), -1,
           "a case that is there twice");
    contains(err.text, "stands twice", "is said");
    is_int((int)xb_launches_sets(launches), 0, "and nothing was added");
    unlink("twice.json");
    xb_launches_free(launches);
}

int main(void)
{
    const struct made m = {.cases = 4, .lanes = 1, .factor = 1};
    static const char *const folders[] = {"ab",    "folder", "one",  "empty",
                                          "later", "other",  "gone", NULL};
    static const char *const reports[] = {"ab/nvlink-01.json",
                                          "ab/nvlink-03.json",
                                          "ab/staged-01.json",
                                          "folder/r1.json",
                                          "folder/r2.json",
                                          "one/nvlink-01.json",
                                          NULL};
    static const struct {
        const char *file, *text;
    } others[] = {
        {"ab/campaign.json", campaign},
        {"one/campaign.json", single},
        {"gone/campaign.json", single},
        {"folder/scenario.json", "{\"name\": \"t\"}"},
        {"folder/notes.txt", "nothing"},
        {"later/campaign.json", "{\"schema\":{\"name\":\"xferbench-campaign\",\"version\":2}}"},
        {"other/campaign.json", "{\"schema\":{\"name\":\"xferbench-report\",\"version\":1}}"},
    };

    fixture_begin();
    for (size_t i = 0; folders[i]; i++)
        mkdir(folders[i], 0700);
    for (size_t i = 0; reports[i]; i++)
        write_report(&m, reports[i]);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        write_text(others[i].file, others[i].text);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        test_row(i);
    test_twice();
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        unlink(others[i].file);
    for (size_t i = 0; reports[i]; i++)
        unlink(reports[i]);
    for (size_t i = 0; folders[i]; i++)
        rmdir(folders[i]);
    fixture_end();
    return done_testing();
}
