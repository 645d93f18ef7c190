#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# quickstart.sh - from a fresh checkout to a first report, in one command.
set -euo pipefail

usage()
{
    cat <<'EOF'
Usage: scripts/quickstart.sh [OPTION...]

Installs what is missing (Debian and Ubuntu packages, as root or through sudo), builds
xferbench in the checkout, and runs `mpirun -n 2 xferbench run quick`. What is done already is
not done again.

  --no-install   install nothing; if something is missing, say what and stop
  --no-run       stop after the build
  -h, --help

CUDA and NCCL are used where they are installed; they are never installed by this script.
EOF
}

say()
{
    echo "quickstart: $*"
}

die()
{
    echo "quickstart: $*" >&2
    exit 1
}

install=yes run=yes
for arg in "$@"; do
    case $arg in
    --no-install) install=no ;;
    --no-run) run=no ;;
    -h | --help) usage; exit 0 ;;
    *) echo "quickstart: unknown option '$arg', expected --no-install, --no-run or --help" >&2; exit 2 ;;
    esac
done
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Packages whose content is not there, by a look at the content: it may have come another way.
missing_packages()
{
    local missing=()
    command -v gcc >/dev/null || missing+=(gcc libc6-dev)
    command -v make >/dev/null || missing+=(make)
    command -v autoreconf >/dev/null || missing+=(autoconf)
    command -v automake >/dev/null || missing+=(automake)
    command -v pkg-config >/dev/null || missing+=(pkg-config)
    command -v mpicc >/dev/null || missing+=(libopenmpi-dev)
    command -v mpirun >/dev/null || missing+=(openmpi-bin)
    pkg-config --exists 'hwloc >= 2.1' 2>/dev/null || missing+=(libhwloc-dev)
    pkg-config --exists libcjson 2>/dev/null || missing+=(libcjson-dev)
    command -v bats >/dev/null || missing+=(bats)
    command -v ip >/dev/null || missing+=(iproute2)
    command -v nft >/dev/null || [ -x /usr/sbin/nft ] || missing+=(nftables)
    { python3 -c 'import jsonschema' || /usr/bin/python3 -c 'import jsonschema'; } 2>/dev/null ||
        missing+=(python3-jsonschema)
    echo "${missing[@]}"
}

install_packages()
{
    local as_root=()
    command -v apt-get >/dev/null || die "no apt-get here; please have these installed: $*"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "not root and no sudo; please ask for: apt-get install $*"
        as_root=(sudo)
    fi
    say "installing $*"
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "$@"
}

build()
{
    [ -x configure ] || autoreconf -i
    # a configure that failed leaves no Makefile; make itself runs configure again when it must
    [ -f Makefile ] || ./configure
    make -j"$(nproc)"
}

first_run()
{
    local args=(-n 2) list line gpu=no
    if [ "$(id -u)" -eq 0 ]; then
        export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    fi
    [ "$(nproc)" -ge 2 ] || args+=(--oversubscribe)
    list=$(./xferbench list)
    while read -r line; do
        if [[ $line == 'cuda '* && $line != *'not usable here'* ]]; then gpu=yes; fi
    done <<<"$list"
    if [ $gpu = no ]; then
        say "no usable GPU: the run uses the cpu device and its figures are those of host memory"
    fi
    mpirun "${args[@]}" ./xferbench run quick
    if [ "$(id -u)" -eq 0 ]; then
        say "mpirun refuses root unless told otherwise: export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"
    fi
    say "the next steps are in README.md"
}

read -r -a missing <<<"$(missing_packages)"
if [ ${#missing[@]} -gt 0 ]; then
    [ $install = yes ] || die "missing, please install: ${missing[*]}"
    install_packages "${missing[@]}"
fi
build
[ $run = no ] || first_run
say "done; 'make check' runs the tests, 'make check-all' those that are long too"
