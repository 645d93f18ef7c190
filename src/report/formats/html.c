/* SPDX-License-Identifier: BSD-3-Clause */
/* html.c - reports as one page, for a browser or on paper. */
#include "report/formats/format.h"

#include "report/page/page.h"

const struct xb_format xb_format_html = {
    .name = "html",
    .summary = "one page with everything in it, for a browser or on paper",
    .is_document = true,
    .write_set = xb_page_write,
};
