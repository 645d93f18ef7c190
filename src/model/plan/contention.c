/* SPDX-License-Identifier: BSD-3-Clause */
/* contention.c - rounds that show what a lane loses in company. */
#include "model/plan/contention.h"

const char *const xb_contention_names[] = {"none", "all", "pairs", NULL};

const char *xb_company_name(enum xb_company company)
{
    static const char *const names[XB_COMPANIES] = {
        [XB_COMPANY_ALL] = "all", [XB_COMPANY_ALONE] = "alone", [XB_COMPANY_TWO] = "two"};

    return names[company];
}

/* All of two are two already. */
static size_t pairs_of(enum xb_contention contention, size_t chains)
{
    return contention == XB_CONTENTION_PAIRS && chains > 2 ? chains * (chains - 1) / 2 : 0;
}

size_t xb_contention_rounds(enum xb_contention contention, size_t chains)
{
    if (contention == XB_CONTENTION_NONE || chains < 2)
        return 1;
    return chains + pairs_of(contention, chains) + 1;
}

size_t xb_contention_lanes(enum xb_contention contention, size_t chains, size_t lanes)
{
    if (contention == XB_CONTENTION_NONE || chains < 2)
        return lanes;
    return lanes * (pairs_of(contention, chains) > 0 ? 1 + chains : 2);
}

enum xb_company xb_contention_round(enum xb_contention contention, size_t chains, size_t i,
                                    size_t chain[2])
{
    if (i + 1 == xb_contention_rounds(contention, chains))
        return XB_COMPANY_ALL;
    if (i < chains) {
        chain[0] = i;
        return XB_COMPANY_ALONE;
    }
    i -= chains;
    for (chain[0] = 0; i >= chains - 1 - chain[0]; chain[0]++)
        i -= chains - 1 - chain[0];
    chain[1] = chain[0] + 1 + i;
    return XB_COMPANY_TWO;
}
