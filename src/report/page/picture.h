/* SPDX-License-Identifier: BSD-3-Clause */
/* picture.h - a drawing as part of a page. */
#ifndef XB_REPORT_PAGE_PICTURE_H
#define XB_REPORT_PAGE_PICTURE_H

#include <stdbool.h>
#include <stdio.h>

/* Write an SVG document as an element of a page, smaller: numbers to a hundredth of a pixel,
 * without labels that are empty and attributes that are as without them. It is one image, that
 * the elements `ID-title` and `ID-about` name. With `values` its parts keep their titles, which
 * browsers show under the pointer; they stand in the table too. False, with nothing written,
 * where it is no SVG or holds more than plain drawings do: what may run or load something, as a
 * script, a style, an address. */
bool xb_picture_print(const char *svg, const char *id, bool values, FILE *out);

#endif
