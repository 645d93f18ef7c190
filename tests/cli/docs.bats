#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# shellcheck disable=SC2154 # bats' run sets output, stderr and status
# README.md and docs/: each command that they show is run, links lead somewhere, options and names
# are those of the program. In make check pages below docs/ are taken by the program's word, without
# measuring; check-all measures. docs.py reads the pages.
load common.bash

setup_file() {
    command -v python3 >/dev/null || skip "no python3"
    local sandbox=$BATS_FILE_TMPDIR/sandbox name
    mkdir -p "$BATS_FILE_TMPDIR/bin" "$sandbox"/{before,after,third}
    write_wrappers "$BATS_FILE_TMPDIR/bin"
    docs files "$sandbox"
    # Reports as the pages have them, each a run of its own, those of nodes on hosts of their own.
    for name in full quick quick-1 report base new run r before after a b node node07 node08 node01-{1,2,3,4} \
        node02-1 node03-1 before/{1,2,3,4} after/{1,2,3,4} third/{1,2,3,4}; do
        sed -e "s/\"id\":[[:space:]]*\"20[^\"]*\"/\"id\": \"run-${name/\//-}\"/" \
            -e "s/\"host\":[[:space:]]*\"vm\"/\"host\": \"${name%%[-\/]*}\"/" \
            "$XB_SRCDIR/results/2xh200-nv18-2026-11-22/starts/quick-1.json" >"$sandbox/$name.json"
    done
    "$XFERBENCH" campaign -q -o "$BATS_FILE_TMPDIR/ab" --launches 1 --method null --path 'host->host' --size 4KiB \
        --config nvlink= --config staged= -- --device cpu --passes 1 --set sampling.max_time=1ms >/dev/null || [[ $? == 3 ]]
    cp "$XB_SRCDIR/scenarios/policies/static.json" "$sandbox/tuned.json"
    cp "$XB_SRCDIR/results/4xh200-nv18-2026-11-22/matrix.json" "$sandbox/matrix.json"
    cp "$sandbox/our-h200.json" "$sandbox/ours.json"
    ln -s "$XB_SRCDIR/scripts" "$XB_SRCDIR/results" "$sandbox"
    ln -s "$BATS_FILE_TMPDIR/bin/xferbench" "$sandbox/xferbench"
}

setup() {
    common_setup
}

docs() { python3 "$XB_SRCDIR/tests/cli/docs.py" "$1" "$XB_SRCDIR" "${@:2}"; }

# write_wrappers FOLDER: the names that stand in the pages, for what runs there. Both say when a
# command was wrong, and else end with 0: a figure, a skipped case or a verdict is no concern of theirs.
write_wrappers() {
    cat >"$1/xferbench" <<'EOF2'
#!/usr/bin/env bash
# The program as a page has it, on the device cpu and short. XB_DOCS says how: "measured", or
# "read": run and tune read what they are given and measure nothing.
real=$XB_BUILDDIR/xferbench command=$1 args=() small=()
traced=no separated=no previous=

# What run would be asked for: its options by its own --help, its cases by plan, which takes no others.
read_run() {
    local rest=()
    "$real" run "$@" --help >/dev/null || return
    while (($#)); do
        case $1 in
        -o | --policy | --case-timeout | --max-time | --seed | --trace | --label | --require | --expect | \
            --mpi-device-buffers) shift ;;
        --resume | --resume-if-exists) return 0 ;;
        --resume-anyway | --retry-hung | --force | --matrix | --check | --samples | -q | -v) ;;
        *) rest+=("$1") ;;
        esac
        shift
    done
    "$real" plan "${rest[@]}"
}

for arg in "$@"; do
    case $previous in
    --max-time | --repeat-for) arg=1s ;;
    --passes | --launches) arg=1 ;;
    --device) [[ $command == plan ]] || arg=cpu ;;
    -o) [[ $command != check && $command != report ]] || rm -f "$arg" ;; # as if it were not there yet
    esac
    previous=$arg
    case $arg in
    --trace) traced=yes ;;
    --) separated=yes ;;
    esac
    args+=("$arg")
done
words=" ${args[*]} "
case $command in
run)
    if [[ $XB_DOCS == read && $traced == no ]]; then
        read_run "${@:2}"
        exit
    else
        small=(--device cpu --case-timeout 300)
        [[ $words == *" --passes "* ]] || small+=(--passes 1)
        [[ $words == *" --max-time "* || $traced == yes ]] || small+=(--max-time 1s)
        [[ $words == *" --resume"* ]] || small+=(--force)
        # A case that has begun is not cut off, and memory is short where tests run.
        case $words in
        *" full "* | *" matrix "*) small+=(--set 'cases[*].sizes=["64MiB"]') ;;
        esac
    fi
    ;;
tune)
    if [[ $XB_DOCS == read ]]; then
        args+=(--help)
    else
        small=(--device cpu --passes 1 --force --set 'cases[*].sizes=["4KiB"]' --set sampling.max_time=1ms)
    fi
    ;;
campaign)
    case $words in
    *" --resume "* | *" --dry-run "*) ;;
    *)
        if [[ $XB_DOCS == read || $words == *srun* ]]; then
            small=(--dry-run)
        else
            rm -rf ab
            small=(--launches 1)
            [[ $separated == yes ]] || args+=(-- --device cpu)
            args+=(--passes 1 --max-time 1s)
        fi
        ;;
    esac
    ;;
esac
set -- "${args[@]:1}"
[[ -z ${OMPI_COMM_WORLD_RANK-} ]] || exec "$real" "$command" "${small[@]}" "$@"
status=0 stderr=$(mktemp)
"$real" "$command" "${small[@]}" "$@" 2>"$stderr" || status=$?
cat "$stderr" >&2
case $command:$status in
run:[13] | tune:[13] | compare:[13] | campaign:[13]) status=0 ;; # a result, a verdict, nothing measured
check:[123]) ! grep -q -e 'error:' -e 'says more' "$stderr" && status=0 ;;
esac
rm -f "$stderr"
exit "$status"
EOF2
    cat >"$1/mpirun" <<'EOF2'
#!/usr/bin/env bash
# XB_DOCS is as for the program; what is only read needs one process.
if [[ $XB_DOCS == read && " $* " != *" --trace "* ]]; then
    while [[ $# -gt 0 && $1 != *xferbench ]]; do shift; done
    exec "$@"
fi
status=0
"$XB_MPIRUN" --oversubscribe "$@" || status=$?
case $status in
0 | 1 | 3) exit 0 ;;
esac
exit "$status"
EOF2
    # A launcher that is only looked for: what would call it is shown, not started.
    command -v srun >/dev/null || printf '#!/bin/sh\nexit 1\n' >"$1/srun"
    chmod +x "$1"/*
}

# run_page read|measured PAGE: run each block of a page in a folder of its own, and say which failed.
run_page() {
    local block bad=0 folder
    export XB_DOCS=$1 XB_MPIRUN
    XB_MPIRUN=$(command -v "$MPIRUN") # its name is that of the wrapper
    rm -rf "$BATS_TEST_TMPDIR/blocks"
    docs commands "$2" "$BATS_TEST_TMPDIR/blocks"
    folder=$BATS_TEST_TMPDIR/page-${2//\//-}
    cp -R "$BATS_FILE_TMPDIR/sandbox" "$folder"
    cp -R "$BATS_FILE_TMPDIR/ab" "$folder/ab"
    for block in "$BATS_TEST_TMPDIR"/blocks/*.sh; do
        [[ -e $block ]] || continue
        if grep -q '^jq ' "$block" && ! command -v jq >/dev/null; then
            echo "# not run: $2, line $(basename "$block" .sh): jq is missing" >&3
            continue
        fi
        if ! (cd "$folder" && PATH=$BATS_FILE_TMPDIR/bin:$PATH timeout -k 5 $((3 * PATIENCE)) \
            bash -e -o pipefail "$block" </dev/null >"$folder/log" 2>&1); then
            echo "$2, the block of line $(basename "$block" .sh):"
            cat "$block"
            echo "--- said"
            tail -n 20 "$folder/log"
            bad=1
        fi
    done
    return $bad
}

# run_docs read|measured: each page of docs/.
run_docs() {
    local page bad=0
    for page in "$XB_SRCDIR"/docs/*.md; do
        run_page "$1" "docs/$(basename "$page")" || bad=1
    done
    return $bad
}

@test "every fenced block of README and docs says what it holds" {
    run -0 docs languages
}

# A block that cannot be run where tests run has the reason in a comment above it. A new one belongs
# into this list.
@test "no more blocks of README and docs are left out than these" {
    run -0 docs left-out
    printf '# not run: %s\n' "${lines[@]}" >&3
    diff - <(printf '%s\n' "$output") <<'EOF'
README.md: needs a checkout: CI runs these two (1)
docs/adding.md: needs the format of the example (1)
docs/charts.md: needs an environment of its own for packages (1)
docs/environment.md: needs UCX with CUDA (1)
docs/install.md: needs Apptainer (1)
docs/install.md: needs ReFrame: site.bats runs it (1)
docs/install.md: needs Spack (1)
docs/install.md: needs a checkout: CI builds (1)
docs/install.md: needs an environment with modules (1)
docs/running.md: needs a run that was killed (1)
docs/slurm.md: needs Slurm (3)
docs/slurm.md: needs root and Slurm (1)
EOF
}

@test "the commands of the README run" {
    run -0 run_page measured README.md
}

@test "the commands of the docs are right" {
    run_docs read
}

# bats test_tags=long
@test "the commands of the docs run" {
    run_docs measured
}

@test "outputs that the pages show are what the program prints" {
    local command name bad=0
    docs shown "$PWD/shown"
    cp -R "$BATS_FILE_TMPDIR/sandbox" sandbox
    rm sandbox/xferbench
    ln -s "$XFERBENCH" sandbox/xferbench
    for command in shown/*.sh; do
        name=${command%.sh}
        (cd sandbox && PATH=$PWD:$PATH COLUMNS=100 bash "../$command") >"$name.printed" 2>&1 || true
        python3 "$XB_SRCDIR/tests/cli/docs.py" agrees "$name.expected" "$name.printed" || {
            bad=1
            cat "$command"
            diff "$name.expected" "$name.printed" | head -n 40
        }
    done
    [[ $name == *-* && $bad == 0 ]]
}

@test "files that README and docs show are valid" {
    run -0 docs files files
    run -0 xb validate files/*.json
}

@test "links of README and docs lead to files and headings that are there" {
    run -0 docs links
}

@test "options that README and docs name are those of a command" {
    local command
    for command in run plan tune campaign compare check report info list validate; do
        run -0 xb help "$command"
        printf '%s\n' "$output" >>help
    done
    run -0 docs options help
}

@test "every option of a command stands on its page" {
    local command bad=0
    for command in run plan tune campaign compare check report info list validate; do
        run -0 xb help "$command"
        printf '%s\n' "$output" >"$command"
        docs described "$command" || bad=1
    done
    [[ $bad == 0 ]]
}

@test "every option of configure stands on the page about building" {
    local option bad=0
    [[ -x $XB_SRCDIR/configure ]] || skip "no configure"
    for option in $("$XB_SRCDIR/configure" --help | grep -oE '^  (--with(out)?-[a-z]+|MPICC|NVCC(FLAGS)?|CUDA_ARCHS|JSONSCHEMA_PYTHON)\b'); do
        [[ $option == --*-PACKAGE ]] || grep -qE -- "\`.*$option\b" "$XB_SRCDIR/docs/install.md" || { echo "nothing of $option"; bad=1; }
    done
    [[ -n $option && $bad == 0 ]]
}

@test "every field of a report stands on the page of fields" {
    run -0 docs fields
}

@test "variables that are read, and those that a report keeps, are named" {
    run -0 docs variables
}

@test "the docs describe what list has, with all options and their values" {
    run -0 xb list
    printf '%s\n' "$output" >listed
    run -2 xb report --format x "$BATS_FILE_TMPDIR/sandbox/quick.json"
    [[ $output =~ expected\ (.*)\ or\ ([a-z]+) ]]
    run -0 docs names listed "${BASH_REMATCH[1]//,/} ${BASH_REMATCH[2]}"
}
