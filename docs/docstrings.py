"""The reference of the language, made of the docstrings and signatures of `weft.primitives`, as they stand there."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import griffe

import weft.primitives
from weft.primitives import costs

__all__ = ["language"]

PACKAGE = "weft.primitives"
LINE = 100
"""Characters up to which a signature stands on one line."""

STARS = {"variadic positional": "*", "variadic keyword": "**"}
LABELS = {"Args": "Takes", "Returns": "Gives", "Raises": "Raises"}
SECTION = re.compile(r"^(Args|Returns|Raises):$", re.M)


def language() -> str:
    """Return the page: the groups of the table at the head of the package, types and errors, costs."""
    primer = inspect.getdoc(weft.primitives) or ""
    groups = _groups(primer)
    grouped = {name for names in groups.values() for name in names}
    groups["types and errors"] = [name for name in weft.primitives.__all__ if name not in grouped]
    members = _Members()
    parts = ["# The language", _linked(primer.partition("\n\n")[2])]
    for title, names in groups.items():
        parts += [f"## {title[:1].upper()}{title[1:]}", *(entry for name in names for entry in members.entry(name))]
    parts += ["## What it costs", *_costs()]
    return "\n\n".join(part for part in parts if part) + "\n"


def _costs() -> Iterator[str]:
    """Yield what the table of costs says of itself, each primitive in it, and the formulas, which are code."""
    yield (inspect.getdoc(costs) or "").partition("\n\n")[2]
    formulas = {name: cost for name, cost in costs.COSTS.items() if inspect.signature(cost).parameters}
    yield "\n".join(
        f"- `{name}`: {f'`{cost.__name__}{inspect.signature(cost)}`' if name in formulas else cost()}"
        for name, cost in costs.COSTS.items()
    )
    yield _fenced("\n\n".join(inspect.getsource(cost).rstrip() for cost in formulas.values()))


def _groups(primer: str) -> dict[str, list[str]]:
    """Return the columns of the first table in a text: their titles and the names in them."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in primer.splitlines() if line.startswith("|")
    ]
    return {
        title: [name for row in rows[2:] for name in re.findall(r"`(\w+)", row[at])] for at, title in enumerate(rows[0])
    }


def _linked(text: str) -> str:
    """Let the names of the language in a table lead to what is said of them."""
    names = set(weft.primitives.__all__)

    def link(found: re.Match[str]) -> str:
        return f"[{found[0]}](#{found[1].lower()})" if found[1] in names else found[0]

    lines = text.splitlines()
    return "\n".join(re.sub(r"`(\w+)`", link, line) if line.startswith("|") else line for line in lines)


@cache
def _module(name: str) -> griffe.Module:
    """Return what stands in a module of the package."""
    path = Path(str(import_module(name).__file__))
    return griffe.visit(name, filepath=path, code=path.read_text(encoding="utf-8"))


class _Members:
    """What the package exports, as it stands in the source."""

    def __init__(self) -> None:
        self._shown: set[str] = set()

    def entry(self, name: str) -> Iterator[str]:
        """Yield the parts of what is said of a name, and of the classes that its result is made of."""
        value = getattr(weft.primitives, name)
        kind = value if hasattr(value, "__qualname__") else type(value)
        found = _module(kind.__module__)[kind.__qualname__]
        self._shown.add(found.path)
        yield f"### `{name}` {{ #{name.lower()} }}"
        yield from self._class(found, name) if found.is_class else self._function(found, name)

    def _function(self, found: Any, name: str) -> Iterator[str]:
        yield _fenced(_signature(found, name))
        yield from _told(found)
        yield from self._named(found, " ".join(str(one.annotation) for one in found.parameters))
        yield from self._named(found, str(found.returns))

    def _class(self, found: Any, name: str) -> Iterator[str]:
        init = found.members.get("__init__")
        if init is not None and init.docstring is not None and name in weft.primitives.__all__:
            yield _fenced(_signature(init, name, awaited=False))
        yield from _told(found)
        yield "\n".join(map(_attribute, _public(found, "attribute")))
        for method in _public(found, "function"):
            yield _fenced(_signature(method, f"{name}.{method.name}"))
            yield from _told(method)

    def _named(self, found: Any, annotation: str) -> Iterator[str]:
        """Yield what is said of the classes and choices that an annotation names, each once."""
        for word in re.findall(r"[A-Z]\w+", annotation):
            path = found.module.resolve(word) if word in found.module.members else ""
            if path.startswith(PACKAGE) and path not in self._shown and word not in weft.primitives.__all__:
                self._shown.add(path)
                home, _, name = path.rpartition(".")
                yield from self._behind(_module(home)[name], word)

    def _behind(self, target: Any, word: str) -> Iterator[str]:
        if target.is_class:
            yield f"**`{word}`**"
            yield from self._class(target, word)
            for attribute in _public(target, "attribute"):
                yield from self._named(target, str(attribute.annotation))
        elif str(target.value).startswith("Literal["):
            choices = ast.literal_eval(f"({str(target.value).removeprefix('Literal[').removesuffix(']')},)")
            yield f"`{word}` is one of {', '.join(f'`{choice}`' for choice in choices)}."


def _public(found: Any, kind: str) -> Iterator[Any]:
    for member in found.members.values():
        if member.kind.value == kind and not member.name.startswith("_"):
            yield member


def _attribute(found: Any) -> str:
    told = f": {_joined(found.docstring.value)}" if found.docstring is not None else ""
    kind = f" (`{found.annotation}`)" if found.annotation is not None else ""
    return f"- `{found.name}`{kind}{told}"


def _signature(found: Any, name: str, *, awaited: bool = True) -> str:
    """Return how a function is called, and what it gives; what is to be awaited says so."""
    returns = str(found.returns or "")
    coroutine = re.fullmatch(r"Coroutine\[Any, Any, (.*)\]", returns)
    wait = "await " if awaited and (coroutine or "async" in found.labels) else ""
    gives = coroutine[1] if coroutine else returns
    listed = list(_parameters(found))
    tail = f") -> {gives}" if awaited and gives else ")"
    line = f"{wait}{name}({', '.join(listed)}{tail}"
    if len(line) <= LINE:
        return line
    return "\n".join((f"{wait}{name}(", *(f"    {one}," for one in listed), tail))


def _parameters(found: Any) -> Iterator[str]:
    starred = False
    for one in found.parameters:
        if one.name == "self":
            continue
        kind = one.kind.value
        if kind == "keyword-only" and not starred:
            yield "*"
        starred = starred or kind in ("keyword-only", "variadic positional")
        stars = STARS.get(kind, "")
        annotation = f": {one.annotation}" if one.annotation is not None else ""
        default = f" = {one.default}" if one.default is not None and not stars else ""
        yield f"{stars}{one.name}{annotation}{default}"


def _told(found: Any) -> Iterator[str]:
    """Yield what a docstring says, part by part."""
    text = inspect.cleandoc(found.docstring.value) if found.docstring is not None else ""
    lead, *parts = SECTION.split(text)
    yield lead.strip()
    for title, part in zip(parts[::2], parts[1::2], strict=True):
        said = textwrap.dedent(part).strip("\n")
        items = [_joined(item) for item in re.split(r"\n(?! )", said)]
        yield f"**{LABELS[title]}**"
        yield _joined(said) if title == "Returns" else "\n".join(map(_item, items))


def _item(text: str) -> str:
    names, _, meaning = text.partition(": ")
    return f"- `{names}`: {meaning}"


def _joined(text: str) -> str:
    return " ".join(text.split())


def _fenced(text: str) -> str:
    return f"```python\n{text}\n```"
