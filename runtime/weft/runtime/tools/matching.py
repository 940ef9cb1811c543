"""What a name, a path or a line is held against: texts, words, regular expressions, and patterns such as `src/**/*.py`.

All take linear time, whoever has written them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import re2

from weft.runtime.tools.refusing import ToolRefused

__all__ = ["compiled", "glob", "line_matcher", "path_matcher", "words_of"]

MOST_MEMORY = 32 << 20
"""Bytes that one pattern may take."""
LONGEST = 10_000
"""Characters of one that an agent gives."""

Span = tuple[int, int]
"""From where to where in a line."""

_PIECE = re.compile(r"\\(.)|\[([!^]?)(\]?(?:\\.|\[:\w+:\]|[^\]\\])*)\]|(\*\*?\*?)|(\?)|([^\\*?\[]+|.)", re.DOTALL)
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")


def compiled(pattern: str, *, case: bool = True) -> Any:
    """Return a regular expression of re2, which has neither references back nor looks around.

    Raises:
        ValueError: it is none, or takes too much memory.
    """
    options = re2.Options()
    options.case_sensitive, options.log_errors, options.max_mem = case, False, MOST_MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0] if error.args else b""
        raise ValueError(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) from None


def words_of(query: str) -> list[str]:
    """Return the words of a query, as lines are searched for them."""
    return [word.lower() for word in re.findall(r"\w+", query)]


def glob(pattern: str) -> str:
    """Return a pattern of whole paths as a regular expression: within a part `*`, `?`, `[…]`; across them `**`."""
    pattern = re.sub(r"(?<![^/])\*\*(?:/\*\*)+(?![^/])", "**", pattern)
    if pattern == "**":
        return ".*"
    found = pattern.replace("/**/", "/\0").removesuffix("/**")
    inside = r"/.+" if pattern.endswith("/**") else ""
    if found.startswith("**/"):
        found = "\0" + found[3:]
    return "".join(_piece(*match.groups()) for match in _PIECE.finditer(found)) + inside


def _piece(
    escaped: str | None, negated: str | None, members: str | None, stars: str | None, one: str | None, text: str | None
) -> str:
    if stars is not None:
        return r"[^/]*"
    if one is not None:
        return r"[^/]"
    if members is not None:
        return _members(bool(negated), members)
    if escaped is not None:
        return re.escape(escaped)
    return re.escape(text or "").replace("\\\0", r"(?:.*/)?").replace("\0", r"(?:.*/)?")


def _members(negated: bool, members: str) -> str:
    """Return a class of characters, in which a path's `/` never is."""
    written = re.sub(r"\[(?!:)", r"\\[", members.replace("]", r"\]", 1) if members.startswith("]") else members)
    written = written.replace("^", r"\^")
    return f"[^/{written}]" if negated else f"[{written}]"


def path_matcher(pattern: str) -> Callable[[str], bool]:
    """Return what tells of a path whether it fits: contains a text, or is like a pattern with `*`, `?`, `[…]`, `{a,b}`.

    Case does not count. A pattern without `/` is about the name in any folder, any other about the whole path.

    Raises:
        ToolRefused: nobody can read it.
    """
    wanted = pattern.removeprefix("./")
    if not re.search(r"[*?\[{]", wanted) or (not re.search(r"[*?\[]", wanted) and not _BRACES.search(wanted)):
        return lambda path: wanted.lower() in path.lower()
    if len(wanted) > LONGEST:
        raise ToolRefused(f"a pattern of paths has at most {LONGEST:,} characters")
    anywhere = "" if "/" in wanted.strip("/") or wanted.startswith("/") else r"(?:.*/)?"
    ways = "|".join(glob(way.lstrip("/")) for way in _ways(wanted))
    try:
        whole = compiled(
            f"{anywhere}(?:{ways})/?(?:.*)" if wanted.endswith("/") else f"{anywhere}(?:{ways})", case=False
        )
    except ValueError as error:
        raise ToolRefused(f"{pattern!r} is no pattern of paths: {error}") from None
    literal = wanted.lower()  # such as app/[id]/page.tsx, which is a path as well as a pattern
    return lambda path: whole.fullmatch(path) is not None or literal in path.lower()


def _ways(pattern: str) -> list[str]:
    """Return what a pattern with alternatives in braces stands for."""
    ways = [pattern]
    while (braced := next(filter(None, map(_BRACES.search, ways)), None)) is not None:
        choices = braced[1].split(",")
        ways = [way.replace(braced[0], choice) for way in ways for choice in (choices if braced[0] in way else [""])]
        if len(ways) > LONGEST // 10:
            raise ToolRefused("a pattern of paths has too many alternatives")
    return ways


def line_matcher(query: str, match: str, *, case: bool) -> tuple[Callable[[str], bool], Callable[[str], Span | None]]:
    """Return what a search does: whether a text may have such a line at all, and where in a line it is found.

    Args:
        query: What is looked for.
        match: `text`, `words` or `regex`.
        case: Whether case counts.

    Raises:
        ToolRefused: the query is nothing that can be looked for so.
    """
    if len(query) > LONGEST:
        raise ToolRefused(f"a query has at most {LONGEST:,} characters")
    if not query.strip():
        raise ToolRefused("the query has no words, and no other characters that could be looked for")
    if match not in ("text", "words", "regex"):
        raise ToolRefused(f"match is text, words or regex, not {match!r}")
    if match == "regex":
        return _regular(query, case)
    if match == "words":
        words = words_of(query) if not case else re.findall(r"\w+", query)
        if not words:
            raise ToolRefused("the query has no words")
    elif re.search(r"[\r\n]", query.strip("\r\n")):
        raise ToolRefused("a query is one line: lines are searched one by one")
    else:
        words = [query.strip("\r\n") if case else query.strip("\r\n").lower()]
    return _holding(words, case)


def _holding(words: Iterable[str], case: bool) -> tuple[Callable[[str], bool], Callable[[str], Span | None]]:
    first, *others = words

    def anywhere(text: str) -> bool:
        told = text if case else text.lower()
        return first in told and all(word in told for word in others)

    def where(line: str) -> Span | None:
        told = line if case else line.lower()
        at = told.find(first)
        return (at, at + len(first)) if at >= 0 and all(word in told for word in others) else None

    return anywhere, where


def _regular(query: str, case: bool) -> tuple[Callable[[str], bool], Callable[[str], Span | None]]:
    try:
        pattern = compiled(query, case=case)
        whole = compiled(f"(?m){query}", case=case)
    except ValueError as error:
        raise ToolRefused(
            f"{query!r} is no regular expression here: {error}. It is read as by RE2, without references back and"
            ' without looking around; match="text" takes it as it stands'
        ) from None
    by_line = re.search(r"\\[AzZ]|\(\?", query) is not None  # what may hold of a line and not of the text around it

    def anywhere(text: str) -> bool:
        return by_line or "\r" in text or whole.search(text) is not None

    def where(line: str) -> Span | None:
        found = pattern.search(line)
        return None if found is None else found.span()

    return anywhere, where
