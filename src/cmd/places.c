/* places.c - the table of places, and places on a machine that one is not on. */
#include "cmd/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/formats/table.h"
#include "report/report.h"

/* Places of ranks that see every GPU and are bound to nothing. The caller frees. */
static struct xb_place *imagine_places(const struct xb_topology *topo, size_t nranks,
                                       struct xb_error *err)
{
    const struct xb_topo_gpu *gpus;
    size_t ngpus = xb_topology_gpus(topo, &gpus);
    struct xb_place_request *requests = calloc(nranks, sizeof *requests);
    struct xb_place *places = calloc(nranks, sizeof *places);

    if (!requests || !places) {
        xb_fail(err, "out of memory");
        goto fail;
    }
    for (size_t r = 0; r < nranks; r++) {
        requests[r].nvisible = ngpus;
        for (size_t g = 0; g < ngpus; g++)
            memcpy(requests[r].visible[g], gpus[g].pci, XB_PCI_LEN);
    }
    if (xb_placement_compute(topo, requests, nranks, places, err) < 0)
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
    char rank[16], node[16], numa[16], sharers[48];
    const struct xb_place *p = &r->place;

    snprintf(rank, sizeof rank, "%d", r->rank);
    snprintf(node, sizeof node, "%d", r->node);
    snprintf(numa, sizeof numa, p->numa >= 0 ? "%d" : "-", p->numa);
    snprintf(sharers, sizeof sharers, p->sharers > 1 ? "%s (shared by %d)" : "%s",
             p->has_gpu ? p->pci : "-", p->sharers);
    const char *cells[] = {rank,
                           node,
                           r->host[0] ? r->host : "-",
                           r->gpu_name[0] ? r->gpu_name : "-",
                           sharers,
                           numa,
                           p->cpuset[0] ? p->cpuset : "-",
                           p->kept_binding ? "launcher" : "xferbench",
                           p->nic[0] ? p->nic : "-",
                           NULL};
    xb_table_add(table, cells);
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
    for (size_t i = 0; i < nranks; i++)
        if (ranks[i].place.warning[0])
            printf("warning: rank %d: %s\n", ranks[i].rank, ranks[i].place.warning);
}

/* Ranks as they would report themselves from there. The caller frees. */
static struct xb_rank_info *imagine_ranks(const struct xb_topology *topo, size_t nranks,
                                          struct xb_error *err)
{
    struct xb_place *places = imagine_places(topo, nranks, err);
    struct xb_rank_info *ranks = places ? calloc(nranks, sizeof *ranks) : NULL;

    for (size_t i = 0; ranks && i < nranks; i++) {
        ranks[i].rank = (int)i;
        ranks[i].place = places[i];
        snprintf(ranks[i].host, sizeof ranks[i].host, "%s", xb_topology_host(topo));
    }
    if (places && !ranks)
        xb_fail(err, "out of memory");
    free(places);
    return ranks;
}

int xb_places_show_saved(const char *xml_file, uint64_t nranks, struct xb_error *err)
{
    struct xb_topology *topo;
    const struct xb_topo_gpu *gpus;

    if (xb_topology_load(xml_file, &topo, err) < 0)
        return -1;
    if (nranks == 0)
        nranks = xb_topology_gpus(topo, &gpus);
    if (nranks == 0)
        nranks = 1;
    struct xb_rank_info *ranks = imagine_ranks(topo, nranks, err);
    int shown = -1;
    if (ranks) {
        xb_places_print(ranks, nranks);
        shown = (int)nranks;
    }
    xb_topology_release(topo);
    free(ranks);
    return shown;
}
