# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # bats' run and common.bash set them
# What the tests of GPUs share. Each is skipped, with the reason, where no GPU is usable.

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
