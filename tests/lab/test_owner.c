/* SPDX-License-Identifier: BSD-3-Clause */
/* test_owner.c - hand-overs of a buffer: the right ones pass, every wrong one is found. */
#include "lab/owner.h"

#include <pthread.h>

#include "tests/tap.h"

#define THREADS 4
#define TURNS   10000

/* Of all hand-overs from all states only the three that go round are right. */
static void test_all(void)
{
    for (int has = 0; has < 3; has++) {
        for (int from = 0; from < 3; from++) {
            for (int to = 0; to < 3; to++) {
                struct xb_owned b = {has};
                struct xb_error err = {""};
                bool right = from == has && to == (from + 1) % 3;
                char name[64];
                snprintf(name, sizeof name, "%d has it, %d to %d", has, from, to);
                int rc = xb_owner_pass(&b, (enum xb_owner)from, (enum xb_owner)to, &err);
                is_int(rc, right ? 0 : -1, name);
                is_int(b.owner, right ? to : has, "it is where it belongs");
                ok((err.text[0] == '\0') == right, "an error has a text");
            }
        }
    }
}

/* What a loop would do that forgot to wait for the device. */
static void test_read_too_early(void)
{
    struct xb_owned b = {0};
    struct xb_error err = {""};

    is_int(xb_owner_pass(&b, XB_OWNER_FREE, XB_OWNER_DEVICE, &err), 0, "the device gets it");
    is_int(xb_owner_check(&b, XB_OWNER_HOST, &err), -1, "the host must not read it");
    is_str(err.text, "the host uses a buffer that the device has", "it says who has it");
    is_int(xb_owner_pass(&b, XB_OWNER_HOST, XB_OWNER_FREE, &err), -1, "nor give it back");
    is_str(err.text, "a buffer is passed from the host to nobody, but the device has it",
           "it says so");
    is_int(xb_owner_pass(&b, XB_OWNER_FREE, XB_OWNER_DEVICE, &err), -1,
           "nor can the device get it twice");
    is_int(xb_owner_pass(&b, XB_OWNER_DEVICE, XB_OWNER_HOST, &err), 0, "it is complete");
    is_int(xb_owner_check(&b, XB_OWNER_HOST, &err), 0, "now the host reads it");
    is_int(xb_owner_pass(&b, XB_OWNER_DEVICE, XB_OWNER_FREE, &err), -1, "no step is left out");
    is_str(err.text, "a buffer does not go from the device to nobody", "it says which");
}

static struct xb_owned shared;
static atomic_int taken;

static void *take(void *arg)
{
    (void)arg;
    for (int i = 0; i < TURNS; i++) {
        if (xb_owner_pass(&shared, XB_OWNER_FREE, XB_OWNER_DEVICE, NULL) < 0)
            continue;
        atomic_fetch_add(&taken, 1);
        if (xb_owner_pass(&shared, XB_OWNER_DEVICE, XB_OWNER_HOST, NULL) < 0 ||
            xb_owner_pass(&shared, XB_OWNER_HOST, XB_OWNER_FREE, NULL) < 0)
            return &shared;
    }
    return NULL;
}

/* Who has it keeps it until it is passed on, whatever the others try. */
static void test_threads(void)
{
    pthread_t threads[THREADS];
    void *robbed = NULL, *out;

    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, take, NULL);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &out);
        robbed = out ? out : robbed;
    }
    ok(!robbed, "one of several threads gets it, and nobody takes it away");
    ok(taken > 0 && shared.owner == XB_OWNER_FREE, "it went round and is free");
}

int main(void)
{
    test_all();
    test_read_too_early();
    test_threads();
    return done_testing();
}
