r"""From the text of a harness to the tree of what would run: one reading for all who look at a harness."""

from __future__ import annotations

import ast

from weft.primitives.language.modules import PRIMITIVES
from weft.primitives.language.nodes import children
from weft.primitives.language.parsing import parse
from weft.primitives.language.scopes import all_parameters
from weft.primitives.limits import MAX_NESTING, MAX_SOURCE_BYTES

__all__ = ["FIELD_KINDS", "SourceRefused", "SourceTooLarge", "is_never_true", "read"]

FIELD_KINDS = ("ClassVar", "InitVar", "KW_ONLY")
"""Annotations of a class body that change what `dataclass` does."""


class SourceRefused(Exception):
    """A text that cannot be read as a harness, whatever is in it."""

    def __init__(self, what: str, line: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.line = line


class SourceTooLarge(SourceRefused):
    """A text with more bytes than a harness may have."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the source has {size} bytes; a harness has at most {MAX_SOURCE_BYTES}")
        self.size = size


def read(source: str, filename: str = "harness.py") -> ast.Module:
    """Return the tree of what would run.

    What is for editors and type checkers only is left out: annotations, blocks under `if TYPE_CHECKING:` and
    `if __name__ == "__main__":`, `from __future__ import annotations`, and `from weft.primitives import *`, whose names
    are there without it. In a class, annotations stay: that there is one makes a field.

    Raises:
        SyntaxError: the source is not Python.
        SourceRefused: it is too large, nested too deeply, or no text.
    """
    source = source.removeprefix("\ufeff")  # editors of some systems begin a file with it
    _check_text(source)
    try:
        tree = parse(source, filename)
    except (RecursionError, MemoryError, OverflowError, ValueError) as error:
        raise SourceRefused("the source is nested too deeply, or a number in it is too large") from error
    _check_nesting(tree)
    _WhatRuns().visit(tree)
    return tree


def _check_text(source: str) -> None:
    try:
        size = len(source.encode())
    except UnicodeEncodeError as error:
        line = source.count("\n", 0, error.start) + 1
        raise SourceRefused("the source has half a character in it (a lone surrogate)", line) from None
    if size > MAX_SOURCE_BYTES:
        raise SourceTooLarge(size)
    if "\0" in source:
        raise SourceRefused("the source has a NUL character in it", source.count("\n", 0, source.index("\0")) + 1)


def _check_nesting(tree: ast.Module) -> None:
    # Level by level, without recursion: the answer is the same however deep the stack is from which it is asked.
    level: list[ast.AST] = [tree]
    for _ in range(MAX_NESTING + 1):
        above, level = level, [child for node in level for child in children(node)]
        if not level:
            return
    line = next((node.lineno for node in [*level, *above] if isinstance(node, (ast.expr, ast.stmt))), None)
    raise SourceRefused(f"the source is nested too deeply: more than {MAX_NESTING} levels of syntax", line)


class _WhatRuns:
    """Leaves out what nothing evaluates. Only statements are looked at: expressions have nothing of the kind."""

    def __init__(self) -> None:
        self._around: list[ast.AST] = []
        """The functions and classes around the current statement."""

    def visit(self, node: ast.AST) -> None:
        """Leave out what is in the blocks of a node."""
        opens = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        if opens:
            self._around.append(node)
        for block in _BLOCKS:
            held = getattr(node, block, None)
            if isinstance(held, list):
                held[:] = [self._kept(inner) for inner in held]
        if opens:
            self._around.pop()

    def _kept(self, node: ast.AST) -> ast.AST:
        """Return what is left of a statement, a handler or a case."""
        match node:
            case ast.AnnAssign():
                return self._assigned(node)
            case ast.ImportFrom(module=module, names=names, level=0):
                for_editors = (module, [alias.name for alias in names]) in _FOR_EDITORS
                return _nothing(node) if for_editors else node
            case ast.FunctionDef(args=args) | ast.AsyncFunctionDef(args=args):
                node.returns = None
                for parameter in all_parameters(args):
                    parameter.annotation = None
            case ast.If(test=test) if not self._around and is_never_true(test):
                # The `if` stays, of a constant: taken away, it could leave an empty block behind.
                node.test, node.body = ast.copy_location(ast.Constant(False), test), [_nothing(node.body[0])]
        self.visit(node)
        return node

    def _assigned(self, node: ast.AnnAssign) -> ast.AST:
        if node.simple and self._around and isinstance(self._around[-1], ast.ClassDef):
            node.annotation = _of_field(node.annotation)
        elif node.value is not None:
            return ast.copy_location(ast.Assign(targets=[node.target], value=node.value), node)
        else:
            node.annotation, node.simple = ast.copy_location(ast.Constant(None), node.annotation), 0
        return node


_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_FOR_EDITORS = (("__future__", ["annotations"]), (PRIMITIVES, ["*"]))


def _nothing(at: ast.AST) -> ast.stmt:
    return ast.copy_location(ast.Pass(), at)


def is_never_true(test: ast.expr) -> bool:
    """Tell whether a condition at the top level is for type checkers, or for running the file by hand."""
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(value=ast.Name(id="typing"), attr="TYPE_CHECKING"):
            return True
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return True
    return False


def _of_field(annotation: ast.expr) -> ast.expr:
    """Return what is left of an annotation in a class: whether it is one that changes what `dataclass` does."""
    match annotation:
        case ast.Subscript(value=outer):
            return _of_field(outer)
        case ast.Name(id=head) | ast.Attribute(attr=head):
            pass
        case ast.Constant(value=str(text)):
            head = text.split("[")[0].split(".")[-1].strip()
        case _:
            head = ""
    kept = ast.Name(head, ast.Load()) if head in FIELD_KINDS else ast.Constant(None)
    return ast.copy_location(kept, annotation)
