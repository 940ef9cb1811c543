"""Spans and measures as a real receiver takes them, of runs that are over and of one that goes on."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command import weft
from receiver import Receiver, attributes, receiving
from running import resume_source, run_source

from weft.runtime.errors import UsageError
from weft.runtime.exporting.otlp import live

RUN = """
async def main(args):
    phase("Find")
    found = await parallel([agent(f"secret question {n}", label=f"find {n}") for n in range(2)])
    finding(found)
    phase("Report")
    return await agent("secret report", label="report", profile=None)
"""
RULES: list[dict[str, Any]] = [
    {"match": {"label": "find 0"}, "result": "secret answer", "latency": 2, "usage": {"input": 100, "output": 10}},
    {"match": {"label": "find 1"}, "lost": "provider", "latency": 5},
    {"match": {"label": "report"}, "result": "done", "latency": 1},
]


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture(autouse=True)
def emptied(receiver: Receiver) -> None:
    receiver.status, receiver.raw = 200, b""
    receiver.spans.clear()
    receiver.metrics.clear()


def test_a_run_that_is_over_is_sent_with_its_times(receiver: Receiver, tmp_path: Path) -> None:
    run_source(RUN, tmp_path, stub={"rules": RULES})
    done = weft(tmp_path, "export", "@last", "--format", "otlp", "--out", receiver.url, "--json")
    assert done.code == 0, done.err
    (root,) = receiver.named("invoke_workflow test")
    find, report = receiver.named("phase Find")[0], receiver.named("phase Report")[0]
    agents = [*receiver.named("invoke_agent Find"), *receiver.named("invoke_agent Report")]
    assert done.json["spans"] == len(receiver.spans) == 7  # with the one request whose cost was held
    assert {one.trace_id for one in receiver.spans} == {root.trace_id}
    assert find.parent_span_id == report.parent_span_id == root.span_id
    assert [one.parent_span_id for one in agents] == [find.span_id, find.span_id, report.span_id]
    seconds = [(one.end_time_unix_nano - one.start_time_unix_nano) / 1e9 for one in (root, *agents)]
    assert seconds == pytest.approx([6, 2, 5, 1])
    first, lost, last = map(attributes, agents)
    assert (first["gen_ai.usage.input_tokens"], first["gen_ai.operation.name"]) == (100, "invoke_agent")
    assert lost["error.type"] == "provider" and agents[1].status.code == 2
    assert {link.span_id for link in agents[2].links} == {agents[0].span_id, agents[1].span_id}
    assert attributes(root)["weft.run.health"] == "degraded" and last["weft.agent.label"] == "report"
    assert [event.name for event in root.events] == ["weft.finding"]
    assert b"secret" not in receiver.raw

    weft(tmp_path, "export", "@last", "--format", "otlp", "--out", receiver.url, "--content")
    assert b"secret answer" in receiver.raw and b"secret question" in receiver.raw
    again = receiver.named("invoke_workflow test")
    assert again[0].span_id == again[1].span_id and again[0].trace_id == again[1].trace_id


def test_requests_to_models_are_spans_of_their_own(receiver: Receiver, tmp_path: Path) -> None:
    model = "anthropic:claude-sonnet-5-5"
    run_source(
        "async def main(args):\n    await agent('x', label='find 0')\n", tmp_path, stub={"rules": RULES}, model=model
    )
    weft(tmp_path, "export", "@last", "--format", "otlp", "--out", receiver.url)
    (chat,) = receiver.named("chat claude-sonnet-5-5")
    (agent,) = receiver.named("invoke_agent agent")
    said = attributes(chat)
    assert chat.parent_span_id == agent.span_id and chat.kind == 3
    assert said["gen_ai.provider.name"] == "anthropic" and said["weft.cost.usd"] == pytest.approx(0.0003)
    assert said["gen_ai.usage.input_tokens"] == attributes(agent)["gen_ai.usage.input_tokens"] == 100


def test_each_execution_is_a_trace_with_a_link_to_the_one_before(receiver: Receiver, tmp_path: Path) -> None:
    done = run_source(RUN, tmp_path, stub={"rules": RULES})
    resume_source(done, tmp_path, stub={"rules": [*RULES[2:], {"match": {"label": "find 1"}, "result": "x"}]})
    weft(tmp_path, "export", "@last", "--format", "otlp", "--out", receiver.url)
    first, second = receiver.named("invoke_workflow test")
    assert [link.span_id for link in second.links] == [first.span_id]
    sources = [attributes(one)["weft.agent.source"] for one in receiver.named("invoke_agent Find")]
    assert sorted(sources) == ["cached", "live", "live", "live"]


def test_a_receiver_that_refuses_or_is_not_there_is_an_error(receiver: Receiver, tmp_path: Path) -> None:
    run_source(RUN, tmp_path, stub={"rules": RULES})
    receiver.status = 400
    done = weft(tmp_path, "export", "@last", "--format", "otlp", "--out", receiver.url.replace("//", "//me:secret@"))
    assert done.code == 1 and "has not taken" in done.err and "0 of 7" in done.err and "secret" not in done.err


def test_a_run_that_goes_on_sends_spans_and_measures(receiver: Receiver, tmp_path: Path) -> None:
    (tmp_path / "h.py").write_text(RUN)
    (tmp_path / "stub.json").write_text(json.dumps({"rules": RULES}))
    words = ("run", "h.py", "--agents", "stub:stub.json", "--virtual-time", "--yes")
    done = weft(tmp_path, *words, "--otel", OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url)
    assert done.code == 4, done.err
    assert len(receiver.spans) == 7 and receiver.named("invoke_workflow h")
    (losses,) = receiver.metrics["weft.losses"].sum.data_points
    assert losses.as_int == 1 and attributes(losses)["error.type"] == "provider"
    states: Counter[str] = Counter()
    for point in receiver.metrics["weft.agents"].sum.data_points:
        states[attributes(point)["state"]] += point.as_int
    assert states == {"queued": 0, "done": 2, "lost": 1}
    assert sum(one.count for one in receiver.metrics["gen_ai.invoke_agent.duration"].histogram.data_points) == 3


def test_off_it_costs_nothing_and_missing_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http.trace_exporter"):
        monkeypatch.setitem(sys.modules, name, None)  # whoever imports it is told that it is not there
    with live(False) as watchers:
        assert watchers == ()
    with pytest.raises(UsageError, match="not installed"), live(True):
        pass
