#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# fuzz.sh - throw bytes at everything that reads input, by clang's libFuzzer, in a build of its own.
set -euo pipefail

usage()
{
    cat <<'EOF'
Usage: scripts/fuzz.sh [-t SECONDS] [-n RUNS] [-k FOLDER] TARBALL [TARGET...]

Builds the release TARBALL (make dist) with clang and the address and undefined sanitizers in a folder of
its own below the current one, and runs each TARGET (all rows of tests/fuzz/targets.c) on the
inputs that are kept for it. What an input breaks is left in fuzz-TARGET-*; the status is 1 then.

  -t SECONDS  for each target (60)
  -n RUNS     instead, so many executions of each
  -k FOLDER   keep the inputs that reach new code there, a folder a target, and begin with them
  -h, --help
EOF
}

die()
{
    echo "fuzz.sh: $*" >&2
    exit 2
}

seconds=60 runs=-1 kept=
while [ $# -gt 0 ]; do
    case $1 in
    -t | -n) [[ ${2-} =~ ^[0-9]{1,12}$ ]] || die "$1: got '${2-}', expected a whole number" ;;&
    -k) [ -n "${2-}" ] || die "-k needs a value, expected a folder" ;;&
    -t) seconds=$2; shift 2 ;;
    -n) runs=$2 seconds=0; shift 2 ;;
    -k) kept=$(mkdir -p "$2" && realpath "$2"); shift 2 ;;
    -h | --help) usage; exit 0 ;;
    -*) die "unknown option '$1', expected -t, -n, -k or --help" ;;
    *) break ;;
    esac
done
[ $# -ge 1 ] || { usage >&2; exit 2; }
[ -f "$1" ] || die "$1: found no file, expected a release, which 'make dist' makes"
tarball=$(realpath "$1") here=$PWD
shift
command -v clang >/dev/null || die "found no clang, expected one"

folder=$(mktemp -d "$PWD/fuzzed.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
tar -xzf "$tarball" -C "$folder" --strip-components=1
cd "$folder"

export OMPI_CC=clang
./configure -q --without-cuda CC='clang -fsanitize=fuzzer-no-link,address,undefined' \
    CFLAGS='-O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=undefined'
make -s -j"$(nproc)" tests/fuzz/fuzz

# hwloc keeps some memory to the end.
export HWLOC_COMPONENTS=-pci ASAN_OPTIONS=handle_abort=1 XFERBENCH_SCENARIOS=$PWD/scenarios
[ $# -gt 0 ] || mapfile -t targets < <(sed -n 's/^    {"\([a-z]*\)", read_.*/\1/p' tests/fuzz/targets.c)
[ $# -eq 0 ] || targets=("$@")
rc=0
for target in "${targets[@]}"; do
    more=$(sed -n "s/^    {\"$target\", read_[a-z]*, \"\(.*\)\"},/\1/p" tests/fuzz/targets.c)
    new=${kept:-$folder}/$target
    mkdir -p "$new" "tests/fuzz/corpus/$target"
    XB_FUZZ=$target tests/fuzz/fuzz -max_total_time="$seconds" -runs="$runs" -timeout=25 -rss_limit_mb=3000 \
        -print_final_stats=1 -verbosity=0 -artifact_prefix="$here/fuzz-$target-" \
        "$new" "tests/fuzz/corpus/$target" ${more:+"$more"} >"$folder/log" 2>&1 || { rc=1; tail -n 60 "$folder/log"; }
    echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/log") executions, $(sed -n \
        's/^stat::peak_rss_mb: *//p' "$folder/log") MiB at most"
done
exit $rc
