/* schedule.c - a pattern over pairs, round by round. */
#include "model/plan/schedule.h"

#include <stdlib.h>

#include "model/plan/collective_op.h"

/* Round i of those that the pattern makes. -1 when out of memory. */
static int planned_round(const struct xb_schedule *schedule, size_t i, struct xb_round *out,
                         struct xb_error *err);

/* Count the rounds that each becomes. 1 where no lane has company. */
static int count_rounds(struct xb_schedule *s, struct xb_error *err)
{
    struct xb_round round = {0};
    int rc = 0;

    s->first = calloc(s->planned + 1, sizeof *s->first);
    if (!s->first)
        return xb_fail(err, "out of memory for %zu rounds", s->planned);
    for (size_t i = 0; rc == 0 && i < s->planned; i++) {
        rc = planned_round(s, i, &round, err);
        s->first[i + 1] =
            s->first[i] + xb_contention_rounds(s->contention, (size_t)round.chains);
    }
    xb_round_release(&round);
    s->rounds = s->first[s->planned];
    if (rc < 0 || s->rounds > s->planned)
        return rc;
    xb_fail(err, "contention is of lanes that are busy at the same time; here each is alone");
    return 1;
}

/* What is left of a sum is compared with that of so many ranks' bytes at most. */
static int check_sum(const struct xb_case *c, const struct xb_schedule *s, struct xb_error *err)
{
    struct xb_round round = {0};
    int members = 0;

    if (!c->pattern->one_operation || !c->method || !xb_case_reduces(c))
        return 0;
    int rc = planned_round(s, 0, &round, err);
    if (rc == 0)
        members = round.lane[0].members;
    xb_round_release(&round);
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
    *schedule = (struct xb_schedule){0};
}

int xb_round_add(struct xb_round *round, const struct xb_lane *lane)
{
    if (round->count == round->room) {
        size_t room = round->room ? 2 * round->room : 16;
        struct xb_lane *more = realloc(round->lane, room * sizeof *more);

        if (!more)
            return -1;
        round->lane = more;
        round->room = room;
    }
    round->lane[round->count++] = *lane;
    if (lane->chain >= round->chains)
        round->chains = lane->chain + 1;
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

/* Leave one or two chains in a round. */
static void leave_chains(struct xb_round *round, const size_t *chain, int chains)
{
    size_t kept = 0;

    for (size_t i = 0; i < round->count; i++)
        for (int k = 0; k < chains; k++)
            if (round->lane[i].chain == (int)chain[k]) {
                round->lane[kept] = round->lane[i];
                round->lane[kept++].chain = k;
                break;
            }
    round->count = kept;
    round->chains = chains;
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

int xb_schedule_round(const struct xb_schedule *schedule, size_t i, struct xb_round *out,
                      struct xb_error *err)
{
    size_t planned = schedule->first ? find_planned(schedule, i) : i, chain[2];
    enum xb_company company = XB_COMPANY_ALL;
    int rc = planned_round(schedule, planned, out, err);

    if (rc < 0)
        return rc;
    if (schedule->first)
        company = xb_contention_round(schedule->contention, (size_t)out->chains,
                                      i - schedule->first[planned], chain);
    if (company != XB_COMPANY_ALL)
        leave_chains(out, chain, company == XB_COMPANY_TWO ? 2 : 1);
    for (size_t k = 0; k < out->count; k++) {
        out->lane[k].round = (int)i;
        out->lane[k].company = company;
    }
    return 0;
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
