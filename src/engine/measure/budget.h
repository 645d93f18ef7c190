/* SPDX-License-Identifier: BSD-3-Clause */
/* budget.h - memory is asked for before it is taken. */
#ifndef XB_ENGINE_MEASURE_BUDGET_H
#define XB_ENGINE_MEASURE_BUDGET_H

#include "engine/measure/case_run.h"

/* What one rank needs of one GPU that it drives, and how much of it is free; in bytes. */
struct xb_gpu_budget {
    char pci[XB_PCI_LEN], instance[XB_UUID_LEN];
    uint64_t device, managed, free;
};

/* What one rank needs and finds free. */
struct xb_budget {
    char host[64];
    uint64_t need_host, free_host;
    int ngpus;
    struct xb_gpu_budget gpu[XB_MAX_GPUS]; /* by the index of endpoints */
};

/* Do n ranks of one node find what they need? They draw on the same host memory, and those that
 * drive the same GPU on its memory, of which a quarter may be managed. XB_GO, or XB_SKIP with
 * the figures in err. Without messages. */
int xb_budget_compare(const struct xb_budget *all, int n, struct xb_error *err);

/* What the members' lanes need beside what their arenas hold, against what is free on each node
 * and GPU. Called by all members; the same on all: XB_GO, or XB_SKIP with the figures. */
int xb_budget_check(struct xb_case_run *run, struct xb_error *err);

/* Could this rank run out of memory in a case for what its arena holds and the case has no use
 * of? For one rank itself; an estimate, since a flush that was not needed costs time alone. */
bool xb_budget_is_tight(const struct xb_session *session, const struct xb_case *c);

#endif
