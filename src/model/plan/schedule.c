/* schedule.c - a pattern over pairs, round by round. */
#include "model/plan/schedule.h"

#include <stdlib.h>

int xb_schedule_open(const struct xb_pattern *pattern, const struct xb_path *path,
                     const struct xb_pairs *pairs, const struct xb_job *job,
                     struct xb_schedule *out, struct xb_error *err)
{
    *out = (struct xb_schedule){.pattern = pattern, .job = job, .path = *path};
    if (!pattern->of_pair)
        return pattern->rounds(path, job, &out->rounds, err);
    int rc = xb_pair_rounds_open(path, pairs, job, &out->pairs, err);
    out->rounds = out->pairs.rounds;
    return rc;
}

void xb_schedule_close(struct xb_schedule *schedule)
{
    xb_pair_rounds_close(&schedule->pairs);
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

int xb_schedule_round(const struct xb_schedule *schedule, size_t i, struct xb_round *out,
                      struct xb_error *err)
{
    struct adding adding = {schedule->pattern, out};

    out->count = 0;
    out->chains = 0;
    int rc = schedule->pattern->of_pair
                 ? xb_pair_rounds_walk(&schedule->pairs, i, add_pair, &adding)
                 : schedule->pattern->round(&schedule->path, schedule->job, i, out);
    if (rc < 0)
        return xb_fail(err, "out of memory for the lanes of a round");
    for (size_t k = 0; k < out->count; k++)
        out->lane[k].round = (int)i;
    return 0;
}

void xb_round_release(struct xb_round *round)
{
    free(round->lane);
    *round = (struct xb_round){0};
}

double xb_round_concurrent(const struct xb_schedule *schedule, const struct xb_round *round)
{
    return schedule->pattern->one_operation ? 1 : round->chains;
}
