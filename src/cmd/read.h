/* SPDX-License-Identifier: BSD-3-Clause */
/* read.h - scenarios and policies that rank 0 reads and all ranks have. */
#ifndef XB_CMD_READ_H
#define XB_CMD_READ_H

#include "base/error.h"
#include "model/plan/plan.h"
#include "model/policy/policy.h"
#include "model/scenario/scenario.h"
#include "model/scenario/scenario_words.h"

/* Called by all ranks after MPI_Init: a scenario, by file or name, with its overrides, and its
 * plan. All have them, or none has, and rank 0 the reason in err. */
int xb_read_scenario(const char *given, const char *const *sets, struct xb_scenario *scenario,
                     struct xb_plan *plan, struct xb_error *err);

/* The same of cases that are said in words, which all ranks were told alike. */
int xb_read_words(const struct xb_scenario_words *words, const char *const *sets,
                  struct xb_scenario *scenario, struct xb_plan *plan, struct xb_error *err);

/* The same of the scenario that a report or journal was made from, by its name on rank 0, with
 * the seed. */
int xb_read_origin(const char *file, const char *const *sets, struct xb_scenario *scenario,
                   struct xb_plan *plan, uint64_t *seed, struct xb_error *err);

/* A policy likewise. */
int xb_read_policy(const char *given, struct xb_policy *policy, struct xb_error *err);

#endif
