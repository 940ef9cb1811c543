"""What is learned from earlier runs, and whether ranges hold; how well, `bench/forecast.py` says."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from statistics import fmean, pstdev

import pytest

from weft.primitives.calls import AgentCall
from weft.runtime.forecasting.cells import Call, Cell
from weft.runtime.forecasting.chains import Course
from weft.runtime.forecasting.cold import Cold, Use
from weft.runtime.forecasting.forecast import Forecast, Scenario, forecast, scenario_of, scenarios_of
from weft.runtime.forecasting.history import Measured, Recorded
from weft.runtime.forecasting.learned import Learned
from weft.runtime.forecasting.material import Material
from weft.runtime.forecasting.ranges import NORMAL, Range, weighted_quantile
from weft.runtime.forecasting.savings import at_hand, savings
from weft.runtime.forecasting.tree import Observation, Tree
from weft.runtime.project.config import Config, ModelConfig
from weft.runtime.request import AgentRequest
from weft.runtime.settings import Settings

COLD = Cold(Material())
SONNET, HAIKU = (f"anthropic:claude-{name}-5-5" for name in ("sonnet", "haiku"))


def scenario(agents: int = 10, *, kind: str = "find", model: str = SONNET, phase: str | None = "Find") -> Scenario:
    usd = COLD.usd(model, 5_000.0 * agents, 500.0 * agents, 2.0 * agents)
    use = Use(5_000.0 * agents, 500.0 * agents, 2.0 * agents, 20.0 * agents, usd)
    return Scenario((Cell(phase, (model, kind, "h"), agents, use),), Course(20.0, {phase: 20.0}))


def took(number: int, factor: float, agents: int = 10, *, kind: str = "find", model: str = SONNET) -> Recorded:
    """Return a run that has used so many times what was counted."""
    (cell,) = scenario(agents, kind=kind, model=model).cells
    counted = cell.use
    assert counted.usd is not None
    measured = Measured(
        phase="Find",
        kind=cell.kind,
        agents=agents,
        counted_input=counted.input,
        counted_output=counted.output,
        counted_seconds=counted.seconds,
        turns=counted.turns,
        input=counted.input * factor,
        output=counted.output * factor,
        usd=counted.usd * factor,
        apart=0.1 * agents,
    )
    return Recorded(run=str(number), harness="h", alike=("h",), cells=(measured,), counted_s=20, measured_s=20 * factor)


def expected(*scenarios: Scenario, runs: list[Recorded] | None = None) -> Forecast:
    found = forecast(scenarios or [scenario()], Learned(runs or [], COLD))
    assert found is not None
    return found


def test_cold_says_so_and_is_wide() -> None:
    cold = expected()
    assert cold.basis.text.startswith("no earlier run") and cold.usd is not None
    assert cold.usd.p90 > 4 * cold.usd.p10 and cold.usd.p10 < (scenario().cells[0].use.usd or 0) < cold.usd.p90


def test_warm_learns_the_factor_and_says_what_from() -> None:
    warm = expected(runs=[took(number, 3.0) for number in range(12)])
    assert warm.basis.text.startswith("learned from 120 agents of 12 earlier runs")
    for amount, counted in ((warm.input, 50_000), (warm.output, 5_000), (warm.minutes, 1 / 3)):
        assert amount.p10 < 3 * counted < amount.p90
        assert amount.p50 == pytest.approx(3 * counted, rel=0.15) and amount.p90 < 2 * amount.p10


def test_what_is_known_of_others_counts_in_part() -> None:
    runs = [took(number, 3.0, kind="find") for number in range(12)]
    same, other_kind, other_model = (
        expected(scenario(kind=kind, model=model), runs=runs).input.p50 / 50_000
        for kind, model in (("find", SONNET), ("judge", SONNET), ("judge", HAIKU))
    )
    assert 1.2 < other_model <= other_kind < same
    assert expected(scenario(model=HAIKU), runs=runs).basis.text.startswith("no earlier run")


def test_the_same_history_gives_the_same_forecast() -> None:
    runs = [took(number, 1 + number / 10) for number in range(6)]
    assert expected(runs=runs) == expected(runs=list(runs))


def test_runs_of_the_same_work_say_how_wide_it_gets() -> None:
    rehearsed = [scenario(agents) for agents in range(50, 60)]
    ways, widths = scenarios_of(rehearsed, [took(number, 1.0, 5) for number in range(20)], ["h"], COLD)
    found = forecast(ways, Learned([], COLD), widths=widths)
    assert found is not None and widths == 20
    assert found.agents == Range(5, 5, 5, 59)
    ways, widths = scenarios_of(rehearsed, [replace(took(1, 1.0, 5), whole=False)], ["h"], COLD)
    assert (len(ways), widths) == (10, 0)


def test_rehearsed_runs_in_which_all_were_lost_are_no_likely_ones() -> None:
    ways, _ = scenarios_of([replace(scenario(1), weight=0.0), scenario(9)], [], ["h"], COLD)
    assert [way.cells[0].agents for way in ways] == [9]
    ways, _ = scenarios_of([replace(scenario(1), weight=0.0)], [], ["h"], COLD)
    assert [way.cells[0].agents for way in ways] == [1]


def test_ranges_hold_eight_times_of_ten() -> None:
    held: list[bool] = []
    counted = [((SONNET, "find", "h"), 10, 50_000.0)]
    for spread, shared, drift in ((0.2, 0.6, 0.0), (0.6, 0.2, 0.0), (0.2, 0.0, 0.04)):
        for history in range(15):
            draw = random.Random(f"{history} {spread}")
            world = draw.gauss(0, shared)
            factors = [world + draw.gauss(0, spread) + drift * number for number in range(16)]
            runs = [took(number, math.exp(factor)) for number, factor in enumerate(factors)]
            for number in (4, 9, 15):
                fit = Learned(runs[:number], COLD).fit("input")
                off = (math.log(runs[number].cells[0].input) - fit.middle(counted)) / fit.deviation(counted)
                held.append(abs(off - fit.unsure.higher) < NORMAL.inv_cdf(0.9) * fit.unsure.wider)
    assert 0.71 <= fmean(held) <= 0.89  # 135 forecasts: within two and a half deviations of 80 %


def test_a_tree_knows_what_it_has_seen_best() -> None:
    seen = [Observation(run, ("m", "k", "h"), 1.0, 10, 1.0) for run in range(10)]
    tree = Tree(seen)
    places = [("m", "k", "h"), ("m", "k", "other"), ("m", "other", "h"), ("other", "k", "h")]
    factors = [tree.factor(place) for place in places]
    assert factors == sorted(factors, reverse=True) and factors[0] == pytest.approx(1.0, abs=0.1)
    draw = random.Random(1)
    apart = [pstdev([tree.sampler(draw)(place, 10) for _ in range(400)]) for place in places]
    assert apart == sorted(apart)
    assert [tree.deviation([(place, 10, 1.0)]) for place in places] == pytest.approx(apart, rel=0.1)
    both = [fmean(factor(place, 10) for place in places[1:3]) for factor in (tree.sampler(draw) for _ in range(800))]
    assert tree.deviation([(place, 10, 0.5) for place in places[1:3]]) == pytest.approx(pstdev(both), rel=0.1)


def test_a_wild_observation_bends_nothing_for_ever() -> None:
    wild = [took(0, 1e9), *(took(number, 1.0) for number in range(1, 30))]
    assert expected(runs=wild).input.p50 == pytest.approx(50_000, rel=0.6)


def test_quantiles_of_weighed_values() -> None:
    assert weighted_quantile([(1.0, 1.0)], 0.9) == 1.0
    assert weighted_quantile([(3.0, 1.0), (1.0, 1.0), (2.0, 1.0)], 0.5) == 2.0
    assert weighted_quantile([(0.0, 99.0), (1.0, 1.0)], 0.5) == pytest.approx(0.0, abs=0.02)


def test_nothing_to_do_costs_nothing() -> None:
    nothing = expected(Scenario((), Course(0.0, {})))
    assert nothing.free and nothing.agents.worst == 0 and nothing.minutes.worst == 0 and nothing.phases == ()
    assert forecast([], Learned([], COLD)) is None


def test_phases_add_up_and_a_missing_price_is_said() -> None:
    (first,), (second,) = scenario(10).cells, scenario(30, kind="judge", phase=None).cells
    both = expected(Scenario((first, second), Course(40.0, {"Find": 20.0, None: 20.0})))
    assert [(phase.phase, phase.agents.p50) for phase in both.phases] == [("Find", 10), (None, 30)]
    assert both.agents.p50 == 40 and both.phases[0].input.p50 < both.input.p50
    unpriced = expected(scenario(model="nobody:knows"))
    assert unpriced.usd is None and not unpriced.free and savings(unpriced, [SONNET]) == ()


def test_any_number_of_kinds_and_phases_is_forecast() -> None:
    def call(number: int) -> Call:
        asked = AgentCall(prompt="?", label=f"{'abcdefghij'[number % 10]}{number // 10 * 'x'}", phase=f"phase {number}")
        return Call(AgentRequest.resolve(number, asked, Settings(model=SONNET), None), "/0.0" * number)

    calls = [call(number) for number in range(60)]
    found = expected(scenario_of(calls, "h", COLD, at_once=4, config=None))
    assert found.agents.p50 == 60 and len(found.phases) == 41
    assert sum(phase.agents.p50 for phase in found.phases) == 60


def test_limits_of_a_provider_hold_a_run_up() -> None:
    requests = [AgentRequest.resolve(n, AgentCall(prompt="?"), Settings(model=SONNET), None) for n in range(3)]
    calls = [Call(request, f"/0.{request.id}") for request in requests]
    config = Config(models={SONNET: ModelConfig(requests_per_minute=1)})
    assert scenario_of(calls, "h", COLD, at_once=9, config=config).course.seconds == 180
    one, all_ = (Config(models={SONNET: ModelConfig(concurrency=cap)}) for cap in (1, 3))
    slow, fast = (scenario_of(calls, "h", COLD, at_once=9, config=config).course.seconds for config in (one, all_))
    assert slow == pytest.approx(3 * COLD.use(requests[0]).seconds, rel=0.01) and fast < slow / 1.5


def test_savings_name_the_cheapest_and_how_much_it_saves() -> None:
    (saving,) = savings(expected(), at_hand(SONNET))
    assert (saving.phase, saving.model, saving.instead) == ("Find", SONNET, HAIKU)
    assert 0.9 * saving.usd < saving.saved < saving.usd
    assert savings(expected(scenario(model=HAIKU)), at_hand(HAIKU)) == ()
    assert at_hand("offline") == at_hand("local:llama") == at_hand("nobody:knows-5") == ()
