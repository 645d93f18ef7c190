/* SPDX-License-Identifier: BSD-3-Clause */
/* journal_fixture.h - a journal's key, cases to write into it, and what is read back. */
#ifndef XB_TESTS_ENGINE_RUNTIME_JOURNAL_FIXTURE_H
#define XB_TESTS_ENGINE_RUNTIME_JOURNAL_FIXTURE_H

#include "engine/runtime/journal.h"

#include <stdlib.h>
#include <unistd.h>

#include "report/tables.h"
#include "tests/tap.h"

#define HASH UINT64_C(0x00fedcba98765432)

#define SEED UINT64_C(9007199254740991) /* the largest; rounded, it would be another */

static const char *const ranks[] = {"n1/GPU-a", "n1/GPU-b", "n2/GPU-c", "n2/-"};
static const struct xb_journal_key key = {
    .plan_hash = HASH, .seed = SEED, .nranks = 4, .ranks = ranks, .device = "cpu"};

#define START "{\"name\":\"xferbench-journal\",\"version\":3,"
#define BEGIN                                                                                  \
    START "\"plan_hash\":\"0x00fedcba98765432\",\"seed\":9007199254740991,\"device\":\"cpu\","
#define HEADER BEGIN "\"ranks\":[\"n1/GPU-a\",\"n1/GPU-b\",\"n2/GPU-c\",\"n2/-\"]}\n"
static inline void write_file(const char *file, const char *text)
{
    FILE *f = fopen(file, "w");

    if (!f || fputs(text, f) == EOF || fclose(f) != 0) {
        perror(file);
        exit(1);
    }
}

/* A case that has no more than every case has. */
#define KEY                                                                                    \
    "\"key\":{\"pattern\":\"stream\",\"method\":\"null\",\"options\":{},\"src\":\"host\","     \
    "\"dst\":\"host\",\"locality\":\"self\",\"bytes\":1,\"size_class\":0}"
#define CASE(id) "{\"id\":\"" id "\"," KEY ",\"status\":\"ok\"}"

/* A report of cases by these letters. */
static inline struct xb_report report_of(const char *ids)
{
    struct xb_report report;

    xb_report_empty(&report);
    for (; *ids; ids++) {
        struct xb_report_case *c = xb_list_add(&report.cases, sizeof(*c));
        xb_fields_clear(xb_report_case_fields, c);
        c->status = XB_OK;
        c->id = strndup(ids, 1);
        xb_text_dup("stream", &c->key.pattern);
        xb_text_dup("null", &c->key.method);
        xb_text_dup("host", &c->key.src);
        xb_text_dup("host", &c->key.dst);
        xb_text_dup("self", &c->key.locality);
        xb_text_dup("two\nlines", &c->reason);
        c->key.pairs = cJSON_CreateString("first");
        c->key.options = cJSON_CreateObject();
        c->key.bytes = 1;
        c->key.size_class = 0;
        c->samples_us = (struct xb_numbers){calloc(2, sizeof(double)), 2};
    }
    return report;
}

/* Where lines go that are read: cases into the list of a report, whose schedules they are of,
 * and slices into a text, as "a0 a1 b0". */
struct collected {
    struct xb_report report;
    char slices[64];
};

static inline int collect_case(void *arg, const struct xb_report *of, struct xb_report_case *c,
                               struct xb_error *err)
{
    struct collected *to = arg;
    struct xb_report_case *added = xb_list_add(&to->report.cases, sizeof(*added));

    (void)of;
    (void)err;
    *added = *c;
    xb_report_case_clear(c);
    return 0;
}

static inline int collect_slice(void *arg, struct xb_slice_entry *slice, struct xb_error *err)
{
    struct collected *to = arg;
    size_t n = strlen(to->slices);

    (void)err;
    if (slice->result.nsamples > 0)
        snprintf(to->slices + n, sizeof(to->slices) - n, "%s%s%d", n ? " " : "", slice->id,
                 slice->pass);
    return 0;
}

/* The caller releases the report. */
static inline int load(const char *file, const struct xb_journal_key *by, struct collected *to,
                       struct xb_error *err)
{
    struct xb_report head;

    *to = (struct collected){.slices = ""};
    xb_report_empty(&to->report);
    const struct xb_journal_taker taker = {collect_case, collect_slice, to};
    int rc = xb_journal_load(file, by, &taker, &head, err);
    struct xb_list cases = to->report.cases;
    to->report = head;
    to->report.cases = cases;
    if (rc < 0)
        xb_report_release(&to->report);
    return rc;
}

/* All three steps of a journal's start, and what goes on in it; the first that is not 0 ends
 * it. */
static inline int start(const struct xb_journal_claim *claim, const struct xb_report *resumed,
                        struct xb_journal **j, struct xb_error *err)
{
    int64_t where;
    int rc = xb_journal_open(claim, j, err);

    if (rc == 0)
        rc = xb_journal_fill(*j, &key, err);
    for (size_t i = 0; rc == 0 && resumed && i < resumed->cases.n; i++)
        rc = xb_journal_add(*j, resumed, xb_report_case_at(resumed, i), &where, err);
    if (rc == 0)
        rc = xb_journal_begin(*j, err);
    if (rc != 0) {
        xb_journal_close(*j, false);
        *j = NULL;
    }
    return rc;
}

/* Of r.json: anew, in place of what is there, or to go on with the journal that is. */
static const struct xb_journal_claim anew = {"r.json", NULL, false};
static const struct xb_journal_claim forced = {"r.json", NULL, true};
static const struct xb_journal_claim in_place = {"r.json", "r.json.journal", false};

/* Returns where its line is. */
static inline int64_t add(struct xb_journal *j, const char *id)
{
    struct xb_error err = {""};
    struct xb_report report = report_of(id);
    int64_t where = XB_NOWHERE;

    is_int(xb_journal_add(j, &report, xb_report_case_at(&report, 0), &where, &err), 0, id);
    is_str(err.text, "", "without an error");
    xb_report_release(&report);
    return where;
}

/* The ids of a report's cases, one letter each. */
static inline const char *ids_of(const struct xb_report *report)
{
    static char ids[16];
    size_t i = 0;

    for (; i < report->cases.n && i + 1 < sizeof(ids); i++)
        ids[i] = xb_report_case_at(report, i)->id[0];
    ids[i] = '\0';
    return ids;
}

/* Load a file and compare the cases; NULL where it shall fail. */
static inline void is_loaded(const char *file, const char *ids, const char *name)
{
    struct xb_error err = {""};
    struct collected all;

    is_int(load(file, &key, &all, &err), ids ? 0 : -1, name);
    is_str(err.text, ids ? "" : err.text, "without an error");
    is_str(ids_of(&all.report), ids ? ids : "", ids ? "the cases are there" : "there are none");
    xb_report_release(&all.report);
}

#endif
