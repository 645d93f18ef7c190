#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What a run writes: its report and what stands in it, table, matrix, progress and trace.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() {
    common_setup
    need_python
}

@test "samples stand in a report only where they are asked for" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    run -0 xb run s.json -o with.json --samples
    run -0 xb run s.json -o without.json
    check_report with.json
    validate_report without.json
    assert_report with.json 'all(c["samples_us"] and c["op_samples_us"] for c in cases)'
    assert_report without.json 'all(c["samples_us"] is c["op_samples_us"] is None for c in cases)'
}

@test "samples of lanes: those of the median lane are the case's" {
    scenario s.json '[{"pairs": "rounds", "paths": ["gpu->gpu@node"], "sizes": "4KiB", "methods": ["p2p"]},
        {"pairs": "each", "paths": ["gpu->gpu@node"], "sizes": "4KiB", "methods": ["p2p"]},
        {"pairs": "together", "paths": ["gpu->gpu"], "sizes": "4KiB", "methods": ["direct"]}]'
    run -0 --separate-stderr xrun 3 run s.json -o r.json --samples
    check_report r.json
    assert_report r.json 'len(ok) == 3' 'all(len(c["samples_us"]) == c["timing"]["n"] for c in ok)' \
        'all(0 < len(l["samples_us"]) <= 12 and l["transfers"] % len(l["samples_us"]) == 0 for c in ok[:2] for l in lanes(c))' \
        'all(any(l["samples_us"] == c["samples_us"] for l in lanes(c)) for c in ok[:2])' \
        'all(min(c["samples_us"]) <= c["time_us"]["median"] * 1.001 for c in ok)' \
        'all(c["time_us"]["median"] <= max(c["samples_us"]) * 1.001 for c in ok)' \
        'all(min(l["samples_us"]) == l["time_us"]["min"] for c in ok[:2] for l in lanes(c))'
    run -0 --separate-stderr xrun 3 run s.json -o without.json
    assert_report without.json 'all(l["samples_us"] is None for c in ok for l in lanes(c))' \
        'all(c["samples_us"] is None for c in ok)'
}

@test "a form that programs read stands alone on stdout" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    run -0 --separate-stderr xb run s.json -o r.json --set show=json
    assert_has "$stderr" "report: r.json"
    diff <("$PYTHON" -m json.tool <<<"$output") <("$PYTHON" -m json.tool r.json)
    run -0 --separate-stderr xb run s.json -o t.json --set show=table
    assert_has "$output" "report: t.json"
}

@test "a matrix has a row for each source, where it is asked for" {
    scenario s.json '[{"pattern": "pairs", "paths": ["host->host@node"], "sizes": "4KiB", "methods": ["mpi"]},
        {"paths": ["host->host"], "sizes": "4KiB", "methods": ["direct"]}]'
    run -0 --separate-stderr xrun 4 run s.json -o a.json
    assert_has "$output" $'\nstream together, host->host@node\n' $'\nstream, host->host@self\n' $'\n4KiB  mpi ' $'\n4KiB  direct '
    [[ $output != *"from"* ]] # two lanes are no matrix
    run -0 --separate-stderr xrun 4 run s.json -o b.json --matrix
    # a column is as wide as its rates, of which slow ones have more digits
    assert_has "$(tr -s ' ' <<<"$output")" $'\nfrom \\ to 1 host 3 host\n' $'\n0 host' $'\n2 host' $'\nmin ' "stream direct"
    run -0 --separate-stderr xrun 4 run s.json -o c.json --set show=matrix
    assert_has "$(tr -s ' ' <<<"$output")" $'\nfrom \\ to 1 host 3 host\n'
    run -2 --separate-stderr xb run s.json -o d.json --set show=picture
    assert_has "$stderr" "show" "picture" "matrix, setup, table or trace"
}

@test "a pipelined case tells its stages, the model's time and the bottleneck" {
    scenario s.json '[{"paths": ["gpu->gpu@node", "host->host@node", "gpu->gpu"], "sizes": "4MiB", "methods": [{"name": "host-staged", "chunk": ["256KiB", "size"], "depth": [1, 3]}]},
        {"paths": ["host->gpu"], "sizes": "4MiB", "methods": [{"name": "zero-copy", "chunk": "1MiB"}]},
        {"paths": ["host->gpu"], "sizes": 8, "methods": ["direct"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'ok == cases' 'cases[-1]["pipeline"] is None' \
        'all([s["name"] for s in c["pipeline"]["stages"]] == ["copy-in", "copy-out"] for c in cases if c["key"]["method"] == "host-staged")' \
        'all(c["pipeline"]["stages"][-1]["rank"] == (1 if c["key"]["locality"] == "node" else 0) for c in cases if c["key"]["method"] == "host-staged")' \
        'all(c["pipeline"]["chunks"] == c["key"]["bytes"] // c["key"]["chunk_bytes"] for c in cases[:-1])' \
        'all(s["us"] > 0 and s["first_us"] > 0 for c in cases[:-1] for s in c["pipeline"]["stages"])' \
        'all((c["pipeline"]["there_us"] is not None) == (c["pipeline"]["back_us"] is not None) == (c["key"]["locality"] == "node") for c in cases[:-1])' \
        'all(c["pipeline"]["measured_over_model"] > 0 for c in cases[:-1])'
}

@test "a trace has a bar for each chunk in each stage, and arrows from stage to stage" {
    scenario s.json '[{"paths": ["gpu->gpu@node", "gpu->gpu"], "sizes": "1MiB", "methods": [{"name": "host-staged", "chunk": "256KiB", "depth": 3}, "p2p"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json --trace t.json
    need_python
    "$PYTHON" - t.json <<'EOF'
import json, sys
events = json.load(open(sys.argv[1]))["traceEvents"]
for process, ranks in ((0, "01"), (2, "00")):
    mine = [e for e in events if e["pid"] == process]
    bars = [e for e in mine if e["ph"] == "X"]
    names = {e["tid"]: e["args"]["name"] for e in mine if e["name"] == "thread_name"}
    assert sorted(names.values()) == ["rank %s copy-in" % ranks[0], "rank %s copy-out" % ranks[1]], names
    assert sorted((names[b["tid"]].split()[-1], b["name"]) for b in bars) == sorted(
        (s, "chunk %d" % k) for s in ("copy-in", "copy-out") for k in range(4))
    assert all(b["ts"] >= 0 and b["dur"] >= 0 for b in bars)
    starts = {e["id"]: e for e in mine if e["ph"] == "s"}
    ends = {e["id"]: e for e in mine if e["ph"] == "f"}
    assert len(starts) == 4 and starts.keys() == ends.keys()
    assert all(starts[i]["ts"] <= ends[i]["ts"] and starts[i]["tid"] < ends[i]["tid"] for i in starts)
    bound = lambda e: [b["name"] for b in bars if b["tid"] == e["tid"] and b["ts"] < e["ts"] < b["ts"] + b["dur"]]
    pairs = [(bound(starts[i]), bound(ends[i])) for i in starts]
    assert sorted(pairs) == [(["chunk %d" % k],) * 2 for k in range(4)], pairs
assert {e["pid"] for e in events} == {0, 2}
EOF
}

@test "the report says how it was made: arguments, seed, scenario, variables" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    unset NCCL_NVLS_ENABLE
    export SECRET_TOKEN=hunter2 UCX_TLS=self,sm XFERBENCH_SECRET=hunter2 UCX_PASSWORD=hunter2
    export UCX_NET_DEVICES=https://me:hunter2@host NCCL_DEBUG_FILE=/tmp/password=hunter2
    run -0 --separate-stderr xrun 1 run s.json --seed 9007199254740991 -o r.json
    check_report r.json
    assert_report r.json 'r["run"]["seed"] == 2**53 - 1' \
        'r["run"]["argv"][-6:] == ["run", "s.json", "--seed", "9007199254740991", "-o", "r.json"]' \
        'r["run"]["scenario"] == json.load(open("s.json"))' \
        'r["environment"]["variables"]["UCX_TLS"] == "self,sm"' \
        'r["environment"]["variables"]["UCX_PASSWORD"] == "(not kept: no name that is known)"' \
        'all(r["environment"]["variables"][v] == "(not kept: may be a secret)" for v in ("UCX_NET_DEVICES", "NCCL_DEBUG_FILE"))' \
        'r["environment"]["set_by_xferbench"] == {"NCCL_NVLS_ENABLE": "0"} and "NCCL_NVLS_ENABLE" not in r["environment"]["variables"]' \
        'r["run"]["slurm"] is None' 'r["run"]["start_utc"] <= r["run"]["end_utc"]'
    run -1 grep -E 'SECRET|hunter2|me:' r.json
    NCCL_NVLS_ENABLE=1 run -0 xb run s.json -o nvls.json
    assert_report nvls.json 'r["environment"]["variables"]["NCCL_NVLS_ENABLE"] == "1"' \
        'not r["environment"]["set_by_xferbench"]'
    local names='CUDA_.*|NCCL_.*|UCX_.*|UCC_.*|OMPI_MCA_(accelerator|btl|coll|mtl|opal|osc|pml|smsc|threads|mpi_yield).*|FI_PROVIDER'
    run ask r.json '"\n".join(r["environment"]["variables"])'
    [[ -z $(grep -vxE "$names" <<<"$output" || true) ]]
}

@test "the report says what each node is" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'len(r["environment"]["nodes"]) == len(r["topology"]["nodes"]) == 1' \
        'r["environment"]["nodes"][0]["host"] == r["topology"]["nodes"][0]["host"] == open("/proc/sys/kernel/hostname").read().strip()' \
        'r["environment"]["nodes"][0]["kernel"] == "Linux " + open("/proc/sys/kernel/osrelease").read().strip()' \
        'r["environment"]["nodes"][0]["memory_bytes"] == 1024 * int(open("/proc/meminfo").readline().split()[1])' \
        '0 < r["environment"]["nodes"][0]["available_bytes"] <= r["environment"]["nodes"][0]["memory_bytes"]' \
        'r["environment"]["nodes"][0]["processors"] > 0 and r["environment"]["nodes"][0]["load"] >= 0'
}

@test "a Slurm job is named" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    SLURM_JOB_ID=77 SLURM_JOB_PARTITION=gpu SLURM_ARRAY_JOB_ID=76 SLURM_ARRAY_TASK_ID=3 SLURM_STEP_ID=0 \
        SLURM_JOB_NODELIST='n[1-2]' SLURM_STEP_GPUS=0,1 run -0 --separate-stderr xrun 1 run s.json -o r.json
    check_report r.json
    assert_report r.json '{k: v for k, v in r["run"]["slurm"].items() if v is not None} == {"job_id": 77,
        "array_job_id": 76, "array_task_id": 3, "step_id": 0, "partition": "gpu", "node_list": "n[1-2]",
        "step_gpus": "0,1"}'
}

@test "the seed changes the bytes, not the cases" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    run -0 xb run s.json -o a.json --seed 1
    run -0 xb run s.json -o b.json --seed 2
    [[ $(ask a.json 'r["run"]["plan_hash"]') == $(ask b.json 'r["run"]["plan_hash"]') ]]
    assert_report b.json 'r["run"]["seed"] == 2' 'len(ok) == 1'
}

@test "without -o the report is named for scenario, time, host and process" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    run -0 --separate-stderr xb run s.json
    local report
    report=$(echo xferbench-t-*.json)
    local host
    host=$(uname -n)
    [[ $report =~ ^xferbench-t-[0-9]{8}T[0-9]{6}Z-"${host%%.*}"-[0-9]+\.json$ ]]
    assert_has "$output" "report: $report"
    check_report "$report"
    rm "$report"
    # what may not stand in a name, or needs quotes, does not
    SLURM_JOB_ID=77 run -0 xb run s.json --set 'name="a/b c"'
    [[ $(echo *) =~ ^s\.json\ xferbench-a_b_c-[0-9TZ]+-77-[^\ ]+\.json$ ]]
    rm xferbench-*
    SLURM_JOB_ID=78 SLURM_ARRAY_JOB_ID=77 SLURM_ARRAY_TASK_ID=3 run -0 xb run s.json
    [[ $(echo xferbench-*) =~ Z-77-3-[^\ ]+\.json$ ]]
}

@test "progress goes to stderr, the table to stdout, -q is quiet" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    run -0 --separate-stderr xb run s.json -o r.json
    assert_has "$stderr" "device cpu: no GPU is used" "[1/1] stream/direct[memory=pinned]/host->host@self/8B: ok"
    assert_has "$output" "stream, host->host@self" "direct[memory=pinned]" $'\n  8B  direct '
    [[ $output != *"[1/1]"* ]]
    run -0 --separate-stderr xb run s.json -o quiet.json -q
    [[ $stderr == "device cpu: no GPU is used; these are figures of host memory" ]]
    assert_has "$output" "report: quiet.json"
    # warnings stay
    run -0 --separate-stderr xb run s.json -o warned.json -q --policy static
    assert_has "$stderr" "xferbench: warning: no case has the method auto"
}

@test "a report replaces the older one where that is asked for, and a pipe is written to" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    echo old >r.json
    run -0 xb run s.json -o r.json --force
    assert_report r.json 'len(ok) == 1'
    run -0 xb run s.json -o >(cat >piped.json)
    wait_for 100 validate_report piped.json
}

# reference_reports COMMAND ARGUMENT...: the command for each of them, its name put in first.
reference_reports() {
    local command=$1 file
    shift
    for file in "$XB_SRCDIR"/results/*/*.json; do
        if [[ $file == */schema/* ]]; then continue; fi
        "$command" "$file" "$@" || return
    done
}

@test "the reference reports were made on GPUs, and ended well" {
    reference_reports assert_report 'r["run"]["device"] == "cuda"' 'r["status"] == "ok"'
}

# bats test_tags=long
@test "the reference reports are as their schema says" {
    reference_reports validate_report
}
