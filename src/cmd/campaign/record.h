/* SPDX-License-Identifier: BSD-3-Clause */
/* record.h - a campaign as its folder keeps it, in campaign.json: what was asked for, and every
 * launch so far. The format is results/schema/campaign-v1.schema.json; the rows are in
 * record.c.
 */
#ifndef XB_CMD_CAMPAIGN_RECORD_H
#define XB_CMD_CAMPAIGN_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "report/fields.h"

#define XB_CAMPAIGN_NAME    "xferbench-campaign"
#define XB_CAMPAIGN_VERSION 1

/* One of the settings that are compared: how the program is launched. */
struct xb_config {
    char *name; /* part of file names */
    struct xb_texts launcher;
    struct xb_named_texts environment; /* set for the launcher; unset where the value is NULL */
    struct xb_texts run;               /* arguments for `run`, behind those of all */
};

enum xb_launch_status {
    XB_LAUNCH_DONE,        /* it left a whole report */
    XB_LAUNCH_FAILED,      /* it ended without one */
    XB_LAUNCH_HUNG,        /* it was ended, since its time was over */
    XB_LAUNCH_INTERRUPTED, /* it was ended with the campaign, and is none: it is started again
                            */
    XB_LAUNCH_STATUSES
};
const char *xb_launch_status_name(int status);

struct xb_campaign_launch {
    char *config;
    int64_t number; /* of that configuration, from 1 */
    char *report;   /* in the folder; NULL where it left no whole one */
    char *log;      /* in the folder: the command, then its stdout and stderr */
    struct xb_texts argv;
    struct xb_named_texts environment; /* what the configuration sets in its own */
    int64_t exit_status, signal;       /* of the launcher; one of them is -1 */
    char *start_utc;
    double seconds;
    int status; /* enum xb_launch_status */
};

/* A look whether the campaign could end. */
struct xb_campaign_look {
    int64_t launches; /* of each configuration */
    double level;     /* of confidence */
    bool decided;
};

/* How launches are compared, as `compare` takes it. */
struct xb_campaign_compare {
    double threshold; /* a share of the time */
    struct xb_texts ignores, filters;
};

struct xb_campaign {
    struct xb_campaign_schema {
        char *name;
        int64_t version;
    } schema;
    char *version, *git; /* of the program that began it */
    char *start_utc;
    char *folder;           /* where launches are started: the one that it was begun in */
    char *scenario;         /* as it was asked for: a name or a file */
    char *scenario_file;    /* its copy, in the campaign's folder */
    struct xb_texts run;    /* arguments for `run` of all configurations */
    struct xb_list configs; /* of struct xb_config, the base first */
    uint64_t seed;
    int64_t launches_asked;  /* of each configuration, at most where `until` is there */
    double until;            /* half-width of intervals, as a share; NAN where not asked for */
    double launch_timeout_s; /* NAN: by the launches before */
    struct xb_campaign_compare compare;
    struct xb_list looks;    /* of struct xb_campaign_look */
    struct xb_list launches; /* of struct xb_campaign_launch, in the order of their starts */
};

/* Nothing in it; and letting go of it. The same of a launch that is in no campaign. */
void xb_campaign_clear(struct xb_campaign *campaign);
void xb_campaign_release(struct xb_campaign *campaign);
void xb_campaign_launch_clear(struct xb_campaign_launch *launch);
void xb_campaign_launch_release(struct xb_campaign_launch *launch);

/* A campaign of this program that begins now, in the working folder: all but what is asked. -1
 * when out of memory. */
int xb_campaign_begin(struct xb_campaign *campaign, struct xb_error *err);

/* Element i, below the list's n; it moves when its list grows. */
struct xb_config *xb_campaign_config(const struct xb_campaign *campaign, size_t i);
struct xb_campaign_launch *xb_campaign_launch(const struct xb_campaign *campaign, size_t i);

/* Take back the last launch, which was interrupted. */
void xb_campaign_drop_launch(struct xb_campaign *campaign);

/* Read and write a campaign.json. It is replaced whole; errors name the file. The caller
 * releases what was loaded. */
int xb_campaign_load(const char *file, struct xb_campaign *out, struct xb_error *err);
int xb_campaign_save(const struct xb_campaign *campaign, const char *file,
                     struct xb_error *err);

#endif
