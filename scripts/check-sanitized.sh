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

# Ranks end by _exit, before LeakSanitizer looks. So it looks first of all that comes after main, when ours is
# freed and the others still wait; not in ranks that are told to end, where everything is still in use. The
# libraries of MPI and plugins of hwloc stay loaded: what they keep is found by their variables, or else has their
# functions' names.
cat >look_for_leaks.c <<'EOF'
#include <stdlib.h>
#include <sanitizer/lsan_interface.h>
int PMPI_Finalize(void) __attribute__((weak)); /* some programs are without MPI */
int MPI_Finalize(void) __attribute__((weak));  /* and one has its own */
int MPI_Finalize(void)
{
    int rc = PMPI_Finalize();
    return atexit(__lsan_do_leak_check) == 0 ? rc : 1;
}
int dlclose(void *library);
int dlclose(void *library)
{
    (void)library;
    return 0;
}
EOF
gcc -Wall -Wextra -c look_for_leaks.c

# Not in CFLAGS alone: a test compiles an example against the library.
export CC="gcc -fsanitize=$sanitizers"
flags='-O1 -g -fno-omit-frame-pointer' libs=
case $sanitizers in *undefined*) flags+=' -fno-sanitize-recover=undefined' ;; esac
case $sanitizers in *address*) libs=$PWD/look_for_leaks.o ;; esac
./configure -q --without-cuda CFLAGS="$flags" LIBS="$libs"
make -s -j"$(nproc)"

# What Open MPI does is not our subject: that it replaces munmap, and what is left out by name. Not by
# ThreadSanitizer's ignore_noninstrumented_modules, which takes all for such on Linux, and sees no locks then.
export OMPI_MCA_memory=^patcher
# A process is not to sleep for a second at its end, when it is watched no more.
export TSAN_OPTIONS=halt_on_error=1:exitcode=66:atexit_sleep_ms=0:suppressions=$PWD/tests/data/tsan.supp
export LSAN_OPTIONS=suppressions=$PWD/tests/data/lsan.supp:print_suppressions=0
export ASAN_OPTIONS=exitcode=66
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export VERBOSE=1 # what failed is told before the folder goes
# shellcheck disable=SC2016 # make's variables
make check TESTS='$(unit_tests) $(engine_tests)'
if [ $all = yes ]; then
    # Open MPI is built without frame pointers: who called it is known by its tables for unwinding
    ASAN_OPTIONS+=:fast_unwind_on_malloc=0
    # shellcheck disable=SC2016
    make check bats_tags= TESTS='$(mpi_tests) $(cli_tests)'
fi
