/* SPDX-License-Identifier: BSD-3-Clause */
/* clock.h - the one host clock, CLOCK_MONOTONIC_RAW, and what reading it costs. */
#ifndef XB_ENGINE_RUNTIME_CLOCK_H
#define XB_ENGINE_RUNTIME_CLOCK_H

#include "base/error.h"

/* Microseconds since some fixed point; is not slewed, and should never go back or jump: see
 * xb_clock_jump. */
double xb_clock_us(void);

/* What the clock reads, and at the same time another one that the kernel advances by itself,
 * CLOCK_MONOTONIC. Takes three readings. */
struct xb_clock_mark {
    double us, other_us;
    double spread_us; /* so far the two may be apart */
};
struct xb_clock_mark xb_clock_mark(void);

/* By how many microseconds the clock has jumped between two marks, forward or, negative, back:
 * as hypervisors that move a machine have been seen to make it. What is slewed into the other
 * clock is no jump, nor is what both have done. 0 where it has not. */
double xb_clock_jump(const struct xb_clock_mark *from, const struct xb_clock_mark *to);

/* Microseconds from one mark to a later one, by whichever of the two clocks has not jumped;
 * never negative. */
double xb_clock_between(const struct xb_clock_mark *from, const struct xb_clock_mark *to);

/* Microseconds since this was called first, without jumps: for what takes as long as a run, in
 * which cases fail that see one, and others go on. Not from several threads at once. */
double xb_clock_passed_us(void);

/* Say in err that it has, by so much; always returns -1. */
int xb_clock_fail(struct xb_error *err, double jump_us);

struct xb_clock_info {
    double resolution_ns; /* the smallest step seen between two readings that differ */
    double overhead_ns;   /* mean cost of one reading */
};

/* Measure the clock; takes under a millisecond. */
struct xb_clock_info xb_clock_measure(void);

/* Seconds since 1970 now, in UTC: what the system's clock said when this was called first, and
 * what xb_clock_passed_us says has passed since then. It does not jump when that clock is set.
 * Not from several threads at once. */
double xb_clock_unix_s(void);

/* "2026-01-31T12:00:00Z" of now, in UTC, into buf. */
void xb_clock_utc(char buf[24]);

#endif
