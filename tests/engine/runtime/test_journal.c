/* test_journal.c - results that are on the disk can be read again, whatever became of the run.
 */
#include "engine/runtime/journal.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/tap.h"

#define HASH UINT64_C(0x00fedcba98765432)

#define SEED UINT64_C(9007199254740991) /* the largest; rounded, it would be another */

static const char *const ranks[] = {"n1/GPU-a", "n1/GPU-b", "n2/GPU-c", "n2/-"};
static const char *const moved[] = {"n1/GPU-a", "n1/GPU-d", "n2/GPU-c", "n2/-"};
static const char *const without[] = {"n1/GPU-a", "n1/GPU-b", "n3/-", "n2/-"};
static const char *const gained[] = {"n1/GPU-a", "n1/GPU-b", "n2/GPU-c", "n2/GPU-d"};
static const struct xb_journal_key key = {
    .plan_hash = HASH, .seed = SEED, .nranks = 4, .ranks = ranks, .device = "cpu"};

#define START "{\"name\":\"xferbench-journal\",\"version\":2,"
#define BEGIN                                                                                  \
    START "\"plan_hash\":\"0x00fedcba98765432\",\"seed\":9007199254740991,\"device\":\"cpu\","
#define HEADER BEGIN "\"ranks\":[\"n1/GPU-a\",\"n1/GPU-b\",\"n2/GPU-c\",\"n2/-\"]}\n"
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

static void write_file(const char *file, const char *text)
{
    FILE *f = fopen(file, "w");

    if (!f || fputs(text, f) == EOF || fclose(f) != 0) {
        perror(file);
        exit(1);
    }
}

/* What a file holds, cut at a buffer's length; "" when it is not there. */
static const char *content_of(const char *file)
{
    static char text[1024];
    FILE *f = fopen(file, "r");
    size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

    text[n] = '\0';
    if (f)
        fclose(f);
    return text;
}

static void add(struct xb_journal *j, const char *json)
{
    struct xb_error err = {""};
    cJSON *entry = cJSON_Parse(json);

    is_int(xb_journal_add(j, entry, &err), 0, json);
    is_str(err.text, "", "without an error");
    cJSON_Delete(entry);
}

/* Load a file and compare the entries, as one line of JSON; NULL where it shall fail. */
static void is_loaded(const char *file, const char *entries, const char *name)
{
    struct xb_error err = {""};
    cJSON *cases = NULL;

    is_int(xb_journal_load(file, &key, &cases, &err), entries ? 0 : -1, name);
    char *text = cases ? cJSON_PrintUnformatted(cases) : NULL;
    is_str(text, entries, entries ? "the entries are there" : "there are no entries");
    cJSON_free(text);
    cJSON_Delete(cases);
}

static void test_round_trip(void)
{
    struct xb_journal *j;
    struct xb_error err = {""};

    write_file("r.json.journal", "an old journal\n");
    is_int(xb_journal_open("r.json", &key, &j, &err), 0, "open a journal");
    is_str(content_of("r.json.journal"), HEADER, "its header replaces an old journal");
    is_loaded("r.json.journal", "[]", "a journal without entries");
    add(j, "{\"id\":\"a\",\"samples_us\":[1,2.5]}");
    is_loaded("r.json.journal", "[{\"id\":\"a\",\"samples_us\":[1,2.5]}]",
              "each entry is there at once");
    add(j, "{\"id\":\"b\",\"reason\":\"two\\nlines\"}");
    ok(access("r.json", F_OK) != 0, "the report is not touched");
    xb_journal_close(j, 0);
    is_loaded(
        "r.json.journal",
        "[{\"id\":\"a\",\"samples_us\":[1,2.5]},{\"id\":\"b\",\"reason\":\"two\\nlines\"}]",
        "a journal that was closed stays");

    is_int(xb_journal_open("r.json", &key, &j, &err), 0, "open it again");
    is_loaded("r.json.journal", "[]", "it starts anew");
    xb_journal_close(j, 1);
    ok(access("r.json.journal", F_OK) != 0, "a journal that is superfluous is removed");
    xb_journal_close(NULL, 0);
    xb_journal_close(NULL, 1);
    ok(true, "no journal can be closed");
}

/* Cut behind every byte: an entry is there when it is whole, and the ones before it always. */
static void test_cut_short(void)
{
    static const char first[] = "{\"id\":\"a\",\"n\":[1,{}]}\n", second[] = "{\"id\":\"b\"}";
    static const char *const left[] = {"[]", "[{\"id\":\"a\",\"n\":[1,{}]}]",
                                       "[{\"id\":\"a\",\"n\":[1,{}]},{\"id\":\"b\"}]"};
    char text[512];
    size_t header = strlen(HEADER), whole = header + strlen(first) + strlen(second);
    size_t right = 0;

    for (size_t cut = header - 1; cut <= whole; cut++) {
        struct xb_error err;
        cJSON *cases = NULL;
        snprintf(text, sizeof(text), "%s%s%s", HEADER, first, second);
        text[cut] = '\0';
        write_file("cut", text);
        int rc = xb_journal_load("cut", &key, &cases, &err);
        char *got = rc == 0 ? cJSON_PrintUnformatted(cases) : NULL;
        int want = (cut >= header + strlen(first) - 1) + (cut == whole);
        right += got && strcmp(got, left[want]) == 0;
        cJSON_free(got);
        cJSON_Delete(cases);
    }
    is_int((long long)right, (long long)(whole - header + 2), "a last line cut anywhere");

    text[header - 2] = '\0';
    write_file("cut", text);
    is_loaded("cut", NULL, "a header cut short is no header");
    unlink("cut");
}

/* A journal made by one key and read by another: both sides of the difference are named. */
static void test_other_run(void)
{
    static const struct {
        struct xb_journal_key key;
        const char *name, *theirs, *ours;
    } rows[] = {
        {{HASH + 1, SEED, 4, ranks, "cpu"},
         "another plan",
         "0x00fedcba98765432",
         "0x00fedcba98765433"},
        {{HASH, 2, 4, ranks, "cpu"}, "another seed", "seed 9007199254740991", "has 2"},
        {{HASH, SEED - 1, 4, ranks, "cpu"}, "the next seed", "40991,", "has 9007199254740990"},
        {{HASH, SEED, 2, ranks, "cpu"}, "another number of ranks", "4 ranks", "has 2"},
        {{HASH, SEED, 4, ranks, "cuda"}, "another device", "device cpu", "uses cuda"},
        {{HASH, SEED, 4, moved, "cpu"}, "a GPU", "rank 1 was n1/GPU-b", "is n1/GPU-d"},
        {{HASH, SEED, 4, without, "cpu"}, "a host", "rank 2 was n2/GPU-c", "is n3/-"},
        {{HASH, SEED, 4, gained, "cpu"}, "a GPU more", "rank 3 was n2/-", "is n2/GPU-d"},
    };
    static const char *const files[] = {"k.journal", "k.json"};

    write_file("k.journal", HEADER "{\"id\":\"a\"}\n");
    write_file("k.json", REPORT(FOUR, "[{\"id\": \"a\"}]"));
    for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
        struct xb_error err = {""};
        cJSON *cases = NULL;
        const char *file = files[i % 2];
        is_int(xb_journal_load(file, &rows[i / 2].key, &cases, &err), -1, rows[i / 2].name);
        contains(err.text, file, "the error names the file");
        contains(err.text, rows[i / 2].theirs, "what it was made with");
        contains(err.text, rows[i / 2].ours, "and what this run has");
        ok(!cases, "there are no entries");
        cJSON_Delete(cases);
    }
    unlink("k.journal");
    unlink("k.json");
}

static void test_report(void)
{
    static const struct {
        const char *name, *text, *entries, *error;
    } rows[] = {
        {"a report", REPORT(FOUR, "[{\"id\": \"a\"}, {}]"), "[{\"id\":\"a\"},{}]", ""},
        {"a report without cases", REPORT(FOUR, "[]"), "[]", ""},
        {"cases that are an object", REPORT(FOUR, "{}"), NULL, "cases: not an array"},
        {"a report without ranks", REPORT("null", "[]"), NULL,
         "made by 0 ranks, this run has 4"},
        {"a GPU without a UUID",
         REPORT("[" THREE ", {\"host\": \"n2\", \"gpu\": {\"uuid\": null}}]", "[]"), "[]", ""},
        {"a rank without a host", REPORT("[" THREE ", {\"gpu\": null}]", "[]"), NULL,
         "neither a report nor a journal"},
        {"a report without a seed",
         "{\"schema\": {}, \"run\": {\"plan_hash\": \"0x00fedcba98765432\", "
         "\"device\": \"cpu\"}}",
         NULL, "neither a report nor a journal"},
        {"a schema and nothing else", "{\"schema\": {\"name\": \"xferbench-report\"}}", NULL,
         "neither a report nor a journal"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct xb_error err = {""};
        cJSON *cases = NULL;
        write_file("report.json", rows[i].text);
        xb_journal_load("report.json", &key, &cases, &err);
        cJSON_Delete(cases);
        contains(err.text, rows[i].error, "the error, if any");
        is_loaded("report.json", rows[i].entries, rows[i].name);
    }
    unlink("report.json");
}

static void test_garbage(void)
{
    static const struct {
        const char *name, *text, *error;
    } rows[] = {
        {"an empty file", "", "empty or unreadable"},
        {"a line of text", "no journal\n", "neither a report nor a journal"},
        {"empty lines", "\n\n\n", "neither a report nor a journal"},
        {"bytes",
         "\x7f"
         "ELF\x02\x01\xff\xfe",
         "neither a report nor a journal"},
        {"a number", "17\n", "neither a report nor a journal"},
        {"an array", "[1, 2]\n{}\n", "neither a report nor a journal"},
        {"other JSON", "{\"cases\": []}\n", "neither a report nor a journal"},
        {"a hash that is a number", START "\"plan_hash\":1,\"seed\":1,\"device\":\"cpu\"}\n",
         "neither a report nor a journal"},
        {"no seed", START "\"plan_hash\":\"0x00fedcba98765432\",\"device\":\"cpu\"}\n",
         "neither a report nor a journal"},
        {"ranks that are a text", BEGIN "\"ranks\":\"n1/-\"}\n",
         "made by 0 ranks, this run has 4"},
        {"ranks that are numbers", BEGIN "\"ranks\":[1,2,3,4]}\n",
         "neither a report nor a journal"},
        {"no ranks", BEGIN "\"nranks\":4}\n", "made by 0 ranks, this run has 4"},
        {"another version", "{\"name\":\"xferbench-journal\",\"version\":1}\n",
         "another version"},
        {"a broken line before the last",
         HEADER "{\"id\":\"a\"}garbage\n"
                "{\"id\":\"b\"}\n",
         "garbage: line 2: not a case entry"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct xb_error err = {""};
        cJSON *cases = NULL;
        write_file("garbage", rows[i].text);
        is_int(xb_journal_load("garbage", &key, &cases, &err), -1, rows[i].name);
        contains(err.text, rows[i].error, "says what it is");
        contains(err.text, "garbage: ", "and names the file");
        ok(!cases, "there are no entries");
        cJSON_Delete(cases);
    }
    unlink("garbage");
}

static void fails_to_open(const char *report, const char *reason)
{
    char name[64];
    struct xb_error err = {""};
    struct xb_journal *j = (struct xb_journal *)&err;

    snprintf(name, sizeof(name), "%s.journal", report);
    is_int(xb_journal_open(report, &key, &j, &err), -1, name);
    contains(err.text, name, "the error names the file");
    contains(err.text, reason, "and the reason");
    ok(!j, "there is no journal");
}

static void test_unwritable(void)
{
    struct xb_error err = {""};
    cJSON *cases = (cJSON *)&err;

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

    is_int(xb_journal_load("missing", &key, &cases, &err), -1, "load what is not there");
    is_str(err.text, "missing: cannot read: No such file or directory", "says so");
    ok(!cases, "there are no entries");
}

/* /dev/full takes nothing: a result that does not reach the disk is an error. */
static void test_full_disk(void)
{
    struct xb_error err = {""};
    struct xb_journal *j = (struct xb_journal *)&err;

    if (access("/dev/full", W_OK) != 0 || symlink("/dev/full", "full.journal") != 0) {
        ok(true, "a full disk # SKIP no /dev/full");
        return;
    }
    is_int(xb_journal_open("full", &key, &j, &err), -1, "a full disk");
    contains(err.text, "full.journal: cannot write: No space left on device", "is named");
    ok(!j, "there is no journal");
    ok(access("full.journal", F_OK) != 0, "nor a file without a header");
    unlink("full.journal");
}

int main(void)
{
    char dir[] = "test_journal.XXXXXX";

    if (!ok(mkdtemp(dir) != NULL && chdir(dir) == 0, "a folder to write to"))
        return done_testing();
    test_round_trip();
    test_cut_short();
    test_other_run();
    test_report();
    test_garbage();
    test_unwritable();
    test_full_disk();
    ok(chdir("..") == 0 && rmdir(dir) == 0, "nothing is left there");
    return done_testing();
}
