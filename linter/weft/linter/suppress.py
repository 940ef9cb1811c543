"""Suppressions: `# weft: ok[B101] reason` says that a finding is known and meant."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from weft.linter.effort import inside
from weft.linter.facts.names import scopes_in
from weft.linter.finding import Finding
from weft.linter.problem import IDLE
from weft.linter.rules import RULES, Rule
from weft.primitives.language.refusals import refusals

__all__ = ["suppressed"]

_COMMENT = re.compile(r"#\s*weft:\s*ok\b(?:\[([^\]]*)\])?(.*)")
_SUPPRESSIBLE = {rule.code for rule in RULES if rule.suppressible}


@dataclass(slots=True)
class _Suppression:
    line: int
    column: int
    text: str
    codes: list[str]
    reason: str
    used: set[str] = field(default_factory=set)

    fixed: set[str] = field(default_factory=set)
    """Codes of findings here that cannot be suppressed."""

    def covers(self, finding: Finding, first_line: int, refused: Collection[int]) -> bool:
        """Tell whether this is about a finding, and take note that it is."""
        here = self.line in (finding.line, first_line) and finding.code in self.codes
        if here and finding.severity == "error" and finding.line in refused:
            self.fixed.add(finding.code)
        elif here and finding.code in _SUPPRESSIBLE:
            self.used.add(finding.code)
            return bool(self.reason)
        return False


def suppressed(findings: Iterable[Finding], source: str, tree: ast.Module, rules: Iterable[Rule]) -> list[Finding]:
    """Return the findings of these rules that are left, and a warning for each suppression that does nothing.

    No error is suppressed on a line with what the language does not have: the sandbox would refuse the harness.
    """
    found = list(findings)
    if "weft:" not in source:
        return found
    comments = list(_suppressions(source))
    by_line: dict[int, list[_Suppression]] = {}
    for comment in comments:
        by_line.setdefault(comment.line, []).append(comment)
    starts, refused = _first_lines(tree), {refusal.line for refusal in refusals(tree, scopes_in(tree))}
    left = [one for one in found if not _covered(one, by_line, starts, refused)]
    unasked = _SUPPRESSIBLE - {rule.code for rule in rules}
    return left + [warning for comment in comments for warning in _idle(comment, unasked)]


def _covered(
    finding: Finding, by_line: dict[int, list[_Suppression]], starts: dict[int, int], refused: Collection[int]
) -> bool:
    first = starts.get(finding.line, finding.line)
    near = [comment for line in dict.fromkeys((finding.line, first)) for comment in by_line.get(line, ())]
    covering = [comment.covers(finding, first, refused) for comment in near]
    return any(covering)  # after all have been asked: each takes note of what it covers


def _suppressions(source: str) -> Iterator[_Suppression]:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):  # what `ast` accepts and `tokenize` does not
        return
    for token in tokens:
        match = _COMMENT.match(token.string) if token.type == tokenize.COMMENT else None
        if match is not None:
            codes = [code.strip().upper() for code in (match[1] or "").split(",") if code.strip()]
            yield _Suppression(*token.start, token.string, codes, match[2].strip())


def _first_lines(tree: ast.Module) -> dict[int, int]:
    """Return for each line of a statement over several lines the line on which it begins."""
    found: dict[int, int] = {}
    for node in inside(tree):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            found |= dict.fromkeys(range(node.lineno, (node.end_lineno or node.lineno) + 1), node.lineno)
    return found


def _idle(comment: _Suppression, unasked: Collection[str]) -> Iterator[Finding]:
    if not comment.codes:
        yield _warning(comment, "names no rule", "# weft: ok[CODE] reason")
        return
    if not comment.reason:
        yield _warning(comment, "gives no reason", "say after the bracket why it is meant")
        return
    for code in comment.codes:
        if code not in _SUPPRESSIBLE or code in comment.fixed:
            yield _warning(comment, f"is for {code}, which cannot be suppressed", "mend what it is about")
        elif code not in comment.used and code not in unasked:
            yield _warning(comment, f"is for {code}, which is not found here", "remove it")


def _warning(comment: _Suppression, problem: str, instead: str) -> Finding:
    end = comment.column + len(comment.text)
    return IDLE.at(comment.line, comment.column, end, what=problem, instead=instead)
