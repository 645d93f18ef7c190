/* journal_read.c - what a run left, for the one that resumes it. */
#include "engine/runtime/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "engine/runtime/journal_internal.h"
#include "report/differences.h"
#include "report/tables.h"

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
static int compare_key(const char *file, const struct xb_journal_header *head,
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
    const struct xb_journal_header head = {.plan_hash = out->run.plan_hash,
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

static int read_header(const char *file, const struct xb_json *doc,
                       struct xb_journal_header *header, struct xb_error *err)
{
    struct xb_node root = xb_json_root(doc);
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(root.item, "name");
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(root.item, "version");

    if (!cJSON_IsString(name) || strcmp(name->valuestring, XB_JOURNAL_NAME) != 0)
        return not_ours(file, err);
    if (!cJSON_IsNumber(version) || version->valuedouble != XB_JOURNAL_VERSION)
        return xb_fail(err, "%s: a journal of another version, expected %d", file,
                       XB_JOURNAL_VERSION);
    return xb_fields_read(xb_journal_header_fields, &root, XB_REPORT_VERSION, header, err);
}

/* The first line, which the caller frees; NULL where it was cut short or there is none. */
static char *first_line(const char *file)
{
    char *line = NULL;
    size_t room = 0;
    FILE *f = fopen(file, "re");
    ssize_t got = f ? getline(&line, &room, f) : -1;

    if (f)
        fclose(f);
    if (got > 0 && line[got - 1] == '\n')
        return line;
    free(line);
    return NULL;
}

bool xb_journal_has_results(const char *file)
{
    static const char lane[] = "{\"" XB_JOURNAL_LANE "\":";
    char *line = NULL;
    size_t room = 0;
    FILE *f = fopen(file, "re");
    bool found = false;
    ssize_t got;

    for (int i = 0; f && !found && (got = getline(&line, &room, f)) > 0; i++)
        found = i > 0 && line[got - 1] == '\n' && strncmp(line, lane, sizeof lane - 1) != 0;
    if (f)
        fclose(f);
    free(line);
    return found;
}

bool xb_journal_is_cut(const char *file)
{
    static const char begin[] = "{\"name\":\"" XB_JOURNAL_NAME "\"";
    char *line = NULL;
    size_t room = 0;
    FILE *f = fopen(file, "re");
    ssize_t got = f ? getline(&line, &room, f) : -1;
    size_t n = got > 0 ? (size_t)got : 0;
    bool cut =
        f && (n == 0 || (line[n - 1] != '\n' &&
                         strncmp(line, begin, n < sizeof begin ? n : sizeof begin - 1) == 0));

    if (f)
        fclose(f);
    free(line);
    return cut;
}

bool xb_journal_has_header(const char *file)
{
    char *line = first_line(file);

    free(line);
    return line != NULL;
}

int xb_journal_head(const char *file, struct xb_journal_header *out)
{
    char *line = first_line(file);
    struct xb_json doc;
    struct xb_error why;
    int rc = -1;

    xb_fields_clear(xb_journal_header_fields, out);
    if (line && xb_json_parse(file, line, strlen(line), &doc, &why) == 0) {
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
    out->run.start_utc = header.start_utc;
    out->run.scenario = header.scenario;
    out->build = header.build;
    out->environment = header.environment;
    header.run_id = header.start_utc = NULL;
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

void xb_journal_slices_release(struct xb_journal_slices *slices)
{
    for (size_t i = 0; i < slices->n; i++)
        xb_slice_entry_release(&slices->entry[i]);
    free(slices->entry);
    *slices = (struct xb_journal_slices){.entry = NULL};
}

static int load_slice(const struct xb_json *doc, size_t behind,
                      struct xb_journal_slices *slices, struct xb_error *err)
{
    struct xb_node root = xb_json_root(doc), node;

    if (xb_node_require(&root, XB_JOURNAL_SLICE, &node, err) < 0)
        return -1;
    if (slices->n == slices->room) {
        size_t room = slices->room ? 2 * slices->room : 64;
        struct xb_slice_entry *more = realloc(slices->entry, room * sizeof *more);
        if (!more)
            return xb_fail(err, "out of memory for the slices of a journal");
        slices->entry = more;
        slices->room = room;
    }
    if (xb_slice_read(&node, &slices->entry[slices->n], err) < 0)
        return -1;
    slices->entry[slices->n++].behind = behind;
    return 0;
}

/* A case of the report by its id, and of several the later one behind the others. */
struct known {
    const char *id;
    size_t place;
};

static int by_id(const void *a, const void *b)
{
    const struct known *x = a, *y = b;
    int order = strcmp(x->id, y->id);

    return order ? order : (x->place > y->place) - (x->place < y->place);
}

/* Is there a case of this id that was written when so many cases had been, or later? */
static bool follows(const struct known *known, size_t n, const char *id, size_t cases)
{
    const struct known from = {id, cases};
    size_t low = 0, high = n;

    while (low < high) { /* the first that is not before `from` */
        size_t middle = low + (high - low) / 2;
        if (by_id(&known[middle], &from) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && strcmp(known[low].id, id) == 0;
}

/* Slices have gone into the case that follows them, good or bad. One that stands before them is
 * of a run that was resumed, and was not good: it is being measured again. */
static int drop_whole(const struct xb_report *report, struct xb_journal_slices *slices,
                      struct xb_error *err)
{
    size_t n = report->cases.n, kept = 0;
    struct known *known = calloc(n + 1, sizeof *known);

    if (!known)
        return xb_fail(err, "out of memory for the slices of a journal");
    for (size_t i = 0; i < n; i++)
        known[i] = (struct known){xb_report_case_at(report, i)->id, i};
    qsort(known, n, sizeof *known, by_id);
    for (size_t i = 0; i < slices->n; i++) {
        struct xb_slice_entry *e = &slices->entry[i];
        if (follows(known, n, e->id, e->behind))
            xb_slice_entry_release(e);
        else
            slices->entry[kept++] = *e;
    }
    slices->n = kept;
    free(known);
    return 0;
}

static int load_case(const char *file, int number, const char *line, bool last,
                     struct xb_report *out, struct xb_journal_slices *slices,
                     struct xb_error *err)
{
    struct xb_json doc;
    struct xb_error why; /* of a line that was cut short, which is no error */
    int rc = 0;

    if (parse_line(file, number, line, &doc, &why) < 0)
        return last ? 0 : xb_fail(err, "%s: line %d: not a case", file, number);
    if (cJSON_HasObjectItem(doc.root, XB_JOURNAL_SLICE))
        rc = slices ? load_slice(&doc, out->cases.n, slices, err) : 0;
    else if (!cJSON_HasObjectItem(doc.root, XB_JOURNAL_LANE))
        rc = xb_report_read_case(&doc, out, err);
    /* a lane is of a case that follows, or that was cut short and is measured again */
    xb_json_release(&doc);
    return rc;
}

/* The header, and the lines behind it unless there is no key; the last may be what a dying run
 * left unfinished. */
static int load_lines(const char *file, char *text, const struct xb_journal_key *key,
                      struct xb_report *out, struct xb_journal_slices *slices,
                      struct xb_error *err)
{
    char *save = NULL, *line = strtok_r(text, "\n", &save);
    struct xb_json header;
    int number = 1;

    if (!line || parse_line(file, number, line, &header, err) < 0)
        return not_ours(file, err);
    int rc = take_header(file, &header, key, out, err);
    xb_json_release(&header);
    while (rc == 0 && key && (line = strtok_r(NULL, "\n", &save)))
        rc = load_case(file, ++number, line, !*save, out, slices, err);
    return rc == 0 && slices ? drop_whole(out, slices, err) : rc;
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
                    struct xb_journal_slices *slices, struct xb_error *err)
{
    char *text = read_all(file, err);
    struct xb_json doc;
    struct xb_error why;
    int rc;

    xb_report_empty(out);
    if (slices)
        *slices = (struct xb_journal_slices){.entry = NULL};
    if (!text)
        return -1;
    /* a journal of several lines is no JSON value */
    bool whole = xb_json_parse(file, text, strlen(text), &doc, &why) == 0;
    if (whole && cJSON_GetObjectItemCaseSensitive(doc.root, "schema"))
        rc = load_report(&doc, key, out, err);
    else
        rc = load_lines(file, text, key, out, slices, err);
    xb_json_release(&doc);
    free(text);
    if (rc < 0) {
        xb_report_release(out);
        if (slices)
            xb_journal_slices_release(slices);
    }
    return rc;
}

int xb_journal_origin(const char *file, char **scenario, uint64_t *seed, struct xb_error *err)
{
    struct xb_report report;

    if (xb_journal_load(file, NULL, &report, NULL, err) < 0)
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
