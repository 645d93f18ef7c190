/* SPDX-License-Identifier: BSD-3-Clause */
/* check_prometheus.c - verdicts in Prometheus' text format, for the textfile collector of
 * node_exporter. Units are base units, bytes and seconds. Source: Prometheus documentation,
 * "Exposition formats" and "Metric and label naming".
 */
#include "report/formats/check_format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A line: a metric with its labels, and its value. */
struct series {
    char *name;
    double value;
    size_t place; /* among those of its metric */
};

struct writer {
    FILE *out;
    bool several; /* reports: then each line has the label report */
    const struct xb_checked *checked;
    struct xb_list series; /* of the metric, so far */
    bool failed;           /* out of memory */
    /* of the line that is begun: */
    FILE *line;
    char *text;
    size_t len;
    int labels; /* that it has so far */
};

static void print_label(struct writer *w, const char *name, const char *value)
{
    if (!value || !w->line)
        return;
    fprintf(w->line, "%c%s=\"", w->labels++ ? ',' : '{', name);
    for (; *value; value++) {
        if (*value == '\\' || *value == '"')
            fputc('\\', w->line);
        if (*value == '\n')
            fputs("\\n", w->line);
        else
            fputc(*value, w->line);
    }
    fputc('"', w->line);
}

/* Begin a line of a metric; end it with its value, which may be of any sign but no NaN. */
static void begin(struct writer *w, const char *metric)
{
    w->labels = 0;
    w->text = NULL;
    w->line = open_memstream(&w->text, &w->len);
    if (w->line)
        fputs(metric, w->line);
    print_label(w, "report", w->several ? w->checked->file : NULL);
}

static void end(struct writer *w, double value)
{
    struct series *s = NULL;

    if (w->line) {
        fputs(w->labels ? "}" : "", w->line);
        s = fclose(w->line) == 0 ? xb_list_add(&w->series, sizeof *s) : NULL;
    }
    if (s)
        *s = (struct series){w->text, value, w->series.n - 1};
    else
        free(w->text);
    w->failed = w->failed || !s;
}

static int compare_names(const void *a, const void *b)
{
    const struct series *x = a, *y = b;
    int by = strcmp(x->name, y->name);

    return by ? by : (x->place > y->place) - (x->place < y->place);
}

static int compare_places(const void *a, const void *b)
{
    const struct series *x = a, *y = b;

    return (x->place > y->place) - (x->place < y->place);
}

/* How bad a status is: 3, which is unknown, is less than a warning. */
static double badness(double status)
{
    return status == xb_level_exit(XB_LEVEL_UNKNOWN) ? 0.5 : status;
}

/* A name that stands twice makes Prometheus refuse the whole file: one line stands for them,
 * that of the worst where it is a status, else the first. A report that is given twice, two
 * expectations of one name, and two bounds that a lane has missed come out so. */
static size_t drop_twins(struct series *series, size_t n, bool is_status)
{
    size_t kept = 0;

    qsort(series, n, sizeof *series, compare_names);
    for (size_t i = 0; i < n; i++) {
        struct series *last = kept > 0 ? &series[kept - 1] : NULL;
        if (!last || strcmp(last->name, series[i].name) != 0) {
            series[kept++] = series[i];
            continue;
        }
        if (is_status && badness(series[i].value) > badness(last->value))
            last->value = series[i].value;
        free(series[i].name);
    }
    qsort(series, kept, sizeof *series, compare_places);
    return kept;
}

/* Print what a metric has, and let go of it. */
static void flush(struct writer *w, bool is_status)
{
    struct series *series = w->series.item;
    size_t n = w->series.n > 0 ? drop_twins(series, w->series.n, is_status) : 0;

    for (size_t i = 0; i < n; i++) {
        fprintf(w->out, "%s %.10g\n", series[i].name, series[i].value);
        free(series[i].name);
    }
    free(series);
    w->series = (struct xb_list){NULL, 0, 0};
}

/* ---- what a line is about ---- */

static void name_case(struct writer *w, const struct xb_finding *f)
{
    const struct xb_checked_case *c = xb_finding_case(w->checked, f);

    print_label(w, "host", f->host);
    print_label(w, "case", c->id);
    print_label(w, "method", c->method);
}

static void name_lane(struct writer *w, const struct xb_finding *f)
{
    print_label(w, "lane", f->where);
    print_label(w, "link_class", f->link_class);
}

/* ---- metrics ---- */

/* A metric: its name, what it is, and its lines of one report. */
struct metric {
    const char *name, *help;
    void (*write)(struct writer *w, const struct metric *m);
    bool is_status;
    bool is_time;
    bool is_limit;
};

static void write_status(struct writer *w, const struct metric *m)
{
    begin(w, m->name);
    end(w, xb_level_exit(w->checked->level));
}

static void write_counts(struct writer *w, const struct metric *m)
{
    for (int level = 0; level < XB_LEVELS; level++) {
        begin(w, m->name);
        print_label(w, "status", xb_level_name((enum xb_level)level));
        end(w, (double)w->checked->count[level]);
    }
    begin(w, m->name);
    print_label(w, "status", "without_bound");
    end(w, (double)w->checked->free_cases);
}

static void write_end(struct writer *w, const struct metric *m)
{
    const char *utc = w->checked->end_utc;
    struct tm tm = {0};

    if (!utc || !strptime(utc, "%Y-%m-%dT%H:%M:%SZ", &tm))
        return;
    begin(w, m->name);
    end(w, (double)timegm(&tm));
}

static void write_case_status(struct writer *w, const struct metric *m)
{
    for (size_t i = 0; i < w->checked->cases.n; i++) {
        const struct xb_checked_case *c = xb_checked_case_at(w->checked, i);
        begin(w, m->name);
        name_case(w, xb_checked_worst(w->checked, c, false));
        end(w, xb_level_exit(c->level));
    }
}

/* From GB/s to bytes a second, from microseconds to seconds. */
static double in_base_units(const struct xb_finding *f, double value)
{
    return f->is_time ? value * 1e-6 : value * 1e9;
}

static void write_limits(struct writer *w, const struct metric *m, const struct xb_finding *f)
{
    const struct {
        const char *name;
        double value;
    } limits[] = {{"below_warning", f->below.warning},
                  {"below_critical", f->below.critical},
                  {"above_warning", f->above.warning},
                  {"above_critical", f->above.critical}};

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        if (isnan(limits[i].value))
            continue;
        begin(w, m->name);
        name_case(w, f);
        print_label(w, "limit", limits[i].name);
        end(w, in_base_units(f, limits[i].value));
    }
}

static void write_figures(struct writer *w, const struct metric *m)
{
    for (size_t i = 0; i < w->checked->cases.n; i++) {
        const struct xb_finding *f =
            xb_checked_worst(w->checked, xb_checked_case_at(w->checked, i), true);
        if (!f || f->is_time != m->is_time)
            continue;
        if (m->is_limit) {
            write_limits(w, m, f);
            continue;
        }
        begin(w, m->name);
        name_case(w, f);
        end(w, in_base_units(f, f->value));
    }
}

static void write_lanes(struct writer *w, const struct metric *m)
{
    for (size_t i = 0; i < w->checked->findings.n; i++) {
        const struct xb_finding *f = xb_finding_at(w->checked, i);
        if (f->of != XB_FINDING_LANE || f->level == XB_LEVEL_GOOD)
            continue;
        begin(w, m->name);
        name_case(w, f);
        name_lane(w, f);
        end(w, xb_level_exit(f->level));
    }
}

static void write_needs(struct writer *w, const struct metric *m)
{
    for (size_t i = 0; i < w->checked->findings.n; i++) {
        const struct xb_finding *f = xb_finding_at(w->checked, i);
        if (f->of != XB_FINDING_MACHINE || !f->by)
            continue;
        begin(w, m->name);
        print_label(w, "host", f->host);
        print_label(w, "gpu", f->where);
        print_label(w, "need", xb_expect_needs[f->bound].name);
        print_label(w, "expectations", f->by->name);
        end(w, xb_level_exit(f->level));
    }
}

static void write_warnings(struct writer *w, const struct metric *m)
{
    double n = 0;

    for (size_t i = 0; i < w->checked->findings.n; i++) {
        const struct xb_finding *f = xb_finding_at(w->checked, i);
        n += f->of == XB_FINDING_MACHINE && !f->by;
    }
    begin(w, m->name);
    end(w, n);
}

#define STATUS_HELP ": 0 good, 1 warning, 2 critical, 3 unknown."

static const struct metric metrics[] = {
    {.name = "xferbench_check_status",
     .help = "Worst verdict" STATUS_HELP,
     .write = write_status,
     .is_status = true},
    {.name = "xferbench_check_cases", .help = "Cases by verdict.", .write = write_counts},
    {.name = "xferbench_check_run_end_timestamp_seconds",
     .help = "When the run that was checked ended, since the epoch.",
     .write = write_end},
    {.name = "xferbench_check_case_status",
     .help = "Verdict of a case" STATUS_HELP,
     .write = write_case_status,
     .is_status = true},
    {.name = "xferbench_check_case_bandwidth_bytes_per_second",
     .help = "Rate of a case, of the lane nearest to its bound or furthest beyond.",
     .write = write_figures},
    {.name = "xferbench_check_case_bandwidth_limit_bytes_per_second",
     .help = "Bounds of that rate.",
     .write = write_figures,
     .is_limit = true},
    {.name = "xferbench_check_case_time_seconds",
     .help =
         "Time of a transfer of a case, of the lane nearest to its bound or furthest beyond.",
     .write = write_figures,
     .is_time = true},
    {.name = "xferbench_check_case_time_limit_seconds",
     .help = "Bounds of that time.",
     .write = write_figures,
     .is_time = true,
     .is_limit = true},
    {.name = "xferbench_check_lane_status",
     .help = "Verdict of a lane that is not good" STATUS_HELP,
     .write = write_lanes,
     .is_status = true},
    {.name = "xferbench_check_need_status",
     .help = "Whether a GPU or node has what is required" STATUS_HELP,
     .write = write_needs,
     .is_status = true},
    {.name = "xferbench_check_warnings",
     .help = "What the run warned of about GPUs and their links.",
     .write = write_warnings},
};

static int write_prometheus(const struct xb_check *check, FILE *out)
{
    struct writer w = {.out = out, .several = check->reports.n > 1};

    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", metrics[i].name, metrics[i].help,
                metrics[i].name);
        for (size_t r = 0; r < check->reports.n; r++) {
            w.checked = xb_checked_at(check, r);
            metrics[i].write(&w, &metrics[i]);
        }
        flush(&w, metrics[i].is_status);
    }
    return w.failed ? -1 : 0;
}

const struct xb_check_format xb_check_format_prometheus = {
    .name = "prometheus",
    .summary = "a file for node_exporter's textfile collector",
    .write = write_prometheus,
};
