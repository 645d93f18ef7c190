/* SPDX-License-Identifier: BSD-3-Clause */
/* test_csv.c - reports as one table: columns of all, cells of each. */
#include "report/formats/format.h"

#include <stdlib.h>

#include "tests/report/report_fixture.h"

/* What a set prints; the caller frees it. */
static char *printed(const struct xb_format_set *set)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    is_int(xb_format_write(xb_format_find("csv"), set, out), 0, "is written");
    fclose(out);
    return text;
}

/* The cell of a row, from 0, in the column of a title; "(none)" where there is no such column.
 * No cell of these tests has a comma. */
static const char *cell(const char *text, size_t row, const char *title)
{
    static char found[256];
    const char *head = text;
    size_t column = 0, len;

    while ((len = strcspn(head, ",\r")) != strlen(title) || strncmp(head, title, len) != 0) {
        if (head[len] == '\r')
            return "(none)";
        head += len + 1;
        column++;
    }
    for (row++; row > 0; row--)
        text = strchr(text, '\n') + 1;
    for (; column > 0; column--)
        text += strcspn(text, ",") + 1;
    snprintf(found, sizeof(found), "%.*s", (int)strcspn(text, ",\r"), text);
    return found;
}

static const struct xb_rank_info ranks[] = {
    {.rank = 0, .host = "n1", .place = {.has_gpu = true, .pci = "0000:3b:00.0"}},
    {.rank = 1, .host = "n1", .place = {.has_gpu = true, .pci = "0000:5e:00.0"}},
    {.rank = 2, .host = "n2", .place = {.has_gpu = true, .pci = "0000:3b:00.0"}},
};

static void begin(struct xb_report *report)
{
    const struct xb_report_head head = {.id = "id-7",
                                        .start_utc = "2026-01-31T12:00:00Z",
                                        .device = "cpu",
                                        .ranks = ranks,
                                        .nranks = 3};

    xb_report_begin(report, &head, NULL);
}

static void test_cases(void)
{
    static const struct {
        size_t row;
        const char *title, *cell;
    } cells[] = {
        {0, "file", "a.json"},
        {0, "run_id", "id-7"},
        {0, "label", ""},
        {0, "start_utc", "2026-01-31T12:00:00Z"},
        {0, "hosts", "n1 n2"},
        {0, "ranks", "3"},
        {0, "id", "plain"},
        {0, "bytes", "7000"},
        {0, "chunk_bytes", ""},
        {0, "option_engine", "ce"},
        {0, "option_delay_ns", ""},
        {0, "option_memory", ""},
        {0, "time_us_median", "4"},
        {0, "time_us_device_median", "2.25"},
        {0, "bandwidth_gb_per_s_median", "1.75"},
        {0, "fraction_of_ceiling", "0.5"},
        {0, "samples", "6"},
        {0, "lanes", "1"},
        {0, "notes", "noisy"},
        {0, "verify_checked_bytes", "7000"},
        {1, "id", "skip"},
        {1, "status", "skipped"},
        {1, "reason", "no GPU"},
        {1, "time_us_median", ""},
        {1, "lanes", ""},
        {1, "option_engine", ""},
        {1, "option_memory", "pinned"},
        {2, "id", "none"},
        {2, "file", "b.json"},
        {2, "option_delay_ns", "0"},
        {2, "option_corrupt", "-1"},
        {2, "bandwidth_gb_per_s_median", "0"},
        {2, "lane", "(none)"},
        {2, "option_delay", "(none)"},
    };
    struct xb_report a, b;
    const struct xb_format_source sources[] = {{&a, "a.json", NULL}, {&b, "b.json", NULL}};

    begin(&a);
    begin(&b);
    add_row(&a, &rows[PLAIN]);
    add_row(&a, &rows[SKIPPED]);
    add_row(&b, &rows[NO_BYTES]);
    char *text = printed(
        &(struct xb_format_set){.source = sources, .n = 2, .catalog = &fixture_catalog});
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
        is_str(cell(text, cells[i].row, cells[i].title), cells[i].cell, cells[i].title);
    free(text);
    text = printed(&(struct xb_format_set){.source = sources, .n = 2});
    is_str(cell(text, 2, "option_delay"), "0", "without a catalog no unit is known");
    free(text);
    xb_report_release(&a);
    xb_report_release(&b);
}

static void test_lanes(void)
{
    static const struct {
        size_t row;
        const char *title, *cell;
    } cells[] = {
        {0, "lane", "0"},
        {0, "id", "each"},
        {0, "src_rank", "0"},
        {0, "dst_rank", "1"},
        {0, "src_host", "n1"},
        {0, "src_gpu", "0000:3b:00.0"},
        {0, "dst_gpu", "0000:5e:00.0"},
        {0, "time_us_median", "10"},
        {0, "gb_per_s", "10"},
        {0, "carried_by_nvlink_tx", "1.02346"},
        {0, "carried_by_nvlink_rx", ""},
        {1, "dst_host", "n2"},
        {2, "status", "skipped"},
        {2, "reason", "not there"},
        {2, "time_us_median", ""},
        {5, "lane", "5"},
        {5, "round", "5"},
        {5, "time_us_median", "320"},
        {5, "setup_us_total", "(none)"},
    };
    struct xb_report report;
    const struct xb_format_source source = {.report = &report};
    struct xb_case c;
    struct xb_result r;

    begin(&report);
    fill_each(&c, &r);
    xb_report_add(&report, &c, &r, false, NULL);
    xb_result_release(&r);
    char *text = printed(&(struct xb_format_set){.source = &source, .n = 1, .lanes = true});
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
        is_str(cell(text, cells[i].row, cells[i].title), cells[i].cell, cells[i].title);
    is_str(cell(text, 0, "file"), "", "a report that has no file yet");
    free(text);
    xb_report_release(&report);
}

/* Titles alone where there is nothing. */
static void test_nothing(void)
{
    struct xb_report report;
    const struct xb_format_source source = {.report = &report, .name = "a.json"};

    begin(&report);
    char *text = printed(&(struct xb_format_set){.source = &source, .n = 1});
    ok(strncmp(text, "file,run_id,label,", 18) == 0, "begins with the titles");
    is_int(strchr(text, '\n') + 1 - text, (long long)strlen(text), "and has no other line");
    free(text);
    xb_report_release(&report);
}

int main(void)
{
    test_cases();
    test_lanes();
    test_nothing();
    return done_testing();
}
