"""What tells items apart: the keys of memories, where memories live, and what candidates are compared with."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from typing import cast

from weft.linter.effort import unparsed
from weft.linter.facts import Facts
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.contained import contents, deep_marks
from weft.linter.facts.domain.marks import TESTED, Piece, about
from weft.linter.facts.domain.values import Dict, Nothing, Value, constant
from weft.linter.facts.events import Asked
from weft.linter.facts.remembering import Fed, Forgotten, Keyed, LookedFor, Sifted, Tested
from weft.linter.facts.repeating import Loop
from weft.linter.finding import Finding, Related, Severity
from weft.linter.rules.doubles import is_told, tests_of_memories
from weft.linter.rules.leaves import Leaf, names_its_finder, unstable
from weft.linter.rules.robustness import another_field, missing_fields
from weft.linter.rules.rounds import in_rounds, is_round, of_several
from weft.linter.rules.rule import Rule, suggestion

__all__ = [
    "DedupAgainstConfirmed",
    "DedupInBranch",
    "KeyFieldMissing",
    "SeenResetEachRound",
    "UnstableKey",
    "claims",
]


class DedupAgainstConfirmed(Rule):
    """Candidates are compared with what was confirmed, not with all that was seen.

    What: in each round, agents find candidates; those are left out that are already in a collection, and that
        collection only receives what an agent has judged after the test.
    Why: what was rejected is not in it, so it comes back every round and is verified again.
    Bad:
        confirmed = []
        for round in range(5):
            found = (await agent(f"Find claims, part {round}", schema=CLAIMS)) or {"claims": []}
            fresh = [c for c in found["claims"] if c["id"] not in {k["id"] for k in confirmed}]
            for c in fresh:
                if (await verify(c))["survives"]:
                    confirmed.append(c)
    Good:
        confirmed, seen = [], Seen(key=lambda c: c["id"])
        for round in range(5):
            found = (await agent(f"Find claims, part {round}", schema=CLAIMS)) or {"claims": []}
            for c in seen.add(found["claims"]):
                if (await verify(c))["survives"]:
                    confirmed.append(c)
    When not: the collection receives every candidate; a fixed list, whose failures are tried again; a test after the
        last round; a finder that is shown what is known.
    """

    code = "K301"
    name = "dedup-against-confirmed"
    severity = "error"
    message = "Line {test} compares candidates with a collection that only receives what survived (line {feed})."
    why = "Everything that was rejected comes back next round and is verified again."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each test against a collection that only survivors reach."""
        feeds = list(facts.each(Fed))
        asked = defaultdict[object, set[Loop]](set)
        left_over = defaultdict[object, set[object]](set)  # what decides what a call asks about
        for one in facts.each(Asked):
            asked[one.call.node].update(one.runs)
            left_over[one.call.node].update(*(about(marks, "passed") for marks in one.marks.values()))
        reported: set[ast.AST] = {fed.node for fed in feeds}  # what is put in unless it is there is no survivor
        fed_by: set[ast.AST] = set()
        for test in sorted(facts.each(Tested), key=lambda test: len(test.loops)):
            found_in = set[Loop]().union(*(asked[call] for call in test.said))
            survivors = _survivors(test, feeds, found_in)
            if survivors is None or test.node in reported or survivors.node in fed_by:
                continue
            reported.add(test.node)
            fed_by.add(survivors.node)
            place = _in_round(facts, test)
            line, fed = getattr(place, "lineno", 0), getattr(survivors.node, "lineno", 0)
            text = "Remember all candidates: seen = Seen(key=…) before the loop, fresh = seen.add(candidates) in it."
            related = [Related(test.node.lineno, "the test"), Related(fed, "only survivors are put in")]
            # What is asked about what is not in there yet is to come back.
            wanted = any(left_over[call] & test.memories for call in test.said)
            again = any(is_round(loop) for loop in found_in & set(test.loops)) and not wanted
            yield self.found(
                facts,
                place,
                test=line,
                feed=fed,
                fix=suggestion(text),
                severity=None if again and about(survivors.marks, "weeded") & test.memories else "warning",
                related=related,
            )


def _in_round(facts: Facts, test: Tested) -> ast.AST:
    """Return where a round compares: a function that awaits nothing only answers, and is called there."""
    ways = (test.node, *reversed(test.sites))
    return next((way for way in ways if isinstance(facts.places.function(way), ast.AsyncFunctionDef)), test.node)


def _survivors(test: Tested, feeds: list[Fed], found_in: set[Loop]) -> Fed | None:
    """Return where the only collection of a test is fed, if nothing but survivors reach it.

    In the loops `found_in`, agents are asked for what is tested; what is tested in other rounds is the same in each of
    them, and is tried again because it failed.
    """
    rounds = {loop for loop in found_in & set(test.loops) if is_round(loop)}
    if not rounds and not any(map(is_round, test.loops)):  # several things, of each of which the same may be found
        rounds = {loop for loop in found_in & set(test.loops) if loop.kind == "for"}
    meant = [(fed, _as_asked(fed.memory, test)) for fed in feeds]
    meant = [(fed, memory) for fed, memory in meant if rounds & set(fed.loops) - set((memory or fed.memory).loops)]
    fed_memories = {memory for _, memory in meant if memory is not None}
    if len(fed_memories) != 1:
        return None
    (memory,) = fed_memories
    within = [fed for fed, one in meant if one is not None]
    others = {fed.memory for fed, one in meant if one is None}
    only_survivors = all(
        memory in about(fed.marks, "weeded", "judged") and not about(fed.marks, "weeded") & others for fed in within
    )
    ways = [way for fed in within for way in _ways(fed)]
    either_way = any((place, not holds) in ways for place, holds in ways)
    return within[0] if only_survivors and not either_way else None


def _as_asked(fed: Birth, test: Tested) -> Birth | None:
    """Return the collection that a test asks, where this is it, or is what a round puts in its place."""
    if fed in test.memories:
        return fed
    made = (one for one in test.memories if isinstance(one, Birth))
    return next((one for one in made if any((fed.line, fed.loops) == (x.line, x.loops) for x in one.either)), None)


def _ways(fed: Fed) -> set[tuple[object, bool]]:
    """Return the outcomes of agents' tests under which alone something is put in."""
    ways = {cast(tuple[object, bool], of) for of in about(fed.marks, "outcome")}
    return {(place, holds) for place, holds in ways if (place, not holds) not in ways}


class UnstableKey(Rule):
    """A key that differs from agent to agent.

    What: items are compared by free prose, by a number that the model estimates, by the number of the round, or by all
        their fields.
    Why: the next agent words it differently, and the same finding passes as new.
    Bad:
        NOTE = {"type": "object", "properties": {"file": {"type": "string"}, "description": {"type": "string"}}}
        found = await agent("List notes", schema={"type": "array", "maxItems": 5, "items": NOTE})
        unique = dedup(found or [], key=lambda note: note["description"])
    Good:
        NOTE = {"type": "object", "properties": {"file": {"type": "string"}, "description": {"type": "string"}}}
        found = await agent("List notes", schema={"type": "array", "maxItems": 5, "items": NOTE})
        unique = dedup(found or [], key=lambda note: note["file"])
    When not: identifiers, paths, names, titles, lines, enums; prose that is reduced to a stable part.
    """

    code = "K302"
    name = "unstable-key"
    severity = "warning"
    message = "Items are compared by {what}, which differs from agent to agent."
    why = "The same finding passes as new, and is worked on again."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield the first unstable part of each key."""
        reported: set[ast.AST] = set()
        for made, node in _keys(facts):
            leaf = unstable(made, node)
            if leaf is None or (names_its_finder(made) and not in_rounds(facts, node)):
                continue  # each agent is compared with itself alone
            if leaf.node not in reported:
                reported.add(leaf.node)
                text = f"Key on what does not change{_stable(leaf)}."
                yield self.found(facts, leaf.node, what=leaf.fault, fix=suggestion(text))


def _keys(facts: Facts) -> Iterator[tuple[Value, ast.AST]]:
    """Yield what items are told apart by, and where: by key functions, as keys of a dict, or by tests of a memory."""
    for keyed in facts.each(Keyed):
        told_apart = keyed.made is keyed.item or of_several(keyed)
        if (isinstance(keyed.item, Dict) and told_apart) or keyed.key is not None:
            yield keyed.made, keyed.node
    for test in tests_of_memories(facts):
        yield test.item, test.node


def _stable(leaf: Leaf) -> str:
    return f", such as {', '.join(leaf.others)}" if leaf.others else ""


class KeyFieldMissing(Rule):
    """A key reads a field that the schema of the items does not define.

    What: the key function of a memory, of `dedup` or `quorum` names a field that the items do not have.
    Why: it raises KeyError at the first item; with `get()` every item looks the same, and all but one are dropped.
    Bad:
        found = await agent("List claims", schema=CLAIMS, critical=True)
        unique = dedup(found["claims"], key=lambda claim: claim["name"])
    Good:
        found = await agent("List claims", schema=CLAIMS, critical=True)
        unique = dedup(found["claims"], key=lambda claim: claim["id"])
    When not: items of unknown type; fields that the harness adds itself; a key that takes another field instead.
    Fix: safe where only one field is spelled much alike: it is written instead.
    """

    code = "K303"
    name = "key-field-missing"
    severity = "error"
    message = 'The key reads "{field}", which is not in {schema} (it has: {fields}).'
    why = "It raises KeyError at the first item; with get() every item looks the same and all but one are dropped."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each read of a field that there is not, in a key."""
        events = missing_fields(facts, key=True)
        parts = [part for one in facts.each(Keyed) for part in contents(one.made)] if events else []
        pieces = {piece for part in parts for piece in about(part.marks, "made")}
        used = {(piece.node, piece.field) for piece in pieces if isinstance(piece, Piece)}
        empty = any(isinstance(part, Nothing) or constant(part) == "" for part in parts)
        for event in events:
            if event.asked and not empty and (event.node, event.field) not in used:
                continue  # something else tells the items apart
            fields = ", ".join(event.fields)
            fix = another_field(facts, event)
            yield self.found(facts, event.node, field=event.field, schema=event.schema, fields=fields, fix=fix)


class DedupInBranch(Rule):
    """Branches that run at the same time decide what is new.

    What: a memory that all branches share is asked and fed in a branch or a stage that has waited for an agent before.
    Why: whichever branch finishes first claims the item, so results differ from run to run, and on resume.
    Bad:
        async def collect(f, seen):
            found = await agent(f"Review {f}", schema=CLAIMS)
            return seen.add(found["claims"]) if found else []
        seen = Seen()
        fresh = await parallel([collect(f, seen) for f in FILES])
    Good:
        async def collect(f):
            found = await agent(f"Review {f}", schema=CLAIMS)
            return found["claims"] if found else []
        seen = Seen()
        fresh = seen.add(union(await parallel([collect(f) for f in FILES])))
    When not: a memory of the branch itself; one that is only asked; what happens before the branch first waits.
    """

    code = "K305"
    name = "dedup-in-branch"
    severity = "error"
    message = "Branches run at the same time, and which of them is first decides what is new here."
    why = "Whichever finishes first claims the item, so results differ from run to run and on resume."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each place where a branch claims what others may claim as well."""
        for node, said in claims(facts).items():
            text = "Return what was found, and take out what is new after the fan-out."
            # Of what the harness gave the branches nobody knows whether two have the same.
            yield self.found(facts, node, severity="error" if said else "warning", fix=suggestion(text))


def claims(facts: Facts) -> dict[ast.AST, bool]:
    """Return where a branch claims something in a memory that others ask as well, and whether agents have said it."""
    found: dict[ast.AST, bool] = {}
    for sifted in facts.each(Sifted):
        if sifted.raced and not facts.places.is_dropped(sifted.node):
            found[sifted.node] = True
    tests = list(facts.each(Tested))
    for fed in facts.each(Fed):
        asking = (test for test in tests if fed.memory in test.memories and _together(fed, test))
        said = [bool(test.said) for test in asking]
        if fed.raced and said:
            found[fed.node] = found.get(fed.node, False) or any(said)
    return found


def _together(fed: Fed, test: Tested) -> bool:
    """Tell whether both happen in the branches of one fan-out."""
    return any(call in test.inside for call in fed.inside)


class SeenResetEachRound(Rule):
    """The memory is created again in each round.

    What: what tells new items from known ones, be it a Seen, a set, a dict or a list, is made or emptied in each round,
        and nothing that outlives the round is asked besides.
    Why: it forgets everything when a round begins, so every round looks new and everything is worked on again.
    Bad:
        for round in until_dry(max_rounds=5):
            seen = Seen()
            found = await agent(f"Find, part {round.number}", schema=CLAIMS)
            round.found(seen.add(found["claims"] if found else []))
    Good:
        seen = Seen()
        for round in until_dry(max_rounds=5):
            found = await agent(f"Find, part {round.number}", schema=CLAIMS)
            round.found(seen.add(found["claims"] if found else []))
    When not: a memory per group, where the loop walks the groups; where all is told apart after the rounds, and nothing
        in them rests on what was new. Where the finders are shown what is known, this is a warning.
    """

    code = "K306"
    name = "seen-reset-each-round"
    severity = "error"
    message = "This memory forgets everything when a round begins, so every round looks new."
    why = "What earlier rounds found is found and worked on again."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each memory that is made where rounds begin."""
        emptied = {event.memory: event for event in facts.each(Forgotten) if _in_each_round(facts, event)}
        asked: dict[Birth, ast.AST] = {event.memory: event.node for event in facts.each(Sifted)}
        asked.update(_gathered_in_rounds(facts, emptied))
        reported: set[int] = set()
        for memory, node in asked.items():
            loop = _round_of(memory, emptied)
            if loop is None or memory.line in reported or _remembered(facts, loop, emptied):
                continue
            if _told_apart_later(facts, loop, memory):
                continue
            reported.add(memory.line)
            text = "Make it once, before the loop."
            related = [Related(getattr(loop.node, "lineno", 0), "the rounds")]
            told = any(is_told(one, loop) for one in facts.each(Asked) if loop in one.runs)
            severity: Severity = "warning" if told else "error"
            made = emptied[memory].node if memory in emptied else _made_at(facts, memory.line) or node
            place = _within(facts, loop, made)
            yield self.found(facts, place, fix=suggestion(text), related=related, severity=severity)


def _in_each_round(facts: Facts, event: Forgotten) -> bool:
    """Tell whether a memory is emptied in each round, whatever was found in it."""
    loop = event.loops[-1]
    inside = (node for node in facts.places.around(event.node) if facts.places.within(node, loop.node))
    return is_round(loop) and not any(isinstance(node, ast.If) for node in inside)


def _gathered_in_rounds(facts: Facts, emptied: Mapping[Birth, Forgotten]) -> dict[Birth, ast.AST]:
    """Return the sets, dicts and lists that live for one round and let through what the rounds gather."""
    feeds, agents = list(facts.each(Fed)), list(facts.each(Asked))
    asked = [(one.memory, one.node, one.marks) for one in feeds if one.memory in about(one.marks, "passed")]
    asked += [(one.empty, one.node, deep_marks(one.item)) for one in facts.each(LookedFor) if one.empty is not None]
    found: dict[Birth, ast.AST] = {}
    for memory, node, marks in asked:
        loop = _round_of(memory, emptied)
        if loop is None or memory in found:
            continue
        asks = {one.call.node for one in agents if loop in one.runs}
        kept = (one for one in feeds if loop in one.loops and loop not in one.memory.loops)
        gathered = loop.helper is not None or any(memory in about(one.marks, *TESTED) for one in kept)
        if gathered and asks & about(marks, "says"):
            found[memory] = node
    return found


def _round_of(memory: Birth, emptied: Mapping[Birth, Forgotten]) -> Loop | None:
    """Return the loop of rounds in which a memory is made or emptied, if the innermost loop there is one."""
    loops = emptied[memory].loops if memory in emptied else memory.loops
    loop = loops[-1] if loops else None
    return loop if isinstance(loop, Loop) and is_round(loop) else None


def _remembered(facts: Facts, loop: Loop, emptied: Container[object]) -> bool:
    """Tell whether something that outlives the rounds is asked in them."""
    outer: list[object] = [event.memory for event in facts.each(Sifted) if loop in event.loops]
    outer += [memory for event in facts.each(Tested) for memory in event.memories if loop in event.loops]
    return any(isinstance(one, Birth) and loop not in one.loops and one not in emptied for one in outer)


def _told_apart_later(facts: Facts, loop: Loop, memory: Birth) -> bool:
    """Tell whether what rounds have gathered is told apart after them, and nothing in them rests on what was new."""
    used = [marks for one in facts.each(Asked) if loop in one.runs for marks in (*one.marks.values(), one.control)]
    if loop.helper is not None or any(memory in about(marks, *TESTED) for marks in (*used, loop.exits)):
        return False
    later = (one for one in facts.each(Keyed) if not facts.places.within(one.node, loop.node))
    return any(memory in about(one.marks, *TESTED) for one in later)


def _within(facts: Facts, loop: Loop, made: ast.AST) -> ast.AST:
    """Return what makes a memory in a round: of one that an object begins with, the call that makes the object."""
    function = facts.places.function(made)
    plain = isinstance(function, ast.Module) or getattr(function, "name", "") != "__init__"
    if facts.places.within(made, loop.node) or (plain and isinstance(facts.places.parent(made), ast.Assign)):
        return made
    names = {around.name for around in facts.places.around(made) if isinstance(around, ast.ClassDef)}
    calls = [one for one in facts.places.every(ast.Call) if isinstance(one.func, ast.Name) and one.func.id in names]
    within = [node for node in calls if facts.places.within(node, loop.node)]
    return next(iter(within or (calls if len(calls) == 1 else [])), made)


def _made_at(facts: Facts, line: int) -> ast.AST | None:
    """Return what makes an empty container at a line."""
    made = (node for kind in (ast.Call, ast.List, ast.Dict) for node in facts.places.every(kind))
    at = [node for node in made if node.lineno == line]
    calls = [
        node for node in at if isinstance(node, ast.Call) and not node.args and not isinstance(node.func, ast.Attribute)
    ]
    seen = [node for node in at if isinstance(node, ast.Call) and unparsed(node.func).endswith("Seen")]
    return next(iter([*seen, *calls, *(node for node in at if not isinstance(node, ast.Call))]), None)
