"""What an argument of a harness is by default, written into its text: everything else of that stays as it is."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from weft.primitives.language.parsing import parse
from weft.runtime.errors import Refused, UsageError
from weft.runtime.meant import did_you_mean
from weft.runtime.project.harness import Harness, parse_harness
from weft.runtime.schemas.unfit import unfit
from weft.runtime.schemas.validating import UnusableSchema

__all__ = ["properties_of", "with_defaults"]

NOTHING = "nothing was saved"

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)")
"""A line as Python counts them."""


def properties_of(harness: Harness) -> dict[str, Any]:
    """Return what a harness declares of each of its arguments, by name."""
    declared = (harness.args_schema or {}).get("properties", {})
    return declared if isinstance(declared, dict) else {}


def with_defaults(harness: Harness, defaults: Mapping[str, Any]) -> Harness:
    """Return a harness in which arguments are by default as said, and none of those has to be given any more.

    Raises:
        UsageError: it declares no such argument, the value does not fit, or its text has no place for it.
    """
    for name, value in defaults.items():
        _check(harness, name, value)
        harness = _with_default(harness, name, value)
    return harness


def _check(harness: Harness, name: str, value: Any) -> None:
    properties = properties_of(harness)
    if name not in properties:
        raise UsageError(
            f"the harness has no argument {name!r}",
            where=f"it declares {', '.join(properties)}" if properties else "it declares no ARGS with properties",
            meaning=NOTHING,
            fix=did_you_mean(name, [*properties], "--param NAME=VALUE, with one of them" if properties else ""),
        )
    if not isinstance(properties[name], dict):
        raise UsageError(f"what {name!r} may be is not declared, so it can have no default", meaning=NOTHING)
    declared = harness.args_schema or {}
    others = {key: part for key, part in declared.items() if key in ("$defs", "definitions")}
    try:
        problem = unfit({name: value}, {**others, "properties": {name: properties[name]}})
    except UnusableSchema as unusable:
        problem = str(unusable)
    if problem is not None:
        raise UsageError(
            f"--param {name}={json.dumps(value, ensure_ascii=False)} is nothing that {name!r} may be",
            where=problem,
            meaning=NOTHING,
            fix="give a value that fits what ARGS declares",
        )


def _with_default(harness: Harness, name: str, value: Any) -> Harness:
    """Return a harness with one more default, as it is read again from its text."""
    declared = harness.args_schema or {}
    wanted = {**declared, "properties": {**declared["properties"]}}
    wanted["properties"][name] = {**declared["properties"][name], "default": value}
    if "required" in declared:
        wanted["required"] = [one for one in declared["required"] if one != name]
    for text in _texts(_requiring(harness.source, wanted.get("required")), name, _literal(value)):
        try:
            now = parse_harness(text, name=harness.name, filename=harness.filename)
        except Refused:
            continue
        if now.args_schema == wanted:
            return now
    raise UsageError(
        f"the default of {name!r} has no place in the text of the harness",
        where=f"{harness.filename}: ARGS is written in a way that is not followed",
        meaning=NOTHING,
        fix='write "default": … there by hand',
    )


def _requiring(source: str, needed: list[str] | None) -> str:
    """Return a text in which these arguments have to be given; the same, where it says so already."""
    node = _parts(_declaration(source)).get("required")
    if node is None or ast.literal_eval(node) == needed:
        return source
    return _replaced(source, node, _literal(needed))


def _texts(source: str, name: str, written: str) -> Iterator[str]:
    """Yield a text with a default in it: in place of the one that is there, else as the last part, else the first."""
    schema = _parts(_parts(_declaration(source))["properties"])[name]
    assert isinstance(schema, ast.Dict)
    if "default" in _parts(schema):
        yield _replaced(source, _parts(schema)["default"], written)
        return
    part = f'"default": {written}'
    begin = _place(source, schema.lineno, schema.col_offset) + 1
    if not schema.keys:
        yield _between(source, begin, part, begin)
        return
    first, last = schema.keys[0], schema.values[-1]
    assert first is not None
    apart = first.lineno != schema.lineno
    end = _place(source, last.end_lineno, last.end_col_offset)
    yield _between(source, end, f",\n{' ' * first.col_offset}{part}" if apart else f", {part}", end)
    yield _between(source, begin, f"{part}, ", begin)


def _declaration(source: str) -> ast.expr:
    for node in parse(source).body:
        match node:
            case ast.Assign(targets=[*targets], value=value) if any(_is_args(one) for one in targets):
                return value
            case ast.AnnAssign(target=target, value=ast.expr() as value) if _is_args(target):
                return value
    raise AssertionError("the harness was read before, with its ARGS")


def _is_args(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "ARGS"


def _parts(node: ast.expr) -> dict[Any, ast.expr]:
    """Return the parts of an object, as they are written, by their keys; of two, the last counts."""
    assert isinstance(node, ast.Dict)
    return {ast.literal_eval(key): value for key, value in zip(node.keys, node.values, strict=True) if key is not None}


def _replaced(source: str, node: ast.expr, text: str) -> str:
    begin, end = _place(source, node.lineno, node.col_offset), _place(source, node.end_lineno, node.end_col_offset)
    return _between(source, begin, text, end)


def _place(source: str, line: int | None, column: int | None) -> int:
    """Return the place of a line and a column in the text as bytes."""
    assert line is not None and column is not None
    before = _LINE.findall(source)[: line - 1]
    return sum(len(one.encode()) for one in before) + column


def _between(source: str, begin: int, text: str, end: int) -> str:
    data = source.encode()
    return (data[:begin] + text.encode() + data[end:]).decode()


def _literal(value: Any) -> str:
    """Return JSON data as Python writes it, with quotation marks as harnesses mostly have them."""
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list():
            return f"[{', '.join(map(_literal, value))}]"
        case dict():
            return f"{{{', '.join(f'{_literal(key)}: {_literal(part)}' for key, part in value.items())}}}"
        case _:
            return repr(value)
