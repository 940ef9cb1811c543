"""Reports as text for people: a frame of code for each finding, what to write last, then the bound."""

from __future__ import annotations

from collections.abc import Iterator

from weft.linter.bound import UNBOUNDED, Bound
from weft.linter.finding import Finding
from weft.linter.positions import lines_of, without_mark
from weft.linter.report import Report

__all__ = ["bound_text", "plain", "report_text"]

AROUND = 1
"""How many lines to show before a finding."""

TERMS = 12
"""How many terms of a bound to show."""


def report_text(filename: str, source: str, report: Report) -> str:
    """Return a report as text, ending in a line break."""
    lines = [line.rstrip("\r\n") for line in lines_of(without_mark(source))]
    blocks = ["\n".join(_block(filename, lines, finding)) for finding in report.findings]
    return "\n\n".join([*blocks, f"{plain(filename)}: {_summary(report)}\n{bound_text(report.bound)}"]) + "\n"


def _summary(report: Report) -> str:
    kinds = ("error", "warning", "info")
    counts = [(sum(one.severity == kind for one in report.findings), kind) for kind in kinds]
    return ", ".join(f"{count} {kind}{'s' * (count > 1)}" for count, kind in counts if count) or "clean"


def _block(filename: str, lines: list[str], finding: Finding) -> Iterator[str]:
    yield plain(f"{finding.severity}[{finding.code}] {finding.name}: {finding.message}")
    width = len(str(finding.line))
    edge = " " * width
    yield plain(f"{edge}--> {filename}:{finding.line}:{finding.column + 1}")
    yield f"{edge} |"
    for number in range(max(1, finding.line - AROUND), finding.line + 1):
        text = lines[number - 1] if number <= len(lines) else ""
        yield plain(f"{number:>{width}} | {text.expandtabs(4)}").rstrip()
    yield f"{edge} | {_pointer(lines, finding)}"
    yield plain(f"{edge} = why: {finding.why}")
    for related in finding.related:
        yield plain(f"{edge} = line {related.line}: {related.text}")
    if finding.fix is not None:
        note = " (weft check --fix)" if finding.fix.safety == "safe" else ""
        yield plain(f"{edge} = fix: {finding.fix.text}{note}")


def _pointer(lines: list[str], finding: Finding) -> str:
    text = lines[finding.line - 1] if finding.line <= len(lines) else ""
    begin = len(text[: finding.column].expandtabs(4))
    last = finding.end_column if finding.end_line == finding.line else len(text)
    size = len(text[:last].expandtabs(4)) - begin
    return " " * begin + "^" * max(1, size)


def bound_text(bound: Bound) -> str:
    """Return the bound with where it comes from, or why there is none."""
    tokens = f"tokens: at most {bound.tokens:,}" if isinstance(bound.tokens, int) else ""
    head = [_agents(bound), *([tokens] if tokens else [])]
    terms = [f"  {term.value!s:<8} line {term.line:<4} {term.text}" for term in bound.terms[:TERMS]]
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


def plain(text: str) -> str:
    """Return text in which nothing is left that a terminal would obey."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)
