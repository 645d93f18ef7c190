/* SPDX-License-Identifier: BSD-3-Clause */
/* anonymize.h - reports that may leave the house. */
#ifndef XB_REPORT_ANONYMIZE_H
#define XB_REPORT_ANONYMIZE_H

#include <stddef.h>

#include "report/report.h"

/* Replace in reports what tells whose they are: hosts become "node0", "node1", ..., UUIDs
 * made-up ones, labels "label-1", paths "path-1", addresses "address-1", a job's id, name,
 * partition, nodes and cluster likewise. The same thing has the same name in all reports that
 * are given together. Figures, times, names of GPUs and processors, bus ids, link classes and
 * versions stay.
 *
 * What stays is what a table allows (anonymize_rules.c): a value whose key it does not name is
 * left out. In texts (arguments, variables, reasons, warnings) those words stay that this
 * program's messages are made of, and those of the libraries and systems under it
 * (anonymize_words.c), numbers, sizes and times; any other word becomes "word-1".
 *
 * A report that was valid by the schema of version 2 is so afterwards. On failure, which is to
 * be out of memory, the reports are only good for being released. */
int xb_anonymize(struct xb_report *reports, size_t n, struct xb_error *err);

#endif
