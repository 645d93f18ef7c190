/* SPDX-License-Identifier: BSD-3-Clause */
/* sms_option.h - the option of methods whose copies are kernels: how many multiprocessors. */
#ifndef XB_MODEL_SCENARIO_SMS_OPTION_H
#define XB_MODEL_SCENARIO_SMS_OPTION_H

#include "base/options.h"

/* Its row, in the table of options that are a struct of that type, with a member int64_t sms.
 */
#define XB_SMS_OPTION(struct_of_options, of_what)                                              \
    {                                                                                          \
        .name = "sms", .type = XB_OPTION_INT, .min = 0, .max = 4096, .fallback = 0,            \
        .quiet = true, .summary = "multiprocessors that " of_what " may have; 0: all",         \
        XB_OPTION_MEMBER(struct_of_options, sms)                                               \
    }

#endif
