"""What holds of all that start several agents: costs as in the table, whoever answers first, whoever is lost."""

from __future__ import annotations

import inspect
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from driving import drive
from hypothesis import given, settings
from hypothesis import strategies as st

import weft.primitives
from weft.primitives import agent, allot, critique, debate, judge, parallel, reflect, route, swarm, synthesize, verify
from weft.primitives.calls import AgentCall
from weft.primitives.costs import COSTS
from weft.primitives.data import as_json
from weft.primitives.language.vocabulary import VOCABULARY
from weft.primitives.lost import Lost
from weft.sandbox.protocol import Result

Sized = Callable[[int, int], Callable[[Any], Any]]
"""Makes a harness of two sizes."""


def texts(count: int) -> list[str]:
    return [f"text {n}" for n in range(count)]


PRIMITIVES: dict[str, Sized] = {
    "judge": lambda n, k: lambda args: judge(texts(n), criteria="short", judges=k),
    "critique": lambda n, k: lambda args: critique(texts(n), "all"),
    "reflect": lambda n, k: lambda args: reflect("x", critic="y", max_rounds=k),
    "debate": lambda n, k: lambda args: debate("x", roles=texts(n), rounds=k),
    "swarm": lambda n, k: lambda args: swarm(texts(n), neighbours=ring(n), rounds=k),
    "synthesize": lambda n, k: lambda args: synthesize(texts(n), "sum up", fan_in=k + 1),
}
SIZES: dict[str, Callable[[int, int], tuple[int, ...]]] = {
    "critique": lambda n, k: (),
    "reflect": lambda n, k: (k,),
    "synthesize": lambda n, k: (n, k + 1),
}
"""What the row of a primitive takes of the two sizes; other rows take both."""


def ring(count: int) -> Callable[[int], list[int]]:
    return lambda index: [(index - 1) % count, (index + 1) % count]


def made_up(call: AgentCall) -> Any:
    """Answer so that no two calls have the same answer, and nothing ends early."""
    known = (call.schema or {}).get("properties", {})
    draw = random.Random(call.prompt)
    if "ranking" in known:
        count = known["ranking"]["maxItems"]
        return {"reason": "because", "ranking": draw.sample(range(1, count + 1), count)}
    if "objections" in known:
        return {"objections": [f"objection {draw.random()}"]}
    if "missing" in known:
        return {"missing": [f"gap {draw.random()}"], "enough": False}
    return f"answer {draw.random()}"


@pytest.mark.parametrize("name", PRIMITIVES)
@settings(max_examples=12)
@given(st.integers(1, 9), st.integers(1, 4))
def test_it_starts_what_the_table_says(name: str, size: int, number: int) -> None:
    _, host = drive(PRIMITIVES[name](size, number), made_up)
    sizes = SIZES.get(name, lambda n, k: (n, k))(size, number)
    assert len(host.calls) == COSTS[name](*sizes)


@given(st.integers(1, 5), st.booleans())
def test_skeptics_and_their_tie_breaker_start_what_the_table_says(lenses: int, breaker: bool) -> None:
    async def main(args: Any) -> Any:
        return await verify("x", lenses=texts(lenses), tie_breaker="another side" if breaker else None)

    vote = {"verdict": "supported", "reason": "so", "evidence": []}
    _, host = drive(main, lambda call: Result(id=0, value=vote, touched=("a.md:1-9",)))
    assert len(host.calls) == COSTS["verify"](lenses, int(breaker))


def test_the_table_has_every_primitive_that_is_awaited_and_starts_agents_of_its_own() -> None:
    awaited = {name for name, it in vars(weft.primitives).items() if name in VOCABULARY and is_awaited(it)}
    assert awaited - {"parallel", "pipeline", "route", "workflow"} == COSTS.keys()


def is_awaited(primitive: Any) -> bool:
    given = getattr(primitive, "__annotations__", {}).get("return", "")
    return inspect.iscoroutinefunction(primitive) or str(given).startswith("Coroutine")


@pytest.mark.parametrize("name", PRIMITIVES)
@settings(max_examples=8)
@given(st.integers(1, 6), st.integers(1, 3), st.randoms(use_true_random=False), st.sets(st.integers(0, 20)))
def test_who_answers_first_changes_nothing(name: str, size: int, number: int, luck: random.Random, gone: Any) -> None:
    main = PRIMITIVES[name](size, number)

    def answer(call: AgentCall) -> Any:
        lost = random.Random(call.prompt).randrange(20) in gone
        return Lost(cause="timeout", message="gone") if lost else made_up(call)

    one, first = drive(main, answer)
    other, second = drive(main, answer, pick=lambda waiting: luck.randrange(len(waiting)))
    assert one == other
    assert attributes(one) == attributes(other)
    assert [call.agent for call in first.calls] == [call.agent for call in second.calls]


def attributes(value: Any) -> dict[str, Any]:
    """Return what a list tells besides its elements."""
    return dict(vars(value)) if isinstance(value, list) and hasattr(value, "__dict__") else {}


@pytest.mark.parametrize("name", PRIMITIVES)
def test_where_every_agent_is_lost_the_result_says_so(name: str) -> None:
    value, _ = drive(PRIMITIVES[name](4, 2), lambda call: Lost(cause="timeout", message="gone"))
    told = attributes(value) | {"value": value, "lost": ()}
    assert "null" in json.dumps(as_json(told)), "a value is missing where there was none"


def test_their_agents_are_told_apart_by_their_labels() -> None:
    async def main(args: Any) -> None:
        await judge(["a", "b"], criteria="c", judges=2)
        await critique(["a"], "p")
        await reflect("w", critic="c", max_rounds=1)
        await debate("t", roles=["pro", "con"], rounds=1)
        await swarm(["a", "b"], neighbours={}, rounds=1)

    _, host = drive(main, made_up)
    assert [call.agent.label for call in host.calls] == [
        *("judge:1", "judge:2", "critique", "reflect:draft", "reflect:1:critic", "reflect:1:revision"),
        *("debate:1:pro", "debate:1:con", "swarm:1:0", "swarm:1:1"),
    ]


async def late(item: Any) -> Any:
    return item


class TestRoute:
    def test_each_item_goes_where_its_key_says_all_at_once(self) -> None:
        async def bug(item: Any) -> Any:
            return await agent(f"fix {item['n']}")

        async def main(args: Any) -> Any:
            items = [{"kind": kind, "n": n} for n, kind in enumerate(["bug", "idea", "bug", "none"])]
            handlers = {"bug": bug, "idea": lambda item: agent(f"think {item['n']}"), "none": lambda item: item["n"]}
            return await route(items, by="kind", handlers=handlers)

        value, host = drive(main, lambda call: call.prompt)
        assert value == ["fix 0", "think 1", "fix 2", 3]
        assert host.most_waiting == 3

    @pytest.mark.parametrize(
        ("item", "words"),
        [
            ({"kind": "odd"}, "no handler 'odd' for item 1: {'kind': 'odd'}; there is 'bug'"),
            ({"other": 1}, r"finds no key in item 1: {'other': 1}"),
            (None, "finds no key in item 1: None"),
            ({"kind": ["bug"]}, r"no handler \['bug'\] for item 1"),
            ({"kind": "x" * 999}, "…"),
        ],
    )
    def test_an_unknown_key_names_the_item_before_anything_begins(self, item: Any, words: str) -> None:
        asked: list[Any] = []

        async def main(args: Any) -> Any:
            await route([{"kind": "bug"}, item], by="kind", handlers={"bug": lambda item: agent("fix")})

        with pytest.raises(ValueError, match=words) as error:
            drive(main, asked.append)
        assert len(str(error.value)) < 1_500
        assert not asked

    def test_a_handler_that_fails_fails_alone(self) -> None:
        async def main(args: Any) -> Any:
            found = await route(range(3), by=lambda n: n > 0, handlers={True: lambda n: 6 // (n - 1), False: str})
            return list(found), [lost.index for lost in found.lost]

        assert drive(main)[0] == (["0", None, 6], [1])

    @pytest.mark.parametrize(
        "given",
        [{"handlers": []}, {"handlers": {"a": "b"}}, {"by": 3}, {"by": late}, {"items": {"a", "b"}}, {"items": "ab"}],
    )
    def test_refuses_what_cannot_mean_anything(self, given: Any) -> None:
        async def main(args: Any) -> Any:
            options = {"items": ["a"], "by": str, "handlers": {"a": str}} | given
            await route(options.pop("items"), **options)

        with pytest.raises(TypeError, match="route"):
            drive(main)


class TestAllot:
    scores = st.one_of(st.none(), st.integers(0, 50), st.floats(0, 50, allow_nan=False))

    @given(st.lists(scores, max_size=9), st.integers(0, 40), st.one_of(st.none(), st.integers(1, 9)))
    def test_shares(self, scores: list[Any], total: int, most: int | None) -> None:
        pairs = allot(list(enumerate(scores)), total, by=lambda pair: pair[1], most=most)
        wanted = [score for score in scores if score]
        assert sum(share for _, share in pairs) == min(total, len(wanted) * (total if most is None else most))
        assert all(1 <= share <= (most or total) for _, share in pairs)
        assert [item for item, _ in pairs] == sorted(item for item, _ in pairs)
        for (_, one), share in pairs:  # who scores more has no less
            assert not [other for (_, score), other in pairs if score > one and other < share]

    def test_in_proportion_by_largest_remainder(self) -> None:
        areas = [{"name": name, "promise": promise} for name, promise in [("a", 6), ("b", 3), ("c", 1), ("d", 0)]]
        assert [(area["name"], share) for area, share in allot(areas, 5, by="promise")] == [("a", 3), ("b", 2)]

    def test_what_one_may_not_have_goes_to_the_others(self) -> None:
        assert allot([90, 5, 5], 10, by=lambda score: score, most=4) == [(90, 4), (5, 3), (5, 3)]

    @pytest.mark.parametrize(
        "given", [{"total": -1}, {"total": 2.0}, {"most": 0}, {"by": lambda item: -1}, {"by": lambda item: "much"}]
    )
    def test_refuses_what_cannot_mean_anything(self, given: Any) -> None:
        options = {"total": 3, "by": len} | given
        with pytest.raises(ValueError, match="allot"):
            allot(["a"], options.pop("total"), **options)

    def test_scouts_that_were_lost_get_nothing(self) -> None:
        async def main(args: Any) -> Any:
            scouts = await parallel([agent(f"scout {n}") for n in range(3)])
            return allot(scouts, 4, by=len)

        value, _ = drive(main, lambda c: Lost(cause="timeout", message="") if c.prompt == "scout 1" else "ok")
        assert value == [("ok", 2), ("ok", 2)]
