# SPDX-License-Identifier: BSD-3-Clause
"""attack.py - kill or stop ranks of runs at random moments, and look at what is left.

    python3 attack.py [--kills N] [--stops N] [--bytes SIZE] [--device D] [--seed S] [--late SECONDS] XFERBENCH

A kill (SIGKILL) goes to rank 0, another rank, all ranks or mpirun. Afterwards no process of the
run may be left, its journal must be readable line by line but for a last one that was cut short,
and `run --resume-if-exists` must end with a whole report: each case once, all of them ok. A stop
(SIGSTOP) of one rank must end the run by itself, and the run must name that rank. What fails is
said on a line, with the seed and the number that make the attack again; the exit status is 1. A
signal that came when no rank was there yet, or any more, does not count as one of the N.

Open MPI 4.1's mpirun stays for ever where a rank was killed while it connects to mpirun, and says
of it that it had "PID 0". All ranks are gone then. It is ended and counted apart, and the journal
and the resumed run are looked at as ever.

Runs are started in a folder of their own, which goes when nothing failed.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

LAUNCHERS = ("mpirun", "prterun")  # what a rank is before it is the program; of Open MPI 4 and 5
PATIENCE = 3  # seconds without a word before a rank counts as lost
SLOW = 180  # seconds that any one step may take on a busy machine
LAUNCHER_LEFT = -1000  # no exit status
LAUNCHER = 40  # seconds that a launcher without ranks has to end


def scenario(device, size):
    """Some cases of several methods, between ranks and within, in three passes."""
    return {
        "name": "attack",
        "device": device,
        "sampling": {"min_samples": 2, "max_samples": 6, "max_time": "12ms", "warmup": "0s", "passes": 3},
        "cases": [
            {"paths": ["gpu->gpu@node"], "sizes": ["4KiB", size],
             "methods": ["p2p", "mpi", {"name": "host-staged", "chunk": "size/4", "depth": 2}]},
            {"paths": ["host->gpu", "host->host@node"], "sizes": [size], "methods": ["direct", "mpi"]},
        ],
    }


def environment(pid):
    """The variables that a process was started with; none where it is gone."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as f:
            pairs = f.read().split(b"\0")
    except OSError:
        return {}
    return dict(p.decode(errors="replace").split("=", 1) for p in pairs if b"=" in p)


def processes_of(mark):
    """Those of one run, by a variable that it alone has: {pid: rank or None for a launcher}."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        variables = environment(name)
        if variables.get("ATTACK_MARK") != mark:
            continue
        try:
            with open(f"/proc/{name}/stat") as f:
                state = f.read().rsplit(")", 1)[1].split()[0]
            with open(f"/proc/{name}/comm") as f:
                comm = f.read().strip()
        except OSError:
            continue
        if state not in "ZX":
            rank = variables.get("OMPI_COMM_WORLD_RANK")
            found[int(name)] = int(rank) if rank is not None and comm not in LAUNCHERS else None
    return found


class Attack:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.folder = tempfile.mkdtemp(prefix="attack-")
        self.failed = 0
        self.done = {"kills": 0, "stops": 0}
        self.count = {}
        self.launchers_left = 0
        with open(os.path.join(self.folder, "s.json"), "w") as f:
            json.dump(scenario(options.device, options.bytes), f)

    def own(self, mark):
        """A run's mark that no attack beside this one has."""
        return f"{self.folder}/{mark}"

    def start(self, mark, output, *more):
        """A run in the background, with its words in files beside its report."""
        variables = dict(os.environ, ATTACK_MARK=self.own(mark), XFERBENCH_PATIENCE=str(PATIENCE))
        # unbound: launchers that know nothing of each other bind the ranks of all to the first cores
        command = ["mpirun", "--oversubscribe", "--bind-to", "none", "-n", str(self.options.ranks), self.options.xferbench,
                   "run", "s.json", "-o", output, *more]
        with open(os.path.join(self.folder, f"{mark}.out"), "w") as out, \
                open(os.path.join(self.folder, f"{mark}.err"), "w") as err:
            return subprocess.Popen(command, cwd=self.folder, env=variables, stdout=out, stderr=err,
                                    stdin=subprocess.DEVNULL)

    def await_end(self, run, mark, seconds=SLOW):
        """The exit status once the launcher and all ranks are gone; None where some are not. These
        are ended, so that they do not disturb the next. A launcher that stays without its ranks,
        since one of them "had PID 0", has LAUNCHER_LEFT."""
        now = time.monotonic()
        until, alone_since = now + seconds, None
        while now < until and (run.poll() is None or processes_of(self.own(mark))):
            alone = all(rank is None for rank in processes_of(self.own(mark)).values())
            alone_since = (alone_since or now) if alone else None
            if alone_since and now > alone_since + LAUNCHER and self.has_lost_track(mark):
                run.kill()
                run.wait()
                self.launchers_left += 1
                return LAUNCHER_LEFT
            time.sleep(0.05)
            now = time.monotonic()
        left = processes_of(self.own(mark))
        if run.poll() is not None and not left:
            return run.returncode
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        run.kill()
        run.wait()
        return None

    def has_lost_track(self, mark):
        """Does the launcher of a run speak of a rank without a process?"""
        with open(os.path.join(self.folder, f"{mark}.err")) as f:
            return "with PID 0 " in f.read()

    def fail(self, what, number, text):
        self.failed += 1
        print(f"{what} {number} (seed {self.options.seed}): {text}; see {self.folder}", flush=True)

    def whole(self, output):
        """What is wrong with a report that should have all cases; None where nothing is."""
        try:
            with open(os.path.join(self.folder, output)) as f:
                report = json.load(f)
        except (OSError, ValueError) as e:
            return f"no report: {e}"
        ids = [c["id"] for c in report["cases"]]
        if len(set(ids)) != len(ids) or len(ids) != self.cases:
            return f"{len(ids)} cases, {len(set(ids))} of them different, expected {self.cases}"
        bad = [c["id"] for c in report["cases"] if c["status"] not in ("ok", "skipped")]
        return f"not ok: {bad}" if bad else None

    def journal(self, output):
        """What is wrong with a journal."""
        name = os.path.join(self.folder, output + ".journal")
        if not os.path.exists(name):
            return None
        with open(name, "rb") as f:
            lines = f.read().split(b"\n")
        for i, line in enumerate(lines[:-1]):  # the last one ends with no line feed
            try:
                json.loads(line)
            except ValueError as e:
                return f"line {i + 1} of the journal: {e}"
        return None

    def measure(self):
        """Two runs that nobody disturbs: how long one takes, and how many cases it has."""
        for mark in ("first", "second"):
            begun = time.monotonic()
            status = self.await_end(self.start(mark, mark + ".json"), mark)
            self.seconds = time.monotonic() - begun
            if status != 0:
                sys.exit(f"a run that nobody disturbs ends with status {status}; see {self.folder}")
        with open(os.path.join(self.folder, "first.json")) as f:
            self.cases = len(json.load(f)["cases"])

    def learn_from(self, run, got):
        """How long runs take changes with what else the machine does. A signal that found nobody
        came before the ranks, where the launcher is there, or after them."""
        if not got and not self.options.late:
            self.seconds *= 1.1 if run.poll() is None else 0.9

    def await_moment(self, output):
        """Somewhere in a run; or somewhere behind its report, which is there when all is measured."""
        until = time.monotonic() + SLOW
        while self.options.late and time.monotonic() < until and not os.path.exists(
                os.path.join(self.folder, output)):
            time.sleep(0.001)
        time.sleep(self.random.uniform(0, self.options.late or self.seconds))

    def victims(self, kind, mark):
        """Whom a signal goes to; empty where they have not begun."""
        found = processes_of(self.own(mark))
        ranks = {rank: pid for pid, rank in found.items() if rank is not None}
        self.has_ranks = bool(ranks)
        if kind == "mpirun":
            return [pid for pid, rank in found.items() if rank is None]
        if kind == "all":
            return list(ranks.values())
        rank = 0 if kind == "rank 0" else self.random.randrange(1, self.options.ranks)
        return [ranks[rank]] if rank in ranks else []

    def send(self, kind, mark, output, number):
        """Send a signal at a random moment; true where somebody got it."""
        self.await_moment(output)
        got = False
        for pid in self.victims(kind, mark):
            try:
                os.kill(pid, number)
                got = True
            except OSError:
                pass
        return got

    def note(self, what, signal_name, who):
        self.done[what] += who != "nobody"
        self.count[f"{signal_name} {who}"] = self.count.get(f"{signal_name} {who}", 0) + 1

    def kill(self, i):
        kind = self.random.choice(["rank 0", "another rank", "all", "mpirun"])
        output, mark = f"kill{i}.json", f"kill{i}"
        run = self.start(mark, output)
        hit = self.send(kind, mark, output, signal.SIGKILL)
        self.learn_from(run, self.has_ranks)
        self.note("kills", "kill", kind if hit else "nobody")
        if self.await_end(run, mark) is None:
            return self.fail("kill", i, f"{kind}: processes were left")
        wrong = self.journal(output)
        if wrong:
            return self.fail("kill", i, f"{kind}: {wrong}")
        again = self.start(mark + "r", output, "--resume-if-exists", output)
        status = self.await_end(again, mark + "r")
        wrong = self.whole(output)
        if status != 0 or wrong or os.path.exists(os.path.join(self.folder, output + ".journal")):
            return self.fail("kill", i, f"{kind}: resumed with status {status}: {wrong}")
        self.forget(mark, output)

    def stop(self, i):
        kind = self.random.choice(["rank 0", "another rank"])
        output, mark = f"stop{i}.json", f"stop{i}"
        run = self.start(mark, output)
        self.await_moment(output)
        found = {rank: pid for pid, rank in processes_of(self.own(mark)).items() if rank is not None}
        rank = 0 if kind == "rank 0" else self.random.randrange(1, self.options.ranks)
        if rank in found:
            try:
                os.kill(found[rank], signal.SIGSTOP)
            except OSError:
                rank = -1
        else:
            rank = -1
        self.learn_from(run, rank >= 0)
        self.note("stops", "stop", kind if rank >= 0 else "nobody")
        status = self.await_end(run, mark)
        if status is None:
            return self.fail("stop", i, f"rank {rank}: the run does not end by itself")
        with open(os.path.join(self.folder, mark + ".err")) as f:
            said = f.read()
        # one that was stopped when all was written need not be noticed
        if status != 0 and rank >= 0 and f"rank {rank}" not in said:
            return self.fail("stop", i, f"rank {rank} is not named, status {status}")
        self.forget(mark, output)

    def forget(self, mark, output):
        for name in os.listdir(self.folder):
            if name.startswith((mark + ".", mark + "r.", output)):
                os.remove(os.path.join(self.folder, name))

    def run(self):
        try:
            self.measure()
            for what, attack, asked in (("kills", self.kill, self.options.kills),
                                        ("stops", self.stop, self.options.stops)):
                i = 0
                while self.done[what] < asked and i < 10 * asked:
                    attack(i)
                    i += 1
                if self.done[what] < asked:
                    self.fail(what, i, "these many found nobody")
        finally:
            print(f"{self.done['kills']} kills and {self.done['stops']} stops, {self.failed} failed, "
                  f"{self.launchers_left} launchers left without ranks; who got them: {json.dumps(self.count)}", flush=True)
        if self.failed == 0:
            shutil.rmtree(self.folder)
        return 1 if self.failed else 0


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parser = argparse.ArgumentParser()
    parser.add_argument("xferbench", type=os.path.abspath)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--stops", type=int, default=0)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--bytes", default="1MiB")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--late", type=float, help="only the seconds behind the report")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    sys.exit(Attack(parser.parse_args()).run())


if __name__ == "__main__":
    main()
