/* verify.h - sources with bytes of their own, destinations poisoned, and the comparison. */
#ifndef XB_ENGINE_MEASURE_VERIFY_H
#define XB_ENGINE_MEASURE_VERIFY_H

#include "engine/measure/case_run.h"

/* Fill this rank's sources with new bytes and poison its destinations. 0 or -1. */
int xb_verify_prepare(struct xb_case_run *run, struct xb_error *err);

/* Compare this rank's destinations, adding to each lane's account; when says after what, for
 * the first lane's first wrong bytes. 0, or -1 where they could not be compared. */
int xb_verify_check(struct xb_case_run *run, const char *when, struct xb_error *err);

#endif
