"""What a run is given, what it says, and what counts as JSON data."""

from __future__ import annotations

import json
from collections import Counter, namedtuple
from typing import Any

import pytest
from driving import Stopped, drive
from hypothesis import given
from hypothesis import strategies as st

from weft.primitives import NotJson, OutsideRun, args, budget, finding, log, now, phase, sample, understood
from weft.primitives.calls import Allowance
from weft.primitives.data import as_json
from weft.primitives.lost import Spent


def test_args_and_now_are_those_of_the_run() -> None:
    async def main(given: Any) -> Any:
        return [args["a"], args.get("b", 2), len(args), list(args), now()]

    value, _ = drive(main, args={"a": 1}, now="2026-05-06T07:08:09+00:00")
    assert value == [1, 2, 1, ["a"], "2026-05-06T07:08:09+00:00"]


def test_budget_shows_tokens_and_dollars() -> None:
    async def main(given: Any) -> Any:
        tokens = [budget.total("tokens"), budget.spent("tokens"), budget.remaining("tokens")]
        return [*tokens, budget.total("usd"), budget.spent("usd"), budget.remaining("usd"), budget.share_left]

    allowance = Allowance(tokens=100, usd=None, spent=Spent(30, 12, 0.5))
    assert drive(main, allowance=allowance)[0] == [100, 42, 58, None, 0.5, float("inf"), 0.58]
    both = Allowance(tokens=100, usd=1.0, spent=Spent(30, 12, 0.75))
    assert drive(main, allowance=both)[0] == [100, 42, 58, 1.0, 0.75, 0.25, 0.25]
    assert drive(main)[0][-1] == 1.0
    assert drive(main, allowance=Allowance(tokens=10, spent=Spent(30, 0)))[0][-1] == 0.0


@pytest.mark.parametrize(
    "use",
    [
        budget.total,
        lambda: budget.spent(unit=None),  # type: ignore[arg-type]
        lambda: budget.total and budget.remaining("usd"),
        lambda: not budget.remaining,
        lambda: budget.remaining > 50_000,  # type: ignore[operator]
        lambda: budget.spent > 0.5,  # type: ignore[operator]
        lambda: budget.total == 5,
        lambda: budget.total - budget.spent("usd"),  # type: ignore[operator]
        lambda: 2 * budget.total,  # type: ignore[operator]
        lambda: f"{budget.spent} are spent",
        lambda: int(budget.total),  # type: ignore[call-overload]
        lambda: min(budget.remaining, 5),  # type: ignore[type-var]
        lambda: range(budget.total),  # type: ignore[arg-type]
    ],
)
def test_a_reading_without_its_unit_names_both_units(use: Any) -> None:
    async def main(given: Any) -> Any:
        use()

    with pytest.raises(TypeError, match=r'write budget\.\w+\("usd"\) or budget\.\w+\("tokens"\)'):
        drive(main)


@pytest.mark.parametrize("unit", ["dollars", "token", 1, ["usd"]])
def test_a_reading_has_one_of_two_units(unit: Any) -> None:
    async def main(given: Any) -> Any:
        budget.spent(unit)

    with pytest.raises(ValueError, match="one of two units"):
        drive(main)


def test_sample_is_reproducible_and_takes_all_of_few() -> None:
    async def main(given: Any) -> Any:
        return [sample(range(100), 3), sample(range(100), 3), sample(range(100), 3, seed=1), sorted(sample("ab", 5))]

    first, again, other, few = drive(main)[0]
    assert first == again != other
    assert few == ["a", "b"]


def test_sample_refuses_a_set() -> None:
    async def main(given: Any) -> Any:
        sample({1, 2}, 1)

    with pytest.raises(TypeError, match="refuses a set"):
        drive(main)


@pytest.mark.parametrize("seed", [None, float("nan"), (1, 2), [], object()])
def test_sample_refuses_a_seed_that_says_something_else_in_every_process(seed: Any) -> None:
    async def main(given: Any) -> Any:
        sample([1, 2], 1, seed=seed)

    with pytest.raises(TypeError, match="takes a number or text as seed"):
        drive(main)


def test_notes_reach_the_host_in_order() -> None:
    async def main(given: Any) -> Any:
        phase("One")
        log("a line")
        finding({"severity": "high"})
        understood(1, 2, what="pages")

    _, host = drive(main)
    assert [(say.kind, say.data) for say in host.said] == [
        ("phase", "One"),
        ("log", "a line"),
        ("finding", {"severity": "high"}),
        ("understood", {"count": 1, "of": 2, "what": "pages", "hint": ""}),
    ]


def test_a_flood_of_notes_ends_the_run() -> None:
    async def main(given: Any) -> Any:
        for n in range(1000):
            log(str(n))

    with pytest.raises(Stopped, match="more than 100 notes"):
        drive(main)


@pytest.mark.parametrize(
    "call", [now, lambda: log("x"), lambda: args["a"], lambda: budget.total("usd"), lambda: sample([], 1)]
)
def test_outside_a_run_everything_says_so(call: Any) -> None:
    with pytest.raises(OutsideRun, match="works only inside a run"):
        call()


class TestJson:
    @given(
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers(-(2**60), 2**60)
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(st.characters(exclude_categories=["Cs"])),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
        )
    )
    def test_json_data_comes_through_unchanged(self, value: Any) -> None:
        assert as_json(value) == value
        assert json.loads(json.dumps(as_json(value))) == value

    def test_subclasses_become_their_base(self) -> None:
        point = namedtuple("point", "x y")
        made = as_json({"t": (1, 2), "n": point(1, 2), "c": Counter("aab"), "s": type("S", (str,), {})("x")})
        assert made == {"t": [1, 2], "n": [1, 2], "c": {"a": 2, "b": 1}, "s": "x"}
        assert {type(made["c"]), type(made["s"]), type(made["n"])} == {dict, str, list}

    def test_a_subclass_that_lies_is_taken_at_its_contents(self) -> None:
        class Liar(dict[str, int]):
            def items(self) -> Any:
                return [("forged", 1)]

        assert as_json(Liar(real=1)) == {"real": 1}

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            ({"rows": [1, {2}]}, r"\$\.rows\[1\]: a set is not JSON data; return sorted"),
            ([float("nan")], r"\$\[0\]: nan is not a JSON number"),
            ({1: 2}, r"\$: object keys must be strings, found a int"),
            ("\ud800", r"lone surrogate at character 0"),
            (2**2000, "more than 1024 bits"),
            (b"x", "decode it to text"),
            (object(), "a object is not JSON data"),
        ],
    )
    def test_anything_else_is_named_with_its_path(self, value: Any, said: str) -> None:
        with pytest.raises(NotJson, match=said):
            as_json(value)

    def test_a_cycle_ends(self) -> None:
        cycle: list[Any] = []
        cycle.append(cycle)
        with pytest.raises(NotJson, match="deeper than 64 levels"):
            as_json(cycle)
