/* SPDX-License-Identifier: BSD-3-Clause */
/* expect_cases.h - which cases something is about, by the keys that a case has in a report:
 * {"method": "p2p", "bytes": {"from": "64MiB"}, "link_class": "nvlink"}.
 */
#ifndef XB_REPORT_EXPECT_CASES_H
#define XB_REPORT_EXPECT_CASES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/json.h"
#include "model/scenario/catalog.h"
#include "report/report.h"

struct xb_case_term; /* of expect_cases.c */

/* A case is meant that meets all of them; without any, every case is. */
struct xb_case_terms {
    struct xb_case_term *term;
    size_t n;
};

/* Read an object whose members are `id`, keys of a case, and `link_class`, each with a value or
 * a list of which one must fit; a number may also be {"from": A, "to": B}, both inclusive and
 * either left out. Sizes have units where the key is one. `options` is an object of some or all
 * options of the method, which is one then. Texts of the document are borrowed. The caller
 * releases out; on failure it is empty. Errors name file, line, path, what was found and what
 * was expected. */
int xb_case_terms_read(const struct xb_node *object, const struct xb_catalog *catalog,
                       struct xb_case_terms *out, struct xb_error *err);

/* Is this case meant, whatever its lanes' links are? */
bool xb_case_terms_meet(const struct xb_case_terms *terms, const struct xb_report_case *c);

/* Is a lane meant whose link is of this class, NULL where that is not known? */
bool xb_case_terms_meet_link(const struct xb_case_terms *terms, const char *link_class);

/* Do they ask for a link class? */
bool xb_case_terms_ask_link(const struct xb_case_terms *terms);

void xb_case_terms_release(struct xb_case_terms *terms);

#endif
