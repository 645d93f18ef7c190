/* SPDX-License-Identifier: BSD-3-Clause */
/* folder.h - the folder of a campaign: made or found again, and one campaign's at a time.
 *
 * In it: campaign.json, the scenario's copy scenario.json, and NAME-NN.json and NAME-NN.log of
 * each launch; while a campaign runs also campaign.lock.
 */
#ifndef XB_CMD_CAMPAIGN_FOLDER_H
#define XB_CMD_CAMPAIGN_FOLDER_H

#include "base/error.h"

#define XB_CAMPAIGN_FILE  "campaign.json"
#define XB_SCENARIO_COPY  "scenario.json"
#define XB_CAMPAIGN_NOISE "noise.json"

struct xb_folder {
    char *path; /* absolute */
    int lock;   /* descriptor of campaign.lock */
};

/* The path of a folder, there or not, from the root; the caller frees it. NULL with an
 * error. */
char *xb_folder_path(const char *folder, struct xb_error *err);

/* A new folder, or an empty one that is there; and the folder of a campaign, to go on with it.
 * Both lock it, and fail where another process has it, which is named. The caller closes it. */
int xb_folder_make(const char *folder, struct xb_folder *out, struct xb_error *err);
int xb_folder_open(const char *folder, struct xb_folder *out, struct xb_error *err);
void xb_folder_close(struct xb_folder *folder);

/* A file in it; the caller frees it. NULL when out of memory. */
char *xb_folder_file(const struct xb_folder *folder, const char *name);

/* Remove what a launch of this name left: its report and what stands beside that while it is
 * made; and its log. */
void xb_folder_clear_report(const struct xb_folder *folder, const char *name);
void xb_folder_clear_launch(const struct xb_folder *folder, const char *name);

#endif
