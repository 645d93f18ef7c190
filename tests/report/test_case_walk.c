/* SPDX-License-Identifier: BSD-3-Clause */
/* test_case_walk.c - a report whose cases are elsewhere is the same in every form as one that
 * has them in its list, in whatever order they came.
 */
#include "report/case_walk.h"

#include <stdlib.h>

#include "report/formats/format.h"
#include "report/tables.h"
#include "tests/report/report_fixture.h"

#define MOST 64

/* Cases as lines of text, at every second place. */
struct lines {
    char *line[MOST];
    size_t n, reads, fails_from; /* reading fails from so many on */
    struct xb_report *report;
};

static int read_line(void *arg, size_t place, struct xb_report_case *out)
{
    struct lines *l = arg;
    struct xb_json doc;

    if (place % 2 == 0)
        return 0;
    if (++l->reads >= l->fails_from)
        return -1;
    xb_json_parse("line", l->line[place / 2], strlen(l->line[place / 2]), &doc, NULL);
    int rc = xb_report_read_case(&doc, l->report, out, NULL);
    xb_json_release(&doc);
    return rc < 0 ? -1 : 1;
}

static int add_a_few_lanes(struct xb_report *report)
{
    struct xb_case c;
    struct xb_result r;

    fill_each(&c, &r);
    int rc = xb_report_add(report, &c, &r, false, NULL);
    xb_result_release(&r);
    for (size_t i = 0; i < report->cases.n; i += 2) { /* and what is shown of some */
        struct xb_report_case *of = xb_report_case_at(report, i);
        xb_text_dup(i % 4 ? "far away" : "shared", &of->warning);
        xb_texts_add(&of->notes, XB_NOTE_NOISY);
    }
    return rc;
}

/* With bars, for the trace. */
static void add_bars(struct xb_report_case *c)
{
    c->nbars = 2;
    c->bars = calloc(c->nbars, sizeof(*c->bars));
    c->bars[0] = (struct xb_bar){"in", 0, 0, 0, 100, 102, 0};
    c->bars[1] = (struct xb_bar){"out", 1, 1, 0, 102, 105, 0};
}

static struct xb_report in_list(void)
{
    struct xb_report report;

    xb_report_empty(&report);
    report.outliers = cJSON_CreateArray();
    report.run.passes = 6;
    is_int(add_all(&report) + add_a_few_lanes(&report), 0, "a report");
    add_bars(xb_report_case_at(&report, 1));
    add_bars(xb_report_case_at(&report, 3));
    xb_report_case_at(&report, 3)->timing.passes = 4;
    is_int(xb_report_end(&report, XB_RUN_FAILED, "2026-01-31T12:01:00Z", NULL), 0, "ends");
    return report;
}

/* The same cases, which come to it in the order of the others or from the last on. */
static void elsewhere(const struct xb_report *list, bool backward, struct lines *l,
                      struct xb_report *report)
{
    struct xb_report_case c;

    *l = (struct lines){.n = list->cases.n, .fails_from = SIZE_MAX};
    for (size_t i = 0; i < l->n; i++) {
        cJSON *json = case_json(list, i);
        l->line[i] = cJSON_PrintUnformatted(json);
        cJSON_Delete(json);
    }
    xb_report_empty(report);
    report->outliers = cJSON_CreateArray();
    report->run.passes = 6;
    report->store = (struct xb_case_store){.read = read_line, .arg = l, .n = 2 * l->n};
    l->report = report;
    for (size_t i = 0; i < l->n; i++) { /* so that schedules have the same numbers */
        read_line(l, 2 * i + 1, &c);
        xb_report_case_release(&c);
    }
    for (size_t i = 0; i < l->n; i++) {
        size_t place = 2 * (backward ? l->n - 1 - i : i) + 1;
        read_line(l, place, &c);
        xb_report_count(report, &c, place, NULL);
        xb_report_case_release(&c);
    }
}

static char *printed(const struct xb_report *report, const struct xb_format *format, bool lanes,
                     int *rc)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    const struct xb_format_source source = {.report = report, .name = "r.json"};
    *rc = xb_format_write(
        format, &(struct xb_format_set){.source = &source, .n = 1, .lanes = lanes}, out);
    fclose(out);
    return text;
}

static void release_lines(struct lines *l)
{
    for (size_t i = 0; i < l->n; i++)
        cJSON_free(l->line[i]);
}

static void test_forms(bool backward)
{
    struct lines l;
    struct xb_report list = in_list(), report;

    elsewhere(&list, backward, &l, &report);
    is_int(xb_report_status(&report), xb_report_status(&list), "the status");
    is_int(xb_report_end(&report, XB_RUN_FAILED, "2026-01-31T12:01:00Z", NULL), 0, "it ends");
    is_int(xb_report_end(&report, XB_RUN_FAILED, "2026-01-31T12:01:00Z", NULL), 0, "twice");
    is_int((long long)report.run.passes_made, 4, "passes that were made");
    for (size_t i = 0; xb_formats[i / 2]; i++) {
        int rc, want_rc;
        char *text = printed(&report, xb_formats[i / 2], i % 2, &rc);
        char *want = printed(&list, xb_formats[i / 2], i % 2, &want_rc);
        is_int(rc, want_rc, xb_formats[i / 2]->name);
        ok(strcmp(text, want) == 0, "to the letter");
        free(text);
        free(want);
    }
    release_lines(&l);
    xb_report_release(&report);
    xb_report_release(&list);
}

/* What is cut behind a case that cannot be read back is said to be. */
static void test_unreadable(void)
{
    struct lines l;
    struct xb_report list = in_list(), report;
    int rc;

    elsewhere(&list, false, &l, &report);
    xb_report_end(&report, XB_RUN_FAILED, "2026-01-31T12:01:00Z", NULL);
    for (size_t i = 0; xb_formats[i]; i++)
        for (size_t at = 1; at <= l.n; at += l.n - 1) {
            l.reads = 0;
            l.fails_from = at;
            free(printed(&report, xb_formats[i], false, &rc));
            is_int(rc, -1, xb_formats[i]->name);
        }
    l.reads = 0;
    l.fails_from = l.n + 1; /* when its words are read back */
    free(printed(&report, xb_format_find("table"), false, &rc));
    is_int(rc, -1, "a note that cannot be read back");
    release_lines(&l);
    xb_report_release(&report);
    xb_report_release(&list);
}

static void test_walk(void)
{
    struct lines l;
    struct xb_report list = in_list(), report;
    struct xb_case_walk walk = xb_cases(&report), other = xb_cases(&list);
    const struct xb_report_case *c, *want;
    size_t n = 0;

    elsewhere(&list, false, &l, &report);
    while ((c = xb_cases_next(&walk)) && (want = xb_cases_next(&other)))
        n += strcmp(c->id, want->id) == 0 && walk.place == 2 * other.place + 1;
    is_int((long long)n, (long long)list.cases.n, "all cases, in their order");
    c = xb_cases_at(&walk, 3);
    is_str(c ? c->id : NULL, xb_report_case_at(&list, 1)->id, "and one again, by its place");
    is_int(xb_cases_end(&walk), 0, "the walk ends");
    is_int(xb_cases_end(&other), 0, "and the other");
    release_lines(&l);
    xb_report_release(&report);
    xb_report_release(&list);
}

int main(void)
{
    /* A page with pictures has a word in it that nobody can know before. */
    setenv("XFERBENCH_PYTHON", "/nowhere/python3", 1);
    test_walk();
    test_forms(false);
    test_forms(true);
    test_unreadable();
    return done_testing();
}
