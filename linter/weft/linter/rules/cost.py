"""What a run can cost: fan-outs that are too wide or too slow."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise
from math import inf

from weft.linter.bound import Bound, bound_of
from weft.linter.effort import unparsed
from weft.linter.facts import Facts
from weft.linter.facts.domain.amounts import ZERO, Amount
from weft.linter.facts.domain.evaluation import supremum
from weft.linter.facts.domain.joins import count
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.pairing import paired
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.values import Listing, Nothing, Number
from weft.linter.facts.events import Asked, PrimitiveCalled
from weft.linter.facts.known.acting import acts, spawns
from weft.linter.facts.readings import SchemaGiven
from weft.linter.facts.repeating import FanOut, Loop
from weft.linter.finding import Edit, Finding, Fix, Related, Severity
from weft.linter.load import most_agents
from weft.linter.rules.loops import unbounded_loops
from weft.linter.rules.rule import Rule, suggestion

__all__ = [
    "LimitStarvesPool",
    "OverBackstop",
    "PairwiseFanout",
    "SpawnsWithoutLimit",
    "UnboundedFanout",
    "UncheckedArgs",
]


class UnboundedFanout(Rule):
    """The number of branches is up to an agent.

    What: the width of a fan-out is the length of a list from an agent, with no cap anywhere.
    Why: each element starts agents; similar scripts have launched hundreds.
    Bad:
        PAGES = {"type": "object", "properties": {"urls": {"type": "array", "items": {"type": "string"}}}}
        found = await agent("List pages", schema=PAGES)
        texts = await parallel([agent(f"Read {u}") for u in found["urls"]]) if found else []
    Good:
        URLS = {"type": "array", "maxItems": 9, "items": {"type": "string"}}
        PAGES = {"type": "object", "properties": {"urls": URLS}}
        found = await agent("List pages", schema=PAGES)
        texts = await parallel([agent(f"Read {u}") for u in found["urls"]]) if found else []
    When not: a width from args, which is known at launch; constants; capped or sliced lists (`xs[2:]` is no cap).
    """

    code = "C601"
    name = "unbounded-fanout"
    severity = "warning"
    message = "Up to {per} per element, and nothing limits the number of elements: {origin}."
    why = "Similar scripts launched 355 and 547 agents."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield the first fan-out over each list that nothing limits."""
        endless = set(unbounded_loops(facts))
        first: dict[tuple[int, str], tuple[ast.AST, Amount, Reason, list[int]]] = {}
        for node, width, each, loops in _widths(facts):
            if each == ZERO or any(loop.node in endless for loop in loops):
                continue
            for reason in width.reasons[:1]:
                known = first.setdefault((reason.line, reason.why), (node, each, reason, []))
                known[3].append(getattr(node, "lineno", 0))
        for node, each, reason, lines in first.values():
            others = [
                Related(line, "the same list fans out here") for line in sorted({*lines} - {getattr(node, "lineno", 0)})
            ]
            per = _agents(each)
            yield self.found(facts, node, per=per, origin=reason.why, fix=suggestion(f"{reason.fix}."), related=others)


def _agents(each: Amount) -> str:
    if each.reasons:
        return "any number of agents"
    many = each.settled().text()
    return "1 agent" if many == "1" else f"{many} agents"


def _widths(facts: Facts) -> Iterator[tuple[ast.AST, Amount, Amount, tuple[Loop, ...]]]:
    """Yield each fan-out, or loop of awaits, with its width and what each element costs."""
    for event in facts.events:
        match event:
            case FanOut() if _capless(event.width):
                yield event.node, event.width, event.each, event.loops
            case Loop(kind="for", cause="list", rounds=Amount() as rounds, agents=Amount() as each) if (
                event.waits and _capless(rounds)
            ):
                yield event.node, rounds, each, event.place


def _capless(width: Amount) -> bool:
    return any(reason.kind in ("schema", "unknown") for reason in width.reasons)


class OverBackstop(Rule):
    """More agents than a run may start.

    What: the proved worst case is above the number of agents at which a run is paused, 1,000 without `--max-agents`; an
        error where even the least that the harness starts is.
    Why: the run is paused in the middle, and what it has found so far is all that there is.
    Bad:
        rows = await parallel([agent(f"Try {a} on {b}") for a in range(40) for b in range(30)])
    Good:
        rows = await parallel([agent(f"Try {a} on {b}") for a in range(8) for b in range(30)])
    When not: a number that arguments decide without a most, which is compared at launch; no bound at all, which C601
        and L201 tell; a run that is meant to be that large: `--max-agents` of `check`, `plan` and `run`, or
        `max_agents` in weft.toml.
    """

    code = "C602"
    name = "over-backstop"
    severity = "warning"
    message = "Up to {agents} agents, and a run is paused at {most}."
    why = "{consequence}"

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield the fan-out with the most agents in a harness that can start too many."""
        bound, most = bound_of(facts.cost), facts.max_agents
        if not isinstance(bound.agents, int) or bound.agents <= most:
            return
        certain = bound.agents_min > most
        node, dearest = _dearest(facts, bound)
        yield self.found(
            facts,
            node,
            agents=bound.agents if bound.expr == str(bound.agents) else f"{bound.expr} = {bound.agents}",
            most=most,
            consequence=f"It never gets past agent {most}."
            if certain
            else "Where it starts so many, what it has found by then is all that there is.",
            severity="error" if certain else "warning",
            fix=suggestion(f"{_fewer(facts, bound.agents, dearest)}let it have as many: {_more(facts, bound.agents)}"),
        )


def _more(facts: Facts, agents: int) -> str:
    """Say where that many are allowed: in the harness itself, where it is the one that does not."""
    own = most_agents(facts.tree, facts.max_agents + 1) <= facts.max_agents
    return f'"agents": {agents} in BUDGET' if own else f"--max-agents {agents}"


def _fewer(facts: Facts, agents: int, dearest: tuple[int, int]) -> str:
    """Return how few elements of the dearest fan-out would do, if any would."""
    width, total = dearest
    enough = width * (facts.max_agents - (agents - total)) // total if total else 0
    if not 1 < enough < width:
        return ""
    return f"take at most {enough} of its {width} here, by a slice or by maxItems in the schema they come from, or "


def _dearest(facts: Facts, bound: Bound) -> tuple[ast.AST, tuple[int, int]]:
    """Return the fan-out that starts most agents, or the loop or call; how wide it is, and how many it starts in all.

    A loop around a fan-out has no agents to save that the fan-out has not.
    """
    found: list[tuple[int, int, ast.AST]] = []
    around = {loop for event in facts.each(FanOut) for loop in event.loops}
    for event in facts.events:
        match event:
            case FanOut(node=node, each=each):
                found.append((_most(event.width, each, event.loops), event.width.settled().constant or 0, node))
            case Loop(node=node, rounds=Amount() as rounds, agents=Amount() as each, place=place) if event.waits:
                if event not in around:
                    found.append((_most(rounds, each, place), rounds.settled().constant or 0, node))
    asked = {event.call.node.lineno: event.call.node for event in facts.each(Asked) if event.name != "agent"}
    for term in bound.terms:  # a call that starts many by itself, such as a swarm
        if isinstance(term.value, int) and term.line in asked:
            found.append((term.value, 0, asked[term.line]))
    total, width, node = max(found, key=lambda one: one[0], default=(0, 0, facts.tree.body[0]))
    return node, (width, total)


def _most(width: Amount, each: Amount, loops: tuple[Loop, ...]) -> int:
    total = width.settled() * each.settled()
    for loop in loops:
        if loop.kind != "branches" and loop.rounds is not None:
            total = total * loop.rounds.settled()
    return total.constant or 0


class LimitStarvesPool(Rule):
    """A fan-out that runs one branch after the other.

    What: `limit=1` on a `parallel` or `pipeline` with more than one branch or item; an error below 1.
    Why: independent agents wait for each other, so that it takes as many times as long.
    Bad:
        reads = await parallel([agent(f"Read {f}") for f in FILES], limit=1)
    Good:
        reads = await parallel([agent(f"Read {f}") for f in FILES])
    When not: agents that act on the world, such as edits of one tree.
    Fix: safe: the limit is taken out.
    """

    code = "C603"
    name = "limit-starves-pool"
    severity = "warning"
    message = "limit={limit} runs {what}."
    why = "{consequence}"

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each limit that lets no two branches run together."""
        asked = (event for event in facts.each(Asked) if acts(event.call))
        acting: set[ast.AST] = {fanout.node for event in asked for fanout in event.inside}
        acting |= {loop.node for loop in facts.each(Loop) if loop.kind == "branches" and loop.acts}
        events = {event.call.node: event for event in facts.each(PrimitiveCalled)}
        for node, event in events.items():
            limit = event.call.keywords.get("limit")
            if event.name not in ("parallel", "pipeline") or not isinstance(limit, Number) or limit.exact is None:
                continue
            if limit.exact > 1 or (limit.exact == 1 and (node in acting or not _several(event))):
                continue
            starved = limit.exact == 1
            yield self.found(
                facts,
                node,
                limit=limit.exact,
                what="independent agents one at a time" if starved else "nothing",
                consequence="It takes as many times as long." if starved else "The call raises ValueError.",
                severity="warning" if starved else "error",
                fix=_without_limit(facts, node),
            )


def _several(event: PrimitiveCalled) -> bool:
    items = event.call.argument(0)
    most = count(items.parts).high.constant if isinstance(items, Listing) else None
    return most is None or most > 1


def _without_limit(facts: Facts, call: ast.Call) -> Fix:
    """Return the edit that removes `limit=`."""
    text = "remove limit=: how many run together is up to the run"
    given = sorted([*call.args, *call.keywords], key=facts.positions.start)
    written = next((one for one in call.keywords if one.arg == "limit"), None)
    before = next((a for a, b in pairwise(given) if b is written), None)
    if written is None or before is None:
        return suggestion(text)
    edit = Edit(*facts.positions.end(before), *facts.positions.end(written), "")
    return Fix("safe", text, (edit,)) if facts.positions.between(before, written).strip() == "," else suggestion(text)


_FEW_PAIRS = 64


class PairwiseFanout(Rule):
    """An agent for each pair of elements of one list.

    What: a fan-out over `combinations`, `permutations` or `product` of one list, or over two clauses that walk it,
        with more than 64 pairs.
    Why: ten elements more make hundreds of agents more.
    Bad:
        same = await parallel([agent(f"Is {a} like {b}?") for a in range(20) for b in range(20)])
    Good:
        groups = await agent("Group what is alike: " + ", ".join(FILES))
    When not: few elements, so that there are at most 64 pairs; products of different lists.
    """

    code = "C604"
    name = "pairwise-fanout"
    severity = "warning"
    message = "This starts agents for each pair of one list: {pairs}."
    why = "The number of agents grows with the square of the list."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each fan-out over the pairs of one list."""
        for event in {event.node: event for event in facts.each(FanOut)}.values():
            pairs = _pairs(event)
            if event.each != ZERO and pairs > _FEW_PAIRS:
                fix = suggestion("group first, by code or by one agent over the whole list, and compare within groups")
                shown = "as many as the list has" if pairs == inf else f"up to {int(pairs)}"
                yield self.found(facts, event.node, pairs=shown, fix=fix)


class UncheckedArgs(Rule):
    """Arguments that are fanned out over as they come.

    What: `args`, or an entry of it, is walked into a fan-out, without a declared `ARGS` or a test of what it is; an
        entry that `ARGS` declares to be a text.
    Why: a text in its place starts one agent per character; such runs have started 218 and 1000 agents.
    Bad:
        notes = await parallel([agent(f"Explain {path}") for path in args])
    Good:
        paths = args if isinstance(args, list) else [args]
        notes = await parallel([agent(f"Explain {path}") for path in paths])
    When not: an `ARGS` schema at the top of the harness; a slice of a fixed length.
    """

    code = "C606"
    name = "args-iterated-unchecked"
    severity = "info"
    message = "If {what} comes as a text, this starts one agent per character."
    why = "A list that was passed as text has started 1000 agents before."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield the first fan-out over arguments that may be a text, and each over one that is declared as a text."""
        declared = any(event.name == "ARGS" for event in facts.each(SchemaGiven))
        asked = any(_asks_the_type(node) for node in facts.places.nodes)
        entries = asked or any(_asks_for_an_entry(node) for node in facts.places.nodes)
        for event in {event.node: event for event in facts.each(FanOut)}.values():
            width = event.width.settled()
            if asked or event.each == ZERO:
                continue
            walked = sorted((one for one in width.parameters() if one.length), key=lambda one: one.text())
            spelled = [loop for loop in facts.each(Loop) if loop.node is event.items.node and _spells(loop)]
            if spelled and spelled[0].header is not None:
                yield self._at(facts, event, unparsed(spelled[0].header), "warning")
            loose = [parameter for parameter in walked if parameter.path or not entries]
            if loose and not declared and supremum(width) == inf:
                yield self._at(facts, event, loose[0].text().removeprefix("len(").removesuffix(")"), "info")
                return

    def _at(self, facts: Facts, event: FanOut, what: str, severity: Severity) -> Finding:
        fix = suggestion(f"declare {what} as an array in ARGS = {{…}}, or test isinstance({what}, list)")
        return self.found(facts, event.node, what=what, fix=fix, severity=severity)


class SpawnsWithoutLimit(Rule):
    """An agent may ask as many others as it wants.

    What: an agent has `spawn_agent` or `run_workflow` among its tools, and its call does not say `spawns`.
    Why: nothing limits the run but its backstop and its budget, and the plan can promise no price.
    Bad:
        report = await agent("Find out why the build is slow.", tools=["read_file", "spawn_agent"])
    Good:
        report = await agent("Find out why the build is slow.", tools=["read_file", "spawn_agent"], spawns=6)
    When not: `spawns=N`, however large: what is below the agent is in the bound then.
    """

    code = "C607"
    name = "spawns-without-limit"
    severity = "warning"
    message = "This agent asks as many others as it wants."
    why = "Nothing limits the run but its backstop and its budget."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each such call."""
        calls = {event.call.node: event.call for event in facts.each(Asked) if event.name == "agent"}
        for node, call in calls.items():
            if spawns(call) and isinstance(call.keywords.get("spawns", Nothing()), Nothing):
                yield self.found(facts, node, fix=suggestion("give it spawns=N, the most that there may be below it"))


def _pairs(event: FanOut) -> float:
    """Return for how many pairs of one list a fan-out has branches, with the loops that it stands in; 0 for none."""
    width = supremum(event.width.settled())
    if about(event.items.marks, "paired"):
        return width
    around = (loop.over for loop in event.loops if loop.over is not None and paired([loop.over, event.items]))
    return max((width * supremum(count(over.parts).high.settled()) for over in around), default=0)


def _spells(loop: Loop) -> bool:
    """Tell whether a loop walks the characters of an argument that is declared as a text."""
    (letter,) = [part.element for part in loop.over.parts] if loop.over and len(loop.over.parts) == 1 else [None]
    return letter is not None and bool(about(letter.marks, "letter")) and not about(letter.marks, "says")


def _asks_the_type(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance"


def _asks_for_an_entry(node: ast.AST) -> bool:
    """Tell whether a node asks `args` for an entry, which only an object has."""
    match node:
        case ast.Attribute(value=ast.Name(id="args")):
            return True
        case ast.Subscript(value=ast.Name(id="args"), slice=ast.Constant(value=str())):
            return True
    return False
