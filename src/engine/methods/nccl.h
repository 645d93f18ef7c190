/* SPDX-License-Identifier: BSD-3-Clause */
/* nccl.h - what others than the method ask of NCCL. */
#ifndef XB_ENGINE_METHODS_NCCL_H
#define XB_ENGINE_METHODS_NCCL_H

/* Version of the NCCL library that is there, which need not be that of the header; NULL where
 * there is none, or in a build without NCCL. A constant string. */
const char *xb_nccl_version(void);

#endif
