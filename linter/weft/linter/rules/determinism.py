"""What would be another value in the next run: clocks, randomness, addresses, the order of sets and of answers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.effort import unparsed
from weft.linter.facts import Facts
from weft.linter.facts.events import OrderReached, RaceReached, SetOrder, TextWithAddress
from weft.linter.finding import Finding, Fix, Related, Severity
from weft.linter.rules.keys import claims
from weft.linter.rules.rule import Rule, suggestion

__all__ = ["CLOCKS", "CompletionOrderState", "NondeterministicCall", "SetOrderReachesAgent"]

_TODAY = 'take the date from args["today"], or now() for when the run started'
_VARY = "sample(items, k) is reproducible; vary by index: ITEMS[index % len(ITEMS)]"
CLOCKS = {
    "time": _TODAY,
    "datetime": _TODAY,
    "calendar": _TODAY,
    "random": _VARY,
    "uuid": "number things: enumerate(items)",
    "secrets": _VARY,
}
"""Modules whose values differ from process to process, and what to use instead."""
_HASH = "use the index, or sum(map(ord, text)), which is the same everywhere"
_SHOWN = {
    "function": "call it, or write down what it does",
    "generator": 'make a list of it, or a text: "\\n".join(…)',
}
"""What to do with that whose text says nothing."""
_ID = "use the index, or a key of the item itself"


class NondeterministicCall(Rule):
    """A clock, randomness, or a memory address.

    What: a module is imported or a built-in used that gives another value in every process, or an object of a class
        without `__str__` is put into a prompt.
    Why: a resumed run would ask for something else than its journal remembers.
    Bad:
        import random
        order = random.sample([1, 2, 3], 2)
    Good:
        from weft.primitives import sample
        order = sample([1, 2, 3], 2)
    When not: the harness's own names, such as a variable `time`; `args["today"]`; `statistics`.
    """

    code = "D401"
    name = "nondeterministic-call"
    severity = "error"
    message = "{what} gives another value in every {where}."
    why = "A run that is resumed there would not match its journal."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield imports of clocks and randomness, `hash` and `id`, and addresses in texts."""
        seen: set[tuple[ast.AST, str]] = set()
        for found in facts.scopes.imports:
            module = found.module.partition(".")[0]
            if module in CLOCKS and (found.node, module) not in seen:
                seen.add((found.node, module))
                yield self.found(facts, found.node, what=found.module, where="process", fix=suggestion(CLOCKS[module]))
            elif (found.module, found.name) == ("os", "urandom"):
                yield self.found(facts, found.node, what="os.urandom", where="process", fix=suggestion(_VARY))
        for name, _ in facts.scopes.free:
            if name.id == "hash":  # which has the same seed in every run
                fix, where = suggestion(_HASH), "version of Python"
                yield self.found(facts, name, what="hash()", where=where, fix=fix, severity="warning")
            elif name.id == "id":
                yield self.found(facts, name, what="id()", where="process", fix=suggestion(_ID))
        for attribute in facts.places.every(ast.Attribute):
            match attribute:
                case ast.Attribute(value=ast.Name(id="os"), attr="urandom"):
                    yield self.found(facts, attribute, what="os.urandom", where="process", fix=suggestion(_VARY))
        for node, what in {event.node: event.what for event in facts.each(TextWithAddress)}.items():
            text = _SHOWN.get(what, 'give the class a __repr__, or name the fields: f"{x.name}"')
            held = f"The text of a {what} holds a memory address, which"
            yield self.found(facts, node, what=held, where="process", fix=suggestion(text))


class SetOrderReachesAgent(Rule):
    """The order of a set decides what an agent is asked, or which agent is asked first.

    What: a set is walked, joined, sliced or turned into a list, and that reaches a fan-out, a prompt or a label.
    Why: the order of a set of strings changes with the hash seed, so a resumed run would ask in another order.
    Bad:
        names = {item["name"] for item in args["items"]}
        out = await parallel([agent(f"Explain {name}") for name in names])
    Good:
        names = sorted({item["name"] for item in args["items"]})
        out = await parallel([agent(f"Explain {name}") for name in names])
    When not: membership, `len`, `min`, `max`, `sum`, `any`, `all`, set algebra; what is sorted before it is used. A set
        of numbers is a warning.
    Fix: safe: `sorted(…)` is put around the set, unless its elements cannot be compared.
    """

    code = "D402"
    name = "set-order-reaches-agent"
    severity = "error"
    message = "The order of the set {expr} decides what agents are asked."
    why = "It changes between processes (hash seed), so calls would be journalled in another order on resume."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each place where a set's order begins to matter to an agent."""
        sinks: dict[ast.expr, tuple[SetOrder, list[int]]] = {}
        for event in facts.each(OrderReached):
            _, lines = sinks.setdefault(event.order.node, (event.order, []))
            lines.append(getattr(event.sink, "lineno", 0))
        for order, lines in sinks.values():
            related = [Related(line, "it reaches an agent here") for line in sorted(set(lines) - {0})]
            severity: Severity = "warning" if order.numbers else "error"
            walked = _walked(facts, order.node)
            text = unparsed(walked)
            fix = _sorted(facts, walked, text, sortable=order.sortable)
            yield self.found(facts, walked, expr=text, severity=severity, fix=fix, related=related)


def _walked(facts: Facts, node: ast.expr) -> ast.expr:
    """Return the set that is walked: where names are given its elements, what is assigned to them."""
    parent = facts.places.parent(node)
    return parent.value if isinstance(parent, ast.Assign) and node in parent.targets else node


def _sorted(facts: Facts, node: ast.expr, text: str, *, sortable: bool) -> Fix:
    if not sortable:
        return suggestion(f"sorted({text}), or a list or dict in place of the set")
    return Fix("safe", f"sorted({text})", facts.positions.around(node, "sorted(", ")"))


class CompletionOrderState(Rule):
    """Which branch finishes first decides what an agent is asked, or what the run returns.

    What: branches write to something that they share after they have waited for an agent, and a branch reads it for a
        prompt or to decide, or it is later used in the order in which it was written.
    Why: agents never finish in the same order twice, so a resumed run would ask something else.
    Bad:
        async def read(f, out):
            text = await agent(f"Read {f}")
            out.append(text)
        out = []
        await parallel([read(f, out) for f in FILES])
        summary = await agent(f"Sum up: {out}")
    Good:
        async def read(f):
            return await agent(f"Read {f}")
        out = await parallel([read(f) for f in FILES])
        summary = await agent(f"Sum up: {out}")
    When not: what is sorted, counted, summed or put under keys of its own, if those are walked in an order of their own
        afterwards; the greatest of all; what a branch keeps to itself; what is written before the branch first waits.
    """

    code = "D403"
    name = "completion-order-state"
    severity = "error"
    message = "Branches write here in the order in which they finish, and {sink} depends on that order."
    why = "Agents never finish in the same order twice, so a resumed run would not match its journal."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each write of a branch whose place among the others matters later."""
        claimed = {getattr(node, "lineno", 0) for node in claims(facts)}
        found: dict[ast.AST, list[RaceReached]] = {}
        for event in facts.each(RaceReached):
            if event.inside or getattr(event.race.node, "lineno", 0) not in claimed:
                found.setdefault(event.race.node, []).append(event)
        for node, events in found.items():
            places = sorted({getattr(event.sink, "lineno", 0) for event in events} - {0})
            sink = f"line {places[0]}" if places else "what the run returns"
            text = "Return the value from the branch: the results of a fan-out keep the order of its items."
            related = [Related(line, "it is used here") for line in places]
            proved = any(event.inside or not event.race.last for event in events)
            severity: Severity = "error" if proved else "warning"  # it may be that only one of them writes
            yield self.found(facts, node, sink=sink, severity=severity, fix=suggestion(text), related=related)
