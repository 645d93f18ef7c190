/* SPDX-License-Identifier: BSD-3-Clause */
/* product.c - what a GPU's name says of the links that it has when all is well.
 *
 * Source: NVIDIA's data sheets and architecture white papers, by their rates in both
 * directions: P100 SXM2 160 GB/s by 4 links of 40, V100 SXM 300 by 6 of 50, A100 SXM 600 by 12
 * of 50, A800 400 by 8 of 50, H100, H200 and H20 SXM and GH200 900 by 18 of 50, H800 SXM 400 by
 * 8 of 50, B200, B300, GB200 and GB300 1800 by 18 of 100. PCI Express cards (A100 80GB PCIe,
 * H100 PCIe, H100 NVL, H200 NVL) have links for a bridge that not every machine has.
 */
#include "model/topology/product.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A name begins with the one text, with or without "NVIDIA " before it, has the second behind
 * it, and not the third. */
struct product {
    const char *begin, *with, *without;
    int nvlinks;
};

static const struct product products[] = {
    {"Tesla P100", "SXM2", NULL, 4}, {"Tesla V100", "SXM", NULL, 6}, {"A100", "SXM", NULL, 12},
    {"A800", "SXM", NULL, 8},        {"H100", "HBM", "PCIe", 18},    {"H800", "", "PCIe", 8},
    {"H200", "", "NVL", 18},         {"H20", "", "PCIe", 18},        {"GH200", "", NULL, 18},
    {"B200", "", NULL, 18},          {"B300", "", NULL, 18},         {"GB200", "", NULL, 18},
    {"GB300", "", NULL, 18},
};

int xb_product_nvlinks(const char *name)
{
    static const char brand[] = "NVIDIA ";

    if (strncmp(name, brand, sizeof brand - 1) == 0)
        name += sizeof brand - 1;
    for (size_t i = 0; i < sizeof products / sizeof *products; i++) {
        const struct product *p = &products[i];
        const char *rest = name + strlen(p->begin);
        if (strncmp(name, p->begin, strlen(p->begin)) != 0)
            continue;
        bool whole = !*rest || *rest == ' ' || *rest == '-'; /* "H20" is not "H200" */
        if (whole && strstr(rest, p->with) && !(p->without && strstr(rest, p->without)))
            return p->nvlinks;
    }
    return 0;
}
