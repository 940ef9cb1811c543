"""Applying the fixes that are safe."""

from __future__ import annotations

from weft.linter.finding import Edit, Fix
from weft.linter.lint import lint
from weft.linter.positions import lines_of, without_mark
from weft.linter.report import Report

__all__ = ["fix"]

_ROUNDS = 20


def fix(source: str) -> str:
    """Return a harness with every safe fix applied, again and again until there is none left.

    A fix after which the linter finds an error that was not there before is not applied.
    """
    plain = without_mark(source)
    return source[: len(source) - len(plain)] + _fixed(plain)


def _fixed(source: str) -> str:
    report = lint(source)
    for _ in range(_ROUNDS):
        for one in _safe(report):
            mended = apply(source, one.edits)
            after = lint(mended)
            if mended != source and _no_worse(report, after):
                source, report = mended, after
                break
        else:
            break
    return source


def _safe(report: Report) -> list[Fix]:
    return [finding.fix for finding in report.findings if finding.fix is not None and finding.fix.safety == "safe"]


def _no_worse(before: Report, after: Report) -> bool:
    return len(after.errors) <= len(before.errors) and len(after.findings) < len(before.findings)


def apply(source: str, edits: tuple[Edit, ...]) -> str:
    """Return the source with ranges of it replaced; ranges do not overlap."""
    lines = lines_of(source)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for edit in sorted(set(edits), reverse=True):
        begin, end = starts[edit.line - 1] + edit.column, starts[edit.end_line - 1] + edit.end_column
        source = source[:begin] + edit.text + source[end:]
    return source
