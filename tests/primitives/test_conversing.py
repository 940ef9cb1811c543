"""`reflect`, `debate` and `swarm`: who hears what, and how they end."""

from __future__ import annotations

import re
from typing import Any

import pytest
from driving import drive

from weft.primitives import debate, reflect, swarm
from weft.primitives.calls import AgentCall
from weft.primitives.lost import Lost

GONE = Lost(cause="timeout", message="gone")


class TestReflect:
    @pytest.mark.parametrize(
        ("answers", "text", "ended", "objections"),
        [
            (["v1", []], "v1", "approved", [[]]),
            (["v1", ["too long"], "v2", []], "v2", "approved", [["too long"], []]),
            (["v1", ["a"], "v2", ["b"], "v3"], "v3", "cap", [["a"], ["b"]]),  # nobody has judged the last
            ([None], None, "lost", []),
            (["v1", None], "v1", "lost", []),  # a lost critic is no approval
            (["v1", ["a"], None], "v1", "lost", [["a"]]),
            (["v1", ["a"], "v2", None], "v2", "lost", [["a"]]),
        ],
    )
    def test_how_it_ends(self, answers: list[Any], text: Any, ended: str, objections: Any) -> None:
        async def main(args: Any) -> Any:
            return await reflect("Write.", critic="Is it short?", max_rounds=2)

        left = iter(answers)

        def answer(call: AgentCall) -> Any:
            said = next(left)
            return GONE if said is None else {"objections": said} if call.schema else said

        value, _ = drive(main, answer)
        assert value == {"text": text, "ended": ended, "objections": objections}
        assert next(left, "all are asked") == "all are asked"

    def test_critic_and_reviser_are_told_what_they_need(self) -> None:
        async def main(args: Any) -> Any:
            return await reflect("Write {it}.", critic="Is it short?", max_rounds=1)

        _, host = drive(main, lambda call: {"objections": ["too {long}"]} if call.schema else "the draft")
        draft, critic, reviser = (call.agent.prompt for call in host.calls)
        assert draft == "Write {it}."
        assert all(words in critic for words in ("Write {it}.", "Is it short?", "the draft"))
        assert all(words in reviser for words in ("Write {it}.", "too {long}", "the draft"))


class TestDebate:
    def test_each_hears_the_rounds_before_and_none_of_its_own(self) -> None:
        async def main(args: Any) -> Any:
            return await debate("Is it?", roles=["pro", "con"], rounds=3)

        value, host = drive(main, lambda call: f"said {call.label}.")
        assert [(one["round"], one["role"]) for one in value] == [(r, w) for r in (1, 2, 3) for w in ("pro", "con")]
        assert value[3]["speech"] == "said debate:2:con."
        for number, call in enumerate(host.calls):
            heard = re.findall(r"said (debate:\d:\w+)\.", call.agent.prompt)
            assert heard == [f"debate:{r}:{who}" for r in range(1, number // 2 + 1) for who in ("pro", "con")]

    def test_a_lost_speech_shows_in_the_transcript_and_to_the_others(self) -> None:
        async def main(args: Any) -> Any:
            return await debate("Is it?", roles=["pro", "con"], rounds=2)

        value, host = drive(main, lambda call: GONE if call.label == "debate:1:pro" else "well")
        assert [one["speech"] for one in value] == [None, "well", "well", "well"]
        assert '<speech round="1" role="pro">\n(lost' in host.calls[3].agent.prompt

    @pytest.mark.parametrize(
        "given", [{"roles": []}, {"roles": ["a", "a"]}, {"roles": "ab"}, {"rounds": 0}, {"tools": "x"}]
    )
    def test_refuses_what_cannot_mean_anything(self, given: Any) -> None:
        async def main(args: Any) -> Any:
            await debate("Is it?", **({"roles": ["a"], "rounds": 1} | given))

        with pytest.raises((TypeError, ValueError), match="debate"):
            drive(main)


@pytest.mark.parametrize("tools", [None, [], ["read_file"]])
def test_debaters_and_a_swarm_have_the_tools_that_they_are_given(tools: Any) -> None:
    async def main(args: Any) -> Any:
        await debate("Is it?", roles=["pro"], rounds=2, tools=tools)
        await swarm(["p0", "p1"], neighbours={}, rounds=1, tools=tools)

    _, host = drive(main)
    assert [call.agent.tools for call in host.calls] == [None if tools is None else tuple(tools)] * 4


class TestSwarm:
    NEAR = ({0: [2, 1], 1: [0]}, lambda index: {0: (1, 2, 1), 1: {0}}.get(index, []))

    @pytest.mark.parametrize("near", NEAR)
    def test_each_is_shown_what_its_neighbours_found_in_the_round_before(self, near: Any) -> None:
        async def main(args: Any) -> Any:
            return await swarm(["p0", "p1", "p2"], neighbours=near, rounds=3)

        value, host = drive(main, lambda call: f"found {call.label}.")
        assert value == [f"found swarm:3:{index}." for index in range(3)]
        shown = [re.findall(r"found (swarm:\d:\d)\.", call.agent.prompt) for call in host.calls]
        assert shown[:3] == [[], [], []]
        assert shown[3:6] == [["swarm:1:1", "swarm:1:2"], ["swarm:1:0"], []]
        assert shown[6:] == [["swarm:2:1", "swarm:2:2"], ["swarm:2:0"], []]

    def test_a_neighbour_that_was_lost_is_shown_as_lost(self) -> None:
        async def main(args: Any) -> Any:
            return await swarm(["p0", "p1"], neighbours={0: [1], 1: [0]}, rounds=2)

        value, host = drive(main, lambda call: GONE if call.label == "swarm:1:0" else "ok")
        assert value == ["ok", "ok"]
        assert "(lost" in host.calls[3].agent.prompt
        value, _ = drive(main, lambda call: GONE if call.label == "swarm:2:0" else "ok")
        assert (value, [lost.index for lost in value.lost]) == ([None, "ok"], [0])

    @pytest.mark.parametrize(
        "given",
        [
            {"neighbours": {0: [2]}},
            {"neighbours": {0: [-1]}},
            {"neighbours": {0: 1}},
            {"neighbours": {"0": [1]}},  # as JSON has it
            {"neighbours": {2: [1]}},
            {"neighbours": {0: "1"}},
            {"neighbours": lambda index: [True]},
            {"neighbours": [[1], [0]]},
            {"rounds": 0},
            {"tools": "read_file"},
            {"prompts": ["a", None]},
            {"prompts": ["a", " "]},
            {"prompts": "ab"},
        ],
    )
    def test_refuses_what_cannot_mean_anything(self, given: Any) -> None:
        async def main(args: Any) -> Any:
            options = {"prompts": ["a", "b"], "neighbours": {}, "rounds": 1} | given
            await swarm(options.pop("prompts"), **options)

        with pytest.raises((TypeError, ValueError), match="swarm"):
            drive(main)
