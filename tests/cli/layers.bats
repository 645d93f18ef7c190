#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Who may include whom, what no two files may need of each other, and other rules that files
# keep. All but the rules on circles, guards and memcpy need no build.

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
    printf '#include <mpi.h>\n # include "engine/measure/exec.h"\n' >"$BATS_TEST_TMPDIR/src/a.c"
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
    libc='<(assert|ctype|errno|fcntl|float|inttypes|limits|locale|math|pthread|search|signal|stdarg|stdbool|stddef|stdint|stdio|stdlib|string|strings|time|unistd|sys/[a-z]+)\.h>'
    assert_includes_only src/base "$libc|<cjson/cJSON\\.h>|base/.*|config\\.h"
}

# guarded PROGRAM: is it built so that it ends where it writes beyond an array?
guarded() { nm -u "$1" | grep -q __stack_chk_fail && nm -u "$1" | grep -q __snprintf_chk; }

@test "the program has the guards of its compiler and of libc" {
    local how
    how=$(sed -n 's/^\(CC\|CFLAGS\|CPPFLAGS\) = //p' "$XB_BUILDDIR/Makefile" | tr '\n' ' ')
    case " $how " in
    *-fsanitize=* | *-fno-stack-protector* | *_FORTIFY_SOURCE* | *" -O0 "*) skip "the build was told otherwise: $how" ;;
    *" -O"*) ;;
    *) skip "the build is not optimized: $how" ;;
    esac
    guarded "$XB_BUILDDIR/xferbench"
}

@test "what moves bytes calls memcpy itself" {
    local object objects
    mapfile -t objects < <(find "$XB_BUILDDIR/src/engine" "$XB_BUILDDIR/src/lab" -name '*.o')
    [[ ${#objects[@]} -gt 50 ]]
    for object in "${objects[@]}"; do
        ! nm -u "$object" | grep -E '__mem(cpy|move|set)_chk' || { echo "$object"; return 1; }
    done
}

# Rooms from the lowest up: a room includes those before it and itself.
rooms='base model report engine/runtime engine/probes engine/devices engine/pipeline
       engine/methods engine/measure lab tune library cmd'

@test "no room includes one above it" {
    local room later wrong= seen=
    for room in $rooms; do
        [[ -n $(includes "src/$room") ]]
        seen=
        for later in $rooms; do
            [[ -n $seen ]] && wrong+=$(includes "src/$room" | grep -E ": $later/" || true)
            [[ $later == "$room" ]] && seen=yes
        done
    done
    echo "$wrong"
    [[ -z $wrong ]]
}

# edges FOLDER...: "A B" for every object below the folders that needs a symbol which another of
# them defines.
edges() {
    find "$@" -name '*.o' -exec nm -A -g -P {} + | awk '
        { sub(/:$/, "", $1) }
        $3 == "U" { needs[$1 " " $2] }
        $3 != "U" && $3 !~ /[vw]/ { by[$2] = $1 }
        END {
            for (need in needs) {
                split(need, part, " ")
                if (part[2] in by && by[part[2]] != part[1]) print part[1], by[part[2]]
            }
        }' | sort -u
}

# circles: what of the edges on stdin leads back to where it began.
circles() { tsort 2>&1 >/dev/null | sed 's/^tsort: //'; }

@test "the rule on circles sees one" {
    local cc
    cd "$BATS_TEST_TMPDIR"
    echo 'int b(void); int a(void); int a(void) { return b(); }' >a.c
    echo 'int a(void); int b(void); int b(void) { return a(); }' >b.c
    echo 'int a(void); int c(void); int c(void) { return a(); }' >c.c
    read -ra cc <<<"${CC:-cc}"
    "${cc[@]}" -c a.c b.c c.c
    [[ $(edges . | wc -l) == 3 ]]
    [[ -n $(edges . | circles) ]]
    rm b.o
    [[ -z $(edges . | circles) ]]
}

# Rooms whose files still need each other.
circular=''

@test "no two files need each other" {
    local room folders=() found
    cd "$XB_BUILDDIR"
    for room in $rooms; do
        [[ " $circular " == *" $room "* ]] && continue
        [[ -n $(find "src/$room" -name '*.o' -print -quit) ]]
        folders+=("src/$room")
    done
    found=$(edges "${folders[@]}" | circles)
    echo "$found"
    [[ -z $found ]]
}

@test "specs of methods need neither the engine nor MPI, and tests link all of them" {
    local spec
    for spec in src/engine/methods/*_spec.h; do
        assert_includes_only "$spec" 'base/.*|model/.*'
        grep -q "#include \"${spec#src/}\"" tests/catalog_fixture.h
        grep -q "$(sed -nE 's/^#define (XB_[A-Z0-9_]+_SPEC) .*/\1/p' "$spec");" tests/catalog_fixture.h
    done
}

@test "lab, tune and library do not know one another" {
    assert_includes_none src/lab '(tune|library)/'
    assert_includes_none src/tune '(lab|library)/'
    assert_includes_none src/library '(lab|tune)/'
}

@test "every source file is in a room" {
    local loose
    loose=$(find src -name '*.[ch]' ! -path src/main.c ! -path src/xfer.h |
        grep -vE "^src/($(tr -s ' \n' '|' <<<"$rooms" | sed 's/|$//'))/" || true)
    echo "$loose"
    [[ -z $loose ]]
}

@test "model and report include neither MPI nor CUDA nor NCCL" {
    assert_includes_none src/model '<?(mpi|nccl|nvml|cuda)'
    assert_includes_none src/report '<?(mpi|nccl|nvml|cuda)'
}

@test "hwloc stands only in topology" {
    local wrong
    includes src | grep -q '<hwloc'
    wrong=$(includes src | grep '<hwloc' | grep -vE '^src/model/topology/[a-z_]*\.[ch]:' || true)
    echo "$wrong"
    [[ -z $wrong ]]
}

@test "the CUDA runtime stands only in the device, methods, lab and kernels" {
    local wrong
    wrong=$(includes src kernels | grep -E ': <cuda' |
        grep -vE '^(src/engine/devices/cuda(_[a-z]+)?\.[ch]|src/engine/methods/[a-z_0-9]+\.c|src/lab/[a-z_0-9/]+\.[ch]|kernels/[a-z_0-9]+\.(cu|h)):' || true)
    echo "$wrong"
    [[ -z $wrong ]]
    includes src/engine/devices/cuda_internal.h | grep -q '<cuda_runtime_api.h>'
}

@test "main knows the subcommands only" {
    assert_includes_only src/main.c '<[a-z]+\.h>|config\.h|cmd/cmd\.h'
}

@test "every test is named in Makefile.am" {
    local file name missing=
    for file in $(find tests -name "*.bats" -o -name "test_*.c"); do
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

@test "every file that holds a program names its licence" {
    local without
    without=$(find src kernels tests scripts configure.ac Makefile.am m4 -type f \( -name '*.[ch]' -o -name '*.cu' -o -name '*.sym' \
        -o -name '*.bats' -o -name '*.bash' -o -name '*.py' -o -name '*.sh' -o -name '*.sbatch' -o -name '*.m4' \
        -o -name configure.ac -o -name Makefile.am -o -path '*scripts/*' ! -name '*.pyc' \) -exec grep -L 'SPDX-License-Identifier: BSD-3-Clause' {} +)
    echo "without: $without"
    [[ -z $without && -s LICENSE ]]
}

@test "no source file is longer than 500 lines, its licence's aside" {
    local long
    long=$(find src kernels tests \( -name '*.[ch]' -o -name '*.cu' -o -name '*.bats' \) -exec wc -l {} + | awk '$2 != "total" && $1 > 501')
    echo "$long"
    [[ -z $long ]]
}

# rows FOLDER...: "TYPE NAME FILE" for every row of a table that a file there ends in.
rows() {
    grep -rnE '^const struct xb_(pattern|format|check_format|method|device|experiment|probe) xb_\1_[a-z0-9_]+ = \{' "$@" --include='*.c' |
        sed -E 's/^([^:]+):[0-9]+:const struct xb_([a-z_]+) (xb_[a-z0-9_]+) .*/\2 \3 \1/'
}

@test "a row that a file ends in stands in its table" {
    local type name file table missing= found=0
    while read -r type name file; do
        found=$((found + 1))
        table=$(grep -rlE "^const struct xb_$type \*const xb_[a-z_]+\[\] = " --include='*.c' src)
        sed -n "/^const struct xb_$type \*const /,/};/p" "$table" | grep -q "&$name\b" ||
            missing+=" $file"
    done < <(rows src)
    echo "$found rows, without a place in a table:$missing"
    ((found > 20))
    [[ -z $missing ]]
}

# Those of a run are not in the report's list.
@test "formats and checks walk through a report's cases, wherever these are" {
    local found
    found=$(grep -nE 'report->cases\b|xb_report_case_at|xb_report_json' src/report/formats/*.c src/report/expect_check.c || true)
    echo "without xb_cases: $found"
    [[ -z $found ]]
}

@test "every scenario, schema and page is named in Makefile.am" {
    local file missing=
    for file in scenarios/*.json scenarios/expectations/*.json scenarios/policies/*.json results/schema/*.json docs/*.* docs/pictures/*; do
        grep -qE "(^|[[:space:]])$file( |\$)" Makefile.am || missing+=" $file"
    done
    echo "not in Makefile.am:$missing"
    [[ -z $missing ]]
}
