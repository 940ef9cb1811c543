"""What a Counter holds, and what counting more makes of it. Its entries are those of a dict, see `containers`."""

from __future__ import annotations

from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, maximum
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.holding import ANY
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Interval
from weft.linter.facts.domain.joins import count, joined
from weft.linter.facts.domain.marks import NO_MARKS, derived
from weft.linter.facts.domain.values import Dict, Field, Listing, Number, Part, Text, Value, asked, marked
from weft.linter.facts.follow.entries import COUNTS
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.sequences import elements_of, listing, sequence, taken
from weft.linter.facts.follow.totals import begun
from weft.linter.facts.known.counting import as_count
from weft.linter.record import replace

__all__ = ["counted_besides", "counter", "counts", "listed_anew", "repeated"]


def counts(value: Dict) -> bool:
    """Tell whether a dict is a Counter."""
    return value.factory is COUNTS


def counter(m: Machine, call: Call) -> Value:
    """Follow `Counter(things)`."""
    value, result = call.argument(0), Dict(birth=m.birth(call.node), factory=COUNTS)
    if value is None or isinstance(value, Dict) or call.keywords or call.named is not None:
        return begun(m, counted_besides(m, result, call))
    is_set = isinstance(value, Listing) and value.kind == "set"
    source = value if is_set and isinstance(value, Listing) else sequence(m, value, call.at(0), "Counter()")
    size = count(source.parts)
    number = Number(low=ONE, high=size.high, marks=derived(source.marks))
    item = taken(m, source) if source.parts else None
    number = marked(number, asked(*(part.element for part in source.parts)))
    marks = derived(source.marks | deep_marks(source))
    return replace(result, keys=item, values=number, rest=Interval(ZERO, size.high), marks=marks)


def counted_besides(m: Machine, known: Dict, call: Call) -> Dict:
    """Return a Counter that has also counted what a call gives: things, or how many there are of each."""
    things = [part for index, value in enumerate(call.args) for part in sequence(m, value, call.at(index)).parts]
    things += [Part(EXACTLY_ONE, Text(const=name)) for name in call.keywords]
    given = [*call.keywords.values(), *([] if call.named is None else [call.named])]
    added = sum((_most(m, value, call) for value in (*call.args, *given)), ZERO)
    marks = known.marks.union(*(derived(deep_marks(value)) for value in (*call.args, *given)))

    def more(old: Value | None) -> Value:
        before = ZERO if old is None else as_count(old).high
        return Number(low=ZERO, high=before + added, marks=NO_MARKS if old is None else old.marks)

    fields = {name: Field(more(entry.value), entry.sure) for name, entry in known.fields.items()}
    keys = [*([] if known.keys is None else [known.keys]), *(part.element for part in things)]
    return replace(
        known,
        fields=fields,
        keys=joined(keys) if keys else None,
        values=more(known.values) if keys else None,
        rest=Interval(known.rest.low, known.rest.high + count(things).high),
        open=known.open or bool(call.more) or call.named is not None,
        marks=marks,
        root=None,
        when=None,
    )


def listed_anew(m: Machine, call: Call) -> Value:
    """Return how many things are given to be counted; anything where it is said how many there are of some."""
    if call.keywords or call.named is not None or call.more or any(isinstance(one, Dict) for one in call.args):
        return ANY
    size = sum((count(sequence(m, one, call.at(at)).parts).high for at, one in enumerate(call.args)), ZERO)
    least = sum((count(sequence(m, one, call.at(at)).parts).low for at, one in enumerate(call.args)), ZERO)
    return Number(low=least, high=size)


def repeated(m: Machine, target: Value, call: Call) -> Value:
    """Follow `counter.elements()`: each thing as often as it was counted."""
    assert isinstance(target, Dict)  # the table is keyed by kind
    parts = []
    for part in elements_of(m, target, call.node, pairs=True).parts:
        assert isinstance(part.element, Listing)  # as pairs are
        key, times = (one.element for one in part.element.parts)
        parts.append(Part(Interval(ZERO, part.count.high * maximum(ZERO, as_count(times).high)), key))
    return listing(m, call.node, *parts, kind="iterator", marks=derived(deep_marks(target)))


def _most(m: Machine, value: Value, call: Call) -> Amount:
    """Return how many of one thing there are at most in what is counted."""
    if isinstance(value, Number):
        return maximum(ZERO, value.high)
    if isinstance(value, Dict):
        numbers = elements_of(m, value, call.node, pairs=False).parts
        return maximum(ZERO, *(as_count(part.element).high for part in numbers))
    return count(sequence(m, value, call.node).parts).high
