#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# The command line: help, wrong usage, list, validate, plan.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() { common_setup; }

@test "--help names every command" {
    run -0 --separate-stderr xb --help
    assert_has "$output" "Usage:" run plan report info list validate help --version
    [[ -z $stderr ]]
    run -0 xb -h
}

@test "every command has its help" {
    local command
    for command in run plan campaign report info list validate; do
        run -0 --separate-stderr xb "$command" --help
        assert_has "$output" "Usage: xferbench $command"
        [[ -z $stderr ]]
    done
}

@test "help is --help" {
    local command
    run -0 --separate-stderr xb help
    [[ $output == "$(xb --help)" && -z $stderr ]]
    for command in run tune plan campaign report info list validate; do
        run -0 --separate-stderr xb help "$command"
        [[ $output == "$(xb "$command" --help)" && -z $stderr ]]
    done
    run -2 --separate-stderr xb help fly
    assert_has "$stderr" "no command or concept 'fly'" "Usage:"
    [[ -z $output ]]
}

@test "--version says what the program was built with and what is loaded, one a line" {
    local name
    run -0 --separate-stderr xb --version
    [[ ${lines[0]} =~ ^xferbench\ [0-9]+\.[0-9]+ && -z $stderr ]]
    for name in git compiler MPI CUDA NCCL hwloc cJSON; do
        [[ $(grep -cE "^$name +[^ ]" <<<"$output") == 1 ]] || { echo "not there: $name"; return 1; }
    done
    [[ ${#lines[@]} == 8 ]]
    grep -qE '^MPI +(Open MPI|MPI) [0-9.]+; here: .*[0-9]+\.[0-9]+' <<<"$output"
    grep -qE '^hwloc +[0-9.]+; here: interface 2\.[0-9]+' <<<"$output"
    grep -qE '^cJSON +1\.[0-9.]+; here: 1\.[0-9.]+' <<<"$output"
    if [[ -n ${XB_HAVE_CUDA-} && $XB_HAVE_CUDA != no* ]]; then
        grep -qE '^CUDA +[0-9.]+; here: (no driver|[0-9.]+ of the driver)' <<<"$output"
    fi
}

@test "no command and an unknown command are wrong usage" {
    run -2 --separate-stderr xb
    assert_has "$stderr" "Usage:"
    run -2 --separate-stderr xb fly
    assert_has "$stderr" "no command 'fly'" "Usage:"
    [[ -z $output ]]
}

@test "who mistypes a word is told the one that is near" {
    local row given
    # what is given | what is said
    while IFS='|' read -r given row; do
        # shellcheck disable=SC2086 # several words
        run -2 --separate-stderr xb $given
        assert_has "$stderr" "$row"
    done <<'EOF'
rnu quick|no command 'rnu' (did you mean run?)
help tnue|no command or concept 'tnue' (did you mean tune?)
run --sede 3|unknown option --sede (did you mean --seed?)
run --case_timeout=3|unknown option --case_timeout=3 (did you mean --case-timeout?)
plan --hlep|unknown option --hlep (did you mean --help?)
run --mpi-device-buffers atuo|got 'atuo' (did you mean auto?), expected auto, yes or no
run quik|no scenario 'quik' (did you mean quick?): looked for quik.json in
validate statik|no scenario, policy or expectations 'statik' (did you mean static?)
plan quick --set devise=cpu|--set devise: devise: unknown key "devise" (did you mean device?)
plan quick --set samplng.passes=3|--set samplng.passes: samplng: unknown key "samplng" (did you mean sampling?)
plan quick --set device=cdua|found the string "cdua" (did you mean cuda?), expected the device
plan quick --set cases[0].methods=["p2p","dircet"]|found the string "dircet" (did you mean direct?)
EOF
    # nothing is near
    run -2 --separate-stderr xb run --bogus
    [[ $stderr != *"did you mean"* ]]
    run -2 --separate-stderr xb plan fly
    [[ $stderr != *"did you mean"* ]]
    run -2 --separate-stderr xb run -z
    [[ $stderr != *"did you mean"* ]]
}

@test "--set makes the objects that a key needs" {
    printf '{"name": "t", "cases": [{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]}\n' >bare.json
    run -0 xb plan bare.json
    [[ ${lines[-1]} == "1 case, 6 passes" ]]
    run -0 --separate-stderr xb plan bare.json --set sampling.passes=3 --set sampling.max_time=2s
    [[ ${lines[-1]} == "1 case, 3 passes" && -z $stderr ]]
    run -2 --separate-stderr xb plan bare.json --set 'samples.max=3'
    assert_has "$stderr" '--set samples.max: samples: unknown key "samples", expected name'
}

@test "what is no JSON is named, with its line and column" {
    printf '{\n  "name": "t", // mine\n  "cases": []\n}\n' >comment.json
    printf '{\n  "name": "t",\n  "cases": [],\n}\n' >comma.json
    printf "{\n  'name': 't'\n}\n" >quotes.json
    run -2 --separate-stderr xb validate comment.json comma.json quotes.json
    assert_has "$stderr" "comment.json:2:16: not valid JSON: // begins a comment, expected none" \
        "comma.json:3:14: not valid JSON: found a comma before the closing }, expected none" \
        "quotes.json:2:3: not valid JSON: found a single quote, expected texts in double quotes"
}

@test "an unknown option is wrong usage" {
    local command
    for command in plan info list; do
        run -2 --separate-stderr xb "$command" --bogus
        assert_has "$stderr" "xferbench $command"
        [[ -z $output ]]
    done
    run -2 --separate-stderr xb run --bogus
    assert_has "$stderr" "unknown option --bogus" "'xferbench run --help' says more"
    assert_only_files
}

@test "an unknown short option is named, alone and among others" {
    run -2 --separate-stderr xb run -z
    assert_has "$stderr" "unknown option -z"
    run -2 --separate-stderr xb run -zq
    assert_has "$stderr" "unknown option -z"
}

@test "an option without its value is wrong usage" {
    run -2 --separate-stderr xb run --seed
    assert_has "$stderr" "--seed needs a value, expected N behind it"
    run -2 --separate-stderr xb run -o
    assert_has "$stderr" "-o needs a value, expected FILE behind it"
}

@test "values of options are checked" {
    local row option value
    for row in --case-timeout=0 --case-timeout=-1 --case-timeout=x --seed=-1 \
        --seed=9007199254740992 --mpi-device-buffers=maybe; do
        option=${row%%=*} value=${row#*=}
        run -2 --separate-stderr xb run "$option" "$value"
        assert_has "$stderr" "xferbench run: $option: " "$value" expected
        [[ -z $output ]]
    done
    assert_only_files
}

@test "one scenario at a time" {
    run -2 --separate-stderr xb run quick full
    assert_has "$stderr" "one scenario at a time" full
    run -2 --separate-stderr xb plan quick full
    assert_has "$stderr" "one scenario at a time"
}

@test "wrong usage is said once by two ranks" {
    run -2 --separate-stderr xrun 2 run --bogus
    assert_has "$stderr" "unknown option --bogus"
    [[ $(grep -c bogus <<<"$output$stderr") == 1 ]]
}

@test "wrong usage of info is said once by two ranks" {
    run -2 --separate-stderr xrun 2 info --bogus
    [[ $(grep -c bogus <<<"$output$stderr") == 1 ]]
}

@test "wrong usage is said before MPI is started, which would fail here" {
    local command
    export OMPI_MCA_btl=nosuch OMPI_MCA_pml=nosuch
    for command in run tune info; do
        run -2 --separate-stderr xb "$command" --bogus
        assert_has "$stderr" "xferbench $command: unknown option --bogus"
        [[ ${#stderr_lines[@]} == 2 ]]
        run -0 xb "$command" --help
    done
    run -2 --separate-stderr xb tune -o same.json --report same.json
    assert_has "$stderr" "--output and --report: found same.json for both, expected two files"
    [[ ${#stderr_lines[@]} == 2 ]]
}

@test "help and command line know the same options" {
    local command option takes
    for command in run tune plan campaign report info list validate; do
        run -0 xb "$command" --help
        while read -r option takes; do
            if [[ -n $takes ]]; then
                run -2 --separate-stderr xb "$command" "$option"
                assert_has "$stderr" "$option needs a value"
            else
                run -2 --separate-stderr xb "$command" "$option" --bogus
                assert_has "$stderr" "unknown option --bogus"
            fi
        done < <(sed -nE 's/^  (-.,|   ) (--[a-z-]+)( [A-Za-z|=]+)?(  .*)?$/\2\3/p' <<<"$output" |
            grep -vx -- --help)
    done
}

@test "wrong usage of one rank alone ends all of them" {
    run -2 --separate-stderr timeout -k 5 "$PATIENCE" "$MPIRUN" --oversubscribe \
        -n 1 "$XB_BUILDDIR/xferbench" run --device cpu -o r.json : \
        -n 1 "$XB_BUILDDIR/xferbench" run --device cpu -o r.json --bogus
    assert_has "$stderr" "rank 1" "--bogus"
    assert_only_files
}

@test "list names every method with its options, pattern, experiment and device" {
    local name
    run -0 --separate-stderr xb list
    [[ -z $stderr ]]
    # Every row of the tables: what has a file has a row.
    local names
    names=$(sed -snE '/^(#define XB_.*_SPEC|#define XB_.*_EXPERIMENT|const struct xb_pattern) /,$s/^.*\.name = "([a-z0-9-]+)".*/\1/p' \
        "$XB_SRCDIR"/src/engine/methods/*_spec.h "$XB_SRCDIR"/src/model/plan/patterns/*.c \
        "$XB_SRCDIR"/src/lab/*_spec.h "$XB_SRCDIR"/src/lab/*/*_spec.h)
    (($(wc -w <<<"$names") >= 16))
    for name in $names; do
        grep -qE "^  $name +[a-zA-Z]" <<<"$output" || { echo "not listed: $name"; return 1; }
    done
    assert_has "$output" "memory=pinned|pageable" "side=push|pull" "datatype=uint64|float (enum, default uint64)" \
        "fail=none|probe|open|prepare|post|wait"
    # Type, range and default of an option, and the paths.
    assert_has "$output" "      delay=0s to 60min (duration, default 0s)"$'\n'"          time that" \
        "      corrupt=-1 to 1099511627776 (int, default -1)" \
        "      depth=1 to 64 (int, default 3)" "      chunk=SIZE (size, default 4MiB)" \
        "      paths self: host->host host->gpu host->gpu+K gpu->host gpu->gpu gpu+K->host" \
        "      paths node, remote: host->host gpu->gpu" \
        "      paths self, node, remote: any path"
    grep -qE '^  cpu +[a-z]' <<<"$output"
    run -2 --separate-stderr xb list quick
}

@test "validate takes the shipped scenarios and policies" {
    local file
    for file in "$XB_SRCDIR"/scenarios/*.json; do
        run -0 --separate-stderr xb validate "$file"
        [[ $output =~ ^"$file: ok, "[1-9][0-9]*" cases"$ ]]
    done
    for file in "$XB_SRCDIR"/scenarios/policies/*.json; do
        run -0 --separate-stderr xb validate "$file"
        [[ $output =~ ^"$file: ok, "[1-9][0-9]*" rules"$ ]]
    done
    run -0 xb validate quick
    assert_has "$output" "quick.json: ok"
}

@test "validate takes names of any kind, and all files of a name" {
    run -0 --separate-stderr xb validate static quick
    assert_has "$output" "/policies/static.json: ok, " " rules" "/quick.json: ok, " " cases"
    mkdir -p names/policies
    scenario names/same.json '[{"paths": ["host->gpu"], "sizes": 1, "methods": ["direct"]}]'
    cp "$XB_SRCDIR/scenarios/policies/static.json" names/policies/same.json
    XFERBENCH_SCENARIOS=names run -0 xb validate same
    assert_has "$output" "names/same.json: ok, 1 case" "names/policies/same.json: ok, "
    echo '{}' >names/policies/same.json
    XFERBENCH_SCENARIOS=names run -2 --separate-stderr xb validate same
    assert_has "$output" "names/same.json: ok, 1 case"
    assert_has "$stderr" "names/policies/same.json:1: "
}

@test "list shows scenarios, policies and expectations with what they say of themselves" {
    run -0 --separate-stderr xb list
    assert_has "$output" $'\nscenarios:\n' $'\npolicies:\n' "  quick          $XFERBENCH_SCENARIOS/quick.json" \
        "      Every method once at a small, a middle and a large size" \
        "  static         $XFERBENCH_SCENARIOS/policies/static.json" \
        "      The well-known rules of thumb for choosing a transfer method."
    # What stands beside the program too is listed once, where it is found first.
    mkdir -p beside/scenarios
    cp "$XFERBENCH" beside/xferbench
    cp "$XFERBENCH_SCENARIOS/quick.json" beside/scenarios/
    cp "$XFERBENCH_SCENARIOS/quick.json" beside/scenarios/mine.json
    run -0 beside/xferbench list
    [[ $(grep -c '^  quick ' <<<"$output") == 1 ]]
    assert_has "$output" "  quick          $XFERBENCH_SCENARIOS/quick.json" "  mine           $PWD/beside/scenarios/mine.json"
    mkdir -p names/expectations
    echo '{"description": "of our nodes"}' >names/expectations/ours.json
    echo '{' >names/broken.json
    XFERBENCH_SCENARIOS=names run -0 --separate-stderr xb list
    assert_has "$output" $'\nexpectations:\n  ours           names/expectations/ours.json\n      of our nodes' \
        "  broken         names/broken.json"
    [[ -z $stderr ]]
}

@test "validate says what is wrong, and goes on to the next file" {
    scenario good.json '[{"paths": ["host->gpu"], "sizes": 1, "methods": ["direct"]}]'
    scenario bad.json '[{"paths": ["host->moon"], "sizes": 1, "methods": ["direct"]}]'
    run -2 --separate-stderr xb validate bad.json good.json
    assert_has "$stderr" "bad.json:5: cases[0].paths[0]: " moon "expected host, gpu, gpu+K"
    assert_has "$output" "good.json: ok, 1 case"
    run -2 --separate-stderr xb validate missing.json
    assert_has "$stderr" "missing.json"
    run -2 --separate-stderr xb validate nosuchscenario
    assert_has "$stderr" "no scenario, policy or expectations 'nosuchscenario'" "$XFERBENCH_SCENARIOS"
    run -2 xb validate
}

@test "plan prints the id of every case and their number" {
    run -0 --separate-stderr xb plan quick
    [[ ${lines[0]} == "stream/direct[memory=pinned]/host->gpu@self/4KiB" ]]
    [[ ${lines[-1]} =~ ^([0-9]+)\ cases,\ 6\ passes$ ]]
    [[ ${BASH_REMATCH[1]} == $((${#lines[@]} - 1)) ]]
    [[ -z $(printf '%s\n' "${lines[@]}" | sort | uniq -d) ]]
    [[ -z $stderr ]]
    assert_only_files
}

@test "plan takes overrides and counts what is named twice" {
    scenario two.json '[{"paths": ["host->gpu"], "sizes": [1, 2, 1], "methods": ["direct"]}]'
    run -0 xb plan ./two.json
    [[ ${lines[-1]} == "2 cases (1 named more than once)" ]]
    run -0 xb plan ./two.json --set 'cases[*].sizes=["1MiB"]'
    [[ ${lines[0]} == "stream/direct[memory=pinned]/host->gpu@self/1MiB" ]]
    [[ ${lines[-1]} == "1 case" ]]
}
