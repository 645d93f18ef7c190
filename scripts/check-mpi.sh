#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# check-mpi.sh - the tests with another Open MPI, in a build of their own.
set -euo pipefail

usage()
{
    cat <<'EOF'
Usage: scripts/check-mpi.sh PREFIX TARBALL

Builds the release TARBALL (make dist) with the Open MPI whose bin folder is in PREFIX, in a folder of
its own below the current one, runs all tests, those that are long too, and takes the folder away. The
release, since the checkout may be configured itself.
EOF
}

case ${1-} in -h | --help) usage; exit 0 ;; esac
if [ $# -ne 2 ] || [ -z "$1" ]; then usage >&2; exit 2; fi
mpicc=$(realpath "$1")/bin/mpicc tarball=$(realpath "$2")
[ -x "$mpicc" ] || { echo "check-mpi: no compiler wrapper $mpicc" >&2; exit 2; }

folder=$(mktemp -d "$PWD/mpi.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
tar -xzf "$tarball" -C "$folder" --strip-components=1
cd "$folder"

PATH=$(dirname "$mpicc"):$PATH
libraries=$("$mpicc" --showme:libdirs)
export LD_LIBRARY_PATH=${libraries// /:}${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
./configure -q MPICC="$mpicc"
make -s -j"$(nproc)"

echo "check-mpi: $("$mpicc" --showme:version)"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export VERBOSE=1 # what failed is told before the folder goes
make check bats_tags=
