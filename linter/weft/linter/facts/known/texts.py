"""What gives text: `str`, methods of strings, `json`, `re`, `textwrap`."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping
from string import Formatter

from weft.linter.effort import unparsed
from weft.linter.facts.domain.amounts import ONE, ZERO, number
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.contained import contents, deep_marks
from weft.linter.facts.domain.given import length_of
from weft.linter.facts.domain.holding import anything
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Interval, some
from weft.linter.facts.domain.joins import PARTS_KEPT
from weft.linter.facts.domain.marks import Mark, Marks, derived, reduced
from weft.linter.facts.domain.sizes import begins, characters, composed, results_in, tokens_in
from weft.linter.facts.domain.values import Bool, Dict, Given, Lack, Number, Part, Text, Value, constant, named
from weft.linter.facts.events import Dynamic
from weft.linter.facts.follow.expressions import constant as literal
from weft.linter.facts.follow.expressions import text_marks
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.sequences import listing, spelled_out
from weft.linter.facts.follow.walking import call_back
from weft.linter.facts.known.containers import Method
from weft.linter.facts.known.counting import Handler, first, need_elements
from weft.linter.facts.readings import ClosedAsked
from weft.linter.record import replace
from weft.primitives.language.attributes import READABLE, attribute_problem, attributes_in

__all__ = ["TEXTS", "TEXT_METHODS", "text_method"]


def _text(m: Machine, call: Call) -> Value:
    value = call.argument(0)
    if value is None:
        return Text(const="", most=0)
    m.misuse(value, "put into a text")
    if isinstance(value, Text):
        return value
    return Text(marks=text_marks(m, value, call.at(0)), tokens=tokens_in(value), holds=results_in(value))


def _written_out(m: Machine, call: Call) -> Value:
    """Follow a function that writes a value in another way, which may be longer."""
    text = _text(m, call)
    if not isinstance(text, Text):
        return text
    return named(text, const=None, options=frozenset(), most=None, said=False)


def _all_text(m: Machine, call: Call) -> Value:
    """Follow a function that makes text of its arguments."""
    marks, tokens, words = frozenset[Mark](), ZERO, ""
    call_back(m, call)
    for index, value in enumerate(call.args):
        m.misuse(value, "put into a text")
        marks |= text_marks(m, value, call.at(index))
        tokens += tokens_in(value)
        words += value.words if isinstance(value, Text) else ""
    return replace(composed(Text(marks=marks, tokens=tokens, words=words), call.args), said=False)


def _some_text(m: Machine, call: Call) -> Value:
    """Follow a function that leaves out some of a text."""
    text = _all_text(m, call)
    return replace(text, marks=reduced(text.marks))


def _dumped(m: Machine, call: Call) -> Value:
    """Follow `json.dumps`, which can put the entries of dicts into an order of its own."""
    result = _all_text(m, call)
    sort = call.keywords.get("sort_keys")
    if not (isinstance(sort, Bool) and sort.const):
        return result
    shown = [inner for value in call.args for inner in contents(value)]
    kept = frozenset[Mark]().union(*(inner.marks for inner in shown if not isinstance(inner, Dict)))
    return replace(result, marks=frozenset(mark for mark in result.marks if mark.kind != "order" or mark in kept))


def _joined(m: Machine, target: Value, call: Call) -> Value:
    source = first(m, call, "join()")
    need_elements(m, source, call.at(0), "join()")
    for part in source.parts:
        m.misuse(part.element, "put into a text")
    marks = derived(source.marks | deep_marks(source)) | target.marks
    words = (target.words if isinstance(target, Text) else "").join(
        part.element.words for part in source.parts if isinstance(part.element, Text)
    )
    said = begins(part.element for part in source.parts[:1])
    known = [part.element.const if isinstance(part.element, Text) else None for part in source.parts]
    sure = spelled_out(source) and None not in (constant(target), *known)
    result = replace(composed(Text(marks=marks, tokens=tokens_in(source), words=words), [source]), said=said)
    return replace(result, const=str(constant(target)).join(map(str, known))) if sure else result


def _filled_in(m: Machine, target: Value, call: Call) -> Value:
    """Follow `template.format(…)`."""
    templates = target.choices if isinstance(target, Text) else frozenset[str]()
    if not templates and isinstance(target, (Given, Text)):
        m.note(Dynamic(call.node, "format"))
    for name in {name for template in templates for name in attributes_in(template)}:
        if name not in READABLE and attribute_problem(name) is not None:
            m.note(ClosedAsked(call.node, name))
    given = {**{str(place): value for place, value in enumerate(call.args)}, **call.keywords}
    values, marks = given.values(), target.marks
    shown = {name for template in templates for name in _shown_whole(template)} if templates else given.keys()
    for name, value in given.items():
        m.misuse(value, "put into a text")
        marks |= text_marks(m, value, call.node) if name in shown else derived(deep_marks(value))
    tokens = sum((tokens_in(value) for value in values), tokens_in(target))
    words = _PLACES.sub("", target.words) if isinstance(target, Text) else ""
    result = composed(Text(marks=marks, tokens=tokens, words=words), [target, *values])
    return replace(result, said=bool(templates) and all(_begun(template, given) for template in templates))


def _begun(template: str, given: Mapping[str, Value]) -> bool:
    """Tell whether a template that is filled in begins with what an agent said."""
    try:
        places = [*Formatter().parse(template)]
    except ValueError:
        return False
    before, name = places[0][:2] if places else ("", None)
    said = None if name is None or before.strip() else given.get(name or "0")
    return said is not None and begins([said, *(Text(words=after) for after, *_ in places[1:2])])


def _shown_whole(template: str) -> Collection[str]:
    """Return the places and names of what a template shows, and not just an attribute or an entry of it."""
    try:
        fields = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
    except ValueError:  # which a run refuses
        return ()
    return [name or str(place) for place, name in enumerate(fields)]


def _split(m: Machine, target: Value, call: Call) -> Value:
    known = _computed(target, call)
    if isinstance(known, list) and len(known) <= PARTS_KEPT:
        return listing(m, call.node, *(Part(EXACTLY_ONE, literal(word)) for word in known))
    what = unparsed(call.node)
    longest = characters(target)
    size = (
        Interval(ZERO, length_of(target).high + ONE)
        if isinstance(target, Given)
        else some(f"the length of {what} is not known", call.node.lineno)
        if longest is None
        else Interval(ZERO, number(longest + 1))
    )
    limit = call.argument(1, "maxsplit")
    if isinstance(limit, Number) and limit.exact is not None and limit.exact >= 0:
        size = Interval(ONE, number(limit.exact + 1))
    return listing(m, call.node, Part(size, Text(marks=target.marks)), marks=target.marks)


def _parted(m: Machine, target: Value, call: Call) -> Value:
    """Follow `partition`: three texts."""
    return listing(m, call.node, Part(Interval(number(3), number(3)), Text(marks=target.marks)), marks=target.marks)


def _asked(m: Machine, target: Value, call: Call) -> Value:
    return Bool(marks=derived(target.marks.union(*(deep_marks(value) for value in call.args))))


def text_method(m: Machine, target: Value, call: Call) -> Value:
    """Follow a method that makes another text of a text."""
    known = _computed(target, call)
    if isinstance(known, str):
        return literal(known)
    marks = derived(target.marks.union(*(deep_marks(value) for value in call.args)))
    if not isinstance(target, Text):
        return Text(marks=marks, tokens=tokens_in(target))
    words, old = target.words, constant(call.argument(0))
    if isinstance(old, str) and len(call.args) == 2:  # `replace`: what it puts there is not known
        words = words.replace(old, "")
    return Text(
        marks=marks, tokens=tokens_in(target), words=words, said=target.said, whole=target.whole, holds=target.holds
    )


def _shortened(m: Machine, target: Value, call: Call) -> Value:
    """Follow a method that leaves out some of a text."""
    text = text_method(m, target, call)
    return replace(text, most=characters(target)) if isinstance(text, Text) and text.const is None else text


_SAFE = (
    "lower",
    "upper",
    "strip",
    "lstrip",
    "rstrip",
    "title",
    "capitalize",
    "replace",
    "split",
    "rsplit",
    "splitlines",
)
_LONGEST = 20_000
_PLACES = re.compile(r"\{[^{}]*\}")
"""Where a template is filled in."""


def _computed(target: Value, call: Call) -> object:
    """Return what a method of a text that is known gives; `None` where it is not known."""
    if not isinstance(target, Text) or target.const is None or len(target.const) > _LONGEST or call.keywords:
        return None
    if not call.complete or not call.written:
        return None
    name = call.node.func.attr if isinstance(call.node.func, ast.Attribute) else ""
    values = [constant(value) for value in call.args]
    if name not in _SAFE or any(not isinstance(value, (str, int)) for value in values):
        return None
    if name == "replace" and any(isinstance(value, str) and len(value) > len(target.const) for value in values):
        return None  # so that no text grows beyond what is worth following
    try:
        return getattr(target.const, name)(*values)
    except (TypeError, ValueError):  # arguments that the method does not take
        return None


def _found(m: Machine, call: Call) -> Value:
    """Follow `re.match` and its like, which give None where nothing matches."""
    marks = _marks_of(call)
    name = unparsed(call.node.func)
    result = anything("a match", marks=marks)
    return replace(result, lack=Lack(f"{name}() gives None where nothing matches", call.node.lineno))


def _all_found(m: Machine, call: Call) -> Value:
    size = some(f"the length of {unparsed(call.node)} is not known", call.node.lineno)
    return listing(m, call.node, Part(size, Text(marks=_marks_of(call))), marks=_marks_of(call))


def _all_matches(m: Machine, call: Call) -> Value:
    size = some(f"the length of {unparsed(call.node)} is not known", call.node.lineno)
    match, marks = anything("a match", marks=_marks_of(call)), _marks_of(call)
    return listing(m, call.node, Part(size, replace(match, lack=None)), kind="iterator", marks=marks)


def _marks_of(call: Call) -> Marks:
    return reduced(derived(frozenset[Mark]().union(*(deep_marks(value) for value in call.args))))


def _loaded(m: Machine, call: Call) -> Value:
    for index, value in enumerate(call.args):
        m.misuse(value, "parsed")
        m.require(value, call.at(index), "json.loads()")
    return anything("it is parsed from text", marks=_marks_of(call))


TEXTS: Mapping[str, Handler] = {
    "str": _text,
    "repr": _written_out,
    "format": _written_out,
    "chr": _all_text,
    "json.dumps": _dumped,
    "json.loads": _loaded,
    "re.match": _found,
    "re.search": _found,
    "re.fullmatch": _found,
    "re.findall": _all_found,
    "re.finditer": _all_matches,
    "re.split": _all_found,
    "re.sub": _some_text,
    "re.escape": _all_text,
    "textwrap.wrap": _all_found,
    "textwrap.dedent": _text,
    "textwrap.indent": _all_text,
    "textwrap.shorten": _some_text,
    "textwrap.fill": _all_text,
}

TEXT_METHODS: Mapping[str, Method] = {
    "join": _joined,
    "format": _filled_in,
    "format_map": _filled_in,
    **dict.fromkeys(("split", "rsplit", "splitlines"), _split),
    **dict.fromkeys(("partition", "rpartition"), _parted),
    **dict.fromkeys(("strip", "lstrip", "rstrip", "removeprefix", "removesuffix"), _shortened),
    **dict.fromkeys(
        ("startswith", "endswith", "isdigit", "isalpha", "isupper", "islower", "isspace", "isnumeric"), _asked
    ),
}
"""Methods of strings that give something else than a text made of it."""
