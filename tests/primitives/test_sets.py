"""`Seen`, `dedup`, `union`, `quorum`, `top_k`: pure functions over lists."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.primitives import Seen, dedup, quorum, top_k, union

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from("ab"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xy"), inner, max_size=2),
    max_leaves=4,
)


@given(st.lists(JSON, max_size=8))
def test_seen_returns_each_item_once_and_remembers_all(items: list[Any]) -> None:
    seen = Seen()
    fresh = seen.add(items)
    assert seen.add(items) == []
    assert len(seen) == len(fresh)
    assert all(item in seen for item in items)
    assert [item for item in items if item in fresh] == items


def test_seen_by_key_keeps_the_first() -> None:
    seen = Seen(key=lambda item: item["id"].lower())
    assert seen.add([{"id": "A", "n": 1}, {"id": "a", "n": 2}]) == [{"id": "A", "n": 1}]
    assert "a" in seen
    assert "b" not in seen


def test_true_is_not_one() -> None:
    assert dedup([1, True, 1.0, "1"]) == [1, True, "1"]


def test_union_drops_nothing_but_lost_lists() -> None:
    assert union([[1, 1], None, [2]]) == [1, 1, 2]


@given(st.lists(st.lists(st.integers(0, 4), max_size=5), min_size=1, max_size=5), st.data())
def test_quorum_counts_lists_not_items(lists: list[list[int]], data: st.DataObject) -> None:
    needed = data.draw(st.integers(1, len(lists)))
    agreed = quorum(lists, at_least=needed)
    assert sorted(agreed) == [n for n in range(5) if sum(n in items for items in lists) >= needed]


def test_quorum_that_can_never_be_reached_is_refused() -> None:
    with pytest.raises(ValueError, match="never be reached"):
        quorum([[1]], at_least=2)


@given(st.lists(st.fixed_dictionaries({"at": st.integers(0, 3), "grave": st.integers(0, 5), "n": st.integers()})))
def test_dedup_keeps_the_highest_in_the_place_of_the_first(items: list[dict[str, int]]) -> None:
    kept = dedup(items, lambda item: item["at"], keep="grave")
    assert [item["at"] for item in kept] == [item["at"] for item in dedup(items, lambda item: item["at"])]
    for one in kept:
        same = [item for item in items if item["at"] == one["at"]]
        assert one == next(item for item in same if item["grave"] == max(other["grave"] for other in same))
    assert kept == dedup(items, lambda item: item["at"], keep=lambda item: item["grave"])


def test_dedup_refuses_to_keep_by_what_ranks_nothing() -> None:
    with pytest.raises(TypeError, match=r"dedup\(keep=…\) takes a field name or a function"):
        dedup([1, 2], keep=3)  # type: ignore[arg-type]


def test_top_k_ranks_by_field_or_function_and_keeps_ties_in_order() -> None:
    items = [{"n": 1, "id": "a"}, {"n": 2, "id": "b"}, {"n": 2, "id": "c"}]
    assert [item["id"] for item in top_k(items, 2, by="n")] == ["b", "c"]
    assert [item["id"] for item in top_k(items, 9, by=lambda item: -item["n"])] == ["a", "b", "c"]


@given(st.lists(st.fixed_dictionaries({"at": st.integers(0, 3), "grave": st.integers(0, 3)})), st.booleans())
def test_dedup_tells_what_it_merged(items: list[dict[str, int]], gravest: bool) -> None:
    kept = dedup(items, lambda item: item["at"], keep="grave" if gravest else None)
    assert [cluster["kept"] for cluster in kept.clusters] == kept
    for cluster in kept.clusters:
        same = [item for item in items if item["at"] == cluster["kept"]["at"]]
        assert sorted(map(str, [cluster["kept"], *cluster["merged"]])) == sorted(map(str, same))
        assert not gravest or all(one["grave"] <= cluster["kept"]["grave"] for one in cluster["merged"])


def test_dedup_ranks_only_what_has_a_rival() -> None:
    assert dedup([{"at": 1}], keep="grave") == [{"at": 1}]
