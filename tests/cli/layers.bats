#!/usr/bin/env bats
# Who may include whom, and other rules that files keep. Needs no build.

load common

setup() { cd "$XB_SRCDIR" || return; }

# includes DIR...: "file: <header>" or "file: header" for every #include below the folders.
includes() {
    grep -rHE '^[[:space:]]*#[[:space:]]*include' --include='*.[ch]' --include='*.cu' "$@" |
        sed -E 's/^([^:]+):[^<"]*(<[^>]+>|"[^"]+").*/\1: \2/; s/"//g'
}

# assert_includes_only PLACE PATTERN: the pattern covers every include there.
assert_includes_only() {
    local wrong
    [[ -n $(includes "$1") ]]
    wrong=$(includes "$1" | grep -vE ": ($2)\$" || true)
    [[ -z $wrong ]] || {
        printf 'not allowed in %s:\n%s\n' "$1" "$wrong"
        return 1
    }
}

# assert_includes_none PLACE PATTERN: no include there begins so.
assert_includes_none() {
    local wrong
    [[ -n $(includes "$1") ]]
    wrong=$(includes "$1" | grep -E ": $2" || true)
    [[ -z $wrong ]] || {
        printf 'not allowed in %s:\n%s\n' "$1" "$wrong"
        return 1
    }
}

@test "the rules see an include that breaks them" {
    mkdir -p "$BATS_TEST_TMPDIR/src"
    printf '#include <mpi.h>\n # include "engine/exec.h"\n' >"$BATS_TEST_TMPDIR/src/a.c"
    cd "$BATS_TEST_TMPDIR"
    run assert_includes_none src '<mpi.h>'
    [[ $status == 1 ]]
    run assert_includes_none src 'engine/'
    [[ $status == 1 ]]
    run assert_includes_only src 'engine/.*'
    [[ $status == 1 ]]
}

@test "base includes libc, cJSON and base" {
    local libc
    # Whatever stands in <> and is none of the libraries that upper layers use.
    libc='<(assert|ctype|errno|fcntl|float|inttypes|limits|locale|math|signal|stdarg|stdbool|stddef|stdint|stdio|stdlib|string|strings|time|unistd|sys/[a-z]+)\.h>'
    assert_includes_only src/base "$libc|<cjson/cJSON\\.h>|base/.*|config\\.h"
}

@test "model includes neither MPI nor CUDA nor NCCL nor the layers above" {
    assert_includes_none src/model '<?(mpi|nccl|nvml|cuda)'
    assert_includes_none src/model '<?(engine|cmd)/|kernels\.h'
}

@test "hwloc stands only in topology and placement" {
    local wrong
    includes src | grep -q '<hwloc'
    wrong=$(includes src | grep '<hwloc' | grep -vE '^src/model/(topology|placement)[a-z_]*\.[ch]:' || true)
    echo "$wrong"
    [[ -z $wrong ]]
}

@test "engine includes nothing of cmd" {
    assert_includes_none src/engine 'cmd/'
}

@test "the CUDA runtime stands only in the device, methods and kernels" {
    local wrong
    wrong=$(includes src kernels | grep -E ': <cuda' |
        grep -vE '^(src/engine/devices/cuda(_[a-z]+)?\.[ch]|src/engine/methods/[a-z_0-9]+\.c|kernels/[a-z_0-9]+\.(cu|h)):' || true)
    echo "$wrong"
    [[ -z $wrong ]]
    includes src/engine/devices/cuda_internal.h | grep -q '<cuda_runtime_api.h>'
}

@test "main knows the subcommands only" {
    assert_includes_only src/main.c '<[a-z]+\.h>|config\.h|cmd/cmd\.h'
}

@test "every test is named in Makefile.am" {
    local file name missing=
    for file in tests/cli/*.bats tests/unit/test_*.c; do
        name=${file%.c}
        grep -qE "^[[:space:]]+$name( |\$)" Makefile.am || missing+=" $name"
    done
    echo "not in Makefile.am:$missing"
    [[ -z $missing ]]
}

@test "every source file is named in Makefile.am" {
    local file missing=
    while read -r file; do
        grep -qE "(^|[[:space:]])$file( |\$)" Makefile.am || missing+=" $file"
    done < <(find src kernels -name '*.[ch]' -o -name '*.cu')
    echo "not in Makefile.am:$missing"
    [[ -z $missing ]]
}

@test "no source file is longer than 500 lines" {
    local long
    long=$(find src kernels \( -name '*.[ch]' -o -name '*.cu' \) -exec wc -l {} + | awk '$2 != "total" && $1 > 500')
    echo "$long"
    [[ -z $long ]]
}
