/* SPDX-License-Identifier: BSD-3-Clause */
/* link_warn.c - what is wrong with the links of a job's GPUs. */
#include "model/topology/link_warn.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text_set.h"
#include "model/topology/product.h"

#define TEXT_LEN 400

/* Who is told, and the GPU that it is about. */
struct warner {
    xb_warning_fn *warn;
    void *arg;
    char gpu[128]; /* "rank 2, node07, GPU 0000:3b:00.0" */
};

__attribute__((format(printf, 2, 3))) static void say(const struct warner *w, const char *fmt,
                                                      ...)
{
    char text[TEXT_LEN];
    int at = snprintf(text, sizeof text, "%s: ", w->gpu);
    va_list args;

    va_start(args, fmt);
    vsnprintf(text + at, sizeof text - (size_t)at, fmt, args);
    va_end(args);
    w->warn(w->arg, text);
}

static void name_gpu(struct warner *w, const struct xb_rank_info *rank, const char *host,
                     const char *pci, const char *instance)
{
    char number[24] = "no rank", label[XB_GPU_LABEL_LEN];

    if (rank)
        snprintf(number, sizeof number, "rank %d", rank->rank);
    snprintf(w->gpu, sizeof w->gpu, "%s, %.63s, GPU %s", number, host[0] ? host : "this node",
             xb_gpu_label(pci, instance, label));
}

/* ---- when a run begins ---- */

static int active_links(const struct xb_gpu_info *gpu)
{
    double ignored;

    return gpu->links_up || gpu->links_down ? __builtin_popcountll(gpu->links_up)
                                            : xb_gpu_nvlinks(gpu, &ignored);
}

/* "; not active: 3, 7" of the first so many links; "" where links have no numbers. */
static void list_missing(const struct xb_gpu_info *gpu, int links, char *text, size_t len)
{
    size_t at = 0;

    text[0] = '\0';
    if (!gpu->links_up && !gpu->links_down)
        return;
    for (int i = 0; i < 64 && at < len; i++) {
        bool down = gpu->links_down >> i & 1, up = gpu->links_up >> i & 1;
        if (down || (i < links && !up))
            at +=
                (size_t)snprintf(text + at, len - at, "%s%d", at ? ", " : "; not active: ", i);
    }
}

/* The most active links of any GPU of a name, by the numbers of the names. */
struct most_links {
    struct xb_text_set names;
    int *most;
};

static int find_most(const struct xb_node_info *nodes, size_t nnodes, struct most_links *out)
{
    size_t gpus = 0;

    for (size_t n = 0; n < nnodes; n++)
        gpus += nodes[n].ngpus;
    *out = (struct most_links){.most = calloc(gpus + 1, sizeof *out->most)};
    if (!out->most)
        return -1;
    for (size_t n = 0; n < nnodes; n++)
        for (size_t g = 0; g < nodes[n].ngpus; g++) {
            size_t before = out->names.n;
            int links = active_links(&nodes[n].gpus[g]);
            int64_t number = xb_text_set_add(&out->names, nodes[n].gpus[g].name);
            if (number < 0)
                return -1;
            if (out->names.n > before || links > out->most[number])
                out->most[number] = links;
        }
    return 0;
}

static int most_of(const struct most_links *all, const char *name)
{
    return all->most[xb_text_set_find(&all->names, name, strlen(name))];
}

static void warn_nvlinks(const struct warner *w, const struct xb_node_info *node,
                         const struct xb_gpu_info *gpu, int most)
{
    int links = active_links(gpu), expected = xb_product_nvlinks(gpu->name);
    char missing[160];

    if (links < 0 || gpu->mig == 1)
        return;
    if (links < expected && (links > 0 || node->ngpus > 1)) {
        list_missing(gpu, expected, missing, sizeof missing);
        say(w, "%d of the %d NVLinks of an %s are active%s", links, expected, gpu->name,
            missing);
    } else if (gpu->name[0] && links < most) {
        list_missing(gpu, most, missing, sizeof missing);
        say(w, "%d NVLinks are active, while another %s of this job has %d%s", links, gpu->name,
            most, missing);
    }
}

/* The lowest rank that has each GPU, by the numbers of these. */
struct holders {
    const struct xb_rank_info *ranks;
    struct xb_text_set gpus; /* "3 0000:3b:00.0 MIG-...": a node and its GPU */
    size_t *lowest;
};

#define GPU_LEN 128

static const char *gpu_text(int node, const char *pci, const char *instance, char buf[GPU_LEN])
{
    snprintf(buf, GPU_LEN, "%d %s %s", node, pci, instance);
    return buf;
}

static int find_holders(const struct xb_rank_info *ranks, size_t nranks, struct holders *out)
{
    char buf[GPU_LEN];

    *out = (struct holders){.ranks = ranks, .lowest = calloc(nranks + 1, sizeof *out->lowest)};
    if (!out->lowest)
        return -1;
    for (size_t r = 0; r < nranks; r++) {
        const struct xb_place *place = &ranks[r].place;
        size_t before = out->gpus.n;
        if (!place->has_gpu)
            continue;
        if (xb_text_set_add(&out->gpus,
                            gpu_text(ranks[r].node, place->pci, place->instance, buf)) < 0)
            return -1;
        if (out->gpus.n > before)
            out->lowest[before] = r;
    }
    return 0;
}

static void release_holders(struct holders *h)
{
    xb_text_set_release(&h->gpus);
    free(h->lowest);
}

static const struct xb_rank_info *rank_of(const struct holders *h, int node, const char *pci,
                                          const char *instance)
{
    char buf[GPU_LEN];
    const char *text = gpu_text(node, pci, instance, buf);
    int64_t number = xb_text_set_find(&h->gpus, text, strlen(text));

    return number < 0 ? NULL : &h->ranks[h->lowest[number]];
}

int xb_warn_links(const struct xb_rank_info *ranks, size_t nranks,
                  const struct xb_node_info *nodes, size_t nnodes, xb_warning_fn *warn,
                  void *arg)
{
    struct warner w = {.warn = warn, .arg = arg};
    struct holders holders;
    struct most_links most = {.most = NULL};
    int rc = find_holders(ranks, nranks, &holders);

    if (rc == 0 && nodes)
        rc = find_most(nodes, nnodes, &most);
    for (size_t n = 0; rc == 0 && nodes && n < nnodes; n++)
        for (size_t g = 0; g < nodes[n].ngpus; g++) {
            const struct xb_gpu_info *gpu = &nodes[n].gpus[g];
            name_gpu(&w, rank_of(&holders, (int)n, gpu->pci, gpu->instance), nodes[n].host,
                     gpu->pci, gpu->instance);
            warn_nvlinks(&w, &nodes[n], gpu, most_of(&most, gpu->name));
            if (gpu->pcie_width_now > 0 && gpu->pcie_width_now < gpu->pcie_width)
                say(&w, "PCI Express has %d of its %d lanes", gpu->pcie_width_now,
                    gpu->pcie_width);
        }
    xb_text_set_release(&most.names);
    free(most.most);
    release_holders(&holders);
    return rc;
}

/* ---- when it ends ---- */

/* CRC errors are mended by sending once more, and healthy links have some: 290 in 8 s of
 * traffic between two H200 whose figures were as ever. The report has them; nobody is warned.
 */
static void warn_errors(const struct warner *w, const struct xb_gpu_state *before,
                        const struct xb_gpu_state *after)
{
    static const char *const words[XB_GPU_ERRORS] = {
        [XB_GPU_NVLINK_REPLAYS] = "NVLink replays",
        [XB_GPU_NVLINK_RECOVERIES] = "NVLink recoveries",
        [XB_GPU_ECC_UNCORRECTABLE] = "uncorrectable memory errors",
    };

    for (int e = 0; e < XB_GPU_ERRORS; e++) {
        int64_t came = xb_gpu_errors_between(before, after, (enum xb_gpu_error)e);
        if (came > 0 && words[e])
            say(w, "%" PRId64 " %s during this run", came, words[e]);
    }
}

int xb_warn_run(const struct xb_rank_info *ranks, size_t nranks,
                const struct xb_gpu_state *after, xb_warning_fn *warn, void *arg)
{
    struct warner w = {.warn = warn, .arg = arg};
    struct holders holders;
    int rc = find_holders(ranks, nranks, &holders);

    for (size_t r = 0; rc == 0 && r < nranks; r++) {
        const struct xb_rank_info *me = &ranks[r];
        if (!me->place.has_gpu || !after[r].there ||
            rank_of(&holders, me->node, me->place.pci, me->place.instance) != me)
            continue;
        name_gpu(&w, me, me->host, me->place.pci, me->place.instance);
        warn_errors(&w, &me->before, &after[r]);
        if (after[r].pcie_busy && after[r].pcie_gen > 0 && after[r].pcie_gen < me->pcie_gen)
            say(&w, "PCI Express was never seen above gen %d during this run; it can gen %d",
                after[r].pcie_gen, me->pcie_gen);
    }
    release_holders(&holders);
    return rc;
}
