# SPDX-License-Identifier: BSD-3-Clause
"""Run a command on a terminal of its own, and say what would be seen on it.

    terminal.py COLUMNS RAW [--env NAME=VALUE]... COMMAND...

What was written goes into the file RAW as it came. A screen of so many columns reads it as a
terminal does, as far as the program goes: ends of lines, returns to a line's begin, clearing to
its end, colours. Printed is each line that was whole when the next one began, and the last one;
"over: LINE" for each state of a line that was written over; and at the end the line that the
cursor stands in. A line that is longer than the screen is wide, or an escape sequence other than these, is
an error: "wrapped: LINE", "escape: SEQUENCE". The end status is the command's.
"""
import fcntl
import os
import pty
import re
import struct
import sys
import termios


def run(columns, env, command):
    """The bytes that a command writes to a terminal, and its status."""
    pid, fd = pty.fork()
    if pid == 0:
        # the size is there before the program asks for it
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
        os.environ.update(env)
        os.execvp(command[0], command)
    written = b""
    while True:
        try:
            part = os.read(fd, 65536)
        except OSError:
            break  # nobody has the terminal any more
        if not part:
            break
        written += part
    return written, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def show(columns, written):
    """What a screen makes of it: (kind, line)."""
    line, at = "", 0
    text = written.decode(errors="replace")
    for token in re.findall(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b.|\r|\n|[^\x1b\r\n]+|\x1b", text):
        if token == "\n":
            yield "line", line
            line, at = "", 0
        elif token == "\r":
            at = 0
        elif token == "\x1b[K":
            if line[at:]:
                yield "over", line
            line = line[:at]
        elif re.fullmatch(r"\x1b\[[0-9;]*m", token):
            yield "colour", token
        elif token[0] == "\x1b":
            yield "escape", repr(token)
        else:
            line = line[:at] + token + line[at + len(token):]
            at += len(token)
            if at > columns:
                yield "wrapped", line
    yield "end", line


def main():
    columns, raw, rest, env = int(sys.argv[1]), sys.argv[2], sys.argv[3:], {"TERM": "xterm"}
    while rest[0] == "--env":
        name, value = rest[1].split("=", 1)
        env[name] = value
        rest = rest[2:]
    written, status = run(columns, env, rest)
    with open(raw, "wb") as file:
        file.write(written)
    for kind, line in show(columns, written):
        print(line if kind == "line" else f"{kind}: {line!r}" if kind == "colour" else f"{kind}: {line}")
    return status


if __name__ == "__main__":
    sys.exit(main())
