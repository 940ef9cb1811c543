"""What a rule is. Each is a small class over the facts; its docstring is its page in the manual."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import ClassVar

from weft.linter.facts import Facts
from weft.linter.finding import Finding, Fix, Related, Severity

__all__ = ["Rule", "suggestion"]


class Rule(ABC):
    """One kind of defect.

    `message` says what is wrong, `why` what it costs; both are filled in from the finding.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    message: ClassVar[str]
    why: ClassVar[str]
    suppressible: ClassVar[bool] = True
    since: ClassVar[int] = 1
    """The version of the language from which on it is true."""
    guess: ClassVar[bool] = False
    """Whether what it finds is wrong in some harnesses and meant in others: it is asked only where that is wanted."""

    @abstractmethod
    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield the defects of this kind."""

    def found(
        self,
        facts: Facts,
        node: ast.AST,
        *,
        fix: Fix | None = None,
        severity: Severity | None = None,
        related: Iterable[Related] = (),
        **blanks: object,
    ) -> Finding:
        """Return the finding at a node."""
        (line, column), (end_line, end_column) = facts.positions.start(node), facts.positions.end(node)
        return Finding(
            code=self.code,
            name=self.name,
            severity=severity or self.severity,
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
            message=self.message.format(**blanks),
            why=self.why.format(**blanks),
            fix=fix,
            related=tuple(related),
        )


def suggestion(text: str) -> Fix:
    """Return a fix in words."""
    return Fix("suggestion", text)
