#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What make install installs, in a tree that is moved, and what make uninstall leaves.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() { common_setup; }

# The make that runs the tests has its own flags.
do_make() { env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$XB_BUILDDIR" "$@" >/dev/null; }

@test "a tree that is installed works where it was moved to, and can be taken away" {
    local tree file module
    do_make install DESTDIR="$PWD/stage" prefix=/opt/xferbench
    for file in bin/xferbench include/xfer.h lib/libxfer.a lib/pkgconfig/xfer.pc share/man/man1/xferbench.1 \
        share/man/man1/xferbench-run.1 share/bash-completion/completions/xferbench share/doc/xferbench/README.md \
        share/doc/xferbench/LICENSE share/doc/xferbench/docs/figures.md share/xferbench/scenarios/quick.json \
        share/xferbench/scenarios/policies/static.json share/xferbench/scenarios/expectations/h200-nv18.json \
        share/xferbench/schema/report-v2.schema.json share/xferbench/schema/scenario-v1.schema.json \
        share/xferbench/slurm/node.sbatch share/modulefiles/xferbench; do
        [[ -e stage/opt/xferbench/$file ]] || { echo "not installed: $file"; return 1; }
    done
    cp -a stage/opt/xferbench moved
    do_make uninstall DESTDIR="$PWD/stage" prefix=/opt/xferbench
    [[ -z $(find stage -type f -o -type l) ]]

    tree=$PWD/moved
    unset XFERBENCH_SCENARIOS
    mkdir elsewhere
    cd elsewhere
    run -0 "$tree/bin/xferbench" list
    assert_has "$output" "  quick          $tree/share/xferbench/scenarios/quick.json" \
        "  static         $tree/share/xferbench/scenarios/policies/static.json"
    run -0 "$tree/bin/xferbench" validate quick static h200-nv18
    assert_has "$output" "$tree/share/xferbench/scenarios/expectations/h200-nv18.json: ok"
    run -0 "$tree/bin/xferbench" plan quick
    # through a link too, as sites have them in one folder
    ln -s "$tree/bin/xferbench" xb-link
    run -0 ./xb-link validate quick
    run -0 --separate-stderr "$MPIRUN" -n 2 --oversubscribe "$tree/bin/xferbench" run quick --device cpu --passes 1 \
        --set sampling.max_time=2ms -o r.json
    validate_report r.json

    module=$(find "$tree/share/modulefiles/xferbench" -type f)
    [[ ${module##*/} =~ ^[0-9.]+$ && $(head -n 1 "$module") == "#%Module"* ]]
    [[ $(<"$module") != *@* ]]
    type -P tclsh >/dev/null || skip "no tclsh: the module file is not read"
    cat >read.tcl <<'EOT'
proc module-whatis args {}
proc conflict args {}
proc prepend-path {name value} { puts "$name=$value" }
set ModulesCurrentModulefile [lindex $argv 0]
source $ModulesCurrentModulefile
EOT
    run -0 tclsh read.tcl "$module"
    assert_has "$output" "PATH=$tree/bin" "MANPATH=$tree/share/man"
    [[ -e $tree/share/man/man1 ]]
}
