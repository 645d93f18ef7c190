/* SPDX-License-Identifier: BSD-3-Clause */
/* names.c - names out of the program's tables. */
#include "cmd/names.h"

#include "engine/methods/method.h"
#include "lab/experiment.h"
#include "model/plan/allocator.h"
#include "model/plan/pairs.h"
#include "model/topology/link_class.h"
#include "report/formats/check_format.h"
#include "report/formats/format.h"

/* Form i of those that a report can be shown in. */
static const struct xb_format *format_at(size_t i)
{
    size_t n = 0;

    for (size_t k = 0; xb_formats[k]; k++)
        if (!xb_formats[k]->is_of_run && n++ == i)
            return xb_formats[k];
    return NULL;
}

const char *xb_names_at(enum xb_names table, size_t i, const char **summary)
{
    const struct xb_format *format;

    *summary = "";
    switch (table) {
    case XB_NAMES_NONE:
        break;
    case XB_NAMES_METHODS:
        if (!xb_methods[i])
            break;
        *summary = xb_methods[i]->spec.summary;
        return xb_methods[i]->spec.name;
    case XB_NAMES_PATTERNS:
        if (!xb_patterns[i])
            break;
        *summary = xb_patterns[i]->summary;
        return xb_patterns[i]->name;
    case XB_NAMES_EXPERIMENTS:
        if (!xb_experiments[i])
            break;
        *summary = xb_experiments[i]->spec.summary;
        return xb_experiments[i]->spec.name;
    case XB_NAMES_DEVICES:
        if (!xb_devices[i])
            break;
        *summary = xb_devices[i]->summary;
        return xb_devices[i]->name;
    case XB_NAMES_ALLOCATORS:
        return xb_allocator_names[i];
    case XB_NAMES_PAIRS:
        return xb_pairs_names[i];
    case XB_NAMES_LINK_CLASSES:
        return i < XB_LINK_CLASSES ? xb_link_class_name((enum xb_link_class)i) : NULL;
    case XB_NAMES_FORMATS:
        if (!(format = format_at(i)))
            break;
        *summary = format->summary;
        return format->name;
    case XB_NAMES_CHECK_FORMATS:
        if (!xb_check_formats[i])
            break;
        *summary = xb_check_formats[i]->summary;
        return xb_check_formats[i]->name;
    }
    return NULL;
}
