#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What `run` does with a scenario that is wrong: it says where, once, and writes nothing.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() { common_setup; }

GOOD='[{"paths": ["host->gpu"], "sizes": 4096, "methods": ["direct"]}]'

# refused PART...: the last run was wrong usage, said once with these parts, and nothing was written.
refused() {
    assert_status 2
    assert_one_error "$@"
    [[ -z $(find . -name 'r.json*' -o -name 'xferbench-*') ]]
}

# refuse GROUPS PART...: these groups of cases are refused.
refuse() {
    scenario s.json "$1"
    shift
    run --separate-stderr xb run s.json -o r.json
    refused "$@"
}

@test "two ranks refuse once" {
    scenario s.json '[{"paths": ["host->gpu"], "sizes": -1, "methods": ["direct"]}]'
    run --separate-stderr xrun 2 run s.json -o r.json
    refused "s.json:5: cases[0].sizes: found the number -1, expected a size"
    run --separate-stderr xrun 2 run missing.json -o r.json
    refused missing.json "No such file"
}

@test "an unknown key" {
    refuse '[{"paths": ["host->gpu"], "size": 4096, "methods": ["direct"]}]' \
        "s.json:5: cases[0].size: " 'unknown key "size" (did you mean sizes?), expected' sizes
}

@test "an unknown method, with the list of those known" {
    refuse '[{"paths": ["host->gpu"], "sizes": 4096, "methods": ["teleport"]}]' \
        "s.json:5: cases[0].methods[0]: " '"teleport", expected' direct null
}

@test "a bad unit, and a size of 0" {
    refuse '[{"paths": ["host->gpu"], "sizes": ["1MiB",
             "4KB"], "methods": ["direct"]}]' "s.json:6: cases[0].sizes[1]: " 4KB expected
    refuse '[{"paths": ["host->gpu"], "sizes": 0, "methods": ["direct"]}]' \
        "s.json:5: cases[0].sizes: " "expected at least 1 byte"
}

@test "a wrong type" {
    refuse '[{"paths": "host->gpu", "sizes": 1, "methods": ["direct"]}]' \
        "s.json:5: cases[0].paths: " "expected an array"
}

@test "a chunk above its size" {
    refuse '[{"paths": ["gpu->gpu@node"], "sizes": "4KiB", "methods": [{"name": "host-staged", "chunk": "8KiB"}]}]' \
        "s.json:5: cases[0].methods[0].chunk: " 8KiB "expected at most the size 4KiB"
}

@test "a key that stands twice" {
    refuse '[{"paths": ["host->gpu"], "sizes": 1,
             "methods": ["direct"], "sizes": 2}]' "s.json:6: cases[0].sizes: " "stands twice"
}

@test "no JSON, an empty file, a folder" {
    printf '{\n  "name": "t",,\n}\n' >s.json
    run --separate-stderr xb run s.json -o r.json
    refused "s.json:2"
    : >s.json
    run --separate-stderr xb run s.json -o r.json
    refused s.json
    mkdir folder.json
    run --separate-stderr xb run folder.json -o r.json
    refused folder.json
}

@test "a file over 1 MiB" {
    scenario s.json "$GOOD"
    head -c 1048576 /dev/zero | tr '\0' ' ' >>s.json
    run --separate-stderr xb run s.json -o r.json
    refused s.json "too large"
    # and one just below is not
    scenario s.json "$GOOD"
    truncate -s 1048000 pad
    tr '\0' ' ' <pad >>s.json
    run -0 xb validate s.json
}

@test "nesting of 64 is read and of 65 is not" {
    local open close
    open=$(printf '[%.0s' {1..62}) close=$(printf ']%.0s' {1..62})
    scenario s.json "$open$close" # with the root: 63
    run --separate-stderr xb run s.json -o r.json
    refused "s.json:5: cases[0]: " "expected an object"
    scenario s.json "[$open$close]"
    run --separate-stderr xb run s.json -o r.json
    refused "s.json:5: cases[0]: " "expected an object"
    scenario s.json "[[$open$close]]"
    run --separate-stderr xb run s.json -o r.json
    refused "s.json:5" 64
}

@test "a list of nothing and a plan of nothing" {
    refuse '[]' "s.json:5: cases: " "expected at least 1"
}

@test "--set overrides, for one group and for all" {
    need_python
    scenario s.json '[{"paths": ["host->host"], "sizes": 1, "methods": ["direct"]},
        {"paths": ["gpu->gpu"], "sizes": [2, 3], "methods": ["direct"]}]'
    run -0 xrun 1 run s.json -o r.json --set 'cases[*].sizes=["1KiB"]' --set name=other \
        --set 'cases[1].window=2' --set sampling.min_samples=7 --set sampling.max_samples=7 --set sampling.max_time=20s
    assert_report r.json '[c["key"]["bytes"] for c in cases] == [1024, 1024]' \
        '[c["key"]["window"] for c in cases] == [1, 2]' \
        '[c["timing"]["n"] for c in cases] == [7, 7]' \
        'r["run"]["scenario"]["name"] == "other"' \
        'all(g["sizes"] == ["1KiB"] for g in r["run"]["scenario"]["cases"])'
}

@test "a bad --set" {
    scenario s.json "$GOOD"
    local row
    for row in 'sizes' 'sizes=1' 'cases[7].sizes=1' 'cases[*].sizes=4KB' 'cases.sizes=1' \
        'cases[*]sizes=1' '=1'; do
        run --separate-stderr xb run s.json -o r.json --set "$row"
        if [[ $row == sizes=1 ]]; then refused '"sizes"'; else refused "--set"; fi
    done
}

@test "an unknown device is refused with those known" {
    scenario s.json "$GOOD"
    run --separate-stderr xb run s.json -o r.json --device abacus
    refused abacus "expected the device auto, cuda or cpu"
}

@test "--device cuda without a GPU is refused with the reason" {
    run -0 xb list
    if grep -E '^  cuda ' <<<"$output" | grep -qv 'not usable here'; then
        skip "a GPU is usable here"
    fi
    scenario s.json "$GOOD"
    run --separate-stderr xrun 2 run s.json -o r.json --device cuda
    refused "device cuda: " "rank 0"
    run --separate-stderr xrun 2 info --device cuda
    assert_status 2
    assert_one_error "device cuda: "
}

@test "ranks with other overrides are named" {
    scenario s.json "$GOOD"
    run --separate-stderr timeout -k 5 "$PATIENCE" "$MPIRUN" --oversubscribe \
        -n 1 "$XB_BUILDDIR/xferbench" run s.json -o r.json : \
        -n 1 "$XB_BUILDDIR/xferbench" run s.json -o r.json --set 'cases[*].sizes=8'
    refused "rank 1" "overrides is cases[*].sizes=8, there (none)" "rank 0"
}

@test "a rank whose arguments are wrong is named" {
    scenario s.json "$GOOD"
    run --separate-stderr timeout -k 5 "$PATIENCE" "$MPIRUN" --oversubscribe \
        -n 1 "$XB_BUILDDIR/xferbench" run s.json -o r.json : \
        -n 1 "$XB_BUILDDIR/xferbench" run s.json -o r.json --set 'cases[*].sizes=4KB'
    refused "rank 1" 4KB
}

@test "ranks with other seeds are refused, not called corrupt" {
    scenario s.json '[{"paths": ["host->host@node"], "sizes": 4096, "methods": ["mpi"]}]'
    run --separate-stderr timeout -k 5 "$PATIENCE" "$MPIRUN" --oversubscribe \
        -n 1 "$XB_BUILDDIR/xferbench" run s.json -o r.json : \
        -n 1 "$XB_BUILDDIR/xferbench" run s.json -o r.json --seed 2
    refused "rank 1"
}

@test "only rank 0 reads the file" {
    need_python
    scenario s.json "$GOOD"
    mkdir elsewhere
    run -0 timeout -k 5 "$PATIENCE" "$MPIRUN" --oversubscribe \
        -n 1 "$XB_BUILDDIR/xferbench" run ./s.json -o r.json : \
        -n 1 --wdir "$PWD/elsewhere" "$XB_BUILDDIR/xferbench" run ./s.json -o r.json
    assert_report r.json 'r["status"] == "ok"'
}
