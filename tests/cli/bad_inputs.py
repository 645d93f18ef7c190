#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""bad_inputs.py - what the program says of each bad input of a file.

Usage: bad_inputs.py PROGRAM FILE [--write]

A line of the file is a JSON object: `arguments` of the program; `file` and `text`, the one file in
the folder that it is started in; its exit `status`; `says`, what it complains of, one line
without the program's name. With --write what it says now takes the place of `status` and
`says`: for who has changed messages, and reads the difference before it is kept.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

# Lines that stand behind a complaint.
BEHIND = ("' says more.", "Usage: ")


def complaint(stderr):
    """The lines that complain, without the program's name and what stands behind them."""
    lines = []
    for line in stderr.splitlines():
        if line.startswith(BEHIND[1]):
            break
        if line and not line.endswith(BEHIND[0]):
            lines.append(line)
    return "\n".join(lines).removeprefix("xferbench: error: ").removeprefix("xferbench: ").removeprefix("xferbench ")


def run(program, row):
    """(status, what it says, what is wrong with that whatever it should say)."""
    with tempfile.TemporaryDirectory() as folder:
        if "file" in row:
            with open(os.path.join(folder, row["file"]), "w", encoding="utf-8") as f:
                f.write(row["text"])
        done = subprocess.run([program, *row["arguments"]], cwd=folder, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=300, check=False)
        left = sorted(set(os.listdir(folder)) - {row.get("file")})
    text = done.stderr.decode("utf-8", "surrogateescape")
    says = complaint(text).replace(folder, "FOLDER").replace(os.environ["XFERBENCH_SCENARIOS"], "SCENARIOS")
    says = re.sub(r"( in SCENARIOS[/\w]*)(, [^\s,]+)+", r"\1", says)  # and where this build was to be installed
    wrong = []
    if "\n" in says or not says:
        wrong.append("not one complaint")
    if any(not c.isprintable() for c in text.replace("\n", "")):
        wrong.append("characters that speak to a terminal")
    if left:
        wrong.append(f"files left: {left}")
    return done.returncode, says, wrong


def main():
    program, name = sys.argv[1:3]
    write = sys.argv[3:] == ["--write"]
    with open(name, encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    bad = 0
    for number, row in enumerate(rows, 1):
        status, says, wrong = run(program, row)
        if not write and (status != row["status"] or says != row["says"]):
            wrong.append(f"ended with {status}, expected {row['status']}\n  said     {says}\n  expected {row['says']}")
        if wrong:
            bad += 1
            print(f"{name}:{number}: {' '.join(row['arguments'])}: {'; '.join(wrong)}")
        row["status"], row["says"] = status, says
    if write:
        with open(name, "w", encoding="utf-8") as f:
            f.writelines(json.dumps(row, ensure_ascii=True) + "\n" for row in rows)
    print(f"{len(rows)} bad inputs, {bad} of them wrong")
    sys.exit(1 if bad else 0)


main()
