"""Reading a harness: what makes a file one, before any rule looks at it."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from dataclasses import replace

from weft.linter.effort import unparsed
from weft.linter.finding import Finding
from weft.linter.positions import Positions
from weft.linter.problem import CEILINGS, DECLARATION, NO_MAIN, SIZE, SYNTAX, UNDEFINED
from weft.linter.undefined import undefined_names
from weft.primitives.language import ENTRY, MAX_SOURCE_BYTES
from weft.primitives.language.ceilings import CeilingsRefused, declared_ceilings
from weft.primitives.language.nodes import children
from weft.primitives.language.parsing import compiled
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
        compiled(tree, "harness.py")
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
    functions = (node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))
    mains = [node for node in functions if node.name == ENTRY]
    misfits = [_misfit(node) for node in mains]
    if None not in misfits:
        yield NO_MAIN.at(*(positions.start(mains[0]) if mains else (1, 0)), what=misfits[0] if misfits else "")
    for node in tree.body:
        name, value = _declared(node)
        computed = None if value is None else _computed(value)
        if computed is not None:
            yield DECLARATION.at(*positions.start(computed), what=name, part=unparsed(computed))
    yield from _what_the_compiler_refuses(tree, positions)
    for read_here, instead, sure in undefined_names(tree):
        line, column = positions.start(read_here)
        found = UNDEFINED.at(line, column, column + len(read_here.id), what=read_here.id, instead=instead)
        yield found if sure else replace(found, severity="warning")


def _misfit(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    """Return why a function is not where a run can begin."""
    if not isinstance(node, ast.AsyncFunctionDef):
        return ": this one is not async"
    args = node.args
    required = [p.arg for p, default in zip(args.kwonlyargs, args.kw_defaults, strict=True) if default is None]
    taken = len(args.posonlyargs) + len(args.args)
    if taken != 1:
        return f": this one has {taken or 'no'} parameters"
    return f": this one needs {required[0]}= besides" if required else None


def _declared(node: ast.stmt) -> tuple[str, ast.expr | None]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in DECLARATIONS:
            return name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if name in DECLARATIONS:
            return name, value
    return "", None


def _computed(node: ast.expr) -> ast.expr | None:
    """Return the first part of a value that is no literal JSON value."""
    match node:
        case ast.Constant(value=None | bool() | int() | str()):
            return None
        case ast.Constant(value=float(value)) if math.isfinite(value):
            return None
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
            return None
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return _first(items)
        case ast.Dict(keys=keys, values=values):
            unnamed = (key for key in keys if not (isinstance(key, ast.Constant) and isinstance(key.value, str)))
            return next((key or node for key in unnamed), None) or _first(values)
    return node


def _first(parts: list[ast.expr]) -> ast.expr | None:
    return next((found for part in parts if (found := _computed(part)) is not None), None)
