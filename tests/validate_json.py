#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Check JSON files against a JSON Schema.

usage: validate_json.py SCHEMA FILE...

Prints one line for each error, "FILE: /json/pointer: message". Exit status: 0 all files are
valid, 1 a file is not, 2 bad usage, or a schema or file that cannot be read.
"""
import json
import sys

import jsonschema

MESSAGE_LEN = 300  # jsonschema puts the whole faulty value into its message


class Unreadable(Exception):
    pass


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def unique_members(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        seen = set()
        twice = next(k for k, _ in pairs if k in seen or seen.add(k))
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return members


def load(name):
    try:
        with open(name, encoding="utf-8") as file:
            return json.load(file, parse_constant=refuse_constant,
                             object_pairs_hook=unique_members)
    except (OSError, ValueError, RecursionError) as error:
        raise Unreadable(f"{name}: {error}") from error


def foreign_references(schema):
    """Every $ref that leaves the schema, which jsonschema would fetch from the network."""
    if isinstance(schema, dict):
        ref = schema.get("$ref")
        if isinstance(ref, str) and not ref.startswith("#"):
            yield ref
        for value in schema.values():
            yield from foreign_references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from foreign_references(value)


def load_schema(name):
    schema = load(name)
    for ref in foreign_references(schema):
        raise Unreadable(f"{name}: the reference {ref!r} leaves the schema")
    validator = jsonschema.validators.validator_for(schema)
    try:
        validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise Unreadable(f"{name}: not a schema: {error.message}") from error
    return validator(schema)


def pointer(path):
    """RFC 6901; the document itself is written "/", since an empty word is easy to miss."""
    steps = [str(step).replace("~", "~0").replace("/", "~1") for step in path]
    return "/" + "/".join(steps)


def shorten(message):
    message = " ".join(message.split())
    if len(message) <= MESSAGE_LEN:
        return message
    half = MESSAGE_LEN // 2
    return f"{message[:half]} ... {message[-half:]}"


def main(argv):
    if len(argv) < 3:
        print("usage: validate_json.py SCHEMA FILE...", file=sys.stderr)
        return 2
    status = 0
    try:
        validator = load_schema(argv[1])
        for name in argv[2:]:
            errors = {f"{name}: {pointer(error.absolute_path)}: {shorten(error.message)}": None
                      for error in validator.iter_errors(load(name))}
            for line in errors:
                print(line)
                status = 1
    except Unreadable as error:
        print(f"validate_json.py: {error}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv))
