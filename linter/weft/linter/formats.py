"""Reports as JSON, SARIF, GitHub annotations, and as words for a model; the text for people is in `frames`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any, Literal
from urllib.parse import quote

from weft.linter.bound import Bound
from weft.linter.finding import Edit, Finding
from weft.linter.frames import bound_text, on_one_line, plain, report_text
from weft.linter.manual import PAGES, Page, page_text
from weft.linter.report import Report, as_json

__all__ = ["FORMATS", "Format", "render", "render_all"]

Format = Literal["text", "json", "sarif", "github", "model"]
FORMATS: tuple[Format, ...] = ("text", "json", "sarif", "github", "model")

MODEL_FINDINGS = 10
"""How many findings a model is told at once; more only confuse it."""

Checked = tuple[str, str, Report]
"""A file's name, its source and what was found."""


def render(report: Report, source: str, filename: str, form: str) -> str:
    """Return a report in one of the formats.

    Raises:
        ValueError: there is no such format.
    """
    return render_all([(filename, source, report)], form)


def render_all(checked: Sequence[Checked], form: str, *, several: bool | None = None) -> str:
    """Return the reports of several files in one of the formats.

    Args:
        checked: The files.
        form: The format.
        several: Whether to say of each which file it is about; without it, where there is not just one.

    Raises:
        ValueError: there is no such format.
    """
    named = len(checked) != 1 if several is None else several
    match form:
        case "text":
            return "\n".join(report_text(filename, source, report) for filename, source, report in checked)
        case "json":
            return json.dumps(_data(checked, named), ensure_ascii=False, indent=1)
        case "sarif":
            return json.dumps(_sarif(checked), ensure_ascii=False, indent=1)
        case "github":
            return "\n".join(_annotation(filename, one) for filename, _, report in checked for one in report.findings)
        case "model":
            return "\n\n".join(_for_model(filename, report, named) for filename, _, report in checked)
    raise ValueError(f"there is no format {form!r}; there are {', '.join(FORMATS)}")


def _data(checked: Sequence[Checked], named: bool) -> dict[str, Any]:
    if not named:
        return as_json(checked[0][2])
    return {"files": [{"file": filename, **as_json(report)} for filename, _, report in checked]}


# SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def _sarif(checked: Sequence[Checked]) -> dict[str, Any]:
    driver = {"name": "weft", "rules": [_descriptor(page) for page in PAGES]}
    results = [_result(filename, one) for filename, _, report in checked for one in report.findings]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }


def _descriptor(page: Page) -> dict[str, Any]:
    text = page_text(page)
    return {
        "id": page.code,
        "name": page.name,
        "shortDescription": {"text": page.title},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": _LEVELS[page.severity]},
    }


def _result(filename: str, finding: Finding) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": " ".join(_sentences(finding))},
        "locations": [_location(filename, _region(finding))],
    }
    if finding.related:
        result["relatedLocations"] = [
            {**_location(filename, {"startLine": one.line}), "message": {"text": one.text}}
            for one in dict.fromkeys(finding.related)
        ]
    if finding.fix is not None and finding.fix.edits:
        replacements = [{"deletedRegion": _region(e), "insertedContent": {"text": e.text}} for e in finding.fix.edits]
        change = {"artifactLocation": {"uri": _uri(filename)}, "replacements": replacements}
        result["fixes"] = [{"description": {"text": finding.fix.text}, "artifactChanges": [change]}]
    return result


def _location(filename: str, region: dict[str, int]) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(filename)}, "region": region}}


def _uri(filename: str) -> str:
    """Return a file's name as a reference in the sense of RFC 3986, relative where the name is."""
    path = PurePath(filename)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _region(place: Finding | Edit) -> dict[str, int]:
    return {
        "startLine": place.line,
        "startColumn": place.column + 1,
        "endLine": place.end_line,
        "endColumn": place.end_column + 1,
    }


# GitHub


def _annotation(filename: str, finding: Finding) -> str:
    level = {"error": "error", "warning": "warning", "info": "notice"}[finding.severity]
    where = f"file={_property(filename)},line={finding.line},endLine={finding.end_line},col={finding.column + 1}"
    title = _property(f"{finding.code} {finding.name}")
    return f"::{level} {where},title={title}::{_escaped(' '.join(_sentences(finding)))}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


# A model


def _for_model(filename: str, report: Report, several: bool) -> str:
    worst = sorted(report.findings, key=lambda one: ("error", "warning", "info").index(one.severity))
    shown = sorted(worst[:MODEL_FINDINGS], key=lambda one: (one.line, one.column, one.code))
    parts = [on_one_line(filename)] if several else []
    parts += ["\n".join(_three_lines(one)) for one in shown]
    if len(worst) > len(shown):
        parts.append(f"{len(worst) - len(shown)} more after these.")
    return "\n".join([*parts, *_bound_lines(report.bound)])


def _three_lines(finding: Finding) -> Iterator[str]:
    yield plain(f"line {finding.line} {finding.code} {finding.severity}: {finding.message}")
    yield plain(f"  why: {finding.why}")
    yield plain(f"  write this: {finding.fix.text if finding.fix is not None else 'mend the line'}")


def _bound_lines(bound: Bound) -> list[str]:
    return [plain(line) for line in bound_text(bound).splitlines()]


def _sentences(finding: Finding) -> Iterator[str]:
    yield finding.message
    yield finding.why
    if finding.fix is not None:
        yield finding.fix.text
