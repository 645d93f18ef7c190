/* SPDX-License-Identifier: BSD-3-Clause */
/* concepts.c - the table of concepts, and help with them. */
#include "cmd/concepts.h"

#include <stdbool.h>
#include <string.h>

#define WIDTH 80

const struct xb_concept xb_concepts[] = {
    {.name = "allocator",
     .other = "memory",
     .text = "Where the memory of a GPU comes from that a case moves bytes between: the "
             "device's ordinary allocation, a pool, memory with a handle that other processes "
             "can map, or NCCL's. The same transfer can take another way, and another time, by "
             "its allocator.",
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
             "has left them, as in a program that moves the same buffer again and again. Cold: "
             "in no cache; each sample is then a single transfer."},
    {.name = "carried-by",
     .other = "carried_by counters counter",
     .text = "What the hardware's own counters of NVLink, PCI Express and the network saw "
             "while the bytes moved, over the bytes that were moved. About 1 says that they "
             "went this way, about 0 that they did not. Counters also see what other programs "
             "move. A counter that cannot be read is null."},
    {.name = "case",
     .other = "id",
     .text =
         "One pattern, one method with its options, one path and one size: what is "
         "measured, may be skipped with a reason, and may fail alone. A scenario names "
         "cases by ranges; 'xferbench plan' shows which they are.\n"
         "A case is known by its id, as stream/p2p[engine=ce,side=push]/gpu->gpu@node/1MiB. "
         "It holds no names of hosts, so that reports of two machines can be compared."},
    {.name = "ceiling",
     .other = "implausible",
     .text = "The most that the hardware between the two ends can carry, in GB/s: that of the "
             "narrowest link that the method must take, by what driver and system say of it. A "
             "result above 1.02 times its ceiling is wrong, not fast: its status is "
             "implausible."},
    {.name = "chunk",
     .other = "depth pipeline stage stages",
     .text = "A large transfer may go in pieces. The chunk is the bytes of one piece, the "
             "depth how many may be on their way at once. With depth 1 each piece waits for "
             "the one before it. 'xferbench tune' finds the best of both."},
    {.name = "configuration",
     .other = "launch",
     .text = "A launch is one start of the program by a launcher, as mpirun. A configuration "
             "is a launcher with its variables and arguments. 'xferbench campaign' starts "
             "several configurations in turn, several times each, and compares them: what "
             "differs from start to start cannot be seen within one."},
    {.name = "contention",
     .other = "company",
     .text = "How much lanes lose that are busy at the same time. With contention all, each "
             "lane of a round is also measured alone; with pairs also each two of them."},
    {.name = "device",
     .text = "What the ranks' memory and copies belong to. The device auto is the first that "
             "is usable here. The device cpu is a real one: it measures host memory, with "
             "every method that makes sense there.",
     .names = XB_NAMES_DEVICES,
     .names_of = "devices"},
    {.name = "drift",
     .other = "drifts step steps leak",
     .text = "Whether a figure stayed where it was while a run went on. It drifts where it "
             "went up or down all the time, and it steps where it went from one level to "
             "another. At least 12 passes are needed; 'run --repeat-for 10m' makes as many as "
             "fit."},
    {.name = "endpoint",
     .other = "host gpu end",
     .text =
         "A memory that a rank can address. host is its own memory on the host, gpu that "
         "of the GPU it is bound to, gpu+1, gpu+2 that of the first and second of the other "
         "GPUs that it sees, in the order of their bus ids. gpu+* stands for each of "
         "those."},
    {.name = "expectations",
     .other = "expectation bound verdict",
     .text = "A file of bounds: what a machine of a kind should reach. 'xferbench check' holds "
             "reports against it and says good, warning, critical or unknown, for people and "
             "for monitoring; 'check --learn' makes one from reports of machines that are "
             "well."},
    {.name = "experiment",
     .text = "A measurement that is no plain transfer along lanes. It stands in a scenario as "
             "a pattern does.",
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
     .text = "The range in which the median lies with 95 %, from ci_lo to ci_hi. That of "
             "passes holds for this start of the program at another moment. That of launches, "
             "which a campaign gives, holds for the next start too. Below six passes there is "
             "none.\n"
             "A case whose interval is wider than 10 % to either side is marked noisy."},
    {.name = "journal",
     .other = "resume",
     .text = "What has been measured so far, beside the report that is to come: FILE.journal. "
             "A run that was killed leaves it, and 'run --resume FILE.journal' goes on with "
             "it. It is removed when the report is there."},
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
     .text = "Where the two ends of a path are: self is within one rank, node is two ranks on "
             "one node, remote is two ranks on two nodes."},
    {.name = "method",
     .other = "option options auto",
     .text = "How the bytes travel. Most methods have options, as engine=ce; 'xferbench list' "
             "shows all of them with what they may be. The method auto is whichever the policy "
             "picks.",
     .names = XB_NAMES_METHODS,
     .names_of = "methods"},
    {.name = "outlier",
     .other = "suspect slow",
     .text =
         "A lane that is slower than others of its kind, or what slow lanes have in common: "
         "a node, a GPU, a link. A lane is slow where it takes longer than the one in the "
         "middle by more than 3 % and by more than 3.5 deviations. Without anything to "
         "compare with there are none."},
    {.name = "overhead",
     .other = "overhead-us",
     .text = "What an empty transfer takes on the same lanes, in microseconds. It is measured "
             "beside the case and reported, never subtracted."},
    {.name = "pairs",
     .text = "Which ranks a pattern between two ranks is about: one pair for each class of "
             "link (classes, the default), the lowest pair (first), every pair alone in turn "
             "(each), every pair in rounds of disjoint pairs (rounds), disjoint pairs all at "
             "once (together), or a list.",
     .names = XB_NAMES_PAIRS,
     .names_of = "words"},
    {.name = "pass",
     .other = "passes",
     .text = "The whole plan measured once. A run makes six, each in another order, so that a "
             "case is seen at several moments. The median is that of the passes' medians, and "
             "the interval is between them."},
    {.name = "path",
     .text = "A source and a destination, as gpu->gpu@node. Both ends are kinds of memory "
             "('xferbench help endpoint'); behind the @ stands where they are ('xferbench help "
             "locality')."},
    {.name = "pattern",
     .text = "Which lanes are busy, and when: the rule that makes a schedule from a path, the "
             "ranks of the job and the pairs.",
     .names = XB_NAMES_PATTERNS,
     .names_of = "patterns"},
    {.name = "placement",
     .other = "place binding rank",
     .text = "Where a rank runs: its host, cores, memory node, GPU and the nearest network "
             "card. Ranks of a node take its GPUs in turn, in the order of their bus ids. "
             "'xferbench info' shows it and warns where cores and GPU are far apart."},
    {.name = "policy",
     .text = "A table that picks method, chunk and depth from path, class of link and size. "
             "The first rule that matches counts. Cases of the method auto follow it; "
             "'xferbench tune' writes one for this machine, and static is the shipped one."},
    {.name = "sample",
     .other = "batch",
     .text =
         "The time of one transfer. Short transfers are timed many together, as a batch "
         "that lasts at least 200 microseconds, and a sample is the batch's time over their "
         "number. The clock runs from the first post until the destination knows that the "
         "last byte is there."},
    {.name = "scenario",
     .text =
         "A JSON file that names cases by ranges of methods, paths, patterns and sizes, and "
         "says how they are sampled. 'xferbench list' shows the shipped ones, 'xferbench "
         "validate' checks one, '--set KEY=VALUE' changes a key for once, and "
         "'--print-scenario' makes one from options."},
    {.name = "setup",
     .other = "setup-us",
     .text = "What comes before the first timed transfer and is not in its time: opening, "
             "registering and mapping memory, and the first transfer itself. It is reported in "
             "microseconds."},
    {.name = "size-class",
     .other = "size bytes",
     .text = "A coarse size: 0 is up to 4 KiB, 1 up to 64 KiB, 2 up to 1 MiB, 3 up to 16 MiB, "
             "4 up to 128 MiB, 5 is larger. Sizes are given in bytes or as 4KiB, 1MiB, 2GiB; "
             "1 GB/s is 1e9 bytes a second."},
    {.name = "status",
     .other = "skipped failed corrupt timeout ok reason",
     .text = "How a case or lane ended. ok: measured, its bytes right. skipped: cannot be done "
             "here, and the reason says why; that is a result. failed: a call failed. timeout: "
             "its time was over. corrupt: bytes were wrong. implausible: faster than its links "
             "can be, or the counters say that nothing moved."},
    {.name = "verification",
     .other = "verify stamp stamps",
     .text =
         "Proof that the bytes arrived. Every batch leaves stamps that only it can have "
         "written, which are looked for at its end, outside of the time. Whole destinations "
         "are compared in the first and the last pass. One wrong byte makes the case "
         "corrupt, with the place of the first."},
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
