/* SPDX-License-Identifier: BSD-3-Clause */
/* nccl_library.c - NCCL's library, loaded at run time. */
#include "engine/devices/nccl_library.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Where each function goes. The names are the library's own. */
static const struct {
    const char *name;
    size_t at;
    bool optional;
} functions[] = {
    {"ncclGetVersion", offsetof(struct xb_nccl, GetVersion), false},
    {"ncclGetUniqueId", offsetof(struct xb_nccl, GetUniqueId), false},
    {"ncclCommInitRank", offsetof(struct xb_nccl, CommInitRank), false},
    {"ncclCommGetAsyncError", offsetof(struct xb_nccl, CommGetAsyncError), false},
    {"ncclCommAbort", offsetof(struct xb_nccl, CommAbort), false},
    {"ncclCommDestroy", offsetof(struct xb_nccl, CommDestroy), false},
    {"ncclGetErrorString", offsetof(struct xb_nccl, GetErrorString), false},
    {"ncclGetLastError", offsetof(struct xb_nccl, GetLastError), true},
    {"ncclGroupStart", offsetof(struct xb_nccl, GroupStart), false},
    {"ncclGroupEnd", offsetof(struct xb_nccl, GroupEnd), false},
    {"ncclSend", offsetof(struct xb_nccl, Send), false},
    {"ncclRecv", offsetof(struct xb_nccl, Recv), false},
    {"ncclAllReduce", offsetof(struct xb_nccl, AllReduce), false},
    {"ncclAllGather", offsetof(struct xb_nccl, AllGather), false},
    {"ncclReduceScatter", offsetof(struct xb_nccl, ReduceScatter), false},
    {"ncclBroadcast", offsetof(struct xb_nccl, Broadcast), false},
    {"ncclReduce", offsetof(struct xb_nccl, Reduce), false},
#if NCCL_VERSION_CODE >= NCCL_VERSION(2, 19, 0)
    {"ncclMemAlloc", offsetof(struct xb_nccl, MemAlloc), true},
    {"ncclMemFree", offsetof(struct xb_nccl, MemFree), true},
#endif
#if NCCL_VERSION_CODE >= NCCL_VERSION(2, 28, 0)
    {"ncclCommInitRankConfig", offsetof(struct xb_nccl, CommInitRankConfig), true},
    {"ncclCommRegister", offsetof(struct xb_nccl, CommRegister), true},
    {"ncclCommDeregister", offsetof(struct xb_nccl, CommDeregister), true},
    {"ncclCommWindowRegister", offsetof(struct xb_nccl, CommWindowRegister), true},
    {"ncclCommWindowDeregister", offsetof(struct xb_nccl, CommWindowDeregister), true},
    {"ncclAlltoAll", offsetof(struct xb_nccl, AlltoAll), true},
    {"ncclTeamLsa", offsetof(struct xb_nccl, TeamLsa), true},
#endif
};

static int find_functions(void *library, struct xb_nccl *out, struct xb_error *why)
{
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        void *f = dlsym(library, functions[i].name);
        if (!f && !functions[i].optional)
            return xb_fail(why, "libnccl.so.2 has no %s; NCCL 2.7 or later is needed",
                           functions[i].name);
        memcpy((char *)out + functions[i].at, &f, sizeof f);
    }
    return 0;
}

/* From 2.9 on a version is major * 10000 + minor * 100 + patch, before major * 1000 + ... */
static void describe_version(struct xb_nccl *nccl)
{
    int code = 0;
    nccl->GetVersion(&code);
    int major = code >= 10000 ? code / 10000 : code / 1000;
    int rest = code >= 10000 ? code % 10000 : code % 1000;
    nccl->code = major * 10000 + rest;
    snprintf(nccl->version, sizeof nccl->version, "%d.%d.%d", major, rest / 100, rest % 100);
}

const struct xb_nccl *xb_nccl_load(struct xb_error *why)
{
    static struct xb_nccl nccl;
    static bool loaded;

    if (loaded)
        return &nccl;
    void *library = dlopen("libnccl.so.2", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        xb_fail(why, "NCCL's library cannot be loaded: %s", dlerror());
        return NULL;
    }
    if (find_functions(library, &nccl, why) < 0) {
        dlclose(library);
        return NULL;
    }
    describe_version(&nccl);
    loaded = true;
    return &nccl;
}

int xb_nccl_fail(struct xb_error *err, const struct xb_nccl *nccl, const char *call,
                 ncclResult_t rc, ncclComm_t comm)
{
    const char *more = comm && nccl->GetLastError ? nccl->GetLastError(comm) : "";
    bool said = more && more[0];

    return xb_fail(err, "%s: %s%s%s", call, nccl->GetErrorString(rc), said ? "; " : "",
                   said ? more : "");
}
