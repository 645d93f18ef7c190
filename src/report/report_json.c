/* SPDX-License-Identifier: BSD-3-Clause */
/* report_json.c - building JSON objects. */
#include "report/report_json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool xb_report_put(cJSON *object, const char *key, cJSON *value)
{
    if (object && value && cJSON_AddItemToObject(object, key, value))
        return true;
    cJSON_Delete(value);
    return false;
}

bool xb_report_push(cJSON *array, cJSON *value)
{
    if (array && value && cJSON_AddItemToArray(array, value))
        return true;
    cJSON_Delete(value);
    return false;
}

cJSON *xb_report_done(cJSON *item, bool complete)
{
    if (complete)
        return item;
    cJSON_Delete(item);
    return NULL;
}

double xb_round_us(double us)
{
    /* beyond a day to the digits that a double has */
    return fabs(us) < 1e11 ? round(us * 1e4) / 1e4 : us;
}

double xb_round_ratio(double value)
{
    char text[32];

    if (!isfinite(value))
        return value;
    snprintf(text, sizeof(text), "%.6g", value);
    return strtod(text, NULL);
}

cJSON *xb_report_text(const char *text)
{
    return text && text[0] ? cJSON_CreateString(text) : cJSON_CreateNull();
}

cJSON *xb_report_number(double value)
{
    return isfinite(value) ? cJSON_CreateNumber(value) : cJSON_CreateNull();
}

cJSON *xb_report_flag(int flag)
{
    return flag < 0 ? cJSON_CreateNull() : cJSON_CreateBool(flag);
}

cJSON *xb_report_known(double value)
{
    return xb_report_number(value > 0 ? xb_round_ratio(value) : NAN);
}
