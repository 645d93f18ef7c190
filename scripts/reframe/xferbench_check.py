# SPDX-License-Identifier: BSD-3-Clause
"""xferbench under ReFrame: bandwidths and latencies of a scenario's cases, read from its report.

    reframe -C config.py -c xferbench_check.py --run -S scenario=node -S ranks=8
    reframe -C config.py -c xferbench_check.py --run -S device=cpu

References are a dictionary as ReFrame has it, of ids of cases; a case without one is logged alone:

    -S 'reference=...' or, in a class of one's own, reference = {"cluster:gpu": {ID: (390, -0.05, None, "GB/s")}}

What machines should reach `xferbench check` knows as well: with -S check=1 a warning there fails the test.
"""
import json
import os

import reframe as rfm
import reframe.utility.sanity as sn
from reframe.core.builtins import run_before, sanity_function, variable

REPORT = "report.json"


@rfm.simple_test
class XferbenchCheck(rfm.RunOnlyRegressionTest):
    descr = "How fast bytes move between GPUs"
    valid_systems = ["*"]
    valid_prog_environs = ["*"]

    scenario = variable(str, value="quick")
    device = variable(str, value="auto")
    ranks = variable(int, value=2)
    passes = variable(int, value=6)
    check = variable(bool, value=False)
    program = variable(str, value="xferbench")

    keep_files = [REPORT]

    @run_before("run")
    def set_command(self):
        self.num_tasks = self.ranks
        self.executable = self.program
        self.executable_opts = ["run", self.scenario, "--device", self.device, "--passes", str(self.passes),
                                "-o", REPORT]
        if self.check:
            self.executable_opts.append("--check")

    def report(self):
        with open(os.path.join(self.stagedir, REPORT), encoding="utf-8") as file:
            return json.load(file)

    @sanity_function
    def all_is_ok(self):
        """All cases are ok, or skipped with a reason, and the run ended with 0."""
        report = self.report()
        broken = [f"{c['id']}: {c['status']}: {c['reason']}" for c in report["cases"]
                  if c["status"] not in ("ok", "skipped")]
        return sn.all([
            sn.assert_eq(report["status"], "ok", msg="; ".join(broken) or f"the run is {report['status']}"),
            sn.assert_eq(self.job.exitcode, 0, msg=f"the run ended with {self.job.exitcode}"),
        ])

    @run_before("performance")
    def set_performance(self):
        """Ping-pongs are about latency, everything else is about bandwidth."""
        for case in self.report()["cases"]:
            if case["status"] != "ok" or not case["bandwidth_gb_per_s"]:
                continue
            latency = case["key"]["pattern"] == "pingpong"
            value = case["time_us"]["median"] if latency else case["bandwidth_gb_per_s"]["median"]
            unit = "us" if latency else "GB/s"
            self.perf_variables[case["id"]] = sn.make_performance_function(sn.defer(value), unit)
