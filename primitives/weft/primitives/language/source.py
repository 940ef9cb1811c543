r"""From the text of a harness to the tree of what would run: one reading for all who look at a harness."""

from __future__ import annotations

import ast
import warnings
from typing import Any

from weft.primitives.language.modules import PRIMITIVES
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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the compiler warns about escapes such as "\d": no concern of a run
            tree = ast.parse(source, filename)
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
    # Without recursion, so that the answer is the same however deep the stack is from which it is asked.
    open_nodes: list[tuple[ast.AST, int, int]] = [(tree, 1, 0)]
    while open_nodes:
        node, line, depth = open_nodes.pop()
        line = getattr(node, "lineno", line)
        if depth > MAX_NESTING:
            raise SourceRefused(f"the source is nested too deeply: more than {MAX_NESTING} levels of syntax", line)
        open_nodes += ((child, line, depth + 1) for child in ast.iter_child_nodes(node))


class _WhatRuns(ast.NodeTransformer):
    """Leaves out what nothing evaluates."""

    def __init__(self) -> None:
        self._scopes: list[ast.AST] = []

    def _inside(self, node: ast.AST) -> ast.AST:
        self._scopes.append(node)
        self.generic_visit(node)
        self._scopes.pop()
        return node

    visit_ClassDef = visit_Lambda = _inside

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self._inside(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.simple and self._scopes and isinstance(self._scopes[-1], ast.ClassDef):
            node.annotation = _of_field(node.annotation)
        elif node.value is not None:
            assigned = ast.Assign(targets=[node.target], value=node.value)
            return self.generic_visit(ast.copy_location(assigned, node))
        else:
            node.annotation, node.simple = ast.copy_location(ast.Constant(None), node.annotation), 0
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> Any:
        if self._scopes or not is_never_true(node.test):
            return self.generic_visit(node)
        # A block goes as `if` of a constant: a list in place of the statement would make an empty body possible.
        node.test, node.body = ast.copy_location(ast.Constant(False), node.test), [_nothing(node.body[0])]
        return self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        names = [alias.name for alias in node.names]
        if node.level == 0 and (node.module, names) in (("__future__", ["annotations"]), (PRIMITIVES, ["*"])):
            return _nothing(node)
        return node


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
