#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Draw the trace of one pipelined case as a picture.

Usage: scripts/trace-svg.py TRACE.json [PROCESS] > picture.svg

TRACE.json is what `xferbench run --trace` wrote; PROCESS is the number of a case in it (default:
the first). A lane for each stage, a bar for each chunk, times in microseconds.
"""
import json
import os
import re
import sys
from xml.sax.saxutils import escape

WIDTH, LEFT, LANE, GAP, TOP = 960, 150, 34, 14, 46
COLOURS = ["#4477aa", "#66ccee", "#228833", "#ccbb44", "#ee6677", "#aa3377"]


# What XML cannot hold.
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def escaped(text):
    return escape(NOT_XML.sub("\ufffd", text))


def events_of(file):
    """What a trace says happened."""
    try:
        with open(file, encoding="utf-8") as f:
            events = json.load(f)["traceEvents"]
    except OSError as e:
        sys.exit(f"{file}: cannot be read: {e.strerror}")
    except (ValueError, KeyError, TypeError, RecursionError):
        sys.exit(f"{file}: found no \"traceEvents\", expected what run --trace has written")
    if not events:
        sys.exit(f"{file}: found no transfer, expected a case of one lane, in chunks: others are not traced")
    return events


def events_of_process(file, events, asked):
    """Those of one case."""
    there = sorted({e["pid"] for e in events})
    if asked is not None and asked not in map(str, there):
        sys.exit(f"{file}: found no case {asked}, expected one of {', '.join(map(str, there))}")
    process = there[0] if asked is None else int(asked)
    return [e for e in events if e["pid"] == process]


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    try:
        events = events_of(sys.argv[1])
        picture = draw(events_of_process(sys.argv[1], events, sys.argv[2] if len(sys.argv) == 3 else None))
    except (AttributeError, KeyError, TypeError, ValueError, StopIteration, ZeroDivisionError) as e:
        sys.exit(f"{sys.argv[1]}: found events that are not whole ({type(e).__name__}: {e}), "
                 "expected those that run --trace writes")
    try:
        sys.stdout.buffer.write(picture.encode())
        sys.stdout.buffer.flush()
    except OSError as e:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter tries again at its end
        sys.exit(f"standard output: cannot be written: {e.strerror}")


def draw(mine):
    """The picture of a case's events."""
    title = next(e["args"]["name"] for e in mine if e["name"] == "process_name")
    lanes = sorted((e["tid"], e["args"]["name"]) for e in mine if e["name"] == "thread_name")
    bars = [e for e in mine if e["ph"] == "X"]
    row = {tid: TOP + i * (LANE + GAP) for i, (tid, _) in enumerate(lanes)}
    end = max(b["ts"] + b["dur"] for b in bars)
    scale = (WIDTH - LEFT - 20) / end
    height = TOP + len(lanes) * (LANE + GAP) + 24

    def x(us):
        return LEFT + us * scale

    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
           'font-family="sans-serif" font-size="12">' % (WIDTH, height),
           '<rect width="100%" height="100%" fill="white"/>',
           '<text x="10" y="20" font-size="13">%s</text>' % escaped(title)]
    for tid, name in lanes:
        out.append('<text x="10" y="%.1f">%s</text>' % (row[tid] + LANE / 2 + 4, escaped(name)))
    ends = {e["id"]: e for e in mine if e["ph"] == "f"}
    for e in mine:
        if e["ph"] == "s":
            to = ends[e["id"]]
            out.append('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#777"/>'
                       % (x(e["ts"]), row[e["tid"]] + LANE, x(to["ts"]), row[to["tid"]]))
    for b in bars:
        chunk = b["name"].split()[-1]
        out.append('<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s" fill-opacity="0.75" '
                   'stroke="#333"/>' % (x(b["ts"]), row[b["tid"]], max(b["dur"] * scale, 1), LANE,
                                        COLOURS[int(chunk) % len(COLOURS)]))
        out.append('<text x="%.1f" y="%.1f">%s</text>'
                   % (x(b["ts"] + b["dur"]) - 8 - 7 * len(chunk), row[b["tid"]] + LANE / 2 + 4,
                      chunk))
    step = 10 ** (len(str(int(end))) - 1)
    for i in range(int(end / step) + 1):
        out.append('<text x="%.1f" y="%d" fill="#555">%d µs</text>' % (x(i * step), height - 8,
                                                                      i * step))
    out.append("</svg>")
    return "\n".join(out) + "\n"


main()
