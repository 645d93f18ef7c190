/* SPDX-License-Identifier: BSD-3-Clause */
/* units.h - sizes, durations, shares and rates as people write them, and back.
 *
 * Sizes are bytes; the suffixes are B, KiB, MiB, GiB, TiB (powers of 1024) and nothing else,
 * since "MB" means two things. Durations are held in nanoseconds; the suffixes are ns, us, ms,
 * s, min (or m), h. GB/s is 1e9 bytes a second everywhere in the project.
 */
#ifndef XB_BASE_UNITS_H
#define XB_BASE_UNITS_H

#include <stdint.h>
#include <stddef.h>

#include "base/error.h"

#define XB_UNITS_LEN 32

/* Parse "16MiB", "2.5KiB" (must come to whole bytes), "4096" or "4096B" into bytes. Fails on an
 * unknown or missing number, a negative value, an unknown suffix, trailing text, overflow of 64
 * bits. */
int xb_size_parse(const char *text, uint64_t *bytes, struct xb_error *err);

/* Write bytes with the largest unit that divides it exactly ("16MiB", "1000B", "0B") into buf,
 * which it returns. xb_size_parse reads back the same number. */
const char *xb_size_format(uint64_t bytes, char buf[XB_UNITS_LEN]);

/* Parse "2.5us", "300ms", "1s", "2min" into nanoseconds. A bare number is an error except 0:
 * a duration names its unit. Fails on negative values, unknown suffixes, trailing text. */
int xb_duration_parse(const char *text, int64_t *ns, struct xb_error *err);

/* Write a duration in nanoseconds with the largest unit up to min that divides it exactly
 * ("300ms", "60min", "0s"). */
const char *xb_duration_format(int64_t ns, char buf[XB_UNITS_LEN]);

/* Parse a share, "5%" or "0.05", into 0.05. Fails on a missing number, trailing text and what
 * is not from 0 to 10. */
int xb_share_parse(const char *text, double *out, struct xb_error *err);

/* Write microseconds for a table: 4 significant digits and a unit that keeps the number
 * between 1 and 1000 where there is one ("7.021 us", "1.355 ms", "2.100 s"). */
const char *xb_time_us_format(double us, char buf[XB_UNITS_LEN]);

/* Write seconds of work that is yet to be done, no more exactly than anybody knows them: "0.4
 * s", "35 s", "12 min", "3.5 h". */
const char *xb_about_s_format(double s, char buf[XB_UNITS_LEN]);

/* Rate of bytes moved in us microseconds, in GB/s (1e9 bytes a second). us must be positive. */
double xb_gb_per_s(double bytes, double us);

/* The size class of a transfer: 0 up to 4 KiB, 1 up to 64 KiB, 2 up to 1 MiB, 3 up to 16 MiB,
 * 4 up to 128 MiB, 5 larger. */
int xb_size_class(uint64_t bytes);

#endif
