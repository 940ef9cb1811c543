"""The order in which agents go: further along first, then first come, and nobody waits for ever."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.runtime.journal.events import AgentCalled
from weft.runtime.request import AgentRequest
from weft.runtime.scheduling.queue import MOST_OVERTAKEN, Group, Queue


def called(number: int, path: str = "", model: str = "m", profile: str | None = None) -> AgentCalled:
    request = AgentRequest(id=number, prompt="x", model=model, profile=profile, tools=(), timeout=None, retries=0)
    return AgentCalled(path=path, line=1, key="k", request=request)


def taken(queue: Queue) -> list[int]:
    order = []
    while (call := queue.take(lambda _group: True)) is not None:
        order.append(call.id)
    return order


@pytest.mark.parametrize(
    ("paths", "order"),
    [
        (["", "", ""], [0, 1, 2]),
        (["/0.0@0", "/0.1@1", "/0.2@2"], [2, 1, 0]),
        (["/0.0@1", "/0.1@1"], [0, 1]),
        (["/0.9@0", "", "/0.3"], [0, 1, 2]),  # the first stage is no further than what is in no stage
        (["/0.0@0/0.1@2", "/0.1@1/0.0@0"], [1, 0]),  # the outer pipeline decides
        (["/0.0@1/0.0@0", "/0.1@1/0.0@1"], [1, 0]),
        (["/0.0@9", "/0.1@10"], [1, 0]),
    ],
)
def test_what_is_further_along_goes_first(paths: list[str], order: list[int]) -> None:
    queue = Queue()
    for number, path in enumerate(paths):
        queue.add(called(number, path))
    assert taken(queue) == order


def test_whoever_waits_longest_is_overtaken_only_so_often() -> None:
    queue = Queue()
    queue.add(called(0))
    overtook = 0
    for number in range(1, 10 * MOST_OVERTAKEN):  # an endless stream of work that is further along
        queue.add(called(number, "/0.0@1"))
        call = queue.take(lambda _group: True)
        assert call is not None
        if call.id == 0:
            break
        overtook += 1
    assert overtook == MOST_OVERTAKEN


def test_and_so_is_whoever_waits_longest_of_a_group_that_is_free_at_times_only() -> None:
    queue = Queue()
    queue.add(called(0, model="a"))
    for overtook in range(10 * MOST_OVERTAKEN):
        for model in "ab":
            queue.add(called(2 * overtook + 1 + (model == "b"), "/0.0@1", model=model))
        went = [queue.take(lambda group: group[0] == model) for model in "ab"]  # noqa: B023
        assert all(went)
        if went[0].id == 0:  # type: ignore[union-attr]
            break
    assert overtook == MOST_OVERTAKEN


def test_a_group_that_is_not_free_stands_in_nobodys_way() -> None:
    queue = Queue()
    queue.add(called(0, "/0.0@1", model="busy"))
    queue.add(called(1, model="idle"))

    def idle(group: Group) -> bool:
        return group[0] == "idle"

    first = queue.take(idle)
    assert first is not None and first.id == 1
    assert queue.take(idle) is None
    assert 0 in queue and 1 not in queue


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.integers(0, 4), st.sampled_from("ab")),
            st.tuples(st.just("take"), st.sets(st.sampled_from("ab")), st.none()),
            st.tuples(st.just("remove"), st.integers(0, 40), st.none()),
        )
    )
)
def test_it_agrees_with_a_sorted_list(steps: list[tuple[str, object, object]]) -> None:
    """With fewer agents than may overtake: always the furthest along that is free, then the lowest number."""
    queue, plain, number = Queue(), dict[int, tuple[int, str]](), 0
    for step, what, model in steps[:MOST_OVERTAKEN]:
        if step == "add":
            queue.add(called(number, f"/0.0@{what}", model=str(model)))
            plain[number] = (int(str(what)), str(model))
            number += 1
        elif step == "take":
            free = {n: stage for n, (stage, group) in plain.items() if group in what}  # type: ignore[operator]
            expected = min(free, key=lambda n: (-free[n], n), default=None)
            call = queue.take(lambda group: group[0] in what)  # type: ignore[operator]  # noqa: B023
            assert (None if call is None else call.id) == expected
            plain.pop(expected, None)  # type: ignore[arg-type]
        elif what in plain:
            queue.remove(int(str(what)))
            del plain[int(str(what))]
        assert [n for n in range(number) if n in queue] == sorted(plain)
        assert len(queue) == len(plain)
