#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Every line of docs/json.md prints what the page says, and numbers in reports are short.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() { common_setup; }

@test "the lines of docs/json.md print what stands below them" {
    type -P jq >/dev/null || skip "no jq"
    local n starts=$XB_SRCDIR/results/2xh200-nv18-2026-11-22/starts
    cp "$starts/quick-1.json" report.json
    cp "$starts/quick-1.json" base.json
    cp "$starts/quick-2.json" new.json
    cp "$XB_SRCDIR/results/4xh200-nv18-2026-11-22/matrix.json" .
    # blocks of shell, each with the block of its output behind it
    awk '/^```sh$/ { n++; file = n ".sh"; next } /^```$/ && file == "" { file = n ".txt"; next }
         /^```$/ { file = ""; next } file != "" { print > file }' "$XB_SRCDIR/docs/json.md"
    for ((n = 1; ; n++)); do
        [[ -e $n.sh ]] || break
        run -0 --separate-stderr bash "$n.sh"
        [[ -z $stderr && -s $n.txt ]]
        [[ $output == "$(<"$n.txt")" ]] || { printf '%s\n' "$(<"$n.sh")" "prints:" "$output"; return 1; }
    done
    [[ $n == 13 ]] # twelve of them
}

@test "no number in a report or comparison is longer than what it tells" {
    [[ -n $PYTHON ]] || skip "no python3"
    scenario s.json '[{"paths": ["host->gpu", "gpu->gpu@node"], "sizes": ["4KiB", "64KiB"], "methods": ["direct", "host-staged"]}]'
    run -0 xrun 2 run s.json --device cpu --passes 2 --samples -o a.json
    run -0 xrun 2 run s.json --device cpu --passes 2 -o b.json
    run xb compare a.json -- b.json --format json
    printf '%s\n' "$output" >c.json
    assert_short_numbers a.json b.json c.json
}
