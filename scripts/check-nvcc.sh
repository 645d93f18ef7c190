#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# check-nvcc.sh - do CUDA compilers other than the build's take the sources for GPUs?
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage()
{
    cat <<'EOF'
Usage: scripts/check-nvcc.sh [NVCC...]

Compiles kernels/*.cu with each NVCC, for the capabilities that it knows of 70, 80, 90 and 100, and the C
sources of the CUDA device against its headers. Nothing is linked or run. Without an argument it looks
for the toolkits in /usr/local/cuda-11.8 and /usr/local/cuda-12*. What is not there is said and left out;
the status is 1 where something does not compile.

  -h, --help

nvcc with cicc, ptxas and cudafe++, and the headers of the runtime and of libcu++, are enough. CC is the
compiler of the C sources (gcc). NVCCFLAGS are passed on, as -ccbin g++-11.
EOF
}

case ${1-} in -h | --help) usage; exit 0 ;; -*) usage >&2; exit 2 ;; esac
compilers=("$@")
[ $# -gt 0 ] || compilers=(/usr/local/cuda-11.8/bin/nvcc /usr/local/cuda-12*/bin/nvcc)

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 1' INT TERM

# The folder in which a compiler finds cuda_runtime_api.h, as it says itself.
headers()
{
    echo '#include <cuda_runtime_api.h>' >"$out/where.cu"
    "$1" -E "$out/where.cu" -o "$out/where.i"
    sed -n 's|^# [0-9]* "\(.*\)/cuda_runtime_api\.h".*|\1|p' "$out/where.i" | sort -u | head -n 1
}

# Without nccl_pointer.cu: NCCL's functions in kernels come with its own header, which no toolkit has.
kernels()
{
    local file arch known flags=() rc=0
    read -ra flags <<<"${NVCCFLAGS-}"
    known=$("$1" --list-gpu-arch)
    for arch in 70 80 90 100; do
        if grep -qx "compute_$arch" <<<"$known"; then
            flags+=(-gencode "arch=compute_$arch,code=sm_$arch")
        fi
    done
    for file in kernels/*.cu; do
        [ "$file" != kernels/nccl_pointer.cu ] || continue
        "$1" "${flags[@]}" -O2 -std=c++17 -Ikernels \
            -Xcompiler -Wall,-Wextra,-fno-exceptions,-fno-threadsafe-statics \
            -c -o "$out/kernel.o" "$file" || { rc=1; echo "check-nvcc: $file does not compile"; }
    done
    return $rc
}

sources()
{
    local file rc=0 cc=() needed=()
    read -ra cc <<<"${CC:-gcc}"
    read -ra needed <<<"$(pkg-config --cflags ompi hwloc libcjson)"
    : >"$out/config.h"
    for file in src/engine/devices/cuda*.c src/lab/gray_scott/cuda_stepper.c; do
        "${cc[@]}" -std=gnu11 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -DHAVE_CUDA -I"$out" -Isrc -Ikernels \
            -isystem "$1" "${needed[@]}" -c -o "$out/source.o" "$file" ||
            { rc=1; echo "check-nvcc: $file does not compile"; }
    done
    return $rc
}

rc=0 taken=0
for nvcc in "${compilers[@]}"; do
    if ! command -v "$nvcc" >/dev/null; then
        echo "check-nvcc: skipped: no $nvcc"
        continue
    fi
    taken=$((taken + 1)) result=ok
    version=$("$nvcc" --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')
    kernels "$nvcc" || result=FAILED
    sources "$(headers "$nvcc")" || result=FAILED
    echo "check-nvcc: $nvcc, release $version: $result"
    [ $result = ok ] || rc=1
done
[ $taken -gt 0 ] || echo "check-nvcc: skipped: no CUDA compiler was named or found"
exit $rc
