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
        for edits, of in _attempts(report, safeties):
            mended = apply(source, edits)
            after = check(mended)
            if mended != source and _better(report, after, of):
                source, report = mended, after
                break
        else:
            break
    return source


def _attempts(report: Report, safeties: tuple[str, ...]) -> Iterator[tuple[tuple[Edit, ...], Finding | None]]:
    """Yield what to try in one round: as many fixes as go together, then each alone, with what it is the fix of."""
    fixable = [one for one in report.findings if one.fix is not None and one.fix.safety in safeties and one.fix.edits]
    together = tuple(_together(one.fix for one in fixable if one.fix is not None))
    if together:
        yield together, None
    yield from ((one.fix.edits, one) for one in fixable if one.fix is not None)


def _together(fixes: Iterable[Fix]) -> list[Edit]:
    """Return the edits of the fixes that touch no range that an earlier one changes."""
    taken: list[Edit] = []
    for fix in fixes:
        if not any(_touch(edit, other) for edit in fix.edits for other in taken):
            taken += fix.edits
    return taken


def _touch(a: Edit, b: Edit) -> bool:
    return (a.line, a.column) <= (b.end_line, b.end_column) and (b.line, b.column) <= (a.end_line, a.end_column)


def _better(before: Report, after: Report, of: Finding | None) -> bool:
    """Tell whether there are fewer findings, of which those that only inform count last, and no new error.

    There may be as many where the one is gone that was to be mended: it has hidden another, which is met only now.
    """
    if _errors(after.errors) - _errors(before.errors):
        return False
    gone = of is not None and not any(_place(one) == _place(of) for one in after.findings)
    return _weight(after) < _weight(before) or (gone and _weight(after) == _weight(before))


def _place(one: Finding) -> tuple[str, int, int]:
    return one.code, one.line, one.column


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
