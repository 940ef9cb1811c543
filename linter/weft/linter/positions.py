"""Places in the source: from the byte columns of `ast` to characters, and the edits that insert or replace there."""

from __future__ import annotations

import ast
import re

from weft.linter.finding import Edit

__all__ = ["Positions", "lines_of", "without_mark"]


_ENDINGS = re.compile(r"\r\n|\r|\n")


def without_mark(source: str) -> str:
    """Return a source without the byte order mark that some editors put before it; it is no part of line 1."""
    return source.removeprefix("\ufeff")


def lines_of(source: str) -> list[str]:
    """Return the lines of a source as Python counts them, each with its end; at least one."""
    ends = [match.end() for match in _ENDINGS.finditer(source)]
    return [source[a:b] for a, b in zip([0, *ends], [*ends, len(source)], strict=True)]


class Positions:
    """Knows the lines of one source."""

    def __init__(self, source: str) -> None:
        self.lines = lines_of(source)
        self._columns: dict[int, list[int]] = {}
        """The character at each byte, of lines in which that differs."""

    def start(self, node: ast.AST) -> tuple[int, int]:
        """Return line and character column where a node begins."""
        line = getattr(node, "lineno", 1)
        return line, self._column(line, getattr(node, "col_offset", 0))

    def end(self, node: ast.AST) -> tuple[int, int]:
        """Return line and character column just behind a node."""
        line = getattr(node, "end_lineno", None) or self.start(node)[0]
        return line, self._column(line, getattr(node, "end_col_offset", None) or 0)

    def text(self, node: ast.AST) -> str:
        """Return how a node is written."""
        return self._stretch(self.start(node), self.end(node))

    def between(self, one: ast.AST, other: ast.AST) -> str:
        """Return what stands between two nodes, the first of which comes first."""
        return self._stretch(self.end(one), self.start(other))

    def head(self, outer: ast.AST, inner: ast.AST) -> str:
        """Return what stands in a node before a part of it."""
        return self._stretch(self.start(outer), self.start(inner))

    def tail(self, outer: ast.AST, inner: ast.AST) -> str:
        """Return what stands in a node behind a part of it."""
        return self._stretch(self.end(inner), self.end(outer))

    def replace(self, node: ast.AST, text: str) -> Edit:
        """Return the edit that replaces a node."""
        return Edit(*self.start(node), *self.end(node), text)

    def before(self, node: ast.AST, text: str) -> Edit:
        """Return the edit that inserts text before a node."""
        return Edit(*self.start(node), *self.start(node), text)

    def after(self, node: ast.AST, text: str) -> Edit:
        """Return the edit that inserts text behind a node."""
        return Edit(*self.end(node), *self.end(node), text)

    def cut(self, outer: ast.AST, inner: ast.AST) -> Edit:
        """Return the edit that removes what stands in a node before its last part."""
        return Edit(*self.start(outer), *self.start(inner), "")

    def without_lines(self, node: ast.stmt) -> Edit:
        """Return the edit that removes the lines on which a statement stands."""
        return Edit(node.lineno, 0, node.end_lineno or node.lineno, len(self.lines[(node.end_lineno or 1) - 1]), "")

    def around(self, node: ast.AST, before: str, after: str) -> tuple[Edit, ...]:
        """Return the edits that put text before and behind a node."""
        return self.before(node, before), self.after(node, after)

    def _stretch(self, begin: tuple[int, int], end: tuple[int, int]) -> str:
        (line, column), (end_line, end_column) = begin, end
        if line == end_line:
            return self.lines[line - 1][column:end_column]
        inner = self.lines[line : end_line - 1]
        return "".join([self.lines[line - 1][column:], *inner, self.lines[end_line - 1][:end_column]])

    def _column(self, line: int, offset: int) -> int:
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        if text.isascii():
            return offset
        if line not in self._columns:
            spans = (len(character.encode()) for character in text)
            self._columns[line] = [column for column, span in enumerate(spans) for _ in range(span)]
        columns = self._columns[line]
        return columns[offset] if offset < len(columns) else len(text)
