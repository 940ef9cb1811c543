"""`BUDGET`: the ceilings that a harness itself sets for its run, read from its source without running anything.

Which of them holds where a person sets others, and what happens there, is the host's business.
"""

from __future__ import annotations

import ast
import math
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Literal, get_args

from weft.primitives.language.nodes import children

__all__ = ["BUDGET", "BUDGET_SINCE", "CeilingUnit", "CeilingsRefused", "declared_ceilings"]

BUDGET = "BUDGET"
"""The name of the literal, beside `ARGS` and `RESULT`."""

BUDGET_SINCE = 2
"""The version of the language from which on the name means that; before, it was any name."""

CeilingUnit = Literal[
    "usd",  # dollars at list price
    "tokens",  # input and output together
    "agents",  # how many may start
    "minutes",  # how long one execution may take
]

UNITS: tuple[CeilingUnit, ...] = get_args(CeilingUnit)
COUNTED = ("tokens", "agents")
"""Units of which there are whole numbers only."""

MOST = 10**15
"""The largest amount of any unit: beyond it, numbers no longer fit what other readers of a journal take."""


class CeilingsRefused(ValueError):
    """`BUDGET` says nothing that can be held; `node` is the place in the source."""

    def __init__(self, what: str, node: ast.expr | ast.stmt) -> None:
        super().__init__(f'{BUDGET} {what}; write it as in {BUDGET} = {{"usd": 1.0}}')
        self.node = node


def declared_ceilings(tree: ast.Module) -> Mapping[CeilingUnit, float]:
    """Return what a harness sets as its ceilings, by unit; nothing where it sets none.

    Raises:
        CeilingsRefused: it has a `BUDGET` that is no dict of such units and amounts above 0, written out.
    """
    found = [*_given(tree)]
    if not found:
        return {}
    for name in found[1:]:
        raise CeilingsRefused("has one value, which is written out, and is given another here", name)
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if found[0] in targets:
                return _read(node.value)
    raise CeilingsRefused("is given its value in a line of its own that begins with it", found[0])


def _given(tree: ast.Module) -> Iterator[ast.Name]:
    """Yield where the name is given a value in the module itself, and not in a function or class."""
    waiting: deque[ast.AST] = deque([tree])
    while waiting:
        node = waiting.popleft()
        if isinstance(node, ast.Name) and node.id == BUDGET and not isinstance(node.ctx, ast.Load):
            yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            waiting += children(node)


def _read(node: ast.expr | ast.stmt) -> Mapping[CeilingUnit, float]:
    if not isinstance(node, ast.Dict):
        raise CeilingsRefused("is a dict that is written out, so that it can be read without running anything", node)
    ceilings: dict[CeilingUnit, float] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        unit = _unit(key, node)
        if unit in ceilings:
            raise CeilingsRefused(f"names {unit!r} twice", key or node)
        ceilings[unit] = _amount(unit, value)
    return ceilings


def _unit(key: ast.expr | None, node: ast.expr) -> CeilingUnit:
    written = key.value if isinstance(key, ast.Constant) else None
    for unit in UNITS:
        if written == unit:
            return unit
    shown = "**" if key is None else ast.unparse(key)
    raise CeilingsRefused(f"has no unit {shown}: there are {', '.join(UNITS)}", key or node)


def _amount(unit: CeilingUnit, node: ast.expr) -> float:
    try:
        amount = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise CeilingsRefused(f"has an amount of {unit} that is not written out as a number", node) from None
    if isinstance(amount, bool) or not isinstance(amount, (int, float)) or not 0 < amount < math.inf:
        raise CeilingsRefused(f"has an amount of {unit} that is no number above 0: {ast.unparse(node)}", node)
    if unit in COUNTED and not isinstance(amount, int):
        raise CeilingsRefused(f"has {ast.unparse(node)} {unit}, which is no whole number", node)
    if amount > MOST:
        raise CeilingsRefused(f"has more {unit} than can be counted", node)
    return amount
