/* books.c - rank 0's account of what was measured. */
#include "cmd/books.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

#include "engine/methods/nccl.h"
#include "engine/runtime/clock.h"

static void make_run_id(char id[40])
{
    uint64_t random = 0;
    char utc[24];

    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        random = (uint64_t)(xb_clock_us() * 1e3);
    xb_clock_utc(utc);
    snprintf(id, 40, "%.20s-%08" PRIx32, utc, (uint32_t)random);
}

int xb_books_open(struct xb_books *b, const struct xb_session *session,
                  const struct xb_books_subject *subject, struct xb_error *err)
{
    make_run_id(b->id);
    xb_clock_utc(b->start_utc);
    b->head = (struct xb_report_head){.id = b->id,
                                      .start_utc = b->start_utc,
                                      .argv = subject->argv,
                                      .scenario = subject->scenario,
                                      .policy = subject->policy,
                                      .plan_hash = subject->plan->hash,
                                      .plan_cases = subject->plan->count,
                                      .passes = subject->passes};
    b->env = xb_environment_open(session, &b->head);
    if (!session->device_is_host)
        b->head.nccl_library = xb_nccl_version();
    return b->env ? xb_report_begin(&b->report, &b->head, err) : xb_fail(err, "out of memory");
}

int xb_books_write(struct xb_books *b, const char *file, enum xb_run_status status,
                   struct xb_error *err)
{
    char end_utc[24];

    xb_clock_utc(end_utc);
    if (xb_report_end(&b->report, status, end_utc, err) < 0)
        return -1;
    cJSON *json = xb_report_json(&b->report);
    int rc =
        json ? xb_report_write(file, json, err) : xb_fail(err, "out of memory for the report");
    cJSON_Delete(json);
    return rc;
}

void xb_books_close(struct xb_books *b)
{
    xb_report_release(&b->report);
    xb_environment_close(b->env);
    b->env = NULL;
}
