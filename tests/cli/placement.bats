#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Where ranks are put: on saved topologies, and here.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() { common_setup; }

# places: "RANK BUSID CORES" for every line of the table in $output.
places() {
    awk '$1 ~ /^[0-9]+$/ && NF > 5 {
        sub(/ \(shared by [0-9]+\)/, "")
        print $1, $(NF - 4), $(NF - 2)
    }' <<<"$output"
}

@test "one rank a GPU, each with cores of its own" {
    run -0 xb info --topology "$TOPO/h200x4-vm.xml"
    [[ $(places) == "0 0000:00:06.0 0-15
1 0000:00:07.0 16-31
2 0000:00:08.0 32-47
3 0000:00:09.0 48-63" ]]
}

@test "on two NUMA nodes ranks stand at their GPU and its NIC" {
    run -0 xb info --topology "$TOPO/dgx8-2numa.xml"
    [[ $(places | wc -l) == 8 ]]
    [[ $(places | cut -d' ' -f2 | sort -u | wc -l) == 8 ]]
    [[ $(places | cut -d' ' -f3 | sort -u | wc -l) == 8 ]]
    grep -qE '^ +3 .* 0000:4d:00\.0 +0 .* mlx5_1$' <<<"$output"
    grep -qE '^ +4 .* 0000:9d:00\.0 +1 .* mlx5_2$' <<<"$output"
}

@test "--ranks says how many; more than GPUs share them, and that is said" {
    run -0 xb info --topology "$TOPO/h200x4-vm.xml" --ranks 2
    [[ $(places | cut -d' ' -f1,2) == $'0 0000:00:06.0\n1 0000:00:07.0' ]]
    [[ $output != *shared* && $output != *warning* ]]
    run -0 xb info --topology "$TOPO/h200x4-vm.xml" --ranks 6
    [[ $(places | wc -l) == 6 ]]
    [[ $(grep -c '(shared by 2)' <<<"$output") == 4 ]]
    assert_has "$output" "warning: rank 0: GPU 0000:00:06.0 is shared by 2 ranks"
}

@test "cores that a cgroup keeps back are not given, and it is said" {
    run -0 xb info --topology "$TOPO/gpu2-cgroup.xml"
    [[ $(places) == $'0 0000:01:00.0 2\n1 0000:81:00.0 3' ]]
    assert_has "$output" "warning: rank 0: none of the CPUs near GPU 0000:01:00.0 may be used"
}

@test "a node without GPUs gets one rank" {
    run -0 xb info --topology "$TOPO/cpu2.xml"
    [[ $(places) == "0 - 0-1" ]]
}

@test "every saved machine gives the places and links that stand beside it" {
    local file
    for file in "$TOPO"/*.xml; do
        run -0 --separate-stderr xb info --topology "$file"
        [[ -z $stderr ]]
        diff -u "${file%.xml}.expected" <(printf '%s\n' "$output")
    done
}

@test "what NVML says of a saved machine is read strictly, if it is there" {
    cp "$TOPO/rails2.xml" m.xml
    run -0 xb info --topology m.xml
    assert_has "$output" "not known" "other-socket"
    sed 's/"gpu", /"gpus", /' "$TOPO/rails2.nvml.json" >m.nvml.json
    run -2 --separate-stderr xb info --topology m.xml
    assert_one_error 'm.nvml.json:8: gpus[0].links[0].end: found the string "gpus"' \
        "gpu, switch, cpu or unknown"
    run -2 --separate-stderr xb plan quick --topology m.xml
    assert_one_error m.nvml.json
}

@test "info saves this machine in two files that it reads again, once" {
    run -0 xrun 2 info --device cpu --save here
    assert_has "$output" "saved: here.xml and here.nvml.json"
    run -0 --separate-stderr xb info --topology here.xml --ranks 2
    [[ $(places | wc -l) == 2 && -z $stderr ]]
    run -2 --separate-stderr xrun 2 info --device cpu --save here
    assert_one_error "here.xml: cannot be the saved topology: it is there already"
    run -2 --separate-stderr xb info --topology here.xml --save there
    assert_has "$stderr" "--save" "--topology"
    run -2 --separate-stderr xrun 1 info --device cpu --save no/folder
    assert_one_error no/folder.xml
    assert_only_files here.xml here.nvml.json
}

@test "every saved topology places its ranks" {
    local file
    for file in "$TOPO"/*.xml; do
        run -0 --separate-stderr xb info --topology "$file" --ranks 3
        [[ $(places | wc -l) == 3 ]]
        [[ -z $stderr ]]
    done
}

@test "plan shows places, and which cases a job of that shape skips" {
    local all
    all=$(xb plan quick | tail -n 1)
    run -0 xb plan quick --topology "$TOPO/h200x4-vm.xml"
    [[ $(places | wc -l) == 4 ]]
    [[ ${lines[-2]} == "$all" ]] # what it takes of this job stands behind it
    [[ $(grep -c -- '-- skipped' <<<"$output") == "$(grep -c '@remote/' <<<"$output")" ]]
    grep -q '@remote/.*-- skipped: needs two ranks on two nodes; this job has 4 ranks on 1 node' <<<"$output"
    run -0 xb plan quick --topology "$TOPO/h200x4-vm.xml" --ranks 1
    grep -q '@node/.*-- skipped: needs two ranks on one node; this job has 1 rank on 1 node' <<<"$output"
}

@test "a topology that cannot be read is refused" {
    run -2 --separate-stderr xb info --topology missing.xml
    assert_one_error missing.xml
    echo '<topology><object type="Machine"' >bad.xml
    run -2 --separate-stderr xb info --topology bad.xml
    assert_has "$stderr" bad.xml
    run -2 --separate-stderr xb plan quick --topology missing.xml
    assert_one_error missing.xml
    run -2 --separate-stderr xb info --topology "$TOPO/cpu2.xml" --ranks x
    assert_has "$stderr" "--ranks" "'x'"
}

@test "info here names every rank, the host and the device" {
    run -0 --separate-stderr xrun 2 info --device cpu
    assert_has "$output" "device: cpu" "ranks: 2 on 1 node" "MPI takes device buffers: "
    [[ $(places | cut -d' ' -f1,2) == $'0 -\n1 -' ]]
    [[ $(grep -c "$(uname -n | cut -c1-20)" <<<"$output") -ge 2 ]]
}

@test "a report says where host memory lies, as far as the system tells" {
    need_python
    null_scenario s.json 'host->host' ''
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    assert_report r.json 'r["topology"]["warnings"] == []' \
        'all(x["host_memory"]["numa_asked"] in (None, x["numa"]) for x in r["topology"]["ranks"])' \
        'all(x["host_memory"]["numa_found"] is None or sum(x["host_memory"]["numa_found"].values()) in (256, 64, 16) for x in r["topology"]["ranks"])'
}

@test "info keeps a binding of the launcher and says so" {
    run -0 timeout -k 5 "$PATIENCE" "$MPIRUN" -n 1 --bind-to core "$XB_BUILDDIR/xferbench" info --device cpu
    if (($(nproc) == 1)); then skip "with one core bound and unbound are the same"; fi
    grep -qE '^ +0 .* launcher ' <<<"$output"
    run -0 timeout -k 5 "$PATIENCE" "$MPIRUN" -n 1 --bind-to none "$XB_BUILDDIR/xferbench" info --device cpu
    grep -qE '^ +0 .* xferbench ' <<<"$output"
}
