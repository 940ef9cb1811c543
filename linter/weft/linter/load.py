"""Reading a harness: what makes a file one, before any rule looks at it."""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Iterator
from dataclasses import replace

from weft.linter.finding import Finding
from weft.linter.positions import Positions
from weft.linter.problem import CEILINGS, DECLARATION, NO_MAIN, SIZE, SYNTAX, UNDEFINED
from weft.linter.undefined import undefined_names
from weft.primitives.language import ENTRY, MAX_SOURCE_BYTES
from weft.primitives.language.ceilings import CeilingsRefused, declared_ceilings
from weft.primitives.language.nodes import children
from weft.primitives.language.source import SourceRefused, SourceTooLarge, read

__all__ = ["bad_ceilings", "most_agents", "parse", "problems"]

DECLARATIONS = ("ARGS", "RESULT")


def parse(source: str) -> ast.Module | Finding:
    """Return the syntax tree of what would run of a harness, or why there is none."""
    try:
        return read(source)
    except SourceTooLarge as error:
        return SIZE.at(1, 0, what=error.size, most=MAX_SOURCE_BYTES)
    except SourceRefused as error:
        return replace(SYNTAX.at(error.line or 1, what=error.what), message=f"This cannot be run: {error.what}.")
    except SyntaxError as error:
        return _not_python(error)


def bad_ceilings(tree: ast.Module, positions: Positions) -> Iterator[Finding]:
    """Yield what keeps the ceilings that a harness sets itself from being held."""
    try:
        declared_ceilings(tree)
    except CeilingsRefused as refused:
        yield CEILINGS.at(*positions.start(refused.node), what=refused)


def most_agents(tree: ast.Module, otherwise: int) -> int:
    """Return how many agents a run of a harness may start: as many as `BUDGET` says, where that is less."""
    try:
        return int(min(otherwise, declared_ceilings(tree).get("agents", otherwise)))
    except CeilingsRefused:
        return otherwise


def _not_python(error: SyntaxError) -> Finding:
    return SYNTAX.at(error.lineno or 1, max(0, (error.offset or 1) - 1), what=error.msg)


def _what_the_compiler_refuses(tree: ast.Module, positions: Positions) -> Iterator[Finding]:
    """Yield what is only wrong once names and scopes are known, such as `return` outside of a function."""
    if _nested_finally(tree) > _MOST_FINALLY:
        tree = _Unfolded().visit(read("".join(positions.lines)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(tree, "harness.py", "exec", dont_inherit=True)
    except SyntaxError as error:
        yield _not_python(error)
    except (RecursionError, MemoryError, OverflowError, ValueError) as error:
        yield SYNTAX.at(1, 0, what=f"it cannot be compiled ({error})")


_MOST_FINALLY = 4
"""How deep blocks of `finally` may stand in one another as they are: Python writes each down twice."""


def _nested_finally(tree: ast.Module) -> int:
    deepest = 0
    waiting: list[tuple[ast.AST, int]] = [(node, 0) for node in tree.body]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        last: set[ast.AST] = {*node.finalbody} if isinstance(node, (ast.Try, ast.TryStar)) else set()
        inner = (one for one in children(node) if isinstance(one, (ast.stmt, ast.ExceptHandler, ast.match_case)))
        waiting += ((one, depth + (one in last)) for one in inner)
    return deepest


class _Unfolded(ast.NodeTransformer):
    """Takes what stands in `finally` out of it: what is wrong there is wrong behind it."""

    def visit_Try(self, node: ast.Try) -> ast.AST:
        """Put the last block behind the others."""
        self.generic_visit(node)
        if not node.finalbody:
            return node
        last, node.finalbody = node.finalbody, [ast.Pass()]
        return ast.fix_missing_locations(ast.copy_location(ast.If(ast.Name("x", ast.Load()), [node], last), node))


def problems(tree: ast.Module, positions: Positions) -> Iterator[Finding]:
    """Yield what keeps a file that can be parsed from being a harness."""
    mains = [node for node in tree.body if _named(node, ENTRY)]
    if not any(_is_entry(node) for node in mains):
        what = " with one parameter" if mains else ""
        yield NO_MAIN.at(*(positions.start(mains[0]) if mains else (1, 0)), what=what)
    for node in tree.body:
        name, value = _declared(node)
        if value is not None and not _is_literal(value):
            yield DECLARATION.at(*positions.start(value), what=name)
    yield from _what_the_compiler_refuses(tree, positions)
    for read_here, instead, sure in undefined_names(tree):
        line, column = positions.start(read_here)
        found = UNDEFINED.at(line, column, column + len(read_here.id), what=read_here.id, instead=instead)
        yield found if sure else replace(found, severity="warning")


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
