#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Input from outside: texts that would speak to the terminal, pipes, numbers that are not exact, and
# output that nobody takes.

load common

setup() { common_setup; }

@test "no text from outside makes a line of its own or speaks to the terminal" {
    local key=$'a\nxferbench: error: forged\e[31m'
    printf '{"a\\nxferbench: error: forged\\u001b[31m": 1}' >keys.json
    run -2 --separate-stderr xb validate keys.json
    assert_has "$stderr" 'a\nxferbench: error: forged\x1b[31m'
    [[ $(wc -l <<<"$stderr") == 1 && $stderr != *$'\e'* ]]
    local words
    for words in "validate ./KEY" "validate KEY" KEY "plan KEY" "run --KEY" "report KEY.json" "compare KEY" "check KEY" \
        "campaign --config KEY" "help KEY"; do
        read -ra words <<<"$words"
        run --separate-stderr xb "${words[@]//KEY/$key}"
        [[ $status == [23] && $stderr != *$'\e'* && $stderr != *$'\nxferbench: error: forged'* ]] || {
            printf '%s: %d: %s\n' "${words[*]}" "$status" "$stderr"
            return 1
        }
    done
}

@test "a long path does not hide what was wrong" {
    local long
    long=$(printf 'folder/%.0s' {1..400})
    run -2 --separate-stderr xb report "${long}r.json"
    assert_has "$stderr" "folder/folder/" " ... " "No such file or directory"
    mkdir -p "${long:0:3500}"
    echo '{"nmae": 1}' >"${long:0:3500}/s.json"
    run -2 --separate-stderr xb validate "${long:0:3500}/s.json"
    assert_has "$stderr" 'unknown key "nmae"' ', expected name'
}

@test "pipes are read as files are, and one without a writer is given up" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    run -0 bash -c '"$0" validate /dev/stdin <s.json' "$XFERBENCH"
    run -0 bash -c 'cat s.json | "$0" validate /dev/stdin' "$XFERBENCH"
    assert_has "$output" "/dev/stdin: ok, 1 case"
    run -0 bash -c '"$0" validate <(cat s.json)' "$XFERBENCH"
    run -0 bash -c '{ sleep 0.3; cat s.json; } | "$0" plan /dev/stdin' "$XFERBENCH"
    mkfifo late never
    { sleep 0.3; cat s.json; } >late &
    run -0 xb validate ./late
    wait
    run -2 --separate-stderr xb validate ./never
    assert_has "$stderr" "./never: is a pipe to which nobody has written for 10 s, expected a file or a pipe with a writer"
    run -2 --separate-stderr xb validate ./
    assert_has "$stderr" "Is a directory"
    run -2 --separate-stderr bash -c ': | "$0" validate /dev/stdin' "$XFERBENCH"
    assert_has "$stderr" "/dev/stdin:1:1: not valid JSON: the text ends too early"
}

@test "a number that a double does not hold is refused, not rounded" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 9007199254740993, "methods": ["direct"]}]'
    run -2 --separate-stderr xb validate s.json
    assert_has "$stderr" "cases[0].sizes" "2^53 - 1"
}

@test "who prints to what takes nothing is told" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    for args in list "plan s.json" help "run --help" info "validate s.json" --version; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr bash -c '"$0" "$@" >/dev/full' "$XFERBENCH" $args
        [[ $status == 2 ]] || { echo "$args: $status"; return 1; }
        assert_has "$stderr" "cannot write to standard output"
    done
    run -0 --separate-stderr bash -c '"$0" list | head -n 1' "$XFERBENCH"
    [[ -z $stderr ]] # who closes a pipe has seen enough
}

@test "where standard streams are closed, no file takes their place" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    run -2 --separate-stderr bash -c '"$0" campaign s.json --config a= --launches 1 -o ab >&-' "$XFERBENCH"
    assert_has "$stderr" "cannot write to standard output: Bad file descriptor"
    [[ -s ab/a-01.json ]]
    run -2 --separate-stderr bash -c '"$0" report ab/a-01.json >&-' "$XFERBENCH"
    assert_has "$stderr" "standard output: cannot write: Bad file descriptor"
    run -2 bash -c '"$0" run s.json -o r.json <&- >&- 2>&-' "$XFERBENCH"
    run -0 xb report r.json
    run -2 bash -c '"$0" report /dev/stdin <&- 2>said' "$XFERBENCH"
    assert_has "$(<said)" "/dev/stdin:1:1: not valid JSON: the text ends too early"
}

@test "a file that may not grow further is an error, and nothing is left of it" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    xrun 1 run s.json -o r.json
    run -2 --separate-stderr bash -c 'ulimit -f 1; "$0" report --format html r.json -o page.html' "$XFERBENCH"
    assert_has "$stderr" "page.html: cannot write: File too large"
    run -2 --separate-stderr bash -c 'ulimit -f 1; "$0" report --anonymize r.json -o other.json' "$XFERBENCH"
    assert_has "$stderr" "other.json: cannot write: File too large"
    local i configs=()
    for i in {1..16}; do configs+=(--config "a$i=env"); done
    run -2 --separate-stderr bash -c 'ulimit -f 1; "$0" campaign s.json -o ab "$@"' "$XFERBENCH" "${configs[@]}"
    assert_has "$stderr" "ab/campaign.json: cannot write: File too large"
    [[ -z $(ls -A ab) ]] # so that it can be tried again
    rmdir ab
    assert_only_files r.json s.json
}

@test "a link that another user has laid where all may write is not followed" {
    ((UID == 0)) || skip "only root makes links of another user"
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    mkdir shared own
    chmod 1777 shared
    echo precious >own/file
    ln -s "$PWD/own/file" shared/laid.json
    ln -s "$PWD/own/file" shared/mine.json
    chown -h 65534 shared/laid.json
    run -2 --separate-stderr xb run s.json -o shared/laid.json --force
    assert_has "$stderr" "shared/laid.json: cannot be the report: it is a link of another user in a folder where all may write"
    [[ $(<own/file) == precious ]]
    run -0 xb run s.json -o shared/mine.json --force
    [[ -L shared/mine.json ]]
    run -0 xb report own/file
}

# refuse_machine CHANGE MESSAGE: good.xml, changed by sed, is refused.
refuse_machine() {
    sed "$1" good.xml >changed.xml
    run ! cmp -s good.xml changed.xml
    run -2 --separate-stderr xb plan quick --topology changed.xml
    assert_has "$stderr" "topology of changed.xml: $2"
}

@test "a saved machine opens no other file and takes no memory for what it only names" {
    cat >good.xml <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE topology SYSTEM "hwloc2.dtd">
<topology version="2.0"><object type="Machine" os_index="0" cpuset="0x1" complete_cpuset="0x1" allowed_cpuset="0x1" nodeset="0x1" complete_nodeset="0x1" allowed_nodeset="0x1"><info name="HostName" value="host"/><object type="NUMANode" os_index="0" cpuset="0x1" complete_cpuset="0x1" nodeset="0x1" complete_nodeset="0x1" local_memory="1"/><object type="PU" os_index="0" cpuset="0x1" complete_cpuset="0x1" nodeset="0x1" complete_nodeset="0x1"/></object></topology>
XML
    run -0 xb plan quick --topology good.xml
    refuse_machine 's/"hwloc2.dtd"/& [<!ENTITY x SYSTEM "good.xml">]/; s/value="host"/value="\&x;"/' "found an XML entity, expected none"
    refuse_machine 's/type="PU" os_index="0"/type="PU" os_index="4294967295"/' "line 3: found os_index 4294967295, expected at most 65535"
    # without an index hwloc takes the largest; its XML library reads numbers in more ways than hwloc writes them
    refuse_machine 's/type="PU" os_index="0"/type="PU"/' "line 3: found a PU or NUMANode without os_index, expected one"
    refuse_machine "s/type=\"PU\" os_index=\"0\"/type=\"PU\" os_index='4294967295'/" 'line 3: found an object whose attributes are not all NAME="VALUE"'
    refuse_machine 's/type="PU" os_index="0"/type="PU" os_index="\&#52;294967295"/' "line 3: found os_index &#52;294967295, expected at most 65535"
    refuse_machine 's/type="PU" os_index="0"/type="\&#80;U"/' "line 3: found a PU or NUMANode without os_index, expected one"
    sed 's/UTF-8/UTF-16/' good.xml | iconv -t UTF-16 >wide.xml
    run -2 --separate-stderr xb plan quick --topology wide.xml
    assert_has "$stderr" "wide.xml: found a byte 0, expected XML in UTF-8, as hwloc writes it"
    # hwloc 2.9 dies of an object without a cpuset; a later one may say why it does not take it, or take it
    sed 's/type="PU" os_index="0" cpuset="0x1" complete_cpuset="0x1"/type="PU" os_index="0"/' good.xml >bare.xml
    run --separate-stderr xb plan quick --topology bare.xml
    [[ $status == [02] ]]
    run -0 bash -c 'cat good.xml | "$0" plan quick --topology /dev/stdin' "$XFERBENCH"
}

@test "what a report says reaches no terminal raw, and is gone through no more often than it has members" {
    local report=$XB_SRCDIR/tests/fuzz/corpus/shown/hostile.json form
    for form in table markdown budget contention interference matrix setup html; do
        run -0 --separate-stderr xb report --format "$form" "$report"
        [[ $output != *$'\e'* && $output != *$'\x7f'* ]] || { echo "$form: $output"; return 1; }
    done
    cp "$report" again.json
    for form in table markdown; do
        run --separate-stderr xb compare --all --format "$form" "$report" -- again.json
        [[ $status != 2 && $output != *$'\e'* && $output != *$'\x7f'* ]] || { echo "$form: $output"; return 1; }
    done
    # a NUMA node of such a number is none
    sed 's/"numa":0/"numa":2000000000/g' "$report" >far.json
    run ! cmp -s "$report" far.json
    run -0 timeout 60 "$XFERBENCH" report --format html -o far.html far.json
    run -0 grep -c "NUMA node unknown" far.html
}
