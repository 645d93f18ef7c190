#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# gpu-check.sh - build and check xferbench on a machine with GPUs, and measure it.
set -euo pipefail

usage()
{
    cat <<'EOF'
Usage: scripts/gpu-check.sh [OPTION...]

Builds xferbench with CUDA in a folder of its own, runs the whole test suite, shows
where ranks run, and measures the scenarios `quick` and `full`. Reports and logs go to a folder.

  -n RANKS      ranks to measure with (default: one for each GPU, at most 2)
  -o FOLDER     where reports and logs go (default: gpu-check.out)
  -b FOLDER     where to build (default: gpu-check.build, or the checkout itself where it
                is configured already)
  --no-suite    do not run the test suite
  --no-full     do not measure `full`
  --sanitize    also run each kernel under compute-sanitizer's four tools
  -h, --help

MPIRUN_ARGS in the environment goes to every mpirun of the measurements, for instance
  MPIRUN_ARGS="--mca pml ucx" for an MPI that moves device buffers through UCX.
Exit status: 0 if everything passed, 1 if something failed, 2 for bad usage.
EOF
}

die()
{
    echo "gpu-check: $*" >&2
    exit 2
}

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ranks='' out=gpu-check.out build='' suite=yes full=yes sanitize=no
while [ $# -gt 0 ]; do
    case $1 in
    -n | -o | -b)
        [ -n "${2-}" ] || die "$1 needs a value, expected a $([ "$1" = -n ] && echo number || echo folder)"
        case $1 in
        -n) ranks=$2 ;;
        -o) out=$2 ;;
        -b) build=$2 ;;
        esac
        shift
        ;;
    --no-suite) suite=no ;;
    --no-full) full=no ;;
    --sanitize) sanitize=yes ;;
    -h | --help) usage; exit 0 ;;
    *) die "unknown option '$1'; see --help" ;;
    esac
    shift
done

[[ $ranks =~ ^([1-9][0-9]{0,5})?$ ]] || die "-n: got '$ranks', expected a number of ranks from 1"

command -v nvidia-smi >/dev/null || die "nvidia-smi was not found: this is not a machine with GPUs"
gpus=$(nvidia-smi -L | grep -c '^GPU ') || die "nvidia-smi shows no GPU"
[ -n "$ranks" ] || ranks=$((gpus < 2 ? gpus : 2))
if [ -z "$build" ]; then
    build=gpu-check.build
    [ ! -f "$top/config.status" ] || build=$top
fi
mkdir -p "$out" "$build"
out=$(cd "$out" && pwd) build=$(cd "$build" && pwd)
failed=()
read -r -a mpirun_args <<<"${MPIRUN_ARGS:-}"

# Run a step, its output to a log of that name and its end to the terminal; remember a failure.
step()
{
    local name=$1 rc=0
    shift
    echo "== $name"
    "$@" >"$out/$name.log" 2>&1 || rc=$?
    [ $rc -eq 0 ] || { failed+=("$name ($rc)"); tail -n 25 "$out/$name.log"; }
    return 0
}

launch()
{
    mpirun -n "$ranks" "${mpirun_args[@]}" "$@"
}

configure_and_make()
{
    [ -x "$top/configure" ] || (cd "$top" && autoreconf -i) || return
    cd "$build" || return
    [ -f Makefile ] || "$top/configure" --with-cuda || return
    make -j"$(nproc)"
}

measure()
{
    launch "$build/xferbench" run "$1" -o "$out/$1.json" --force
}

# What NCCL's kernels read is not our subject; and whether a call of CUDA can be had is asked by calling it.
# initcheck sees no writes of another process: what that has filled would count as never written.
launch_sanitized()
{
    local options=(--error-exitcode 9 --kernel-name-exclude kernel_substring=nccl) ranks=$ranks
    case $1 in
    memcheck) options+=(--report-api-errors no) ;;
    initcheck) ranks=1 ;;
    esac
    launch compute-sanitizer --tool "$1" "${options[@]}" \
        "$build/xferbench" run "$top/tests/data/each_kernel.json" -o "$out/$1.json" --force
}

export XFERBENCH_SCENARIOS=$top/scenarios
nvidia-smi --query-gpu=index,name,driver_version,pci.bus_id,memory.used --format=csv | tee "$out/machine.txt"
step build configure_and_make
[ -x "$build/xferbench" ] || die "the build failed; see $out/build.log"
if [ $suite = yes ]; then
    step suite make -C "$build" check
    grep -E '^# (TOTAL|PASS|SKIP|FAIL|ERROR)' "$out/suite.log" || true
    cp "$build/test-suite.log" "$out/" 2>/dev/null || true
fi
step info launch "$build/xferbench" info
cat "$out/info.log"
step quick measure quick
[ $full = no ] || step full measure full
if [ $sanitize = yes ]; then
    for tool in memcheck racecheck initcheck synccheck; do
        step $tool launch_sanitized $tool
    done
fi

for s in quick full; do
    [ ! -f "$out/$s.log" ] || grep -E '^(stream|bidirectional|pingpong|pairs|collective) |^(skipped|failed|corrupt|timeout)' "$out/$s.log" || true
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "gpu-check: failed: ${failed[*]}; logs in $out"
    exit 1
fi
echo "gpu-check: all passed; reports in $out"
