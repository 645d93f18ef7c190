/* SPDX-License-Identifier: BSD-3-Clause */
/* outcome.c - what became of a launch, and why. */
#include "cmd/campaign/outcome.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "report/report.h"

#define LOG_END    16384 /* bytes of a log's end in which a reason is looked for */
#define COMPLAINT  "xferbench: error: "
#define LEAST_RULE 20 /* dashes */

/* Is there a report that no interruption has cut short? */
static bool is_whole(const char *file, struct xb_error *why)
{
    struct xb_report report;

    if (xb_report_load(file, &report, why) < 0)
        return false;
    bool whole = report.status != XB_RUN_INTERRUPTED;
    if (!whole)
        xb_fail(why, "%s: is of a run that was interrupted", file);
    xb_report_release(&report);
    return whole;
}

/* Does a line say something, in place of framing other lines? */
static bool says_something(const char *line)
{
    for (; *line; line++)
        if (isalnum((unsigned char)*line))
            return true;
    return false;
}

/* mpirun writes what it has to say between two lines of dashes, the matter first. */
static bool is_rule(const char *line)
{
    size_t dashes = strspn(line, "-");

    return dashes >= LEAST_RULE && line[dashes] == '\0';
}

/* The line of a log that says best why it ended: the first complaint of this program, or else
 * the last line, of what stands between rules the first. "" where there is none. */
static void find_reason(const char *log, char *reason, size_t len)
{
    char line[512];
    FILE *f = fopen(log, "re");
    bool first = true, complained = false, framed = false, told = false;

    reason[0] = '\0';
    if (f && fseek(f, -LOG_END, SEEK_END) == 0)
        first = false;
    while (f && !complained && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        complained = strncmp(line, COMPLAINT, strlen(COMPLAINT)) == 0;
        if (is_rule(line)) {
            framed = !framed;
            told = false;
        }
        /* the first line of all is the command */
        if (!first && says_something(line) && (complained || !told)) {
            snprintf(reason, len, "%.*s", (int)len - 1,
                     complained ? line + strlen(COMPLAINT) : line);
            told = framed;
        }
        first = false;
    }
    if (f)
        fclose(f);
}

const char *xb_outcome_words(const struct xb_child_end *end, char buf[XB_OUTCOME_LEN])
{
    if (end->hung)
        snprintf(buf, XB_OUTCOME_LEN, "was ended after %.0f s, since its time was over",
                 end->seconds);
    else if (end->signal >= 0)
        snprintf(buf, XB_OUTCOME_LEN, "ended by signal %d (%s) after %.1f s", end->signal,
                 strsignal(end->signal), end->seconds);
    else
        snprintf(buf, XB_OUTCOME_LEN,
                 "ended with status %d and without a whole report after %.1f s",
                 end->exit_status, end->seconds);
    return buf;
}

size_t xb_outcome_last_lines(const char *log, char lines[XB_LAST_LINES][XB_LAST_LINE_LEN])
{
    char line[XB_LAST_LINE_LEN];
    FILE *f = fopen(log, "re");
    size_t n = 0;
    bool begins = true, cut = false;

    if (f && fseek(f, -LOG_END, SEEK_END) == 0) /* in the middle of a line */
        begins = false;
    cut = !begins;
    while (f && fgets(line, sizeof line, f)) {
        bool rest = cut, command = begins;
        cut = !strchr(line, '\n');
        begins = false;
        line[strcspn(line, "\n")] = '\0';
        if (rest || command || !says_something(line))
            continue;
        if (n == XB_LAST_LINES)
            memmove(lines, lines + 1, (--n) * sizeof lines[0]);
        memcpy(lines[n++], line, sizeof line);
    }
    if (f)
        fclose(f);
    return n;
}

enum xb_launch_status xb_outcome(const struct xb_child_end *end, const char *report,
                                 const char *log, struct xb_error *why)
{
    char reason[256], how[XB_OUTCOME_LEN];
    bool ended = end->exit_status == 0 || end->exit_status == 1 || end->exit_status == 3 ||
                 end->exit_status == 4;

    if (end->interrupted)
        return XB_LAUNCH_INTERRUPTED;
    if (!end->hung && ended && is_whole(report, why))
        return XB_LAUNCH_DONE;
    find_reason(log, reason, sizeof reason);
    const char *colon = reason[0] ? ": " : "";
    xb_fail(why, "%s%s%s", xb_outcome_words(end, how), colon, reason);
    return end->hung ? XB_LAUNCH_HUNG : XB_LAUNCH_FAILED;
}
