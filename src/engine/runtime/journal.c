/* journal.c - every result reaches the disk when it is there. */
#include "engine/runtime/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "report/differences.h"
#include "report/tables.h"

#define JOURNAL_NAME    "xferbench-journal"
#define JOURNAL_VERSION 3
#define LANE            "lane" /* the key of a line that holds one lane of a case */

struct xb_journal {
    FILE *file;
    char *name;
};

/* The first line of a journal. */
struct header {
    char *name;
    int64_t version;
    uint64_t plan_hash, seed;
    char *device;
    struct xb_texts ranks;
    char *run_id, *start_utc;
    cJSON *scenario;
    struct xb_report_build build;
    struct xb_report_environment environment;
};

#define ROW(key, kind, member)                                                                 \
    {                                                                                          \
        .name = (key), .type = (kind), .offset = offsetof(struct header, member),              \
        .flags = XB_FIELD_NEEDED                                                               \
    }
#define MAY(key, kind, member, rows)                                                           \
    {                                                                                          \
        .name = (key), .type = (kind), .offset = offsetof(struct header, member),              \
        .flags = XB_FIELD_LATER, .fields = (rows)                                              \
    }

static const struct xb_field header_fields[] = {
    ROW("name", XB_FIELD_TEXT, name),
    ROW("version", XB_FIELD_WHOLE, version),
    ROW("plan_hash", XB_FIELD_HASH, plan_hash),
    ROW("seed", XB_FIELD_DIGITS, seed),
    ROW("device", XB_FIELD_TEXT, device),
    ROW("ranks", XB_FIELD_TEXTS, ranks),
    MAY("run_id", XB_FIELD_TEXT, run_id, NULL),
    MAY("start_utc", XB_FIELD_TEXT, start_utc, NULL),
    MAY("scenario", XB_FIELD_JSON, scenario, NULL),
    MAY("build", XB_FIELD_OBJECT, build, xb_report_build_fields),
    MAY("environment", XB_FIELD_OBJECT, environment, xb_report_environment_fields),
    {.name = NULL},
};

/* sync: wait until it is on the disk. */
static int write_line(struct xb_journal *j, cJSON *value, bool sync, struct xb_error *err)
{
    char *text = value ? cJSON_PrintUnformatted(value) : NULL;
    int ok = text && fprintf(j->file, "%s\n", text) > 0 && fflush(j->file) == 0 &&
             (!sync || fdatasync(fileno(j->file)) == 0);

    if (!text)
        errno = ENOMEM;
    cJSON_free(text);
    cJSON_Delete(value);
    return ok ? 0 : xb_fail(err, "%s: cannot write: %s", j->name, strerror(errno));
}

static int write_header(struct xb_journal *j, const struct xb_journal_key *key,
                        struct xb_error *err)
{
    struct header header = {.name = (char[]){JOURNAL_NAME},
                            .version = JOURNAL_VERSION,
                            .plan_hash = key->plan_hash,
                            .seed = key->seed};
    const struct xb_report *run = key->run;
    int rc = xb_text_dup(key->device, &header.device);

    for (int r = 0; rc == 0 && r < key->nranks; r++)
        rc = xb_texts_add(&header.ranks, key->ranks[r]);
    struct header all = header;
    if (run) {
        all.run_id = run->run.id;
        all.start_utc = run->run.start_utc;
        all.scenario = run->run.scenario;
        all.build = run->build;
        all.environment = run->environment;
    }
    rc = rc == 0 ? write_line(j, xb_fields_write(header_fields, &all), true, err)
                 : xb_fail(err, "%s: out of memory", j->name);
    header.name = NULL; /* the others are its own */
    xb_fields_release(header_fields, &header);
    return rc;
}

/* The cases of the run that is resumed. They may come from the very file that this journal
 * replaces, so that one stays until all of them are in the new one. */
static int take_over(struct xb_journal *j, const struct xb_report *resumed,
                     struct xb_error *err)
{
    for (size_t i = 0; i < resumed->cases.n; i++)
        if (xb_journal_add(j, resumed, i, err) < 0)
            return -1;
    char *name = strndup(j->name, strlen(j->name) - strlen(".new"));
    if (!name || rename(j->name, name) != 0) {
        xb_fail(err, "%s: cannot rename: %s", j->name, strerror(errno));
        free(name);
        return -1;
    }
    free(j->name);
    j->name = name;
    return 0;
}

int xb_journal_open(const char *report_file, const struct xb_journal_key *key,
                    const struct xb_report *resumed, struct xb_journal **out,
                    struct xb_error *err)
{
    struct xb_journal *j = calloc(1, sizeof *j);
    struct stat st;

    *out = NULL;
    bool there = stat(report_file, &st) == 0;
    if (there && S_ISDIR(st.st_mode)) {
        free(j);
        return xb_fail(err, "%s: is a folder, expected the name of a report", report_file);
    }
    if (there && !S_ISREG(st.st_mode)) { /* a pipe or /dev/null: nothing to resume from */
        free(j);
        return 0;
    }
    if (!j || asprintf(&j->name, "%s.journal%s", report_file, resumed ? ".new" : "") < 0) {
        free(j);
        return xb_fail(err, "out of memory");
    }
    j->file = fopen(j->name, "we");
    if (!j->file) {
        xb_fail(err, "%s: cannot create: %s", j->name, strerror(errno));
        xb_journal_close(j, 0);
        return -1;
    }
    if (write_header(j, key, err) < 0 || (resumed && take_over(j, resumed, err) < 0)) {
        xb_journal_close(j, 1);
        return -1;
    }
    *out = j;
    return 0;
}

int xb_journal_add(struct xb_journal *journal, const struct xb_report *report, size_t i,
                   struct xb_error *err)
{
    return journal ? write_line(journal, xb_report_case_json(report, i), true, err) : 0;
}

int xb_journal_add_lane(struct xb_journal *journal, const struct xb_case *c,
                        const struct xb_lane_result *lane, struct xb_error *err)
{
    struct xb_lane_result one = *lane; /* borrows */
    struct xb_result result = {
        .status = lane->status, .lanes = &one, .nlanes = 1, .concurrent = 1};
    struct xb_report report;

    if (!journal)
        return 0;
    xb_report_empty(&report);
    int rc = xb_report_add(&report, c, &result, false, err);
    if (rc == 0) {
        cJSON *line = cJSON_CreateObject(), *entry = xb_report_case_json(&report, 0);
        if (line && entry && cJSON_AddItemToObject(line, LANE, entry)) {
            rc = write_line(journal, line, false, err);
        } else {
            rc = xb_fail(err, "%s: out of memory for a lane", journal->name);
            cJSON_Delete(entry);
            cJSON_Delete(line);
        }
    }
    xb_report_release(&report);
    return rc;
}

void xb_journal_close(struct xb_journal *journal, int remove_file)
{
    if (!journal)
        return;
    if (journal->file)
        fclose(journal->file);
    if (remove_file)
        unlink(journal->name);
    free(journal->name);
    free(journal);
}

static int not_ours(const char *file, struct xb_error *err)
{
    return xb_fail(err, "%s: neither a report nor a journal of this program", file);
}

static int compare_ranks(const char *file, const struct xb_texts *ranks,
                         const struct xb_journal_key *key, struct xb_error *err)
{
    if (ranks->n != (size_t)key->nranks)
        return xb_fail(err, "%s: made by %zu ranks, this run has %d", file, ranks->n,
                       key->nranks);
    for (size_t r = 0; r < ranks->n; r++)
        if (strcmp(ranks->value[r], key->ranks[r]) != 0)
            return xb_fail(err, "%s: rank %zu was %s, is %s", file, r, ranks->value[r],
                           key->ranks[r]);
    return 0;
}

/* What must agree, but for build and environment. */
static int compare_key(const char *file, const struct header *head,
                       const struct xb_journal_key *key, struct xb_error *err)
{
    if (head->plan_hash != key->plan_hash)
        return xb_fail(err,
                       "%s: made from plan 0x%016" PRIx64 ", this run's plan is 0x%016" PRIx64,
                       file, head->plan_hash, key->plan_hash);
    if (head->seed != key->seed)
        return xb_fail(err, "%s: made with seed %" PRIu64 ", this run has %" PRIu64, file,
                       head->seed, key->seed);
    if (strcmp(head->device, key->device) != 0)
        return xb_fail(err, "%s: made on device %s, this run uses %s", file, head->device,
                       key->device);
    return compare_ranks(file, &head->ranks, key, err);
}

/* What was measured in another environment is not mixed with this run's unless the user says
 * so. */
static int compare_environment(const char *file, const struct xb_report *was,
                               const struct xb_journal_key *key, struct xb_error *err)
{
    char text[XB_ERROR_LEN];

    if (!key->run || key->anyway)
        return 0;
    int n = xb_report_differences(was, key->run, text, sizeof text);
    if (n < 0)
        return xb_fail(err, "%s: out of memory", file);
    return n == 0 ? 0
                  : xb_fail(err,
                            "%.200s: made by another build or in another environment: "
                            "%.*s; --resume-anyway goes on",
                            file, XB_ERROR_LEN - 320, text);
}

/* The ranks of a report as a journal names them. */
static int name_ranks(const struct xb_report *report, struct xb_texts *out)
{
    for (size_t r = 0; r < report->ranks.n; r++) {
        const struct xb_report_rank *rank = xb_report_rank_at(report, r);
        char *text;

        if (asprintf(&text, "%s/%s", rank->host, rank->gpu.uuid ? rank->gpu.uuid : "-") < 0)
            return -1;
        int rc = xb_texts_add(out, text);
        free(text);
        if (rc < 0)
            return -1;
    }
    return 0;
}

static int load_report(const struct xb_json *doc, const struct xb_journal_key *key,
                       struct xb_report *out, struct xb_error *err)
{
    struct xb_node root = xb_json_root(doc);
    struct xb_texts ranks = {NULL, 0};

    if (xb_report_read(&root, out, err) < 0)
        return -1;
    if (!key)
        return 0;
    int rc = name_ranks(out, &ranks);
    const struct header head = {.plan_hash = out->run.plan_hash,
                                .seed = out->run.seed,
                                .device = out->run.device,
                                .ranks = ranks};
    rc = rc == 0 ? compare_key(doc->name, &head, key, err)
                 : xb_fail(err, "%s: out of memory", doc->name);
    for (size_t r = 0; r < ranks.n; r++)
        free(ranks.value[r]);
    free(ranks.value);
    return rc == 0 ? compare_environment(doc->name, out, key, err) : rc;
}

static int read_header(const char *file, const struct xb_json *doc, struct header *header,
                       struct xb_error *err)
{
    struct xb_node root = xb_json_root(doc);
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(root.item, "name");
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(root.item, "version");

    if (!cJSON_IsString(name) || strcmp(name->valuestring, JOURNAL_NAME) != 0)
        return not_ours(file, err);
    if (!cJSON_IsNumber(version) || version->valuedouble != JOURNAL_VERSION)
        return xb_fail(err, "%s: a journal of another version, expected %d", file,
                       JOURNAL_VERSION);
    return xb_fields_read(header_fields, &root, XB_REPORT_VERSION, header, err);
}

/* Check the header, and move what it says into the report. */
static int take_header(const char *file, const struct xb_json *doc,
                       const struct xb_journal_key *key, struct xb_report *out,
                       struct xb_error *err)
{
    struct header header;

    if (read_header(file, doc, &header, err) < 0)
        return -1;
    int rc = key ? compare_key(file, &header, key, err) : 0;
    out->run.seed = header.seed;
    out->run.id = header.run_id;
    out->run.start_utc = header.start_utc;
    out->run.scenario = header.scenario;
    out->build = header.build;
    out->environment = header.environment;
    header.run_id = header.start_utc = NULL;
    header.scenario = NULL;
    xb_fields_clear(xb_report_build_fields, &header.build);
    xb_fields_clear(xb_report_environment_fields, &header.environment);
    xb_fields_release(header_fields, &header);
    return rc == 0 && key ? compare_environment(file, out, key, err) : rc;
}

/* One line, by a name that errors print, which has its number. */
static int parse_line(const char *file, int number, const char *line, struct xb_json *out,
                      struct xb_error *err)
{
    char name[4096];

    snprintf(name, sizeof name, "%.4000s: line %d", file, number);
    if (xb_json_parse(name, line, strlen(line), out, err) < 0)
        return -1;
    free(out->text);
    out->text = NULL;
    return 0;
}

static int load_case(const char *file, int number, const char *line, bool last,
                     struct xb_report *out, struct xb_error *err)
{
    struct xb_json doc;

    if (parse_line(file, number, line, &doc, err) < 0)
        return last ? 0 : xb_fail(err, "%s: line %d: not a case", file, number);
    /* a lane is of a case that follows, or that was cut short and is measured again */
    bool lane = cJSON_HasObjectItem(doc.root, LANE);
    int rc = lane ? 0 : xb_report_read_case(&doc, out, err);
    xb_json_release(&doc);
    return rc;
}

/* The header, and the lines behind it unless there is no key; the last may be what a dying run
 * left unfinished. */
static int load_lines(const char *file, char *text, const struct xb_journal_key *key,
                      struct xb_report *out, struct xb_error *err)
{
    char *save = NULL, *line = strtok_r(text, "\n", &save);
    struct xb_json header;
    int number = 1;

    if (!line || parse_line(file, number, line, &header, err) < 0)
        return not_ours(file, err);
    int rc = take_header(file, &header, key, out, err);
    xb_json_release(&header);
    while (rc == 0 && key && (line = strtok_r(NULL, "\n", &save)))
        rc = load_case(file, ++number, line, !*save, out, err);
    return rc;
}

static char *read_all(const char *file, struct xb_error *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = fopen(file, "re");

    if (!f) {
        xb_fail(err, "%s: cannot read: %s", file, strerror(errno));
        return NULL;
    }
    ssize_t got = getdelim(&text, &len, '\0', f);
    fclose(f);
    if (got < 0) {
        free(text);
        text = NULL;
        xb_fail(err, "%s: empty or unreadable", file);
    }
    return text;
}

int xb_journal_load(const char *file, const struct xb_journal_key *key, struct xb_report *out,
                    struct xb_error *err)
{
    char *text = read_all(file, err);
    struct xb_json doc;
    struct xb_error why;
    int rc;

    xb_report_empty(out);
    if (!text)
        return -1;
    /* a journal of several lines is no JSON value */
    bool whole = xb_json_parse(file, text, strlen(text), &doc, &why) == 0;
    if (whole && cJSON_GetObjectItemCaseSensitive(doc.root, "schema"))
        rc = load_report(&doc, key, out, err);
    else
        rc = load_lines(file, text, key, out, err);
    xb_json_release(&doc);
    free(text);
    if (rc < 0)
        xb_report_release(out);
    return rc;
}

int xb_journal_origin(const char *file, char **scenario, uint64_t *seed, struct xb_error *err)
{
    struct xb_report report;

    if (xb_journal_load(file, NULL, &report, err) < 0)
        return -1;
    *seed = report.run.seed;
    *scenario = report.run.scenario ? cJSON_PrintUnformatted(report.run.scenario) : NULL;
    bool there = report.run.scenario != NULL;
    xb_report_release(&report);
    if (*scenario)
        return 0;
    return there ? xb_fail(err, "%s: out of memory", file)
                 : xb_fail(err, "%s: does not hold the scenario that it was made from", file);
}
