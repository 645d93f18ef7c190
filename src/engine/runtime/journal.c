/* SPDX-License-Identifier: BSD-3-Clause */
/* journal.c - every result reaches the disk when it is there, and comes back from it. */
#include "engine/runtime/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/journal_internal.h"
#include "report/report_json.h"
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
    MAY("label", XB_FIELD_TEXT, label, NULL),
    MAY("start_utc", XB_FIELD_TEXT, start_utc, NULL),
    MAY("argv", XB_FIELD_TEXTS, argv, NULL),
    MAY("host", XB_FIELD_TEXT, host, NULL),
    MAY("pid", XB_FIELD_WHOLE, pid, NULL),
    MAY("scenario", XB_FIELD_JSON, scenario, NULL),
    MAY("build", XB_FIELD_OBJECT, build, xb_report_build_fields),
    MAY("environment", XB_FIELD_OBJECT, environment, xb_report_environment_fields),
    {.name = NULL},
};

static int cannot(const struct xb_journal *j, const char *what, struct xb_error *err)
{
    return xb_fail(err, "%s: cannot %s: %s", j->name, what,
                   errno ? strerror(errno) : "it ends too early");
}

static int write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0) {
            text += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

bool xb_journal_is_kept(const struct xb_journal *journal)
{
    return journal && journal->new_name;
}

/* What is without a name goes with this process, on whatever disk it is. */
int xb_journal_sync(struct xb_journal *j, struct xb_error *err)
{
    j->synced_us = xb_clock_us();
    return xb_journal_is_kept(j) && fdatasync(j->fd) != 0 ? cannot(j, "write", err) : 0;
}

/* sync: wait until it is on the disk. What did not find room goes again, so that a line that
 * follows is one. */
static int write_line(struct xb_journal *j, cJSON *value, bool sync, int64_t *where,
                      struct xb_error *err)
{
    char *text = value ? xb_json_print(value, false) : NULL;
    size_t len = text ? strlen(text) : 0;
    int64_t begin = j->end;

    cJSON_Delete(value);
    if (where)
        *where = XB_NOWHERE;
    errno = ENOMEM;
    if (text)
        text[len++] = '\n'; /* in place of its NUL */
    if (!text || write_all(j->fd, text, len) < 0) {
        int number = errno;
        free(text);
        if (ftruncate(j->fd, begin) == 0)
            lseek(j->fd, begin, SEEK_SET);
        errno = number;
        return cannot(j, "write", err);
    }
    free(text);
    j->end += (int64_t)len;
    if (sync && xb_journal_sync(j, err) < 0)
        return -1;
    if (where)
        *where = begin;
    return 0;
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
        all.label = run->run.label;
        all.start_utc = run->run.start_utc;
        all.argv = run->run.argv;
        all.scenario = run->run.scenario;
        all.build = run->build;
        all.environment = run->environment;
    }
    rc = rc == 0
             ? write_line(j, xb_fields_write(xb_journal_header_fields, &all), true, NULL, err)
             : xb_fail(err, "%s: out of memory", j->name);
    header.name = NULL; /* the others are its own */
    xb_fields_release(xb_journal_header_fields, &header);
    return rc;
}

int xb_journal_fill(struct xb_journal *journal, const struct xb_journal_key *key,
                    struct xb_error *err)
{
    return write_header(journal, key, err);
}

int xb_journal_add(struct xb_journal *j, const struct xb_report *report,
                   const struct xb_report_case *c, int64_t *where, struct xb_error *err)
{
    return write_line(j, xb_report_case_json(report, c), j->begun, where, err);
}

/* An object with one key, whose value is taken over; NULL when out of memory. */
static cJSON *under(const char *key, cJSON *value)
{
    cJSON *line = cJSON_CreateObject();

    return xb_report_done(line, xb_report_put(line, key, value));
}

int xb_journal_add_partial(struct xb_journal *j, const struct xb_report *report,
                           const struct xb_report_case *c, int64_t *where, struct xb_error *err)
{
    return write_line(j, under(XB_JOURNAL_PARTIAL, xb_report_case_json(report, c)), false,
                      where, err);
}

int xb_journal_add_slice(struct xb_journal *j, const char *id, int pass,
                         const struct xb_result *slice, int64_t before, int64_t *where,
                         struct xb_error *err)
{
    cJSON *line = under(XB_JOURNAL_SLICE, xb_slice_json(id, pass, slice));
    bool sync = j->begun && xb_clock_us() - j->synced_us >= SYNC_EVERY_US;

    line = xb_report_done(line,
                          xb_report_put(line, XB_JOURNAL_BEFORE,
                                        xb_report_number(before >= 0 ? (double)before : NAN)));
    return write_line(j, line, sync, where, err);
}

int xb_journal_add_lane(struct xb_journal *j, const struct xb_case *c,
                        const struct xb_lane_result *lane, struct xb_error *err)
{
    struct xb_lane_result one = *lane; /* borrows */
    struct xb_result result = {
        .status = lane->status, .lanes = &one, .nlanes = 1, .concurrent = 1};
    struct xb_report report;
    struct xb_report_case made;

    xb_report_empty(&report);
    int rc = xb_report_make(&report, c, &result, false, &made, err);
    if (rc == 0) {
        rc = write_line(j, under(XB_JOURNAL_LANE, xb_report_case_json(&report, &made)), false,
                        NULL, err);
        xb_report_case_release(&made);
    }
    xb_report_release(&report);
    return rc;
}

/* ---- and back ---- */

static int read_line(struct xb_journal *j, int64_t where, struct xb_error *err)
{
    return xb_file_line(j->fd, (off_t)where, &j->line, &j->room) < 0
               ? cannot(j, "read back what was measured", err)
               : 0;
}

/* The line at a place as a document. This process has written it: it is JSON. */
static int read_back(struct xb_journal *j, int64_t where, struct xb_json *out,
                     struct xb_error *err)
{
    *out = (struct xb_json){.name = NULL};
    if (read_line(j, where, err) < 0)
        return -1;
    out->name = strdup(j->name);
    out->root = cJSON_Parse(j->line);
    if (out->name && out->root)
        return 0;
    xb_json_release(out);
    return xb_fail(err,
                   "%s: cannot read back what was measured: what is at byte %lld is no line",
                   j->name, (long long)where);
}

int xb_journal_case(struct xb_journal *j, int64_t where, struct xb_report *report,
                    struct xb_report_case *out, struct xb_error *err)
{
    struct xb_json doc;

    if (read_back(j, where, &doc, err) < 0)
        return -1;
    cJSON *partial = cJSON_DetachItemFromObjectCaseSensitive(doc.root, XB_JOURNAL_PARTIAL);
    if (partial) {
        cJSON_Delete(doc.root);
        doc.root = partial;
    }
    int rc = xb_report_read_case(&doc, report, out, err);
    xb_json_release(&doc);
    return rc;
}

/* Where the line of the pass before this one stands. It ends the line. */
static int find_before(struct xb_journal *j, int64_t where, int64_t *before,
                       struct xb_error *err)
{
    static const char key[] = "\"" XB_JOURNAL_BEFORE "\":";
    char *end;

    if (read_line(j, where, err) < 0)
        return -1;
    const char *value = strrchr(j->line, ':');
    size_t at = value ? (size_t)(value + 1 - j->line) : 0;
    *before = value ? strtoll(value + 1, &end, 10) : 0;
    if (at < sizeof key || strncmp(j->line + at - (sizeof key - 1), key, sizeof key - 1) != 0 ||
        *end != '}' || *before < 0 || *before >= where)
        return xb_fail(err, "%s: byte %lld: found no pass that follows another", j->name,
                       (long long)where);
    return 0;
}

static int give_slice(struct xb_journal *j, int64_t where, xb_journal_take_slice *take,
                      void *arg, struct xb_error *err)
{
    struct xb_slice_entry entry;
    struct xb_json doc;

    if (read_back(j, where, &doc, err) < 0)
        return -1;
    struct xb_node root = xb_json_root(&doc), node;
    int rc = xb_node_require(&root, XB_JOURNAL_SLICE, &node, err);
    if (rc == 0)
        rc = xb_slice_read(&node, &entry, err);
    if (rc == 0) {
        rc = take(arg, &entry, err);
        xb_slice_entry_release(&entry);
    }
    xb_json_release(&doc);
    return rc;
}

int xb_journal_slices(struct xb_journal *j, int64_t where, size_t n,
                      xb_journal_take_slice *take, void *arg, struct xb_error *err)
{
    int64_t *at = calloc(n + 1, sizeof *at);
    int rc = at ? 0 : xb_fail(err, "out of memory for the passes of a case");

    for (size_t i = n; rc == 0 && i > 0; i--) {
        at[i - 1] = where;
        if (i > 1)
            rc = find_before(j, where, &where, err);
    }
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = give_slice(j, at[i], take, arg, err);
    free(at);
    return rc;
}
