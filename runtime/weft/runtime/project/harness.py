"""A harness as the host holds it: its source, what it declares, whether arguments fit. Nothing is executed here."""

from __future__ import annotations

import ast
import errno
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from weft.primitives.data import as_json
from weft.primitives.errors import NotJson
from weft.primitives.language import ENTRY, MAX_SOURCE_BYTES
from weft.primitives.language.ceilings import BUDGET_SINCE, CeilingsRefused, CeilingUnit, declared_ceilings
from weft.primitives.language.parsing import parse
from weft.primitives.limits import LANGUAGE
from weft.runtime.errors import NotFound, Refused
from weft.runtime.meant import did_you_mean_path
from weft.runtime.project.files import read_regular, shown_path
from weft.runtime.project.foreign import foreign
from weft.runtime.schemas.fitting import schema_fault_now
from weft.runtime.schemas.unfit import unfit
from weft.runtime.schemas.validating import UnusableSchema

__all__ = [
    "Harness",
    "NamedProfile",
    "ceilings_of",
    "check_args",
    "chooses_model",
    "literal_calls",
    "literal_profiles",
    "literal_tools",
    "parse_harness",
    "read_harness",
]


TAKES_PROFILE = {"agent", "verify"}
"""What of the language takes the name of a profile."""

FILLS_IN = 2
"""The version of the language since which what `ARGS` gives as default is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Harness:
    """A program that orchestrates agents, with what can be read from it without running it."""

    name: str
    source: str
    filename: str
    """Its file as people would name it, from the working directory; of one that has none, what stands for it."""
    task: str
    """Its docstring: what it is for."""
    args_schema: dict[str, Any] | None
    result_schema: dict[str, Any] | None

    def arguments(self, given: Any, language: int) -> Any:
        """Return arguments with what `ARGS` says is so by default where they leave it out.

        Args:
            given: The arguments, which fit.
            language: The version of the language of the run: the first left that to the harness.
        """
        declared = (self.args_schema or {}).get("properties")
        if language < FILLS_IN or not isinstance(given, dict) or not isinstance(declared, dict):
            return given
        stated = {name: schema["default"] for name, schema in declared.items() if "default" in _keywords(schema)}
        return given | {name: value for name, value in stated.items() if name not in given}

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the source."""
        return hashlib.sha256(self.source.encode()).hexdigest()


def read_harness(path: Path | str) -> Harness:
    """Read a harness from a file.

    Raises:
        NotFound: there is no such file, or it cannot be read.
        Refused: it is not a harness.
    """
    path = Path(path)
    try:
        data = read_regular(path, MAX_SOURCE_BYTES)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise _refused(shown_path(path), str(error.strerror)) from None
        raise NotFound(
            f"the harness cannot be read: {error.strerror}",
            where=str(path),
            meaning="nothing was started",
            fix=did_you_mean_path(path, "weft run FILE.py, or weft run NAME; weft list shows the names"),
        ) from None
    try:
        source = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(shown_path(path), f"it is not UTF-8 text: {error.reason} at byte {error.start}") from None
    return parse_harness(source, name=path.stem, filename=shown_path(path))


def parse_harness(source: str, *, name: str, filename: str) -> Harness:
    """Read what a harness declares.

    Raises:
        Refused: it is not Python, has no `main`, or its `ARGS` or `RESULT` is not a literal JSON Schema; or it was
            written for another product.
    """
    other = foreign(source)
    if other is not None:
        raise Refused(
            f"this is {other.what}",
            where=f"{filename}:{other.line}",
            meaning="it has the same ideas and another form; nothing was started, and the file is as it was",
            fix="\n".join((*other.changes, "weft check FILE.py then says what is left")),
        )
    try:
        tree = parse(source, filename)
    except SyntaxError as error:
        where = f"{filename}:{error.lineno}" if error.lineno else filename
        raise _refused(where, f"it is not Python: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise _refused(filename, f"it cannot be read as Python: {error or type(error).__name__}") from None
    if not any(isinstance(node, ast.AsyncFunctionDef) and node.name == ENTRY for node in tree.body):
        raise _refused(filename, f"it has no `async def {ENTRY}(args)`, so there is nothing to run")
    return Harness(
        name=name,
        source=source,
        filename=filename,
        task=(ast.get_docstring(tree) or "").strip(),
        args_schema=_declared(tree, "ARGS", filename),
        result_schema=_declared(tree, "RESULT", filename),
    )


class NamedProfile(NamedTuple):
    """A profile that a harness names."""

    line: int
    name: str
    given: frozenset[str]
    """What else the call gives, which comes before what the profile says."""


def literal_profiles(harness: Harness) -> Iterator[NamedProfile]:
    """Yield each profile that the harness names where it calls what takes one, or prepares such a call."""
    for node in ast.walk(parse(harness.source)):
        if isinstance(node, ast.Call) and TAKES_PROFILE & {_name_of(part) for part in (node.func, *node.args[:1])}:
            for given in node.keywords:
                value = given.value
                if given.arg == "profile" and isinstance(value, ast.Constant) and isinstance(value.value, str):
                    others = frozenset(other.arg for other in node.keywords if other.arg is not None)
                    yield NamedProfile(value.lineno, value.value, others)


def _name_of(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def literal_tools(harness: Harness) -> Iterator[tuple[int, str]]:
    """Yield line and name of each tool that the harness names where it gives agents some."""
    for node in ast.walk(parse(harness.source)):
        for given in node.keywords if isinstance(node, ast.Call) else ():
            if given.arg == "tools" and isinstance(given.value, ast.List | ast.Tuple):
                for name in given.value.elts:
                    if isinstance(name, ast.Constant) and isinstance(name.value, str):
                        yield name.lineno, name.value


def literal_calls(harness: Harness) -> Iterator[tuple[int, str]]:
    """Yield line and name of each tool that the harness calls itself, with `tool("NAME", …)`."""
    for node in ast.walk(parse(harness.source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tool" and node.args:
            name = node.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield name.lineno, name.value


def chooses_model(harness: Harness) -> bool:
    """Whether a harness may have agents answered by another model than its run: it names one, or passes options on."""
    calls = (node for node in ast.walk(parse(harness.source)) if isinstance(node, ast.Call))
    return any(given.arg in (None, "model", "profile") for call in calls for given in call.keywords)


def ceilings_of(harness: Harness, language: int = LANGUAGE) -> Mapping[CeilingUnit, float]:
    """Return what a harness sets as the ceilings of its run, with `BUDGET`.

    Raises:
        Refused: its `BUDGET` says nothing that can be held.
    """
    if language < BUDGET_SINCE:
        return {}
    try:
        return declared_ceilings(parse(harness.source))
    except CeilingsRefused as refused:
        raise _refused(f"{harness.filename}:{refused.node.lineno}", str(refused)) from None


def check_args(harness: Harness, args: Any) -> None:
    """Check arguments against what the harness declares.

    Raises:
        Refused: they are not JSON data, or do not fit; the message names the place in them.
    """
    try:
        plain = as_json(args)
    except NotJson as error:
        raise Refused(
            "the arguments are not JSON data", where=str(error), meaning="nothing was started", fix="pass plain data"
        ) from None
    if harness.args_schema is None:
        return
    try:
        problem = unfit(plain, harness.args_schema)
    except UnusableSchema as unusable:
        problem = str(unusable)
    if problem is None:
        return
    text = isinstance(args, str) and args.lstrip()[:1] in ("{", "[")
    options = "options, which --help after the harness explains, or " if harness.args_schema.get("properties") else ""
    raise Refused(
        "the arguments do not fit what the harness declares",
        where=problem,
        meaning="nothing was started",
        fix="pass the value itself, not JSON inside a string" if text else f"{options}--args JSON, or --args @FILE",
    )


def _keywords(schema: object) -> dict[str, Any]:
    return schema if isinstance(schema, dict) else {}


def _declared(tree: ast.Module, name: str, filename: str) -> dict[str, Any] | None:
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            assert isinstance(node, (ast.Assign, ast.AnnAssign))
            return _schema(node, name, filename)
    return None


def _schema(node: ast.Assign | ast.AnnAssign, name: str, filename: str) -> dict[str, Any]:
    where = f"{filename}:{node.lineno}"
    try:
        value = ast.literal_eval(node.value) if node.value is not None else None
    except (ValueError, TypeError, RecursionError, MemoryError):
        raise _refused(where, f"{name} must be a literal, so that it can be read without running anything") from None
    if not isinstance(value, dict):
        raise _refused(where, f"{name} must be a JSON Schema written as a dict, not a {type(value).__name__}")
    try:
        schema: dict[str, Any] = as_json(value, name)
    except NotJson as error:
        raise _refused(where, f"{name} is not JSON data: {error}") from None
    fault = schema_fault_now(schema)
    if fault is not None:
        raise _refused(where, f"{name} is not a JSON Schema that anything can fit: {fault}")
    return schema


def _refused(where: str, problem: str) -> Refused:
    return Refused(
        "this is not a harness",
        where=f"{where}: {problem}",
        meaning="nothing was started",
        fix="weft check FILE shows the line; the README shows what a harness looks like",
    )
