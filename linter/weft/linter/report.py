"""What checking one harness gives."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from weft.linter.bound import Bound, Width, unknown_bound
from weft.linter.finding import Finding, Severity
from weft.linter.problem import FILE
from weft.linter.record import record

__all__ = ["Report", "as_json", "unreadable"]


@record()
class Report:
    """What is wrong with a harness, and how many agents it can start."""

    findings: tuple[Finding, ...]
    """In the order of the file."""
    bound: Bound
    widths: tuple[Width, ...] = ()
    """Of its fan-outs, in the order of the file."""
    tools: frozenset[str] = frozenset()
    """The tools that it may give agents, itself or by a profile, or call, and those of the saved harnesses that it
    calls; an empty name where one is not known."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that keep a harness from being run."""
        return self._of("error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that do not, and cost something."""
        return self._of("warning")

    def _of(self, severity: Severity) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == severity)


def unreadable(why: str, what: str = "read") -> Report:
    """Return what is said of a file that cannot be read, or mended."""
    return Report((FILE.at(what=what, why=why),), unknown_bound("the file cannot be read"))


def as_json(report: Report) -> dict[str, Any]:
    """Return a report as the data that scripts rely on. Lines and columns count from 1, as in the text for people."""
    bound = report.bound
    return {
        "diagnostics": [_counted_from_one(asdict(finding)) for finding in report.findings],
        "bound": {
            "agents": bound.agents,
            "expr": bound.expr,
            "terms": [asdict(term) for term in bound.terms],
            "reasons": [{"line": reason.line, "why": reason.why, "fix": reason.fix} for reason in bound.reasons],
            "agents_min": bound.agents_min,
            "tokens": bound.tokens,
            "parameters": bound.parameters,
        },
    }


def _counted_from_one(finding: dict[str, Any]) -> dict[str, Any]:
    """Return a finding with columns as an editor shows them; within the linter they are offsets, as in `ast`."""
    for place in (finding, *(finding["fix"] or {}).get("edits", ())):
        place["column"] += 1
        place["end_column"] += 1
    return finding
