/* SPDX-License-Identifier: BSD-3-Clause */
/* report_files.h - the reports that a path names: a file, the reports of a folder, a campaign's
 * folder with those of its configurations.
 */
#ifndef XB_REPORT_REPORT_FILES_H
#define XB_REPORT_REPORT_FILES_H

#include <stddef.h>

#include "base/error.h"

/* What becomes of them: `add` gets each file with the set that it is a launch of; `set`, which
 * may be NULL, the sets of a campaign in their order before, also those without a report. Where
 * one returns -1 nothing more is given. */
struct xb_report_visit {
    int (*set)(void *arg, const char *set, struct xb_error *err);
    int (*add)(void *arg, const char *set, const char *file, struct xb_error *err);
    void *arg;
};

/* Give what a path names: a report; of a campaign's folder, with a campaign.json, the reports
 * of its configurations, whose names are their sets; or all reports in another folder, as
 * launches of one set. All are of `set` where that is not NULL: then a campaign of several
 * configurations is an error. Else a report or folder is a set of this name. Whether a file can
 * be read as a report is for `add` to find out. */
int xb_report_files(const char *path, const char *set, const char *name,
                    const struct xb_report_visit *visit, struct xb_error *err);

/* What a path's set is called where it is one of its own: its last part without ".json", or all
 * of it where another of the paths, which end with NULL, ends so. Cut at size. */
void xb_report_path_name(char *const *paths, const char *path, char *name, size_t size);

#endif
