/* SPDX-License-Identifier: BSD-3-Clause */
/* topology_save.c - a topology in a file that is read again. */
#include "base/output.h"
#include "model/topology/topology.h"
#include "model/topology/topology_internal.h"

int xb_topology_save(const struct xb_topology *topo, const char *file, struct xb_error *err)
{
    hwloc_topology_t hw = xb_topology_hwloc(topo);
    char *text;
    int length;

    if (hwloc_topology_export_xmlbuffer(hw, &text, &length, 0))
        return xb_fail(err, "%s: hwloc cannot write it", file);
    int rc = xb_output_make(file, text, err); /* hwloc would follow a link */
    hwloc_free_xmlbuffer(hw, text);
    return rc;
}
