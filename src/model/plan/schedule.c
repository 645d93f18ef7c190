/* SPDX-License-Identifier: BSD-3-Clause */
/* schedule.c - a pattern over pairs, round by round. */
#include "model/plan/schedule.h"

#include <stdlib.h>

#include "model/plan/collective_op.h"

/* A round as the pattern makes it, from which rounds with fewer chains are taken. */
struct xb_whole_round {
    bool there;
    size_t planned; /* which one */
    struct xb_round round;
};

/* Round i of those that the pattern makes. -1 when out of memory. */
static int planned_round(const struct xb_schedule *schedule, size_t i, struct xb_round *out,
                         struct xb_error *err);

static int pass_by(void *arg, const struct xb_lane *lane)
{
    (void)arg;
    (void)lane;
    return 0;
}

/* The chains and lanes of such a round; no lane is kept. */
static int count_planned(const struct xb_schedule *s, size_t i, size_t *chains, size_t *lanes,
                         struct xb_error *err)
{
    struct xb_round round = {.take = pass_by};
    int rc = planned_round(s, i, &round, err);

    *chains = (size_t)round.chains;
    *lanes = round.count;
    return rc;
}

/* Count the rounds that each becomes. 1 where no lane has company. */
static int count_rounds(struct xb_schedule *s, struct xb_error *err)
{
    size_t chains, lanes;
    int rc = 0;

    s->first = calloc(s->planned + 1, sizeof *s->first);
    s->whole = calloc(1, sizeof *s->whole);
    if (!s->first || !s->whole)
        return xb_fail(err, "out of memory for %zu rounds", s->planned);
    for (size_t i = 0; rc == 0 && i < s->planned; i++) {
        rc = count_planned(s, i, &chains, &lanes, err);
        s->first[i + 1] = s->first[i] + xb_contention_rounds(s->contention, chains);
    }
    s->rounds = s->first[s->planned];
    if (rc < 0 || s->rounds > s->planned)
        return rc;
    xb_fail(err, "contention is of lanes that are busy at the same time; here each is alone: "
                 "contention must be none");
    return 1;
}

/* What is left of a sum is compared with that of so many ranks' bytes at most. */
static int note_members(void *members, const struct xb_lane *lane)
{
    *(int *)members = lane->members;
    return 0;
}

static int check_sum(const struct xb_case *c, const struct xb_schedule *s, struct xb_error *err)
{
    int members = 0;
    struct xb_round round = {.take = note_members, .arg = &members};

    if (!c->pattern->one_operation || !c->method || !xb_case_reduces(c))
        return 0;
    int rc = planned_round(s, 0, &round, err);
    if (rc < 0 || members <= XB_SUM_RANKS)
        return rc;
    xb_fail(err, "sums of more than %d ranks are not compared; here they are of %d",
            XB_SUM_RANKS, members);
    return 1;
}

int xb_schedule_open(const struct xb_case *c, const struct xb_job *job, struct xb_schedule *out,
                     struct xb_error *err)
{
    int rc;

    *out = (struct xb_schedule){.pattern = c->pattern,
                                .job = job,
                                .path = c->path,
                                .traffic = c->traffic,
                                .bytes = c->bytes,
                                .contention = c->contention};
    if (c->pattern->of_pair) {
        rc = xb_pair_rounds_open(&c->path, &c->pairs, job, &out->pairs, err);
        out->planned = out->pairs.rounds;
    } else if (c->pattern->of_traffic) {
        rc = c->traffic ? xb_traffic_fits(c->traffic, &c->path, job, err)
                        : (xb_fail(err, "the pattern %s needs a traffic", c->pattern->name), 1);
        out->planned = 1;
    } else {
        rc = c->pattern->rounds(&c->path, job, &out->planned, err);
    }
    out->rounds = out->planned;
    if (rc == 0 && (rc = check_sum(c, out, err)) != 0)
        xb_schedule_close(out);
    if (rc == 0 && c->contention != XB_CONTENTION_NONE && (rc = count_rounds(out, err)) != 0)
        xb_schedule_close(out);
    return rc;
}

void xb_schedule_close(struct xb_schedule *schedule)
{
    xb_pair_rounds_close(&schedule->pairs);
    free(schedule->first);
    if (schedule->whole)
        xb_round_release(&schedule->whole->round);
    free(schedule->whole);
    *schedule = (struct xb_schedule){0};
}

int xb_round_add(struct xb_round *round, const struct xb_lane *lane)
{
    if (!round->take && round->count == round->room) {
        size_t room = round->room ? 2 * round->room : 16;
        struct xb_lane *more = realloc(round->lane, room * sizeof *more);

        if (!more)
            return -1;
        round->lane = more;
        round->room = room;
    }
    if (lane->chain >= round->chains)
        round->chains = lane->chain + 1;
    if (round->take) {
        round->count++;
        return round->take(round->arg, lane);
    }
    round->lane[round->count++] = *lane;
    return 0;
}

struct adding {
    const struct xb_pattern *pattern;
    struct xb_round *round;
};

static int add_pair(void *arg, const struct xb_lane *pair)
{
    struct adding *a = arg;
    struct xb_lane lanes[XB_PAIR_LANES];
    size_t n = a->pattern->of_pair(pair, lanes);
    int chain = a->round->chains;

    for (size_t i = 0; i < n; i++) {
        lanes[i].chain += chain;
        if (xb_round_add(a->round, &lanes[i]) < 0)
            return -1;
    }
    return 0;
}

static int planned_round(const struct xb_schedule *schedule, size_t i, struct xb_round *out,
                         struct xb_error *err)
{
    struct adding adding = {schedule->pattern, out};

    out->count = 0;
    out->chains = 0;
    const struct xb_pattern *pattern = schedule->pattern;
    int rc = pattern->of_pair ? xb_pair_rounds_walk(&schedule->pairs, i, add_pair, &adding)
             : pattern->of_traffic
                 ? pattern->of_traffic(schedule->traffic, &schedule->path, schedule->job, out)
                 : pattern->round(&schedule->path, schedule->job, i, out);
    if (rc < 0)
        return xb_fail(err, "out of memory for the lanes of a round");
    return 0;
}

/* Put a chain of a whole round into another, as chain number `as`. Lanes are ordered by chain.
 */
static int take_chain(const struct xb_round *whole, size_t chain, int as, struct xb_round *out)
{
    size_t low = 0, high = whole->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (whole->lane[middle].chain < (int)chain)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < whole->count && whole->lane[low].chain == (int)chain; low++) {
        struct xb_lane lane = whole->lane[low];
        lane.chain = as;
        if (xb_round_add(out, &lane) < 0)
            return -1;
    }
    return 0;
}

/* Which of the pattern's rounds round i is made of. */
static size_t find_planned(const struct xb_schedule *s, size_t i)
{
    size_t low = 0, high = s->planned;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (s->first[middle] <= i)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Round i of a schedule whose pattern's rounds become several. */
static int contended_round(const struct xb_schedule *s, size_t i, enum xb_company *company,
                           struct xb_round *out, struct xb_error *err)
{
    size_t planned = find_planned(s, i), chain[2];
    struct xb_whole_round *whole = s->whole;
    int rc = 0;

    if (!whole->there || whole->planned != planned)
        rc = planned_round(s, planned, &whole->round, err);
    whole->there = rc == 0;
    whole->planned = planned;
    if (rc < 0)
        return rc;
    *company = xb_contention_round(s->contention, (size_t)whole->round.chains,
                                   i - s->first[planned], chain);
    out->count = 0;
    out->chains = 0;
    if (*company == XB_COMPANY_ALL)
        for (size_t k = 0; rc == 0 && k < whole->round.count; k++)
            rc = xb_round_add(out, &whole->round.lane[k]);
    for (int k = 0; rc == 0 && *company != XB_COMPANY_ALL && k <= (*company == XB_COMPANY_TWO);
         k++)
        rc = take_chain(&whole->round, chain[k], k, out);
    return rc < 0 ? xb_fail(err, "out of memory for the lanes of a round") : 0;
}

int xb_schedule_round(const struct xb_schedule *schedule, size_t i, struct xb_round *out,
                      struct xb_error *err)
{
    enum xb_company company = XB_COMPANY_ALL;
    int rc = schedule->first ? contended_round(schedule, i, &company, out, err)
                             : planned_round(schedule, i, out, err);

    for (size_t k = 0; rc == 0 && k < out->count; k++) {
        out->lane[k].round = (int)i;
        out->lane[k].company = company;
    }
    return rc;
}

int xb_schedule_walk(const struct xb_schedule *schedule, size_t i,
                     int (*take)(void *arg, const struct xb_lane *lane), void *arg,
                     struct xb_error *err)
{
    struct xb_round round = {.take = take, .arg = arg};

    return planned_round(schedule, i, &round, err);
}

static int count_first(void *arg, const struct xb_lane *lane)
{
    *(size_t *)arg += lane->chain == 0;
    return 0;
}

int xb_schedule_shape(const struct xb_schedule *schedule, size_t *chains, size_t *lanes,
                      struct xb_error *err)
{
    size_t of_first = 0;
    struct xb_round round = {.take = count_first, .arg = &of_first};
    int rc = planned_round(schedule, 0, &round, err);
    bool alone = xb_contention_rounds(schedule->contention, (size_t)round.chains) > 1;

    *chains = alone ? 1 : (size_t)round.chains;
    *lanes = alone ? of_first : round.count;
    return rc;
}

int xb_schedule_lanes(const struct xb_schedule *schedule, size_t *lanes, struct xb_error *err)
{
    size_t chains, n;
    int rc = 0;

    *lanes = 0;
    for (size_t i = 0; rc == 0 && i < schedule->planned; i++) {
        rc = count_planned(schedule, i, &chains, &n, err);
        *lanes += xb_contention_lanes(schedule->contention, chains, n);
    }
    return rc;
}

void xb_round_release(struct xb_round *round)
{
    free(round->lane);
    *round = (struct xb_round){0};
}

double xb_round_concurrent(const struct xb_schedule *schedule, const struct xb_round *round)
{
    double sum = 0;

    if (schedule->pattern->one_operation)
        return round->count > 0 ? (double)round->count / round->lane[0].members : 1;
    for (size_t i = 0; i < round->count; i++)
        if (round->lane[i].step == 0)
            sum += xb_lane_weight(&round->lane[i], schedule->bytes);
    return sum;
}
