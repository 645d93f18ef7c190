/* SPDX-License-Identifier: BSD-3-Clause */
/* test_host.c - what the operating system says of itself, read from files and put into a
 * report.
 */
#include "engine/probes/host.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/tap.h"

/* Files as Linux has them; cut to what is read. */
static const struct {
    const char *name, *text;
} files[] = {
    {"/etc/os-release", "NAME=\"Some\"\nPRETTY_NAME=\"Some Linux 12 (x)\"\nID=some\n"},
    {"/proc/cpuinfo", "processor\t: 0\nmodel name\t: A CPU @ 2.50GHz\nmodel name\t: B\n"},
    {"/proc/meminfo", "MemTotal:       16384 kB\nMemFree:  1 kB\nMemAvailable:    8192 kB\n"},
    {"/proc/sys/kernel/numa_balancing", "1\n"},
    {"/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n"},
    {"/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n"},
    {"/sys/module/nvidia_peermem/version", "1\n"},
    {"/proc/driver/nvidia/version",
     "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build\n"
     "GCC version:  gcc version 13\n"},
};

/* Write a file below root with the folders that it needs. */
static void put(const char *root, const char *name, const char *text)
{
    char path[512];

    for (size_t i = 1; name[i]; i++) {
        if (name[i] != '/')
            continue;
        snprintf(path, sizeof path, "%s%.*s", root, (int)i, name);
        mkdir(path, 0700);
    }
    snprintf(path, sizeof path, "%s%s", root, name);
    FILE *f = fopen(path, "w");
    ok(f && fputs(text, f) >= 0 && fclose(f) == 0, name);
}

static const char *text_of(const cJSON *list, const char *key)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(list->child, key);
    return cJSON_IsString(value) ? value->valuestring : cJSON_IsNull(value) ? "null" : "other";
}

static void test_files(const char *root)
{
    struct xb_host_facts facts;

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        put(root, files[i].name, files[i].text);
    xb_host_read(root, &facts);
    is_str(facts.os, "Some Linux 12 (x)", "the distribution, without its quotation marks");
    is_str(facts.cpu, "A CPU @ 2.50GHz", "the first processor");
    is_int(facts.memory_bytes, 16384 * 1024, "all memory, in bytes");
    is_int(facts.available_bytes, 8192 * 1024, "and what programs may have");
    is_int(facts.numa_balancing, 1, "a switch that is on");
    is_str(facts.governor, "powersave", "a governor");
    is_str(facts.huge_pages, "madvise", "the choice in brackets");
    is_int(facts.peermem, 1, "a module that is there");
    is_str(facts.nvidia_module, "open", "the driver's kind");
    put(root, "/proc/driver/nvidia/version",
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5\n");
    xb_host_read(root, &facts);
    is_str(facts.nvidia_module, "proprietary", "its other kind");
    ok(strncmp(facts.kernel, "Linux ", 6) == 0 && facts.host[0],
       "kernel and host are this one's");
    cJSON *list = xb_host_facts_json(&facts, 1);
    is_str(text_of(list, "cpu"), "A CPU @ 2.50GHz", "a report has them");
    cJSON_Delete(list);
}

static void test_nothing(const char *root)
{
    struct xb_host_facts facts;
    char path[512];

    snprintf(path, sizeof path, "%s/none", root);
    xb_host_read(path, &facts);
    is_str(facts.os, "", "no files: no distribution");
    is_int(facts.memory_bytes, -1, "no memory");
    is_int(facts.numa_balancing, -1, "no switch");
    is_int(facts.peermem, -1, "no modules: nothing is known of one");
    facts.load = NAN;
    facts.processors = -1;
    cJSON *list = xb_host_facts_json(&facts, 1);
    static const char *const keys[] = {"os",
                                       "cpu",
                                       "processors",
                                       "load",
                                       "governor",
                                       "memory_bytes",
                                       "available_bytes",
                                       "huge_pages",
                                       "numa_balancing",
                                       "peermem",
                                       "nvidia_module"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        is_str(text_of(list, keys[i]), "null", keys[i]);
    cJSON_Delete(list);
}

int main(void)
{
    char root[] = "test_host.XXXXXX", command[64];

    if (!ok(mkdtemp(root) != NULL, "a folder to write to"))
        return done_testing();
    test_files(root);
    test_nothing(root);
    snprintf(command, sizeof command, "rm -rf %s", root);
    ok(system(command) == 0, "nothing is left there");
    return done_testing();
}
