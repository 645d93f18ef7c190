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

#define JOURNAL_NAME    "xferbench-journal"
#define JOURNAL_VERSION 2

struct xb_journal {
    FILE *file;
    char *name;
};

static void format_hash(uint64_t hash, char buf[24])
{
    snprintf(buf, 24, "0x%016" PRIx64, hash);
}

static int write_line(struct xb_journal *j, const cJSON *value, struct xb_error *err)
{
    char *text = cJSON_PrintUnformatted(value);
    int ok = text && fprintf(j->file, "%s\n", text) > 0 && fflush(j->file) == 0 &&
             fdatasync(fileno(j->file)) == 0;

    cJSON_free(text);
    return ok ? 0 : xb_fail(err, "%s: cannot write: %s", j->name, strerror(errno));
}

/* As digits: cJSON rounds a number of more than 15. */
static cJSON *seed_json(uint64_t seed)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%" PRIu64, seed);
    return cJSON_CreateRaw(digits);
}

static int write_header(struct xb_journal *j, const struct xb_journal_key *key,
                        struct xb_error *err)
{
    char hash[24];
    cJSON *header = cJSON_CreateObject();

    format_hash(key->plan_hash, hash);
    cJSON_AddStringToObject(header, "name", JOURNAL_NAME);
    cJSON_AddNumberToObject(header, "version", JOURNAL_VERSION);
    cJSON_AddStringToObject(header, "plan_hash", hash);
    cJSON_AddItemToObject(header, "seed", seed_json(key->seed));
    cJSON_AddStringToObject(header, "device", key->device);
    cJSON *ranks = cJSON_AddArrayToObject(header, "ranks");
    for (int r = 0; r < key->nranks; r++)
        cJSON_AddItemToArray(ranks, cJSON_CreateString(key->ranks[r]));
    int rc = write_line(j, header, err);
    cJSON_Delete(header);
    return rc;
}

int xb_journal_open(const char *report_file, const struct xb_journal_key *key,
                    struct xb_journal **out, struct xb_error *err)
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
    if (!j || asprintf(&j->name, "%s.journal", report_file) < 0) {
        free(j);
        return xb_fail(err, "out of memory");
    }
    j->file = fopen(j->name, "we");
    if (!j->file) {
        xb_fail(err, "%s: cannot create: %s", j->name, strerror(errno));
        xb_journal_close(j, 0);
        return -1;
    }
    if (write_header(j, key, err) < 0) {
        xb_journal_close(j, 1);
        return -1;
    }
    *out = j;
    return 0;
}

int xb_journal_add(struct xb_journal *journal, const cJSON *entry, struct xb_error *err)
{
    return journal ? write_line(journal, entry, err) : 0;
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

static int compare_ranks(const char *file, const cJSON *ranks, const struct xb_journal_key *key,
                         struct xb_error *err)
{
    const cJSON *rank;
    int r = 0, nranks = cJSON_GetArraySize(ranks);

    if (nranks != key->nranks)
        return xb_fail(err, "%s: made by %d ranks, this run has %d", file, nranks, key->nranks);
    cJSON_ArrayForEach(rank, ranks)
    {
        if (!cJSON_IsString(rank))
            return not_ours(file, err);
        if (strcmp(rank->valuestring, key->ranks[r]) != 0)
            return xb_fail(err, "%s: rank %d was %s, is %s", file, r, rank->valuestring,
                           key->ranks[r]);
        r++;
    }
    return 0;
}

/* What must agree, found in head, which is a journal's header or a report's "run". */
static int compare_key(const char *file, const cJSON *head, const cJSON *ranks,
                       const struct xb_journal_key *key, struct xb_error *err)
{
    const cJSON *plan_hash = cJSON_GetObjectItemCaseSensitive(head, "plan_hash");
    const cJSON *seed = cJSON_GetObjectItemCaseSensitive(head, "seed");
    const cJSON *device = cJSON_GetObjectItemCaseSensitive(head, "device");
    char hash[24];

    format_hash(key->plan_hash, hash);
    if (!cJSON_IsString(plan_hash) || !cJSON_IsNumber(seed) || !cJSON_IsString(device))
        return not_ours(file, err);
    if (strcmp(plan_hash->valuestring, hash) != 0)
        return xb_fail(err, "%s: made from plan %s, this run's plan is %s", file,
                       plan_hash->valuestring, hash);
    if (seed->valuedouble != (double)key->seed)
        return xb_fail(err, "%s: made with seed %.0f, this run has %" PRIu64, file,
                       seed->valuedouble, key->seed);
    if (strcmp(device->valuestring, key->device) != 0)
        return xb_fail(err, "%s: made on device %s, this run uses %s", file,
                       device->valuestring, key->device);
    return compare_ranks(file, ranks, key, err);
}

/* A rank of a report as a journal names it; null when it has no host. */
static cJSON *name_rank(const cJSON *rank)
{
    const cJSON *host = cJSON_GetObjectItemCaseSensitive(rank, "host");
    const cJSON *gpu = cJSON_GetObjectItemCaseSensitive(rank, "gpu");
    const cJSON *uuid = cJSON_GetObjectItemCaseSensitive(gpu, "uuid");
    char *text = NULL;

    if (!cJSON_IsString(host) || asprintf(&text, "%s/%s", host->valuestring,
                                          cJSON_IsString(uuid) ? uuid->valuestring : "-") < 0)
        return cJSON_CreateNull();
    cJSON *name = cJSON_CreateString(text);
    free(text);
    return name;
}

static cJSON *name_ranks(const cJSON *report)
{
    const cJSON *topology = cJSON_GetObjectItemCaseSensitive(report, "topology");
    const cJSON *ranks = cJSON_GetObjectItemCaseSensitive(topology, "ranks"), *rank;
    cJSON *names = cJSON_CreateArray();

    cJSON_ArrayForEach(rank, ranks)
    {
        cJSON_AddItemToArray(names, name_rank(rank));
    }
    return names;
}

static int load_report(const char *file, cJSON *report, const struct xb_journal_key *key,
                       cJSON **cases, struct xb_error *err)
{
    cJSON *ranks = name_ranks(report);
    int rc =
        compare_key(file, cJSON_GetObjectItemCaseSensitive(report, "run"), ranks, key, err);

    cJSON_Delete(ranks);
    if (rc < 0)
        return -1;
    if (!cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(report, "cases")))
        return xb_fail(err, "%s: cases: not an array", file);
    *cases = cJSON_DetachItemFromObjectCaseSensitive(report, "cases");
    return 0;
}

/* One line as an object, or NULL. */
static cJSON *parse_line(const char *line)
{
    cJSON *value = line ? cJSON_ParseWithOpts(line, NULL, 1) : NULL;

    if (cJSON_IsObject(value))
        return value;
    cJSON_Delete(value);
    return NULL;
}

static int check_header(const char *file, const cJSON *header, const struct xb_journal_key *key,
                        struct xb_error *err)
{
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(header, "name");
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(header, "version");

    if (!cJSON_IsString(name) || strcmp(name->valuestring, JOURNAL_NAME) != 0)
        return not_ours(file, err);
    if (!cJSON_IsNumber(version) || version->valuedouble != JOURNAL_VERSION)
        return xb_fail(err, "%s: a journal of another version, expected %d", file,
                       JOURNAL_VERSION);
    return compare_key(file, header, cJSON_GetObjectItemCaseSensitive(header, "ranks"), key,
                       err);
}

/* Lines behind the header; the last may be what a dying run left unfinished. */
static int load_lines(const char *file, char *text, const struct xb_journal_key *key,
                      cJSON **cases, struct xb_error *err)
{
    char *save = NULL, *line = strtok_r(text, "\n", &save);
    cJSON *header = parse_line(line);
    int rc = check_header(file, header, key, err), number = 1;

    cJSON_Delete(header);
    if (rc < 0)
        return -1;
    *cases = cJSON_CreateArray();
    while ((line = strtok_r(NULL, "\n", &save))) {
        cJSON *entry = parse_line(line);
        number++;
        if (entry)
            cJSON_AddItemToArray(*cases, entry);
        else if (*save)
            rc = xb_fail(err, "%s: line %d: not a case entry", file, number);
    }
    if (rc < 0) {
        cJSON_Delete(*cases);
        *cases = NULL;
    }
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

int xb_journal_load(const char *file, const struct xb_journal_key *key, cJSON **cases,
                    struct xb_error *err)
{
    char *text = read_all(file, err);

    *cases = NULL;
    if (!text)
        return -1;
    cJSON *report = cJSON_Parse(text);
    int rc = cJSON_GetObjectItemCaseSensitive(report, "schema")
                 ? load_report(file, report, key, cases, err)
                 : load_lines(file, text, key, cases, err);
    cJSON_Delete(report);
    free(text);
    return rc;
}
