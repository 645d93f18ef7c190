/* SPDX-License-Identifier: BSD-3-Clause */
/* page_machine.c - the second part of a page: on what it was measured. */
#include "report/page/page_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/facts.h"
#include "report/formats/run_facts.h"
#include "report/page/markup.h"

/* ---- the state of GPUs ---- */

/* "1980, 1980 of 1980": before, behind and at most; "-" where it is not known. */
static void clock_text(const cJSON *gpu, const char *which, char *buf, size_t len)
{
    const cJSON *clock = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(gpu, "clocks"), which);
    double before = xb_page_number_of(clock, "before");

    if (isfinite(before))
        snprintf(buf, len, "%.0f, %.0f of %.0f", before, xb_page_number_of(clock, "after"),
                 xb_page_number_of(clock, "max"));
    else
        snprintf(buf, len, "-");
}

static void moments_text(const cJSON *state, const char *key, char *buf, size_t len)
{
    double before = xb_page_number_of(cJSON_GetObjectItemCaseSensitive(state, "before"), key);
    double after = xb_page_number_of(cJSON_GetObjectItemCaseSensitive(state, "after"), key);

    if (isfinite(before) && isfinite(after))
        snprintf(buf, len, "%.0f, %.0f", before, after);
    else if (isfinite(before))
        snprintf(buf, len, "%.0f", before);
    else
        snprintf(buf, len, "-");
}

static const char *flag_text(const cJSON *object, const char *key)
{
    const cJSON *flag = cJSON_GetObjectItemCaseSensitive(object, key);

    return cJSON_IsTrue(flag) ? "on" : cJSON_IsFalse(flag) ? "off" : "-";
}

static int add_state(struct xb_table *table, const cJSON *rank, const cJSON *gpu)
{
    const cJSON *state = cJSON_GetObjectItemCaseSensitive(gpu, "state");
    const char *pci = xb_page_text_of(gpu, "pci_bus_id"), *name = xb_page_text_of(gpu, "name");
    char number[24], sm[64], memory[64], watt[64], heat[64], limit[24] = "-";

    snprintf(number, sizeof number, "%.0f", xb_page_number_of(rank, "rank"));
    clock_text(gpu, "sm_mhz", sm, sizeof sm);
    clock_text(gpu, "memory_mhz", memory, sizeof memory);
    moments_text(state, "power_w", watt, sizeof watt);
    moments_text(state, "temperature_c", heat, sizeof heat);
    if (isfinite(xb_page_number_of(state, "power_limit_w")))
        snprintf(limit, sizeof limit, "%.0f", xb_page_number_of(state, "power_limit_w"));
    const char *const cells[] = {number,
                                 pci ? pci : "-",
                                 name ? name : "-",
                                 sm,
                                 memory,
                                 watt,
                                 limit,
                                 heat,
                                 flag_text(state, "ecc"),
                                 flag_text(state, "persistence"),
                                 NULL};
    return xb_table_add(table, cells);
}

/* Of reports that know it. */
static int print_states(const struct xb_report *report, FILE *out)
{
    static const char *const titles[] = {
        ">rank",       "GPU",         "name",   ">SM MHz (before, behind, most)",
        ">memory MHz", ">watt",       ">limit", ">°C",
        "ECC",         "persistence", NULL};
    struct xb_table *table = xb_table_new(titles);
    const cJSON *rank;
    bool any = false;
    int rc = table ? 0 : -1;

    cJSON_ArrayForEach(rank, cJSON_GetObjectItemCaseSensitive(report->topology, "ranks"))
    {
        const cJSON *gpu = cJSON_GetObjectItemCaseSensitive(rank, "gpu");
        if (rc == 0 &&
            (cJSON_HasObjectItem(gpu, "state") || cJSON_HasObjectItem(gpu, "clocks"))) {
            rc = add_state(table, rank, gpu);
            any = true;
        }
    }
    if (rc == 0 && any) {
        xb_page_element("h4", "State of the ranks' GPUs, before and behind the run", out);
        return xb_page_table(table, "Clocks, power and temperature of GPUs", out);
    }
    xb_table_free(table);
    return rc;
}

/* ---- versions and settings ---- */

static int print_command(const struct xb_report *report, FILE *out)
{
    const struct xb_texts *argv = &report->run.argv;

    if (argv->n == 0)
        return 0;
    fputs("<p>Made by <code>xferbench", out);
    for (size_t i = 0; i < argv->n; i++) {
        fputc(' ', out);
        xb_markup_text(argv->value[i], out);
    }
    fputs("</code></p>\n", out);
    return 0;
}

/* Everything that the report says of the build and the environment, as `compare` knows it. */
static int print_all_facts(const struct xb_report *report, FILE *out)
{
    static const char *const titles[] = {"setting", "value", NULL};
    struct xb_facts facts = {.names = {.n = 0}};
    struct xb_table *table = xb_table_new(titles);
    int rc = table ? xb_facts_environment(report, &facts) : -1;

    for (size_t i = 0; rc == 0 && i < facts.list.n; i++) {
        const struct xb_fact *fact = xb_fact_at(&facts, i);
        size_t len = strlen(fact->value);
        bool quoted = len >= 2 && fact->value[0] == '"';
        char *value = strndup(fact->value + quoted, quoted ? len - 2 : len);
        const char *const cells[] = {fact->name, value, NULL};
        rc = value ? xb_table_add(table, cells) : -1;
        free(value);
    }
    if (rc == 0) {
        fputs("<details><summary>All versions and settings</summary>\n", out);
        rc = xb_page_table(table, "All versions and settings", out);
        fputs("</details>\n", out);
    } else {
        xb_table_free(table);
    }
    xb_facts_release(&facts);
    return rc;
}

/* ---- one report, and several ---- */

static int print_machine(const struct xb_report *report, FILE *out)
{
    int rc = xb_page_nodes(report, out);

    if (rc == 0)
        rc = xb_page_links(report, out);
    return rc;
}

/* The boxes and links as text, to see whether two reports have the same; the caller frees it.
 */
static char *machine_text(const struct xb_report *report)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    int rc = out ? print_machine(report, out) : -1;

    if (out && fclose(out) == 0 && rc == 0)
        return text;
    free(text);
    return NULL;
}

static int print_settings(const struct xb_format_source *source, FILE *out)
{
    struct xb_table *table = xb_run_facts(source);

    if (!table)
        return -1;
    xb_page_element("h4", "Versions and settings", out);
    int rc = xb_page_table(table, "Versions and settings", out);
    if (rc == 0)
        rc = print_command(source->report, out);
    if (rc == 0)
        rc = print_states(source->report, out);
    return rc == 0 ? print_all_facts(source->report, out) : rc;
}

/* Machines that several reports have in common are shown once. */
static int print_each(const struct xb_format_set *set, char **machine, FILE *out)
{
    for (size_t i = 0; i < set->n; i++) {
        size_t first = 0;
        while (strcmp(machine[first], machine[i]) != 0)
            first++;
        if (set->n > 1) {
            fprintf(out, "<details%s><summary>", i ? "" : " open");
            xb_page_name(&set->source[i], out);
            fputs("</summary>\n", out);
        }
        if (first == i) {
            fputs(machine[i], out);
        } else {
            fputs("<p>The machine and the places are those of ", out);
            xb_page_name(&set->source[first], out);
            fputs(".</p>\n", out);
        }
        if (print_settings(&set->source[i], out) < 0)
            return -1;
        fputs(set->n > 1 ? "</details>\n" : "", out);
    }
    return 0;
}

int xb_page_machine(const struct xb_html_page *page, FILE *out)
{
    const struct xb_format_set *set = page->set;
    char **machine = calloc(set->n + 1, sizeof *machine);
    int rc = machine ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < set->n; i++) {
        machine[i] = machine_text(set->source[i].report);
        rc = machine[i] ? 0 : -1;
    }
    if (rc == 0)
        rc = print_each(set, machine, out);
    for (size_t i = 0; machine && i < set->n; i++)
        free(machine[i]);
    free(machine);
    return rc;
}
