/* SPDX-License-Identifier: BSD-3-Clause */
/* test_journal_command.c - a run that is refused what it would resume learns how that was made.
 */
#include "engine/runtime/journal.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/engine/runtime/journal_fixture.h"

#define ARGV     "[\"run\",\"s.json\",\"--set\",\"cases[*].sizes=8\"]"
#define COMMAND  "xferbench run s.json --set 'cases[*].sizes=8'"
#define SCENARIO "{\"name\":\"t\",\"sampling\":{\"passes\":%s}}"

/* A journal of a run, with this many passes in its scenario. */
static void write_journal(const char *file, const char *passes, const char *argv)
{
    char text[1024];

    snprintf(text, sizeof(text),
             BEGIN "\"ranks\":[\"n1/GPU-a\",\"n1/GPU-b\",\"n2/GPU-c\",\"n2/-\"],\"argv\":%s,"
                   "\"scenario\":" SCENARIO "}\n",
             argv, passes);
    write_file(file, text);
}

static void test_command(void)
{
    static const struct {
        const char *argv, *command;
    } rows[] = {
        {ARGV, COMMAND},
        {"[]", NULL},
        {"[\"run\"]", "xferbench run"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_journal("c.journal", "6", rows[i].argv);
        char *command = xb_journal_command("c.journal");
        is_str(command, rows[i].command, rows[i].argv);
        free(command);
    }
    write_file("c.journal", HEADER);
    ok(!xb_journal_command("c.journal"), "an older journal does not say");
    ok(!xb_journal_command("nothing"), "nor does one that is not there");
    unlink("c.journal");
}

/* What must agree and does not, and why plans differ. */
static void test_differs(void)
{
    cJSON *scenario = cJSON_Parse("{\"name\":\"t\",\"sampling\":{\"passes\":6}}");
    struct xb_report run;
    bool differs;
    static const struct {
        const char *passes;
        uint64_t hash, seed;
        bool differs;
        const char *error;
    } rows[] = {
        {"6", HASH, SEED, false, ""},
        {"6", HASH, 1, true, "made with seed 9007199254740991, this run has 1"},
        {"3", HASH + 1, SEED, true,
         "this run's plan is 0x00fedcba98765433: in the scenario sampling.passes was 3, is 6"},
        {"6", HASH + 1, SEED, true, "this run's plan is 0x00fedcba98765433"},
    };

    xb_report_empty(&run);
    run.run.scenario = scenario;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct xb_journal_key mine = key;
        struct collected all;
        struct xb_error err = {""};
        mine.plan_hash = rows[i].hash;
        mine.seed = rows[i].seed;
        mine.run = &run;
        mine.anyway = true;
        mine.differs = &differs;
        differs = false;
        write_journal("d.journal", rows[i].passes, ARGV);
        int rc = load("d.journal", &mine, &all, &err);
        is_int(rc, rows[i].differs ? -1 : 0, rows[i].error);
        ok(differs == rows[i].differs, "that it differs is told apart from other failures");
        contains(err.text, rows[i].error, "and in what");
        xb_report_release(&all.report);
    }
    write_file("d.journal", "no journal\n");
    struct xb_journal_key mine = key;
    struct collected all;
    differs = false;
    mine.differs = &differs;
    is_int(load("d.journal", &mine, &all, NULL), -1, "what is no journal");
    ok(!differs, "does not differ");
    unlink("d.journal");
    xb_report_release(&run);
}

int main(void)
{
    char dir[] = "test_journal_command.XXXXXX";

    if (!ok(mkdtemp(dir) != NULL && chdir(dir) == 0, "a folder to write to"))
        return done_testing();
    test_command();
    test_differs();
    ok(chdir("..") == 0 && rmdir(dir) == 0, "nothing is left");
    return done_testing();
}
