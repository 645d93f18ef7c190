/* SPDX-License-Identifier: BSD-3-Clause */
/* asked.h - what a campaign is to do, from the command line and from a file. */
#ifndef XB_CMD_CAMPAIGN_ASKED_H
#define XB_CMD_CAMPAIGN_ASKED_H

#include "base/error.h"
#include "cmd/campaign/record.h"

#define XB_LAUNCHES_MAX     10000 /* of a configuration */
#define XB_LAUNCHES_DEFAULT 8
#define XB_LAUNCHES_LIMIT   32                /* where it goes on until all is decided */
#define XB_SEED_MAX         ((1ll << 53) - 1) /* a JSON number holds it exactly */
#define XB_NOT_GIVEN        UINT64_MAX

/* As the command line says it; texts are borrowed, and NULL where nothing was said. */
struct xb_campaign_words {
    const char *scenario, *file, *until, *threshold;
    char *const *configs;                  /* "NAME=LAUNCHER", NULL-terminated, or NULL */
    char *const *ignores, *const *filters; /* the same */
    char *const *run;                /* what stood behind "--", NULL-terminated, or NULL */
    uint64_t launches, max_launches; /* XB_NOT_GIVEN */
    uint64_t seed;                   /* the same */
    double launch_timeout_s;         /* 0: not given */
};

/* Fill a campaign that has begun with what is asked for. A file,
 *
 *     {"scenario": "quick", "launches": 8, "run": ["--passes", "3"],
 *      "configs": [{"name": "staged", "launcher": ["mpirun", "-n", "2"],
 *                   "environment": {"UCX_TLS": "tcp", "NCCL_P2P_DISABLE": null},
 *                   "run": ["--device", "cuda"]}]}
 *
 * may have "until", "max_launches", "seed", "launch_timeout", "threshold", "ignore" and
 * "filter" too. The command line counts before it, and its configurations follow those of the
 * file. Each error names what was wrong and what was expected. */
int xb_campaign_ask(const struct xb_campaign_words *words, struct xb_campaign *campaign,
                    struct xb_error *err);

/* Are the names fit for files, each another, and the arguments for `run` not the campaign's
 * own? And, on this machine: are the launchers there to be started? */
int xb_campaign_check(const struct xb_campaign *campaign, struct xb_error *err);
int xb_campaign_check_launchers(const struct xb_campaign *campaign, struct xb_error *err);

#endif
