#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# coverage.sh - how many lines of the sources the tests run through, in a build of their own.
set -euo pipefail

usage()
{
    cat <<'EOF'
Usage: scripts/coverage.sh TARBALL
       scripts/coverage.sh --read FOLDER

Builds the release TARBALL (make dist) for gcov, without CUDA and optimization, in a folder of its own below
the current one, runs the tests and takes the folder away. Prints the lines of each folder below
src/; the status is 1 where one has fewer than its limit: 95 % of base, model and report, 85 % of
engine. What is not built, as the sources for GPUs, does not count.
Processes that are killed leave no figures.

  --read FOLDER  only read what the tests of a build in FOLDER have left
  -h, --help
EOF
}

# By gcovr's table of files: file, lines, lines that were run, ...
table()
{
    gcovr --root "$1" --object-directory "$1" --filter "$(realpath "$1")/src/" --csv |
        awk -F, '
            BEGIN {
                split("base 95 model 95 report 95 engine 85", l, " ")
                for (i = 1; i < 8; i += 2) limit[l[i]] = l[i + 1]
            }
            NR > 1 && $1 ~ /^src\/[^\/]*\// {
                split($1, part, "/")
                lines[part[2]] += $2
                run[part[2]] += $3
            }
            END {
                printf "%-10s %8s %8s %8s %7s\n", "folder", "lines", "run", "%", "limit"
                for (f in limit)
                    if (!(f in lines)) { print "coverage: no figures of src/" f; bad = 1 }
                n = asorti_plain(lines, names)
                for (i = 1; i <= n; i++) {
                    f = names[i]
                    share = 100 * run[f] / lines[f]
                    low = f in limit && share < limit[f]
                    printf "%-10s %8d %8d %8.2f %7s%s\n", f, lines[f], run[f], share, limit[f], low ? "  too few" : ""
                    bad = bad || low
                }
                exit bad
            }
            function asorti_plain(from, to,   k, n, i, swap) {
                for (k in from) {
                    to[++n] = k
                    for (i = n; i > 1 && to[i] < to[i - 1]; i--) { swap = to[i]; to[i] = to[i - 1]; to[i - 1] = swap }
                }
                return n
            }'
}

case ${1-} in
-h | --help) usage; exit 0 ;;
--read) [ $# -eq 2 ] || { usage >&2; exit 2; } ;;
-*) echo "coverage: unknown option '$1', expected --read or --help" >&2; exit 2 ;;
*) [ $# -eq 1 ] || { usage >&2; exit 2; } ;;
esac
[ "$1" = --read ] || [ -f "$1" ] || { echo "coverage: $1: found no file, expected a release, which 'make dist' makes" >&2; exit 2; }
[ "$1" != --read ] || [ -d "$2" ] || { echo "coverage: $2: found no folder, expected one with a build" >&2; exit 2; }
command -v gcovr >/dev/null || { echo "coverage: skipped: gcovr is not installed"; exit 0; }
[ "$1" != --read ] || { table "$2"; exit; }
tarball=$(realpath "$1")

folder=$(mktemp -d "$PWD/covered.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
tar -xzf "$tarball" -C "$folder" --strip-components=1
cd "$folder"

# Ranks end by _exit, which leaves no figures by itself.
cat >covered_exit.c <<'EOF'
void __gcov_dump(void);
_Noreturn void _Exit(int status);
_Noreturn void covered_exit(int status);
_Noreturn void covered_exit(int status)
{
    __gcov_dump();
    _Exit(status);
}
EOF
gcc -c covered_exit.c

# Not in CFLAGS alone: a test compiles an example against the library. Threads count together.
export CC='gcc --coverage'
./configure -q --without-cuda CFLAGS='-O0 -g -fprofile-update=atomic -D_exit=covered_exit' LIBS="$PWD/covered_exit.o"
rm -f ./*.gcno ./*.gcda # of what configure tried
make -s -j"$(nproc)"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
rc=0
make -k check >check.log 2>&1 || rc=$?
[ $rc -eq 0 ] || { grep -E '^(FAIL|ERROR):' check.log || tail -n 40 check.log; }
table "$folder" || rc=1
exit $rc
