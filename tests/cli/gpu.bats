#!/usr/bin/env bats
# What only a GPU shows. Skipped, with the reason, where none is usable.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() {
    local line
    common_setup
    line=$(xb list | grep '^  cuda ') || line='not usable here: not in this build'
    if [[ $line == *'not usable here: '* ]]; then skip "no GPU: ${line#*not usable here: }"; fi
    need_python
}

# bus_ids: the bus id of every rank in the table of info in $output, one a line.
bus_ids() { grep -oE '[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]' <<<"$(sed '/^GPUs of /,$d; /^warning/d' <<<"$output")"; }

need_gpus() {
    run -0 xrun 8 info --device cuda
    gpus=$(bus_ids | sort -u | wc -l)
    if ((gpus < $1)); then skip "needs $1 GPUs, found $gpus"; fi
}

# The tests that choose GPUs must not take any that a scheduler gave to others.
need_free_choice() {
    if [[ -n ${CUDA_VISIBLE_DEVICES-} ]]; then skip "CUDA_VISIBLE_DEVICES is set"; fi
}

# gpu_scenario FILE GROUPS: a scenario for the device cuda.
gpu_scenario() {
    scenario "$1" "$2"
    sed -i 's/"device": "cpu"/"device": "cuda"/' "$1"
}

# check_gpu_report FILE [STATUS]: what every report of a GPU has.
check_gpu_report() {
    validate_report "$1"
    assert_report "$1" "r['status'] == '${2-ok}'" 'r["run"]["device"] == "cuda"' \
        'r["environment"]["driver"] and r["environment"]["cuda_runtime"]' \
        'all(x["gpu"]["uuid"].startswith("GPU-") for x in r["topology"]["ranks"])' \
        'all(x["gpu"]["name"] and x["gpu"]["pci_bus_id"] for x in r["topology"]["ranks"])' \
        'all(x["gpu"]["state"] is None or x["gpu"]["state"]["after"] for x in r["topology"]["ranks"])' \
        'all(x["gpu"]["state"] is None or x["gpu"]["clocks"]["sm_mhz"]["max"] > 100 for x in r["topology"]["ranks"])' \
        'all(c["verify"]["checked_bytes"] * (2 if c["key"]["options"].get("process") == "convert" else 1) >= c["key"]["bytes"] * len(c["lanes"])
            for c in ok if c["key"]["pattern"] != "overlap")'
}

@test "auto takes the GPU, and info shows its bus id" {
    run -0 xb info
    assert_has "$output" "device: cuda, driver "
    [[ $(bus_ids | wc -l) == 1 ]]
}

@test "direct copies, aligned or not, also by device events" {
    gpu_scenario s.json '[
        {"paths": ["host->gpu", "gpu->host", "gpu->gpu", "host->host"], "sizes": [1, 4099, "1MiB"],
         "methods": [{"name": "direct", "memory": ["pinned", "pageable"]}]},
        {"paths": ["host->gpu", "gpu->host", "gpu->gpu"], "sizes": [1, 4099], "src_offset": [0, 1],
         "dst_offset": [3, 257], "methods": ["direct"]}]'
    run -0 --separate-stderr xrun 1 run s.json -o r.json
    check_gpu_report r.json
    assert_report r.json 'ok == cases' \
        'all((c["time_us"]["device_median"] or 0) > 0 for c in ok if "gpu" in (c["key"]["src"], c["key"]["dst"]))'
}

@test "cold: a transfer whose bytes lie in no cache takes longer; what cannot be cold says why" {
    gpu_scenario s.json '[
        {"paths": ["gpu->gpu"], "sizes": "4MiB", "cache": ["warm", "cold"], "methods": ["direct"]},
        {"paths": ["host->gpu", "gpu->host", "host->host"], "sizes": [1, 1000003], "cache": "cold",
         "methods": [{"name": "direct", "memory": ["pinned", "pageable"]}]},
        {"paths": ["gpu->gpu"], "sizes": 1000003, "cache": "cold", "methods": ["host-staged"]},
        {"paths": ["gpu->host"], "sizes": 1000003, "cache": "cold", "methods": ["unified"]}]'
    run -0 --separate-stderr xrun 1 run s.json -o r.json --set sampling.max_samples=60
    check_gpu_report r.json
    # A launch takes its time in both: it is the copies' own that differ.
    assert_report r.json 'all(c["status"] == "ok" for c in cases[:-1])' 'cases[-1]["status"] == "skipped"' \
        '"managed memory" in cases[-1]["reason"]' \
        'all(c["timing"]["ops_per_sample"] == 1 for c in ok if c["key"]["cache"] == "cold")' \
        'cases[1]["time_us"]["median"] > cases[0]["op_time_us"]["median"]'
}

@test "host-staged within a rank, lockstep and pipelined" {
    gpu_scenario s.json '[{"paths": ["gpu->gpu", "host->gpu", "gpu->host"], "sizes": [1, 1000003], "src_offset": [0, 1], "methods": [
        {"name": "host-staged", "chunk": ["size", "size/5"], "depth": [1, 3], "memory": ["pinned", "pageable"]}]},
        {"paths": ["host->gpu", "gpu->host"], "sizes": [1000003, "16MiB"], "methods": [
        {"name": "host-staged", "host_memory": ["pageable", "pinned"], "chunk": "size/16", "depth": 8, "threads": [2, 4]}]},
        {"paths": ["gpu->gpu", "host->gpu", "gpu->host"], "sizes": [60, 1000004, "16MiB"], "dst_offset": [0, 3], "methods": [
        {"name": "host-staged", "chunk": ["size", "size/16"], "depth": 4, "threads": [1, 3], "process": ["checksum", "convert"]}]}]'
    run -0 --separate-stderr xrun 1 run s.json -o r.json
    check_gpu_report r.json
    assert_report r.json 'ok == cases'
}

@test "overlap: all modes give the same images, and more overlaps than in lockstep" {
    gpu_scenario s.json '[{"pattern": "overlap", "paths": ["gpu->host"], "sizes": "12KiB", "methods": [
            {"name": "gray-scott", "mode": ["lockstep", "prepared", "double", "depth"], "stages": ["compute", "download", "sum", "write"],
             "width": 64, "height": 48, "steps": 24, "images": [1, 8]}]},
        {"pattern": "overlap", "paths": ["gpu->host"], "sizes": "8MiB", "methods": [
            {"name": "gray-scott", "mode": ["lockstep", "double"], "steps": 4096, "images": 32}]}]'
    run -0 --separate-stderr xrun 1 run s.json -o r.json
    check_gpu_report r.json
    assert_report r.json 'ok == cases' 'len(cases) == 34' \
        'all(c["figures"]["device_us"] > 0 and c["figures"]["prepare_us"] > 0 for c in cases)' \
        'cases[-1]["figures"]["overlap_reached"] > 0.5 > cases[-2]["figures"]["overlap_reached"]' \
        'cases[-1]["time_us"]["median"] < cases[-2]["time_us"]["median"]'
}

@test "interference: a transfer and work on one GPU, alone and together" {
    gpu_scenario s.json '[{"pattern": "interference", "paths": ["host->gpu", "gpu->host", "gpu->gpu"], "sizes": "16MiB", "methods": [
            {"name": "company", "beside": ["arithmetic", "memory", "transfer"]},
            {"name": "company", "engine": "sm", "sms": [4, 0], "beside": ["arithmetic", "memory", "transfer"]}]}]'
    run -0 --separate-stderr xrun 1 run s.json -o r.json --set sampling.min_samples=3 --set sampling.max_samples=3
    check_gpu_report r.json
    assert_report r.json 'ok == cases' 'len(cases) == 27' \
        'all(c["figures"]["transfer_kept"] > 0 and c["figures"]["work_kept"] > 0 and c["figures"]["together_us"] > 10000 for c in cases)' \
        'all(c["figures"]["work_alone_gflop_per_s"] > 1000 for c in cases if c["key"]["options"]["beside"] == "arithmetic")' \
        'all(c["figures"]["work_alone_gb_per_s"] > 100 for c in cases if c["key"]["options"]["beside"] == "memory")' \
        'all(c["figures"]["transfer_kept"] > 0.8 for c in cases if "ce,beside=arithmetic" in c["id"] and c["key"]["src"] != c["key"]["dst"])' \
        'all(c["figures"]["transfer_kept"] < 0.8 for c in cases if "ce,beside=transfer" in c["id"] and c["key"]["src"] != c["key"]["dst"])'
}

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

@test "a wrong byte in GPU memory is found" {
    gpu_scenario s.json '[{"paths": ["gpu->gpu"], "sizes": "1MiB", "methods": [
        {"name": "null", "corrupt": [0, 524289, 1048575]}]}]'
    run -4 --separate-stderr xrun 1 run s.json -o r.json
    validate_report r.json
    assert_report r.json '[c["verify"]["first_bad_offset"] for c in cases] == [0, 524289, 1048575]' \
        'all(c["verify"]["wrong_bytes"] == 1 for c in cases)'
}

@test "memory that the GPU does not have is skipped with figures" {
    gpu_scenario s.json '[{"paths": ["gpu->gpu"], "sizes": "8TiB", "methods": ["direct"]}]'
    run -3 --separate-stderr xrun 1 run s.json -o r.json
    check_gpu_report r.json nothing
    assert_report r.json 'cases[0]["status"] == "skipped"' '" bytes of device memory on " in cases[0]["reason"]'
}

@test "two ranks: host-staged between them, mpi or its reason" {
    gpu_scenario s.json '[
        {"paths": ["gpu->gpu@node"], "sizes": [1, 1000003], "src_offset": [0, 1], "dst_offset": [0, 3],
         "methods": [{"name": "host-staged", "chunk": ["size", "size/5"], "depth": [1, 3]}]},
        {"pattern": ["pingpong", "bidirectional"], "paths": ["gpu->gpu@node"], "sizes": [8, "1MiB"],
         "methods": ["host-staged"]},
        {"paths": ["gpu->gpu@node"], "sizes": ["1MiB", 1000004],
         "methods": [{"name": "host-staged", "chunk": ["size", "64KiB"], "process": ["checksum", "convert"]}]},
        {"paths": ["gpu->gpu@node"], "sizes": "1MiB", "methods": ["mpi"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_gpu_report r.json
    assert_report r.json 'all(c["status"] == "ok" for c in cases if c["key"]["method"] == "host-staged")' \
        'all(c["status"] == "ok" or "MPI does not take device buffers: " in c["reason"] for c in cases if c["key"]["method"] == "mpi")'
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
    run -0 timeout -k 5 60 "$MPIRUN" --oversubscribe \
        -n 1 env CUDA_VISIBLE_DEVICES=0 "$XB_BUILDDIR/xferbench" info --device cuda : \
        -n 1 env CUDA_VISIBLE_DEVICES=1 "$XB_BUILDDIR/xferbench" info --device cuda
    [[ $(bus_ids | wc -l) == 2 && $(bus_ids | sort -u | wc -l) == 2 ]]
    [[ $output != *shared* ]]
}

@test "more ranks than GPUs share them, and that is said" {
    need_free_choice
    CUDA_VISIBLE_DEVICES=0 run -0 xrun 2 info --device cuda
    [[ $(bus_ids | wc -l) == 2 && $(bus_ids | sort -u | wc -l) == 1 ]]
    assert_has "$output" "(shared by 2)" "warning: rank 0: GPU "
}

@test "no GPU visible is no GPU" {
    CUDA_VISIBLE_DEVICES='' run -2 --separate-stderr xrun 1 info --device cuda
    assert_one_error "device cuda: "
    CUDA_VISIBLE_DEVICES='' run -0 xrun 1 info
    assert_has "$output" "device: cpu"
}

@test "kernels copy any alignment within a GPU, and read and write mapped host memory" {
    gpu_scenario s.json '[
        {"paths": ["gpu->gpu"], "sizes": [1, 15, 4099, 1000003], "src_offset": [0, 1, 4, 8], "dst_offset": [0, 3, 8],
         "methods": [{"name": "p2p", "engine": "sm"}]},
        {"paths": ["host->gpu", "gpu->host"], "sizes": [1, 1000003], "src_offset": [0, 1], "dst_offset": [0, 8],
         "methods": [{"name": "zero-copy", "chunk": ["size", "size/5"], "depth": [1, 3]}]}]'
    run -0 --separate-stderr xrun 1 run s.json -o r.json
    check_gpu_report r.json
    assert_report r.json 'ok == cases'
}

@test "blocks in every order, submitted in every way, are right" {
    gpu_scenario s.json '[
        {"paths": ["host->gpu", "gpu->host", "gpu->gpu"], "sizes": [96, 48000, 3145728], "dst_offset": [0, 3], "window": [1, 3], "methods": [
            {"name": "direct", "blocks": [1, 3], "submission": ["loop", "batch", "2d", "kernel", "graph", "pack"]},
            {"name": "direct", "blocks": 48, "order": ["strided", "scattered"], "blocks_at": ["both", "src", "dst"],
             "submission": ["loop", "batch", "2d", "kernel", "graph", "pack"]},
            {"name": "direct", "blocks": 48, "order": "planes", "rows": [6, 48], "blocks_at": ["both", "src", "dst"],
             "submission": ["loop", "batch", "3d", "kernel", "graph", "pack"]},
            {"name": "direct", "memory": "pageable", "blocks": 48, "order": ["strided", "scattered"], "submission": ["loop", "2d", "3d", "pack"]}]},
        {"paths": ["host->gpu", "gpu->host"], "sizes": [48000, 3145728], "dst_offset": [0, 3], "window": [1, 3], "methods": [
            {"name": "host-staged", "chunk": ["size", "size/3"], "blocks": 48, "order": ["strided", "scattered"], "threads": [1, 3],
             "submission": ["loop", "batch", "2d", "kernel"]},
            {"name": "zero-copy", "chunk": ["size", "size/3"], "blocks": 48, "order": ["strided", "scattered"], "submission": ["loop", "kernel"]}]},
        {"paths": ["gpu->gpu"], "sizes": 3145728, "methods": [
            {"name": "p2p", "blocks": 48, "order": ["strided", "scattered"], "submission": ["loop", "batch", "2d", "graph"]},
            {"name": "p2p", "blocks": 48, "order": "planes", "rows": 6, "submission": ["loop", "3d"]},
            {"name": "p2p", "engine": "sm", "sms": [0, 2], "blocks": 48, "order": ["strided", "scattered"], "submission": ["loop", "kernel"]}]}]'
    run -0 --separate-stderr xrun 1 run s.json -o r.json
    check_gpu_report r.json
    assert_report r.json 'all(c["status"] == "ok" or "-D copy has" in c["reason"] for c in cases)' \
        'len({c["key"]["options"].get("submission") for c in ok}) == 7'
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

@test "two ranks: zero-copy through a mapped ring" {
    gpu_scenario s.json '[{"pattern": ["stream", "bidirectional"], "paths": ["gpu->gpu@node"], "sizes": [1, 1000003],
         "src_offset": [0, 1], "methods": [{"name": "zero-copy", "chunk": ["size", "size/5"], "depth": [1, 3]}]},
        {"paths": ["gpu->gpu@node"], "sizes": [48000, 3145728], "methods": [
            {"name": "zero-copy", "chunk": "size", "blocks": 48, "order": ["strided", "scattered"], "submission": ["loop", "kernel"]},
            {"name": "host-staged", "chunk": "size", "blocks": 48, "order": "scattered", "submission": ["loop", "batch", "kernel"]}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_gpu_report r.json
    assert_report r.json 'ok == cases'
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

@test "managed memory goes where it is used, asked for or touched" {
    gpu_scenario s.json '[
        {"pattern": ["stream", "pingpong"], "paths": ["host->gpu", "gpu->host"], "sizes": [1, 1000003], "src_offset": [0, 1],
         "dst_offset": [0, 5000], "methods": [{"name": "unified", "access": ["prefetch", "fault"]}]},
        {"paths": ["host->gpu"], "sizes": 8, "window": 2, "methods": ["unified"]},
        {"paths": ["host->gpu"], "sizes": "48GiB", "methods": ["unified"]}]'
    run -0 --separate-stderr xrun 1 run s.json -o r.json
    check_gpu_report r.json
    assert_report r.json 'len(ok) == len(cases) - 2' 'all(c["timing"]["ops_per_sample"] == 1 for c in ok)' \
        '"no window of 2" in cases[-2]["reason"]' '"bytes of managed memory on a quarter" in cases[-1]["reason"]'
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

@test "two ranks on one GPU: NCCL is skipped, since it takes one rank a GPU" {
    need_free_choice
    gpu_scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": 8, "methods": ["nccl"]}]'
    CUDA_VISIBLE_DEVICES=0 run -3 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    assert_report r.json 'cases[0]["status"] == "skipped"' '"NCCL" in cases[0]["reason"]'
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

@test "resident kernels are skipped where they cannot run" {
    gpu_scenario s.json '[
        {"pattern": "pingpong", "paths": ["gpu->gpu@node"], "sizes": [12], "methods": [{"name": "p2p", "engine": "sm"}]},
        {"pattern": "pingpong", "paths": ["gpu->gpu@node"], "sizes": [8], "methods": [{"name": "p2p", "engine": "sm", "side": "pull"}]}]'
    run -3 --separate-stderr xrun 2 run s.json -o r.json
    assert_report r.json 'all(c["status"] == "skipped" for c in cases)'
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
    run -0 --separate-stderr xrun 2 run s.json -o whole.json
    assert_report whole.json 'len(ok) > 20' 'all(c["verify"]["stamped_batches"] >= 10 for c in ok)'
    local which
    for which in all first last middle odd even; do
        XB_LEAVE_OUT=$which run --separate-stderr xrun 2 run s.json -o "$which.json" --case-timeout 5
        [[ $status == 4 ]]
        assert_report "$which.json" 'all(c["status"] in ("corrupt", "skipped") for c in cases)'
    done
}

@test "two GPUs: a copy kernel keeps to its multiprocessors" {
    need_gpus 2
    gpu_scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": ["1MiB", 1000003], "methods": [
            {"name": "p2p", "engine": "sm", "side": ["push", "pull"], "sms": [1, 16, 0, 4096]}]},
        {"paths": ["host->gpu", "gpu->host"], "sizes": "16MiB", "methods": [{"name": "zero-copy", "sms": [1, 16, 0]}]},
        {"pattern": "pingpong", "paths": ["gpu->gpu@node"], "sizes": 64, "methods": [{"name": "p2p", "engine": "sm", "sms": 1}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json --set show=budget
    validate_report r.json
    assert_report r.json 'all(c["status"] == "ok" for c in cases if c["key"]["options"].get("sms", 0) < 17 and c["key"]["pattern"] == "stream")' \
        'all("this GPU has" in c["reason"] for c in cases if c["key"]["options"].get("sms") == 4096)' \
        'cases[-1]["reason"].endswith("resident kernels have one multiprocessor: sms must be 0")' \
        'min(c["time_us"]["median"] for c in ok if c["key"]["options"].get("sms") == 1 and c["key"]["bytes"] == 1 << 20) > 2 * max(c["time_us"]["median"] for c in ok if c["key"]["options"].get("sms") == 16 and c["key"]["bytes"] == 1 << 20)'
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

@test "memory of each allocator: the right bytes, or the reason" {
    # Two ranks may share a GPU: each opens the memory of the other all the same.
    gpu_scenario s.json '[{"paths": ["host->gpu", "gpu->host", "gpu->gpu"], "sizes": 1000003, "allocator": ["malloc", "pool", "vmm", "nccl"],
            "pairs": "first", "methods": ["direct"]},
        {"paths": ["gpu->gpu@node"], "sizes": ["4KiB", 1000003], "allocator": ["malloc", "pool", "vmm", "nccl"],
            "methods": [{"name": "p2p", "engine": ["ce", "sm"], "side": ["push", "pull"]}, "host-staged", "zero-copy"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_gpu_report r.json
    assert_report r.json 'len(cases) == 12 + 8 * 6' 'all(c["status"] in ("ok", "skipped") for c in cases)' \
        'all(c["status"] == "ok" for c in cases if c["key"]["method"] != "p2p" and c["key"]["allocator"] != "nccl")' \
        'all(c["status"] == "ok" for c in cases if c["key"]["allocator"] == "malloc")' \
        'all("cannot be opened by another rank: cudaIpcGetMemHandle" in c["reason"] for c in cases if c["key"]["method"] == "p2p" and c["key"]["allocator"] == "pool")' \
        'all(c["status"] == "ok" or "descriptor" in c["reason"] for c in cases if c["key"]["allocator"] == "vmm")' \
        'all(c["status"] == "ok" or "ncclMemAlloc" in c["reason"] or "NCCL" in c["reason"] or "descriptor" in c["reason"] for c in cases if c["key"]["allocator"] == "nccl")'
}

@test "an illegal address: that rank's GPU is lost, and the other rank goes on" {
    # The ranks may share a GPU: their contexts are their own.
    gpu_scenario s.json '[{"paths": ["host->host@node"], "pairs": "each", "sizes": "4KiB", "methods": ["mpi"]},
        {"paths": ["gpu->gpu"], "pairs": "each", "sizes": ["4KiB", 12344, "8KiB"], "methods": ["direct"]},
        {"paths": ["host->gpu"], "pairs": "each", "sizes": "4KiB", "methods": ["direct"]},
        {"paths": ["gpu->gpu@node"], "sizes": "4KiB", "methods": ["host-staged", "nccl"]},
        {"paths": ["host->host@node"], "pairs": "each", "sizes": 64, "methods": ["mpi"]}]'
    XFERBENCH=$XB_BUILDDIR/tests/cli/device_fails
    XB_FAULT=illegal XB_FAULT_RANK=1 XB_FAULT_BYTES=12344 run -1 --separate-stderr xrun 2 run s.json --device cuda -o r.json
    validate_report r.json
    assert_report r.json '[c["status"] for c in cases[:5]] == ["ok", "ok", "failed", "failed", "failed"]' \
        'all([l["status"] for l in c["lanes"]] == ["ok", "failed"] for c in cases[2:5])' \
        '"cudaErrorIllegalAddress, error 700); GPU " in cases[2]["reason"]' \
        'all("is lost since case " + cases[2]["id"] in c["reason"] for c in cases[3:6])' \
        'cases[6]["status"] in ("failed", "skipped")' 'cases[7]["status"] == "ok"' \
        'len([w for w in r["topology"]["warnings"] if w.startswith("rank 1 (") and "is lost since case" in w]) == 1'
}
