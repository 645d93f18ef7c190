/* SPDX-License-Identifier: BSD-3-Clause */
/* places.c - the table of places, and places on a machine that one is not on. */
#include "cmd/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/topology/nvml_file.h"
#include "report/formats/table.h"
#include "report/report.h"

/* Of a GPU in MIG mode a process can use instances alone. */
static bool is_usable(const struct xb_gpu_info *gpu)
{
    return gpu->instance[0] || gpu->mig != 1;
}

static size_t list_usable(const struct xb_node_info *node, struct xb_gpu_key *keys, size_t max)
{
    size_t n = 0;

    for (size_t g = 0; g < node->ngpus && n < max; g++) {
        const struct xb_gpu_info *gpu = &node->gpus[g];
        if (!is_usable(gpu))
            continue;
        memcpy(keys[n].pci, gpu->pci, sizeof keys[n].pci);
        memcpy(keys[n++].instance, gpu->instance, sizeof keys[0].instance);
    }
    return n;
}

/* Places of ranks that may take every GPU and are bound to nothing. The caller frees. */
static struct xb_place *imagine_places(const struct xb_topology *topo,
                                       const struct xb_node_info *node, size_t nranks,
                                       struct xb_place_words *words, struct xb_error *err)
{
    struct xb_place_request *requests = calloc(nranks, sizeof *requests);
    struct xb_place *places = calloc(nranks, sizeof *places);

    if (!requests || !places) {
        xb_fail(err, "out of memory");
        goto fail;
    }
    for (size_t r = 0; r < nranks; r++)
        requests[r].nvisible = list_usable(node, requests[r].visible, XB_MAX_GPUS);
    if (xb_placement_compute(topo, requests, nranks, places, words, err) < 0)
        goto fail;
    free(requests);
    return places;
fail:
    free(requests);
    free(places);
    return NULL;
}

static void add_place(struct xb_table *table, const struct xb_rank_info *r)
{
    char rank[16], node[16], numa[16], sharers[64], label[XB_GPU_LABEL_LEN];
    const struct xb_place *p = &r->place;

    snprintf(rank, sizeof rank, "%d", r->rank);
    snprintf(node, sizeof node, "%d", r->node);
    snprintf(numa, sizeof numa, p->numa >= 0 ? "%d" : "-", p->numa);
    snprintf(sharers, sizeof sharers, p->sharers > 1 ? "%s (shared by %d)" : "%s",
             p->has_gpu ? xb_gpu_label(p->pci, p->instance, label) : "-", p->sharers);
    const char *cells[] = {rank,
                           node,
                           r->host[0] ? r->host : "-",
                           r->gpu_name[0] ? r->gpu_name : "-",
                           sharers,
                           numa,
                           xb_place_cpuset(p)[0] ? xb_place_cpuset(p) : "-",
                           p->kept_binding ? "launcher" : "xferbench",
                           p->nic[0] ? p->nic : "-",
                           NULL};
    xb_table_add(table, cells);
}

/* Fewer ranks in a row than this are named one by one. */
#define MANY 3

void xb_places_warn(const struct xb_rank_info *ranks, size_t nranks,
                    void (*say)(const char *text))
{
    char text[XB_ERROR_LEN + 64];

    for (size_t i = 0, next; i < nranks; i = next) {
        const char *warning = xb_place_warning(&ranks[i].place);
        for (next = i + 1;
             next < nranks && strcmp(xb_place_warning(&ranks[next].place), warning) == 0;
             next++)
            ;
        if (!warning[0])
            continue;
        if (next - i < MANY) {
            snprintf(text, sizeof text, "rank %d: %s", ranks[i].rank, warning);
            next = i + 1;
        } else {
            snprintf(text, sizeof text, "ranks %d to %d: %s", ranks[i].rank,
                     ranks[next - 1].rank, warning);
        }
        say(text);
    }
}

static void print_warning(const char *text)
{
    printf("warning: %s\n", text);
}

void xb_places_print(const struct xb_rank_info *ranks, size_t nranks)
{
    static const char *const titles[] = {">rank", ">node", "host",     "GPU",      "bus id",
                                         ">NUMA", "cores", "bound by", "near NIC", NULL};
    struct xb_table *table = xb_table_new(titles);

    if (!table)
        return;
    for (size_t i = 0; i < nranks; i++)
        add_place(table, &ranks[i]);
    xb_table_print(table, stdout);
    xb_table_free(table);
    xb_places_warn(ranks, nranks, print_warning);
}

/* Ranks as they would report themselves from there. The caller frees. */
static struct xb_rank_info *imagine_ranks(const struct xb_topology *topo,
                                          const struct xb_node_info *node, size_t nranks,
                                          struct xb_place_words *words, struct xb_error *err)
{
    struct xb_place *places = imagine_places(topo, node, nranks, words, err);
    struct xb_rank_info *ranks = places ? calloc(nranks, sizeof *ranks) : NULL;

    for (size_t i = 0; ranks && i < nranks; i++) {
        struct xb_rank_info *r = &ranks[i];
        const struct xb_gpu_info *gpu =
            xb_node_instance(node, places[i].pci, places[i].instance);
        r->rank = (int)i;
        r->place = places[i];
        r->nvlink_links = -1;
        snprintf(r->host, sizeof r->host, "%s", node->host);
        for (size_t g = 0; g < node->ngpus && g < XB_MAX_GPUS; g++)
            if (xb_gpu_drives(places[i].pci, places[i].instance, &node->gpus[g]))
                r->visible[r->nvisible++] = (uint8_t)g;
        if (!gpu)
            continue;
        memcpy(r->gpu_name, gpu->name, sizeof r->gpu_name);
        memcpy(r->gpu_uuid, gpu->uuid, sizeof r->gpu_uuid);
        r->pcie_gen = gpu->pcie_gen;
        r->pcie_width = gpu->pcie_width;
        r->nvlink_links = xb_gpu_nvlinks(gpu, &r->nvlink_gb_per_s);
    }
    if (places && !ranks)
        xb_fail(err, "out of memory");
    free(places);
    return ranks;
}

int xb_saved_job_load(const char *xml_file, uint64_t nranks, struct xb_saved_job *out,
                      struct xb_error *err)
{
    struct xb_topology *topo;

    *out = (struct xb_saved_job){.nranks = nranks};
    if (xb_topology_load(xml_file, &topo, err) < 0)
        return -1;
    bool described = xb_node_info_saved(topo, xml_file, &out->node, err) == 0;
    for (size_t g = 0; nranks == 0 && g < out->node.ngpus; g++)
        out->nranks += is_usable(&out->node.gpus[g]);
    if (out->nranks == 0)
        out->nranks = 1;
    out->words = calloc(out->nranks, sizeof *out->words);
    if (!out->words)
        xb_fail(err, "out of memory");
    else if (described)
        out->ranks = imagine_ranks(topo, &out->node, out->nranks, out->words, err);
    xb_topology_release(topo);
    if (out->ranks)
        return 0;
    xb_saved_job_release(out);
    return -1;
}

void xb_saved_job_release(struct xb_saved_job *job)
{
    free(job->ranks);
    free(job->words);
    xb_node_info_release(&job->node);
    *job = (struct xb_saved_job){.ranks = NULL};
}

int xb_places_show_saved(const char *xml_file, uint64_t nranks, struct xb_error *err)
{
    struct xb_saved_job job;

    if (xb_saved_job_load(xml_file, nranks, &job, err) < 0)
        return -1;
    int shown = (int)job.nranks;
    xb_places_print(job.ranks, job.nranks);
    xb_saved_job_release(&job);
    return shown;
}
