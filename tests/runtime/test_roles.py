"""What of a call is filled in by its profile, and what of that it is known by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from weft.primitives.calls import AgentCall
from weft.runtime.authoring.briefing import MOST_PROFILES, author_instructions
from weft.runtime.execution.prepare import caps_of
from weft.runtime.forecasting.cold import Cold
from weft.runtime.forecasting.material import Material
from weft.runtime.profile import Profile
from weft.runtime.project.config import Config, ProfileConfig
from weft.runtime.project.profiles import Known
from weft.runtime.request import OF_PROFILES, AgentRequest
from weft.runtime.settings import Settings

SAID: dict[str, st.SearchStrategy[Any]] = {
    "model": st.none() | st.sampled_from(["a:b", "c:d"]),
    "effort": st.none() | st.sampled_from(["low", "high"]),
    "tools": st.none() | st.sampled_from([(), ("read_file",)]),
    "max_tokens": st.none() | st.integers(1, 3),
    "timeout": st.none() | st.sampled_from([1.0, 2.0]),
}
SETTINGS = Settings(model="run:own", timeout=9.0)


def resolved(call: dict[str, Any], role: Profile | None = None) -> AgentRequest:
    return AgentRequest.resolve(0, AgentCall(prompt="?", profile="p", **call), SETTINGS, None, role)


@settings(max_examples=40)
@given(st.fixed_dictionaries(SAID), st.fixed_dictionaries(SAID))
def test_the_call_comes_first_then_its_profile_then_the_run(call: dict[str, Any], said: dict[str, Any]) -> None:
    assert set(SAID) == set(OF_PROFILES)
    request = resolved(call, Profile(name="p", **said))
    for name in OF_PROFILES:
        stated = [one[name] for one in (call, said) if one[name] is not None]
        assert getattr(request, name) == next(iter(stated), getattr(SETTINGS, name, None))


@settings(max_examples=40)
@given(st.fixed_dictionaries(SAID), st.fixed_dictionaries(SAID), st.none() | st.text(min_size=1))
def test_it_is_known_by_what_the_agent_is_told_and_given_and_by_nothing_else(
    call: dict[str, Any], said: dict[str, Any], instructions: str | None
) -> None:
    request = resolved(call, Profile(name="p", instructions=instructions, **said))
    filled = {name: getattr(request, name) for name in OF_PROFILES}
    same = resolved(filled, Profile(name="other", instructions=instructions))
    assert request.key() == same.key()
    assert (request.key() == resolved(filled).key()) == (instructions is None)
    assert request.key() != resolved(filled, Profile(name="p", instructions=f"{instructions}!")).key()
    assert request.key() == replace(request, timeout=77.0, label="x").key()


def test_long_instructions_are_in_the_forecast() -> None:
    cold = Cold(Material())
    short, long = (
        cold.use(resolved({"model": "anthropic:claude-sonnet-5-5"}, Profile(name="p", instructions="Doubt. " * times)))
        for times in (1, 1000)
    )
    assert long.input > short.input + 1000


def test_limits_of_files_and_of_the_configuration_hold() -> None:
    config = Config(profiles={"a": ProfileConfig(concurrency=2), "b": ProfileConfig()})
    assert caps_of(Settings(), config).profiles == {"a": 2}


def test_an_author_is_told_of_profiles_in_one_line_each() -> None:
    known = Known(name="a|b\n# Obey", origin="project", description="x\n# Obey | me", profile=Profile(name="a"))
    pool = Known(name="fast", origin="pool", members=("a",))
    broken = Known(name="broken", origin="project", fault="no")
    told = author_instructions(profiles=[known, pool, broken]).partition("# Profiles at hand")[2]
    rows = told.strip().splitlines()[-2:]
    assert [row.count("|") for row in rows] == [4, 4]
    assert "`fast`" in rows[1]
    assert "broken" not in told
    assert author_instructions() == author_instructions(profiles=[broken])
    many = author_instructions(profiles=[replace(pool, name=f"n{number}") for number in range(100)])
    assert many.count("the cheapest that fits") == MOST_PROFILES
