/* SPDX-License-Identifier: BSD-3-Clause */
/* pictures.h - the charts of reports as files of pictures, one a chart. */
#ifndef XB_CMD_PICTURES_H
#define XB_CMD_PICTURES_H

#include <stdbool.h>

#include "base/error.h"
#include "report/formats/format.h"

/* Names of the forms, NULL-terminated: "svg", "png". */
extern const char *const xb_picture_forms[];

/* Is it one of them? NULL is none. */
bool xb_is_picture_form(const char *form);

/* Draw all charts of these reports, and write each into the folder, which is made where it is
 * not there, as "curve-1-bandwidth-by-size-stream-gpu-gpu-node.svg"; say on standard output
 * which files were written. A file that is there is replaced only where force says so. 0; 1
 * when there is nothing to draw with, or nothing to draw; -1 on other failure. */
int xb_pictures_write(const char *form, const struct xb_format_set *set, const char *folder,
                      bool force, struct xb_error *err);

#endif
