"""What a search has found, and as how much of that an agent is shown: of each file some, and what there is besides."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

__all__ = ["MAX_MATCHES", "Match", "Search", "Shown"]

MAX_MATCHES = 100
MAX_IN_FILE = 20
"""How many matches of one file are shown where not all of all files can be."""
MAX_CHARACTERS = 32_000
"""How long the answer of one search may be."""
MAX_LINE = 500
"""How much is shown of one line."""
MAX_NAMED = 20
"""How many of the files are named that have matches which are not shown."""


@dataclass(frozen=True, slots=True)
class Match:
    """A line that a search has found."""

    file: str
    number: int
    line: str
    at: tuple[int, int]
    """From where to where in the line."""
    around: tuple[tuple[int, str], ...] = ()
    """The lines before and after it, with their numbers."""


@dataclass(slots=True, kw_only=True)
class Search:
    """What is looked for, and how far that has come."""

    query: str
    path: str = ""
    match: str = "text"
    case: bool = False
    around: int = 0
    """How many lines before and after each are found with it."""
    seconds: float | None = None
    """Of real time, after which no more files are searched."""
    files: int = 0
    """How many files there are to be searched."""
    searched: int = 0
    unreadable: int = 0
    """How many of these could not be read."""
    found: Counter[str] = field(default_factory=Counter)
    """How many lines were found, by file."""

    def said(self) -> str:
        """Return the search as it is noted, the same for those that find the same."""
        query = self.query if self.case or self.match == "regex" else " ".join(self.query.lower().split())
        given = {"path": self.path, "match": self.match if self.match != "text" else "", "case": self.case}
        more = "".join(f", {name}={_quoted(value)}" for name, value in given.items() if value)
        return f"search_text({_quoted(query)}{more})"


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


class Shown:
    """What is shown of the matches of one search."""

    def __init__(self, search: Search, matches: Iterable[Match]) -> None:
        """Take all matches, and choose."""
        self._search = search
        rows = self._chosen(matches)
        self.touched: list[str] = []
        """The lines that are shown, as places."""
        self._count: Counter[str] = Counter()
        self._rows = list(self._fitting(rows))

    def _chosen(self, matches: Iterable[Match]) -> dict[str, dict[int, tuple[bool, str]]]:
        """Return by file and line what may be shown: whether it was found, and its row."""
        kept: list[tuple[int, Match]] = []
        fair = 0
        for match in matches:
            place = self._search.found[match.file]
            fair += place <= MAX_IN_FILE
            if len(kept) < MAX_MATCHES or (place <= MAX_IN_FILE and fair <= MAX_MATCHES):
                cut = Match(match.file, match.number, _excerpt(match), match.at, match.around)
                kept.append((place, cut))
        if self._search.found.total() > MAX_MATCHES and len(self._search.found) > 1:
            kept = [(place, match) for place, match in kept if place <= MAX_IN_FILE]
        rows: dict[str, dict[int, tuple[bool, str]]] = {}
        for _, match in kept[:MAX_MATCHES]:
            of_file = rows.setdefault(match.file, {})
            for number, line in match.around:
                of_file.setdefault(number, (False, f"{match.file}-{number}- {_beginning(line)}"))
            of_file[match.number] = (True, f"{match.file}:{match.number}: {match.line}")
        return rows

    def _fitting(self, rows: Mapping[str, Mapping[int, tuple[bool, str]]]) -> Iterator[str]:
        size = 0
        for file, of_file in rows.items():
            shown: list[int] = []
            for number in sorted(of_file):
                found, row = of_file[number]
                size += len(row) + 1
                if size > MAX_CHARACTERS:
                    break
                if self._search.around and shown and number > shown[-1] + 1:
                    yield "--"
                shown.append(number)
                self._count[file] += found
                yield row
            self._note(file, shown)

    def _note(self, file: str, numbers: list[int]) -> None:
        """Note the lines of a file that are shown: one by one, or in runs where others stand around them."""
        runs = groupby(enumerate(numbers), key=lambda entry: entry[1] - entry[0] if self._search.around else entry[0])
        for _, run in runs:
            lines = [number for _, number in run]
            self.touched.append(f"{file}:{lines[0]}-{lines[-1]}")

    def rows(self) -> list[str]:
        """Return what an agent is shown, at the end whether that is all."""
        return [*self._rows, *self._left_out(), self._summary()]

    @property
    def nothing(self) -> bool:
        """Whether no line was found."""
        return not self._search.found

    def _left_out(self) -> Iterator[str]:
        left = self._search.found - self._count
        for file, number in list(left.items())[:MAX_NAMED]:
            yield f"({file}: {number} more; path={_quoted(file)} shows them)"
        if len(left) > MAX_NAMED:
            yield f"({len(left) - MAX_NAMED} more files have some)"

    def _summary(self) -> str:
        search, total, shown = self._search, self._search.found.total(), self._count.total()
        found = f"{_several(total, 'matching line')} in {_several(len(search.found), 'file')}"
        cut = search.searched < search.files
        more = f"; {_several(search.unreadable, 'file')} could not be searched" if search.unreadable else ""
        if cut:
            more += f"; stopped after {search.seconds:g} s at {search.searched} of {search.files} files: give a path"
        if not total:
            return f"no matches ({'so far' if cut else 'complete'}: {_several(search.searched, 'file')} searched{more})"
        if shown < total:
            return f"(at most {MAX_MATCHES} lines are shown: {shown} of {found}{more}; narrow the query or the path)"
        return f"({'so far' if cut else 'complete'}: {found}{more})"


def _several(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _beginning(line: str) -> str:
    return line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]} …"


def _excerpt(match: Match) -> str:
    """Return a line, or of a long one what stands around what was found."""
    line = match.line.rstrip()
    if len(line) <= MAX_LINE:
        return line
    start = max(0, min(match.at[0] - MAX_LINE // 4, len(line) - MAX_LINE))
    on = f"of {len(line):,} characters, from {start + 1:,}; read_file with first_line={match.number}, first_column=…"
    return f"{'… ' if start else ''}{line[start : start + MAX_LINE]} … ({on})"
