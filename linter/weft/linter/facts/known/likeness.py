"""What `semantic_dedup` does: it leaves out of a list what says the same as another, and starts no agents."""

from __future__ import annotations

from collections.abc import Mapping

from weft.linter.facts.domain.amounts import ONE, ZERO
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.holding import anything
from weft.linter.facts.domain.intervals import Interval, lowest, some
from weft.linter.facts.domain.marks import derived
from weft.linter.facts.domain.values import Dict, Field, Listing, Number, Part, Text, Value, named
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.memories import once_each
from weft.linter.facts.follow.sequences import copied, listing
from weft.linter.facts.known.counting import first
from weft.linter.facts.known.keys import read_by
from weft.linter.record import replace

__all__ = ["clusters_of", "semantic_dedup"]


def semantic_dedup(m: Machine, call: Call) -> Value:
    """Follow `semantic_dedup(items, text=…)`: the items that are there, at most as many as before."""
    source = first(m, call, "semantic_dedup()")
    m.look(source.marks)
    there = replace(source, parts=tuple(_some_of(part) for part in source.parts))
    read_by(m, call.keywords.get("text"), call, there, "semantic_dedup()", option="text")

    def start(machine: Machine) -> Value:
        kept = once_each(copied(machine, source, call.node, parts=there.parts, marks=derived(source.marks)))
        return replace(kept, told=_told(machine, kept, call))

    return m.coroutine(call.node, "semantic_dedup", start)


def clusters_of(m: Machine, kept: Listing, call: Call) -> Value:
    """Return what a list of items that were kept tells of those that are the same: one cluster for each."""
    clusters = []
    for part in kept.parts:
        how_many = some("how many items say the same is not known", call.node.lineno)
        merged = listing(m, call.node, Part(how_many, part.element))
        cluster = Dict(fields={"kept": Field(part.element), "merged": Field(merged)}, birth=m.birth(call.node))
        clusters.append(Part(part.count, cluster))
    return listing(m, call.node, *clusters)


def _told(m: Machine, kept: Listing, call: Call) -> Mapping[str, Value]:
    """Return what the list tells besides the items that were kept, by attribute."""
    return {
        "clusters": clusters_of(m, kept, call),
        "measure": Text(),
        "threshold": Number(low=None, high=ONE, whole=False),
        "lost": anything("losses are not followed"),
    }


def _some_of(part: Part) -> Part:
    """Return what may be kept of a stretch of a list: at least one, unless all of it may be None."""
    low = ZERO if part.element.lack is not None else lowest(part.count.low, ONE)
    return Part(Interval(low, part.count.high), named(part.element, lack=None))
