/* clock.h - the one host clock, CLOCK_MONOTONIC_RAW, and what reading it costs. */
#ifndef XB_ENGINE_RUNTIME_CLOCK_H
#define XB_ENGINE_RUNTIME_CLOCK_H

/* Microseconds since some fixed point; never goes back and is not slewed. */
double xb_clock_us(void);

struct xb_clock_info {
    double resolution_ns; /* the smallest step seen between two readings that differ */
    double overhead_ns;   /* mean cost of one reading */
};

/* Measure the clock; takes under a millisecond. */
struct xb_clock_info xb_clock_measure(void);

/* Seconds since 1970 now, in UTC: what the system's clock said when this was called first, and
 * what has passed since then on xb_clock_us. It does not jump when that clock is set. Not from
 * several threads at once. */
double xb_clock_unix_s(void);

/* "2026-01-31T12:00:00Z" of now, in UTC, into buf. */
void xb_clock_utc(char buf[24]);

#endif
