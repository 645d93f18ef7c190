# SPDX-License-Identifier: BSD-3-Clause
"""A node without a batch system, for ReFrame: ranks are started by mpirun. On a cluster take the site's own."""

site_configuration = {
    "systems": [
        {
            "name": "node",
            "descr": "this node",
            "hostnames": [".*"],
            "partitions": [
                {
                    "name": "local",
                    "scheduler": "local",
                    "launcher": "mpirun",
                    "environs": ["default"],
                }
            ],
        }
    ],
    "environments": [{"name": "default", "target_systems": ["*"]}],
}
