/* SPDX-License-Identifier: BSD-3-Clause */
/* test_expect_check.c - reports held against expectations: verdicts, who is named, what is
 * measured again. */
#include "report/expect_check.h"

#include "report/expect_reason.h"
#include "report/formats/check_format.h"
#include "tests/report/expect_fixture.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* What a report of three GPUs is like. */
enum shape {
    WELL,        /* all lanes 390 GB/s */
    SLOW_GPU,    /* those of rank 1 200 */
    SLOW_PAIR,   /* 0 -> 2 alone 200 */
    BIT_SLOW,    /* those of rank 1 350 */
    FAST,        /* all 399 */
    CORRUPT,     /* one lane, the others 390 */
    FAILED,      /* a case without lanes */
    SKIPPED,     /* by its ranks: all lanes */
    ONE_SKIPPED, /* one lane */
    NO_RANKS,    /* a case that the job has no ranks for */
    NO_TIME,     /* one that the run had no time for */
    OPERATION,   /* a collective of 200 */
    WARNED,      /* the report warns of a GPU */
    BROKEN_OFF,  /* the run was interrupted */
    CUT_SHORT,   /* it ended early otherwise, of 9 cases */
    NO_CEILING,  /* which nobody knows, nor the fraction */
    ODD_CEILING, /* a fraction without its ceiling */
    NOTHING,     /* lanes of 0 GB/s */
    ONE_REASON,  /* skipped lanes, and the reason is the case's */
};

static struct xb_report shape_report(enum shape shape)
{
    struct xb_report r = make_report("n1", "\"nvlink\": {\"links\": 17}");
    struct xb_report_case *c;

    switch (shape) {
    case FAILED:
        c = add_case(&r, "m", "stream", "p2p", 1 << 28, XB_FAILED);
        c->reason = strdup("no\nmemory");
        return r;
    case NO_RANKS:
    case NO_TIME:
        c = add_case(&r, "m", "stream", "p2p", 1 << 28, XB_SKIPPED);
        c->reason = strdup("needs two ranks");
        if (shape == NO_TIME)
            xb_texts_add(&c->notes, XB_NOTE_OUT_OF_TIME);
        return r;
    case OPERATION:
        add_case(&r, "m", "collective", "nccl", 1 << 28, XB_OK);
        add_lane(&r, 0, 1, "nvlink", 200, XB_OK);
        return r;
    case WELL:
    case SLOW_GPU:
    case SLOW_PAIR:
    case BIT_SLOW:
    case FAST:
    case CORRUPT:
    case SKIPPED:
    case ONE_SKIPPED:
    case WARNED:
    case BROKEN_OFF:
    case CUT_SHORT:
    case NO_CEILING:
    case ODD_CEILING:
    case NOTHING:
    case ONE_REASON:
        break;
    }
    add_matrix(&r, "m", shape == FAST ? 399 : 390,
               shape == SLOW_GPU || shape == BIT_SLOW ? 1 : -1, shape == SLOW_GPU ? 200 : 350);
    c = xb_report_case_at(&r, 0);
    struct xb_report_lane *lane = xb_report_lane_at(c, 1); /* 0 -> 2 */
    if (shape == SLOW_PAIR) {
        lane->gb_per_s = 200;
        lane->fraction_of_ceiling = 0.5;
    }
    if (shape == CORRUPT)
        c->status = lane->status = XB_CORRUPT;
    if (shape == CORRUPT)
        lane->reason = strdup("9 bytes are wrong");
    if (shape == ONE_SKIPPED)
        lane->status = XB_SKIPPED;
    if (shape == WARNED)
        cJSON_AddItemToArray(cJSON_GetObjectItem(r.topology, "warnings"),
                             cJSON_CreateString("rank 2, n1, GPU 0000:2c:00.0: replays"));
    if (shape == BROKEN_OFF)
        r.status = XB_RUN_INTERRUPTED;
    if (shape == BROKEN_OFF || shape == CUT_SHORT)
        r.run.plan_cases = 9;
    for (size_t i = 0; i < c->lanes.n; i++) {
        lane = xb_report_lane_at(c, i);
        if (shape == SKIPPED) {
            lane->status = XB_SKIPPED;
            lane->reason = strdup("no peer access");
        }
        if (shape == NO_CEILING)
            lane->ceiling_gb_per_s = lane->fraction_of_ceiling = NAN;
        if (shape == ODD_CEILING)
            lane->ceiling_gb_per_s = NAN;
        if (shape == NOTHING)
            lane->gb_per_s = lane->fraction_of_ceiling = 0;
        if (shape == ONE_REASON)
            lane->status = XB_SKIPPED;
    }
    if (shape == ONE_REASON)
        c->reason = strdup("no peer access here");
    if (shape == SKIPPED || shape == ONE_REASON)
        c->status = XB_SKIPPED;
    return r;
}

/* 0.95 of 400 is 380, 0.85 is 340. */
#define FRACTION "\"fraction_of_ceiling\": {\"below\": {\"warning\": 0.95, \"critical\": 0.85}}"
#define P2P      "{\"cases\": {\"method\": \"p2p\"}, "
#define BOUND    "\"bounds\": [" P2P FRACTION "}]"
#define RATE     "\"gb_per_s\": {\"below\": {\"warning\": 380, \"critical\": 340}}"
#define PLUGIN   "XFERBENCH "

static const struct {
    const char *members;
    enum shape shape;
    enum xb_level level;
    const char *line; /* stands in the first line */
} rows[] = {
    {BOUND, WELL, XB_LEVEL_GOOD, PLUGIN "OK - 1 case good"},
    {BOUND, SLOW_GPU, XB_LEVEL_CRITICAL,
     PLUGIN "CRITICAL - n1: GPU 1b:00.0 nvlink (4 lanes): p2p 256MiB: 200.0 GB/s, expected "
            "380.0 GB/s or more; 1 case critical, 0 cases good"},
    {BOUND, SLOW_PAIR, XB_LEVEL_CRITICAL,
     PLUGIN "CRITICAL - n1: GPU 0a:00.0->2c:00.0 nvlink: p2p 256MiB: 200.0 GB/s"},
    {BOUND, BIT_SLOW, XB_LEVEL_WARNING,
     PLUGIN "WARNING - n1: GPU 1b:00.0 nvlink (4 lanes): p2p 256MiB: 350.0 GB/s"},
    {"\"bounds\": [" P2P RATE "}]", BIT_SLOW, XB_LEVEL_WARNING, "350.0 GB/s, expected 380.0"},
    {"\"bounds\": [" P2P "\"time_us\": {\"above\": {\"critical\": 700}}}]", WELL, XB_LEVEL_GOOD,
     "OK"},
    {"\"bounds\": [" P2P "\"time_us\": {\"above\": {\"critical\": 700}}}]", SLOW_GPU,
     XB_LEVEL_CRITICAL, "1.342 ms, expected 700.0 us or less"},
    {"\"bounds\": [" P2P "\"gb_per_s\": {\"above\": {\"warning\": 395}}}]", WELL, XB_LEVEL_GOOD,
     "OK"},
    {"\"bounds\": [" P2P "\"gb_per_s\": {\"above\": {\"warning\": 395}}}]", FAST,
     XB_LEVEL_WARNING, "399.0 GB/s, expected 395.0 GB/s or less"},
    /* all bounds count, the worst verdict stands */
    {"\"bounds\": [" P2P "\"gb_per_s\": {\"below\": {\"warning\": 100}}}, " P2P FRACTION "}]",
     SLOW_GPU, XB_LEVEL_CRITICAL, "CRITICAL"},
    {"\"bounds\": [" P2P FRACTION "}, " P2P "\"gb_per_s\": {\"below\": {\"warning\": 100}}}]",
     SLOW_GPU, XB_LEVEL_CRITICAL, "CRITICAL"},
    /* the case as a whole: that of its last lane here, which is not slow */
    {"\"bounds\": [" P2P "\"of\": \"case\", " FRACTION "}]", SLOW_PAIR, XB_LEVEL_GOOD, "OK"},
    {"\"bounds\": [{\"cases\": {\"link_class\": \"c2c\"}, " FRACTION "}]", SLOW_GPU,
     XB_LEVEL_UNKNOWN, "UNKNOWN - nothing that mine expect was measured; 0 cases good"},
    {"\"bounds\": [{\"cases\": {\"method\": \"mpi\"}, " FRACTION "}]", SLOW_GPU,
     XB_LEVEL_UNKNOWN,
     "UNKNOWN - nothing that mine expect was measured; 0 cases good, 1 without"},
    /* lanes of a collective have no figures of their own */
    {"\"bounds\": [{\"cases\": {\"method\": \"nccl\"}, " RATE "}]", OPERATION,
     XB_LEVEL_CRITICAL, "n1: nccl 256MiB collective: 200.0 GB/s"},
    /* what is not ok is critical, also where nothing is expected */
    {BOUND, CORRUPT, XB_LEVEL_CRITICAL,
     "n1: GPU 0a:00.0->2c:00.0 nvlink: p2p 256MiB: corrupt: 9 bytes are wrong; 1 case"},
    {"\"bounds\": []", FAILED, XB_LEVEL_CRITICAL, "n1: p2p 256MiB: failed: no memory"},
    /* skipped */
    {BOUND, SKIPPED, XB_LEVEL_UNKNOWN, "UNKNOWN - skipped: no peer access"},
    {"\"bounds\": [" P2P "\"skipped\": \"good\", " FRACTION "}]", SKIPPED, XB_LEVEL_GOOD, "OK"},
    {"\"bounds\": [" P2P "\"skipped\": \"critical\", " FRACTION "}]", ONE_SKIPPED,
     XB_LEVEL_CRITICAL, "GPU 0a:00.0->2c:00.0 nvlink: p2p 256MiB: skipped: no reason is given"},
    {BOUND, NO_RANKS, XB_LEVEL_UNKNOWN, "nothing that mine expect was measured"},
    {BOUND, NO_TIME, XB_LEVEL_UNKNOWN, "UNKNOWN - skipped: needs two ranks; 1 case unknown"},
    {"\"bounds\": [" P2P "\"skipped\": \"critical\", " FRACTION "}]", NO_TIME,
     XB_LEVEL_CRITICAL, "p2p 256MiB: skipped: needs two ranks"},
    {"\"bounds\": [" P2P "\"required\": true, " FRACTION "}]", NO_RANKS, XB_LEVEL_CRITICAL,
     "n1: bounds[0] of mine is required, and nothing was measured for it"},
    {"\"bounds\": [" P2P "\"required\": true, " FRACTION "}]", WELL, XB_LEVEL_GOOD, "OK"},
    {BOUND, NO_CEILING, XB_LEVEL_UNKNOWN, "UNKNOWN - no fraction_of_ceiling is known"},
    {BOUND, ODD_CEILING, XB_LEVEL_UNKNOWN, "UNKNOWN - no fraction_of_ceiling is known"},
    {BOUND, NOTHING, XB_LEVEL_CRITICAL, "p2p 256MiB: 0 GB/s, expected 380.0 GB/s or more"},
    {BOUND, ONE_REASON, XB_LEVEL_UNKNOWN, "UNKNOWN - skipped: no peer access here"},
    /* the machine */
    {"\"require\": {\"nvlinks\": 17}", WELL, XB_LEVEL_GOOD, "0 cases good, 1 without a bound"},
    {"\"require\": {\"nvlinks\": 18}", WELL, XB_LEVEL_CRITICAL,
     "n1: GPU 0a:00.0: NVLinks: 17, expected 18 or more; GPU 1b:00.0: NVLinks: 17"},
    {"\"require\": {\"ecc\": true}", WELL, XB_LEVEL_UNKNOWN, "ECC: the report does not tell"},
    {BOUND, WARNED, XB_LEVEL_WARNING, "n1: rank 2, n1, GPU 0000:2c:00.0: replays; 1 case good"},
    {BOUND, BROKEN_OFF, XB_LEVEL_UNKNOWN, "the run was interrupted, with 1 of 9 cases"},
    {BOUND, CUT_SHORT, XB_LEVEL_UNKNOWN, "the run ended early, with 1 of 9 cases"},
};

static void test_verdicts(void)
{
    char line[XB_CHECK_LINE];

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct xb_expectations expect = make_expectations(rows[i].members);
        struct xb_report report = shape_report(rows[i].shape);
        struct xb_check check = {.level = XB_LEVEL_GOOD};
        is_int(xb_check_add(&check, "r.json", &report, &expect, 1, NULL), 0, rows[i].members);
        xb_report_release(&report); /* nothing of it is kept */
        is_str(xb_level_name(check.level), xb_level_name(rows[i].level), "the verdict");
        contains(xb_check_line(&check, line), rows[i].line, "the line");
        xb_check_release(&check);
        xb_expect_release(&expect);
    }
}

static void test_exit(void)
{
    static const int status[XB_LEVELS] = {[XB_LEVEL_GOOD] = 0,
                                          [XB_LEVEL_WARNING] = 1,
                                          [XB_LEVEL_CRITICAL] = 2,
                                          [XB_LEVEL_UNKNOWN] = 3};

    for (int i = 0; i < XB_LEVELS; i++)
        is_int(xb_level_exit((enum xb_level)i), status[i], xb_level_name((enum xb_level)i));
}

static void test_no_match(void)
{
    struct xb_expectations expect = make_expectations(BOUND);
    struct xb_report report = shape_report(WELL);
    struct xb_check check = {.level = XB_LEVEL_GOOD};
    char line[XB_CHECK_LINE];

    free(report.run.device);
    report.run.device = strdup("cpu");
    xb_check_add(&check, "r.json", &report, &expect, 1, NULL);
    is_int(check.level, XB_LEVEL_UNKNOWN, "of a machine of another kind nothing is known");
    contains(xb_check_line(&check, line),
             "no expectations match this machine: mine are for another device than \"cpu\"; "
             "check --learn makes them",
             "and it says how to change that");
    xb_report_release(&report);
    xb_check_release(&check);
    xb_expect_release(&expect);
}

/* Two reports, of which each host is named. */
static void test_hosts(void)
{
    struct xb_expectations expect = make_expectations(BOUND);
    struct xb_report one = shape_report(BIT_SLOW), two = make_report("n2", "");
    struct xb_check check = {.level = XB_LEVEL_GOOD};
    struct xb_reason *reasons;
    size_t n;

    add_matrix(&two, "m", 390, 2, 10);
    xb_check_add(&check, "1.json", &one, &expect, 1, NULL);
    xb_check_add(&check, "2.json", &two, &expect, 1, NULL);
    is_int(xb_check_reasons(&check, &reasons, &n), 0, "reasons");
    is_int((long long)n, 2, "one a host");
    is_str(reasons[0].text,
           "n2: GPU 2c:00.0 nvlink (4 lanes): p2p 256MiB: 10.00 GB/s, expected 380.0 GB/s or "
           "more",
           "what is critical comes first");
    is_str(reasons[1].host, "n1", "then the warning");
    free(reasons);
    xb_check_release(&check);
    xb_report_release(&one);
    xb_report_release(&two);
    xb_expect_release(&expect);
}

/* Two GPUs are bad, and a pair of others beside them: the worst is named first, all are. */
static void test_several(void)
{
    struct xb_expectations expect = make_expectations(BOUND);
    struct xb_report r = make_report("n1", "");
    struct xb_check check = {.level = XB_LEVEL_GOOD};
    struct xb_reason *reasons;
    size_t n;

    for (int rank = 3; rank < 6; rank++) {
        char bus[16];
        snprintf(bus, sizeof bus, "0000:%dd:00.0", rank);
        add_rank(&r, "n1", bus);
    }
    add_case(&r, "m", "stream", "p2p", 1 << 28, XB_OK);
    for (int dst = 1; dst < 4; dst++)
        add_lane(&r, 0, dst, "nvlink", 100 + dst, XB_OK);
    add_lane(&r, 4, 5, "nvlink", 120, XB_OK);
    add_lane(&r, 5, 4, "nvlink", 110, XB_OK);
    add_lane(&r, 1, 2, "nvlink", 350, XB_OK); /* a warning alone: not in the line */
    xb_check_add(&check, "1.json", &r, &expect, 1, NULL);
    xb_check_reasons(&check, &reasons, &n);
    is_str(reasons[0].text,
           "n1: GPU 0a:00.0 nvlink (3 lanes): p2p 256MiB: 101.0 GB/s, expected 380.0 GB/s or "
           "more; GPU 5d:00.0->4d:00.0 nvlink (2 lanes): p2p 256MiB: 110.0 GB/s, expected "
           "380.0 GB/s or more",
           "a GPU and a pair");
    free(reasons);
    xb_check_release(&check);
    xb_report_release(&r);
    xb_expect_release(&expect);
}

/* Of good lanes the one nearest to its bound stands for all; of verdicts the worst. */
static void test_worst(void)
{
    struct xb_expectations expect = make_expectations("\"bounds\": [" P2P FRACTION "}, " P2P
                                                      "\"gb_per_s\": {\"below\": {\"warning\": "
                                                      "383}}}]");
    struct xb_report r = shape_report(WELL), unknown = shape_report(NO_CEILING);
    struct xb_check check = {.level = XB_LEVEL_GOOD};

    for (size_t i = 0; i < 6; i++)
        xb_report_lane_at(xb_report_case_at(&r, 0), i)->gb_per_s = i == 2 ? 385 : 390;
    for (size_t i = 0; i < 6; i++)
        xb_report_lane_at(xb_report_case_at(&unknown, 0), i)->gb_per_s = 382;
    xb_check_add(&check, "1.json", &r, &expect, 1, NULL);
    xb_check_add(&check, "2.json", &unknown, &expect, 1, NULL);
    const struct xb_checked *k = xb_checked_at(&check, 0);
    const struct xb_finding *f = xb_checked_worst(k, xb_checked_case_at(k, 0), true);
    is_int((long long)k->findings.n, 2, "one finding a bound where all is good");
    is_near(f->value, 385, 0, "the lane that is nearest");
    is_str(f->where, "1b:00.0->0a:00.0", "by its name");
    is_int((long long)f->lanes, 6, "for all six");
    k = xb_checked_at(&check, 1);
    f = xb_checked_worst(k, xb_checked_case_at(k, 0), false);
    is_str(xb_level_name(f->level), "warning", "a warning is worse than what nobody knows");
    xb_check_release(&check);
    xb_report_release(&r);
    xb_report_release(&unknown);
    xb_expect_release(&expect);
}

static void test_again(void)
{
    struct xb_expectations expect = make_expectations(BOUND);
    struct xb_report first = shape_report(BIT_SLOW), then = make_report("n1", "");
    struct xb_check check = {.level = XB_LEVEL_GOOD}, again = {.level = XB_LEVEL_GOOD};

    add_matrix(&first, "other", 390, 0, 200);
    add_matrix(&then, "other", 390, -1, 0);
    xb_check_add(&check, "r.json", &first, &expect, 1, NULL);
    is_int(check.level, XB_LEVEL_CRITICAL, "a case is a warning, another critical");
    xb_check_add(&again, "r-again.json", &then, &expect, 1, NULL);
    is_int(xb_check_again(&check, &again, NULL), 0, "that one is measured again");
    struct xb_checked *k = xb_checked_at(&check, 0);
    is_int(check.level, XB_LEVEL_WARNING, "what it was then counts");
    is_int((long long)k->count[XB_LEVEL_GOOD], 1, "one is good");
    is_int((long long)k->count[XB_LEVEL_CRITICAL], 0, "none is critical");
    const struct xb_checked_case *c = xb_checked_case_at(k, 1);
    is_str(c->earlier, "200.0 GB/s, expected 380.0 GB/s or more (0.500 of the ceiling)",
           "what it was first is kept");
    is_str(xb_checked_worst(k, c, true)->text,
           "390.0 GB/s, expected 380.0 GB/s or more (0.975 of the ceiling, nearest of 6 lanes)",
           "beside what it is");
    ok(!xb_checked_case_at(k, 0)->earlier, "the other one is as it was");
    for (size_t i = 0; i < k->findings.n; i++) {
        const struct xb_checked_case *its = xb_finding_case(k, xb_finding_at(k, i));
        ok(its == (i < 5 ? xb_checked_case_at(k, 0) : c), "each finding has its case");
    }
    is_int((long long)k->findings.n, 6, "five of the one, one of the other");
    xb_check_release(&again);
    xb_check_release(&check);
    xb_report_release(&first);
    xb_report_release(&then);
    xb_expect_release(&expect);
}

/* A case that failed, and is good at the second look: then there is a figure for the bound. */
static void test_again_required(void)
{
    struct xb_expectations expect =
        make_expectations("\"bounds\": [" P2P "\"required\": true, " FRACTION "}]");
    struct xb_report first = shape_report(FAILED), then = make_report("n1", "");
    struct xb_check check = {.level = XB_LEVEL_GOOD}, again = {.level = XB_LEVEL_GOOD};

    add_matrix(&then, "m", 390, -1, 0);
    xb_check_add(&check, "r.json", &first, &expect, 1, NULL);
    is_int((long long)xb_checked_at(&check, 0)->findings.n, 3,
           "it failed, nothing was measured, and that was required");
    xb_check_add(&again, "r-again.json", &then, &expect, 1, NULL);
    is_int(xb_check_again(&check, &again, NULL), 0, "it is measured again");
    is_int(check.level, XB_LEVEL_GOOD, "and all is good");
    is_int((long long)xb_checked_at(&check, 0)->findings.n, 1, "by what was measured then");
    xb_check_release(&check);
    xb_check_release(&again);

    check = again = (struct xb_check){.level = XB_LEVEL_GOOD};
    struct xb_report still = shape_report(FAILED);
    xb_check_add(&check, "r.json", &first, &expect, 1, NULL);
    xb_check_add(&again, "r-again.json", &still, &expect, 1, NULL);
    xb_check_again(&check, &again, NULL);
    is_int((long long)xb_checked_at(&check, 0)->findings.n, 3,
           "if it fails again, all is said");
    xb_check_release(&check);
    xb_check_release(&again);
    xb_report_release(&first);
    xb_report_release(&then);
    xb_report_release(&still);
    xb_expect_release(&expect);
}

int main(void)
{
    test_verdicts();
    test_exit();
    test_no_match();
    test_hosts();
    test_several();
    test_worst();
    test_again();
    test_again_required();
    return done_testing();
}
