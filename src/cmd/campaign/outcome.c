/* SPDX-License-Identifier: BSD-3-Clause */
/* outcome.c - what became of a launch, and why. */
#include "cmd/campaign/outcome.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "report/report.h"

#define LOG_END   16384 /* bytes of a log's end in which a reason is looked for */
#define COMPLAINT "xferbench: error: "

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

/* The line of a log that says best why it ended: the first complaint of this program, or else
 * the last line. "" where there is none. */
static void find_reason(const char *log, char *reason, size_t len)
{
    char line[512];
    FILE *f = fopen(log, "re");
    bool first = true, complained = false;

    reason[0] = '\0';
    if (f && fseek(f, -LOG_END, SEEK_END) == 0)
        first = false;
    while (f && !complained && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        complained = strncmp(line, COMPLAINT, strlen(COMPLAINT)) == 0;
        /* the first line of all is the command */
        if (!first && says_something(line))
            snprintf(reason, len, "%.*s", (int)len - 1,
                     complained ? line + strlen(COMPLAINT) : line);
        first = false;
    }
    if (f)
        fclose(f);
}

enum xb_launch_status xb_outcome(const struct xb_child_end *end, const char *report,
                                 const char *log, struct xb_error *why)
{
    char reason[256];
    bool ended = end->exit_status == 0 || end->exit_status == 1 || end->exit_status == 3 ||
                 end->exit_status == 4;

    if (end->interrupted)
        return XB_LAUNCH_INTERRUPTED;
    if (!end->hung && ended && is_whole(report, why))
        return XB_LAUNCH_DONE;
    find_reason(log, reason, sizeof reason);
    const char *colon = reason[0] ? ": " : "";
    if (end->hung) {
        xb_fail(why, "was ended after %.0f s, since its time was over%s%s", end->seconds, colon,
                reason);
        return XB_LAUNCH_HUNG;
    }
    if (end->signal >= 0)
        xb_fail(why, "ended by signal %d (%s) after %.1f s%s%s", end->signal,
                strsignal(end->signal), end->seconds, colon, reason);
    else if (end->exit_status != 0 || reason[0])
        xb_fail(why, "ended with status %d and without a whole report after %.1f s%s%s",
                end->exit_status, end->seconds, colon, reason);
    else
        xb_fail_in(why, "ended with status 0 and without a whole report after %.1f s",
                   end->seconds);
    return XB_LAUNCH_FAILED;
}
