/* SPDX-License-Identifier: BSD-3-Clause */
/* tuned.c - the rows of what tune chose. */
#include "report/tuned.h"

#include "report/field_rows.h"

#define USE(key, member)                                                                       \
    {                                                                                          \
        .name = (key), .type = XB_FIELD_MAYBE,                                                 \
        .offset = offsetof(struct xb_tuned_point, member), .fields = use_fields                \
    }

/* Members of the place stand beside the element's own. */
#define PLACE_ROWS(object)                                                                     \
    NEEDED(object, "src", XB_FIELD_TEXT, place.src),                                           \
        NEEDED(object, "dst", XB_FIELD_TEXT, place.dst),                                       \
        NEEDED(object, "locality", XB_FIELD_TEXT, place.locality),                             \
        ROW(object, "link_class", XB_FIELD_TEXT, place.link_class),                            \
        NEEDED(object, "blocks", XB_FIELD_WHOLE, place.blocks),                                \
        ROW(object, "order", XB_FIELD_TEXT, place.order),                                      \
        ROW(object, "blocks_at", XB_FIELD_TEXT, place.blocks_at)

static const struct xb_field use_fields[] = {
    NEEDED(xb_tuned_use, "id", XB_FIELD_TEXT, id),
    NEEDED(xb_tuned_use, "use", XB_FIELD_TEXT, use),
    ROW(xb_tuned_use, "us", XB_FIELD_US, us),
    ROW(xb_tuned_use, "regret", XB_FIELD_RATIO, regret),
    END,
};

static const struct xb_field point_fields[] = {
    PLACE_ROWS(xb_tuned_point),
    NEEDED(xb_tuned_point, "bytes", XB_FIELD_WHOLE, bytes),
    NEEDED(xb_tuned_point, "measured", XB_FIELD_WHOLE, measured),
    USE("chosen", chosen),
    USE("static", fixed),
    USE("best", best),
    ROW(xb_tuned_point, "does_not_part_from", XB_FIELD_TEXTS, rivals),
    END,
};

static const struct xb_field crossover_fields[] = {
    PLACE_ROWS(xb_tuned_crossover),
    NEEDED(xb_tuned_crossover, "above", XB_FIELD_WHOLE, above),
    NEEDED(xb_tuned_crossover, "before", XB_FIELD_TEXT, before),
    NEEDED(xb_tuned_crossover, "after", XB_FIELD_TEXT, after),
    ROW(xb_tuned_crossover, "parted", XB_FIELD_BOOL, parted),
    END,
};

const struct xb_field xb_report_tuned_fields[] = {
    LIST(xb_report_tuned, "points", points, xb_tuned_point, point_fields, XB_FIELD_NEEDED),
    LIST(xb_report_tuned, "crossovers", crossovers, xb_tuned_crossover, crossover_fields,
         XB_FIELD_NEEDED),
    END,
};

const struct xb_tuned_point *xb_tuned_point_at(const struct xb_report_tuned *tuned, size_t i)
{
    return (const struct xb_tuned_point *)tuned->points.item + i;
}

const struct xb_tuned_crossover *xb_tuned_crossover_at(const struct xb_report_tuned *tuned,
                                                       size_t i)
{
    return (const struct xb_tuned_crossover *)tuned->crossovers.item + i;
}
