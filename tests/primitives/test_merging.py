"""`synthesize`: a tree of agents, so that no prompt receives everything."""

from __future__ import annotations

import re
from typing import Any

import pytest
from driving import drive
from hypothesis import given
from hypothesis import strategies as st

from weft.primitives import synthesize
from weft.primitives.calls import AgentCall
from weft.primitives.costs import synthesize_agents
from weft.primitives.lost import Lost


class TestSynthesize:
    @given(st.integers(0, 70), st.integers(2, 9))
    def test_starts_as_many_agents_as_the_table_says(self, count: int, fan_in: int) -> None:
        async def main(args: Any) -> Any:
            return await synthesize([f"item {n}" for n in range(count)], "Merge.", fan_in=fan_in)

        _, host = drive(main)
        assert len(host.calls) == synthesize_agents(count, fan_in)

    def test_a_text_is_no_list_of_items(self) -> None:
        async def main(args: Any) -> Any:
            return await synthesize("abc", "Merge.")

        with pytest.raises(TypeError, match="takes a list of items, got a str"):
            drive(main)

    def test_no_prompt_receives_more_than_fan_in_items(self) -> None:
        async def main(args: Any) -> Any:
            return await synthesize([f"item {n}" for n in range(30)], "Merge.", fan_in=4)

        _, host = drive(main, lambda call: "merged")
        assert max(len(re.findall("<item>", call.agent.prompt)) for call in host.calls) == 4

    def test_a_lost_group_is_named_as_missing_above_it(self) -> None:
        def answer(call: AgentCall) -> Any:
            return Lost(cause="timeout", message="gone") if call.label == "synthesize:1.1" else "merged"

        async def main(args: Any) -> Any:
            return await synthesize([f"item {n}" for n in range(6)], "Merge.", fan_in=3)

        value, host = drive(main, answer)
        assert value == "merged"
        assert "lost: 3 of the items; say so" in host.calls[-1].agent.prompt
