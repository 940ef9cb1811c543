"""What gets out of sight: containers, objects and code that something may change which is not followed."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from weft.linter.facts.domain.losing import lose
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.state import State
from weft.linter.facts.domain.values import Value, held
from weft.linter.facts.names import method_names, rebound_names

__all__ = ["Escapes"]


@dataclass(slots=True, eq=False)
class Escapes:
    """What is known of a harness for the places where it is not followed."""

    rebound: frozenset[str]
    """Attributes, and variables of outer scopes, that some code of the harness gives a value."""
    methods: frozenset[str]
    """What methods of the harness's classes are called."""
    leaked: set[object] = field(default_factory=set)
    """What was put where the analysis cannot look: whoever changes something unknown may change it."""
    walking: list[set[object]] = field(default_factory=list)
    """What the generators that are being followed have read, each by itself."""

    @staticmethod
    def of(tree: ast.Module) -> Escapes:
        """Return what the syntax of a harness tells."""
        return Escapes(rebound_names(tree), method_names(tree))

    def lose(self, state: State, why: str, inputs: Iterable[Value], *, keeps: bool) -> None:
        """Forget what may have changed now that these are given to something unknown; `keeps`: it has them for good."""
        found = {one for value in inputs for one in about(held(value), "holds")}
        if keeps:
            self.leaked |= found
        if found or self.leaked:
            lose(state, found | self.leaked, self.rebound, why)
