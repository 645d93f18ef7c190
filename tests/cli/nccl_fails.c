/* SPDX-License-Identifier: BSD-3-Clause */
/* nccl_fails.c - xferbench with an NCCL of its own, which moves host memory by MPI, and a cpu
 * device that says it is none, so that the method nccl is tried without a GPU. On rank
 * XB_NCCL_RANK it fails as XB_NCCL_FAIL says:
 *
 *   init    the first communicator is not made there
 *   send    nor is a message of XB_NCCL_BYTES sent
 *   async   one of XB_NCCL_BYTES never comes, and the communicator says so when it is asked
 *   stuck   one never comes, and nobody says so
 *   register  no buffer is registered there
 *
 * Each communicator that is made or aborted is a line on stderr: "nccl: made 1 on rank 0";
 * so is each buffer and window that is registered, and how many a communicator has left at its
 * end. The library is found by dlopen, which is defined here before the system's own; the
 * device's row links in place of the table. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "engine/devices/device.h"

/* As nccl.h has them, which not every build finds. */
enum { SUCCESS = 0, SYSTEM_ERROR = 2, REMOTE_ERROR = 6, UINT8 = 1, UINT64 = 5, FLOAT = 7 };
struct id {
    char internal[128];
};

#define MOST 4096 /* operations under way */

struct comm {
    MPI_Comm comm;
    int number;
    bool lost;      /* what it says when it is asked */
    int registered; /* buffers and windows */
};

static struct op {
    struct comm *comm;
    MPI_Request request;
    bool stuck;
} ops[MOST];
static int nops, made;

static bool is_here(const char *fault)
{
    const char *asked = getenv("XB_NCCL_FAIL"), *rank = getenv("XB_NCCL_RANK");
    const char *mine = getenv("OMPI_COMM_WORLD_RANK");

    return asked && strcmp(asked, fault) == 0 && mine && strcmp(mine, rank) == 0;
}

static bool is_asked(const char *fault, size_t bytes)
{
    const char *asked = getenv("XB_NCCL_BYTES");
    return is_here(fault) && asked && bytes == strtoull(asked, NULL, 10);
}

static int rank_of(const struct comm *c)
{
    int rank;
    PMPI_Comm_rank(c->comm, &rank);
    return rank;
}

static size_t size_of(int type)
{
    return type == UINT64 ? 8 : type == FLOAT ? 4 : 1;
}

static struct op *add(struct comm *c)
{
    if (nops == MOST)
        abort();
    ops[nops] = (struct op){.comm = c, .request = MPI_REQUEST_NULL};
    return &ops[nops++];
}

/* Is all complete that was started? */
static bool progress(void)
{
    int all = 1;

    for (int i = 0; i < nops; i++) {
        int done = 0;
        if (!ops[i].stuck)
            PMPI_Test(&ops[i].request, &done, MPI_STATUS_IGNORE);
        all = all && done;
    }
    if (all)
        nops = 0;
    return all;
}

/* ---- the library ---- */

int ncclGetVersion(int *version);
int ncclGetVersion(int *version)
{
    *version = 22809;
    return SUCCESS;
}

int ncclGetUniqueId(struct id *id);
int ncclGetUniqueId(struct id *id)
{
    int rank;

    PMPI_Comm_rank(MPI_COMM_WORLD, &rank);
    memset(id, 0, sizeof *id);
    memcpy(id->internal, &rank, sizeof rank);
    return SUCCESS;
}

int ncclCommInitRank(struct comm **out, int nranks, struct id id, int rank);
int ncclCommInitRank(struct comm **out, int nranks, struct id id, int rank)
{
    struct comm *c = calloc(1, sizeof *c);
    int group, n = 0; /* all ranks come at the same time, each to the group whose id it has */

    memcpy(&group, id.internal, sizeof group);
    if (!c || PMPI_Comm_split(MPI_COMM_WORLD, group, rank, &c->comm) != MPI_SUCCESS ||
        PMPI_Comm_size(c->comm, &n) != MPI_SUCCESS || n != nranks)
        abort();
    c->number = ++made;
    if (is_here("init") && made == 1) {
        free(c);
        return SYSTEM_ERROR;
    }
    fprintf(stderr, "nccl: made %d on rank %d\n", c->number, rank);
    *out = c;
    return SUCCESS;
}

/* As the header has it, up to what is asked for here. */
struct config {
    size_t size;
    unsigned int magic, version;
    int blocking, cluster, least, most;
    const char *net;
    int share, class;
    const char *name;
    int collnet, policy;
};

int ncclCommInitRankConfig(struct comm **out, int nranks, struct id id, int rank,
                           struct config *config);
int ncclCommInitRankConfig(struct comm **out, int nranks, struct id id, int rank,
                           struct config *config)
{
    fprintf(stderr, "nccl: policy %d on rank %d\n", config->policy, rank);
    return ncclCommInitRank(out, nranks, id, rank);
}

int ncclCommRegister(struct comm *c, void *buffer, size_t bytes, void **handle);
int ncclCommRegister(struct comm *c, void *buffer, size_t bytes, void **handle)
{
    if (is_here("register"))
        return SYSTEM_ERROR;
    c->registered++;
    fprintf(stderr, "nccl: registered %zu on rank %d\n", bytes, rank_of(c));
    *handle = buffer;
    return SUCCESS;
}

int ncclCommDeregister(struct comm *c, void *handle);
int ncclCommDeregister(struct comm *c, void *handle)
{
    (void)handle;
    c->registered--;
    return SUCCESS;
}

/* All ranks must come, with as many bytes. */
int ncclCommWindowRegister(struct comm *c, void *buffer, size_t bytes, void **window,
                           int flags);
int ncclCommWindowRegister(struct comm *c, void *buffer, size_t bytes, void **window, int flags)
{
    unsigned long long mine = bytes, most;

    PMPI_Allreduce(&mine, &most, 1, MPI_UNSIGNED_LONG_LONG, MPI_MAX, c->comm);
    if (most != mine)
        return SYSTEM_ERROR;
    c->registered++;
    fprintf(stderr, "nccl: window %zu, flags %d on rank %d\n", bytes, flags, rank_of(c));
    *window = buffer;
    return SUCCESS;
}

int ncclCommWindowDeregister(struct comm *c, void *window);
int ncclCommWindowDeregister(struct comm *c, void *window)
{
    return ncclCommDeregister(c, window);
}

int ncclCommGetAsyncError(struct comm *c, int *state);
int ncclCommGetAsyncError(struct comm *c, int *state)
{
    *state = c->lost ? REMOTE_ERROR : SUCCESS;
    return SUCCESS;
}

/* What is under way is given up. */
int ncclCommAbort(struct comm *c);
int ncclCommAbort(struct comm *c)
{
    fprintf(stderr, "nccl: aborted %d on rank %d\n", c->number, rank_of(c));
    for (int i = 0; i < nops; i++)
        if (ops[i].request != MPI_REQUEST_NULL) {
            PMPI_Cancel(&ops[i].request);
            PMPI_Request_free(&ops[i].request);
        }
    nops = 0;
    free(c);
    return SUCCESS;
}

int ncclCommDestroy(struct comm *c);
int ncclCommDestroy(struct comm *c)
{
    if (c->registered != 0)
        fprintf(stderr, "nccl: forgotten %d of %d\n", c->registered, c->number);
    free(c);
    return SUCCESS;
}

const char *ncclGetErrorString(int rc);
const char *ncclGetErrorString(int rc)
{
    return rc == REMOTE_ERROR   ? "remote process exited or there was a network error"
           : rc == SYSTEM_ERROR ? "unhandled system error"
                                : "no error";
}

const char *ncclGetLastError(struct comm *c);
const char *ncclGetLastError(struct comm *c)
{
    (void)c;
    return "the test's library fails on request";
}

int ncclGroupStart(void);
int ncclGroupStart(void)
{
    return SUCCESS;
}

int ncclGroupEnd(void);
int ncclGroupEnd(void)
{
    return SUCCESS;
}

int ncclSend(const void *from, size_t count, int type, int peer, struct comm *c, void *stream);
int ncclSend(const void *from, size_t count, int type, int peer, struct comm *c, void *stream)
{
    size_t bytes = count * size_of(type);

    (void)stream;
    if (is_asked("send", bytes))
        return SYSTEM_ERROR;
    PMPI_Isend(from, (int)bytes, MPI_BYTE, peer, 0, c->comm, &add(c)->request);
    return SUCCESS;
}

int ncclRecv(void *into, size_t count, int type, int peer, struct comm *c, void *stream);
int ncclRecv(void *into, size_t count, int type, int peer, struct comm *c, void *stream)
{
    size_t bytes = count * size_of(type);
    struct op *op = add(c);

    (void)stream;
    op->stuck = is_asked("async", bytes) || is_asked("stuck", bytes);
    c->lost = c->lost || is_asked("async", bytes);
    if (!op->stuck)
        PMPI_Irecv(into, (int)bytes, MPI_BYTE, peer, 0, c->comm, &op->request);
    return SUCCESS;
}

int ncclAllReduce(const void *src, void *dst, size_t count, int type, int op, struct comm *c,
                  void *stream);
int ncclAllReduce(const void *src, void *dst, size_t count, int type, int op, struct comm *c,
                  void *stream)
{
    (void)op;
    (void)stream;
    PMPI_Iallreduce(src, dst, (int)count, type == FLOAT ? MPI_FLOAT : MPI_UINT64_T, MPI_SUM,
                    c->comm, &add(c)->request);
    return SUCCESS;
}

int ncclAllGather(const void *src, void *dst, size_t count, int type, struct comm *c,
                  void *stream);
int ncclAllGather(const void *src, void *dst, size_t count, int type, struct comm *c,
                  void *stream)
{
    int bytes = (int)(count * size_of(type));

    (void)stream;
    PMPI_Iallgather(src, bytes, MPI_BYTE, dst, bytes, MPI_BYTE, c->comm, &add(c)->request);
    return SUCCESS;
}

int ncclAlltoAll(const void *src, void *dst, size_t count, int type, struct comm *c,
                 void *stream);
int ncclAlltoAll(const void *src, void *dst, size_t count, int type, struct comm *c,
                 void *stream)
{
    int bytes = (int)(count * size_of(type));

    (void)stream;
    PMPI_Ialltoall(src, bytes, MPI_BYTE, dst, bytes, MPI_BYTE, c->comm, &add(c)->request);
    return SUCCESS;
}

int ncclReduceScatter(const void *src, void *dst, size_t count, int type, int op,
                      struct comm *c, void *stream);
int ncclReduceScatter(const void *src, void *dst, size_t count, int type, int op,
                      struct comm *c, void *stream)
{
    (void)op;
    (void)stream;
    PMPI_Ireduce_scatter_block(src, dst, (int)count, type == FLOAT ? MPI_FLOAT : MPI_UINT64_T,
                               MPI_SUM, c->comm, &add(c)->request);
    return SUCCESS;
}

/* On the root in place; the others' source is not looked at. */
int ncclBroadcast(const void *src, void *dst, size_t count, int type, int root, struct comm *c,
                  void *stream);
int ncclBroadcast(const void *src, void *dst, size_t count, int type, int root, struct comm *c,
                  void *stream)
{
    int rank;

    (void)stream;
    PMPI_Comm_rank(c->comm, &rank);
    if (rank == root && src != dst)
        return SYSTEM_ERROR;
    PMPI_Ibcast(dst, (int)(count * size_of(type)), MPI_BYTE, root, c->comm, &add(c)->request);
    return SUCCESS;
}

int ncclReduce(const void *src, void *dst, size_t count, int type, int op, int root,
               struct comm *c, void *stream);
int ncclReduce(const void *src, void *dst, size_t count, int type, int op, int root,
               struct comm *c, void *stream)
{
    (void)op;
    (void)stream;
    PMPI_Ireduce(src, dst, (int)count, type == FLOAT ? MPI_FLOAT : MPI_UINT64_T, MPI_SUM, root,
                 c->comm, &add(c)->request);
    return SUCCESS;
}

void *dlopen(const char *file, int flags)
{
    static void *(*real)(const char *, int);

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "dlopen");
    return real(file && strcmp(file, "libnccl.so.2") == 0 ? NULL : file, flags);
}

/* ---- the device ---- */

extern const struct xb_device xb_device_cpu;

static struct xb_device row;
const struct xb_device *const xb_devices[] = {&row, NULL};
const char *const xb_device_names[] = {"cpu", NULL};

/* Where there are no streams, an event is complete when all is. */
static int event_done(struct xb_event *event, struct xb_error *err)
{
    (void)event;
    (void)err;
    return progress();
}

static void *stream_handle(struct xb_stream *stream)
{
    return stream;
}

const struct xb_device *xb_device_find(const char *name, struct xb_error *err)
{
    (void)name;
    (void)err;
    row = xb_device_cpu;
    row.caps &= ~(unsigned)XB_DEVICE_IS_HOST;
    row.event_done = event_done;
    row.stream_handle = stream_handle;
    return &row;
}
