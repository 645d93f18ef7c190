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
        asprintf(&c->id, "%c", *ids);
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

/* All three steps of a journal's start; the first that is not 0 ends it. */
static inline int start(const struct xb_journal_claim *claim, const struct xb_report *resumed,
                        const struct xb_journal_slices *slices, struct xb_journal **j,
                        struct xb_error *err)
{
    int rc = xb_journal_open(claim, j, err);

    if (rc == 0)
        rc = xb_journal_fill(*j, &key, resumed, slices, err);
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

static inline void add(struct xb_journal *j, const char *id)
{
    struct xb_error err = {""};
    struct xb_report report = report_of(id);

    is_int(xb_journal_add(j, &report, 0, &err), 0, id);
    is_str(err.text, "", "without an error");
    xb_report_release(&report);
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
    struct xb_report report;

    is_int(xb_journal_load(file, &key, &report, NULL, &err), ids ? 0 : -1, name);
    is_str(err.text, ids ? "" : err.text, "without an error");
    is_str(ids_of(&report), ids ? ids : "", ids ? "the cases are there" : "there are none");
    xb_report_release(&report);
}

#endif
