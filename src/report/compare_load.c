/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_load.c - what is compared of reports, kept launch by launch. */
#include "report/compare_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/units.h"
#include "model/figures/stats.h"
#include "report/case_walk.h"
#include "report/formats/format.h"
#include "report/report_files.h"
#include "report/report_scan.h"
#include "report/tables.h"

#define MOST_PASSES 64 /* that are kept of a case: of more, every second, third, ... */
#define PLACE_LEN   64

static const char *const members[] = {"id",         "status",  "reason",     "transfer_bytes",
                                      "concurrent", "time_us", "carried_by", "passes_us",
                                      "schedule",   "lanes",   NULL};
static const char *const once[] = {"key", NULL};

/* A report that is being read. */
struct loading {
    struct xb_launches *all;
    struct xb_launch launch;
    struct xb_texts places;    /* of its ranks */
    struct xb_text_set shared; /* the same without who shares them */
    struct xb_list sharers;    /* of size_t, by the numbers of these: ranks so far */
    struct xb_list *lanes;     /* of size_t, for each schedule: which lanes its steps are */
    size_t nschedules;
};

static int out_of_memory(struct xb_error *err)
{
    return xb_fail(err, "out of memory for launches");
}

/* ---- cases by their ids ---- */

/* The case of a report's case, added where it is new; -1 when out of memory. */
static int64_t find_case(struct xb_launches *l, const struct xb_report_case *c)
{
    int64_t found = xb_text_set_find(&l->ids, c->id, strlen(c->id));

    if (found >= 0)
        return found;
    struct xb_measured *added = xb_list_add(&l->cases, sizeof(*added));
    if (!added)
        return -1;
    added->bytes = c->key.bytes;
    added->size_class = c->key.size_class;
    if (xb_facts_rows(xb_report_key_fields, &c->key, &added->key) < 0 ||
        (found = xb_text_set_add(&l->ids, c->id)) < 0) {
        xb_facts_release(&added->key);
        l->cases.n--;
        return -1;
    }
    added->id = xb_text_set_at(&l->ids, (size_t)found);
    return found;
}

/* ---- lanes by their places ---- */

/* Where a rank is: its node and the bus id of its GPU, or its number among the ranks; those
 * that share a GPU are told apart by their order. */
static int add_place(struct loading *to, const struct xb_report *head, size_t i)
{
    const struct xb_report_rank *rank = xb_report_rank_at(head, i);
    char place[PLACE_LEN], whole[PLACE_LEN + 24];

    if (rank->gpu.there && rank->gpu.pci_bus_id)
        snprintf(place, sizeof place, "%lld:%.40s", (long long)rank->node,
                 rank->gpu.pci_bus_id +
                     (strncmp(rank->gpu.pci_bus_id, "0000:", 5) == 0 ? 5 : 0));
    else
        snprintf(place, sizeof place, "%lld:rank%lld", (long long)rank->node,
                 (long long)rank->rank);
    int64_t number = xb_text_set_add(&to->shared, place);
    if (number < 0 ||
        ((size_t)number == to->sharers.n && !xb_list_add(&to->sharers, sizeof(size_t))))
        return -1;
    size_t sharers = ++((size_t *)to->sharers.item)[number];
    snprintf(whole, sizeof whole, sharers > 1 ? "%s#%zu" : "%s", place, sharers);
    return xb_texts_add(&to->places, whole);
}

static const char *place_of(const struct loading *from, int64_t rank)
{
    return rank >= 0 && (size_t)rank < from->places.n ? from->places.value[rank] : "?";
}

/* The index of a text, which is added where it is new; -1 when out of memory. */
static int64_t find_text(struct xb_texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->n; i++)
        if (strcmp(texts->value[i], text) == 0)
            return (int64_t)i;
    return xb_texts_add(texts, text) < 0 ? -1 : (int64_t)texts->n - 1;
}

/* An end of a lane: the rank's own GPU by the rank's place, another one by its node and bus id,
 * other memory by the place and its name. */
static void name_end(const struct loading *from, const struct xb_report *head, int64_t rank,
                     const char *end, char out[2 * PLACE_LEN])
{
    char cell[XB_CELL_LEN];
    const char *gpu = xb_format_end(head, rank, end, cell), *place = place_of(from, rank);

    if (strcmp(end, "gpu") == 0)
        snprintf(out, 2 * PLACE_LEN, "%s", place);
    else if (strcmp(gpu, end) == 0)
        snprintf(out, 2 * PLACE_LEN, "%s %.40s", place, end);
    else
        snprintf(out, 2 * PLACE_LEN, "%.*s:%.80s", (int)strcspn(place, ":"), place, gpu);
}

/* Which lane a step of a schedule is. What was measured in less than full company is another
 * lane than the same in full. */
static int64_t find_lane(struct loading *to, const struct xb_report *head,
                         const struct xb_report_step *step)
{
    char src[2 * PLACE_LEN], dst[2 * PLACE_LEN], text[4 * PLACE_LEN + 64];

    name_end(to, head, step->src_rank, step->src, src);
    name_end(to, head, step->dst_rank, step->dst, dst);
    int n = snprintf(text, sizeof text, "%s -> %s", src, dst);
    if (step->company)
        snprintf(text + n, sizeof text - (size_t)n, " %.8s in round %" PRId64, step->company,
                 step->round);
    return xb_text_set_add(&to->all->lanes, text);
}

static int find_lanes(struct loading *to, const struct xb_report *head)
{
    const struct xb_report_schedule *schedules = head->schedules.item;

    to->lanes = calloc(head->schedules.n + 1, sizeof(*to->lanes));
    if (!to->lanes)
        return -1;
    to->nschedules = head->schedules.n;
    for (size_t i = 0; i < to->nschedules; i++)
        for (size_t k = 0; schedules[i].steps.n > 1 && k < schedules[i].steps.n; k++) {
            const struct xb_report_step *step =
                (const struct xb_report_step *)schedules[i].steps.item + k;
            int64_t lane = find_lane(to, head, step);
            size_t *added = lane < 0 ? NULL : xb_list_add(&to->lanes[i], sizeof(*added));
            if (!added)
                return -1;
            *added = (size_t)lane;
        }
    return 0;
}

/* ---- a report ---- */

static int begin_launch(const struct xb_report *head, void *arg, struct xb_error *err)
{
    struct loading *to = arg;

    to->launch.interrupted = head->status == XB_RUN_INTERRUPTED;
    if (xb_facts_environment(head, &to->launch.facts) < 0 ||
        xb_facts_machine(head, &to->launch.facts) < 0)
        return out_of_memory(err);
    for (size_t i = 0; i < head->ranks.n; i++)
        if (add_place(to, head, i) < 0)
            return out_of_memory(err);
    return find_lanes(to, head) < 0 ? out_of_memory(err) : 0;
}

static bool is_new(const char *id, size_t len, void *arg)
{
    struct loading *to = arg;

    return xb_text_set_find(&to->all->ids, id, len) < 0;
}

static int keep_passes(struct xb_launch *launch, const struct xb_numbers *passes,
                       struct xb_seen *seen)
{
    size_t step = (passes->n + MOST_PASSES - 1) / MOST_PASSES;

    seen->first_pass = launch->passes.n;
    for (size_t i = 0; passes->n > 1 && i < passes->n; i += step) {
        double *added = xb_list_add(&launch->passes, sizeof(*added));
        if (!added)
            return -1;
        *added = log(passes->value[i]);
    }
    seen->npasses = launch->passes.n - seen->first_pass;
    return 0;
}

static int by_number(const void *a, const void *b)
{
    const struct xb_seen_lane *x = a, *y = b;

    return (x->lane > y->lane) - (x->lane < y->lane);
}

static int by_number_and_place(const void *a, const void *b)
{
    const struct xb_seen_lane *x = a, *y = b;
    int by = by_number(a, b);

    return by ? by : (x->place > y->place) - (x->place < y->place);
}

/* From the first on by their numbers, of those that are there several times the first. */
static void sort_lanes(struct xb_list *lanes, size_t first)
{
    struct xb_seen_lane *lane = lanes->item;
    size_t n = first;

    if (lanes->n > first)
        qsort(lane + first, lanes->n - first, sizeof(*lane), by_number_and_place);
    for (size_t i = first; i < lanes->n; i++)
        if (n == first || lane[n - 1].lane != lane[i].lane)
            lane[n++] = lane[i];
    lanes->n = n;
}

const struct xb_seen_lane *xb_seen_lane_find(const struct xb_launch *launch,
                                             const struct xb_seen *seen, size_t lane)
{
    const struct xb_seen_lane key = {.lane = (uint32_t)lane};

    return seen->nlanes
               ? bsearch(&key,
                         (const struct xb_seen_lane *)launch->lanes.item + seen->first_lane,
                         seen->nlanes, sizeof key, by_number)
               : NULL;
}

static int keep_lanes(struct loading *to, const struct xb_report_case *c, struct xb_seen *seen)
{
    const struct xb_list *lanes = &to->lanes[c->schedule];

    seen->first_lane = to->launch.lanes.n;
    for (size_t i = 0; i < lanes->n && i < c->lanes.n; i++) {
        const struct xb_report_lane *lane = xb_report_lane_at(c, i);
        bool good = lane->status == XB_OK && lane->time_us.there && lane->time_us.median > 0;
        struct xb_seen_lane *added = xb_list_add(&to->launch.lanes, sizeof(*added));
        if (!added)
            return -1;
        *added = (struct xb_seen_lane){(uint32_t)((const size_t *)lanes->item)[i], (uint32_t)i,
                                       good ? log(lane->time_us.median) : NAN};
    }
    sort_lanes(&to->launch.lanes, seen->first_lane);
    seen->nlanes = to->launch.lanes.n - seen->first_lane;
    return 0;
}

/* The median time: that of the passes' medians, where the report's own was left out; NAN
 * without.
 */
static double median_of(const struct xb_report_case *c)
{
    struct xb_stats stats;

    if (c->time_us.there || xb_stats_compute(c->passes_us.value, c->passes_us.n, &stats) < 0)
        return c->time_us.median;
    return stats.median;
}

static int keep_seen(struct loading *to, const struct xb_report_case *c, struct xb_seen *seen)
{
    double us = median_of(c);

    *seen = (struct xb_seen){.status = c->status,
                             .log_us = NAN,
                             .gb_per_s = NAN,
                             .has_carried = c->carried_by.there};
    for (int w = 0; w < XB_WIRES; w++)
        seen->carried[w] = (float)c->carried_by.by[w];
    if (c->status == XB_OK && us > 0) {
        double bytes = c->transfer_bytes * c->concurrent;
        seen->log_us = log(us);
        seen->gb_per_s = bytes > 0 ? xb_gb_per_s(bytes, us) : NAN;
        if (keep_passes(&to->launch, &c->passes_us, seen) < 0)
            return -1;
    }
    if (c->schedule >= 0 && keep_lanes(to, c, seen) < 0)
        return -1;
    return xb_text_dup(c->reason, &seen->reason);
}

static int visit_case(const struct xb_report *head, const struct xb_report_case *c, void *arg,
                      struct xb_error *err)
{
    struct loading *to = arg;
    int64_t at = find_case(to->all, c);

    (void)head;
    if (at < 0)
        return out_of_memory(err);
    while (to->launch.seen.n <= (size_t)at) {
        struct xb_seen *none = xb_list_add(&to->launch.seen, sizeof(*none));
        if (!none)
            return out_of_memory(err);
        none->status = -1;
    }
    struct xb_seen *seen = (struct xb_seen *)to->launch.seen.item + at;
    if (seen->status >= 0)
        return xb_fail(err, "%s: the case %s stands twice in it, expected it once",
                       to->launch.file, c->id);
    return keep_seen(to, c, seen) < 0 ? out_of_memory(err) : 0;
}

/* ---- launches ---- */

static void release_launch(struct xb_launch *launch)
{
    struct xb_seen *seen = launch->seen.item;

    for (size_t i = 0; i < launch->seen.n; i++)
        free(seen[i].reason);
    free(launch->seen.item);
    free(launch->passes.item);
    free(launch->lanes.item);
    xb_facts_release(&launch->facts);
    free(launch->file);
}

static void release_texts(struct xb_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++)
        free(texts->value[i]);
    free(texts->value);
}

struct xb_launches *xb_launches_new(void)
{
    return calloc(1, sizeof(struct xb_launches));
}

void xb_launches_free(struct xb_launches *launches)
{
    if (!launches)
        return;
    for (size_t i = 0; i < launches->launches.n; i++)
        release_launch(xb_launch_at(launches, i));
    for (size_t i = 0; i < launches->cases.n; i++) {
        struct xb_measured *c = (struct xb_measured *)launches->cases.item + i;
        xb_facts_release(&c->key);
    }
    free(launches->launches.item);
    free(launches->cases.item);
    xb_text_set_release(&launches->ids);
    xb_text_set_release(&launches->lanes);
    release_texts(&launches->sets);
    free(launches);
}

int xb_launches_add_set(struct xb_launches *launches, const char *set, struct xb_error *err)
{
    return find_text(&launches->sets, set) < 0 ? out_of_memory(err) : 0;
}

int xb_launches_expect_once(const struct xb_launches *launches, struct xb_error *err)
{
    for (size_t i = 0; i < launches->launches.n; i++)
        for (size_t k = 0; k < i; k++) {
            const struct xb_launch *a = xb_launch_at(launches, i),
                                   *b = xb_launch_at(launches, k);
            if (a->set == b->set && a->device == b->device && a->inode == b->inode)
                return xb_fail(err,
                               "%s: the same file as %s, expected each launch once on a side: "
                               "one that counts twice hides how much launches differ",
                               a->file, b->file);
        }
    return 0;
}

/* End reading, in which rc has gone wrong where it is not 0: the launch is added, or let go of.
 */
static int end_loading(struct loading *to, const char *set, int rc, struct xb_error *err)
{
    struct xb_launch *added = NULL;
    int64_t at = rc == 0 ? find_text(&to->all->sets, set) : -1;

    if (at >= 0)
        added = xb_list_add(&to->all->launches, sizeof(*added));
    if (added) {
        *added = to->launch;
        added->set = (size_t)at;
    } else {
        release_launch(&to->launch);
    }
    for (size_t i = 0; i < to->nschedules; i++)
        free(to->lanes[i].item);
    free(to->lanes);
    release_texts(&to->places);
    xb_text_set_release(&to->shared);
    free(to->sharers.item);
    return added ? 0 : rc == 0 ? out_of_memory(err) : -1;
}

int xb_launches_add(struct xb_launches *launches, const char *set, const char *file,
                    struct xb_error *err)
{
    struct stat about;

    if (stat(file, &about) < 0)
        return xb_fail(err, "%s: cannot be read: %s", file, strerror(errno));
    struct loading to = {.all = launches,
                         .launch.file = strdup(file),
                         .launch.device = about.st_dev,
                         .launch.inode = about.st_ino};
    const struct xb_report_reader reader = {.members = members,
                                            .once = once,
                                            .spare = "time_us",
                                            .instead = "passes_us",
                                            .is_new = is_new,
                                            .begin = begin_launch,
                                            .visit = visit_case,
                                            .arg = &to};
    int rc = to.launch.file ? xb_report_scan(file, &reader, err) : out_of_memory(err);

    return end_loading(&to, set, rc, err);
}

int xb_launches_add_report(struct xb_launches *launches, const char *set, const char *name,
                           const struct xb_report *report, struct xb_error *err)
{
    struct loading to = {.all = launches, .launch.file = strdup(name)};
    struct xb_case_walk walk = xb_cases(report);
    const struct xb_report_case *c;
    int rc = to.launch.file ? begin_launch(report, &to, err) : out_of_memory(err);

    while (rc == 0 && (c = xb_cases_next(&walk)))
        rc = visit_case(report, c, &to, err);
    if (xb_cases_end(&walk) < 0 && rc == 0)
        rc = xb_fail(err, "%s: a case cannot be read back", name);
    return end_loading(&to, set, rc, err);
}

size_t xb_launches_sets(const struct xb_launches *launches)
{
    return launches->sets.n;
}

size_t xb_launches_count(const struct xb_launches *launches, size_t set)
{
    size_t n = 0;

    for (size_t i = 0; i < launches->launches.n; i++)
        n += xb_launch_at(launches, i)->set == set;
    return n;
}

const struct xb_seen *xb_seen_at(const struct xb_launch *launch, size_t c)
{
    const struct xb_seen *seen = (const struct xb_seen *)launch->seen.item + c;

    return c < launch->seen.n && seen->status >= 0 ? seen : NULL;
}

static int add_set(void *arg, const char *set, struct xb_error *err)
{
    return xb_launches_add_set(arg, set, err);
}

static int add_launch(void *arg, const char *set, const char *file, struct xb_error *err)
{
    return xb_launches_add(arg, set, file, err);
}

int xb_launches_add_path(struct xb_launches *launches, const char *path, const char *set,
                         const char *name, struct xb_error *err)
{
    const struct xb_report_visit visit = {.set = add_set, .add = add_launch, .arg = launches};

    return xb_report_files(path, set, name, &visit, err);
}
