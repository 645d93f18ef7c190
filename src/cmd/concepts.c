/* SPDX-License-Identifier: BSD-3-Clause */
/* concepts.c - the table of concepts, and help with them. */
#include "cmd/concepts.h"

#include <stdbool.h>
#include <string.h>

#define WIDTH 80

const struct xb_concept xb_concepts[] = {
    {.name = "allocator",
     .other = "memory",
     .text = "Where the GPU memory comes from that a case moves bytes between: cudaMalloc "
             "(malloc), CUDA's pool (pool), memory with a handle that other processes can "
             "map (vmm), or NCCL (nccl). The same transfer can take another way, and another "
             "time, with another allocator.",
     .names = XB_NAMES_ALLOCATORS,
     .names_of = "allocators"},
    {.name = "blocks",
     .other = "block order submission",
     .text = "Many pieces that are moved by one transfer: rows of a matrix, pages of a cache. "
             "The order says where they lie (contiguous, strided, scattered, planes), the "
             "submission how their copies are handed to the device: one by one in a loop, as a "
             "batch, as 2-D or 3-D copies, by a kernel, as a graph, or packed into one copy."},
    {.name = "cache",
     .other = "cold warm",
     .text = "Where the bytes lie when a transfer starts. Warm: wherever the transfer before "
             "has left them, as in a program that moves the same buffer again and again. "
             "Cold: in no cache; each sample is then a single transfer."},
    {.name = "carried-by",
     .other = "carried_by counters counter",
     .text = "Bytes that the hardware's own counters of NVLink, PCI Express and the network "
             "saw, over the bytes that were moved. About 1 says that the bytes went this "
             "way, about 0 that they did not. Counters also see what other programs move. A "
             "counter that cannot be read is null."},
    {.name = "case",
     .other = "id",
     .text = "One pattern, one method with its options, one path and one size. Each case is "
             "measured, skipped with a reason, or fails, by itself. A scenario names cases "
             "by ranges; 'xferbench plan' lists them.\n"
             "A case is known by its id, as "
             "stream/p2p[engine=ce,side=push]/gpu->gpu@node/1MiB. It holds no names of "
             "hosts, so that reports of two machines can be compared."},
    {.name = "ceiling",
     .other = "implausible",
     .text = "The most that the hardware between the two ends can carry, in GB/s: the rate "
             "of the narrowest link that the method must take, according to driver and "
             "system. A result above 1.02 times its ceiling is wrong, not fast: its status "
             "is implausible."},
    {.name = "chunk",
     .other = "depth pipeline stage stages",
     .text = "A large transfer may go in pieces. The chunk is the bytes of one piece, the "
             "depth is how many pieces may be on their way at once. With depth 1 each piece "
             "waits for the one before it. 'xferbench tune' finds the best chunk and depth."},
    {.name = "configuration",
     .other = "launch",
     .text = "A launch is one start of the program by a launcher, as mpirun. A configuration "
             "is a launcher with its variables and arguments. 'xferbench campaign' starts "
             "several configurations in turn, several times each, and compares them, since "
             "one launch cannot show what differs from launch to launch."},
    {.name = "contention",
     .other = "company",
     .text = "How much slower lanes are because others are busy at the same time. With "
             "contention all, each lane of a round is also measured alone; with pairs, each "
             "two of them as well."},
    {.name = "device",
     .text = "What is measured: GPUs, or host memory that stands in for them. auto takes the "
             "first device that is usable here. cpu makes real copies in host memory, by "
             "every method that makes sense there.",
     .names = XB_NAMES_DEVICES,
     .names_of = "devices"},
    {.name = "drift",
     .other = "drifts step steps leak",
     .text = "Whether a figure stayed the same while a run went on. It drifts if it goes up "
             "or down all the time, and it steps if it goes from one level to another. At "
             "least 12 passes are needed; 'run --repeat-for 10m' makes as many as fit."},
    {.name = "endpoint",
     .other = "host gpu end",
     .text = "Memory that a rank can address. host is memory of its host. gpu is memory of "
             "the GPU that the rank is bound to. gpu+1, gpu+2 are the first and second of "
             "the other GPUs that it sees, in the order of their bus ids. gpu+* stands for "
             "each of those."},
    {.name = "expectations",
     .other = "expectation bound verdict",
     .text = "A file that says what machines of a kind should reach. 'xferbench check' holds "
             "reports against it and says good, warning, critical or unknown, for people and "
             "for monitoring. 'check --learn' makes such a file from reports of machines in "
             "good order."},
    {.name = "experiment",
     .text = "A measurement that is no transfer along lanes. A scenario names it as its "
             "pattern, with the method that belongs to it.",
     .names = XB_NAMES_EXPERIMENTS,
     .names_of = "experiments"},
    {.name = "format",
     .other = "form csv",
     .text = "How a report is shown: 'xferbench report --format FORM FILE'. The JSON file is "
             "the report itself; the others are made from it.",
     .names = XB_NAMES_FORMATS,
     .names_of = "formats"},
    {.name = "fraction",
     .other = "fraction-of-ceiling",
     .text = "The median bandwidth over the ceiling: 0.82 says that the transfer reaches 82 % "
             "of what its narrowest link can carry. It is null where no ceiling is known."},
    {.name = "interval",
     .other = "ci confidence noisy",
     .text = "The range from ci_lo to ci_hi. The median lies in it with 95 %. An interval of "
             "passes holds for this start of the program at another moment. An interval of "
             "launches, which a campaign gives, holds for the next start too. Below six "
             "passes there is none.\n"
             "A case whose interval is wider than 10 % to either side is marked noisy."},
    {.name = "journal",
     .other = "resume",
     .text = "What has been measured so far: FILE.journal, beside the report that is to "
             "come. A run that was killed leaves it, and 'run --resume FILE.journal' goes on "
             "with it. It is removed when the report is written."},
    {.name = "lane",
     .other = "chain round schedule",
     .text = "A lane is one path between two concrete ranks, as 0->3 gpu->gpu. Lanes that "
             "follow one another make a chain: there and back of a ping-pong. Chains that are "
             "busy at the same time make a round. Rounds follow one another, and all of them "
             "are the schedule of a case."},
    {.name = "link-class",
     .other = "class-of-link link class nvlink c2c pcie",
     .text = "What joins the two ends of a path, from near to far: one device's own memory, "
             "NVLink between this very pair, the link between a GPU and the CPU it is built "
             "together with, one PCI Express switch, the host bridge of one socket, two "
             "sockets, two nodes. 'xferbench info' shows them for the GPUs of a node.",
     .names = XB_NAMES_LINK_CLASSES,
     .names_of = "classes"},
    {.name = "locality",
     .other = "self node remote",
     .text = "How far apart the two ends of a path are: self is within one rank, node is two "
             "ranks on one node, remote is two ranks on two nodes."},
    {.name = "method",
     .other = "option options auto",
     .text = "How the bytes travel. Most methods have options, as engine=ce; 'xferbench "
             "list' shows all options and their values. The method auto is the one that the "
             "policy picks.",
     .names = XB_NAMES_METHODS,
     .names_of = "methods"},
    {.name = "outlier",
     .other = "suspect slow",
     .text = "A lane that is slower than others of its kind, or what several slow lanes have "
             "in common: a node, a GPU, a link. A lane is slow if it takes longer than the "
             "middle of its kind by more than 3 % and by more than 3.5 deviations. A lane "
             "without others of its kind is never an outlier."},
    {.name = "overhead",
     .other = "overhead-us",
     .text = "How long an empty transfer takes on the same lanes, in microseconds. It is "
             "measured and reported beside the case, and never subtracted."},
    {.name = "pairs",
     .text = "Which ranks a pattern between two ranks is about: one pair for each class of "
             "link (classes, the default), the lowest pair (first), every pair alone in turn "
             "(each), every pair in rounds of disjoint pairs (rounds), disjoint pairs all at "
             "once (together), or a list.",
     .names = XB_NAMES_PAIRS,
     .names_of = "words"},
    {.name = "pass",
     .other = "passes",
     .text = "The whole plan measured once. A run makes six passes unless it is told "
             "otherwise, each in another order, so that a case is measured at several "
             "moments. Its figure is the median of the passes' medians, and the interval is "
             "between them."},
    {.name = "path",
     .text = "A source and a destination, as gpu->gpu@node. Both ends are kinds of memory "
             "('xferbench help endpoint'); after the @ stands how far apart they are "
             "('xferbench help locality')."},
    {.name = "pattern",
     .text = "Which lanes are busy, and when: the rule that makes a schedule from a path, the "
             "ranks of the job and the pairs.",
     .names = XB_NAMES_PATTERNS,
     .names_of = "patterns"},
    {.name = "placement",
     .other = "place binding rank",
     .text = "Where a rank runs: its host, cores, NUMA node, GPU and the nearest network "
             "card. If the launcher has bound a rank to cores, it takes a GPU near them; "
             "else ranks of a node take its GPUs in turn, in the order of their bus ids, and "
             "bind themselves near them. 'xferbench info' shows this and warns if cores and "
             "GPU are far apart."},
    {.name = "policy",
     .text = "A table that picks method, chunk and depth by path, link class and size. The "
             "first rule that matches counts. Cases of the method auto follow it. 'xferbench "
             "tune' writes a policy for this machine; static is the shipped one."},
    {.name = "sample",
     .other = "batch",
     .text = "The time of one transfer. Short transfers are timed together, as a batch that "
             "lasts at least 200 microseconds; then a sample is the batch's time over the "
             "number of its transfers. The clock runs from the first post until the "
             "destination knows that the last byte is there."},
    {.name = "scenario",
     .text = "A JSON file that names cases by ranges of methods, paths, patterns and sizes, "
             "and says how they are sampled. 'xferbench list' shows the shipped ones, "
             "'xferbench validate' checks a file, '--set KEY=VALUE' changes a key for one "
             "run, and '--print-scenario' makes a file from options."},
    {.name = "setup",
     .other = "setup-us",
     .text = "What comes before the first timed transfer and is not in its time: allocating, "
             "registering and mapping memory, connecting, and the first transfer itself. It "
             "is reported in microseconds."},
    {.name = "size-class",
     .other = "size bytes",
     .text = "A coarse size: 0 is up to 4 KiB, 1 up to 64 KiB, 2 up to 1 MiB, 3 up to 16 MiB, "
             "4 up to 128 MiB, 5 is larger. Sizes are given in bytes or as 4KiB, 1MiB, 2GiB; "
             "1 GB/s is 1e9 bytes a second."},
    {.name = "status",
     .other = "skipped failed corrupt timeout ok reason",
     .text = "How a case or lane ended. ok: measured, and its bytes are right. skipped: it "
             "cannot be done here, and the reason says why; that is no failure. failed: a "
             "call failed. timeout: its time was over. corrupt: bytes were wrong. "
             "implausible: faster than its links can be, or the counters say that nothing "
             "moved."},
    {.name = "verification",
     .other = "verify stamp stamps",
     .text = "Proof that the bytes arrived. Before every batch stamps are written into the "
             "source that no other batch has; after it they are looked for in the "
             "destination, outside of the timer. Whole destinations are compared in the "
             "first and the last pass. One wrong byte makes the case corrupt, with its "
             "offset."},
    {.name = "window",
     .text = "How many transfers are posted before any of them is waited for. With 1, each "
             "ends before the next begins."},
    {.name = NULL},
};

/* ---- finding ---- */

static bool is_word(const char *given, size_t len, const char *word, size_t wordlen)
{
    return (len == wordlen || (len == wordlen + 1 && given[len - 1] == 's')) &&
           strncmp(given, word, wordlen) == 0;
}

static bool means(const struct xb_concept *c, const char *given)
{
    size_t len = strlen(given);

    if (is_word(given, len, c->name, strlen(c->name)))
        return true;
    for (const char *word = c->other; word && *word;) {
        size_t n = strcspn(word, " ");
        if (is_word(given, len, word, n))
            return true;
        word += n + (word[n] == ' ');
    }
    return false;
}

const struct xb_concept *xb_concept_find(char *const *words, int count)
{
    char given[96] = "";
    size_t used = 0;

    for (int i = 0; i < count && used < sizeof given; i++)
        used +=
            (size_t)snprintf(given + used, sizeof given - used, "%s%s", i ? "-" : "", words[i]);
    for (const struct xb_concept *c = xb_concepts; used < sizeof given && c->name; c++)
        if (strcmp(c->name, given) == 0)
            return c;
    for (const struct xb_concept *c = xb_concepts; used < sizeof given && c->name; c++)
        if (means(c, given))
            return c;
    return NULL;
}

/* ---- printing ---- */

void xb_wrapped_print(const char *text, int indent, int width, FILE *out)
{
    while (*text) {
        size_t line = strcspn(text, "\n"), len = line, most = (size_t)(width - indent);
        if (len > most) {
            for (len = most; len > 0 && text[len] != ' ';)
                len--;
            if (len == 0) /* a word that is longer than a line */
                len = strcspn(text, " \n");
        }
        fprintf(out, "%*s%.*s\n", indent, "", (int)len, text);
        text += len + (text[len] == ' ' || text[len] == '\n');
    }
}

void xb_concept_print(const struct xb_concept *concept, FILE *out)
{
    const char *name, *summary;

    fprintf(out, "%s\n\n", concept->name);
    xb_wrapped_print(concept->text, 0, WIDTH, out);
    if (concept->names_of)
        fprintf(out, "\n%s:\n", concept->names_of);
    for (size_t i = 0; (name = xb_names_at(concept->names, i, &summary)); i++)
        fprintf(out, summary[0] ? "  %-18s %s\n" : "  %s\n", name, summary);
}
