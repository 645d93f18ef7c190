/* check_prometheus.c - verdicts in Prometheus' text format, for the textfile collector of
 * node_exporter. Units are base units, bytes and seconds. Source: Prometheus documentation,
 * "Exposition formats" and "Metric and label naming".
 */
#include "report/formats/check_format.h"

#include <math.h>
#include <string.h>
#include <time.h>

/* Labels that all metrics have: report only where there are several. */
struct writer {
    FILE *out;
    bool several;
    const struct xb_checked *checked;
    int labels; /* that the line has so far */
};

static void print_label(struct writer *w, const char *name, const char *value)
{
    if (!value)
        return;
    fprintf(w->out, "%c%s=\"", w->labels++ ? ',' : '{', name);
    for (; *value; value++) {
        if (*value == '\\' || *value == '"')
            fputc('\\', w->out);
        if (*value == '\n')
            fputs("\\n", w->out);
        else
            fputc(*value, w->out);
    }
    fputc('"', w->out);
}

/* Begin a line of a metric; end it with its value, which may be of any sign but no NaN. */
static void begin(struct writer *w, const char *metric)
{
    w->labels = 0;
    fputs(metric, w->out);
    print_label(w, "report", w->several ? w->checked->file : NULL);
}

static void end(struct writer *w, double value)
{
    fprintf(w->out, "%s %.10g\n", w->labels ? "}" : "", value);
}

static void print_head(FILE *out, const char *metric, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", metric, help, metric);
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

/* Has an earlier finding of the case the same lane, and is it as bad or worse? */
static bool is_said(const struct xb_checked *k, size_t i)
{
    const struct xb_finding *f = xb_finding_at(k, i);

    for (size_t n = 0; n < k->findings.n; n++) {
        const struct xb_finding *other = xb_finding_at(k, n);
        bool same = n != i && other->of == XB_FINDING_LANE && other->place == f->place &&
                    strcmp(other->where, f->where) == 0;
        if (same && (other->level > f->level || (other->level == f->level && n < i)))
            return true;
    }
    return false;
}

static void write_lanes(struct writer *w, const struct metric *m)
{
    for (size_t i = 0; i < w->checked->findings.n; i++) {
        const struct xb_finding *f = xb_finding_at(w->checked, i);
        if (f->of != XB_FINDING_LANE || f->level == XB_LEVEL_GOOD || is_said(w->checked, i))
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
     .write = write_status},
    {.name = "xferbench_check_cases", .help = "Cases by verdict.", .write = write_counts},
    {.name = "xferbench_check_run_end_timestamp_seconds",
     .help = "When the run that was checked ended, since the epoch.",
     .write = write_end},
    {.name = "xferbench_check_case_status",
     .help = "Verdict of a case" STATUS_HELP,
     .write = write_case_status},
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
     .write = write_lanes},
    {.name = "xferbench_check_need_status",
     .help = "Whether a GPU or node has what is required" STATUS_HELP,
     .write = write_needs},
    {.name = "xferbench_check_warnings",
     .help = "What the run warned of about GPUs and their links.",
     .write = write_warnings},
};

static int write_prometheus(const struct xb_check *check, FILE *out)
{
    struct writer w = {.out = out, .several = check->reports.n > 1};

    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        print_head(out, metrics[i].name, metrics[i].help);
        for (size_t r = 0; r < check->reports.n; r++) {
            w.checked = xb_checked_at(check, r);
            metrics[i].write(&w, &metrics[i]);
        }
    }
    return 0;
}

const struct xb_check_format xb_check_format_prometheus = {
    .name = "prometheus",
    .summary = "a file for node_exporter's textfile collector",
    .write = write_prometheus,
};
