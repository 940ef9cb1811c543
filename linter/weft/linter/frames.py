"""Reports as text for people: a frame of code for each finding, what to write last, then the bound.

Each line is given as parts with what they mean: how that looks on a terminal is for whoever shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal
from unicodedata import combining, east_asian_width

from weft.linter.bound import UNBOUNDED, Bound
from weft.linter.finding import Finding, Severity
from weft.linter.positions import lines_of, without_mark
from weft.linter.report import Report

__all__ = ["Part", "bound_text", "on_one_line", "plain", "report_lines", "report_text"]

Part = tuple[str, Literal["plain", "strong", "dim", "ok", "warning", "lost"]]
"""A part of a line, and what it means: `lost` is what keeps a harness from being run."""

ROLES: dict[Severity, Literal["lost", "warning", "dim"]] = {"error": "lost", "warning": "warning", "info": "dim"}

AROUND = 1
"""How many lines to show before a finding."""

LONGEST = 1_000
"""How many characters of a line to show at most, around what is meant."""

TERMS = 12
"""How many terms of a bound to show."""


def report_text(filename: str, source: str, report: Report) -> str:
    """Return a report as text, ending in a line break."""
    return "".join(f"{''.join(text for text, _ in line)}\n" for line in report_lines(filename, source, report))


def report_lines(filename: str, source: str, report: Report, width: int | None = None) -> Iterator[tuple[Part, ...]]:
    """Yield the lines of a report; code is cut to so many columns, around what is meant, if they are given."""
    lines = [line.rstrip("\r\n") for line in lines_of(without_mark(source))]
    for finding in report.findings:
        yield from _block(filename, lines, finding, width)
        yield ()
    yield ((f"{on_one_line(filename)}: ", "plain"), *_summary(report))
    for line in bound_text(report.bound).splitlines():
        yield ((line, "plain"),)


def _summary(report: Report) -> Iterable[Part]:
    kinds: tuple[Severity, ...] = ("error", "warning", "info")
    counts = [(sum(one.severity == kind for one in report.findings), kind) for kind in kinds]
    parts: list[Part] = []
    for count, kind in counts:
        parts += [(", ", "plain"), (f"{count} {kind}{'s' * (count > 1)}", ROLES[kind])] if count else []
    return parts[1:] or [("clean", "ok")]


def _block(filename: str, lines: list[str], finding: Finding, columns: int | None) -> Iterator[tuple[Part, ...]]:
    role = ROLES[finding.severity]
    yield (
        (f"{finding.severity}[{finding.code}]", role),
        (plain(f" {finding.name}: "), "plain"),
        (plain(finding.message), "strong"),
    )
    width = len(str(finding.line))
    edge = " " * width
    yield ((f"{edge}--> ", "dim"), (on_one_line(f"{filename}:{finding.line}:{finding.column + 1}"), "plain"))
    yield ((f"{edge} |", "dim"),)
    numbers = range(max(1, finding.line - AROUND), finding.line + 1)
    written = [lines[number - 1] if number <= len(lines) else "" for number in numbers]
    cut = max(0, finding.column - LONGEST // 2) if len(written[-1]) > LONGEST else 0
    code = [_shown(text[cut : cut + LONGEST]) for text in written]
    begin, size = _pointed(written[-1][cut : cut + LONGEST], finding, cut)
    room = None if columns is None else max(8, columns - width - 3)
    start = 0 if room is None or begin + size <= room else max(0, begin - room // 3)
    for number, text in zip(numbers, code, strict=True):
        yield (
            (f"{number:>{width}} | " if text else f"{number:>{width}} |", "dim"),
            (_window(text, start, room), "plain"),
        )
    pointer = " " * (begin - start) + "^" * (size if room is None else min(size, room - begin + start))
    yield ((f"{edge} | ", "dim"), (pointer, role))
    yield ((f"{edge} = why: ", "dim"), (plain(finding.why), "plain"))
    for related in finding.related:
        yield ((f"{edge} = line {related.line}: ", "dim"), (plain(related.text), "plain"))
    if finding.fix is not None:
        note = " (weft check --fix)" if finding.fix.safety == "safe" else ""
        yield ((f"{edge} = fix: ", "dim"), (plain(finding.fix.text), "ok"), (note, "dim"))


def _shown(text: str) -> str:
    return plain(text.expandtabs(4)).rstrip()


def _pointed(text: str, finding: Finding, cut: int) -> tuple[int, int]:
    """Return the column at which what is meant begins, and how many it takes, in a line of which some is cut off."""
    begin = _cells(plain(text[: finding.column - cut].expandtabs(4)))
    last = finding.end_column - cut if finding.end_line == finding.line else len(text)
    return begin, max(1, _cells(plain(text[:last].expandtabs(4))) - begin)


def _window(text: str, start: int, room: int | None) -> str:
    """Return what of a text stands in so many columns from a certain one on."""
    if room is None or (start == 0 and _cells(text) <= room):
        return text
    shown, at = "", 0
    for character in text:
        size = _cells(character)
        if at >= start and at + size <= start + room:
            shown += character
        at += size
    if at > start + room:
        shown = shown[:-1] + "…"
    return ("…" + shown[1:] if start else shown).rstrip()


def _cells(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(character) else 1 + (east_asian_width(character) in "WF") for character in text)


def bound_text(bound: Bound) -> str:
    """Return the bound with where it comes from, or why there is none."""
    tokens = f"tokens: at most {bound.tokens:,}" if isinstance(bound.tokens, int) else ""
    head = [_agents(bound), *([tokens] if tokens else [])]
    width = max([8, *(len(str(term.value)) for term in bound.terms[:TERMS])])
    terms = [f"  {term.value!s:<{width}} line {term.line:<4} {term.text}" for term in bound.terms[:TERMS]]
    if len(bound.terms) > TERMS:
        terms.append(f"  … and {len(bound.terms) - TERMS} more")
    reasons = [f"  unbounded at line {reason.line}: {reason.why} → {reason.fix}" for reason in bound.reasons]
    return plain("\n".join(["      ".join(head), *terms, *reasons]))


def _agents(bound: Bound) -> str:
    shown = bound.expr.replace("*", "·")
    least = f", at least {bound.agents_min}" if bound.agents_min not in (0, bound.agents) else ""
    if bound.agents == UNBOUNDED:
        return f"agents: {shown}, which nothing limits{least}"
    total = f" = {bound.agents}" if isinstance(bound.agents, int) and str(bound.agents) != bound.expr else ""
    return f"agents: at most {shown}{total}{least}"


def on_one_line(text: str) -> str:
    """Return a name as `plain` does, with what would begin a new line made visible too."""
    return plain(text).replace("\n", "\\n")


def plain(text: str) -> str:
    """Return text in which nothing is left that a terminal would obey."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)
