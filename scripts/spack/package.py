# SPDX-License-Identifier: BSD-3-Clause
"""Spack's recipe of xferbench. In a repository of one's own it is packages/xferbench/package.py:

    spack repo create my && mkdir -p my/packages/xferbench && cp package.py my/packages/xferbench/
    spack repo add my && spack dev-build -d /path/to/xferbench xferbench@main +cuda cuda_arch=90
"""
from spack.package import *

try:
    from spack_repo.builtin.build_systems.autotools import AutotoolsPackage
    from spack_repo.builtin.build_systems.cuda import CudaPackage
except ImportError:
    pass  # before Spack 1.0 they come with spack.package


class Xferbench(AutotoolsPackage, CudaPackage):
    """How fast bytes move between GPUs, and between GPUs and hosts, over every path that software
    can take, and what carried them."""

    license("BSD-3-Clause")

    # dev-build and `spack develop` take a checkout; a site names its own mirror or repository here
    version("main")

    variant("nccl", default=False, when="+cuda", description="Measure NCCL too")

    depends_on("c", type="build")
    depends_on("autoconf", type="build")
    depends_on("automake@1.15:", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("mpi")
    depends_on("hwloc@2.1:")
    depends_on("cjson")
    depends_on("cuda@11.8:13", when="+cuda")
    depends_on("nccl", when="+nccl")
    depends_on("bats", type="test")
    depends_on("py-jsonschema", type="test")

    def autoreconf(self, spec, prefix):
        autoreconf("--install")

    def configure_args(self):
        args = []
        if self.spec.satisfies("+cuda"):
            args.append(f"--with-cuda={self.spec['cuda'].prefix}")
            archs = self.spec.variants["cuda_arch"].value
            if archs and archs[0] != "none":
                args.append(f"CUDA_ARCHS={' '.join(archs)}")
        else:
            args.append("--without-cuda")
        if self.spec.satisfies("+nccl"):
            args.append(f"--with-nccl={self.spec['nccl'].prefix}")
        else:
            args.append("--without-nccl")
        return args

    def setup_run_environment(self, env):
        env.prepend_path("XDG_DATA_DIRS", self.prefix.share)

    @run_after("install")
    @on_package_attributes(run_tests=True)
    def validate_scenarios(self):
        Executable(self.prefix.bin.xferbench)("validate", "quick", "full", "static")
