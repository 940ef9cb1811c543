"""What the harness has asked of values while it was followed: fields, names, readings, and those that are not there.

All else that happened is in `events`.
"""

from __future__ import annotations

import ast

from weft.linter.facts.domain.values import Dict, Lack, Value
from weft.linter.record import record

__all__ = [
    "BudgetAsked",
    "BudgetRead",
    "ClosedAsked",
    "FieldRead",
    "FullAsked",
    "MissingField",
    "NameAsked",
    "NoneUsed",
    "NotARecord",
    "OptionalRead",
    "Reported",
    "SchemaGiven",
]


@record()
class NoneUsed:
    """A value that may be None is used as if it never were."""

    node: ast.expr
    lack: Lack
    use: str
    """As in `["parts"]` or `len()`."""
    inside: bool
    """Whether it happens in a branch or a stage, where it costs one item and not the run."""
    doubted: bool
    """Whether a test has asked for such a value, so that it may be there for a reason that is not followed."""


@record()
class MissingField:
    """A field is read that the schema of the value does not define."""

    node: ast.expr
    """Where the field is named."""
    field: str
    fields: tuple[str, ...]
    """What there is instead."""
    schema: str
    """Name and place, as in `CLAIMS.claims[]`."""
    key: bool = False
    """It is read to tell items apart."""
    asked: bool = False
    """Where it is not there, something else is given."""


@record()
class BudgetRead:
    """A name is asked of the budget."""

    node: ast.Attribute
    name: str


@record()
class BudgetAsked:
    """A reading of the budget is called."""

    call: ast.Call
    unit: Value | None


@record()
class FullAsked:
    """A list is asked whether it came back full."""

    node: ast.Attribute
    answer: bool
    """Whether it is one of an agent's answer."""


@record()
class ClosedAsked:
    """An attribute that is closed on every object is asked for by a name or a template that a variable holds."""

    node: ast.Call
    name: str


@record()
class NameAsked:
    """A name is asked of the module that offers the primitives."""

    node: ast.Attribute
    name: str


@record()
class NotARecord:
    """A text or a list is used as if it were a dict, or any of them is asked for an attribute that it has not."""

    node: ast.expr
    used: ast.expr
    use: str
    """As in `["parts"]` or `.get`; or the sign of a comparison with a number."""
    value: Value


@record()
class Reported:
    """A round is told what it has found."""

    node: ast.expr
    value: Value


@record()
class SchemaGiven:
    """A dict serves as JSON Schema."""

    schema: Dict
    name: str
    """What the harness calls it."""
    node: ast.AST
    """Where it is given."""


@record(eq=False)
class FieldRead:
    """A field of an agent's answer is read."""

    node: ast.expr
    answer: Dict
    field: str


@record()
class OptionalRead:
    """A field is read as if it were always there, and its schema does not require it."""

    node: ast.expr
    """Where the field is named."""
    field: str
    schema: str
    """Name and place, as in `CLAIMS.claims[]`."""
