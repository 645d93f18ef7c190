/* SPDX-License-Identifier: BSD-3-Clause */
/* units.c - sizes, durations and rates as people write them, and back. */
#include "base/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
    const char *suffix;
    uint64_t scale; /* in the smallest unit */
};

struct quantity {
    const char *what;         /* for errors: "size" */
    const char *base;         /* "bytes" */
    const char *known;        /* the suffixes, for errors */
    const struct unit *units; /* smallest first, ended by a NULL suffix */
    uint64_t max;
};

static const struct unit size_units[] = {
    {"B", 1},
    {"KiB", UINT64_C(1) << 10},
    {"MiB", UINT64_C(1) << 20},
    {"GiB", UINT64_C(1) << 30},
    {"TiB", UINT64_C(1) << 40},
    {NULL, 0},
};

static const struct unit duration_units[] = {
    {"ns", 1},
    {"us", 1000},
    {"ms", 1000000},
    {"s", 1000000000},
    {"h", UINT64_C(3600000000000)},
    {"m", UINT64_C(60000000000)},
    {"min", UINT64_C(60000000000)}, /* the last that divides it is what is written */
    {NULL, 0},
};

static const struct quantity size_quantity = {
    .what = "size",
    .base = "bytes",
    .known = "B, KiB, MiB, GiB or TiB",
    .units = size_units,
    .max = UINT64_MAX,
};

static const struct quantity duration_quantity = {
    .what = "duration",
    .base = "nanoseconds",
    .known = "ns, us, ms, s, min or h",
    .units = duration_units,
    .max = INT64_MAX,
};

/* A decimal number as written: digits / 10^decimals. Doubles would lose bytes of large sizes.
 */
struct decimal {
    uint64_t digits;
    uint64_t divisor; /* 10^decimals */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Add the digits at p; returns the first byte that is none, or NULL when 64 bits overflow. */
static const char *read_digits(const char *p, struct decimal *number, bool fraction)
{
    for (; is_digit(*p); p++) {
        uint64_t digit = (uint64_t)(*p - '0');
        if (__builtin_mul_overflow(number->digits, 10, &number->digits) ||
            __builtin_add_overflow(number->digits, digit, &number->digits))
            return NULL;
        if (fraction && __builtin_mul_overflow(number->divisor, 10, &number->divisor))
            return NULL;
    }
    return p;
}

static int read_decimal(const char *text, const struct quantity *quantity,
                        struct decimal *number, const char **end, struct xb_error *err)
{
    *number = (struct decimal){.digits = 0, .divisor = 1};
    if (text[0] == '-')
        return xb_fail(err, "\"%s\" is not a %s: it is negative, expected 0 or more", text,
                       quantity->what);
    const char *p = text;
    if (is_digit(*p))
        p = read_digits(p, number, false);
    if (p && p != text && p[0] == '.' && is_digit(p[1]))
        p = read_digits(p + 1, number, true);
    if (!p)
        return xb_fail(err, "\"%s\" is not a %s: it has too many digits, expected at most 19",
                       text, quantity->what);
    if (p == text)
        return xb_fail(err, "\"%s\" is not a %s: expected a number and %s", text,
                       quantity->what, quantity->known);
    *end = p;
    return 0;
}

static const struct unit *find_unit(const struct unit *units, const char *suffix)
{
    for (; units->suffix; units++)
        if (strcmp(units->suffix, suffix) == 0)
            return units;
    return NULL;
}

/* Parse into the smallest unit. A missing suffix means that unit when bare is true; otherwise
 * only zero may go without. */
static int parse(const char *text, const struct quantity *quantity, bool bare, uint64_t *out,
                 struct xb_error *err)
{
    struct decimal number;
    const char *suffix = text;
    if (read_decimal(text, quantity, &number, &suffix, err))
        return -1;
    const struct unit *unit = find_unit(quantity->units, suffix);
    if (!unit && suffix[0] == '\0') {
        if (!bare && number.digits != 0)
            return xb_fail(err,
                           "\"%s\" is not a %s: its unit is missing, expected %s behind it",
                           text, quantity->what, quantity->known);
        unit = &quantity->units[0];
    }
    if (!unit)
        return xb_fail(err, "\"%s\" is not a %s: unknown unit \"%s\", expected %s", text,
                       quantity->what, suffix, quantity->known);
    unsigned __int128 scaled = (unsigned __int128)number.digits * unit->scale;
    if (scaled % number.divisor != 0)
        return xb_fail(err, "\"%s\" is not a %s: expected whole %s", text, quantity->what,
                       quantity->base);
    scaled /= number.divisor;
    if (scaled > quantity->max)
        return xb_fail(err, "\"%s\" is too large: expected at most %" PRIu64 " %s", text,
                       quantity->max, quantity->base);
    *out = (uint64_t)scaled;
    return 0;
}

/* The largest unit that divides a value exactly. */
static const struct unit *exact_unit(const struct unit *units, uint64_t value)
{
    const struct unit *best = units;
    for (; units->suffix; units++)
        if (value % units->scale == 0)
            best = units;
    return best;
}

int xb_size_parse(const char *text, uint64_t *bytes, struct xb_error *err)
{
    return parse(text, &size_quantity, true, bytes, err);
}

const char *xb_size_format(uint64_t bytes, char buf[XB_UNITS_LEN])
{
    const struct unit *unit = bytes ? exact_unit(size_units, bytes) : &size_units[0];
    snprintf(buf, XB_UNITS_LEN, "%" PRIu64 "%s", bytes / unit->scale, unit->suffix);
    return buf;
}

int xb_duration_parse(const char *text, int64_t *ns, struct xb_error *err)
{
    uint64_t parsed;
    if (parse(text, &duration_quantity, false, &parsed, err))
        return -1;
    *ns = (int64_t)parsed;
    return 0;
}

const char *xb_duration_format(int64_t ns, char buf[XB_UNITS_LEN])
{
    if (ns == 0) {
        snprintf(buf, XB_UNITS_LEN, "0s");
        return buf;
    }
    uint64_t magnitude = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    const struct unit *unit = exact_unit(duration_units, magnitude);
    snprintf(buf, XB_UNITS_LEN, "%s%" PRIu64 "%s", ns < 0 ? "-" : "", magnitude / unit->scale,
             unit->suffix);
    return buf;
}

int xb_share_parse(const char *text, double *out, struct xb_error *err)
{
    const char *end = text + strspn(text, "0123456789.");
    bool percent = strcmp(end, "%") == 0;
    char *read;
    double value = strtod(text, &read) / (percent ? 100 : 1);

    if (end != text && read == end && (percent || *end == '\0') && value <= 10) {
        *out = value;
        return 0;
    }
    return xb_fail(err, "got '%s', expected a share as \"5%%\" or \"0.05\"", text);
}

const char *xb_time_us_format(double us, char buf[XB_UNITS_LEN])
{
    static const struct {
        const char *suffix;
        double us;
    } scales[] = {{"s", 1e6}, {"ms", 1e3}, {"us", 1.0}, {"ns", 1e-3}};

    /* Rounded before the unit is chosen, so that 999.96 us is 1.000 ms, not 1000 us. */
    char rounded[XB_UNITS_LEN];
    snprintf(rounded, sizeof rounded, "%.3e", us);
    us = strtod(rounded, NULL);

    size_t last = sizeof scales / sizeof scales[0] - 1;
    size_t i = 0;
    while (i < last && fabs(us) < scales[i].us)
        i++;
    double value = us / scales[i].us;
    double magnitude = fabs(value);
    int decimals = magnitude < 10 ? 3 : magnitude < 100 ? 2 : magnitude < 1000 ? 1 : 0;
    snprintf(buf, XB_UNITS_LEN, "%.*f %s", decimals, value, scales[i].suffix);
    return buf;
}

const char *xb_about_s_format(double s, char buf[XB_UNITS_LEN])
{
    if (s < 9.5)
        snprintf(buf, XB_UNITS_LEN, "%.*f s", s < 0.95 ? 1 : 0, s);
    else if (s < 99.5)
        snprintf(buf, XB_UNITS_LEN, "%.0f s", s);
    else if (s < 99.5 * 60)
        snprintf(buf, XB_UNITS_LEN, "%.0f min", s / 60);
    else
        snprintf(buf, XB_UNITS_LEN, "%.1f h", s / 3600);
    return buf;
}

double xb_gb_per_s(double bytes, double us)
{
    return bytes / (us * 1e3);
}

int xb_size_class(uint64_t bytes)
{
    static const uint64_t largest[] = {
        UINT64_C(4) << 10,  UINT64_C(64) << 10,  UINT64_C(1) << 20,
        UINT64_C(16) << 20, UINT64_C(128) << 20,
    };
    int i = 0;
    while (i < 5 && bytes > largest[i])
        i++;
    return i;
}
