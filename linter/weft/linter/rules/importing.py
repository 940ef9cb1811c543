"""By which name a harness can use a primitive, and the edit that imports one more."""

from __future__ import annotations

import ast

from weft.linter.facts import Facts
from weft.linter.finding import Edit
from weft.primitives.language.modules import PRIMITIVES

__all__ = ["name_for"]


def name_for(facts: Facts, primitive: str) -> tuple[str | None, tuple[Edit, ...]]:
    """Return how the harness writes a primitive, and the edit that makes it so; `None` where the name is taken."""
    imports = [found for found in facts.scopes.imports if found.module == PRIMITIVES]
    for found in imports:
        if found.name == primitive:
            return found.bound, ()
    if any(primitive in facts.scopes.of(node).bound for node in facts.scopes.nodes()):
        return None, ()
    for found in imports:
        if found.name is None and found.alias.asname is not None:
            return f"{found.alias.asname}.{primitive}", ()
    statement = next((found.node for found in imports if found.name is not None), None)
    if isinstance(statement, ast.ImportFrom) and statement in facts.tree.body:
        return primitive, (facts.positions.after(statement.names[-1], f", {primitive}"),)
    return primitive, ()
