/* SPDX-License-Identifier: BSD-3-Clause */
/* record.c - reads and writes campaign.json. */
#include "config.h"

#include "cmd/campaign/record.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/output.h"
#include "engine/runtime/clock.h"
#include "report/field_rows.h"
#include "report/report.h"

#define FIELDS_VERSION 2                 /* of fields.h: no member may be missing */
#define MAX_BYTES      ((size_t)1 << 30) /* of a file that is read */

static const char *const status_names[XB_LAUNCH_STATUSES] = {
    [XB_LAUNCH_DONE] = "done",
    [XB_LAUNCH_FAILED] = "failed",
    [XB_LAUNCH_HUNG] = "hung",
    [XB_LAUNCH_INTERRUPTED] = "interrupted",
};

const char *xb_launch_status_name(int status)
{
    return status_names[status];
}

static const struct xb_field schema_fields[] = {
    NEEDED(xb_campaign_schema, "name", XB_FIELD_TEXT, name),
    NEEDED(xb_campaign_schema, "version", XB_FIELD_WHOLE, version),
    {0},
};

static const struct xb_field config_fields[] = {
    NEEDED(xb_config, "name", XB_FIELD_TEXT, name),
    NEEDED(xb_config, "launcher", XB_FIELD_TEXTS, launcher),
    NEEDED(xb_config, "environment", XB_FIELD_NAMED, environment),
    NEEDED(xb_config, "run", XB_FIELD_TEXTS, run),
    {0},
};

static const struct xb_field compare_fields[] = {
    NEEDED(xb_campaign_compare, "threshold", XB_FIELD_RATIO, threshold),
    NEEDED(xb_campaign_compare, "ignore", XB_FIELD_TEXTS, ignores),
    NEEDED(xb_campaign_compare, "filter", XB_FIELD_TEXTS, filters),
    {0},
};

static const struct xb_field look_fields[] = {
    NEEDED(xb_campaign_look, "launches", XB_FIELD_WHOLE, launches),
    NEEDED(xb_campaign_look, "level", XB_FIELD_RATIO, level),
    NEEDED(xb_campaign_look, "decided", XB_FIELD_BOOL, decided),
    {0},
};

static const struct xb_field launch_fields[] = {
    NEEDED(xb_campaign_launch, "config", XB_FIELD_TEXT, config),
    NEEDED(xb_campaign_launch, "number", XB_FIELD_WHOLE, number),
    ROW(xb_campaign_launch, "report", XB_FIELD_TEXT, report),
    NEEDED(xb_campaign_launch, "log", XB_FIELD_TEXT, log),
    NEEDED(xb_campaign_launch, "argv", XB_FIELD_TEXTS, argv),
    NEEDED(xb_campaign_launch, "environment", XB_FIELD_NAMED, environment),
    ROW(xb_campaign_launch, "exit_status", XB_FIELD_WHOLE, exit_status),
    ROW(xb_campaign_launch, "signal", XB_FIELD_WHOLE, signal),
    NEEDED(xb_campaign_launch, "start_utc", XB_FIELD_TEXT, start_utc),
    NEEDED(xb_campaign_launch, "seconds", XB_FIELD_RATIO, seconds),
    {.name = "status",
     .type = XB_FIELD_WORD,
     .offset = offsetof(struct xb_campaign_launch, status),
     .flags = XB_FIELD_NEEDED,
     .word = xb_launch_status_name,
     .words = XB_LAUNCH_STATUSES},
    {0},
};

static const struct xb_field campaign_fields[] = {
    {.name = "schema",
     .type = XB_FIELD_OBJECT,
     .offset = offsetof(struct xb_campaign, schema),
     .flags = XB_FIELD_NEEDED,
     .fields = schema_fields},
    NEEDED(xb_campaign, "version", XB_FIELD_TEXT, version),
    ROW(xb_campaign, "git", XB_FIELD_TEXT, git),
    NEEDED(xb_campaign, "start_utc", XB_FIELD_TEXT, start_utc),
    NEEDED(xb_campaign, "folder", XB_FIELD_TEXT, folder),
    NEEDED(xb_campaign, "scenario", XB_FIELD_TEXT, scenario),
    NEEDED(xb_campaign, "scenario_file", XB_FIELD_TEXT, scenario_file),
    NEEDED(xb_campaign, "run", XB_FIELD_TEXTS, run),
    LIST(xb_campaign, "configs", configs, xb_config, config_fields, XB_FIELD_NEEDED),
    NEEDED(xb_campaign, "seed", XB_FIELD_DIGITS, seed),
    NEEDED(xb_campaign, "launches_asked", XB_FIELD_WHOLE, launches_asked),
    ROW(xb_campaign, "until", XB_FIELD_RATIO, until),
    ROW(xb_campaign, "launch_timeout_s", XB_FIELD_RATIO, launch_timeout_s),
    {.name = "compare",
     .type = XB_FIELD_OBJECT,
     .offset = offsetof(struct xb_campaign, compare),
     .flags = XB_FIELD_NEEDED,
     .fields = compare_fields},
    LIST(xb_campaign, "looks", looks, xb_campaign_look, look_fields, XB_FIELD_NEEDED),
    LIST(xb_campaign, "launches", launches, xb_campaign_launch, launch_fields, XB_FIELD_NEEDED),
    {0},
};

void xb_campaign_clear(struct xb_campaign *campaign)
{
    xb_fields_clear(campaign_fields, campaign);
}

void xb_campaign_release(struct xb_campaign *campaign)
{
    xb_fields_release(campaign_fields, campaign);
}

void xb_campaign_launch_clear(struct xb_campaign_launch *launch)
{
    xb_fields_clear(launch_fields, launch);
}

void xb_campaign_launch_release(struct xb_campaign_launch *launch)
{
    xb_fields_release(launch_fields, launch);
}

int xb_campaign_begin(struct xb_campaign *campaign, struct xb_error *err)
{
    char now[24];

    xb_campaign_clear(campaign);
    xb_clock_utc(now);
    campaign->schema.version = XB_CAMPAIGN_VERSION;
    campaign->folder = getcwd(NULL, 0);
    if (!campaign->folder)
        return xb_fail(err, "the folder that it is started in cannot be told: %s",
                       strerror(errno));
    const struct xb_text_copy copies[] = {{XB_CAMPAIGN_NAME, &campaign->schema.name},
                                          {PACKAGE_VERSION, &campaign->version},
                                          {XB_GIT, &campaign->git},
                                          {now, &campaign->start_utc}};
    if (xb_text_copies(copies, sizeof copies / sizeof copies[0]) < 0)
        return xb_fail(err, "out of memory for a campaign");
    return 0;
}

struct xb_config *xb_campaign_config(const struct xb_campaign *campaign, size_t i)
{
    return (struct xb_config *)campaign->configs.item + i;
}

struct xb_campaign_launch *xb_campaign_launch(const struct xb_campaign *campaign, size_t i)
{
    return (struct xb_campaign_launch *)campaign->launches.item + i;
}

void xb_campaign_drop_launch(struct xb_campaign *campaign)
{
    xb_campaign_launch_release(xb_campaign_launch(campaign, --campaign->launches.n));
}

static int check_schema(const struct xb_node *root, struct xb_error *err)
{
    struct xb_campaign_schema schema;
    struct xb_node node;

    if (!cJSON_IsObject(root->item) || !xb_node_member(root, "schema", &node))
        return xb_fail(err, "%s: is no campaign: has no \"schema\"", root->doc->name);
    if (xb_fields_read(schema_fields, &node, FIELDS_VERSION, &schema, err) < 0)
        return -1;
    int rc = 0;
    if (strcmp(schema.name, XB_CAMPAIGN_NAME) != 0 || schema.version != XB_CAMPAIGN_VERSION)
        rc = xb_fail(err, "%s: is \"%s\" version %lld, expected \"%s\" version %d",
                     root->doc->name, schema.name, (long long)schema.version, XB_CAMPAIGN_NAME,
                     XB_CAMPAIGN_VERSION);
    xb_fields_release(schema_fields, &schema);
    return rc;
}

int xb_campaign_load(const char *file, struct xb_campaign *out, struct xb_error *err)
{
    struct xb_json doc;

    xb_campaign_clear(out);
    if (xb_json_load(file, MAX_BYTES, &doc, err) < 0)
        return -1;
    struct xb_node root = xb_json_root(&doc);
    int rc = check_schema(&root, err);
    if (rc == 0)
        rc = xb_fields_read(campaign_fields, &root, FIELDS_VERSION, out, err);
    if (rc == 0 && out->configs.n == 0) {
        rc = xb_fail(err, "%s: configs: is empty, expected one configuration at least", file);
        xb_campaign_release(out);
    }
    xb_json_release(&doc);
    return rc;
}

static int print(const void *campaign, FILE *out)
{
    return xb_fields_print(campaign_fields, campaign, out);
}

int xb_campaign_save(const struct xb_campaign *campaign, const char *file, struct xb_error *err)
{
    return xb_output_print(file, print, campaign, true, err);
}
