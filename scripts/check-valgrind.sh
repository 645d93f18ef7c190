#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# check-valgrind.sh - a run and its report under valgrind's memcheck, in a build of their own.
set -euo pipefail

usage()
{
    cat <<'EOF'
Usage: scripts/check-valgrind.sh TARBALL

Builds the release TARBALL (make dist) without CUDA in a folder of its own below the current one, has
two ranks run a few small cases on the device cpu, plans them, and shows and compares the report,
all under valgrind, and takes the folder away. Memory that is lost, or read before it is written, is an
error. What libraries do is left out by name: tests/data/valgrind.supp. The status is 1 where
something is found; what valgrind said is printed.

  -h, --help
EOF
}

case ${1-} in -h | --help) usage; exit 0 ;; esac
[[ $# -eq 1 && $1 != -* ]] || { usage >&2; exit 2; }
command -v valgrind >/dev/null || { echo "check-valgrind: skipped: valgrind is not installed"; exit 0; }
tarball=$(realpath "$1")

folder=$(mktemp -d "$PWD/valgrind.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
tar -xzf "$tarball" -C "$folder" --strip-components=1
cd "$folder"
./configure -q --without-cuda CFLAGS='-O1 -g'
make -s -j"$(nproc)" xferbench

export XFERBENCH_SCENARIOS=$folder/scenarios
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# One thread of valgrind's runs at a time: who waits is to sleep, not to take the other's turn.
export OMPI_MCA_mpi_yield_when_idle=1 XFERBENCH_REST=1
# Names of functions in plugins that are closed already: the suppressions have them.
watched=(valgrind --quiet --num-callers=40 --keep-debuginfo=yes --suppressions=tests/data/valgrind.supp
    --log-file=valgrind.%p.log --error-exitcode=99 --leak-check=full --show-leak-kinds=definite
    --errors-for-leak-kinds=definite ./xferbench)

cat >small.json <<'EOF'
{
  "name": "small",
  "device": "cpu",
  "sampling": {"max_samples": 12, "max_time": "20ms", "warmup": "0s", "passes": 2},
  "cases": [
    {"paths": ["host->host"], "sizes": ["4KiB"], "methods": ["direct"]},
    {"paths": ["host->host@node"], "sizes": ["4KiB"],
     "methods": ["mpi", {"name": "host-staged", "chunk": "1KiB", "depth": 2}]},
    {"pattern": "pingpong", "paths": ["host->host@node"], "sizes": ["8B"], "methods": ["mpi"]},
    {"pattern": "collective", "paths": ["host->host@node"], "sizes": ["4KiB"],
     "methods": [{"name": "mpi", "transfer": "all-reduce"}]}
  ]
}
EOF

found=0
# clean COMMAND...: it ends with 0, and no process of it has left a word of valgrind's.
clean()
{
    local rc=0
    rm -f valgrind.*.log
    "$@" </dev/null >output 2>&1 || rc=$?
    if [ $rc -ne 0 ] || [ -n "$(cat valgrind.*.log)" ]; then
        found=1
        echo "check-valgrind: status $rc: $*"
        cat output valgrind.*.log
    fi
}

clean mpirun -n 2 --oversubscribe "${watched[@]}" run small.json --case-timeout 300 -o small.report.json
clean "${watched[@]}" plan small.json --ranks 2 --topology tests/data/topo/cpu2.xml
clean "${watched[@]}" report small.report.json
clean "${watched[@]}" report small.report.json -o page.html
clean "${watched[@]}" compare small.report.json -- small.report.json
exit $found
