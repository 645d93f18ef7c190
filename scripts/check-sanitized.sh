#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# check-sanitized.sh - the tests under the compiler's sanitizers, in a build of their own.
set -euo pipefail

usage()
{
    cat <<'EOF'
Usage: scripts/check-sanitized.sh [--all] SANITIZERS TARBALL

Builds the release TARBALL (make dist) with -fsanitize=SANITIZERS in a folder of its own below the
current one, runs its tests and takes the folder away. The release, since the checkout may be
configured itself. SANITIZERS: address,undefined or thread.

  --all    all tests, those that are long too; else only those that do not start MPI
  -h, --help
EOF
}

all=no args=()
for arg in "$@"; do
    case $arg in
    --all) all=yes ;;
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) args+=("$arg") ;;
    esac
done
[ ${#args[@]} -eq 2 ] || { usage >&2; exit 2; }
sanitizers=${args[0]} tarball=$(realpath "${args[1]}")

folder=$(mktemp -d "$PWD/sanitized.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
tar -xzf "$tarball" -C "$folder" --strip-components=1
cd "$folder"

# Not in CFLAGS alone: a test compiles an example against the library.
export CC="gcc -fsanitize=$sanitizers"
flags='-O1 -g -fno-omit-frame-pointer'
case $sanitizers in *undefined*) flags+=' -fno-sanitize-recover=undefined' ;; esac
./configure -q --without-cuda CFLAGS="$flags"
make -s -j"$(nproc)"

# What Open MPI does is not our subject: what its own threads do to one another (its libraries are
# not instrumented), and that it replaces munmap. hwloc's PCI plugin keeps some memory to the end.
export HWLOC_COMPONENTS=-pci OMPI_MCA_memory=^patcher
# A process is not to sleep for a second at its end, when it is watched no more.
export TSAN_OPTIONS=ignore_noninstrumented_modules=1:halt_on_error=1:exitcode=66:atexit_sleep_ms=0
export ASAN_OPTIONS=exitcode=66
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export VERBOSE=1 # what failed is told before the folder goes
# shellcheck disable=SC2016 # make's variables
make check TESTS='$(unit_tests) $(engine_tests)'
if [ $all = yes ]; then
    # what Open MPI keeps to the end, and the order in which its TCP takes its own locks
    ASAN_OPTIONS+=:detect_leaks=0 TSAN_OPTIONS+=:detect_deadlocks=0
    # shellcheck disable=SC2016
    make check bats_tags= TESTS='$(mpi_tests) $(cli_tests)'
fi
