/* SPDX-License-Identifier: BSD-3-Clause */
/* journal_read.c - what a run left, for the one that resumes it. */
#include "engine/runtime/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/json_differences.h"
#include "base/words.h"
#include "engine/runtime/journal_internal.h"
#include "report/differences.h"
#include "report/tables.h"

static int not_ours(const char *file, struct xb_error *err)
{
    return xb_fail(err, "%s: expected a report or a journal of this program", file);
}

static int compare_ranks(const char *file, const struct xb_texts *ranks,
                         const struct xb_journal_key *key, struct xb_error *err)
{
    if (ranks->n != (size_t)key->nranks)
        return xb_fail(err, "%s: made by %zu ranks, this run has %d, expected as many", file,
                       ranks->n, key->nranks);
    for (size_t r = 0; r < ranks->n; r++)
        if (strcmp(ranks->value[r], key->ranks[r]) != 0)
            return xb_fail(err, "%s: rank %zu was %s, is %s", file, r, ranks->value[r],
                           key->ranks[r]);
    return 0;
}

/* In what the scenarios differ is why the plans do, unless it is the policy. */
static int fail_plan(const char *file, const struct xb_journal_header *head,
                     const struct xb_journal_key *key, struct xb_error *err)
{
    const cJSON *scenario = key->run ? key->run->run.scenario : NULL;
    char text[256] = "";

    if (head->scenario && scenario)
        xb_json_differences(head->scenario, scenario, 2, text, sizeof text);
    return xb_fail(
        err, "%.200s: made from plan 0x%016" PRIx64 ", this run's plan is 0x%016" PRIx64 "%s%s",
        file, head->plan_hash, key->plan_hash, text[0] ? ": in the scenario " : "", text);
}

/* What must agree, but for build and environment. */
static int check_key(const char *file, const struct xb_journal_header *head,
                     const struct xb_journal_key *key, struct xb_error *err)
{
    if (head->plan_hash != key->plan_hash)
        return fail_plan(file, head, key, err);
    if (head->seed != key->seed)
        return xb_fail(err, "%s: made with seed %" PRIu64 ", this run has %" PRIu64, file,
                       head->seed, key->seed);
    if (strcmp(head->device, key->device) != 0)
        return xb_fail(err, "%s: made on device %s, this run uses %s", file, head->device,
                       key->device);
    return compare_ranks(file, &head->ranks, key, err);
}

static int compare_key(const char *file, const struct xb_journal_header *head,
                       const struct xb_journal_key *key, struct xb_error *err)
{
    int rc = check_key(file, head, key, err);

    if (rc < 0 && key->differs)
        *key->differs = true;
    return rc;
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
    if (n > 0 && key->differs)
        *key->differs = true;
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

/* The cases of a report, each of which goes when it was taken. */
static int give_cases(struct xb_report *report, const struct xb_journal_taker *taker,
                      struct xb_error *err)
{
    int rc = 0;

    for (size_t i = 0; i < report->cases.n; i++) {
        struct xb_report_case *c = xb_report_case_at(report, i);
        if (rc == 0 && taker)
            rc = taker->take_case(taker->arg, report, c, err);
        xb_report_case_release(c);
    }
    free(report->cases.item);
    report->cases = (struct xb_list){NULL, 0, 0};
    return rc;
}

static int check_report(const struct xb_json *doc, const struct xb_journal_key *key,
                        const struct xb_report *report, struct xb_error *err)
{
    struct xb_texts ranks = {NULL, 0};

    if (!key)
        return 0;
    int rc = name_ranks(report, &ranks);
    const struct xb_journal_header head = {.plan_hash = report->run.plan_hash,
                                           .seed = report->run.seed,
                                           .device = report->run.device,
                                           .scenario = report->run.scenario,
                                           .ranks = ranks};
    rc = rc == 0 ? compare_key(doc->name, &head, key, err)
                 : xb_fail(err, "%s: out of memory", doc->name);
    for (size_t r = 0; r < ranks.n; r++)
        free(ranks.value[r]);
    free(ranks.value);
    return rc == 0 ? compare_environment(doc->name, report, key, err) : rc;
}

/* A report is one JSON value. */
static int load_report(const char *file, const struct xb_journal_key *key,
                       const struct xb_journal_taker *taker, struct xb_report *out,
                       struct xb_error *err)
{
    struct xb_json doc;
    struct xb_error why;

    bool whole = xb_json_load(file, XB_REPORT_MAX_BYTES, &doc, &why) == 0;
    if (!whole || !cJSON_GetObjectItemCaseSensitive(doc.root, "schema")) {
        xb_json_release(&doc);
        return not_ours(file, err);
    }
    struct xb_node root = xb_json_root(&doc);
    int rc = xb_report_read(&root, out, err);
    if (rc == 0)
        rc = check_report(&doc, key, out, err);
    xb_json_release(&doc); /* before the cases are taken: they are here twice */
    return rc == 0 ? give_cases(out, key ? taker : NULL, err) : rc;
}

static bool is_header(const struct xb_json *doc)
{
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(doc->root, "name");

    return cJSON_IsString(name) && strcmp(name->valuestring, XB_JOURNAL_NAME) == 0;
}

static int read_header(const char *file, const struct xb_json *doc,
                       struct xb_journal_header *header, struct xb_error *err)
{
    struct xb_node root = xb_json_root(doc);
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(root.item, "version");

    if (!is_header(doc))
        return not_ours(file, err);
    if (!cJSON_IsNumber(version) || version->valuedouble != XB_JOURNAL_VERSION)
        return xb_fail(err, "%s: found a journal of version %g, expected %d", file,
                       version ? version->valuedouble : 0, XB_JOURNAL_VERSION);
    return xb_fields_read(xb_journal_header_fields, &root, XB_REPORT_VERSION, header, err);
}

/* The first line, which the caller frees: "" of an empty file, NULL where it cannot be read. It
 * ends with a line feed unless it was cut short. */
static char *first_line(const char *file)
{
    char *line = NULL;
    size_t room = 0;
    FILE *f = xb_file_open(file, NULL);

    if (!f)
        return NULL;
    if (getline(&line, &room, f) < 0) {
        free(line);
        line = strdup("");
    }
    fclose(f);
    return line;
}

static bool is_whole(const char *line)
{
    return line && strchr(line, '\n');
}

/* Does nobody go on with what a line holds? */
static bool is_passed_over(const char *line)
{
    static const char lane[] = "{\"" XB_JOURNAL_LANE "\":",
                      partial[] = "{\"" XB_JOURNAL_PARTIAL "\":";

    return strncmp(line, lane, sizeof lane - 1) == 0 ||
           strncmp(line, partial, sizeof partial - 1) == 0;
}

bool xb_journal_has_results(const char *file)
{
    char *line = NULL;
    size_t room = 0;
    FILE *f = xb_file_open(file, NULL);
    bool found = false;
    ssize_t got;

    for (int i = 0; f && !found && (got = getline(&line, &room, f)) > 0; i++)
        found = i > 0 && line[got - 1] == '\n' && !is_passed_over(line);
    if (f)
        fclose(f);
    free(line);
    return found;
}

bool xb_journal_is_cut(const char *file)
{
    static const char begin[] = "{\"name\":\"" XB_JOURNAL_NAME "\"";
    char *line = first_line(file);
    size_t n = line ? strlen(line) : 0;
    bool cut = line && !is_whole(line) &&
               strncmp(line, begin, n < sizeof begin ? n : sizeof begin - 1) == 0;

    free(line);
    return cut;
}

bool xb_journal_has_header(const char *file)
{
    char *line = first_line(file);
    bool whole = is_whole(line);

    free(line);
    return whole;
}

int xb_journal_head(const char *file, struct xb_journal_header *out)
{
    char *line = first_line(file);
    struct xb_json doc;
    struct xb_error why;
    int rc = -1;

    xb_fields_clear(xb_journal_header_fields, out);
    if (is_whole(line) && xb_json_parse(file, line, strlen(line), &doc, &why) == 0) {
        rc = read_header(file, &doc, out, &why);
        xb_json_release(&doc);
    }
    free(line);
    return rc;
}

/* Check the header, and move what it says into the report. */
static int take_header(const char *file, const struct xb_json *doc,
                       const struct xb_journal_key *key, struct xb_report *out,
                       struct xb_error *err)
{
    struct xb_journal_header header;

    if (read_header(file, doc, &header, err) < 0)
        return -1;
    int rc = key ? compare_key(file, &header, key, err) : 0;
    out->run.seed = header.seed;
    out->run.id = header.run_id;
    out->run.label = header.label;
    out->run.start_utc = header.start_utc;
    out->run.argv = header.argv;
    out->run.scenario = header.scenario;
    out->build = header.build;
    out->environment = header.environment;
    header.run_id = header.label = header.start_utc = NULL;
    header.argv = (struct xb_texts){NULL, 0};
    header.scenario = NULL;
    xb_fields_clear(xb_report_build_fields, &header.build);
    xb_fields_clear(xb_report_environment_fields, &header.environment);
    xb_fields_release(xb_journal_header_fields, &header);
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

static int give_slice(const struct xb_json *doc, const struct xb_journal_taker *taker,
                      struct xb_error *err)
{
    struct xb_node root = xb_json_root(doc), node;
    struct xb_slice_entry entry;

    if (xb_node_require(&root, XB_JOURNAL_SLICE, &node, err) < 0 ||
        xb_slice_read(&node, &entry, err) < 0)
        return -1;
    int rc = taker->take_slice(taker->arg, &entry, err);
    xb_slice_entry_release(&entry);
    return rc;
}

static int give_case(struct xb_json *doc, const struct xb_journal_taker *taker,
                     struct xb_report *of, struct xb_error *err)
{
    struct xb_report_case c;

    if (xb_report_read_case(doc, of, &c, err) < 0)
        return -1;
    int rc = taker->take_case(taker->arg, of, &c, err);
    xb_report_case_release(&c);
    return rc;
}

static int give_line(struct xb_json *doc, const struct xb_journal_taker *taker,
                     struct xb_report *of, struct xb_error *err)
{
    if (cJSON_HasObjectItem(doc->root, XB_JOURNAL_SLICE))
        return give_slice(doc, taker, err);
    /* a lane or part of a case follows from others, or is measured again */
    if (cJSON_HasObjectItem(doc->root, XB_JOURNAL_LANE) ||
        cJSON_HasObjectItem(doc->root, XB_JOURNAL_PARTIAL))
        return 0;
    return give_case(doc, taker, of, err);
}

/* A journal, line by line. */
struct lines {
    const char *file;
    FILE *stream;
    char *line; /* the last one that was read, without its end */
    size_t room;
    int number;
};

/* The next line that is not empty; false behind the last. */
static bool next_line(struct lines *l)
{
    ssize_t got;

    while ((got = getline(&l->line, &l->room, l->stream)) > 0) {
        l->number++;
        if (l->line[got - 1] == '\n')
            l->line[--got] = '\0';
        if (got > 0)
            return true;
    }
    return false;
}

/* The lines behind the header. The last may be what a dying run left unfinished. */
static int load_lines(struct lines *l, const struct xb_journal_taker *taker,
                      struct xb_report *out, struct xb_error *err)
{
    struct xb_json doc;
    struct xb_error why; /* of a line that was cut short, which is no error */
    int rc = 0;

    while (rc == 0 && next_line(l)) {
        if (parse_line(l->file, l->number, l->line, &doc, &why) < 0)
            return !next_line(l) ? 0
                                 : xb_fail(err, "%s: line %d: found no JSON, expected a case",
                                           l->file, l->number - 1);
        rc = give_line(&doc, taker, out, err);
        xb_json_release(&doc);
    }
    if (rc == 0 && ferror(l->stream))
        rc = xb_fail(err, "%s: cannot be read: %s", l->file, strerror(errno));
    return rc;
}

/* By the first line: 1 where it is no journal's. */
static int load_journal(struct lines *l, const struct xb_journal_key *key,
                        const struct xb_journal_taker *taker, struct xb_report *out,
                        struct xb_error *err)
{
    struct xb_json header;
    struct xb_error why;

    if (!next_line(l))
        return ferror(l->stream) || l->number == 0
                   ? xb_fail(err, "%s: found nothing, expected a report or a journal", l->file)
                   : not_ours(l->file, err);
    if (parse_line(l->file, l->number, l->line, &header, &why) < 0)
        return 1;
    int rc = is_header(&header) ? take_header(l->file, &header, key, out, err) : 1;
    xb_json_release(&header);
    return rc == 0 && key ? load_lines(l, taker, out, err) : rc;
}

int xb_journal_load(const char *file, const struct xb_journal_key *key,
                    const struct xb_journal_taker *taker, struct xb_report *out,
                    struct xb_error *err)
{
    struct lines l = {.file = file, .stream = xb_file_open(file, err)};

    xb_report_empty(out);
    if (!l.stream)
        return -1;
    int rc = load_journal(&l, key, taker, out, err);
    free(l.line);
    fclose(l.stream);
    if (rc > 0)
        rc = load_report(file, key, taker, out, err);
    if (rc < 0)
        xb_report_release(out);
    return rc;
}

/* What it says of its run, without what was measured. */
static int load_run(const char *file, struct xb_report *out, struct xb_error *err)
{
    return xb_journal_load(file, NULL, NULL, out, err);
}

int xb_journal_origin(const char *file, char **scenario, uint64_t *seed, struct xb_error *err)
{
    struct xb_report report;

    if (load_run(file, &report, err) < 0)
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

char *xb_journal_label(const char *file)
{
    struct xb_report report;
    struct xb_error err;
    char *label = NULL;

    if (load_run(file, &report, &err) < 0)
        return NULL;
    label = report.run.label;
    report.run.label = NULL;
    xb_report_release(&report);
    return label;
}

char *xb_journal_command(const char *file)
{
    struct xb_report report;
    struct xb_error err;
    char *text = NULL;
    size_t len;

    if (load_run(file, &report, &err) < 0)
        return NULL;
    const struct xb_texts *argv = &report.run.argv;
    FILE *out = argv->n > 0 ? open_memstream(&text, &len) : NULL;
    if (out) {
        fputs("xferbench ", out);
        xb_words_print((const char *const *)argv->value, argv->n, out);
        if (fclose(out) != 0) {
            free(text);
            text = NULL;
        }
    }
    xb_report_release(&report);
    return text;
}
