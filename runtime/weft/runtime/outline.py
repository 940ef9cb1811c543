"""Any JSON data as a page for people: records as blocks, equal records as a table, quotations with their place.

Nothing in it knows what harness the data comes from; only the verdicts of `verify` are put into words, in `opinions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from weft.runtime.opinions import OPINIONS, in_words
from weft.runtime.page import Block, Line, Role, Table, indented, line, marked, named
from weft.runtime.plain import plain

__all__ = ["flat", "outline"]

SAID = ("statement", "quote", "text", "claim", "finding")
"""Names of fields that hold what was said, where a source stands beside them."""

ALIGNED = 28
"""The longest name of a field that others are aligned with."""

ON_A_LINE = 80
"""How long a list may be that stands on one line."""

COLUMNS = 6
"""The most fields of a record that can be a row of a table."""

SHORT = 3
"""Records of more lines than this stand apart."""


MOST_VALUES = 20_000
"""How many values are shown: more than anybody reads, and laid out in a second."""

WHOLE = 100
"""How many values may be in a record that is shown whole, or not at all."""


def outline(value: Any, *, missing: str | None = None, sections: bool = True) -> list[Block]:
    """Return data as a page. Nothing is cut; of more than `MOST_VALUES`, the first are there, and how many are not.

    Args:
        value: JSON data.
        sections: It is a page by itself, so what a record consists of stands apart.
        missing: What to show for `null`; without, it is `nothing` in a list, and in a record it is left out.
    """
    page, begun = _Outline(missing), _Begun()
    value = begun.of(value)
    blocks = list(page.sections(value)) if sections and isinstance(value, dict) and value else page.of(value)
    if begun.left_out:
        blocks += ["", f"… and {begun.left_out:,} more values, which only the data has (--json)"]
    return blocks


class _First(list[Any]):
    """The beginning of a longer list."""

    def __init__(self, items: list[Any], whole: int) -> None:
        super().__init__(items)
        self.whole = whole


def _count(values: list[Any]) -> str:
    return f"the first {len(values):,} of {values.whole:,}" if isinstance(values, _First) else str(len(values))


class _Begun:
    """Takes the first values out of data, and counts the others."""

    def __init__(self) -> None:
        self._room = MOST_VALUES
        self.left_out = 0

    def of(self, value: Any) -> Any:
        size = _size(value)
        if size <= max(self._room, WHOLE):
            self._room -= size
            return value
        if isinstance(value, dict):
            return {name: self.of(inner) for name, inner in value.items() if self._has_room_for(inner)}
        items = [self.of(inner) for inner in value if self._has_room_for(inner)]
        return _First(items, len(value)) if len(items) < len(value) else items

    def _has_room_for(self, value: Any) -> bool:
        if self._room <= 0:
            self.left_out += _size(value)
        return self._room > 0


def _size(value: Any) -> int:
    """Return how many values there are in data."""
    if isinstance(value, (dict, list)) and value:
        return sum(map(_size, value.values() if isinstance(value, dict) else value))
    return 1


def flat(value: Any) -> str:
    """Return data on one line."""
    return plain(" ".join(_flat(value).split()))


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        quoted = _quoted(value)
        fields = value if quoted is None else _beside(value)
        parts = [f"{_words(name)}: {_inner(inner)}" for name, inner in fields.items()]
        return ", ".join(parts if quoted is None else [str(quoted), *parts]) or "nothing"
    if isinstance(value, list):
        return ", ".join(map(_inner, value)) or "none"
    if value is None:
        return "nothing"
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _inner(value: Any) -> str:
    return f"({_flat(value)})" if isinstance(value, (dict, list)) and value else _flat(value)


class _Outline:
    def __init__(self, missing: str | None) -> None:
        self._missing = missing

    def of(self, value: Any) -> list[Block]:
        if isinstance(value, str) and "\n" in value.strip("\n"):
            return [line(plain(part)) for part in value.strip("\n").split("\n")]
        inline = self._inline(value)
        if inline is not None:
            return [inline]
        return list(self._record(value)) if isinstance(value, dict) else self._list(value)

    def sections(self, record: dict[str, Any]) -> Iterator[Block]:
        """Yield a record that is a whole page: what is in it stands apart."""
        if self._cited(record) is not None:
            yield from self.of(record)
            return
        before = 0
        for field in self._fields(record, "strong"):
            yield from ["", *field] if before and max(before, len(field)) > 1 else field
            before = len(field)

    # ------------------------------------------------------------------------------------------ on one line

    def _inline(self, value: Any) -> Line | None:
        """Return what fits on a line as one, however long the terminal's lines are."""
        if isinstance(value, dict):
            return line("nothing") if not value else self._cited(value)
        if isinstance(value, list):
            return self._short_list(value)
        text = self._scalar(value)
        return None if "\n" in text.strip("\n") else line((text.strip("\n"), self._role(value)))

    def _scalar(self, value: Any) -> str:
        if value is None:
            return self._missing or "nothing"
        return {True: "yes", False: "no"}[value] if isinstance(value, bool) else plain(str(value))

    def _role(self, value: Any) -> Role:
        if value is None and self._missing:
            return "lost"
        return OPINIONS.get(value, "plain") if isinstance(value, str) else "plain"

    def _short_list(self, values: list[Any]) -> Line | None:
        if len(values) == 1 and isinstance(values[0], dict):
            return self._inline(values[0])
        if any(isinstance(value, (dict, list)) for value in values):
            return None
        shown = [self._scalar(value) for value in values]
        if any("\n" in text for text in shown) or len(", ".join(shown)) > ON_A_LINE:
            return None
        if len(shown) > 1 and len(set(shown)) == 1 and isinstance(values[0], str):
            return line(f"{_count(values)} × ", (shown[0], self._role(values[0])))
        parts = [part for text, value in zip(shown, values, strict=True) for part in (", ", (text, self._role(value)))]
        return line(*parts[1:]) if parts else line("none")

    def _cited(self, value: dict[str, Any]) -> Line | None:
        """Return a quotation with its place, and the little that may stand beside it, where the data is one."""
        quoted = _quoted(value)
        if quoted is None:
            return None
        spans = list(quoted.spans)
        for name, inner in _beside(value).items():
            shown = self._inline(inner)
            if shown is None:
                return None
            spans += (
                [] if inner is None and self._missing is None else [(f" · {_words(name)}: ", "plain"), *shown.spans]
            )
        short = sum(len(part) for part, _ in spans[len(quoted.spans) :]) <= ON_A_LINE
        return Line(tuple(spans)) if short else None

    # ------------------------------------------------------------------------------------------ records and lists

    def _record(self, record: dict[str, Any]) -> Iterator[Block]:
        for field in self._fields(record):
            yield from field

    def _fields(self, record: dict[str, Any], role: Role = "dim") -> Iterator[list[Block]]:
        """Yield what each field of a record looks like."""
        quoted = _quoted(record)
        if quoted is not None:
            yield [quoted]
        others = in_words(record if quoted is None else _beside(record))
        known = {name: inner for name, inner in others.items() if inner is not None or self._missing}
        shown = {f"{_words(name)}:": inner for name, inner in known.items()}
        inlines = {name: self._inline(inner) for name, inner in shown.items()}
        width = max((len(name) for name, on in inlines.items() if on and len(name) <= ALIGNED), default=0) + 1
        for name, inner in shown.items():
            inline = inlines[name]
            if inline is not None:
                yield [named(name, *inline.spans, width=max(width, len(name) + 1))]
            else:
                count = f" {_count(inner)}" if isinstance(inner, list) else ""
                yield [line((name, role), count), *indented(self.of(inner), 2)]

    def _list(self, values: list[Any]) -> list[Block]:
        table = self._table(values)
        return self._numbered(values) if table is None else [table]

    def _numbered(self, values: list[Any]) -> list[Block]:
        items = [self.of(value) for value in values]
        apart = any(len(item) > SHORT for item in items)
        width = len(str(len(values))) + 2
        blocks: list[Block] = []
        for number, item in enumerate(items, start=1):
            blocks += [""] if apart and number > 1 else []
            blocks += marked(f"{f'{number}.':<{width}}", item)
        return blocks

    def _table(self, values: list[Any]) -> Table | None:
        """Return equal records as a table, if each of their fields fits on a line."""
        names = list(values[0]) if values and isinstance(values[0], dict) else []
        if len(values) < 2 or not 2 <= len(names) <= COLUMNS:
            return None
        rows = []
        for value in values:
            if not isinstance(value, dict) or value.keys() != set(names) or _quoted(value) is not None:
                return None
            cells = [self._cell(value[name]) for name in names]
            if any(cell is None for cell in cells):
                return None
            rows.append(tuple(cell for cell in cells if cell is not None))
        numbers = [all(_is_number(value[name]) for value in values) for name in names]
        return Table(
            rows=tuple(rows),
            head=tuple(map(_words, names)),
            right=frozenset(column for column, number in enumerate(numbers) if number),
            otherwise=tuple(self._numbered(values)),
        )

    def _cell(self, value: Any) -> Line | None:
        inline = self._inline(value)
        if inline is not None or not isinstance(value, list):
            return inline
        parts = [self._inline(part) for part in value]
        if any(part is None for part in parts):
            return None
        return line(*[span for part in parts if part for span in (("; ", "dim"), *part.spans)][1:])


def _quoted(record: dict[str, Any]) -> Line | None:
    """Return what was said and where, where a record has both."""
    source, number = record.get("source"), record.get("line")
    said = _said(record)
    if said is None or not isinstance(source, str) or not isinstance(number, (int, str, type(None))):
        return None
    place = source if number is None else f"{source}:{number}"
    return line(f"“{plain(' '.join(record[said].split()))}” ", (f"({plain(place)})", "dim"))


def _said(record: dict[str, Any]) -> str | None:
    return next((name for name in SAID if isinstance(record.get(name), str)), None)


def _beside(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in (_said(record), "source", "line")}


def _words(name: str) -> str:
    return plain(name.replace("_", " "))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
