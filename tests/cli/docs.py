# SPDX-License-Identifier: BSD-3-Clause
"""docs.py - what README.md and docs/ hold, for docs.bats: fenced blocks, links, options, names.

docs.py languages ROOT             fenced blocks with a language that nobody knows
docs.py left-out ROOT              blocks that are not run: 'PAGE: REASON (N)', a line each
docs.py commands ROOT PAGE FOLDER  the page's commands as FOLDER/LINE.sh, a file a block; one that
                                   shows an error of the program ends well if its last command fails
docs.py shown ROOT FOLDER          commands whose output the page has and anybody gets, as FOLDER/PAGE-LINE.sh,
                                   and that output as .expected
docs.py agrees EXPECTED PRINTED    where these two files differ; "..." stands for any lines, or the
                                   rest of one
docs.py files ROOT FOLDER          JSON that is a whole file, as FOLDER/NAME.json by its name
docs.py links ROOT                 links of these, SECURITY.md and results/README.md that lead nowhere
docs.py options ROOT HELP          options that no --help in the file HELP has
docs.py described ROOT HELP        options of the command, whose --help is in the file HELP, that its page
                                   lacks; HELP is named as the command
docs.py fields ROOT                keys of the report's schema that docs/fields.md lacks
docs.py variables ROOT             variables that the program or a script reads and no page names, and
                                   those that a report keeps and SECURITY.md does not name
docs.py names ROOT LIST FORMATS    what 'xferbench list', saved as LIST, has and no page describes;
                                   FORMATS are the names of the report's forms, with blanks
What is wrong is printed, a line each; then the exit status is 1.
"""
import json
import pathlib
import re
import sys

NEITHER_RUN_NOR_READ = {"c", "text"}
LANGUAGES = {"sh", "console", "json"} | NEITHER_RUN_NOR_READ

# What a block without a language begins with if it is commands.
BEGINS = r"(\./)?xferbench |mpirun |srun |sbatch |jq |for |make\b|autoreconf |\./configure|python3 |module |spack |reframe |scripts/"

# Options that pages name and that are another program's.
FOREIGN = {
    "--array", "--gpus-per-node", "--gpus-per-task", "--nodelist", "--nodes", "--ntasks",
    "--ntasks-per-node", "--signal",  # sbatch, srun, scancel
    "--mpi",  # srun
    "--bind-to", "--mca", "--oversubscribe",  # mpirun
    "--no-install", "--no-run",  # scripts/quickstart.sh
    "--host", "--prefix", "--with-cuda", "--with-nccl", "--without-cuda", "--without-nccl", "--without-nvml",  # configure
    "--nv",  # apptainer
    "--performance-report", "--run",  # reframe
    "--cflags", "--libs",  # pkg-config
    "--slurpfile",  # jq
    "--sm_copy",  # p2pBandwidthLatencyTest
}


def pages(root):
    return [root / "README.md", *sorted((root / "docs").glob("*.md"))]


def title(root, page):
    return str(page.relative_to(root))


def guess(lines):
    if any(line.startswith("$ ") for line in lines):
        return "console"
    return "sh" if lines and re.match(BEGINS, lines[0]) else "text"


def blocks(page):
    """(number of the first line, language, reason why it is not run or None, lines)"""
    lines, at, reason = page.read_text(encoding="utf-8").splitlines(), 0, None
    while at < len(lines):
        fence = re.match(r"( *)```(.*)$", lines[at])
        if fence:
            end = next(i for i in range(at + 1, len(lines)) if lines[i].strip() == "```")
            inside = lines[at + 1 : end]
            yield at + 2, fence[2].strip() or guess(inside), reason, inside
            at = end
        comment = re.match(r"<!-- (needs .*) -->$", lines[at])
        reason = comment[1] if comment else None
        at += 1


def text_without_blocks(page):
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def commands(language, lines):
    """What a shell is given: all of it, or what stands behind prompts, with lines that go on."""
    if language == "sh":
        return "\n".join(lines)
    out, goes_on = [], False
    for line in lines:
        if goes_on or line.startswith("$ "):
            out.append(line if goes_on else line[2:])
            goes_on = line.endswith("\\")
    return "\n".join(out)


# Commands whose output is the same everywhere: of the program's own files, or of the samples that
# docs.bats has for all pages.
SHOWN = r"(COLUMNS=\d+ )?xferbench (plan|report|compare .*results/|check .*results/)"


def with_output(lines):
    """Of a console block (place of the command's first line, command, lines of output)."""
    at = 0
    while at < len(lines):
        first = at
        while lines[at].endswith("\\"):
            at += 1
        at += 1
        end = next((i for i in range(at, len(lines)) if lines[i].startswith("$ ")), len(lines))
        yield first, commands("console", lines[first:at]), lines[at:end]
        at = end


def write_shown(root, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for page in pages(root):
        for line, language, reason, lines in blocks(page):
            if language != "console" or reason:
                continue
            for at, command, output in with_output(lines):
                if output and re.match(SHOWN, command):
                    name = folder / f"{page.stem}-{line + at}"
                    name.with_suffix(".sh").write_text(command + "\n", encoding="utf-8")
                    name.with_suffix(".expected").write_text("\n".join(output) + "\n", encoding="utf-8")
    return []


def find_differences(expected, printed):
    """Blanks at the end of a line are not compared."""
    pattern = ""
    for line in pathlib.Path(expected).read_text(encoding="utf-8").splitlines():
        if line == "...":
            pattern += r"(?:.*\n)*?"
        elif line.endswith("..."):
            pattern += re.escape(line[:-3]) + r".*\n"
        else:
            pattern += re.escape(line.rstrip()) + r"\n"
    text = "".join(line.rstrip() + "\n" for line in pathlib.Path(printed).read_text(encoding="utf-8").splitlines())
    return [] if re.fullmatch(pattern, text) else [f"{expected} is not what is printed"]


def find_languages(root):
    for page in pages(root):
        for line, language, _, _ in blocks(page):
            if language not in LANGUAGES:
                yield f"{title(root, page)}:{line - 1}: '{language}', expected one of {' '.join(sorted(LANGUAGES))}"


def find_left_out(root):
    for page in pages(root):
        reasons = [r for _, language, r, _ in blocks(page) if r and language in ("sh", "console")]
        for reason in sorted(set(reasons)):
            yield f"{title(root, page)}: {reason} ({reasons.count(reason)})"


def write_commands(root, page, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for line, language, reason, lines in blocks(root / page):
        if language in ("sh", "console") and not reason:
            text = commands(language, lines) + "\n"
            if any(line.startswith("xferbench: error: ") and "required" not in line for line in lines):
                text = "! " + text
            (folder / f"{line:04d}.sh").write_text(text, encoding="utf-8")
    return []


def write_files(root, folder):
    """Of a file of configurations, which has no name, the name is two."""
    folder.mkdir(parents=True, exist_ok=True)
    for page in pages(root):
        for line, language, _, lines in blocks(page):
            if language != "json":
                continue
            try:
                value = json.loads("\n".join(lines))
            except ValueError as e:
                yield f"{title(root, page)}:{line}: {e}"
                continue
            name = "two" if "configs" in value else value.get("name")
            if "configs" in value or name and {"cases", "rules", "bounds"} & set(value):
                (folder / f"{name}.json").write_text("\n".join(lines) + "\n", encoding="utf-8")


def anchors(page):
    found = set()
    for heading in re.findall(r"^#+ (.*)$", text_without_blocks(page), flags=re.M):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(slug)
    return found


def find_links(root):
    for page in [*pages(root), root / "SECURITY.md", root / "results/README.md"]:
        for target in re.findall(r"\]\(([^)]*)\)", text_without_blocks(page)):
            if re.match(r"https?://", target):
                continue
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            if not file.exists():
                yield f"{title(root, page)}: {target}: no such file"
            elif anchor and anchor not in anchors(file):
                yield f"{title(root, page)}: {target}: no such heading"
        name = page.name
        if page.parent.name == "docs" and name != "README.md":
            if name not in (root / "docs/README.md").read_text(encoding="utf-8"):
                yield f"docs/README.md: {name} is not in it"


def find_options(root, help_file):
    known = set(re.findall(r"--[a-z][a-z0-9_-]*", pathlib.Path(help_file).read_text(encoding="utf-8")))
    known |= FOREIGN | {"--help", "--version"}
    for page in pages(root):
        for option in sorted(set(re.findall(r"(?<![\w-])--[a-z][a-z0-9_-]*", page.read_text(encoding="utf-8")))):
            if option not in known:
                yield f"{title(root, page)}: {option}: no command has it"


# Where the options of a command are described: its own page, and those of options that several have.
PAGES = {
    "run": ("running", "scenarios", "output"),
    "plan": ("scenarios", "running"),
    "tune": ("policies",),
    "campaign": ("campaigns", "scenarios", "output"),
    "compare": ("comparing",),
    "check": ("checking",),
    "report": ("reports",),
    "info": ("environment",),
    "list": ("methods",),
    "validate": ("scenarios",),
}


def find_undescribed(root, help_file):
    command = pathlib.Path(help_file).name
    text = "\n".join((root / f"docs/{page}.md").read_text(encoding="utf-8") for page in PAGES[command])
    for option in re.findall(r"^  (?:-.,|   ) (--[a-z-]+)", pathlib.Path(help_file).read_text(encoding="utf-8"), flags=re.M):
        if option != "--help" and not re.search(rf"(?<![\w-]){option}(?![\w-])", text):
            yield f"docs/{PAGES[command][0]}.md: nothing of {option}, which {command} has"


def keys_of(schema):
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from keys_of(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from keys_of(value)


def find_fields(root):
    schema = json.loads((root / "results/schema/report-v2.schema.json").read_text(encoding="utf-8"))
    named = " ".join(words((root / "docs/fields.md").read_text(encoding="utf-8")))
    for key in sorted(set(keys_of(schema)) - set(re.findall(r"\w+", named))):
        yield f"docs/fields.md: nothing of {key}"


def find_variables(root):
    pages_text = "\n".join(page.read_text(encoding="utf-8") for page in pages(root))
    read = set()
    for folder, pattern in (("src", r'getenv\("(\w+)"\)'), ("src", r'"(XFERBENCH_[A-Z]+)"'), ("scripts", r"\b(XFERBENCH_[A-Z]+)\b")):
        for file in (root / folder).rglob("*"):
            if file.is_file() and file.suffix in (".c", ".h", ".py", ".sh", ".sbatch"):
                read |= set(re.findall(pattern, file.read_text(encoding="utf-8")))
    # SOURCE_DATE_EPOCH is for who builds packages, the others say where the program is and what started it
    known = {"SOURCE_DATE_EPOCH", "PBS_JOBID"} | {name for name in read if re.match(r"OMPI_|SLURM_", name)}
    for name in sorted(read - known):
        if not re.search(rf"\b{name}\b", pages_text):
            yield f"no page names {name}"
    allowed = re.search(r"allowed\[\] = \{(.*?)NULL", (root / "src/engine/runtime/environment.c").read_text(encoding="utf-8"), flags=re.S)
    security = words((root / "SECURITY.md").read_text(encoding="utf-8"))
    for name in re.findall(r'"(\w+)\*?"', allowed[1]):
        if name.removeprefix("OMPI_MCA_") not in security:
            yield f"SECURITY.md: nothing of {name}"


def section(page, heading):
    """The text below a heading, to the next one that is not below it."""
    found = re.search(rf"^(#+) {re.escape(heading)}$(.*?)(?=^#{{1,2}} |\Z)", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return found[2] if found else None


def words(text):
    return set(re.findall(r"`([^`\n]*)`", text or ""))


def find_names(root, list_file, formats):
    docs = root / "docs"
    listed, part, method = {}, None, None
    options = {}  # of each method: name -> values
    for line in pathlib.Path(list_file).read_text(encoding="utf-8").splitlines():
        if re.match(r"\S", line):
            part = line.split(",")[0].rstrip(":")
            listed[part] = []
        elif re.match(r"  \S", line):
            method = line.split()[0]
            listed[part].append(method)
        elif found := re.match(r"      (\w+)=(\S+)", line):
            values = found[2].split("|") if "|" in found[2] else []
            options.setdefault(method, {})[found[1]] = values
    for part in ("methods", "patterns", "experiments", "devices", "scenarios", "policies", "expectations"):
        if not listed.get(part):
            yield f"xferbench list: no {part}"

    shared = words(section(docs / "methods.md", "blocks")) | words(section(docs / "methods.md", "chunk, depth"))
    transfers = words(section(docs / "methods.md", "Collectives"))
    experiments = (docs / "experiments.md").read_text(encoding="utf-8")
    for name in listed["methods"]:
        described = section(docs / "methods.md", name)
        if described is None:
            yield f"docs/methods.md: no section for the method {name}"
            continue
        # what several methods have is described once, and methods link to it
        there = words(described) | (shared if "(#blocks)" in described or "(#chunk-depth)" in described else set())
        there |= transfers if "(#collectives)" in described else set()
        for option, values in options.get(name, {}).items():
            for word in [option, *values]:
                if word not in there:
                    yield f"docs/methods.md: {name}: nothing of {word} ({option})"
    for name in listed["experiments"]:
        if name not in words(experiments):
            yield f"docs/experiments.md: nothing of {name}"
        for option, values in options.get(name, {}).items():
            for word in [option, *values]:
                if word not in words(experiments):
                    yield f"docs/experiments.md: {name}: nothing of {word} ({option})"
    for part, page, heading in (
        ("patterns", "scenarios.md", "pattern"),
        ("scenarios", "scenarios.md", "Shipped scenarios"),
        ("devices", "running.md", "Options of run"),
        ("policies", "policies.md", "static"),
        ("expectations", "checking.md", "Shipped expectations"),
    ):
        for name in listed[part]:
            if name not in words(section(docs / page, heading)):
                yield f"docs/{page}: nothing of {name} under '{heading}'"
    for name in formats.split():
        if name not in words((docs / "reports.md").read_text(encoding="utf-8")):
            yield f"docs/reports.md: nothing of the form {name}"


def main(what, root, *rest):
    root = pathlib.Path(root)
    does = {
        "agrees": lambda: find_differences(root, rest[0]),
        "shown": lambda: write_shown(root, pathlib.Path(rest[0])),
        "languages": lambda: find_languages(root),
        "left-out": lambda: find_left_out(root),
        "commands": lambda: write_commands(root, rest[0], pathlib.Path(rest[1])),
        "files": lambda: write_files(root, pathlib.Path(rest[0])),
        "links": lambda: find_links(root),
        "options": lambda: find_options(root, rest[0]),
        "described": lambda: find_undescribed(root, rest[0]),
        "fields": lambda: find_fields(root),
        "variables": lambda: find_variables(root),
        "names": lambda: find_names(root, rest[0], rest[1]),
    }
    found = list(does[what]())
    for line in found:
        print(line)
    return 1 if found and what != "left-out" else 0


sys.exit(main(*sys.argv[1:]))
