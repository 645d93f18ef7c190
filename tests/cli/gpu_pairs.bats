#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What only two GPUs show. Skipped, with the reason, where they are not there.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common
load gpu

@test "interference between two GPUs: within a rank, and between ranks by NCCL too" {
    need_gpus 2
    gpu_scenario s.json '[{"pattern": "interference", "paths": ["gpu->gpu+1", "gpu->gpu@node"], "sizes": "16MiB", "methods": [
            {"name": "company", "engine": ["ce", "sm"], "beside": ["arithmetic", "memory"]}, {"name": "company", "engine": "sm", "sms": 8}]},
        {"pattern": "interference", "paths": ["gpu->gpu+1", "gpu+1->gpu"], "sizes": "16MiB", "methods": [
            {"name": "company", "side": ["push", "pull"], "beside": ["arithmetic", "transfer"]}]},
        {"pattern": "interference", "paths": ["gpu->gpu@node"], "sizes": "16MiB", "methods": [
            {"name": "company", "engine": "nccl", "beside": ["arithmetic", "memory"]}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json --set sampling.min_samples=3 --set sampling.max_samples=3
    validate_report r.json
    assert_report r.json 'all(c["status"] == "ok" or (c["key"]["options"]["engine"] == "nccl" and "NCCL" in c["reason"]) for c in cases if "+1" not in c["id"])' \
        'all(c["status"] in ("ok", "skipped") for c in cases)' \
        'all(c["figures"]["transfer_kept"] > 0 and c["figures"]["work_kept"] > 0 and c["figures"]["together_us"] > 10000 for c in ok)' \
        'all(ranks(c) == [(0, 1)] for c in ok if c["key"]["locality"] == "node")'
}

@test "two ranks on two GPUs: p2p pushes and pulls" {
    need_gpus 2
    gpu_scenario s.json '[
        {"paths": ["gpu->gpu@node"], "sizes": [1, 4099, "16MiB"], "src_offset": [0, 1], "dst_offset": [0, 3],
         "methods": [{"name": "p2p", "side": ["push", "pull"]}]},
        {"pattern": ["pingpong", "bidirectional"], "paths": ["gpu->gpu@node"], "sizes": [8, "1MiB"],
         "methods": [{"name": "p2p", "side": ["push", "pull"]}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_gpu_report r.json
    # Where GPUs cannot map each other that is the reason, for all cases alike.
    assert_report r.json 'ok == cases or (not ok and all(c["reason"] for c in cases))' \
        'len({x["gpu"]["uuid"] for x in r["topology"]["ranks"]}) == 2'
}

@test "CUDA_VISIBLE_DEVICES in another order: two ranks, two GPUs" {
    need_free_choice
    need_gpus 2
    CUDA_VISIBLE_DEVICES=1,0 run -0 xrun 2 info --device cuda
    [[ $(bus_ids | wc -l) == 2 && $(bus_ids | sort -u | wc -l) == 2 ]]
}

@test "each rank sees one GPU of its own: two ranks, two GPUs" {
    need_free_choice
    need_gpus 2
    run -0 timeout -k 5 "$PATIENCE" "$MPIRUN" --oversubscribe \
        -n 1 env CUDA_VISIBLE_DEVICES=0 "$XB_BUILDDIR/xferbench" info --device cuda : \
        -n 1 env CUDA_VISIBLE_DEVICES=1 "$XB_BUILDDIR/xferbench" info --device cuda
    [[ $(bus_ids | wc -l) == 2 && $(bus_ids | sort -u | wc -l) == 2 ]]
    [[ $output != *shared* ]]
}

@test "two GPUs: blocks by p2p, pushed and pulled, also within a rank" {
    need_gpus 2
    gpu_scenario s.json '[{"pattern": ["stream", "bidirectional"], "paths": ["gpu->gpu@node", "gpu->gpu+1"], "sizes": [48000, 3145728], "methods": [
        {"name": "p2p", "side": ["push", "pull"], "blocks": 48, "order": ["strided", "scattered"], "submission": ["loop", "batch", "2d", "graph"]},
        {"name": "p2p", "side": ["push", "pull"], "blocks": 48, "order": "planes", "rows": 6, "submission": "3d"},
        {"name": "p2p", "side": ["push", "pull"], "engine": "sm", "blocks": 48, "order": ["strided", "scattered"], "submission": "kernel"}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_gpu_report r.json
    assert_report r.json 'all(c["status"] == "ok" or "-D copy has" in c["reason"] for c in cases)'
}

@test "two GPUs: kernels push and pull, within a rank too" {
    need_gpus 2
    gpu_scenario s.json '[
        {"paths": ["gpu->gpu@node", "gpu->gpu+1", "gpu+1->gpu"], "sizes": [1, 1000003], "src_offset": [0, 1],
         "methods": [{"name": "p2p", "engine": ["ce", "sm"], "side": ["push", "pull"]}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_gpu_report r.json
    assert_report r.json 'ok == cases'
}

@test "two GPUs: managed memory within a rank and between ranks" {
    need_gpus 2
    gpu_scenario s.json '[
        {"paths": ["gpu->gpu+1", "gpu+1->gpu"], "sizes": [1, "4MiB"], "methods": [{"name": "unified", "access": ["prefetch", "fault"]}]},
        {"paths": ["gpu->gpu@node"], "sizes": [1, 1000003], "dst_offset": [0, 3], "methods": [{"name": "unified", "access": ["prefetch", "fault"]}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_gpu_report r.json
    assert_report r.json 'ok == cases' \
        'all(c["carried_by"]["nvlink_tx"] is None or c["carried_by"]["nvlink_tx"] > 0.9 for c in ok if c["key"]["dst"] == "gpu+1" and c["key"]["bytes"] > 1)'
}

@test "two GPUs: NCCL sends, both ways at once, and its collectives" {
    need_gpus 2
    [[ $(xb list) == *nccl* ]]
    gpu_scenario s.json '[
        {"pattern": ["stream", "bidirectional", "pingpong"], "paths": ["gpu->gpu@node"], "sizes": [1, 1000003], "src_offset": [0, 1],
         "window": [1, 5], "methods": ["nccl"]},
        {"pattern": "collective", "paths": ["gpu->gpu@node"], "sizes": [96, 960000], "src_offset": [0, 8], "window": [1, 3],
         "methods": [{"name": "nccl", "transfer": ["all-reduce", "all-gather", "reduce-scatter", "all-to-all"]}]}]'
    run --separate-stderr xrun 2 run s.json -o r.json
    [[ $status == 0 || $status == 3 ]]
    validate_report r.json
    assert_report r.json 'ok == cases or all("NCCL" in c["reason"] for c in cases)'
}

@test "two GPUs: collectives of MPI on their memory, where the library is built with CUDA" {
    need_gpus 2
    gpu_scenario s.json '[{"pattern": "collective", "paths": ["gpu->gpu@node"], "sizes": [96, 960000], "dst_offset": [0, 8], "methods": [
        {"name": "mpi", "transfer": ["all-gather", "all-to-all", "broadcast", "gather", "scatter"]},
        {"name": "mpi", "transfer": ["all-reduce", "reduce-scatter", "reduce"], "datatype": ["uint64", "float"]}]}]'
    run --separate-stderr xrun 2 run s.json -o r.json
    [[ $status == 0 || $status == 3 ]]
    validate_report r.json
    assert_report r.json 'ok == cases or all("device buffers" in c["reason"] for c in cases)'
}

@test "two GPUs: a traffic with each lane's own bytes" {
    need_gpus 2
    gpu_scenario s.json '[{"pattern": "neighbour", "traffic": [[0, 1, 1000003], [1, 0, 5]], "paths": ["gpu->gpu@node"], "contention": ["none", "all"],
        "methods": [{"name": "p2p", "engine": ["ce", "sm"]}, "host-staged", "zero-copy", "unified", "mpi", "nccl"]}]'
    run --separate-stderr xrun 2 run s.json -o r.json
    [[ $status == 0 ]]
    validate_report r.json
    assert_report r.json 'all(c["status"] in ("ok", "skipped") for c in cases) and len(ok) >= 8' \
        'all(l["bytes"] == (1000003 if l["src_rank"] == 0 else 5) for c in ok for l in lanes(c))'
}

# Filled and compared by the GPUs, which must make the same words as they add up.
@test "two GPUs: NCCL adds up floats beside integers, and each element is exact" {
    need_gpus 2
    [[ $(xb list) == *nccl* ]]
    gpu_scenario s.json '[
        {"pattern": "collective", "paths": ["gpu->gpu@node"], "sizes": [16, 96, 960000, "32MiB"], "dst_offset": [0, 8], "window": [1, 3],
         "methods": [{"name": "nccl", "transfer": ["all-reduce", "reduce-scatter"], "datatype": ["uint64", "float"]}]},
        {"pattern": "collective", "paths": ["gpu->gpu@node"], "sizes": 96,
         "methods": [{"name": "nccl", "transfer": "all-gather", "datatype": ["uint64", "float"]}]}]'
    run --separate-stderr xrun 2 run s.json -o r.json
    [[ $status == 0 || $status == 3 ]]
    validate_report r.json
    assert_report r.json 'cases[-1]["reason"] == "datatype float is for reductions, and the transfer all-gather is none"' \
        'ok == cases[:-1] or all("NCCL" in c["reason"] for c in cases[:-1])' \
        'all(c["verify"]["stamped_batches"] > 0 and c["verify"]["wrong_bytes"] == 0 for c in ok)' \
        'sum(c["key"]["options"]["datatype"] == "float" for c in cases[:-2]) == len(cases[:-2]) / 2'
}

@test "two GPUs: NCCL that takes too long is aborted, and the next case has a new communicator" {
    need_gpus 2
    gpu_scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": "1GiB", "window": 900, "methods": ["nccl"]},
        {"paths": ["gpu->gpu@node"], "sizes": "1MiB", "methods": ["nccl"]}]'
    run -1 --separate-stderr xrun 2 run s.json --case-timeout 1 -o r.json
    validate_report r.json
    assert_report r.json 'cases[0]["status"] == "timeout"' 'cases[1]["status"] == "ok"'
}

@test "two GPUs: NCCL on buffers that it knows, and copies to where it maps memory" {
    need_gpus 2
    gpu_scenario s.json '[
        {"pattern": "collective", "paths": ["gpu->gpu@node"], "sizes": [96, 960000, "32MiB"], "allocator": ["vmm", "nccl"],
         "methods": [{"name": "nccl", "transfer": ["all-reduce", "all-gather", "reduce-scatter", "all-to-all", "broadcast", "reduce", "gather", "scatter"],
            "registration": ["none", "local", "symmetric"], "ctas": ["default", "zero"]}]},
        {"paths": ["gpu->gpu@node"], "sizes": [1, 1000003], "allocator": "nccl", "methods": [{"name": "nccl", "registration": ["none", "local"]}]},
        {"pattern": ["stream", "bidirectional"], "paths": ["gpu->gpu@node"], "sizes": [1, 1000003, "32MiB"], "dst_offset": [0, 3], "allocator": ["vmm", "nccl"],
         "methods": [{"name": "p2p", "engine": ["ce", "sm"], "side": ["push", "pull"], "mapping": ["handle", "nccl"]}]},
        {"paths": ["gpu->gpu@node"], "sizes": 64, "methods": [{"name": "p2p", "mapping": "nccl"}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    assert_report r.json 'all(c["status"] in ("ok", "skipped") for c in cases)' \
        'all(c["status"] == "ok" for c in cases if c["key"]["method"] == "nccl" and c["key"]["options"].get("registration") != "symmetric" and "ctas" not in c["key"]["options"])' \
        'all(c["status"] == "ok" for c in cases if c["key"]["method"] == "p2p" and "mapping" not in c["key"]["options"])' \
        'all(c["status"] == "ok" or "the library must be of that version" in c["reason"] or "this build has no NCCL" in c["reason"] for c in cases[:-1] if "mapping" in c["key"]["options"])' \
        'all((c["carried_by"] or {}).get("nvlink_tx") is None or c["carried_by"]["nvlink_tx"] > 0.9 for c in ok if c["key"]["method"] == "p2p" and c["key"]["bytes"] > 1 << 20)' \
        '"allocators vmm and nccl; found malloc" in cases[-1]["reason"] or "this build has no NCCL" in cases[-1]["reason"]'
}

@test "two GPUs: a kernel that copies many times over moves the bytes each time" {
    need_gpus 2
    gpu_scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": ["64KiB", "8MiB"], "window": [1, 16],
        "methods": [{"name": "p2p", "engine": "sm", "side": ["push", "pull"]}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_gpu_report r.json
    assert_report r.json 'ok == cases' \
        'all((c["carried_by"] or {}).get("nvlink_tx") is None or c["carried_by"]["nvlink_tx"] > 0.95 for c in ok)'
}

@test "two GPUs: resident kernels pass messages of any length" {
    need_gpus 2
    gpu_scenario s.json '[{"pattern": "pingpong", "paths": ["gpu->gpu@node"], "sizes": [8, 16, 1000, 8192, 100000],
        "window": [1, 3], "methods": [{"name": "p2p", "engine": "sm"}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_gpu_report r.json
    assert_report r.json 'ok == cases' 'all(c["op_samples_us"] is None for c in cases)'
}

@test "two GPUs: no method is ok that leaves transfers out" {
    need_gpus 2
    gpu_scenario s.json '[
        {"paths": ["gpu->gpu@node"], "sizes": [8, "1MiB"], "window": [1, 4], "methods": [
            {"name": "p2p", "engine": ["ce", "sm"], "side": ["push", "pull"]}, "mpi", "nccl", "host-staged", "zero-copy"]},
        {"paths": ["gpu->host", "host->gpu", "gpu->gpu"], "sizes": [8, "1MiB"], "window": [1, 4], "methods": ["direct"]},
        {"pattern": ["bidirectional", "pingpong"], "paths": ["gpu->gpu@node"], "sizes": [8, "1MiB"], "methods": ["p2p", "mpi", "nccl"]},
        {"pattern": "collective", "paths": ["gpu->gpu@node"], "sizes": "1MiB", "methods": [
            {"name": "nccl", "transfer": ["all-gather", "all-to-all"]},
            {"name": "nccl", "transfer": ["all-reduce", "reduce-scatter"], "datatype": ["uint64", "float"]}]}]'
    XFERBENCH=$XB_BUILDDIR/tests/cli/leaves_out
    # Batches of many: of two nothing lies in the middle, and an operation may take 100 us.
    local -a long=(--set sampling.min_batch=2ms --set sampling.max_time=60ms)
    run -0 --separate-stderr xrun 2 run s.json -o whole.json "${long[@]}"
    assert_report whole.json 'len(ok) > 20' 'all(c["verify"]["stamped_batches"] >= 10 for c in ok)'
    local which
    for which in all first last middle odd even; do
        XB_LEAVE_OUT=$which run --separate-stderr xrun 2 run s.json -o "$which.json" --case-timeout 5 "${long[@]}"
        [[ $status == 4 ]]
        assert_report "$which.json" 'all(c["status"] in ("corrupt", "skipped") for c in cases)'
    done
}

@test "two GPUs: a copy kernel keeps to its multiprocessors" {
    need_gpus 2
    gpu_scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": ["64MiB", 1000003], "methods": [
            {"name": "p2p", "engine": "sm", "side": ["push", "pull"], "sms": [1, 16, 0, 4096]}]},
        {"paths": ["host->gpu", "gpu->host"], "sizes": "16MiB", "methods": [{"name": "zero-copy", "sms": [1, 16, 0]}]},
        {"pattern": "pingpong", "paths": ["gpu->gpu@node"], "sizes": 64, "methods": [{"name": "p2p", "engine": "sm", "sms": 1}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json --set show=budget
    validate_report r.json
    assert_report r.json 'all(c["status"] == "ok" for c in cases if c["key"]["options"].get("sms", 0) < 17 and c["key"]["pattern"] == "stream")' \
        'all("this GPU has" in c["reason"] for c in cases if c["key"]["options"].get("sms") == 4096)' \
        'cases[-1]["reason"].endswith("resident kernels have one multiprocessor: sms must be 0")' \
        'min(c["time_us"]["median"] for c in ok if c["key"]["options"].get("sms") == 1 and c["key"]["bytes"] == 64 << 20) > 2 * max(c["time_us"]["median"] for c in ok if c["key"]["options"].get("sms") == 16 and c["key"]["bytes"] == 64 << 20)'
    assert_has "$output" "multiprocessors"
    assert_has "$output" "the least within 5 %"
}

@test "two GPUs: in pieces over several streams, by copy engines, kernels and prefetch" {
    need_gpus 2
    gpu_scenario s.json '[{"paths": ["gpu->gpu@node", "gpu->gpu+1"], "sizes": [1000003, "16MiB"], "methods": [
            {"name": "p2p", "engine": ["ce", "sm"], "side": ["push", "pull"], "chunk": "size/7", "depth": [1, 4]}]},
        {"paths": ["host->gpu", "gpu->host"], "sizes": [1000003, "16MiB"], "methods": [
            {"name": "unified", "chunk": "size/7", "depth": [1, 4]}, {"name": "unified", "access": "fault", "chunk": "64KiB"}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    assert_report r.json 'all(c["status"] == "ok" for c in cases if "+1" not in c["id"] and "fault" not in c["id"])' \
        'all(c["status"] in ("ok", "skipped") for c in cases)' \
        'all("chunk is for access prefetch" in c["reason"] for c in cases if "fault" in c["id"])'
}

@test "two GPUs: first use, by all methods" {
    need_gpus 2
    run -0 --separate-stderr xrun 2 run first-use --device cuda -o r.json
    validate_report r.json
    assert_report r.json 'len(ok) > 20' 'all((c["setup_us"]["start"] or 0) > 1000 for c in ok if c["key"]["method"] == "nccl")' \
        'all(c["setup_us"]["start"] is None for c in ok if c["key"]["method"] != "nccl")' \
        'all(c["setup_us"]["map"] > 1 for c in ok if c["key"]["method"] == "p2p")' \
        'all(c["setup_us"]["register"] > 1 for c in ok)'
}
