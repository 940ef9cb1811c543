"""The kinds of syntax a harness may use, and the names that nobody may give a meaning."""

from __future__ import annotations

__all__ = ["NODES", "name_problem", "node_problem"]

NODES = frozenset(
    """
    Module FunctionDef AsyncFunctionDef ClassDef Return Delete Assign AugAssign AnnAssign For While If With Match Raise
    Try Assert Import ImportFrom Global Nonlocal Expr Pass Break Continue BoolOp NamedExpr BinOp UnaryOp Lambda IfExp
    Dict Set ListComp SetComp DictComp GeneratorExp Await Yield YieldFrom Compare Call FormattedValue JoinedStr Constant
    Attribute Subscript Starred Name List Tuple Slice Load Store Del And Or Add Sub Mult MatMult Div Mod Pow LShift
    RShift BitOr BitXor BitAnd FloorDiv Invert Not UAdd USub Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn comprehension
    ExceptHandler arguments arg keyword alias withitem match_case MatchValue MatchSingleton MatchSequence MatchMapping
    MatchClass MatchStar MatchAs MatchOr
    """.split()
)
"""The kinds of nodes of the language. Every other one is refused, so a new Python brings nothing in unseen."""

_LACKING = {
    "AsyncFor": ("`async for` is not available: there are no asynchronous iterators", "write `for x in await f()`"),
    "AsyncWith": ("`async with` is not available", "write `with`, and await inside"),
    "LazyImport": ("`lazy import` needs Python 3.15", "write `import`"),
    "TryStar": ("`except*` is not available", "write `except`; failures of a fan-out are in its `.lost`"),
    "TypeAlias": ("`type X = …` needs Python 3.12", "write `X = …`"),
    "TypeParameters": ("type parameters in brackets need Python 3.12", "leave them out; nothing checks them here"),
}


def node_problem(kind: str) -> tuple[str, str]:
    """Say that a kind of node is not part of the language, and what to write instead."""
    return _LACKING.get(kind, (f"{kind} is not part of the language of a harness", "write it in simpler Python"))


def name_problem(name: str) -> tuple[str, str] | None:
    """Say why a harness may not use `name` as a variable, parameter, function or keyword; `None` when it may."""
    if not name.strip("_"):  # throw-away names
        return None
    if name.startswith("__"):
        return f"`{name}` is not available: names that begin with two underscores belong to Python", "leave it out"
    if name.startswith("_") and name.endswith("_"):
        return f"`{name}` is not available: names like _this_ belong to the sandbox", f"write `{name.strip('_')}`"
    return None
