/* SPDX-License-Identifier: BSD-3-Clause */
/* experiment.h - the table of experiments: measurements that are no schedule of lanes, of one
 * rank, or of one and a second one that helps it.
 *
 * An experiment is one file that ends in one `struct xb_experiment`. Its work goes in rounds,
 * which it times itself and whose results it verifies itself; the runner (run_experiment.h)
 * makes samples of them. The order of calls is fixed: probe, needs, open, then any number of
 * run, each followed by figures, and between them verify; close. All are called by the one rank
 * that runs it, the others wait; where the path is between two ranks of a node, a second one is
 * asked for probe and needs too, and then follows.
 */
#ifndef XB_LAB_EXPERIMENT_H
#define XB_LAB_EXPERIMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "engine/devices/device.h"
#include "engine/pipeline/transfer.h"
#include "engine/runtime/agree.h"
#include "engine/runtime/session.h"
#include "model/plan/plan.h"
#include "model/scenario/catalog.h"
#include "report/result.h"

/* A case of an experiment, as its functions see it: owned by the runner, constant from probe to
 * close. */
struct xb_lab_case {
    const struct xb_case *c;
    const struct xb_session *session;
    const struct xb_device *device;
    int other; /* rank of the other end of the path: of who runs it, of who follows; own rank
                  within a rank */
    double deadline_us; /* of the case, on xb_clock_us: what open and run do must heed it */
};

struct xb_experiment {
    struct xb_experiment_spec spec;

    /* Called by all ranks of the run before each case: make, if it is not there, what outlives
     * cases. Ends with an agreement: XB_GO, XB_SKIP or XB_ERROR, the same everywhere. NULL
     * means there is no such thing. */
    int (*start)(const struct xb_session *session, const struct xb_case *c,
                 struct xb_error *err);

    /* Can it be done here: XB_GO, or XB_SKIP with the reason. Method and path are the spec's.
     * It has no effects. */
    int (*probe)(const struct xb_lab_case *l, struct xb_error *err);

    /* Add the memory that it needs in all; what is not there is not asked of it. NULL means
     * nothing that counts. */
    void (*needs)(const struct xb_lab_case *l, struct xb_needs *needs);

    /* Make the context. XB_GO, XB_SKIP with the reason, XB_ERROR or XB_TIMED_OUT; except with
     * XB_GO, *ctx stays NULL and nothing is left behind. l outlives the context. */
    int (*open)(const struct xb_lab_case *l, void **ctx, struct xb_error *err);

    /* So many rounds; *us is their time, without what lies between them. XB_GO, XB_ERROR, or
     * XB_TIMED_OUT when the case's time was over, which needs no text. */
    int (*run)(void *ctx, int64_t rounds, double *us, struct xb_error *err);

    /* What the other end of a path between ranks does from before open until close has been
     * called where it runs: XB_GO, or what came between, with the reason. It must end by
     * itself soon after the deadline. NULL where no such path is taken. */
    int (*follow)(const struct xb_lab_case *l, struct xb_error *err);

    /* A round is as long as a batch needs to be, whatever time it gives: there is one in each.
     */
    bool long_rounds;

    /* Time that a batch of rounds lasts at least, where each has a beginning that it should
     * outweigh; in microseconds, 0 where there is none. */
    double least_batch_us;

    /* Add what it found of the results of all rounds since it was asked last. */
    void (*verify)(void *ctx, struct xb_verify *out);

    /* What the last batch of rounds has shown besides its time; returns how many, at most max,
     * the same names in the same order each time, which carry their units. What a batch cannot
     * tell is not finite. A report has the medians over the samples. NULL means nothing. */
    size_t (*figures)(void *ctx, struct xb_figure *out, size_t max);

    /* Free everything. Must not wait for work that may never end. */
    void (*close)(void *ctx);
};

/* All experiments, NULL-terminated. */
extern const struct xb_experiment *const xb_experiments[];

/* All that a scenario can name: the engine's methods and devices, and the experiments. */
const struct xb_catalog *xb_lab_catalog(void);

/* The row that a case belongs to, which xb_case_experiment_fits. */
const struct xb_experiment *xb_experiment_of(const struct xb_case *c);

#endif
