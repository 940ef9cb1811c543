"""Pages on a terminal: what each meaning looks like, and how lines and tables fit its width. Nothing else has colours.

Where nobody looks on, in a pipe or a file, a page is plain text: no colours, nothing wrapped, nothing cut.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable, Iterator
from io import UnsupportedOperation
from typing import TYPE_CHECKING, TextIO

from weft.runtime.page import GAP, Block, Folded, Line, Role, Span, Table, apart_in, cells_of, text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

__all__ = ["STYLES", "console_of", "fitted", "in_front", "show", "width_of"]

STYLES: dict[Role, str] = {
    "plain": "",
    "strong": "bold",
    "dim": "dim",
    "ok": "green",
    "warning": "yellow",
    "lost": "red",
}
"""The palette. Of the sixteen colours that everybody has set up to be readable, on light and on dark."""

NARROWEST = 20
"""Columns below which nothing is made to fit."""

NAME_COLUMNS = 24
"""How far a column of names is cut down before other columns have to give way, or to half of the width."""

TEXT_COLUMNS = 16
"""How narrow a column of words or names may become; where it would be narrower, rows are shown as lines."""

TALLEST = 6
"""How many lines a row may take before a table is shown as lines instead."""

SLACK = 4
"""What is folded may be longer than it should by one in so many lines: a pointer to a few lines helps nobody."""

LABELLED = re.compile(r"\s*\S+(?: \S+)*? {2,}(?=\S)")
"""A name in a column of its own, as in `bound     at most 5 agents`."""

FAR = 24
"""How far such a column may reach for what follows it to be kept apart from it."""


def show(blocks: Iterable[Block], stream: TextIO) -> None:
    """Print a page."""
    if not (stream.isatty() or os.environ.get("FORCE_COLOR")):
        stream.write(text(blocks) + "\n")
        stream.flush()
        return
    console = console_of(stream)
    for row in fitted(blocks, width_of(stream)):
        console.print(row, soft_wrap=True)


def width_of(stream: TextIO) -> int | None:
    """Return how many columns a terminal has; `None` for all that is none."""
    return console_of(stream).width if stream.isatty() else None


def in_front(stream: TextIO) -> bool:
    """Whether a terminal is this process's to use: in the background of a shell it is another's.

    Who reads from it there is stopped for that, and who writes does so over what another writes.
    """
    try:
        return os.tcgetpgrp(stream.fileno()) == os.getpgrp()
    except UnsupportedOperation:
        return True  # it is no file
    except OSError as error:
        return error.errno == errno.ENOTTY  # it is no shell's


def console_of(stream: TextIO) -> Console:
    """Return a console that uses colours where the stream and the environment want them."""
    from rich.console import Console

    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") in ("dumb", "unknown")
    return Console(file=stream, color_system=None if plain else "standard", highlight=False, markup=False, emoji=False)


def fitted(blocks: Iterable[Block], width: int | None) -> Iterator[Text]:
    """Yield the lines of a page for a terminal of so many columns; without, each is as long as it is."""
    for block in blocks:
        if isinstance(block, Folded):
            yield from _beginning(block, width)
        elif isinstance(block, Table):
            yield from _table(block.compact(), width)
        elif isinstance(block, Line):
            for row in _styled(block.laid_out()).split("\n", allow_blank=True):
                yield from _wrapped(row, width, block.hang)
        else:
            for part in block.split("\n"):
                label = LABELLED.match(part)
                hang = label.end() if label and label.end() <= FAR else 0
                yield from _wrapped(_styled(Line(((part, "plain"),))), width, hang)


def _beginning(folded: Folded, width: int | None) -> Iterator[Text]:
    rows = list(fitted(folded.blocks, width))
    more = 0 if width is None else len(rows) - folded.most
    if more <= folded.most // SLACK:
        yield from rows
        return
    yield from rows[: folded.most]
    yield from fitted([Line(((f"… {more} more lines: {folded.rest}", "dim"),))], width)


def _styled(line: Line) -> Text:
    from rich.text import Text

    return Text.assemble(*((part, STYLES[role]) for part, role in line.spans), end="")


def _wrapped(line: Text, width: int | None, hang: int = 0) -> Iterator[Text]:
    """Yield a line in parts that fit; all but the first are indented."""
    if width is None or line.cell_len <= width or width < NARROWEST:
        yield line
        return
    if not 0 < hang <= width // 3:
        hang = min(len(line.plain) - len(line.plain.lstrip()) + 2, width // 2)
    first = line.wrap(_measuring(), width)[0]
    # The parts after the first have less room: they are wrapped by themselves.
    begin = len(first.plain) + (len(line.plain) - len(first.plain) > 0 and line.plain[len(first.plain)] == " ")
    first.rstrip()
    yield first
    rest = line[begin:]
    for part in rest.wrap(_measuring(), width - hang):
        part.rstrip()
        part.pad_left(hang)
        yield part


def _measuring() -> Console:
    from rich.console import Console

    return Console(width=NARROWEST)


# ------------------------------------------------------------------------------------------------ tables


def _table(table: Table, width: int | None) -> Iterator[Text]:
    rows = [list(row) for row in table.all_rows]
    if not rows:
        return
    widths = [max(cells_of(str(cell)) for cell in column) for column in zip(*rows, strict=True)]
    if width is not None:
        room = width - table.indent - GAP * (len(widths) - 1)
        widths, roomy = _shared_out(widths, room, table.names)
        alone = max(NAME_COLUMNS, width - table.indent - 2 * GAP)  # as a line, a name may have one for itself
        for column in table.names:
            _cut_names(rows, column, widths[column] if roomy else alone, begin=bool(table.head))
        if not roomy:
            yield from fitted(table.otherwise or _joined(rows, table.indent), width)
            return
    laid_out = [_row(row, widths, table) for row in rows]
    if table.otherwise and sum(map(len, laid_out)) > TALLEST * len(rows):
        yield from fitted(table.otherwise, width)
        return
    for parts in laid_out:
        yield from parts


def _joined(rows: list[list[Line]], indent: int) -> Iterator[Block]:
    """Yield the rows of a table as lines, where there is no room for columns."""
    for row in rows:
        cells = [cell for cell in row if str(cell)]
        spans: list[Span] = []
        for cell in cells:
            spans += [(" " * GAP, "plain"), *cell.spans]
        yield Line(((" " * indent, "plain"), *spans[1:]), indent + 2 * GAP)


def _cut_names(rows: list[list[Line]], column: int, width: int, *, begin: bool) -> None:
    body = rows[begin:]
    short = apart_in([str(row[column]) for row in body], width)
    for row, name in zip(body, short, strict=True):
        role = row[column].spans[0][1] if row[column].spans else "plain"
        row[column] = Line(((name, role),))


def _shared_out(widths: list[int], room: int, names: frozenset[int]) -> tuple[list[int], bool]:
    """Return how wide columns are in so much room, and whether that is enough for what is to be read.

    Columns of names give way first, then all wide ones, which become alike.
    """
    widths = list(widths)
    for least in (max(NAME_COLUMNS, room // 2), TEXT_COLUMNS):
        cut = list(widths)
        for column in sorted(names):
            over = sum(cut) - room
            cut[column] = max(min(least, cut[column]), cut[column] - max(0, over))
        if sum(cut) <= room:
            return cut, True
        widths = cut if least >= NAME_COLUMNS else widths
    left, open_, fair = room, len(widths), 0
    for wide in sorted(widths):
        fair = left // open_
        if wide > fair:
            break
        left, open_ = left - wide, open_ - 1
    return [max(1, min(wide, fair)) for wide in widths], fair >= TEXT_COLUMNS


def _row(cells: list[Line], widths: list[int], table: Table) -> list[Text]:
    from rich.text import Text

    wrapped = [list(_wrapped_cell(_styled(cell), width)) for cell, width in zip(cells, widths, strict=True)]
    lines = []
    for number in range(max(map(len, wrapped))):
        line = Text(" " * table.indent, end="")
        for column, (parts, width) in enumerate(zip(wrapped, widths, strict=True)):
            part = parts[number] if number < len(parts) else Text()
            space = " " * max(0, width - part.cell_len)
            line.append(" " * GAP if column else "")
            line.append_text(Text.assemble(space, part) if column in table.right else Text.assemble(part, space))
        line.rstrip()
        lines.append(line)
    return lines


def _wrapped_cell(cell: Text, width: int) -> Iterator[Text]:
    if cell.cell_len <= width or width < 1:
        yield cell
        return
    for part in cell.wrap(_measuring(), width):
        part.rstrip()
        yield part
