#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# The two-node lab. The programs that it starts are shell commands: no MPI program is built here. They live
# for a moment: Open MPI 5 may lose one that ends at once on the other node, and waits for it then. It may
# also warn of its own process groups on stderr.

# shellcheck disable=SC2016 # what the nodes' shells are to expand

bats_require_minimum_version 1.8.0

setup_file() {
    export XB_SRCDIR=${XB_SRCDIR:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}
    export NETLAB=$XB_SRCDIR/scripts/netlab
    # mpirun waits for no one when a rank ends with a failure
    export OMPI_MCA_odls_base_sigkill_timeout=0
    local status=0
    NO_LAB=$("$NETLAB" check) || status=$?
    export NO_LAB
    ((status == 77)) && return
    # Short: Open MPI makes sockets below it. Own: nothing else stands in it when a lab is gone.
    XDG_RUNTIME_DIR=$(mktemp -d /tmp/xbn-test.XXXXXX)
    export XDG_RUNTIME_DIR
    return "$status"
}

teardown_file() {
    if [[ -z $NO_LAB ]]; then rm -rf -- "$XDG_RUNTIME_DIR"; fi
}

setup() {
    if [[ -n $NO_LAB ]]; then skip "no lab here: $NO_LAB"; fi
    lab=t$$-$BATS_TEST_NUMBER
    nap=61.$$$BATS_TEST_NUMBER # seconds that no other process of this machine sleeps
    cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
    [[ -z $NO_LAB ]] || return 0
    "$NETLAB" --name "$lab" down
    "$NETLAB" --name "$lab-b" down
}

netlab() { "$NETLAB" --name "$lab" "$@"; }

# Nothing of the lab stands any more: no namespace (bridge and links live in them), no state, no process.
assert_gone() {
    run ls /var/run/netns
    [[ $output != *xbn-$lab* ]]
    [[ -z $(ls "$XDG_RUNTIME_DIR") ]]
    run pgrep -f -- "^sleep $nap"
    [[ -z $output ]]
    run grep -slw -- "/xbn-$EUID/$lab" /proc/[0-9]*/environ # the launcher's daemons
    [[ -z $output ]]
}

# Sends SIGNAL to a run in its middle; the run's exit status is left in $status.
interrupt_run() {
    local signal=$1 pid i
    # A shell ignores SIGINT in what it starts in the background.
    env --default-signal=INT,TERM "$NETLAB" --name "$lab" run sh -c "touch up.\$OMPI_COMM_WORLD_RANK; sleep $nap" 3>&- &
    pid=$!
    # all four are there, and each is behind its touch, which is another process
    for ((i = 0; i < 600; i++)); do
        [[ $(pgrep -c -f "^sleep $nap") == 4 ]] && break
        sleep 0.1
    done
    [[ -e up.0 && -e up.1 && -e up.2 && -e up.3 && $i -lt 600 ]]
    kill -s "$signal" "$pid"
    status=0
    wait "$pid" || status=$?
}

@test "a link is shaped both ways, and is as it was again" {
    netlab up 2
    run netlab shape n2 rate 20mbit
    if [[ $output == *"may lack"* ]]; then skip "$output"; fi
    [[ $status == 0 ]]
    [[ $(netlab agent n2 tc qdisc show dev lab0) == *"rate 20Mbit"* ]]
    [[ $(ip netns exec "xbn-$lab-switch" tc qdisc show dev port2) == *"rate 20Mbit"* ]]
    [[ $(netlab agent n1 tc qdisc show dev lab0) != *rate* ]]
    if command -v nft >/dev/null; then
        netlab shape n2 rate 20mbit loss 0.5%
        [[ $(netlab agent n2 tc qdisc show dev lab0) == *"rate 20Mbit"* ]]
        [[ $(netlab agent n2 nft list table inet loss | grep -c "mod 1000000 < 5000 drop") == 2 ]]
        run netlab agent n1 nft list table inet loss
        [[ $status == 1 ]]
    fi
    netlab shape n2 none
    [[ $(netlab agent n2 nft list ruleset 2>/dev/null) != *drop* ]]
    [[ $(netlab agent n2 tc qdisc show dev lab0) != *rate* ]]
    [[ $(ip netns exec "xbn-$lab-switch" tc qdisc show dev port2) != *rate* ]]
    run netlab shape n2 rate 20
    [[ $status == 2 && $output == *"rate is '20', expected one as 100mbit"* ]]
    run netlab shape n2 speed 20mbit
    [[ $status == 2 && $output == *"unknown setting 'speed', expected rate, delay, loss or none"* ]]
    run netlab shape n3 none
    [[ $status == 2 && $output == *"has no node 'n3'"* ]]
    run netlab shape n2
    [[ $status == 2 && $output == *"needs a setting"* ]]
    netlab down
    assert_gone
}

@test "up, status and down" {
    run netlab status
    [[ $status == 1 ]]
    run netlab up 3
    [[ $status == 0 ]]
    run netlab status
    [[ $status == 0 ]]
    [[ ${lines[0]} == "lab $lab: up, 3 nodes" ]]
    [[ ${lines[3]} == *"n3 10.77.0.3 netns xbn-$lab-n3 processes 0" ]]
    run netlab up
    [[ $status == 2 && $output == *"up already"* ]]
    netlab down
    assert_gone
    run netlab down
    [[ $status == 0 ]]
}

@test "nodes reach each other by name and do not share /dev/shm" {
    netlab up >/dev/null
    run netlab agent n2 'hostname; getent hosts n1; : >/dev/shm/mark; ls /dev/shm'
    [[ ${lines[0]} == n2 ]]
    [[ ${lines[1]} == *10.77.0.1*n1* ]]
    [[ ${lines[2]} == mark ]]
    [[ -z $(netlab agent n1 ls /dev/shm) ]]
}

@test "four ranks stand on n1 n1 n2 n2" {
    run bash -c '"$NETLAB" --name "$1" run sh -c "hostname; sleep 0.5" 2>/dev/null | sort | xargs' bash "$lab"
    [[ $output == "n1 n1 n2 n2" ]]
    assert_gone
}

@test "-n gives the ranks of a node, and a relative program runs in the caller's directory" {
    printf '#!/bin/sh\necho "$(hostname) $PWD $CARRIED"\nsleep 0.5\n' >here
    chmod +x here
    CARRIED=yes run --separate-stderr netlab run -n 1 -- ./here
    [[ $status == 0 && ${#lines[@]} == 2 ]]
    [[ $output == *"n1 $PWD yes"* && $output == *"n2 $PWD yes"* ]]
}

@test "the exit status comes through" {
    run netlab run sh -c 'sleep 0.5; [ "$(hostname)" = n1 ] || exit 7'
    [[ $status == 7 ]]
    assert_gone
}

@test "SIGINT in the middle of a run leaves nothing" {
    interrupt_run INT
    [[ $status == 130 ]]
    assert_gone
}

@test "SIGTERM in the middle of a run leaves nothing" {
    interrupt_run TERM
    [[ $status == 143 ]]
    assert_gone
}

@test "down ends what was left in the lab" {
    netlab up >/dev/null
    netlab agent n2 "setsid sleep $nap >/dev/null 2>&1 3>&- </dev/null &"
    [[ $(netlab status) == *"netns xbn-$lab-n2 processes 1"* ]]
    netlab down
    assert_gone
}

@test "two labs live side by side" {
    netlab up >/dev/null
    "$NETLAB" --name "$lab-b" up >/dev/null
    netlab run -n 1 sh -c 'hostname; sleep 0.5' >a &
    "$NETLAB" --name "$lab-b" run -n 1 sh -c 'hostname; sleep 0.5' >b
    wait $!
    [[ $(sort a | xargs) == "n1 n2" && $(sort b | xargs) == "n1 n2" ]]
    "$NETLAB" --name "$lab-b" down
    [[ $(netlab status) == "lab $lab: up"* ]]
}

@test "bad usage and what is missing are said, with exit status 2" {
    run netlab run
    [[ $status == 2 && $output == *"needs a program"* ]]
    run netlab up zero
    [[ $status == 2 ]]
    NETLAB_IP=no-such-ip run netlab up
    [[ $status == 2 && $output == *"needs iproute2"* ]]
    NETLAB_IP=no-such-ip run "$NETLAB" check
    [[ $status == 77 && $output == *"needs iproute2"* ]]
}
