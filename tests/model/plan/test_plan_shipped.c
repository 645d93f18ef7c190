/* SPDX-License-Identifier: BSD-3-Clause */
/* test_plan_shipped.c - the shipped scenarios expanded into cases: how many, which must be
 * there, and whether they end in time. */
#include "model/plan/plan.h"

#include <stdlib.h>

#include "tests/catalog_fixture.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static bool has_case(const struct xb_plan *plan, const char *id)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (strcmp(plan->cases[i].id, id) == 0)
            return true;
    }
    return false;
}

struct shipped {
    const char *file;
    size_t min_cases, max_cases;
    double max_seconds; /* of sampling and warm-up, when no case meets its target early */
    const char *ids[12];
};

static const struct shipped shipped_files[] = {
    {"quick.json",
     60,
     80,
     40,
     {"stream/direct[memory=pinned]/host->host@self/8MiB",
      "stream/direct[memory=pageable]/gpu->host@self/8MiB",
      "stream/direct[memory=pinned]/host->gpu@self/256KiB/offset=1+3",
      "stream/p2p[engine=ce,side=pull]/gpu->gpu@node/4KiB",
      "pingpong/mpi[transfer=send,memory=device]/gpu->gpu@node/8B",
      "bidirectional/p2p[engine=ce,side=push]/gpu->gpu@node/8MiB",
      "stream/host-staged[memory=pinned]/gpu->gpu@self/8MiB/chunk=4MiB,depth=3",
      "stream/host-staged[memory=pinned]/gpu->gpu@node/8MiB/chunk=8MiB,depth=1",
      "stream/mpi[transfer=send,memory=device]/host->host@node/256KiB",
      "stream/mpi[transfer=send,memory=device]/gpu->gpu@remote/8MiB",
      ("stream/null[delay=0s,fail=none,hang=none,corrupt=-1,after=0,at=destination,rank=-1]/"
       "host->host@self/4KiB")}},
    {"full.json",
     400,
     640,
     480,
     {"stream/direct[memory=pinned]/gpu->gpu@self/1GiB",
      "stream/direct[memory=pageable]/host->gpu@self/256MiB",
      "stream/p2p[engine=ce,side=push]/gpu->gpu@node/512MiB",
      "stream/mpi[transfer=send,memory=device]/host->host@remote/4KiB",
      "stream/host-staged[memory=pinned]/gpu->gpu@remote/1GiB/chunk=1GiB,depth=1",
      "stream/host-staged[memory=pinned]/gpu->gpu@node/4KiB/chunk=1KiB,depth=3",
      "stream/host-staged[memory=pinned]/gpu->gpu@node/16MiB/chunk=256KiB,depth=3",
      "stream/host-staged[memory=pageable]/gpu->gpu@remote/64MiB/chunk=4MiB,depth=3",
      "stream/host-staged[memory=pinned]/host->host@node/1GiB/chunk=16MiB,depth=4",
      "pingpong/p2p[engine=ce,side=pull]/gpu->gpu@node/64KiB",
      "stream/mpi[transfer=send,memory=device]/gpu->gpu@node/16MiB/offset=1+3"}},
    {"node.json",
     8,
     8,
     1,
     {"stream/direct[memory=pinned]/gpu+*->host@self/64MiB/pairs=each",
      "stream/p2p[engine=ce,side=push]/gpu+*->gpu+*@self/64MiB/pairs=each",
      "stream/p2p[engine=ce,side=push]/gpu->gpu@node/64MiB/pairs=rounds"}},
    {"queue.json",
     50,
     70,
     40,
     {"queue/queue[producers=1,consumers=1,capacity=1,work=0s]/host->host@self/64B",
      "queue/queue[producers=4,consumers=2,capacity=8,work=0s]/host->host@self/64B",
      "queue/queue[producers=1,consumers=4,capacity=2,work=20us]/host->host@self/64B",
      "queue/queue[producers=1,consumers=1,capacity=4,work=0s]/host->host@self/1MiB"}},
    {"overlap.json",
     48,
     48,
     60,
     {"overlap/"
      "gray-scott[mode=double,buffers=3,stages=sum,width=2048,height=1024,steps=512,images=32]"
      "/gpu->host@self/8MiB"}},
    {"interference.json",
     89,
     89,
     91,
     {"interference/company[engine=ce,beside=arithmetic]/gpu->gpu+1@self/64MiB",
      "interference/company[engine=ce,side=pull,beside=transfer]/gpu->gpu+1@self/64MiB",
      "interference/company[engine=sm,sms=8,beside=memory]/gpu->gpu@node/64MiB",
      "interference/company[engine=nccl,beside=memory]/gpu->gpu@node/64MiB",
      "interference/company[engine=sm,beside=transfer]/host->gpu@self/64MiB"}},
};

static void check_shipped(const struct shipped *row, const struct xb_scenario *s)
{
    struct xb_plan plan;

    is_int(xb_plan_expand(s, &plan, NULL), 0, "it has a plan");
    printf("# %s: %zu cases\n", row->file, plan.count);
    ok(plan.count >= row->min_cases && plan.count <= row->max_cases, "of that many cases");
    is_int((long long)plan.repeated, 0, "none is named twice");
    double seconds =
        (double)plan.count * (double)(s->sampling.max_time_ns + s->sampling.warmup_ns) * 1e-9;
    ok(seconds <= row->max_seconds, "it ends in time");
    for (size_t i = 0; row->ids[i]; i++)
        ok(has_case(&plan, row->ids[i]), row->ids[i]);
    size_t large_pageable = 0;
    for (size_t i = 0; i < plan.count; i++) {
        if (plan.cases[i].bytes > 256 << 20 && strstr(plan.cases[i].id, "pageable"))
            large_pageable++;
    }
    is_int((long long)large_pageable, 0, "pageable memory only up to 256 MiB");
    xb_plan_release(&plan);
}

static void test_shipped(void)
{
    const char *dir = getenv("XB_SCENARIOS");

    for (size_t i = 0; i < ROWS(shipped_files); i++) {
        struct xb_scenario s;
        struct xb_error err = {""};
        char file[4096];

        snprintf(file, sizeof(file), "%s/%s", dir ? dir : "scenarios", shipped_files[i].file);
        if (!is_int(xb_scenario_load(file, NULL, &fixture_catalog, &s, &err), 0,
                    shipped_files[i].file)) {
            printf("# %s\n", err.text);
            continue;
        }
        ok(s.description[0] && !strchr(s.description, '\n'), "a line says what it is for");
        check_shipped(&shipped_files[i], &s);
        xb_scenario_release(&s);
    }
}

int main(void)
{
    test_shipped();
    return done_testing();
}
