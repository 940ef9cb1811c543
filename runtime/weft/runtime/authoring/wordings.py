"""The prompts of a harness: where they stand in its source, and the same harness with other words in their place.

Nothing here runs a harness; what other words are worth is `tuning`.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass

import weft.primitives
from weft.primitives.costs import COSTS
from weft.primitives.language.parsing import parse, parse_expression
from weft.runtime.errors import UsageError
from weft.runtime.meant import did_you_mean

__all__ = ["Prompt", "named", "prompts_in", "reworded"]

ASKING = frozenset({"prompt", "criteria", "critic", "topic", "lenses"})
"""The parameters of primitives whose texts an agent reads as what it is to do."""

FIELD = re.compile(r"(?<!\{)\{(\w*)(?:[!:][^{}]*)?\}(?!\})")
"""What `format` puts something in for."""

Literal_ = ast.Constant | ast.JoinedStr


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text of a harness that tells agents what to do."""

    name: str
    """That of its constant, with a number where the constant has several texts; else `line 31`."""
    text: str
    """As written; what is put in while the harness runs stands in braces, as in `Read {file}.`"""
    node: Literal_
    """Where it stands."""

    @property
    def placeholders(self) -> frozenset[str]:
        """What is put into it, as expressions."""
        return _placeholders(self.node)


def prompts_in(source: str) -> list[Prompt]:
    """Return the prompts of a harness in the order in which they stand there.

    A text counts that is written out and reaches, as an argument, through names or through functions of the file, a
    primitive that starts agents. Texts of one word tell nobody what to do.
    """
    tree = parse(source)
    found = _Found(tree)
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            for asked in _asking(call):
                found.follow(asked, None)
    places = sorted(found.literals.items(), key=lambda entry: (entry[0].lineno, entry[0].col_offset))
    return [Prompt(name, _written(node), node) for (node, _), name in zip(places, _names(places), strict=True)]


def reworded(source: str, prompt: Prompt, words: str) -> str:
    """Return a harness with other words for one of its prompts; everything else is as it was.

    Raises:
        UsageError: the words leave out what is put into the prompt, put in something else, or cannot be read.
    """
    node = _read(prompt, words)
    given = _placeholders(node)
    if given != prompt.placeholders:
        raise UsageError(
            f"a wording of {prompt.name!r} puts in {_listed(given)}, the prompt {_listed(prompt.placeholders)}",
            where=words[:80],
            meaning="nothing was started",
            fix="the same in braces as in the prompt, in any order",
        )
    start, end = _offset(source, prompt.node.lineno, prompt.node.col_offset), _end(source, prompt.node)
    encoded = source.encode()
    return (encoded[:start] + ast.unparse(node).encode() + encoded[end:]).decode()


class _Found:
    """Follows what is given to agents to the texts that it is made of."""

    def __init__(self, tree: ast.Module) -> None:
        self.literals: dict[Literal_, str | None] = {}
        """Each with the name of the constant that it belongs to."""
        self._constants = {id(node) for node in tree.body}
        self._assigned: dict[str, list[ast.Assign]] = {}
        self._returned: dict[str, list[ast.expr]] = {}
        self._seen: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self._assigned.setdefault(target.id, []).append(node)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                returns = [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
                self._returned.setdefault(node.name, []).extend(returns)

    def follow(self, node: ast.AST, constant: str | None) -> None:
        """Take note of the texts that a value is made of; `constant` is the name of the one that it stands in."""
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and " " in _said(node):
            self.literals.setdefault(node, constant)
        if isinstance(node, ast.JoinedStr):  # texts within the braces of one have no places of their own
            for name in (inner for inner in ast.walk(node) if isinstance(inner, ast.Name)):
                self._follow_name(name.id)
        elif isinstance(node, ast.Name):
            self._follow_name(node.id)
        elif not (isinstance(node, ast.Call) and _is_asking(node)):  # what others are asked is found where they are
            for inner in ast.iter_child_nodes(node):
                self.follow(inner, constant)

    def _follow_name(self, name: str) -> None:
        if name in self._seen:
            return
        self._seen.add(name)
        for assigned in self._assigned.get(name, ()):
            self.follow(assigned.value, name if id(assigned) in self._constants else None)
        for returned in self._returned.get(name, ()):
            self.follow(returned, None)


def _said(node: Literal_) -> str:
    """Return what is written out of a text."""
    parts = [node] if isinstance(node, ast.Constant) else node.values
    return "".join(str(part.value) for part in parts if isinstance(part, ast.Constant)).strip()


def _is_asking(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in COSTS


def _asking(call: ast.Call) -> Iterator[ast.expr]:
    """Yield the arguments of a call that tell agents what to do."""
    if not (isinstance(call.func, ast.Name) and _is_asking(call)):
        return
    parameters = inspect.signature(getattr(weft.primitives, call.func.id)).parameters
    yield from (given for name, given in zip(parameters, call.args, strict=False) if name in ASKING)
    yield from (keyword.value for keyword in call.keywords if keyword.arg in ASKING)


def _names(places: list[tuple[Literal_, str | None]]) -> list[str]:
    """Return a name for each text; those that would have the same one are numbered."""
    plain = [constant or f"line {node.lineno}" for node, constant in places]
    number = dict.fromkeys(plain, 0)
    named = []
    for name in plain:
        number[name] += 1
        named.append(name if plain.count(name) == 1 else f"{name}.{number[name]}")
    return named


def _placeholders(node: Literal_) -> frozenset[str]:
    """Return what is put into a text: by an f-string, or by `format` into one that looks as if it were for that."""
    if isinstance(node, ast.Constant):
        return frozenset(FIELD.findall(str(node.value)))
    return frozenset(ast.unparse(part.value) for part in ast.walk(node) if isinstance(part, ast.FormattedValue))


def _listed(placeholders: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(placeholders)) or "nothing"


def _written(node: Literal_) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "".join(
        str(part.value).replace("{", "{{").replace("}", "}}") if isinstance(part, ast.Constant) else _braced(part)
        for part in node.values
    )


def _braced(part: ast.expr) -> str:
    assert isinstance(part, ast.FormattedValue)  # nothing else stands in an f-string
    conversion = f"!{chr(part.conversion)}" if part.conversion >= 0 else ""
    spec = f":{_written(part.format_spec)}" if isinstance(part.format_spec, ast.JoinedStr) else ""
    return f"{{{ast.unparse(part.value)}{conversion}{spec}}}"


def _read(prompt: Prompt, words: str) -> Literal_:
    """Return words as they would stand in a source: with braces only where the prompt has them."""
    if isinstance(prompt.node, ast.Constant):
        return ast.Constant(words)
    escaped = words.replace("\\", "\\\\").replace("\r", "\\r").replace("\0", "\\x00")  # none can stand within braces
    for quotes in ('"""', "'''"):
        try:
            node = parse_expression(f"f{quotes}{escaped}{quotes}").body
        except (SyntaxError, ValueError):
            continue
        if isinstance(node, ast.JoinedStr):
            return node
    raise UsageError(
        f"a wording of {prompt.name!r} cannot be read",
        where=words[:80],
        meaning="nothing was started",
        fix="as in the body of an f-string: {name} for what is put in, {{ and }} for braces",
    )


def _offset(source: str, line: int, column: int) -> int:
    """Return where a place is, in bytes; as the parser counts columns."""
    lines = source.encode().splitlines(keepends=True)
    return sum(map(len, lines[: line - 1])) + column


def _end(source: str, node: Literal_) -> int:
    assert node.end_lineno is not None and node.end_col_offset is not None  # it was parsed
    return _offset(source, node.end_lineno, node.end_col_offset)


def named(prompts: list[Prompt], name: str) -> Prompt:
    """Return the prompt of a name.

    Raises:
        UsageError: there is none.
    """
    for prompt in prompts:
        if prompt.name == name:
            return prompt
    names = [prompt.name for prompt in prompts]
    raise UsageError(
        f"the harness has no prompt {name!r}",
        where=f"its prompts: {', '.join(names) or 'none'}",
        meaning="nothing was started",
        fix=did_you_mean(name, names, "a name of these; without --wordings they are shown with their texts"),
    )
