"""What is shown to people, before it is known where: lines of text with the meaning of each part, and tables.

Colours, and the width of a terminal, are `views.terminal`; data as a page is `outline`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from weft.runtime.plain import on_one_line, plain

__all__ = [
    "GAP",
    "Block",
    "Folded",
    "Line",
    "Role",
    "Span",
    "Table",
    "apart_in",
    "cells_of",
    "indented",
    "line",
    "marked",
    "named",
    "shortened",
    "text",
]

Role = Literal[
    "plain",
    "strong",  # what a page is about, and its headings
    "dim",  # names of fields, places, what is only there to be looked up
    "ok",  # it went well
    "warning",  # it went well in part, or waits
    "lost",  # it did not go well
]
"""What a part of a line means; how that looks is for whoever shows it."""

Span = tuple[str, Role]

GAP = 2
"""Columns between those of a table."""

UNDER = 2
"""Columns that the second line of one is indented at least, so that it cannot pass for another."""

READABLE = 110
"""How wide a table may be where no terminal says how wide a line is."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line; where it is longer than the terminal is wide, it goes on under itself."""

    spans: tuple[Span, ...] = ()
    hang: int = 0
    """By how many columns what does not fit is indented, and what stands after the end of a line in it."""

    def __post_init__(self) -> None:
        """Make visible what a terminal would obey, whoever wrote it."""
        if not all(part.isprintable() for part, _ in self.spans):
            object.__setattr__(self, "spans", tuple((plain(part), role) for part, role in self.spans))

    def laid_out(self) -> Line:
        """Return the same with what stands after the end of a line in it under its beginning."""
        under = "\n" + " " * max(self.hang, UNDER)
        return replace(self, spans=tuple((part.replace("\n", under), role) for part, role in self.spans))

    def __str__(self) -> str:
        return "".join(part for part, _ in self.spans)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells in columns."""

    rows: tuple[tuple[Line, ...], ...]
    head: tuple[str, ...] = ()
    indent: int = 0
    right: frozenset[int] = frozenset()
    """Columns that end alike, as numbers do."""
    names: frozenset[int] = frozenset()
    """Columns of labels and paths: these are cut in the middle before anything else is wrapped."""
    otherwise: tuple[Block, ...] = ()
    """The same as lines, for where there is no room; without, the table is shown all the same."""

    def __post_init__(self) -> None:
        """Keep each row on a line of its own."""
        if any("\n" in part for row in self.rows for cell in row for part, _ in cell.spans):
            object.__setattr__(self, "rows", tuple(tuple(map(_as_cell, row)) for row in self.rows))

    @property
    def all_rows(self) -> tuple[tuple[Line, ...], ...]:
        """The rows, after the head where there is one."""
        return (tuple(line((name, "dim")) for name in self.head), *self.rows) if self.head else self.rows

    def compact(self) -> Table:
        """Return the table without the columns in which no row has anything."""
        kept = [column for column, cells in enumerate(zip(*self.rows, strict=True)) if any(map(str, cells))]
        if not kept or len(kept) == len(self.rows[0]):
            return self
        at = {column: number for number, column in enumerate(kept)}
        return replace(
            self,
            rows=tuple(tuple(row[column] for column in kept) for row in self.rows),
            head=tuple(self.head[column] for column in kept) if self.head else (),
            right=frozenset(at[column] for column in self.right & at.keys()),
            names=frozenset(at[column] for column in self.names & at.keys()),
        )


@dataclass(frozen=True, slots=True)
class Folded:
    """Blocks of which a terminal shows the beginning; a pipe has them all."""

    blocks: tuple[Block, ...]
    most: int
    """Of how many lines."""
    rest: str
    """Where the others are."""


Block = str | Line | Table | Folded


def line(*parts: str | Span, hang: int = 0) -> Line:
    """Return a line of these parts; a text by itself is plain."""
    return Line(tuple((part, "plain") if isinstance(part, str) else part for part in parts), hang)


def named(name: str, *parts: str | Span, width: int = 8) -> Line:
    """Return a line that begins with a name in a column of its own."""
    label = f"{name:<{width}}"
    return line((label, "dim"), *parts, hang=len(label))


def indented(blocks: Iterable[Block], columns: int) -> list[Block]:
    """Move blocks to the right."""
    return [_moved(block, " " * columns) for block in blocks]


def marked(mark: str, blocks: Sequence[Block]) -> list[Block]:
    """Put a mark before the first of these, and the others under what follows it."""
    first = blocks[0] if blocks else ""
    if isinstance(first, Table) and not first.head:
        marks = [mark, *[" " * len(mark)] * (len(first.rows) - 1)]
        rows = [(_after(before, row[0]), *row[1:]) for before, row in zip(marks, first.rows, strict=True)]
        return [replace(first, rows=tuple(rows)), *indented(blocks[1:], len(mark))]
    if not first or isinstance(first, Table):
        return [line((mark.rstrip(), "dim")), *indented(blocks, len(mark))]
    return [_moved(first, mark), *indented(blocks[1:], len(mark))]


def _moved(block: Block, mark: str) -> Block:
    if isinstance(block, Table):
        return replace(block, indent=block.indent + len(mark), otherwise=tuple(indented(block.otherwise, len(mark))))
    if isinstance(block, Folded):
        return replace(block, blocks=tuple(_moved(inner, mark) for inner in block.blocks))
    if isinstance(block, str):
        return f"{mark}{block}" if block else block
    return _after(mark, block) if block.spans else block


def _as_cell(shown: Line) -> Line:
    return replace(shown, spans=tuple((on_one_line(part), role) for part, role in shown.spans))


def _after(mark: str, shown: Line) -> Line:
    return Line(((mark, "dim"), *shown.spans), shown.hang + len(mark))


# ------------------------------------------------------------------------------------------------ as plain text


def text(blocks: Iterable[Block]) -> str:
    """Return blocks as plain text: nothing is wrapped, cut or coloured."""
    return "\n".join(_plain(blocks))


def _plain(blocks: Iterable[Block]) -> Iterator[str]:
    for given in blocks:
        block = given.compact() if isinstance(given, Table) else given
        if isinstance(block, Folded):
            yield from _plain(block.blocks)
        elif not isinstance(block, Table):
            yield (plain(block) if isinstance(block, str) else str(block.laid_out())).rstrip()
        elif block.otherwise and sum(_widths(block)) + GAP * (len(_widths(block)) - 1) + block.indent > READABLE:
            yield from _plain(block.otherwise)
        else:
            yield from _plain_rows(block)


def _plain_rows(table: Table) -> Iterator[str]:
    widths = _widths(table)
    for row in table.all_rows:
        cells = []
        for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - cells_of(str(cell)))
            cells.append(f"{space}{cell}" if column in table.right else f"{cell}{space}")
        yield (" " * table.indent + (" " * GAP).join(cells)).rstrip()


def _widths(table: Table) -> list[int]:
    return [max(cells_of(str(cell)) for cell in column) for column in zip(*table.all_rows, strict=True)]


def cells_of(shown: str) -> int:
    """Return how many columns a text takes on a terminal: most CJK characters and emoji take two."""
    if shown.isascii():
        return len(shown)
    from rich.cells import cell_len

    return cell_len(shown)


# ------------------------------------------------------------------------------------------------ names that are long


def shortened(name: str, width: int) -> str:
    """Return a name that takes no more than so many columns: both of its ends say more than its middle."""
    return _cut(name, width, keep=width // 2)


def apart_in(names: Sequence[str], width: int) -> list[str]:
    """Shorten names as `shortened` does; those that would look alike are shown where they begin to differ."""
    short = [shortened(name, width) for name in names]
    alike: dict[str, set[str]] = {}
    for name, shown in zip(names, short, strict=True):
        alike.setdefault(shown, set()).add(name)
    return [
        shown if len(alike[shown]) == 1 else _from_difference(name, sorted(alike[shown]), width)
        for name, shown in zip(names, short, strict=True)
    ]


def _from_difference(name: str, others: list[str], width: int) -> str:
    first, last = others[0], others[-1]  # of sorted names, these have the least in common
    same = next((i for i, (one, two) in enumerate(zip(first, last, strict=False)) if one != two), len(first))
    room = width - width // 4 - 1
    begin = max(0, min(same - room // 4, len(name) - room))
    head = _fitting(name, width // 4)
    rest = name[begin:]
    return f"{head}…{rest if cells_of(rest) <= room else _fitting(rest, room - 1) + '…'}"


def _cut(name: str, width: int, keep: int) -> str:
    if cells_of(name) <= width:
        return name
    head = _fitting(name, keep)
    tail = _fitting(name[::-1], width - 1 - cells_of(head))[::-1]
    return f"{head}…{tail}"


def _fitting(shown: str, width: int) -> str:
    """Return as much of the beginning as fits."""
    if shown.isascii():
        return shown[: max(0, width)]
    taken = ""
    for character in shown:
        if cells_of(taken + character) > width:
            break
        taken += character
    return taken
