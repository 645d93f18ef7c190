/* SPDX-License-Identifier: BSD-3-Clause */
/* facts.h - what a report says of its build, environment and machine, as names and values: for
 * who compares runs, or sorts them by any of it.
 *
 *     build.git                          "d65c87f"
 *     variables.UCX_TLS                  "tcp"
 *     nodes[0].load                      0.54
 *     ranks[1].gpu.nvlink.links          18
 */
#ifndef XB_REPORT_FACTS_H
#define XB_REPORT_FACTS_H

#include <stddef.h>

#include "base/text_set.h"
#include "report/report.h"

struct xb_fact {
    const char *name; /* belongs to the names */
    char *value;      /* JSON */
};

struct xb_facts {
    struct xb_text_set names;
    struct xb_list list; /* of struct xb_fact, by the numbers of their names: in the order of
                            the report */
};

/* Add what a report says of its `build` and its `environment`, whose members have no prefix; of
 * the ranks and GPUs in its `topology`, and of the run: its label, launcher, device, host and
 * plan. Null is no fact; nor is what is another in each run as the clock's resolution, the
 * temperature and counts of errors. Of two facts of one name the first counts. -1 when out of
 * memory; what was added stays. */
int xb_facts_environment(const struct xb_report *report, struct xb_facts *out);
int xb_facts_machine(const struct xb_report *report, struct xb_facts *out);

/* The same of what rows say of any struct. */
int xb_facts_rows(const struct xb_field *rows, const void *object, struct xb_facts *out);

/* The fact of this name, or NULL; it is looked for as a text of a set. */
const struct xb_fact *xb_facts_find(const struct xb_facts *facts, const char *name);

/* The number of what a fact is of, one of a list ("ranks", "nodes"), and behind it the rest of
 * its name: 3 and "gpu.name" of "ranks[3].gpu.name". -1, and rest untouched, where it is of
 * none. */
int xb_fact_number(const char *name, const char *list, const char **rest);

static inline const struct xb_fact *xb_fact_at(const struct xb_facts *facts, size_t i)
{
    return (const struct xb_fact *)facts->list.item + i;
}

/* Is it a quantity that is measured anew in each run, as the load of a node or the clock of a
 * GPU, so that only much of it tells runs apart? */
bool xb_fact_is_measured(const char *name);

void xb_facts_release(struct xb_facts *facts);

#endif
