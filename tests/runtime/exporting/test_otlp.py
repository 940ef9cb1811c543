"""Spans and measures as a real receiver takes them, of runs that are over and of one that goes on."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anthropic_server import error, text, tool
from command import weft
from models import Serve, answers, run_model, serve
from receiver import Receiver, attributes, receiving
from running import resume_source, run_source

from weft.runtime.errors import RuntimeFailure, UsageError
from weft.runtime.exporting import otlp
from weft.runtime.exporting.conventions import ATTRIBUTES, EVALUATION, EVENT, INSTRUMENTS
from weft.runtime.exporting.otlp import live, send
from weft.runtime.exporting.said import for_viewers

__all__ = ["serve"]

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
    receiver.status, receiver.rejected, receiver.raw = 200, 0, b""
    receiver.spans.clear()
    receiver.metrics.clear()


def follows_the_conventions(receiver: Receiver) -> None:
    """Hold all that was received against the tables of names."""
    for span in receiver.spans:
        said = attributes(span)
        operation = said.pop("gen_ai.operation.name", None)
        assert (operation or "phase") == span.name.split()[0]
        ours = {name for name in said if name.startswith("weft.")}
        assert {*said} - ours <= ATTRIBUTES.get(operation, frozenset())
        for event in span.events:
            assert event.name.startswith("weft.") or (event.name == EVENT and {*attributes(event)} <= EVALUATION)
    for name, metric in receiver.metrics.items():
        if name.startswith("weft."):
            continue
        known = INSTRUMENTS[name]
        assert (metric.unit, metric.HasField("histogram")) == (known.unit, known.kind == "histogram")
        points = [*metric.histogram.data_points, *metric.sum.data_points]
        assert points and all({*attributes(point)} <= known.attributes for point in points)
        if known.buckets:
            assert all(tuple(point.explicit_bounds) == known.buckets for point in points)


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


def test_viewers_that_read_other_names_have_these_too(receiver: Receiver, tmp_path: Path) -> None:
    stub = {"default": {"result": "x", "usage": {"input": 100, "output": 10}}}
    source = "async def main(args):\n    phase('Read')\n    return await agent('x')\n"
    run_source(source, tmp_path, stub=stub, model="anthropic:claude-sonnet-5-5")
    words = ("export", "@last", "--format", "otlp", "--out", receiver.url)
    (tmp_path / "weft.toml").write_text('[otel]\ncompat = ["langfuse", "openinference"]\n')
    assert weft(tmp_path, *words).code == 0
    said = {span.name.split()[0]: attributes(span) for span in receiver.spans}
    kinds = {name: one["openinference.span.kind"] for name, one in said.items()}
    assert kinds == {"invoke_workflow": "CHAIN", "phase": "CHAIN", "invoke_agent": "AGENT", "chat": "LLM"}
    chains = {name for name, one in said.items() if one.get("langfuse.observation.type") == "chain"}
    assert chains == {"invoke_workflow", "phase"}
    chat = said["chat"]
    assert chat["gen_ai.usage.cost"] == chat["weft.cost.usd"] > 0
    assert [name for name, one in said.items() if "gen_ai.usage.cost" in one] == ["chat"]
    wrote = {"gen_ai.operation.name": "chat", "weft.cost.usd": 0.1, "gen_ai.usage.cache_write.input_tokens": 60}
    assert for_viewers(wrote, ["langfuse"])["gen_ai.usage.cache_creation.input_tokens"] == 60
    (tmp_path / "weft.toml").write_text('[otel]\ncompat = ["phoenix"]\n')
    refused = weft(tmp_path, *words)
    assert refused.code == 2 and "'langfuse' or 'openinference'" in refused.err


def test_what_an_agent_asked_and_read_is_below_it(receiver: Receiver, tmp_path: Path, serve: Serve) -> None:
    (tmp_path / "a.md").write_text("three\n")
    read, wrong = tool("read_file", {"path": "a.md"}), tool("read_file", {"path": "../b.md"})
    busy = error(529, "overloaded_error", "busy")
    serve(answers(busy, read, busy, wrong, text("three", input_tokens=40)))
    done = run_model(tmp_path, folders=(tmp_path,))
    send(done.folder.events(), named=receiver.url)
    follows_the_conventions(receiver)
    (agent,) = receiver.named("invoke_agent agent")
    chats, reads = receiver.named("chat claude-sonnet-5-5"), receiver.named("execute_tool read_file")
    assert {one.parent_span_id for one in [*chats, *reads]} == {agent.span_id}
    said = [attributes(one) for one in chats]
    assert [one.get("error.type") for one in said] == ["529", None, "529", None, None]
    assert [one.get("weft.request.resent") for one in said] == [None, 1, None, 1, None]
    links = [[link.span_id for link in one.links] for one in chats]
    assert links == [[], [chats[0].span_id], [], [chats[2].span_id], []]
    ends = [one["gen_ai.response.finish_reasons"].values[0].string_value for one in said]
    assert ends == ["error", "tool_call", "error", "tool_call", "stop"]
    last = said[-1]
    assert last["gen_ai.response.id"] and last["gen_ai.response.model"] and last["gen_ai.request.stream"]
    assert (last["gen_ai.provider.name"], last["gen_ai.usage.input_tokens"]) == ("anthropic", 40)
    assert [attributes(one).get("error.type") for one in reads] == [None, "ToolRefused"]
    times = [(one.start_time_unix_nano, one.end_time_unix_nano) for one in [agent, *chats, *reads]]
    assert all(times[0][0] <= began <= ended <= times[0][1] for began, ended in times)


def test_a_vote_is_an_evaluation_of_what_it_had_before_it(receiver: Receiver, tmp_path: Path) -> None:
    source = """
async def main(args):
    claim = await agent("find", label="find")
    return await verify(claim, lenses=["one"], quorum=1)
"""
    vote = {"verdict": "refuted", "reason": "the secret reason", "evidence": []}
    rules = [{"match": {"label": "^find$"}, "result": "a claim"}, {"match": {}, "result": vote}]
    run_source(source, tmp_path, stub={"rules": rules})
    weft(tmp_path, "export", "@last", "--format", "otlp", "--out", receiver.url)
    follows_the_conventions(receiver)
    find, judge = receiver.named("invoke_agent agent")
    assert [(link.span_id, attributes(link)["weft.link"]) for link in judge.links] == [(find.span_id, "judges")]
    (event,) = judge.events
    assert attributes(event)["gen_ai.evaluation.score.label"] == "refuted"
    assert attributes(event)["gen_ai.evaluation.score.value"] == 0.0
    assert b"secret" not in receiver.raw


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
    printed = weft(tmp_path, "export", "@last", "--format", "otlp", "--out", "-")
    assert printed.code == 2 and "- is no address of a receiver" in printed.err
    for receiver.status in (302, 307):
        assert weft(tmp_path, "export", "@last", "--format", "otlp", "--out", receiver.url).code == 1
    receiver.status, receiver.endless = 200, True
    assert weft(tmp_path, "export", "@last", "--format", "otlp", "--out", receiver.url).code == 0
    receiver.rejected, receiver.endless = 3, False
    with pytest.raises(RuntimeFailure, match="has not taken") as failed:
        send(run_source(RUN, tmp_path, stub={"rules": RULES}).folder.events(), named=receiver.url)
    assert "4 of 7" in str(failed.value.meaning)


@pytest.mark.parametrize(("state", "taken"), [("hangs", 0), ("429", 0), ("rejects", 4), ("away", 0)])
def test_a_run_does_not_wait_for_a_receiver(
    state: str,
    taken: int,
    receiver: Receiver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(otlp, "PATIENCE", 0.2)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9" if state == "away" else receiver.url)
    receiver.status, receiver.rejected = (429 if state == "429" else 200), (3 if state == "rejects" else 0)
    if state == "hangs":
        receiver.hangs.clear()
    try:
        with live(True) as watchers:
            done = run_source(RUN, tmp_path, stub={"rules": RULES}, watchers=watchers)
    finally:
        receiver.hangs.set()
    assert done.state.outcome == "completed"
    (warning,) = [one.getMessage() for one in caplog.records if one.name.startswith("weft")]
    assert f"has taken {taken} of 7 spans" in warning


def test_what_was_sent_live_is_the_same_afterwards(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    with live(True) as watchers:
        done = run_source(RUN, tmp_path, stub={"rules": RULES}, watchers=watchers)
    follows_the_conventions(receiver)
    alive = {one.span_id: (one.trace_id, one.start_time_unix_nano, one.end_time_unix_nano) for one in receiver.spans}
    receiver.spans.clear()
    assert send(done.folder.events(), named=receiver.url) == len(alive)
    later = {one.span_id: (one.trace_id, one.start_time_unix_nano, one.end_time_unix_nano) for one in receiver.spans}
    assert later == alive


@pytest.mark.parametrize(("said", "joins"), [("00-" + "ab" * 16 + "-" + "cd" * 8 + "-01", True), ("nonsense", False)])
def test_a_run_stands_below_the_span_that_the_environment_names(
    said: str, joins: bool, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    monkeypatch.setenv("TRACEPARENT", said)
    with live(True) as watchers:
        run_source(RUN, tmp_path, stub={"rules": RULES}, watchers=watchers)
    (root,) = receiver.named("invoke_workflow test")
    assert (root.parent_span_id, root.trace_id == b"\xab" * 16) == (b"\xcd" * 8 if joins else b"", joins)
    assert {one.trace_id for one in receiver.spans} == {root.trace_id}


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
    assert states == {"queued": 0, "running": 0, "done": 2, "lost": 1}
    assert sum(one.count for one in receiver.metrics["gen_ai.invoke_agent.duration"].histogram.data_points) == 3


def test_off_it_costs_nothing_and_missing_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("opentelemetry.sdk.trace", "opentelemetry.metrics", "weft.runtime.exporting.tracing"):
        monkeypatch.setitem(sys.modules, name, None)  # whoever imports it is told that it is not there
    with live(False) as watchers:
        assert watchers == ()
    with pytest.raises(UsageError, match="not installed"), live(True):
        pass
