"""Tools that read: files by lines, lists of files, and lines by their words. They see what `folders` lets them see.

What an agent opened is noted; its votes are weighed by that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from weft.runtime.tools.folders import Folders, lines_of
from weft.runtime.tools.refusing import ToolRefused

__all__ = ["MAX_CHARACTERS", "MAX_FILES", "MAX_MATCHES", "Finder", "OpenFiles", "words_of"]

MAX_LINES = 2000
"""How many lines one `read_file` returns."""
MAX_MATCHES = 100
MAX_FILES = 2000
MAX_CHARACTERS = 100_000
"""How long one answer of a tool may be: it stays in the agent's context from then on."""
MAX_LINE = 500
"""How much of one line `search_text` shows."""


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
        """Return the paths that contain a text, in any case, sorted."""
        return [path for path in sorted(self._until_ended(self._folders.walk())) if pattern.lower() in path.lower()]

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

    def matches(self, query: str, path: str = "") -> Iterator[tuple[str, int, str]]:
        """Find the lines that have all the words of a query: file, number, and the line.

        Raises:
            ToolRefused: the query has no words.
        """
        words = words_of(query)
        if not words:
            raise ToolRefused("the query has no words")
        return self._matches(words, path)

    def _matches(self, words: list[str], path: str) -> Iterator[tuple[str, int, str]]:
        for file in self._until_ended(self.paths(path)):
            try:
                text = self._folders.read(file)
            except ToolRefused:  # a file that cannot be read has no lines to find; read_file says why
                continue
            for number, line in enumerate(lines_of(text), start=1):
                if all(word in line.lower() for word in words):
                    yield file, number, line

    def _until_ended(self, paths: Iterable[str]) -> Iterator[str]:
        for path in paths:
            if self._ended:
                raise ToolRefused("the agent was ended")
            yield path


class OpenFiles(Finder):
    """The tools of one agent, which give text for a model to read."""

    def read_file(self, path: str, first_line: int = 1, last_line: int | None = None) -> str:
        """Read lines of a text file. Each line comes with its number, as `12: text`.

        Args:
            path: A path as `list_files` shows it.
            first_line: The first line to read, from 1.
            last_line: The last line to read; at most 2,000 lines come at once.
        """
        first, lines = max(1, first_line), self.lines(path, first_line, last_line)
        numbered = [f"{number}: {line}" for number, line in enumerate(lines[:MAX_LINES], start=first)]
        shown = _fitting(numbered) or [
            f"{numbered[0][:MAX_CHARACTERS]} (cut: the line has {len(lines[0]):,}"
            " characters; search_text shows others of them)"
        ]
        last = first + len(shown) - 1
        self.touched[f"{path}:{first}-{last}"] = None
        more = len(lines) - len(shown)
        if more:
            shown.append(f"({more} more lines; read on with first_line={last + 1})")
        return "\n".join(shown)

    def list_files(self, pattern: str = "") -> str:
        """List the files there are, one path a line.

        Args:
            pattern: Only paths that contain this text.
        """
        paths = self.paths(pattern)
        shown = _fitting(paths[:MAX_FILES])
        if len(paths) > len(shown):
            shown.append(f"({len(paths) - len(shown)} more; give a pattern)")
        return "\n".join(shown) or "no files"

    def search_text(self, query: str, path: str = "") -> str:
        """Find the lines that contain all the words of a query, in any order and case. Shows `path:line: text`.

        Args:
            query: Words to look for.
            path: Only files whose path contains this text.
        """
        words, matches = words_of(query), self.matches(query, path)
        self.touched[f"search_text({json.dumps(' '.join(sorted(words)), ensure_ascii=False)})"] = None
        found: list[str] = []
        size = 0
        for file, number, line in matches:
            row = f"{file}:{number}: {_excerpt(line.strip(), words[0])}"
            size += len(row) + 1
            if len(found) == MAX_MATCHES or size > MAX_CHARACTERS:
                found.append(f"(at most {MAX_MATCHES} lines are shown; add words or a path)")
                break
            self.touched[f"{file}:{number}-{number}"] = None
            found.append(row)
        return "\n".join(found) or "no matches"


def words_of(query: str) -> list[str]:
    """Return the words of a query, as lines are searched for them."""
    return [word.lower() for word in re.findall(r"\w+", query)]


def _fitting(rows: list[str]) -> list[str]:
    """Return as many rows from the first as one answer may hold."""
    size = 0
    for count, row in enumerate(rows):
        size += len(row) + 1
        if size > MAX_CHARACTERS:
            return rows[:count]
    return rows


def _excerpt(line: str, word: str) -> str:
    """Return a line, or of a long one what stands around a word."""
    if len(line) <= MAX_LINE:
        return line
    start = max(0, min(line.lower().find(word) - MAX_LINE // 2, len(line) - MAX_LINE))
    return f"… {line[start : start + MAX_LINE]} … (of {len(line):,} characters)"
