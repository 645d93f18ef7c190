/* SPDX-License-Identifier: BSD-3-Clause */
/* tap.h - the Test Anything Protocol for the unit tests: one line a check, the plan at the end.
 *
 * int main(void) { ok(1 + 1 == 2, "sums"); is_int(f(), 3, "f"); return done_testing(); }
 */
#ifndef XB_TESTS_TAP_H
#define XB_TESTS_TAP_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

/* Every check comes here: print its line, and where it failed. */
static inline bool tap_check(bool pass, const char *file, int line, const char *name)
{
    printf("%sok %d - %s\n", pass ? "" : "not ", ++tap_count, name);
    if (!pass) {
        tap_failed++;
        printf("# failed at %s:%d\n", file, line);
    }
    return pass;
}

static inline bool tap_is_str(const char *got, const char *want, const char *file, int line,
                              const char *name)
{
    bool pass = got && want ? strcmp(got, want) == 0 : got == want;
    if (!tap_check(pass, file, line, name))
        printf("#      got: %s\n# expected: %s\n", got ? got : "(null)",
               want ? want : "(null)");
    return pass;
}

static inline bool tap_is_int(long long got, long long want, const char *file, int line,
                              const char *name)
{
    bool pass = got == want;
    if (!tap_check(pass, file, line, name))
        printf("#      got: %lld\n# expected: %lld\n", got, want);
    return pass;
}

static inline bool tap_is_near(double got, double want, double rel, const char *file, int line,
                               const char *name)
{
    bool pass = fabs(got - want) <= rel * fabs(want);
    if (!tap_check(pass, file, line, name))
        printf("#      got: %.17g\n# expected: %.17g within %g\n", got, want, rel);
    return pass;
}

static inline bool tap_contains(const char *text, const char *part, const char *file, int line,
                                const char *name)
{
    bool pass = text && strstr(text, part) != NULL;
    if (!tap_check(pass, file, line, name))
        printf("#     text: %s\n# lacks: %s\n", text ? text : "(null)", part);
    return pass;
}

#define ok(pass, name)          tap_check((pass), __FILE__, __LINE__, (name))
#define is_str(got, want, name) tap_is_str((got), (want), __FILE__, __LINE__, (name))
#define is_int(got, want, name) tap_is_int((got), (want), __FILE__, __LINE__, (name))
#define is_near(got, want, rel, name)                                                          \
    tap_is_near((got), (want), (rel), __FILE__, __LINE__, (name))
#define contains(text, part, name) tap_contains((text), (part), __FILE__, __LINE__, (name))

/* Print the plan; the value is main's exit status. */
static inline int done_testing(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed ? 1 : 0;
}

#endif
