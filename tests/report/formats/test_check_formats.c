/* SPDX-License-Identifier: BSD-3-Clause */
/* test_check_formats.c - verdicts in each of their forms. */
#include "report/formats/check_format.h"

#include "tests/report/expect_fixture.h"

#define BOUND                                                                                  \
    "\"require\": {\"nvlinks\": 18}, \"bounds\": [{\"cases\": {\"method\": \"p2p\"}, "         \
    "\"gb_per_s\": {\"below\": {\"warning\": 380, \"critical\": 340}, \"above\": "             \
    "{\"warning\": 395}}}, {\"cases\": {\"method\": \"direct\"}, \"time_us\": {\"above\": "    \
    "{\"warning\": 20, \"critical\": 30}}}]"

/* What each form writes of a case that is critical on one lane. */
static char *write_form(const char *name, int reports)
{
    struct xb_expectations expect = make_expectations(BOUND);
    struct xb_check check = {.level = XB_LEVEL_GOOD};
    const struct xb_check_format *format = xb_check_format_find(name, NULL);
    char *text = NULL;
    size_t len;

    for (int i = 0; i < reports; i++) {
        struct xb_report r = make_report("n\"1\\", "\"nvlink\": {\"links\": 18}");
        add_case(&r, "a[b='c']/d", "stream", "p2p", 1 << 20, XB_OK);
        add_lane(&r, 0, 1, "nvlink", 390, XB_OK);
        add_lane(&r, 1, 0, "nvlink", 100, XB_OK);
        add_case(&r, "free", "stream", "mpi", 1 << 20, XB_OK);
        add_case(&r, "t", "stream", "direct", 1 << 20, XB_OK);
        add_lane(&r, 0, 1, "nvlink", 104.8576, XB_OK); /* 10 us */
        xb_check_add(&check, i ? "2.json" : "1.json", &r, &expect, 1, NULL);
        xb_report_release(&r);
    }
    FILE *out = open_memstream(&text, &len);
    ok(format && format->write(&check, out) == 0, name);
    fclose(out);
    xb_check_release(&check);
    xb_expect_release(&expect);
    return text;
}

static void check_lines(const char *name, int reports, const char *const *lines)
{
    char *text = write_form(name, reports);

    for (; *lines; lines++)
        contains(text, *lines, name);
    free(text);
}

static void test_plugin(void)
{
    static const char *const one[] = {
        "XFERBENCH CRITICAL - n\"1\\: GPU 1b:00.0->0a:00.0 nvlink: p2p 1MiB: 100.0 GB/s, "
        "expected 380.0 GB/s or more; 1 case critical, 1 case good, 1 without a bound | "
        "'a[b:\"c\"]/d'=100GB/s;380:395;340: 't'=10us;~:20;~:30\n",
        "1.json: held against mine\n",
        "critical: n\"1\\: 1b:00.0->0a:00.0: a[b='c']/d: 100.0 GB/s, expected 380.0 GB/s or "
        "more\n",
        NULL};
    static const char *const two[] = {
        "2 cases critical, 2 cases good, 2 without a bound, 2 "
        "reports | 'a[b:\"c\"]/d 1.json'=100GB/s;380:395;340: "
        "'t 1.json'=10us;~:20;~:30 'a[b:\"c\"]/d 2.json'=100GB/s;",
        NULL};

    check_lines("plugin", 1, one);
    check_lines("plugin", 2, two);
}

static void test_lines(void)
{
    static const char *const lines[] = {"status: critical\nexit_status: 2\nline: XFERBENCH",
                                        "\nreason: n\"1\\: GPU 1b:00.0->0a:00.0 nvlink: p2p",
                                        "\nreport: 1.json\nhost: n\"1\\\nexpectations: mine\n",
                                        "\nreport_status: critical\ncases_good: 1\n",
                                        "\ncases_critical: 1\ncases_without_bound: 1\n",
                                        "\ncritical: n\"1\\: 1b:00.0->0a:00.0: a[b='c']/d: 100",
                                        NULL};
    static const char *const reason[] = {
        "xferbench: n\"1\\: GPU 1b:00.0->0a:00.0 nvlink: p2p 1MiB: 100.0 GB/s, expected 380.0 "
        "GB/s or more\n",
        NULL};

    check_lines("lines", 1, lines);
    check_lines("reason", 1, reason);
}

static void test_documents(void)
{
    static const char *const junit[] = {
        "<testsuite name=\"xferbench check\" tests=\"5\" failures=\"1\" errors=\"0\"",
        "classname=\"1.json.p2p\" name=\"a[b='c']/d\"><failure message=\"critical: n&quot;1",
        "classname=\"1.json.machine\" name=\"n&quot;1\\ 0a:00.0 nvlinks\"/>", NULL};
    static const char *const prometheus[] = {
        "# HELP xferbench_check_status Worst verdict: 0 good, 1 warning, 2 critical, 3 "
        "unknown.\n# TYPE xferbench_check_status gauge\nxferbench_check_status 2\n",
        "xferbench_check_cases{status=\"critical\"} 1\n",
        "xferbench_check_run_end_timestamp_seconds 1769860810\n",
        "xferbench_check_case_bandwidth_bytes_per_second{host=\"n\\\"1\\\\\",case=\"a[b='c']/"
        "d\",method=\"p2p\"} 1e+11\n",
        "limit=\"below_warning\"} 3.8e+11\n",
        "xferbench_check_lane_status{host=\"n\\\"1\\\\\",case=\"a[b='c']/d\",method=\"p2p\","
        "lane=\"1b:00.0->0a:00.0\",link_class=\"nvlink\"} 2\n",
        "gpu=\"2c:00.0\",need=\"nvlinks\",expectations=\"mine\"} 0\n",
        "case_time_seconds{host=\"n\\\"1\\\\\",case=\"t\",method=\"direct\"} 1e-05\n",
        "xferbench_check_warnings 0\n",
        NULL};
    static const char *const two[] = {
        "xferbench_check_status{report=\"2.json\"} 2\n",
        "xferbench_check_cases{report=\"1.json\",status=\"good\"}", NULL};
    static const char *const json[] = {"\"exit_status\":\t2", "\"case\":\t\"a[b='c']/d\"",
                                       "\"host\":\t\"n\\\"1\\\\\"", NULL};

    check_lines("junit", 1, junit);
    check_lines("prometheus", 1, prometheus);
    check_lines("prometheus", 2, two);
    check_lines("json", 1, json);
}

/* Is there a line of Prometheus whose series stood before? */
static bool has_twins(const char *text)
{
    for (const char *line = text, *next; *line; line = next) {
        next = line + strcspn(line, "\n");
        next += *next == '\n';
        const char *end = line;
        for (const char *at = line; at < next; at++)
            end = *at == ' ' ? at : end;
        for (const char *at = next; *line != '#' && *at;) {
            if (strncmp(at, line, (size_t)(end - line) + 1) == 0)
                return true;
            at += strcspn(at, "\n");
            at += *at == '\n';
        }
    }
    return false;
}

/* A report with a slow lane on each of two hosts whose GPUs have the same bus ids, held twice,
 * against two expectations of one name. */
static void test_twins(void)
{
    struct xb_expectations two[] = {make_expectations(BOUND), make_expectations(BOUND)};
    struct xb_report r = make_report("n1", "\"nvlink\": {\"links\": 17}");
    struct xb_check check = {.level = XB_LEVEL_GOOD};
    char *text = NULL;
    size_t len;

    add_rank(&r, "n2", "0000:0a:00.0");
    add_rank(&r, "n2", "0000:1b:00.0");
    add_case(&r, "a", "stream", "p2p", 1 << 20, XB_OK);
    add_lane(&r, 0, 1, "nvlink", 370, XB_OK);
    add_lane(&r, 3, 4, "nvlink", 100, XB_OK);
    for (int i = 0; i < 2; i++)
        xb_check_add(&check, "1.json", &r, two, 2, NULL);
    FILE *out = open_memstream(&text, &len);
    xb_check_format_find("prometheus", NULL)->write(&check, out);
    fclose(out);
    ok(!has_twins(text), "no series stands twice");
    contains(text,
             "host=\"n1\",case=\"a\",method=\"p2p\",lane=\"0a:00.0->1b:00.0\",link_class="
             "\"nvlink\"} 1\n",
             "the lane of one host");
    contains(text,
             "host=\"n2\",case=\"a\",method=\"p2p\",lane=\"0a:00.0->1b:00.0\",link_class="
             "\"nvlink\"} 2\n",
             "and that of the other");
    free(text);
    xb_check_release(&check);
    xb_report_release(&r);
    xb_expect_release(&two[0]);
    xb_expect_release(&two[1]);
}

/* Names and reasons with anything in them: each form stays what its readers know. */
static void test_hostile(void)
{
    static const char *const forms[] = {"plugin", "lines", "reason", "junit", "prometheus"};
    struct xb_expectations expect = make_expectations(BOUND);
    struct xb_report r = make_report("n\n1|\xEF\xBF\xBE", "\"nvlink\": {\"links\": 18}");
    struct xb_check check = {.level = XB_LEVEL_GOOD};

    add_case(&r, "a\nXFERBENCH OK|b", "stream", "p2p", 1 << 20, XB_OK);
    add_lane(&r, 0, 1, "nvlink", 100, XB_OK);
    xb_check_add(&check, "r\xFF\n|.json", &r, &expect, 1, NULL);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char *text = NULL;
        size_t len;
        FILE *out = open_memstream(&text, &len);
        xb_check_format_find(forms[i], NULL)->write(&check, out);
        fclose(out);
        ok(!strstr(text, "\nXFERBENCH") && !strstr(text, "\n1"), forms[i]);
        ok(!strstr(text, "\xFF"), "is UTF-8");
        bool is_xml = strcmp(forms[i], "junit") == 0;
        ok(!is_xml || !strstr(text, "\xEF\xBF\xBE"), "XML has its characters alone");
        if (strcmp(forms[i], "plugin") == 0) {
            text[strcspn(text, "\n")] = '\0';
            ok(strchr(text, '|') && !strchr(strchr(text, '|') + 1, '|'), "one bar in a line");
        }
        free(text);
    }
    xb_check_release(&check);
    xb_report_release(&r);
    xb_expect_release(&expect);
}

/* No name of a metric stands twice, which Prometheus refuses. */
static void test_once(void)
{
    char *text = write_form("prometheus", 2);
    int heads = 0;

    for (const char *at = text; (at = strstr(at, "# TYPE ")); at++, heads++) {
        char name[128] = "";
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, "\n"), at);
        ok(!strstr(at + 1, name), name);
    }
    is_int(heads, 11, "eleven metrics");
    free(text);
}

static void test_find(void)
{
    struct xb_error err;

    ok(!xb_check_format_find("yaml", &err), "a form that is not there");
    is_str(err.text,
           "--format: got 'yaml', expected plugin, lines, reason, junit, prometheus or json",
           "is answered with those that are");
}

int main(void)
{
    test_plugin();
    test_lines();
    test_documents();
    test_once();
    test_twins();
    test_hostile();
    test_find();
    return done_testing();
}
