/* SPDX-License-Identifier: BSD-3-Clause */
/* nccl_library.h - NCCL's library, loaded at run time: a node without it, or with another one,
 * runs the same program. Only in builds that have NCCL's header. */
#ifndef XB_ENGINE_DEVICES_NCCL_LIBRARY_H
#define XB_ENGINE_DEVICES_NCCL_LIBRARY_H

#include <nccl.h>

#include "base/error.h"

/* As ncclTeam_t, which stands in a header for C++ alone. */
struct xb_nccl_team {
    int ranks, rank, stride;
};

/* The functions that are used, under NCCL's own names without the prefix. */
struct xb_nccl {
    __typeof__(&ncclGetVersion) GetVersion;
    __typeof__(&ncclGetUniqueId) GetUniqueId;
    __typeof__(&ncclCommInitRank) CommInitRank;
    __typeof__(&ncclCommGetAsyncError) CommGetAsyncError;
    __typeof__(&ncclCommAbort) CommAbort;
    __typeof__(&ncclCommDestroy) CommDestroy;
    __typeof__(&ncclGetErrorString) GetErrorString;
    __typeof__(&ncclGetLastError) GetLastError; /* NULL before NCCL 2.13 */
    __typeof__(&ncclGroupStart) GroupStart;
    __typeof__(&ncclGroupEnd) GroupEnd;
    __typeof__(&ncclSend) Send;
    __typeof__(&ncclRecv) Recv;
    __typeof__(&ncclAllReduce) AllReduce;
    __typeof__(&ncclAllGather) AllGather;
    __typeof__(&ncclReduceScatter) ReduceScatter;
    __typeof__(&ncclBroadcast) Broadcast;
    __typeof__(&ncclReduce) Reduce;
#if NCCL_VERSION_CODE >= NCCL_VERSION(2, 19, 0)
    __typeof__(&ncclMemAlloc) MemAlloc; /* NULL before NCCL 2.19, as MemFree */
    __typeof__(&ncclMemFree) MemFree;
#endif
    /* NULL where the library is older: from NCCL 2.14, 2.19, 2.27 and 2.28 on. */
#if NCCL_VERSION_CODE >= NCCL_VERSION(2, 28, 0)
    __typeof__(&ncclCommInitRankConfig) CommInitRankConfig;
    __typeof__(&ncclCommRegister) CommRegister;
    __typeof__(&ncclCommDeregister) CommDeregister;
    __typeof__(&ncclCommWindowRegister) CommWindowRegister;
    __typeof__(&ncclCommWindowDeregister) CommWindowDeregister;
    __typeof__(&ncclAlltoAll) AlltoAll;
    struct xb_nccl_team (*TeamLsa)(ncclComm_t); /* the GPUs that kernels here can reach */
#endif
    char version[16]; /* of the library, "2.28.9" */
    int code;         /* the same as a number: major * 10000 + minor * 100 + patch */
};

/* Load libnccl.so.2 once; NULL with the reason where it, or one of these functions, is not
 * there. For one rank itself, without communication; the result lives as long as the process.
 */
const struct xb_nccl *xb_nccl_load(struct xb_error *why);

/* Put what NCCL says of an error into err, comm's own words too where it is not NULL; always
 * returns -1. */
int xb_nccl_fail(struct xb_error *err, const struct xb_nccl *nccl, const char *call,
                 ncclResult_t rc, ncclComm_t comm);

#endif
