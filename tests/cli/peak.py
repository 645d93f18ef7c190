# SPDX-License-Identifier: BSD-3-Clause
"""peak.py - run a command and note the most memory that it had.

    python3 peak.py FILE COMMAND ARGUMENT...

Under a launcher each rank has its own file, "FILE.RANK". It gets the bytes that the process had in
memory at once. The exit status is 0, so that no launcher ends the other ranks before they have noted
theirs.
"""

import os
import sys

name, command = sys.argv[1], sys.argv[2:]
rank = os.environ.get("OMPI_COMM_WORLD_RANK")
pid = os.fork()
if pid == 0:
    os.execvp(command[0], command)
used = os.wait4(pid, 0)[2]
with open(name if rank is None else f"{name}.{rank}", "w") as f:
    print(used.ru_maxrss * 1024, file=f)
