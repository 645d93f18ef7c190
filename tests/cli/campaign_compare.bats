#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Campaigns come to an end: what they look at underway, and what they say at last.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common
load campaign

setup() {
    common_setup
    scenario s.json '[{"paths": ["host->host"], "sizes": "4KiB", "methods": ["null"]}]'
}

@test "--until ends at the first look that decides" {
    canned_launcher
    run -0 --separate-stderr xb campaign -o ab s.json --until 2% --config a='./canned 1 0.01' \
        --config b='./canned 1 0.01'
    has 'len(l) == 12' 'c["until"] == 0.02' 'c["launches_asked"] == 32' \
        'c["looks"] == [{"launches": 6, "level": 0.996591, "decided": True}]'
    assert_has "$stderr" "launch 1 of at most 64: a-01" ", at most about" "decided with 6 launches each"
    assert_has "$output" "3 same" "All intervals hold together with 99.6"
    # Taken up again it has nothing to do, and says the same.
    local first=$output
    run -0 --separate-stderr xb campaign --resume ab
    has 'len(l) == 12' 'len(c["looks"]) == 1'
    [[ $output == "$first" ]]
    run -2 --separate-stderr xb campaign --resume ab --launches 50
    assert_has "$stderr" "goes on until all is decided"
}

@test "--until ends where all is slower, however wide the intervals" {
    canned_launcher
    run -1 --separate-stderr xb campaign -o ab s.json --until 0.1% --max-launches 8 --config a='./canned 1 0.01' \
        --config b='./canned 1.15 0.01'
    has 'len(l) == 12' 'c["looks"][0]["decided"]'
    assert_has "$output" "3 slower"
}

@test "--until goes on while cases are open, up to its limit" {
    canned_launcher
    run -0 --separate-stderr xb campaign -o ab s.json --until 2% --max-launches 10 --config a='./canned 1 0.3' \
        --config b='./canned 1 0.3'
    has 'len(l) == 20' '[x["launches"] for x in c["looks"]] == [6, 10]' \
        'not any(x["decided"] for x in c["looks"])' 'sum(1 - x["level"] for x in c["looks"]) < 0.0500001'
    assert_has "$stderr" "with 6 launches each 3 cases are open" \
        "with 10 launches each 3 cases are open, and the limit is reached"
    assert_has "$output" "3 unclear"
}

@test "--until ends at the first look where no launch of a configuration is done" {
    canned_launcher
    echo 'exit 1' >broken
    run -3 --separate-stderr xb campaign -o ab s.json --until 5% --config a='./canned 1 0.01' --config b='sh broken'
    has 'len(l) == 12' '[x["decided"] for x in c["looks"]] == [False]'
    assert_has "$stderr" "error: b: none of its launches is done"
}

@test "--threshold, --filter and --ignore are the comparison's" {
    canned_launcher
    run -0 --separate-stderr xb campaign -o ab s.json --launches 6 --threshold 30% --filter size=4KiB \
        --config a='./canned 1 0.01' --config b='./canned 1.15 0.01'
    assert_has "$output" "1 same" "of 1." "30 %"
    has 'c["compare"] == {"threshold": 0.3, "ignore": [], "filter": ["size=4KiB"]}'
    run -0 --separate-stderr xb campaign --resume ab --format csv
    [[ $(wc -l <<<"$output") == 3 ]] # titles, and a line for each side
}

@test "configurations that differ in an option are compared where it is ignored" {
    local slow='-- --set "cases[0].methods=[{\"name\": \"null\", \"delay\": \"1ms\"}]"'
    run --separate-stderr xb campaign -o ab s.json --launches 2 --ignore delay --config a= --config b=" $slow"
    assert_has "$output" "0 missing of 1."
    run -3 --separate-stderr xb compare ab
    assert_has "$output" "2 missing of 2."
}

@test "one configuration alone is summed up, and its noise kept" {
    canned_launcher
    run -0 --separate-stderr xb campaign -o ab s.json --until 2% --config a='./canned 1 0.005'
    has 'len(l) == 6' 'c["looks"][0]["decided"]'
    assert_has "$output" "a: 6 launches" "next launch"
    assert_has "$stderr" "$PWD/ab/noise.json"
    [[ -z $XB_PYTHON ]] || "$XB_PYTHON" "$XB_SRCDIR/tests/validate_json.py" \
        "$XB_SRCDIR/results/schema/noise-v1.schema.json" ab/noise.json
    "$PYTHON" - <<'EOF'
import json
n = json.load(open("ab/noise.json"))
assert n["schema"]["name"] == "xferbench-noise", n
assert len(n["cases"]) == 3 and all(c["launches"] == 6 and 0 < c["log_sd"] < 0.005 for c in n["cases"]), n
EOF
    run -0 xb compare ab/a-01.json -- ab/a-02.json
    [[ $output != *"Half-widths"* ]]
    # how much launches differ is known then, but of one launch nothing is found the same
    run -0 xb compare --noise ab/noise.json ab/a-01.json -- ab/a-02.json
    assert_has "$output" "0 slower, 3 unclear" "Half-widths"
    # With it one launch a side tells a difference that launches do not make.
    ./canned 1.15 0.005 -o slow.json
    run -0 xb compare ab/a-01.json -- slow.json
    assert_has "$output" "3 unclear"
    run -1 xb compare --noise ab/noise.json ab/a-01.json -- slow.json
    assert_has "$output" "3 slower"
}
