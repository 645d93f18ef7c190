/* SPDX-License-Identifier: BSD-3-Clause */
/* product.h - what a GPU's name says of the links that it has when all is well. */
#ifndef XB_MODEL_TOPOLOGY_PRODUCT_H
#define XB_MODEL_TOPOLOGY_PRODUCT_H

/* NVLinks that a GPU of this name has, all of which a machine built with it uses; 0 where it
 * has none, where a bridge may or may not be put on, and where the name is not known. */
int xb_product_nvlinks(const char *name);

#endif
