"""`verify` and `synthesize`, and what votes are worth."""

from __future__ import annotations

import re
from typing import Any

import pytest
from driving import drive
from hypothesis import given
from hypothesis import strategies as st

from weft.primitives import synthesize, verify
from weft.primitives.calls import AgentCall
from weft.primitives.costs import synthesize_agents
from weft.primitives.judging import independence
from weft.primitives.lost import Lost
from weft.sandbox.protocol import Result

LENSES = ["lens-a", "lens-b", "lens-c"]


def voting(*opinions: str) -> Any:
    """Answer each lens with its verdict; `lost` loses the skeptic. Each opens a file of its own."""

    verdicts = dict(zip(LENSES, opinions, strict=False))

    def answer(call: AgentCall) -> Any:
        assert call.label is not None
        lens = call.label.removeprefix("verify:")
        if verdicts[lens] == "lost":
            return Lost(cause="timeout", message="gone")
        vote = {"verdict": verdicts[lens], "reason": "because", "evidence": []}
        return Result(id=0, value=vote, touched=(f"{lens}.md:1-9",))

    return answer


async def claim(args: Any) -> Any:
    return await verify("the sky is green", lenses=LENSES, quorum=2)


class TestVerify:
    @pytest.mark.parametrize(
        ("votes", "survives"),
        [
            (("supported", "supported", "refuted"), True),
            (("supported", "refuted", "qualified"), False),
            (("supported", "supported", "lost"), True),
            (("supported", "lost", "lost"), False),  # the dead do not approve
            (("lost", "lost", "lost"), False),
            (("qualified", "qualified", "qualified"), False),
        ],
    )
    def test_only_supported_votes_count(self, votes: tuple[str, str, str], survives: bool) -> None:
        verdict, _ = drive(claim, voting(*votes))
        assert verdict["survives"] is survives

    def test_a_lost_skeptic_is_unchecked_with_the_reason(self) -> None:
        verdict, _ = drive(claim, voting("supported", "lost", "supported"))
        vote = verdict["votes"][1]
        assert vote["verdict"] == "unchecked"
        assert "timeout" in vote["reason"]

    def test_no_skeptic_sees_another_and_each_has_its_lens(self) -> None:
        _, host = drive(claim, voting("supported", "supported", "supported"))
        assert len(host.calls) == 3
        for call, lens in zip(host.calls, LENSES, strict=True):
            assert lens in call.agent.prompt
            assert not any(other in call.agent.prompt for other in LENSES if other != lens)

    def test_what_makes_a_claim_is_named_as_no_evidence_for_it(self) -> None:
        async def about(args: Any) -> Any:
            return await verify("the sky is green", lenses=LENSES, subject=["a.md", "b.md:3"])

        plain, told = (drive(main, voting(*["supported"] * 3))[1] for main in (claim, about))
        for before, after in zip(plain.calls, told.calls, strict=True):
            assert after.agent.prompt.startswith(before.agent.prompt)
            assert after.agent.prompt.endswith("<subject>\na.md\nb.md:3\n</subject>")

    def test_independent_votes_rest_on_different_files(self) -> None:
        verdict, _ = drive(claim, voting("supported", "supported", "refuted"))
        assert verdict["independence"] == 1.0

    def test_structured_claims_are_shown_as_data(self) -> None:
        async def main(args: Any) -> Any:
            return await verify({"statement": "x", "line": 3}, lenses=["lens-a"], quorum=1)

        _, host = drive(main, voting("supported"))
        assert '"line": 3' in host.calls[0].agent.prompt

    @pytest.mark.parametrize("options", [{"lenses": []}, {"lenses": ["a"], "quorum": 2}, {"lenses": "abc"}])
    def test_refuses_what_cannot_mean_anything(self, options: Any) -> None:
        async def main(args: Any) -> Any:
            await verify("x", **options)

        with pytest.raises(ValueError, match="verify"):
            drive(main)


class TestIndependence:
    @pytest.mark.parametrize(
        ("touched", "expected"),
        [
            ([], 1.0),  # nothing overlaps
            ([["a.md:1-2"]], 1.0),
            ([["a.md:1-2"], ["b.md:1-2"]], 1.0),
            ([["a.md:1-2"], ["a.md:7-9"]], 0.0),  # the same file is the same evidence
            ([["a.md:1-2", "b.md:1-1"], ["a.md:1-2"]], 0.5),
            ([[], []], 0.0),  # both rest on the wording of the claim alone
        ],
    )
    def test_falls_with_overlap(self, touched: list[list[str]], expected: float) -> None:
        assert independence(touched) == expected

    @given(st.lists(st.lists(st.sampled_from("abcd")), max_size=5))
    def test_is_between_0_and_1_and_ignores_order(self, touched: list[list[str]]) -> None:
        assert 0.0 <= independence(touched) <= 1.0
        assert independence(touched) == independence(touched[::-1])


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
