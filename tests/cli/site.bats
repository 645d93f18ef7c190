#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What sites take: the Spack recipe, the ReFrame test, the container's definition.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() { common_setup; }

@test "the Spack recipe gives configure what it knows" {
    [[ -n $PYTHON ]] || skip "no python3"
    # what Spack would be to it, as far as it is needed to ask for the arguments
    mkdir spack
    cat >spack/package.py <<'EOT'
def _nothing(*args, **keys):
    return lambda of: of
license = version = variant = depends_on = run_after = on_package_attributes = _nothing
class AutotoolsPackage: pass
class CudaPackage: pass
EOT
    touch spack/__init__.py
    cp "$XB_SRCDIR/scripts/spack/package.py" recipe.py
    PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=. "$PYTHON" - >args.txt <<'EOT'
from recipe import Xferbench
class Value:
    def __init__(self, **keys): self.__dict__.update(keys)
class Spec(dict):
    def __init__(self, *on):
        super().__init__({n: Value(prefix="/opt/" + n) for n in ("cuda", "nccl")})
        self.on, self.variants = on, {"cuda_arch": Value(value=("80", "90") if "+cuda" in on else ("none",))}
    def satisfies(self, what): return what in self.on
for on in ((), ("+cuda",), ("+cuda", "+nccl")):
    package = Xferbench()
    package.spec = Spec(*on)
    print("\n".join(package.configure_args()))
    assert package.configure_args()[0] == ("--with-cuda=/opt/cuda" if on else "--without-cuda"), on
EOT
    "$XB_SRCDIR/configure" --help >help.txt
    local arg
    grep -qx 'CUDA_ARCHS=80 90' args.txt
    while read -r arg; do
        arg=${arg%%=*} arg=${arg/--without-/--with-}
        grep -qE "^  $arg\b" help.txt || { echo "configure does not know $arg"; return 1; }
    done <args.txt
    [[ $(wc -l <args.txt) == 8 ]]
}

@test "the container's definition has what a build needs, and its steps are right for a shell" {
    local definition=$XB_SRCDIR/scripts/apptainer/xferbench.def section package
    grep -qx 'Bootstrap: docker' "$definition"
    for section in post runscript test; do
        sed -n "/^%$section/,/^%/p" "$definition" | sed '1d; /^%/d' >$section.sh
        [[ -s $section.sh ]]
        sh -n $section.sh
        if type -P shellcheck >/dev/null; then shellcheck -s sh $section.sh; fi
    done
    # what quickstart.sh installs for a build from a release, without the tools of a checkout and of tests
    # shellcheck disable=SC2013 # words
    for package in $(sed -n '/^missing_packages()/,/^}/p' "$XB_SRCDIR/scripts/quickstart.sh" |
        grep -oE 'missing\+=\([^)]*\)' | sed 's/missing+=(//; s/)//'); do
        case $package in autoconf | automake | bats | jq | iproute2 | nftables | python3* | man-db | groff | mandoc) continue ;; esac
        grep -qE "(^| )$package( |\$)" post.sh || { echo "not installed: $package"; return 1; }
    done
}

@test "files for ReFrame compile" {
    [[ -n $PYTHON ]] || skip "no python3"
    local file
    for file in "$XB_SRCDIR"/scripts/reframe/*.py "$XB_SRCDIR"/scripts/spack/*.py; do
        "$PYTHON" -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' "$file"
    done
}

# bats test_tags=long
@test "ReFrame runs its test on the cpu device, and sees what fails" {
    type -P reframe >/dev/null || skip "no reframe: pip install reframe-hpc"
    local rfm=(reframe --nocolor --prefix "$PWD" -C "$XB_SRCDIR/scripts/reframe/config.py" -c "$XB_SRCDIR/scripts/reframe/xferbench_check.py"
        --run --performance-report -S device=cpu -S passes=1 -S "program=$XFERBENCH")
    export OMPI_MCA_rmaps_base_oversubscribe=1 PYTHONDONTWRITEBYTECODE=1
    scenario good.json '[{"paths": ["host->gpu"], "sizes": ["4KiB", "64KiB"], "methods": ["direct"]}]'
    run -0 "${rfm[@]}" -S "scenario=$PWD/good.json"
    assert_has "$output" "1/1 test case(s)" "stream/direct[memory=pinned]/host->gpu@self/64KiB" "GB/s"
    scenario bad.json '[{"paths": ["host->host"], "sizes": 8, "methods": [{"name": "null", "fail": "post"}, "direct"]}]'
    run -1 "${rfm[@]}" -S "scenario=$PWD/bad.json"
    assert_has "$output" "Failing phase: sanity" "injected failure in post"
}
