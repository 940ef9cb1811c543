"""What tells items apart: key functions, and what was taken from which list as new."""

from __future__ import annotations

from collections.abc import Iterator

from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.holding import ANY
from weft.linter.facts.domain.joins import element
from weft.linter.facts.domain.values import Dict, Listing, Nothing, Text, Value
from weft.linter.facts.follow.entries import entry
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.sequences import taken
from weft.linter.facts.follow.walking import applied
from weft.linter.facts.remembering import Keyed

__all__ = ["keyed", "read_by", "sifted_from"]


def keyed(m: Machine, key: Value | None, call: Call, source: Listing) -> None:
    """Follow what tells the elements of a list apart: a key function, or all that is in them."""
    if not source.parts:
        return
    given = None if key is None or isinstance(key, Nothing) else key
    item = element(source) or ANY
    made = item
    if given is not None:
        m.keying += 1
        made = applied(m, given, call.node, source)
        m.keying -= 1
    m.note(Keyed(call.node, given, item, source.marks | deep_marks(item), made))


def read_by(m: Machine, by: Value | None, call: Call, source: Listing, use: str, *, option: str = "by") -> None:
    """Follow what gives a number or name for each element of a list: a field, or a function."""
    if not source.parts or by is None or isinstance(by, Nothing):
        return
    item = m.require(taken(m, source), call.node.args[0] if call.node.args else call.node, use)
    if isinstance(by, Text) and isinstance(item, Dict):
        entry(m, item, by, call.keyword(option) or call.node)
    elif not isinstance(by, Text):
        applied(m, by, call.node, source)


def sifted_from(m: Machine, source: Birth) -> Iterator[str]:
    """Yield the variables that hold what is new in a list."""
    for (_, name), value in m.state.cells.items():
        if isinstance(value, Listing) and isinstance(name, str) and _is_new_part(m, value.birth, source):
            yield name


def _is_new_part(m: Machine, birth: Birth, source: Birth) -> bool:
    """Tell whether a list has taken from another only what is new."""
    sifted = False
    while birth in m.drawn:
        birth, new = m.drawn[birth]
        sifted = sifted or new
        if birth is source:
            return sifted
    return False
