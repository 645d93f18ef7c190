/* SPDX-License-Identifier: BSD-3-Clause */
/* make_report.c - writes reports of runs that never were, for tests of the programs that read
 * them: make_report KEY=VALUE... FILE, with the keys of made_report.h.
 */
#include "tests/report/made_report.h"

/* A key and where its value goes. */
struct place {
    const char *key;
    size_t *count;
    int *number;
    uint64_t *digits;
    double *real;
    const char **text;
};

static bool take(const struct place *places, const char *argument)
{
    const char *value = strchr(argument, '=');

    for (const struct place *p = places; value && p->key; p++) {
        size_t len = (size_t)(value - argument);
        if (strlen(p->key) != len || strncmp(p->key, argument, len) != 0)
            continue;
        if (p->count)
            *p->count = strtoul(value + 1, NULL, 10);
        if (p->number)
            *p->number = atoi(value + 1);
        if (p->digits)
            *p->digits = strtoull(value + 1, NULL, 10);
        if (p->real)
            *p->real = strtod(value + 1, NULL);
        if (p->text)
            *p->text = value + 1;
        return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    struct made m = {.cases = 8, .lanes = 1, .seed = 1, .factor = 1, .within = 0.001};
    const struct place places[] = {
        {"cases", .count = &m.cases},      {"passes", .number = &m.passes},
        {"lanes", .number = &m.lanes},     {"seed", .digits = &m.seed},
        {"launch", .digits = &m.launch},   {"common", .real = &m.common},
        {"own", .real = &m.own},           {"within", .real = &m.within},
        {"slow", .text = &m.slow},         {"factor", .real = &m.factor},
        {"lane", .number = &m.slow_lane},  {"wire", .text = &m.wire},
        {"wired", .text = &m.wired},       {"skipped", .text = &m.skipped},
        {"failed", .text = &m.failed},     {"corrupt", .text = &m.corrupt},
        {"variable", .text = &m.variable}, {"value", .text = &m.value},
        {"host", .text = &m.host},         {"driver", .text = &m.driver},
        {"label", .text = &m.label},       {"load", .real = &m.load},
        {"sm_mhz", .number = &m.sm_mhz},   {NULL},
    };
    struct xb_report report;
    struct xb_error err = {""};

    for (int i = 1; i < argc - 1; i++)
        if (!take(places, argv[i])) {
            fprintf(stderr, "make_report: no such key: %s\n", argv[i]);
            return 2;
        }
    if (argc < 2 || made_report(&m, &report, &err) < 0 ||
        xb_report_save(&report, argv[argc - 1], true, &err) < 0) {
        fprintf(stderr, "make_report: %s\n", err.text);
        return 2;
    }
    xb_report_release(&report);
    return 0;
}
