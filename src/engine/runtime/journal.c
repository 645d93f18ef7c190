/* journal.c - every result reaches the disk when it is there. */
#include "engine/runtime/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/journal_internal.h"
#include "report/tables.h"

#define SYNC_EVERY_US 1e6

#define ROW(key, kind, member)                                                                 \
    {                                                                                          \
        .name = (key), .type = (kind), .offset = offsetof(struct xb_journal_header, member),   \
        .flags = XB_FIELD_NEEDED                                                               \
    }
#define MAY(key, kind, member, rows)                                                           \
    {                                                                                          \
        .name = (key), .type = (kind), .offset = offsetof(struct xb_journal_header, member),   \
        .flags = XB_FIELD_LATER, .fields = (rows)                                              \
    }

const struct xb_field xb_journal_header_fields[] = {
    ROW("name", XB_FIELD_TEXT, name),
    ROW("version", XB_FIELD_WHOLE, version),
    ROW("plan_hash", XB_FIELD_HASH, plan_hash),
    ROW("seed", XB_FIELD_DIGITS, seed),
    ROW("device", XB_FIELD_TEXT, device),
    ROW("ranks", XB_FIELD_TEXTS, ranks),
    MAY("run_id", XB_FIELD_TEXT, run_id, NULL),
    MAY("start_utc", XB_FIELD_TEXT, start_utc, NULL),
    MAY("host", XB_FIELD_TEXT, host, NULL),
    MAY("pid", XB_FIELD_WHOLE, pid, NULL),
    MAY("scenario", XB_FIELD_JSON, scenario, NULL),
    MAY("build", XB_FIELD_OBJECT, build, xb_report_build_fields),
    MAY("environment", XB_FIELD_OBJECT, environment, xb_report_environment_fields),
    {.name = NULL},
};

/* sync: wait until it is on the disk. */
static int write_line(struct xb_journal *j, cJSON *value, bool sync, struct xb_error *err)
{
    char *text = value ? xb_json_print(value, false) : NULL;
    int ok = text && fprintf(j->file, "%s\n", text) > 0 && fflush(j->file) == 0 &&
             (!sync || fdatasync(fileno(j->file)) == 0);

    if (sync)
        j->synced_us = xb_clock_us();

    if (!text)
        errno = ENOMEM;
    free(text);
    cJSON_Delete(value);
    return ok ? 0 : xb_fail(err, "%s: cannot write: %s", j->name, strerror(errno));
}

static int write_header(struct xb_journal *j, const struct xb_journal_key *key,
                        struct xb_error *err)
{
    struct xb_journal_header header = {.name = (char[]){XB_JOURNAL_NAME},
                                       .version = XB_JOURNAL_VERSION,
                                       .plan_hash = key->plan_hash,
                                       .seed = key->seed,
                                       .pid = (int64_t)getpid()};
    const struct xb_report *run = key->run;
    char host[256] = "";

    xb_utf8_host(host, sizeof host);
    int rc = xb_text_dup(key->device, &header.device);
    if (rc == 0)
        rc = xb_text_dup(host, &header.host);
    for (int r = 0; rc == 0 && r < key->nranks; r++)
        rc = xb_texts_add(&header.ranks, key->ranks[r]);
    struct xb_journal_header all = header;
    if (run) {
        all.run_id = run->run.id;
        all.start_utc = run->run.start_utc;
        all.scenario = run->run.scenario;
        all.build = run->build;
        all.environment = run->environment;
    }
    rc = rc == 0 ? write_line(j, xb_fields_write(xb_journal_header_fields, &all), true, err)
                 : xb_fail(err, "%s: out of memory", j->name);
    header.name = NULL; /* the others are its own */
    xb_fields_release(xb_journal_header_fields, &header);
    return rc;
}

int xb_journal_fill(struct xb_journal *journal, const struct xb_journal_key *key,
                    const struct xb_report *resumed, const struct xb_journal_slices *slices,
                    struct xb_error *err)
{
    int rc = journal ? write_header(journal, key, err) : 0;

    for (size_t i = 0; rc == 0 && journal && resumed && i < resumed->cases.n; i++)
        rc = write_line(journal, xb_report_case_json(resumed, i), false, err);
    for (size_t i = 0; rc == 0 && journal && slices && i < slices->n; i++) {
        const struct xb_slice_entry *e = &slices->entry[i];
        rc = xb_journal_add_slice(journal, e->id, e->pass, &e->result, err);
    }
    if (rc == 0 && journal && fdatasync(fileno(journal->file)) != 0)
        rc = xb_fail(err, "%s: cannot write: %s", journal->name, strerror(errno));
    return rc;
}

int xb_journal_add(struct xb_journal *journal, const struct xb_report *report, size_t i,
                   struct xb_error *err)
{
    return journal ? write_line(journal, xb_report_case_json(report, i), true, err) : 0;
}

/* A line with one key, whose value is taken over. */
static int write_under(struct xb_journal *j, const char *key, cJSON *value, bool sync,
                       struct xb_error *err)
{
    cJSON *line = cJSON_CreateObject();

    if (line && value && cJSON_AddItemToObject(line, key, value))
        return write_line(j, line, sync, err);
    cJSON_Delete(value);
    cJSON_Delete(line);
    return xb_fail(err, "%s: out of memory", j->name);
}

int xb_journal_add_slice(struct xb_journal *journal, const char *id, int pass,
                         const struct xb_result *slice, struct xb_error *err)
{
    if (!journal)
        return 0;
    bool sync = xb_clock_us() - journal->synced_us >= SYNC_EVERY_US;
    return write_under(journal, XB_JOURNAL_SLICE, xb_slice_json(id, pass, slice), sync, err);
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
    if (rc == 0)
        rc = write_under(journal, XB_JOURNAL_LANE, xb_report_case_json(&report, 0), false, err);
    xb_report_release(&report);
    return rc;
}
