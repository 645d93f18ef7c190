/* pattern_table.c - the table of patterns. */
#include "model/plan/pattern.h"

#include <string.h>

#include "model/plan/patterns/patterns.h"

const struct xb_pattern *const xb_patterns[] = {
    &xb_pattern_stream, &xb_pattern_bidirectional, &xb_pattern_pingpong,
    &xb_pattern_pairs,  &xb_pattern_collective,    NULL,
};

const struct xb_pattern *xb_pattern_find(const char *name)
{
    for (size_t i = 0; xb_patterns[i]; i++) {
        if (strcmp(xb_patterns[i]->name, name) == 0)
            return xb_patterns[i];
    }
    return NULL;
}
