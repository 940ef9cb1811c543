"""Applying fixes, in rounds, and never one after which the linter finds something new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from weft.linter.finding import Edit, Finding, Fix
from weft.linter.lint import lint
from weft.linter.positions import lines_of, without_mark
from weft.linter.report import Report

__all__ = ["apply", "fix"]

_ROUNDS = 50


def fix(source: str, *, unsafe: bool = False, check: Callable[[str], Report] = lint) -> str:
    """Return a harness with its fixes applied, again and again until there is none left.

    Those of one round are applied together where they do not overlap. A fix after which the linter finds something that
    it did not find before is not applied, so what could be parsed still can.

    Args:
        source: The harness. Its line endings are kept, and a byte order mark too.
        unsafe: Apply also the fixes that may change more than what is wrong.
        check: Tells what is wrong with a harness.
    """
    plain = without_mark(source)
    return source[: len(source) - len(plain)] + _fixed(plain, ("safe", "unsafe") if unsafe else ("safe",), check)


def _fixed(source: str, safeties: tuple[str, ...], check: Callable[[str], Report]) -> str:
    report = check(source)
    for _ in range(_ROUNDS):
        for edits in _attempts(report, safeties):
            mended = apply(source, edits)
            after = check(mended)
            if mended != source and _better(report, after):
                source, report = mended, after
                break
        else:
            break
    return source


def _attempts(report: Report, safeties: tuple[str, ...]) -> Iterator[tuple[Edit, ...]]:
    """Yield what to try in one round: as many fixes as go together, then each alone."""
    fixes = [one.fix for one in report.findings if one.fix is not None and one.fix.safety in safeties]
    together = tuple(_together(fixes))
    if together:
        yield together
    yield from (fix.edits for fix in fixes if fix.edits)


def _together(fixes: Iterable[Fix]) -> list[Edit]:
    """Return the edits of the fixes that touch no range that an earlier one changes."""
    taken: list[Edit] = []
    for fix in fixes:
        if not any(_touch(edit, other) for edit in fix.edits for other in taken):
            taken += fix.edits
    return taken


def _touch(a: Edit, b: Edit) -> bool:
    return (a.line, a.column) <= (b.end_line, b.end_column) and (b.line, b.column) <= (a.end_line, a.end_column)


def _better(before: Report, after: Report) -> bool:
    """Tell whether there are fewer findings, of which those that only inform count last, and no new error."""
    return not _errors(after.errors) - _errors(before.errors) and _weight(after) < _weight(before)


def _weight(report: Report) -> tuple[int, int]:
    return sum(one.severity != "info" for one in report.findings), len(report.findings)


def _errors(errors: Iterable[Finding]) -> Counter[str]:
    return Counter(error.code for error in errors)


def apply(source: str, edits: Iterable[Edit]) -> str:
    """Return the source with ranges of it replaced; ranges do not overlap. Line endings are those of the source."""
    lines = lines_of(source)
    ending = next((line[len(line.rstrip("\r\n")) :] for line in lines), "") or "\n"
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for edit in sorted(set(edits), reverse=True):
        begin, end = starts[edit.line - 1] + edit.column, starts[edit.end_line - 1] + edit.end_column
        source = source[:begin] + edit.text.replace("\n", ending) + source[end:]
    return source
