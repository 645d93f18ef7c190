/* SPDX-License-Identifier: BSD-3-Clause */
/* test_contention.c - rounds in which lanes are alone, two together, and all. */
#include "model/plan/contention.h"

#include <stdio.h>
#include <string.h>

#include "model/plan/schedule.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* A schedule in words: "alone 0>1 | two 0>1 1>0 | all ...". */
static const struct row {
    const char *name, *pattern, *path;
    enum xb_pairs_kind pairs;
    enum xb_contention contention;
    int nranks;
    const char *rounds, *reason;
} rows[] = {
    {"without it there are the rounds of the pattern", "ring", "gpu->gpu@node",
     XB_PAIRS_CLASSES, XB_CONTENTION_NONE, 3, "all 0>1 1>2 2>0 ", NULL},
    {"each lane alone, then all", "ring", "gpu->gpu@node", XB_PAIRS_CLASSES, XB_CONTENTION_ALL,
     3, "alone 0>1 | alone 1>2 | alone 2>0 | all 0>1 1>2 2>0 ", NULL},
    {"each two as well", "ring", "gpu->gpu@node", XB_PAIRS_CLASSES, XB_CONTENTION_PAIRS, 3,
     "alone 0>1 | alone 1>2 | alone 2>0 | two 0>1 1>2 | two 0>1 2>0 | two 1>2 2>0 | "
     "all 0>1 1>2 2>0 ",
     NULL},
    {"of two lanes both are all", "bidirectional", "gpu->gpu@node", XB_PAIRS_FIRST,
     XB_CONTENTION_PAIRS, 2, "alone 0>1 | alone 1>0 | all 0>1 1>0 ", NULL},
    {"each round of several by itself", "fan-in", "gpu->gpu@node", XB_PAIRS_CLASSES,
     XB_CONTENTION_ALL, 3,
     "alone 1>0 | alone 2>0 | all 1>0 2>0 | alone 2>1 | alone 0>1 | all 2>1 0>1 | "
     "alone 0>2 | alone 1>2 | all 0>2 1>2 ",
     NULL},
    {"a chain keeps its lanes", "pingpong", "gpu->gpu@node", XB_PAIRS_TOGETHER,
     XB_CONTENTION_ALL, 4, "alone 0>1 1>0 | alone 2>3 3>2 | all 0>1 1>0 2>3 3>2 ", NULL},
    {"hosts and GPUs of all ranks", "stream", "host->gpu", XB_PAIRS_TOGETHER, XB_CONTENTION_ALL,
     2, "alone 0>0 | alone 1>1 | all 0>0 1>1 ", NULL},
    {"a round with one lane stays as it is", "bisection", "gpu->gpu@node", XB_PAIRS_CLASSES,
     XB_CONTENTION_ALL, 2, "",
     "contention is of lanes that are busy at the same time; here each is alone: contention "
     "must be none"},
    {"nor has a pair company that is alone", "stream", "gpu->gpu@node", XB_PAIRS_EACH,
     XB_CONTENTION_PAIRS, 4, "",
     "contention is of lanes that are busy at the same time; here each is alone: contention "
     "must be none"},
};

static void test_rounds(void)
{
    static const int nodes[8];

    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct row *row = &rows[i];
        const struct xb_job job = {.nranks = row->nranks, .node_of_rank = nodes};
        struct xb_case c = {.pattern = xb_pattern_find(row->pattern, NULL),
                            .pairs = {.kind = row->pairs},
                            .contention = row->contention};
        struct xb_schedule schedule;
        struct xb_round round = {0};
        struct xb_error err = {""};
        char text[512] = "";
        size_t used = 0;
        bool right = true;

        xb_path_parse(row->path, &c.path, NULL);
        is_int(xb_schedule_open(&c, &job, &schedule, &err), row->reason ? 1 : 0, row->name);
        is_str(err.text, row->reason ? row->reason : "", "the reason");
        for (size_t r = 0; !row->reason && r < schedule.rounds; r++) {
            xb_schedule_round(&schedule, r, &round, NULL);
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s ",
                                     r > 0 ? "| " : "", xb_company_name(round.lane[0].company));
            int chain = -1;
            for (size_t l = 0; l < round.count; l++) {
                const struct xb_lane *lane = &round.lane[l];
                used += (size_t)snprintf(text + used, sizeof text - used, "%d>%d ",
                                         lane->src_rank, lane->dst_rank);
                chain += lane->step == 0;
                right = right && lane->round == (int)r && lane->chain == chain &&
                        lane->company == round.lane[0].company;
            }
            right = right && round.chains == chain + 1;
        }
        is_str(text, row->rounds, "its rounds");
        ok(right, "chains count from 0 in each");
        xb_round_release(&round);
        if (!row->reason)
            xb_schedule_close(&schedule);
    }
}

/* Every two of many are together once. */
static void test_all_twos(void)
{
    enum { CHAINS = 23 };
    bool seen[CHAINS][CHAINS] = {{false}}, right = true;
    const size_t rounds = xb_contention_rounds(XB_CONTENTION_PAIRS, CHAINS);
    size_t alone = 0, two = 0, chain[2] = {0, 0};

    for (size_t i = 0; i + 1 < rounds; i++) {
        enum xb_company company = xb_contention_round(XB_CONTENTION_PAIRS, CHAINS, i, chain);
        if (company == XB_COMPANY_ALONE) {
            right = right && chain[0] == alone++;
            continue;
        }
        right = right && company == XB_COMPANY_TWO && chain[0] < chain[1] &&
                chain[1] < CHAINS && !seen[chain[0]][chain[1]];
        if (right)
            seen[chain[0]][chain[1]] = true;
        two++;
    }
    ok(right, "each is alone in its turn, and no two are together twice");
    is_int((long long)alone, CHAINS, "all were alone");
    is_int((long long)two, CHAINS * (CHAINS - 1) / 2, "and with every other");
    is_int(xb_contention_round(XB_CONTENTION_PAIRS, CHAINS, rounds - 1, chain), XB_COMPANY_ALL,
           "all are together at the end");
    is_int((long long)xb_contention_rounds(XB_CONTENTION_NONE, CHAINS), 1,
           "else that is the only round");
}

int main(void)
{
    test_rounds();
    test_all_twos();
    return done_testing();
}
