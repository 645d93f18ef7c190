/* SPDX-License-Identifier: BSD-3-Clause */
/* test_compare_noise.c - how much launches differ: made, written, read and used.
 *
 * With a file's name as argument, the noise of the made launches is left there as well.
 */
#include "tests/report/compare_fixture.h"

static const struct made quiet = {
    .cases = 8, .lanes = 1, .seed = 5, .own = 0.01, .common = 0.01, .factor = 1};

static const struct {
    const char *name, *text, *error;
} faults[] = {
    {"another file", "{\"schema\":{\"name\":\"xferbench-report\",\"version\":1}}",
     "expected \"xferbench-noise\""},
    {"a later version",
     "{\"schema\":{\"name\":\"xferbench-noise\",\"version\":2},"
     "\"machine\":{\"gpus\":[],\"hosts\":[]},\"cases\":[]}",
     "found version 2"},
    {"no cases",
     "{\"schema\":{\"name\":\"xferbench-noise\",\"version\":1},"
     "\"machine\":{\"gpus\":[],\"hosts\":[]}}",
     "\"cases\" is missing"},
    {"no JSON", "{", "not valid JSON"},
};

static void test_file(const struct xb_launches *launches)
{
    struct xb_noise made, read;
    struct xb_error err = {""};

    is_int(xb_noise_make(launches, 0, &made, &err), 0, "of eight launches");
    is_int((int)made.cases.n, 8, "all cases");
    is_int((int)made.gpus.n, 4, "and the GPUs");
    is_str(made.hosts.value[0], "alpha", "and the host");
    const struct xb_noise_case *c =
        xb_noise_find(&made, "stream/nccl[transfer=send]/gpu->gpu@node/8KiB");
    ok(c && c->launches == 8, "a case is found by its id");
    ok(c && c->log_sd > 0.004 && c->log_sd < 0.03, "with about the deviation that it has");
    ok(!xb_noise_find(&made, "stream"), "what is not there is not");
    is_int(xb_noise_save(&made, "noise.json", false, &err), 0, "written");
    is_int(xb_noise_save(&made, "noise.json", false, &err), -1, "once");
    err.text[0] = '\0';
    is_int(xb_noise_load("noise.json", &read, &err), 0, "and read");
    is_str(err.text, "", "without a word");
    const struct xb_noise_case *again = c ? xb_noise_find(&read, c->id) : NULL;
    ok(again && fabs(again->log_sd - c->log_sd) < 1e-5 * c->log_sd, "as it was");
    ok(xb_noise_fits(&read, launches), "it is of these GPUs");
    xb_noise_release(&made);
    xb_noise_release(&read);
    unlink("noise.json");
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        FILE *out = fopen("bad.json", "w");
        fputs(faults[i].text, out);
        fclose(out);
        is_int(xb_noise_load("bad.json", &read, &err), -1, faults[i].name);
        contains(err.text, faults[i].error, "is said");
        contains(err.text, "bad.json", "with the file");
    }
    unlink("bad.json");
}

/* One launch a side, and what the machine's launches are known to differ by. */
static const struct {
    const char *name;
    double factor;
    bool with, other; /* with noise; of another machine */
    size_t slower, unclear;
    const char *host; /* that the noise is of, where there are no GPUs */
} rows[] = {
    {"nothing is known of launches", 1.5, false, false, 0, 8, NULL},
    {"half more time is beyond what launches differ by", 1.5, true, false, 2, 6, NULL},
    {"3 % more are not", 1.03, true, false, 0, 8, NULL},
    {"noise of another machine is not used", 1.5, true, true, 0, 8, NULL},
    {"noise of this host without GPUs is", 1.5, true, false, 2, 6, "alpha"},
    {"noise of another host without GPUs is not", 1.5, true, true, 0, 8, "beta"},
};

static void test_use(const struct xb_noise *noise, size_t i)
{
    struct made was = quiet, is = quiet;
    struct xb_launches *launches = xb_launches_new();
    struct xb_compare_ask ask = XB_COMPARE_ASK;
    struct xb_noise other = *noise;

    is.slow = "*/mpi*";
    is.factor = rows[i].factor;
    char *hosts[] = {(char *)(uintptr_t)rows[i].host};
    if (rows[i].host) {
        was.no_gpus = is.no_gpus = true;
        other.gpus.n = 0;
        other.hosts = (struct xb_texts){hosts, 1};
    } else {
        other.gpus.n--;
    }
    ask.noise = !rows[i].with ? NULL : rows[i].other || rows[i].host ? &other : noise;
    add_launches(launches, "old", &was, 31, 1);
    add_launches(launches, "new", &is, 32, 1);
    struct xb_comparison *c = xb_compare(launches, &ask, NULL);
    is_int((int)xb_comparison_count(c, XB_VERDICT_SLOWER), (int)rows[i].slower, rows[i].name);
    is_int((int)xb_comparison_count(c, XB_VERDICT_UNCLEAR), (int)rows[i].unclear,
           "and none is the same");
    char *text = printed(c, XB_COMPARE_TABLE, false);
    ok(stands_in(text, "recorded with other GPUs") == rows[i].other, "which is said");
    free(text);
    xb_comparison_free(c);
    xb_launches_free(launches);
}

/* The folder changes below. */
static char *absolute(const char *name)
{
    char *folder = getcwd(NULL, 0), *path = malloc(strlen(folder) + strlen(name) + 2);

    sprintf(path, "%s/%s", name[0] == '/' ? "" : folder, name);
    free(folder);
    return path;
}

int main(int argc, char **argv)
{
    struct xb_launches *launches = xb_launches_new(), *one = xb_launches_new();
    char *left = argc > 1 ? absolute(argv[1]) : NULL;
    struct xb_noise noise;
    struct xb_error err = {""};

    fixture_begin();
    add_launches(launches, "same", &quiet, 1, 8);
    test_file(launches);
    xb_noise_make(launches, 0, &noise, &err);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        test_use(&noise, i);
    if (left)
        is_int(xb_noise_save(&noise, left, true, &err), 0, "left where it was asked for");
    free(left);
    xb_noise_release(&noise);
    add_launches(one, "same", &quiet, 1, 1);
    is_int(xb_noise_make(one, 0, &noise, &err), -1, "one launch differs from none");
    contains(err.text, "found 1 launches", "which is said");
    xb_launches_free(one);
    xb_launches_free(launches);
    fixture_end();
    return done_testing();
}
