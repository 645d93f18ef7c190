#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Cases of the method auto: a policy picks what is measured, and the report says what it was.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() {
    common_setup
    need_python
}

# policy FILE RULES: a policy with these rules, a JSON list that begins on line 4.
policy() {
    cat >"$1" <<EOF
{
  "schema": {"name": "xferbench-policy", "version": 1},
  "name": "own",
  "rules": $2
}
EOF
}

AUTO='[{"paths": ["gpu->gpu", "gpu->gpu@node", "host->gpu", "host->host@node", "host->gpu@node"],
        "sizes": ["4KiB", "1MiB", 1048577], "methods": ["auto"]}]'

@test "the shipped policy decides, and chosen says what was measured" {
    scenario s.json "$AUTO"
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    assert_has "$output" "auto: p2p[engine=ce,side=push]" "auto: zero-copy"
    validate_report r.json
    assert_report r.json 'r["run"]["policy"]["name"] == "static"' 'len(cases) == 15' \
        'all(c["key"]["method"] == "auto" and c["key"]["chunk_bytes"] is None for c in cases)' \
        'by["stream/auto/gpu->gpu@self/4KiB"]["chosen"]["method"] == "direct"' \
        'by["stream/auto/gpu->gpu@node/4KiB"]["chosen"] == {"method": "p2p", "options": {"engine": "ce", "side": "push"}, "chunk_bytes": None, "depth": None}' \
        'by["stream/auto/host->gpu@self/1MiB"]["chosen"] == {"method": "zero-copy", "options": {}, "chunk_bytes": 1048576, "depth": 1}' \
        'by["stream/auto/host->host@node/1MiB"]["chosen"]["method"] == "mpi"' \
        'by["stream/auto/host->host@node/1048577B"]["chosen"]["method"] == "host-staged"' \
        'by["stream/auto/host->host@node/1048577B"]["chosen"]["chunk_bytes"] == 1048577' \
        'all(by["stream/auto/host->gpu@node/" + s]["chosen"]["method"] == "mpi" for s in ("4KiB", "1MiB"))' \
        'len(ok) == 15 and all(c["verify"]["checked_bytes"] >= c["key"]["bytes"] for c in ok)'
}

@test "a rule may be for what joins the two ends" {
    scenario s.json '[{"paths": ["gpu->gpu@node"], "pairs": "each", "sizes": 4096, "methods": ["auto"]}]'
    policy p.json '[{"link_class": "same-device", "use": {"method": "mpi"}}, {"link_class": "other-node", "use": {"method": "nccl"}}]'
    run --separate-stderr xrun 3 run s.json --policy p.json -o r.json
    # all ranks are on one socket, or the lanes differ and no rule is for them
    assert_report r.json '{l["link_class"] for l in r["schedules"][0]} != {"same-device"} or cases[0]["chosen"]["method"] == "mpi"' \
        'cases[0]["status"] == "ok" or "and lanes that are not joined alike" in cases[0]["reason"] or "and the link class " in cases[0]["reason"]'
    sed -i 's/same-device/nvlink/' p.json
    run -3 --separate-stderr xrun 3 run s.json --policy p.json -o none.json
    assert_report none.json '"has no rule for gpu->gpu@node at 4KiB with unified GPU memory and " in cases[0]["reason"]'
}

@test "an own policy decides, by file" {
    scenario s.json '[{"pattern": ["stream", "pingpong", "bidirectional"], "paths": ["gpu->gpu@node"],
        "sizes": [1000, 100003], "methods": ["auto"], "window": [1, 2]}]'
    policy p.json '[{"to": "64KiB", "use": {"method": "mpi"}},
        {"use": {"method": "host-staged", "chunk": "size/4", "chunk_max": "16KiB", "depth": 2}}]'
    run -0 --separate-stderr xrun 2 run s.json --policy p.json -o r.json
    validate_report r.json
    assert_report r.json 'r["run"]["policy"]["name"] == "own"' 'len(ok) == len(cases) == 12' \
        '{c["chosen"]["method"] for c in ok if c["key"]["bytes"] == 1000} == {"mpi"}' \
        '{(c["chosen"]["method"], c["chosen"]["chunk_bytes"], c["chosen"]["depth"]) for c in ok if c["key"]["bytes"] > 1000} == {("host-staged", 16384, 2)}'
    # the case itself is the same under any policy
    run -0 xrun 2 run s.json -o static.json
    [[ $(ask r.json 'sorted(by)') == "$(ask static.json 'sorted(by)')" ]]
    [[ $(ask r.json 'r["run"]["plan_hash"]') != "$(ask static.json 'r["run"]["plan_hash"]')" ]]
}

@test "a policy says how blocks are submitted, and all of them arrive" {
    scenario s.json '[{"paths": ["host->gpu", "gpu->gpu@node"], "sizes": ["64KiB", "1MiB"],
        "methods": [{"name": "auto", "blocks": [1, 16], "order": "contiguous"},
                    {"name": "auto", "blocks": [16, 64], "order": ["strided", "scattered"]},
                    {"name": "auto", "blocks": 16, "order": "scattered", "blocks_at": "src"}]}]'
    policy p.json '[
        {"locality": "self", "blocks": {}, "order": "strided", "use": {"method": "direct", "submission": "2d"}},
        {"locality": "self", "blocks": {"to": 16}, "block": {"to": "4KiB"}, "use": {"method": "direct", "submission": "kernel"}},
        {"locality": "self", "blocks": {"to": 16}, "use": {"method": "host-staged", "chunk": "100KiB", "submission": "kernel"}},
        {"locality": "node", "blocks": {}, "use": {"method": "p2p", "engine": "sm", "submission": "kernel"}},
        {"use": {"method": "zero-copy"}}, {"locality": "node", "use": {"method": "mpi"}}]'
    run -2 --separate-stderr xrun 2 run s.json --policy p.json -o r.json
    assert_one_error "p.json:" "rules[5]: " "can never match" "rules[4]"
    sed -i 's/{"use": {"method": "zero-copy"}}, //; s/{"locality": "node", "use"/{"use"/; s/"mpi"}}]/"p2p"}}]/' p.json
    run -0 --separate-stderr xrun 2 run s.json --policy p.json -o r.json
    validate_report r.json
    assert_report r.json 'len(cases) == 28' \
        '{c["chosen"]["options"].get("submission", "loop") for c in ok if "blocks=16,order=strided" in c["id"] and "host" in c["id"]} == {"2d"}' \
        'by["stream/auto[blocks=16,order=scattered]/host->gpu@self/64KiB"]["chosen"]["options"] == {"memory": "pinned", "blocks": 16, "order": "scattered", "submission": "kernel"}' \
        'by["stream/auto[blocks=16,order=scattered,blocks_at=src]/host->gpu@self/64KiB"]["chosen"]["options"]["blocks_at"] == "src"' \
        'by["stream/auto[blocks=16,order=scattered]/host->gpu@self/1MiB"]["chosen"]["method"] == "host-staged"' \
        'by["stream/auto[blocks=16,order=scattered]/host->gpu@self/1MiB"]["chosen"]["chunk_bytes"] == 128 << 10' \
        'by["stream/auto/gpu->gpu@node/64KiB"]["chosen"] == {"method": "p2p", "options": {"engine": "ce", "side": "push"}, "chunk_bytes": None, "depth": None}' \
        'all(c["verify"]["checked_bytes"] >= c["key"]["bytes"] for c in ok)'
    # no rule for 64 scattered blocks, nor for one piece within a rank that p2p does
    assert_report r.json \
        'sorted(c["id"] for c in cases if c["status"] == "skipped") == sorted(f"stream/auto{o}/host->gpu@self/{s}" for o in ("", "[blocks=64,order=scattered]") for s in ("64KiB", "1MiB"))' \
        '"has no rule for host->gpu@self at 64KiB in 64 scattered blocks" in by["stream/auto[blocks=64,order=scattered]/host->gpu@self/64KiB"]["reason"]'
}

@test "a method that cannot do what it was chosen for is skipped with the reason" {
    scenario s.json '[{"paths": ["host->gpu"], "sizes": 4096, "methods": ["auto"]}]'
    policy p.json '[{"use": {"method": "mpi"}}]'
    run -3 xrun 1 run s.json --policy ./p.json -o r.json
    validate_report r.json
    assert_report r.json 'cases[0]["status"] == "skipped"' 'cases[0]["chosen"]["method"] == "mpi"' \
        '"method mpi does not do the path host->gpu@self" in cases[0]["reason"]'
}

# bats test_tags=long
@test "what goes wrong with a choice goes wrong under the case's own id" {
    scenario s.json '[{"paths": ["host->host@node"], "sizes": 4096, "methods": ["auto"]}]'
    policy p.json '[{"use": {"method": "null", "corrupt": 7}}]'
    run --separate-stderr xrun 2 run s.json --policy p.json -o r.json
    assert_status 4
    validate_report r.json
    assert_report r.json 'cases[0]["id"] == "stream/auto/host->host@node/4KiB"' \
        'cases[0]["chosen"]["options"]["corrupt"] == 7' 'cases[0]["transfer_bytes"] == 0'
    policy p.json '[{"use": {"method": "null", "hang": "wait"}}]'
    run --separate-stderr xrun 2 run s.json --policy p.json -o hung.json --case-timeout 1s
    assert_status 1
    validate_report hung.json
    assert_report hung.json 'cases[0]["status"] == "timeout"' \
        'cases[0]["chosen"]["options"]["hang"] == "wait"'
}

# bats test_tags=long
@test "a choice whose call never returns is ended by the watchdog, under the case's own id" {
    scenario s.json '[{"paths": ["host->host@node"], "sizes": [8, 4096, 16384], "methods": ["auto"]}]'
    policy p.json '[{"from": 4096, "to": 4096, "use": {"method": "null", "hang": "post"}}, {"use": {"method": "null"}}]'
    run -1 --separate-stderr xrun 2 run s.json --policy p.json -o r.json --case-timeout 1
    validate_report r.json
    assert_report r.json 'r["status"] == "failed"' 'r["run"]["plan_cases"] == 3' \
        '[(c["id"], c["status"]) for c in cases] == [("stream/auto/host->host@node/8B", "ok"), ("stream/auto/host->host@node/4KiB", "timeout")]' \
        '"a rank did not come back within 1 s and 5 s of grace" in cases[1]["reason"]' \
        'cases[1]["chosen"]["method"] == "null" and cases[1]["chosen"]["options"]["hang"] == "post"'
    assert_has "$stderr" "stream/auto/host->host@node/4KiB: a rank did not come back" "go on with --resume"
    assert_no_processes
}

@test "without a case that asks, a policy is checked and decides nothing" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    policy p.json '[{"use": {"method": "mpi"}}]'
    run -0 --separate-stderr xb run s.json --policy p.json -o r.json
    assert_has "$stderr" "p.json decides nothing"
    assert_report r.json 'r["run"]["policy"] is None' 'cases[0]["chosen"] is None'
    # and changes nothing of the plan
    run -0 xb run s.json -o other.json
    [[ $(ask r.json 'r["run"]["plan_hash"]') == "$(ask other.json 'r["run"]["plan_hash"]')" ]]
    policy p.json '[{"use": {"method": "smoke"}}]'
    run --separate-stderr xb run s.json --policy p.json -o r2.json
    assert_status 2
}

@test "a wrong policy is refused once, with its place" {
    scenario s.json "$AUTO"
    policy p.json '[
        {"use": {"method": "teleport"}}]'
    run --separate-stderr xrun 2 run s.json --policy p.json -o r.json
    assert_status 2
    assert_one_error "p.json:5: rules[0].use.method: " '"teleport", expected the method' direct
    run --separate-stderr xb validate p.json
    assert_status 2
    assert_one_error "p.json:5: rules[0].use.method: "
    policy p.json '[{"use": {"method": "p2p"}},
        {"src": "gpu", "use": {"method": "p2p"}}]'
    run --separate-stderr xrun 1 run s.json --policy p.json -o r.json
    assert_status 2
    assert_one_error "p.json:5: rules[1]: " "can never match" "rules[0]"
    run --separate-stderr xrun 2 run s.json --policy nosuchpolicy -o r.json
    assert_status 2
    assert_one_error "no policy 'nosuchpolicy'" "$XFERBENCH_SCENARIOS/policies"
    run --separate-stderr xrun 2 run s.json --policy statik -o r.json
    assert_status 2
    assert_one_error "no policy 'statik' (did you mean static?)"
    run --separate-stderr xrun 1 run s.json --policy s.json -o r.json
    assert_status 2
    assert_one_error "s.json:" '"device"' "expected schema"
    assert_only_files s.json p.json
}

@test "a run goes on only by the same policy" {
    scenario s.json '[{"paths": ["host->host"], "sizes": [8, 16], "methods": ["auto"]}]'
    policy p.json '[{"use": {"method": "direct"}}]'
    run -0 xrun 1 run s.json --policy p.json -o r.json
    run -0 --separate-stderr xrun 1 run s.json --policy p.json --resume r.json -o again.json -v
    [[ $(grep -c 'taken over' <<<"$stderr") == 2 ]]
    validate_report again.json
    assert_report again.json 'ok[0]["chosen"]["method"] == "direct"'
    policy p.json '[{"use": {"method": "direct", "memory": "pageable"}}]'
    run --separate-stderr xrun 1 run s.json --policy p.json --resume r.json -o other.json
    assert_status 2
    assert_one_error "r.json: made from plan"
}

@test "the shipped policies are as their schema says, and the schema sees what is not" {
    if [[ -z $XB_PYTHON ]]; then skip "no python with jsonschema"; fi
    local schema=$XB_SRCDIR/results/schema/policy-v1.schema.json row
    run -0 "$XB_PYTHON" "$XB_SRCDIR/tests/validate_json.py" "$schema" \
        "$XB_SRCDIR"/scenarios/policies/*.json
    for row in '{"use": {}}' '{"src": "nic", "use": {"method": "p2p"}}' \
        '{"use": {"method": "auto"}}' '{"to": "4MB", "use": {"method": "p2p"}}' \
        '{"use": {"method": "host-staged", "chunk": "4KiB", "chunk_min": "1KiB"}}' \
        '{"blocks": 2, "use": {"method": "p2p"}}' '{"blocks": {}, "to": 8, "use": {"method": "p2p"}}' \
        '{"order": "strided", "use": {"method": "p2p"}}' '{"blocks": {"from": 1}, "use": {"method": "p2p"}}' \
        '{"us": {"method": "p2p"}}' '{"device": "cuda", "use": {"method": "p2p"}}'; do
        policy p.json "[$row]"
        run -1 "$XB_PYTHON" "$XB_SRCDIR/tests/validate_json.py" "$schema" p.json
        run -2 xb validate p.json
    done
}
