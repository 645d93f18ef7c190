#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What only a GPU shows. Skipped, with the reason, where none is usable.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common
load gpu

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
        {"name": "host-staged", "host_memory": ["pageable", "pinned"], "chunk": "size/16", "depth": 8, "threads": [2, 4], "stores": ["cached", "streaming"]}]},
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

@test "two ranks on one GPU: NCCL is skipped, since it takes one rank a GPU" {
    need_free_choice
    gpu_scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": 8, "methods": ["nccl"]}]'
    CUDA_VISIBLE_DEVICES=0 run -3 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    assert_report r.json 'cases[0]["status"] == "skipped"' '"NCCL" in cases[0]["reason"]'
}

@test "resident kernels are skipped where they cannot run" {
    gpu_scenario s.json '[
        {"pattern": "pingpong", "paths": ["gpu->gpu@node"], "sizes": [12], "methods": [{"name": "p2p", "engine": "sm"}]},
        {"pattern": "pingpong", "paths": ["gpu->gpu@node"], "sizes": [8], "methods": [{"name": "p2p", "engine": "sm", "side": "pull"}]}]'
    run -3 --separate-stderr xrun 2 run s.json -o r.json
    assert_report r.json 'all(c["status"] == "skipped" for c in cases)'
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
