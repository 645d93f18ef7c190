/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_fixture.h - launches that never were, for tests of what compares them. */
#ifndef XB_TESTS_REPORT_COMPARE_FIXTURE_H
#define XB_TESTS_REPORT_COMPARE_FIXTURE_H

#include "report/compare.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/report/made_report.h"
#include "tests/tap.h"

/* Reports in a folder of their own, which is left empty behind them. */
static char fixture_dir[] = "/tmp/xb-test-compare-XXXXXX";

static inline void fixture_begin(void)
{
    if (!mkdtemp(fixture_dir) || chdir(fixture_dir) != 0)
        exit(99);
}

static inline void fixture_end(void)
{
    if (chdir("/") != 0 || rmdir(fixture_dir) != 0)
        printf("# %s stays\n", fixture_dir);
}

static inline void write_report(const struct made *m, const char *file)
{
    struct xb_report report;
    struct xb_error err = {""};

    if (made_report(m, &report, &err) < 0 || xb_report_save(&report, file, true, &err) < 0) {
        printf("Bail out! %s\n", err.text);
        exit(99);
    }
    xb_report_release(&report);
}

/* Add so many launches to a set, numbered from `first` on. */
static inline void add_launches(struct xb_launches *launches, const char *set,
                                const struct made *like, int first, int n)
{
    struct xb_error err = {""};

    for (int i = 0; i < n; i++) {
        struct made m = *like;
        m.launch = (uint64_t)first + (uint64_t)i;
        write_report(&m, "launch.json");
        if (xb_launches_add(launches, set, "launch.json", &err) < 0)
            printf("# %s\n", err.text);
    }
    unlink("launch.json");
}

/* What is printed; the caller frees it. */
static inline char *printed(const struct xb_comparison *c, enum xb_compare_format format,
                            bool all)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (xb_comparison_print(c, format, all, out) < 0)
        fputs("not printed", out);
    fclose(out);
    return text;
}

static inline bool stands_in(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

#endif
