"""How each primitive is called: parameters, which are required, what each takes. Read off the primitives themselves."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import weft.primitives
from weft.linter.record import record
from weft.primitives.language.vocabulary import VOCABULARY
from weft.primitives.tools import TOOLS, is_added

__all__ = ["Parameter", "Signature", "signature_of"]

Takes = Literal["text", "number", "items", "schema", "names", "function", "truth", "function or text", "anything"]


@record()
class Parameter:
    """One parameter of a primitive."""

    name: str
    takes: Takes = "anything"
    required: bool = False
    positional: bool = False
    one_of: tuple[str, ...] = ()
    """The only texts that it takes."""
    nullable: bool = True
    """Whether it may be given None."""


@record()
class Signature:
    """How one primitive is called."""

    name: str
    parameters: tuple[Parameter, ...]
    more: Parameter | None = None
    """What any further positional arguments are."""
    open: bool = False
    """Whether it takes arguments of any other name too."""

    @property
    def positional(self) -> tuple[str, ...]:
        """The names of what may be given by position or by name."""
        return tuple(parameter.name for parameter in self.parameters if parameter.positional)

    def text(self) -> str:
        """Return the call as one line, as in `parallel(branches, *, quorum, limit, fail_fast)`."""
        positional = [_shown(p) for p in self.parameters if p.positional]
        further = [f"*{self.more.name}"] if self.more is not None else []
        named = [_shown(p) for p in self.parameters if not p.positional]
        star = ["*"] if named and self.more is None else []
        return f"{self.name}({', '.join([*positional, *further, *star, *named])})"


def _shown(parameter: Parameter) -> str:
    return parameter.name if parameter.required else f"{parameter.name}=…"


def _signature(name: str, primitive: Callable[..., Any]) -> Signature:
    parameters: list[Parameter] = []
    more: Parameter | None = None
    others = False
    for written in inspect.signature(primitive, eval_str=True).parameters.values():
        parameter = _parameter(written)
        if written.kind is inspect.Parameter.VAR_POSITIONAL:
            more = parameter
        elif written.kind is inspect.Parameter.VAR_KEYWORD:
            others = True
        else:
            parameters.append(parameter)
    return Signature(name, tuple(parameters), more, others)


def _parameter(written: inspect.Parameter) -> Parameter:
    kinds = [kind for kind in _alternatives(written.annotation) if kind is not NoneType]
    return Parameter(
        written.name,
        _takes(kinds),
        required=written.default is inspect.Parameter.empty,
        positional=written.kind is not inspect.Parameter.KEYWORD_ONLY,
        one_of=tuple(choice for kind in kinds if get_origin(kind) is Literal for choice in get_args(kind)),
        nullable=written.default is None or NoneType in _alternatives(written.annotation),
    )


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def _takes(kinds: list[Any]) -> Takes:
    taken = {_TAKES.get(get_origin(kind) or kind, "anything") for kind in kinds}
    if taken == {"text", "function"}:
        return "function or text"
    if taken == {"names"} and get_args(kinds[0]) != (str,):
        return "items"
    return taken.pop() if len(taken) == 1 else "anything"


_TAKES: Mapping[Any, Takes] = {
    str: "text",
    Literal: "text",
    int: "number",
    float: "number",
    bool: "truth",
    dict: "schema",
    Sequence: "names",
    Iterable: "items",
    Callable: "function",
}

_TOOL_TAKES: Mapping[str, Takes] = {
    "string": "text",
    "integer": "number",
    "number": "number",
    "array": "items",
    "boolean": "truth",
}

_SIGNATURES: Mapping[str, Signature] = {
    name: _signature(name, primitive) for name in VOCABULARY if callable(primitive := getattr(weft.primitives, name))
}
"""Every primitive that can be called, as it is defined."""

_NAME = Parameter("name", "text", required=True, positional=True, one_of=tuple(TOOLS), nullable=False)

_TOOL_SIGNATURES: Mapping[str, Signature] = {
    name: Signature(
        "tool",
        (_NAME, *(Parameter(key, _TOOL_TAKES[taken.kind], taken.required) for key, taken in parameters.items())),
    )
    for name, parameters in TOOLS.items()
}


def signature_of(name: str, first: object, added: Sequence[str] = ()) -> Signature | None:
    """Return how a primitive is called, of `tool` the one that its first argument names; `None` for no primitive.

    Of the tools that a project adds it is not known what they take.
    """
    if name == "tool" and isinstance(first, str):
        named = (first,) if is_added(first, added) else (*TOOLS, *added)
        known = Parameter("name", "text", required=True, positional=True, one_of=named, nullable=False)
        return _TOOL_SIGNATURES.get(first) or Signature("tool", (known,), open=True)
    return _SIGNATURES.get(name)
