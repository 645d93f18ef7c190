/* SPDX-License-Identifier: BSD-3-Clause */
/* kinds.h - the kinds of chart, one in a file of its name. */
#ifndef XB_REPORT_CHARTS_KINDS_H
#define XB_REPORT_CHARTS_KINDS_H

#include "report/charts/draft.h"

extern const struct xb_chart_kind xb_chart_carried, xb_chart_company, xb_chart_comparison,
    xb_chart_curves, xb_chart_matrices, xb_chart_pipeline;

#endif
