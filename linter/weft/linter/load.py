"""Reading a harness: what makes a file one, before any rule looks at it. These problems cannot be suppressed."""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

from weft.linter.finding import Finding, Fix
from weft.linter.positions import Positions
from weft.linter.undefined import undefined_names
from weft.primitives.language import ENTRY, MAX_SOURCE_BYTES

__all__ = ["PROBLEMS", "Problem", "parse", "problems"]

DECLARATIONS = ("ARGS", "RESULT")


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of load problem."""

    code: str
    name: str
    message: str
    why: str
    instead: str


SYNTAX = Problem(
    "E001", "syntax-error", "This is not Python: {what}.", "Nothing of it can be run or checked.", "mend the line"
)
NO_MAIN = Problem(
    "E002",
    "no-main",
    "There is no `async def main(args)` at the top level{what}.",
    "It is where a run begins.",
    "async def main(args): …",
)
DECLARATION = Problem(
    "E003",
    "bad-declaration",
    "{what} is not a literal JSON value.",
    "It is read without running anything, to check arguments and results.",
    "write the schema in place: dicts with text keys, lists, texts, numbers, True, False, None",
)
SIZE = Problem(
    "E004",
    "too-large",
    "The file has {what} bytes; a harness has at most {most}.",
    "It is refused.",
    "put the data into args, or let agents read it",
)
UNDEFINED = Problem(
    "E005",
    "undefined-name",
    "{what} is not defined: nothing in the harness gives it a value, and it is no name of the language.",
    "The run ends with a NameError where it is read.",
    "{instead}",
)
PROBLEMS = (SYNTAX, NO_MAIN, DECLARATION, SIZE, UNDEFINED)


def parse(source: str) -> ast.Module | Finding:
    """Return the syntax tree of a harness, or why there is none."""
    try:
        size = len(source.encode())
        if size > MAX_SOURCE_BYTES:
            return _problem(SIZE, 1, 0, what=size, most=MAX_SOURCE_BYTES)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the compiler warns about escapes such as "\d": no concern of a run
            return ast.parse(source)
    except SyntaxError as error:
        return _problem(SYNTAX, error.lineno or 1, max(0, (error.offset or 1) - 1), what=error.msg)
    except (RecursionError, MemoryError):
        return _problem(SYNTAX, 1, 0, what="it is nested too deeply")
    except ValueError as error:  # also a lone surrogate, and a NUL
        return _problem(SYNTAX, 1, 0, what=error)


def problems(tree: ast.Module, positions: Positions) -> Iterator[Finding]:
    """Yield what keeps a file that can be parsed from being a harness."""
    mains = [node for node in tree.body if _named(node, ENTRY)]
    if not any(_is_entry(node) for node in mains):
        what = " with one parameter" if mains else ""
        yield _problem(NO_MAIN, *(positions.start(mains[0]) if mains else (1, 0)), what=what)
    for node in tree.body:
        name, value = _declared(node)
        if value is not None and not _is_literal(value):
            yield _problem(DECLARATION, *positions.start(value), what=name)
    for read, instead in undefined_names(tree):
        found = _problem(UNDEFINED, *positions.start(read), what=read.id, instead=instead)
        yield replace(found, end_column=found.column + len(read.id))


def _named(node: ast.stmt, name: str) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name


def _is_entry(node: ast.stmt) -> bool:
    if not isinstance(node, ast.AsyncFunctionDef):
        return False
    args = node.args
    required = [p for p, default in zip(args.kwonlyargs, args.kw_defaults, strict=True) if default is None]
    return len(args.posonlyargs) + len(args.args) == 1 and not required


def _declared(node: ast.stmt) -> tuple[str, ast.expr | None]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in DECLARATIONS:
            return name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if name in DECLARATIONS:
            return name, value
    return "", None


def _is_literal(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=None | bool() | int() | str()):
            return True
        case ast.Constant(value=float(value)):
            return math.isfinite(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
            return True
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return all(_is_literal(item) for item in items)
        case ast.Dict(keys=keys, values=values):
            named = all(isinstance(key, ast.Constant) and isinstance(key.value, str) for key in keys)
            return named and all(_is_literal(value) for value in values)
    return False


def _problem(kind: Problem, line: int, column: int, **blanks: object) -> Finding:
    return Finding(
        code=kind.code,
        name=kind.name,
        severity="error",
        line=line,
        column=column,
        end_line=line,
        end_column=column,
        message=kind.message.format(**blanks),
        why=kind.why,
        fix=Fix("suggestion", kind.instead.format(**blanks)),
    )
