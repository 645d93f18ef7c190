/* SPDX-License-Identifier: BSD-3-Clause */
/* host.c - what the operating system says of itself, from its files. */
#include "engine/probes/host.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/utf8.h"

/* The rest of the first line of a file that begins with a word, without what surrounds it:
 * white space, a colon or an equals sign, quotation marks. False where there is none. */
static bool read_line(const char *root, const char *name, const char *word, char *out,
                      size_t len)
{
    char path[512], line[512];
    bool found = false;

    snprintf(path, sizeof path, "%s%s", root, name);
    FILE *f = fopen(path, "re");
    while (f && !found && fgets(line, sizeof line, f))
        found = strncmp(line, word, strlen(word)) == 0;
    if (f)
        fclose(f);
    if (!found)
        return false;
    char *at = line + strlen(word);
    at += strspn(at, " \t:=\"");
    at[strcspn(at, "\"\n")] = '\0';
    snprintf(out, len, "%.*s", (int)len - 1, at);
    return true;
}

/* "MemTotal:   16 kB" */
static int64_t read_bytes(const char *root, const char *word)
{
    char text[64];

    return read_line(root, "/proc/meminfo", word, text, sizeof text)
               ? (int64_t)strtoll(text, NULL, 10) * 1024
               : -1;
}

/* The word in brackets of "always [madvise] never". */
static void read_choice(const char *root, const char *name, char *out, size_t len)
{
    char text[128];

    if (!read_line(root, name, "", text, sizeof text))
        return;
    const char *begin = strchr(text, '[');
    if (begin)
        snprintf(out, len, "%.*s", (int)strcspn(begin + 1, "]"), begin + 1);
}

static int read_switch(const char *root, const char *name)
{
    char text[32], *end = text;
    long value = read_line(root, name, "", text, sizeof text) ? strtol(text, &end, 10) : 0;

    return end == text ? -1 : value != 0;
}

static int has_module(const char *root, const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/sys/module", root);
    if (access(path, F_OK) != 0)
        return -1;
    snprintf(path, sizeof path, "%s/sys/module/%s", root, name);
    return access(path, F_OK) == 0;
}

/* "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build" */
static void read_nvidia_module(const char *root, char *out, size_t len)
{
    char text[256];

    if (read_line(root, "/proc/driver/nvidia/version", "NVRM version", text, sizeof text))
        snprintf(out, len, "%s", strstr(text, "Open Kernel Module") ? "open" : "proprietary");
}

void xb_host_read(const char *root, struct xb_host_facts *out)
{
    struct utsname name;

    memset(out, 0, sizeof *out); /* it travels as bytes */
    xb_utf8_host(out->host, sizeof out->host);
    if (uname(&name) == 0)
        snprintf(out->kernel, sizeof out->kernel, "%.20s %.70s", name.sysname, name.release);
    read_line(root, "/etc/os-release", "PRETTY_NAME", out->os, sizeof out->os);
    read_line(root, "/proc/cpuinfo", "model name", out->cpu, sizeof out->cpu);
    read_line(root, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "", out->governor,
              sizeof out->governor);
    read_choice(root, "/sys/kernel/mm/transparent_hugepage/enabled", out->huge_pages,
                sizeof out->huge_pages);
    out->processors = sysconf(_SC_NPROCESSORS_ONLN);
    out->memory_bytes = read_bytes(root, "MemTotal");
    out->available_bytes = read_bytes(root, "MemAvailable");
    out->numa_balancing = read_switch(root, "/proc/sys/kernel/numa_balancing");
    out->peermem = has_module(root, "nvidia_peermem");
    read_nvidia_module(root, out->nvidia_module, sizeof out->nvidia_module);
    if (getloadavg(&out->load, 1) != 1)
        out->load = NAN;
}
