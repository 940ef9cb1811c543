"""Tools that read: files by lines, lists of files, and lines by what they hold. They see what `folders` lets them see.

What an agent was shown is noted; its votes are weighed by that. Each answer says whether it is all there is.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from weft.runtime.tools.folders import MAX_FILE_BYTES, Folders, lines_of
from weft.runtime.tools.matching import line_matcher, path_matcher, words_of
from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.tools.searching import MAX_MATCHES, Match, Search, Shown

__all__ = ["MAX_CHARACTERS", "MAX_FILES", "MAX_MATCHES", "Finder", "OpenFiles"]

MAX_LINES = 2000
"""How many lines one `read_file` returns."""
MAX_AROUND = 10
"""How many lines are shown around a match."""
MAX_FILES = 2000
MAX_CHARACTERS = 100_000
"""How long one answer of a tool may be: it stays in the agent's context from then on."""
MAX_SECONDS = 30.0
"""Of real time, after which a search tells what it has found so far."""
MAX_MEASURED = 64 * 1024 * 1024
"""Bytes that are read to tell how many lines the files of one list have."""


class Finder:
    """Finds files and lines for one agent, or one call of a harness; `touched` remembers what was opened."""

    def __init__(self, folders: Folders, touched: dict[str, None] | None = None) -> None:
        self._folders = folders
        self.touched: dict[str, None] = {} if touched is None else touched
        self._ended = False

    def end(self) -> None:
        """Let what still runs in threads come to an end soon: nobody waits for it any more."""
        self._ended = True

    def paths(self, pattern: str = "") -> list[str]:
        """Return the paths that contain a text, in any case, or are like a pattern such as `src/**/*.py`; sorted.

        Raises:
            ToolRefused: the pattern is none.
        """
        fits = path_matcher(pattern)
        return [path for path in sorted(self._until_ended(self._folders.walk())) if fits(path)]

    def text(self, path: str) -> str:
        """Return the text of a file.

        Raises:
            ToolRefused: it cannot be read.
        """
        return self._folders.read(path)

    def lines(self, path: str, first_line: int = 1, last_line: int | None = None) -> list[str]:
        """Return the lines of a file from one to another.

        Raises:
            ToolRefused: it cannot be read, or does not have such lines.
        """
        lines = lines_of(self.text(path))
        first = max(1, first_line)
        last = len(lines) if last_line is None else min(last_line, len(lines))
        if first > len(lines):
            raise ToolRefused(f"{path} has {len(lines)} lines")
        if last < first:
            raise ToolRefused(f"there are no lines from {first_line} to {last_line}; the first is 1")
        return lines[first - 1 : last]

    def matches(self, search: Search) -> Iterator[Match]:
        """Find lines, file by file; what is counted in the search is complete when there are no more.

        Raises:
            ToolRefused: the query, or the pattern of paths, is none.
        """
        anywhere, where = line_matcher(search.query, search.match, case=search.case)
        paths, began = self.paths(search.path), time.monotonic()
        search.files = len(paths)
        for file in self._until_ended(paths):
            if search.seconds is not None and time.monotonic() - began > search.seconds:
                return
            search.searched += 1
            try:
                text = self._folders.read(file)
            except ToolRefused:  # a file that cannot be read has no lines to find; read_file says why
                search.unreadable += 1
                continue
            lines = lines_of(text) if anywhere(text) else []
            for number, line in enumerate(lines, start=1):
                if (at := where(line)) is not None:
                    search.found[file] += 1
                    near = range(max(1, number - search.around), min(len(lines), number + search.around) + 1)
                    around = tuple((other, lines[other - 1]) for other in near if other != number)
                    yield Match(file, number, line, at, around)

    def _until_ended(self, paths: Iterable[str]) -> Iterator[str]:
        for path in paths:
            if self._ended:
                raise ToolRefused("the agent was ended")
            yield path


class OpenFiles(Finder):
    """The tools of one agent, which give text for a model to read."""

    def read_file(
        self, path: str, first_line: int = 1, last_line: int | None = None, first_column: int | None = None
    ) -> str:
        """Read lines of a text file. Each line comes with its number, as `12: text`.

        Args:
            path: A path as `list_files` shows it.
            first_line: The first line to read, from 1.
            last_line: The last line to read; at most 2,000 lines come at once.
            first_column: Where in the first line to begin, from 1.
        """
        text = self.text(path)
        if not text:
            self.touched[f"{path}:1-1"] = None
            return f"({path} is empty)"
        first, lines = max(1, first_line), self.lines(path, first_line, last_line)
        start = max(1, first_column or 1) - 1
        if start and start >= len(lines[0]):
            raise ToolRefused(f"line {first} of {path} has {len(lines[0]):,} characters")
        numbered = [f"{number}: {line}" for number, line in enumerate(lines[:MAX_LINES], start=first)]
        numbered[0] = f"{first}: {lines[0][start:]}"
        shown = _fitting(numbered) or [_cut(first, lines[0], start)]
        last = first + len(shown) - 1
        self.touched[f"{path}:{first}-{last}"] = None
        more = len(lines) - len(shown)
        if more:
            shown.append(f"({more} more lines; read on with first_line={last + 1})")
        if odd := "\n".join(shown).count("\ufffd"):
            shown.append(f"(it is not all UTF-8: {odd} characters are shown as \ufffd)")
        return "\n".join(shown)

    def list_files(self, pattern: str = "") -> str:
        """List the files there are, one path a line, with how many lines and bytes each has.

        Args:
            pattern: Only paths that contain this text, or are like this pattern.
        """
        paths = self.paths(pattern)
        shown = _fitting(list(self._until_ended(self._measured(paths[:MAX_FILES]))))
        if len(paths) > len(shown):
            shown.append(f"({len(paths) - len(shown)} more of {len(paths)} files; give a pattern)")
        elif shown:
            shown.append(f"(complete: {_several(len(paths), 'file')})")
        return "\n".join(shown) or "no files"

    def _measured(self, paths: list[str]) -> Iterator[str]:
        left = MAX_MEASURED
        for path in paths:
            try:
                size, lines = self._folders.size(path, min(left, MAX_FILE_BYTES))
            except ToolRefused:  # gone since it was listed, or not for us to open
                yield f"{path}\tcannot be read"
                continue
            left -= size if lines is not None else 0
            counted = [] if lines is None else [_several(lines, "line")]
            yield f"{path}\t{', '.join([*counted, _several(size, 'byte')])}"

    def search_text(
        self, query: str, path: str = "", match: str | None = None, case: bool = False, context: int = 0
    ) -> str:
        """Find the lines that contain a text. Shows `path:line: text`, and at the end whether that is all.

        Args:
            query: What to look for.
            path: Only files whose path contains this text, or is like this pattern.
            match: `text`, as it stands; `regex`; or `words`, all of them in any order. Without it a text, and where no
                line has that, its words.
            case: Whether case counts.
            context: How many lines to show before and after each.
        """
        around = max(0, min(context, MAX_AROUND))
        search = Search(query=query, path=path, match=match or "text", case=case, around=around, seconds=MAX_SECONDS)
        shown, said = Shown(search, self.matches(search)), ""
        if shown.nothing and match is None and len(words_of(query)) > 1:
            by_words = replace(search, match="words", found=Counter(), searched=0, unreadable=0)
            others = Shown(by_words, self.matches(by_words))
            if not others.nothing:
                shown, said = others, "(no line has this text as it stands; these have all its words)"
        self.touched |= dict.fromkeys([search.said(), *shown.touched])
        return "\n".join([*([said] if said else []), *shown.rows()])


def _several(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _fitting(rows: list[str]) -> list[str]:
    """Return as many rows from the first as one answer may hold."""
    size = 0
    for count, row in enumerate(rows):
        size += len(row) + 1
        if size > MAX_CHARACTERS:
            return rows[:count]
    return rows


def _cut(number: int, line: str, start: int) -> str:
    """Return as much of a line as one answer may hold, from a place in it, and how to read on."""
    end = start + MAX_CHARACTERS
    on = f"read on with first_line={number}, first_column={end + 1}"
    return f"{number}: {line[start:end]} (cut: the line has {len(line):,} characters; search_text finds in it; {on})"
