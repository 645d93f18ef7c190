/* SPDX-License-Identifier: BSD-3-Clause */
/* test_journal.c - results that are on the disk can be read again, whatever became of the run.
 */
#include "tests/engine/runtime/journal_fixture.h"
#include "tests/text_file.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const moved[] = {"n1/GPU-a", "n1/GPU-d", "n2/GPU-c", "n2/-"};
static const char *const without[] = {"n1/GPU-a", "n1/GPU-b", "n3/-", "n2/-"};
static const char *const gained[] = {"n1/GPU-a", "n1/GPU-b", "n2/GPU-c", "n2/GPU-d"};
#define REPORT(ranks, cases)                                                                   \
    "{\n\t\"schema\": {\"name\": \"xferbench-report\", \"version\": 1},\n"                     \
    "\t\"run\": {\"plan_hash\": \"0x00fedcba98765432\", \"seed\": 9007199254740991, "          \
    "\"device\": \"cpu\"},\n"                                                                  \
    "\t\"topology\": {\"ranks\": " ranks "},\n\t\"cases\": " cases "\n}\n"
#define THREE                                                                                  \
    "{\"host\": \"n1\", \"gpu\": {\"uuid\": \"GPU-a\"}}, "                                     \
    "{\"host\": \"n1\", \"gpu\": {\"uuid\": \"GPU-b\"}}, "                                     \
    "{\"host\": \"n2\", \"gpu\": {\"uuid\": \"GPU-c\"}}"
#define FOUR "[" THREE ", {\"host\": \"n2\", \"gpu\": null}]"

static void test_round_trip(void)
{
    struct xb_journal *j;
    struct xb_error err = {""};
    struct collected all;

    is_int(xb_journal_open(&anew, &j, &err), 0, "open a journal");
    ok(access("r.json.journal", F_OK) != 0, "it has no name yet");
    is_int(xb_journal_fill(j, &key, &err), 0, "nor when its header is written");
    ok(access("r.json.journal", F_OK) != 0, "which could fail");
    is_int(xb_journal_begin(j, &err), 0, "it begins");
    ok(strncmp(content_of("r.json.journal"), HEADER, strlen(HEADER) - 2) == 0,
       "with its header");
    contains(content_of("r.json.journal"), "\"pid\":", "which says who writes it");
    ok(access("r.json.journal.new", F_OK) != 0, "by one name");
    is_loaded("r.json.journal", "", "a journal without cases");
    add(j, "a");
    is_loaded("r.json.journal", "a", "each case is there at once");
    add(j, "b");
    ok(access("r.json", F_OK) != 0, "the report is not touched");
    xb_journal_close(j, false);
    is_loaded("r.json.journal", "ab", "a journal that was closed stays");
    is_int(load("r.json.journal", &key, &all, &err), 0, "with all of a case");
    is_str(xb_report_case_at(&all.report, 1)->reason, "two\nlines", "its texts");
    is_int((long long)xb_report_case_at(&all.report, 1)->samples_us.n, 2, "and its samples");
    xb_report_release(&all.report);

    is_int(start(&anew, NULL, &j, &err), XB_JOURNAL_TAKEN, "a run of the same name");
    contains(err.text, "'run --resume r.json.journal -o r.json' goes on with it",
             "is told how");
    contains(err.text, "--force replaces it", "either way");
    is_loaded("r.json.journal", "ab", "and nothing is lost");
    is_int(start(&forced, NULL, &j, &err), 0, "by force");
    is_loaded("r.json.journal", "", "it starts anew");
    xb_journal_close(j, true);
    ok(access("r.json.journal", F_OK) != 0, "a journal that is superfluous is removed");
    xb_journal_close(NULL, false);
    xb_journal_close(NULL, true);
    ok(true, "no journal can be closed");
}

/* One whose header was cut short has nothing to lose. */
static void test_without_header(void)
{
    struct xb_journal *j;
    struct xb_error err = {""};

    write_file("r.json.journal", "{\"name\":\"xferbench-jour");
    ok(!xb_journal_has_header("r.json.journal"), "half a header is none");
    is_int(start(&anew, NULL, &j, &err), 0, "and is no reason to stop");
    ok(xb_journal_has_header("r.json.journal"), "the new one has one");
    is_loaded("r.json.journal", "", "and is read");
    xb_journal_close(j, false);

    write_file("r.json.journal", HEADER "{\"lane\":{\"id\":\"a\"}}\n{\"id\":");
    is_int(start(&anew, NULL, &j, &err), 0, "nor is one without a result");
    add(j, "a");
    xb_journal_close(j, false);
    is_int(start(&anew, NULL, &j, &err), XB_JOURNAL_TAKEN, "as a case is");
    write_file("r.json.journal", HEADER "{\"slice\":{}}\n");
    is_int(start(&anew, NULL, &j, &err), XB_JOURNAL_TAKEN, "and a pass");
    static const char *const others[] = {"{\"of\": \"another\"}\n", "notes", "{\"name\":\"y",
                                         START,
                                         "{\"name\":\"xferbench-journal\",\"version\":1}\n"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        write_file("r.json.journal", others[i]);
        bool cut = strcmp(others[i], START) == 0;
        is_int(start(&anew, NULL, &j, &err), cut ? 0 : XB_JOURNAL_TAKEN, others[i]);
        xb_journal_close(j, false);
        j = NULL;
        if (!cut)
            is_str(content_of("r.json.journal"), others[i], "is as it was");
    }
    write_file("r.json.journal", "");
    is_int(start(&anew, NULL, &j, &err), 0, "nothing at all holds nothing");
    xb_journal_close(j, true);
    unlink("r.json.journal");
}

/* Two runs of one output: the lock belongs to the open file, whatever its name is. */
static void test_locked(void)
{
    struct xb_journal *one, *two;
    struct xb_error err = {""};
    struct collected all;
    char host[256] = "", pid[32];

    gethostname(host, sizeof(host) - 1);
    snprintf(pid, sizeof(pid), "process %ld on ", (long)getpid());
    is_int(xb_journal_open(&anew, &one, &err), 0, "a journal that is not begun");
    is_int(xb_journal_open(&anew, &two, &err), XB_JOURNAL_TAKEN, "is another's already");
    ok(!two, "so there is none");
    is_int(xb_journal_fill(one, &key, &err), 0, "one with its header");
    is_int(xb_journal_open(&forced, &two, &err), XB_JOURNAL_TAKEN, "even by force");
    contains(err.text, pid, "which says the process");
    contains(err.text, host, "and its host");
    is_int(xb_journal_begin(one, &err), 0, "it begins");
    add(one, "a");
    is_int(xb_journal_open(&anew, &two, &err), XB_JOURNAL_TAKEN, "one that has begun");
    contains(err.text, pid, "says who writes it");
    is_int(xb_journal_open(&forced, &two, &err), XB_JOURNAL_TAKEN, "even by force");
    is_int(xb_journal_open(&in_place, &two, &err), XB_JOURNAL_TAKEN, "and to go on with");
    const struct xb_journal_claim elsewhere = {"s.json", "r.json.journal", false};
    is_int(xb_journal_open(&elsewhere, &two, &err), XB_JOURNAL_TAKEN, "also elsewhere");
    contains(err.text, "r.json.journal: process", "is named");
    ok(access("s.json.journal.new", F_OK) != 0, "nothing is left of it");
    is_loaded("r.json.journal", "a", "and it is as it was");
    xb_journal_close(one, false);
    is_int(load("r.json.journal", &key, &all, &err), 0, "when it ended");
    is_int(start(&in_place, &all.report, &two, &err), 0, "another goes on");
    xb_journal_close(two, true);
    xb_report_release(&all.report);
}

/* Another process that begins between a journal's opening and its own beginning, on a file
 * system without locks. */
static void test_overtaken(void)
{
    struct xb_journal *j;
    struct xb_error err = {""};

    is_int(xb_journal_open(&anew, &j, &err), 0, "a journal");
    is_int(xb_journal_fill(j, &key, &err), 0, "with its header");
    write_file("r.json.journal", HEADER);
    is_int(xb_journal_begin(j, &err), XB_JOURNAL_TAKEN, "does not replace what came first");
    xb_journal_close(j, true);
    is_str(content_of("r.json.journal"), HEADER, "which stays");
    ok(access("r.json.journal.new", F_OK) != 0, "alone");
    unlink("r.json.journal");
}

/* What is resumed may be the very journal that the new one replaces. */
static void test_resumed(void)
{
    struct xb_journal *j;
    struct xb_error err = {""};
    struct collected all;
    char before[1024];

    is_int(start(&anew, NULL, &j, &err), 0, "a journal");
    add(j, "a");
    add(j, "b");
    xb_journal_close(j, false);
    is_int(load("r.json.journal", &key, &all, &err), 0, "is loaded");
    snprintf(before, sizeof(before), "%s", content_of("r.json.journal"));
    is_int(mkdir("r.json.journal.new", 0700), 0, "a new one that cannot be written");
    is_int(start(&in_place, &all.report, &j, &err), -1, "does not replace it");
    is_loaded("r.json.journal", "ab", "with what it had");
    rmdir("r.json.journal.new");
    is_int(xb_journal_open(&in_place, &j, &err), 0, "nor one");
    is_int(xb_journal_fill(j, &key, &err), 0, "that is complete");
    xb_journal_close(j, true);
    is_str(content_of("r.json.journal"), before, "when the run does not begin");
    ok(access("r.json.journal.new", F_OK) != 0, "and none is left of it");
    write_file("r.json.journal.new", "of a run that was killed before its journal began");
    is_int(start(&in_place, &all.report, &j, &err), 0, "one that can be written");
    is_loaded("r.json.journal", "ab", "begins with what the old one had");
    add(j, "c");
    is_loaded("r.json.journal", "abc", "and goes on");
    ok(access("r.json.journal.new", F_OK) != 0, "by one name");
    xb_journal_close(j, true);
    ok(access("r.json.journal", F_OK) != 0, "and is removed by it");
    xb_report_release(&all.report);
}

/* Cut behind every byte: a case is there when it is whole, and the ones before it always. */
static void test_cut_short(void)
{
    static const char *const left[] = {"", "a", "ab"};
    struct xb_report two = report_of("ab");
    char *line[2];
    char text[4096];

    for (size_t i = 0; i < 2; i++) {
        cJSON *json = xb_report_case_json(&two, xb_report_case_at(&two, i));
        line[i] = cJSON_PrintUnformatted(json);
        cJSON_Delete(json);
    }
    size_t header = strlen(HEADER), first = strlen(line[0]) + 1;
    size_t whole = header + first + strlen(line[1]), right = 0;
    for (size_t cut = header - 1; cut <= whole; cut++) {
        struct xb_error err;
        struct collected all;
        snprintf(text, sizeof(text), "%s%s\n%s", HEADER, line[0], line[1]);
        text[cut] = '\0';
        write_file("cut", text);
        int rc = load("cut", &key, &all, &err);
        int want = (cut >= header + first - 1) + (cut == whole);
        right += rc == 0 && strcmp(ids_of(&all.report), left[want]) == 0;
        xb_report_release(&all.report);
    }
    is_int((long long)right, (long long)(whole - header + 2), "a last line cut anywhere");

    text[header - 2] = '\0';
    write_file("cut", text);
    is_loaded("cut", NULL, "a header cut short is no header");
    unlink("cut");
    cJSON_free(line[0]);
    cJSON_free(line[1]);
    xb_report_release(&two);
}

/* A journal made by one key and read by another: both sides of the difference are named. */
static void test_other_run(void)
{
    static const struct {
        struct xb_journal_key key;
        const char *name, *theirs, *ours;
    } rows[] = {
        {{HASH + 1, SEED, 4, ranks, "cpu", NULL, false, NULL},
         "another plan",
         "0x00fedcba98765432",
         "0x00fedcba98765433"},
        {{HASH, 2, 4, ranks, "cpu", NULL, false, NULL},
         "another seed",
         "seed 9007199254740991",
         "has 2"},
        {{HASH, SEED - 1, 4, ranks, "cpu", NULL, false, NULL},
         "the next seed",
         "40991,",
         "has 9007199254740990"},
        {{HASH, SEED, 2, ranks, "cpu", NULL, false, NULL},
         "another number of ranks",
         "4 ranks",
         "has 2"},
        {{HASH, SEED, 4, ranks, "cuda", NULL, false, NULL},
         "another device",
         "device cpu",
         "uses cuda"},
        {{HASH, SEED, 4, moved, "cpu", NULL, false, NULL},
         "a GPU",
         "rank 1 was n1/GPU-b",
         "is n1/GPU-d"},
        {{HASH, SEED, 4, without, "cpu", NULL, false, NULL},
         "a host",
         "rank 2 was n2/GPU-c",
         "is n3/-"},
        {{HASH, SEED, 4, gained, "cpu", NULL, false, NULL},
         "a GPU more",
         "rank 3 was n2/-",
         "is n2/GPU-d"},
    };
    static const char *const files[] = {"k.journal", "k.json"};

    write_file("k.journal", HEADER);
    write_file("k.json", REPORT(FOUR, "[" CASE("a") "]"));
    for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
        struct xb_error err = {""};
        struct collected all;
        const char *file = files[i % 2];
        is_int(load(file, &rows[i / 2].key, &all, &err), -1, rows[i / 2].name);
        contains(err.text, file, "the error names the file");
        contains(err.text, rows[i / 2].theirs, "what it was made with");
        contains(err.text, rows[i / 2].ours, "and what this run has");
        is_int((long long)all.report.cases.n, 0, "there are no cases");
    }
    unlink("k.journal");
    unlink("k.json");
}

static void test_report(void)
{
    static const struct {
        const char *name, *text, *ids, *error;
    } rows[] = {
        {"a report", REPORT(FOUR, "[" CASE("a") ", " CASE("b") "]"), "ab", ""},
        {"a report without cases", REPORT(FOUR, "[]"), "", ""},
        {"cases that are an object", REPORT(FOUR, "{}"), NULL,
         "cases: found an object, expected an array"},
        {"a case without an id", REPORT(FOUR, "[{}]"), NULL,
         "cases[0]: the key \"id\" is missing"},
        {"a report without ranks", REPORT("null", "[]"), NULL,
         "topology.ranks: found null, expected an array"},
        {"a GPU without a UUID",
         REPORT("[" THREE ", {\"host\": \"n2\", \"gpu\": {\"uuid\": null}}]", "[]"), "", ""},
        {"a rank without a host", REPORT("[" THREE ", {\"gpu\": null}]", "[]"), NULL,
         "topology.ranks[3]: the key \"host\" is missing"},
        {"a report without a seed",
         "{\"schema\": {\"name\": \"xferbench-report\", \"version\": 1}, "
         "\"run\": {\"plan_hash\": \"0x00fedcba98765432\", \"device\": \"cpu\"}}",
         NULL, "run: the key \"seed\" is missing"},
        {"a schema and nothing else", "{\"schema\": {\"name\": \"xferbench-report\"}}", NULL,
         "schema: the key \"version\" is missing"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct xb_error err = {""};
        struct collected all;
        write_file("report.json", rows[i].text);
        load("report.json", &key, &all, &err);
        xb_report_release(&all.report);
        contains(err.text, rows[i].error, "the error, if any");
        is_loaded("report.json", rows[i].ids, rows[i].name);
    }
    unlink("report.json");
}

static void test_garbage(void)
{
    static const struct {
        const char *name, *text, *error;
    } rows[] = {
        {"an empty file", "", "found nothing, expected a report or a journal"},
        {"a line of text", "no journal\n", "expected a report or a journal of this program"},
        {"empty lines", "\n\n\n", "expected a report or a journal of this program"},
        {"bytes",
         "\x7f"
         "ELF\x02\x01\xff\xfe",
         "expected a report or a journal of this program"},
        {"a number", "17\n", "expected a report or a journal of this program"},
        {"an array", "[1, 2]\n{}\n", "expected a report or a journal of this program"},
        {"other JSON", "{\"cases\": []}\n", "expected a report or a journal of this program"},
        {"a hash that is a number", START "\"plan_hash\":1,\"seed\":1,\"device\":\"cpu\"}\n",
         "garbage: line 1: plan_hash: found the number 1"},
        {"no seed", START "\"plan_hash\":\"0x00fedcba98765432\",\"device\":\"cpu\"}\n",
         "the key \"seed\" is missing"},
        {"ranks that are a text", BEGIN "\"ranks\":\"n1/-\"}\n", "ranks: found the string"},
        {"ranks that are numbers", BEGIN "\"ranks\":[1,2,3,4]}\n",
         "ranks[0]: found the number 1"},
        {"no ranks", BEGIN "\"nranks\":4}\n", "the key \"ranks\" is missing"},
        {"found a journal of version 1, expected",
         "{\"name\":\"xferbench-journal\",\"version\":1}\n",
         "found a journal of version 1, expected"},
        {"a broken line before the last",
         HEADER "{\"id\":\"a\"}garbage\n"
                "{\"id\":\"b\"}\n",
         "garbage: line 2: found no JSON, expected a case"},
        {"a case that lacks a key", HEADER "{\"id\":\"a\"}\n",
         "garbage: line 2: the key \"key\" is missing"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct xb_error err = {""};
        struct collected all;
        write_file("garbage", rows[i].text);
        is_int(load("garbage", &key, &all, &err), -1, rows[i].name);
        contains(err.text, rows[i].error, "says what it is");
        contains(err.text, "garbage: ", "and names the file");
        is_int((long long)all.report.cases.n, 0, "there are no cases");
    }
    unlink("garbage");
}

static void fails_to_open(const char *report, const char *reason)
{
    char name[64];
    struct xb_error err = {""};
    struct xb_journal *j = (struct xb_journal *)&err;

    snprintf(name, sizeof(name), "%s.journal", report);
    const struct xb_journal_claim claim = {report, NULL, false};
    is_int(xb_journal_open(&claim, &j, &err), -1, name);
    contains(err.text, name, "the error names the file");
    contains(err.text, reason, "and the reason");
    ok(!j, "there is no journal");
}

static void test_unwritable(void)
{
    struct xb_error err = {""};
    struct collected all;

    write_file("file", "");
    mkdir("taken.journal", 0700);
    mkdir("locked", 0500);
    fails_to_open("missing/r.json", "No such file or directory");
    fails_to_open("file/r.json", "Not a directory");
    fails_to_open("taken", "Is a directory");
    if (access("locked", W_OK) == 0) /* root may write everywhere */
        ok(true, "a locked folder # SKIP this user may write there");
    else
        fails_to_open("locked/r.json", "Permission denied");
    rmdir("taken.journal");
    rmdir("locked");
    unlink("file");

    is_int(load("missing", &key, &all, &err), -1, "load what is not there");
    is_str(err.text, "missing: cannot be opened: No such file or directory", "says so");
    is_int((long long)all.report.cases.n, 0, "there are no cases");
}

/* Links are not followed: whoever may write to the folder could have put them there. */
static void test_links(void)
{
    write_file("other", "of someone else");
    if (symlink("other", "link.journal") == 0)
        fails_to_open("link", "it is a link");
    unlink("link.journal");
    if (symlink("other", "link.journal.new") == 0)
        fails_to_open("link", "it is a link");
    unlink("link.journal.new");
    if (link("other", "link.journal.new") == 0)
        fails_to_open("link", "is no file of this program's");
    unlink("link.journal.new");
    write_file("of-user.journal.new", "of another user");
    if (chown("of-user.journal.new", 65534, (gid_t)-1) == 0) { /* as the superuser */
        fails_to_open("of-user", "belongs to another user (65534): remove it");
        is_str(content_of("of-user.journal.new"), "of another user", "it is left as it was");
    }
    unlink("of-user.journal.new");
    struct xb_journal *j;
    struct xb_error err = {""};
    struct collected all;
    write_file("r.json.journal", HEADER);
    is_int(link("r.json.journal", "copy"), 0, "of two names");
    is_int(load("r.json.journal", &key, &all, &err), 0, "a journal");
    is_int(start(&in_place, &all.report, &j, &err), 0, "of two names is gone on with");
    add(j, "a");
    xb_journal_close(j, true);
    xb_report_release(&all.report);
    is_str(content_of("copy"), HEADER, "and the other one stays");
    unlink("copy");
    is_str(content_of("other"), "of someone else", "what they lead to is as it was");
    unlink("other");
}

/* As on a full disk: no file gets longer than what is there. What cannot be written is an
 * error, and the journal that was to be gone on with stays. Nothing is printed meanwhile, since
 * the limit holds for standard output too. */
static void test_full_disk(void)
{
    struct xb_error err = {""};
    struct xb_journal *j;
    struct collected all;
    struct rlimit before, limit;

    is_int(start(&anew, NULL, &j, &err), 0, "a journal");
    add(j, "a");
    xb_journal_close(j, false);
    is_int(load("r.json.journal", &key, &all, &err), 0, "is loaded");
    fflush(stdout);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = 1;
    setrlimit(RLIMIT_FSIZE, &limit);
    int rc = start(&in_place, &all.report, &j, &err);
    setrlimit(RLIMIT_FSIZE, &before);
    is_int(rc, -1, "a full disk");
    contains(err.text, "r.json.journal: cannot write: File too large", "is named");
    is_loaded("r.json.journal", "a", "the old journal is as it was");
    ok(access("r.json.journal.new", F_OK) != 0, "and nothing is left of the new one");
    xb_report_release(&all.report);
    unlink("r.json.journal");
}

int main(void)
{
    char dir[] = "test_journal.XXXXXX";

    if (!ok(mkdtemp(dir) != NULL && chdir(dir) == 0, "a folder to write to"))
        return done_testing();
    test_round_trip();
    test_without_header();
    test_locked();
    test_overtaken();
    test_resumed();
    test_cut_short();
    test_other_run();
    test_report();
    test_garbage();
    test_unwritable();
    test_links();
    test_full_disk();
    ok(chdir("..") == 0 && rmdir(dir) == 0, "nothing is left there");
    return done_testing();
}
