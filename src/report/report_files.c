/* SPDX-License-Identifier: BSD-3-Clause */
/* report_files.c - reports by the paths that name them: files, folders, campaigns. */
#include "report/report_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"

#define CAMPAIGN         "xferbench-campaign"
#define CAMPAIGN_FILE    "campaign.json"
#define CAMPAIGN_VERSION 1
#define CAMPAIGN_BYTES   ((size_t)64 << 20)

static char *join(const char *folder, const char *name)
{
    size_t len = strlen(folder) + strlen(name) + 2;
    char *path = malloc(len);

    if (path)
        snprintf(path, len, "%s%s%s", folder,
                 folder[0] && folder[strlen(folder) - 1] == '/' ? "" : "/", name);
    return path;
}

/* ---- a campaign's folder ---- */

static int read_schema(const struct xb_node *root, struct xb_error *err)
{
    struct xb_node schema, member;
    const char *name;
    int64_t version;

    if (xb_node_require(root, "schema", &schema, err) < 0 ||
        xb_node_require(&schema, "name", &member, err) < 0 ||
        xb_node_string(&member, &name, err) < 0)
        return -1;
    if (strcmp(name, CAMPAIGN) != 0)
        return xb_node_fail(&member, err, "found \"%s\", expected \"" CAMPAIGN "\"", name);
    if (xb_node_require(&schema, "version", &member, err) < 0)
        return -1;
    return xb_node_int(&member, 1, CAMPAIGN_VERSION, &version, err);
}

/* The sets of all configurations in their order, also of those without a report. */
static int add_configs(const struct xb_report_visit *visit, const struct xb_node *root,
                       const char *set, struct xb_error *err)
{
    struct xb_node configs, node, member;
    const char *name;

    if (xb_node_require(root, "configs", &configs, err) < 0 ||
        xb_node_expect_array(&configs, 1, err) < 0)
        return -1;
    if (set && xb_node_count(&configs) > 1)
        return xb_node_fail(
            &configs, err,
            "found %zu, expected one: those of a campaign are sides of their own; "
            "compare the folder alone",
            xb_node_count(&configs));
    for (bool more = xb_node_first(&configs, &node); more; more = xb_node_next(&configs, &node))
        if (xb_node_require(&node, "name", &member, err) < 0 ||
            xb_node_string(&member, &name, err) < 0 ||
            (visit->set && visit->set(visit->arg, set ? set : name, err) < 0))
            return -1;
    return 0;
}

static int add_campaign_launch(const struct xb_report_visit *visit,
                               const struct xb_node *launch, const char *set,
                               const char *folder, struct xb_error *err)
{
    struct xb_node member;
    const char *config, *report;

    if (xb_node_require(launch, "config", &member, err) < 0 ||
        xb_node_string(&member, &config, err) < 0)
        return -1;
    if (!xb_node_member(launch, "report", &member) || cJSON_IsNull(member.item))
        return 0; /* it failed */
    if (xb_node_string(&member, &report, err) < 0)
        return -1;
    char *file = report[0] == '/' ? strdup(report) : join(folder, report);
    if (!file)
        return xb_fail(err, "out of memory for launches");
    int rc = visit->add(visit->arg, set ? set : config, file, err);
    free(file);
    return rc;
}

static int add_campaign(const struct xb_report_visit *visit, const char *set,
                        const char *folder, const char *file, struct xb_error *err)
{
    struct xb_node list, node;
    struct xb_json doc;

    if (xb_json_load(file, CAMPAIGN_BYTES, &doc, err) < 0)
        return -1;
    struct xb_node root = xb_json_root(&doc);
    int rc = read_schema(&root, err);
    if (rc == 0)
        rc = add_configs(visit, &root, set, err);
    if (rc == 0)
        rc = xb_node_require(&root, "launches", &list, err);
    if (rc == 0)
        rc = xb_node_expect_array(&list, 0, err);
    for (bool more = rc == 0 && xb_node_first(&list, &node); more && rc == 0;
         more = xb_node_next(&list, &node))
        rc = add_campaign_launch(visit, &node, set, folder, err);
    xb_json_release(&doc);
    return rc;
}

/* ---- a folder ---- */

static int is_json(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);

    return n > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + n - 5, ".json") == 0;
}

/* Is the file a report, by its first bytes? Others may stand beside reports: scenarios, say. */
static bool is_report(const char *file)
{
    char text[512];
    FILE *in = xb_file_open(file, NULL);
    size_t n = in ? fread(text, 1, sizeof text - 1, in) : 0;

    text[n] = '\0';
    if (in)
        fclose(in);
    return !in || n == 0 || strstr(text, "\"xferbench-report\"");
}

/* All reports in it, by name. */
static int add_folder(const struct xb_report_visit *visit, const char *set, const char *folder,
                      struct xb_error *err)
{
    struct dirent **entries;
    int n = scandir(folder, &entries, is_json, alphasort), added = 0, rc = 0;

    if (n < 0)
        return xb_fail(err, "%s: cannot be read: %s", folder, strerror(errno));
    for (int i = 0; i < n; i++) {
        char *file = join(folder, entries[i]->d_name);
        if (rc == 0 && !file)
            rc = xb_fail(err, "out of memory for launches");
        if (rc == 0 && is_report(file)) {
            rc = visit->add(visit->arg, set, file, err);
            added++;
        }
        free(file);
        free(entries[i]);
    }
    free(entries);
    return rc == 0 && added == 0 ? xb_fail(err,
                                           "%s: found no report in this folder, expected files "
                                           "*.json that run has written",
                                           folder)
                                 : rc;
}

int xb_report_files(const char *path, const char *set, const char *name,
                    const struct xb_report_visit *visit, struct xb_error *err)
{
    struct stat about;

    if (stat(path, &about) < 0 || !S_ISDIR(about.st_mode))
        return visit->add(visit->arg, set ? set : name, path, err);
    char *file = join(path, CAMPAIGN_FILE);
    if (!file)
        return xb_fail(err, "out of memory for launches");
    int rc = stat(file, &about) == 0 ? add_campaign(visit, set, path, file, err)
                                     : add_folder(visit, set ? set : name, path, err);
    free(file);
    return rc;
}

/* ---- names ---- */

/* The last part of a path, without ".json", for len bytes. */
static const char *last_part(const char *path, int *len)
{
    size_t n = strlen(path);

    while (n > 1 && path[n - 1] == '/')
        n--;
    const char *slash = memrchr(path, '/', n);
    const char *part = slash ? slash + 1 : path;
    n -= (size_t)(part - path);
    *len = (int)(n > 5 && strncmp(part + n - 5, ".json", 5) == 0 ? n - 5 : n);
    return part;
}

void xb_report_path_name(char *const *paths, const char *path, char *name, size_t size)
{
    int len, other_len, same = 0;
    const char *part = last_part(path, &len);

    for (; *paths; paths++) {
        const char *other = last_part(*paths, &other_len);
        same += len == other_len && strncmp(part, other, (size_t)len) == 0;
    }
    snprintf(name, size, "%.*s", same > 1 ? (int)strlen(path) : len, same > 1 ? path : part);
}
