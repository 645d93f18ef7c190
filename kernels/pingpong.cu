/* SPDX-License-Identifier: BSD-3-Clause */
/* pingpong.cu - two resident kernels that write into each other's memory and spin on flags.
 *
 * A message travels in lines of 16 bytes: two words of payload, each followed by the number of
 * the round. A 16-byte aligned access is one transaction, so a line whose two flags are right
 * holds the right payload and no fence is needed between payload and flag. (The idea of flags
 * within the line is NCCL's LL protocol.) The receiver unpacks lines into the destination
 * buffer.
 */
#include "kernels.h"

namespace
{

constexpr unsigned kMaxThreads = 1024;
constexpr uint32_t kTimedOut = ~0u;

/* What host and kernel tell each other, in mapped host memory, a cache line each. */
struct mailbox {
    alignas(128) uint32_t ready; /* gets the ticket when the kernel runs */
    alignas(128) uint32_t go;    /* gets the ticket when the starting side may begin */
    alignas(128) uint32_t done;  /* gets the ticket at the end, or kTimedOut */
};

struct run {
    xb_resident_side side;
    uint32_t rounds, ticket;
    uint64_t limit_ns;
    mailbox *mail;
};

__device__ void store_line(uint4 *line, uint32_t low, uint32_t high, uint32_t flag)
{
    asm volatile("st.volatile.global.v4.u32 [%0], {%1, %2, %3, %4};" ::"l"(line), "r"(low),
                 "r"(flag), "r"(high), "r"(flag)
                 : "memory");
}

__device__ uint4 load_line(const uint4 *line)
{
    uint4 v;
    asm volatile("ld.volatile.global.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
                 : "l"(line)
                 : "memory");
    return v;
}

__device__ uint64_t now_ns()
{
    uint64_t t;
    asm volatile("mov.u64 %0, %globaltimer;" : "=l"(t));
    return t;
}

/* How far behind their beginnings a round, from 1, writes and reads. */
__device__ uint64_t place_in_dst(const run &r, uint32_t round)
{
    return round == 1 ? 0 : round == r.rounds ? 2 * r.side.step : r.side.step;
}

__device__ uint64_t place_in_src(const run &r, uint32_t round)
{
    uint32_t ahead = round == 1 && r.rounds > 1 ? 2 : (round - 1 + r.side.odd) % 2;
    return place_in_dst(r, round) + ahead * r.side.step;
}

__device__ void send(const xb_resident_side &side, const uint8_t *src, uint32_t flag)
{
    for (uint64_t i = threadIdx.x; i < side.bytes / 8; i += blockDim.x) {
        uint2 v = reinterpret_cast<const uint2 *>(src)[i];
        store_line(static_cast<uint4 *>(side.outbox) + i, v.x, v.y, flag);
    }
}

/* False when the time is over, or another thread found so. */
__device__ bool receive(const xb_resident_side &side, uint8_t *dst, uint32_t flag,
                        uint64_t until_ns)
{
    for (uint64_t i = threadIdx.x; i < side.bytes / 8; i += blockDim.x) {
        const uint4 *line = static_cast<const uint4 *>(side.inbox) + i;
        uint4 v = load_line(line);
        for (unsigned spins = 1; v.y != flag || v.w != flag; spins++) {
            if (spins % 4096 == 0 && now_ns() > until_ns)
                return false;
            v = load_line(line);
        }
        reinterpret_cast<uint2 *>(dst)[i] = make_uint2(v.x, v.z);
    }
    return true;
}

/* All threads learn whether all of them received. A message of one line needs one thread. */
__device__ bool all_received(bool mine)
{
    return blockDim.x == 1 ? mine : __syncthreads_and(mine);
}

__device__ void tell(uint32_t *where, uint32_t what)
{
    *const_cast<volatile uint32_t *>(where) = what;
}

/* The host says go once both kernels are resident, so no launch is in its time. */
__device__ bool wait_for_go(const run &r, uint64_t until_ns)
{
    const volatile uint32_t *box = &r.mail->go;
    bool go = true;
    if (threadIdx.x == 0 && r.side.starts)
        for (unsigned spins = 1; go && *box != r.ticket; spins++)
            go = spins % 256 != 0 || now_ns() <= until_ns;
    return all_received(go);
}

__global__ void __launch_bounds__(kMaxThreads) pingpong(run r)
{
    uint64_t until_ns = now_ns() + r.limit_ns;
    if (threadIdx.x == 0)
        tell(&r.mail->ready, r.ticket);
    bool ok = wait_for_go(r, until_ns);

    for (uint32_t i = 1; ok && i <= r.rounds; i++) {
        uint32_t flag = r.side.first_flag + i;
        uint8_t *dst = static_cast<uint8_t *>(r.side.dst) + place_in_dst(r, i);
        if (r.side.starts)
            send(r.side, static_cast<const uint8_t *>(r.side.src) + place_in_src(r, i), flag);
        ok = all_received(receive(r.side, dst, flag, until_ns));
        if (ok && !r.side.starts) /* each thread what it received */
            send(r.side, dst, flag);
    }
    if (threadIdx.x == 0) {
        __threadfence_system();
        tell(&r.mail->done, ok ? r.ticket : kTimedOut);
    }
}

/* Of this process; made when first needed and kept. */
struct {
    mailbox *mail;
    cudaStream_t stream;
    uint32_t ticket;
} host;

cudaError_t set_up()
{
    cudaError_t rc = cudaSuccess;
    if (!host.stream)
        rc = cudaStreamCreateWithFlags(&host.stream, cudaStreamNonBlocking);
    if (rc == cudaSuccess && !host.mail)
        rc = cudaHostAlloc(reinterpret_cast<void **>(&host.mail), sizeof *host.mail,
                           cudaHostAllocMapped | cudaHostAllocPortable);
    return rc;
}

uint32_t look(const uint32_t *where)
{
    return *const_cast<const volatile uint32_t *>(where);
}

} // namespace

extern "C" int xb_pingpong_start(const struct xb_resident_side *side, uint32_t rounds,
                                 double limit_us)
{
    uint64_t lines = side->bytes / 8;
    unsigned threads = lines > 1 ? 32u * static_cast<unsigned>((lines + 31) / 32) : 1u;
    cudaError_t rc = set_up();

    if (rc != cudaSuccess)
        return static_cast<int>(rc);
    if (lines > kMaxThreads)
        threads = kMaxThreads;
    *host.mail = mailbox{};
    run r = {*side, rounds, ++host.ticket, static_cast<uint64_t>(limit_us * 1e3), host.mail};
    pingpong<<<1, threads, 0, host.stream>>>(r);
    rc = cudaGetLastError();
    while (rc == cudaSuccess && look(&host.mail->ready) != host.ticket)
        if ((rc = cudaStreamQuery(host.stream)) == cudaErrorNotReady)
            rc = cudaSuccess;
    return static_cast<int>(rc);
}

extern "C" void xb_pingpong_go(void)
{
    *const_cast<volatile uint32_t *>(&host.mail->go) = host.ticket;
}

extern "C" int xb_pingpong_done(int *done)
{
    uint32_t seen = look(&host.mail->done);
    cudaError_t rc = cudaSuccess;

    *done = seen == host.ticket ? 1 : seen == kTimedOut ? 2 : 0;
    if (*done == 0 && (rc = cudaStreamQuery(host.stream)) == cudaErrorNotReady)
        rc = cudaSuccess;
    return static_cast<int>(rc);
}
