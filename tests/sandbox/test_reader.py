"""The reader of the host: whatever a child sends becomes messages of the protocol, or one kind of error."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import nullcontext
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.primitives.calls import UNLIMITED, AgentCall, NoteKind, Question, ToolCall
from weft.sandbox.errors import ProtocolViolation
from weft.sandbox.protocol import (
    CallAgent,
    CallHost,
    CallWorkflow,
    Cancel,
    ChildMessage,
    Failed,
    FanOutBegan,
    FanOutEnded,
    Finished,
    Idle,
    Limits,
    Ready,
    Result,
    Say,
    encode,
)
from weft.sandbox.reader import Reader

READY = encode(Ready(walls=("limits",)))
CALL = CallAgent(id=0, path="/0.0", line=3, agent=AgentCall(prompt="x", schema={"type": "string"}, tools=("t",)))
IDLE = encode(Idle())


def say(kind: str, data: object, path: str = "") -> bytes:
    return json.dumps({"type": "say", "kind": kind, "path": path, "line": None, "data": data}).encode() + b"\n"


def verdict(**given: object) -> dict[str, object]:
    whole = {"outcome": "survives", "votes": [["supported", False]], "quorum": 1, "veto": True, "sides": 1}
    return {**whole, **given}


def call(**fields: object) -> bytes:
    agent = {"prompt": "x", **fields.pop("agent", {})}  # type: ignore[dict-item]
    return json.dumps({"type": "call_agent", "id": 0, "path": "", "line": 1, "agent": agent, **fields}).encode() + b"\n"


def host_call(**given: object) -> bytes:
    return json.dumps({"type": "call_host", "id": 0, "path": "", "line": 1, "call": given}).encode() + b"\n"


ASKED = {"text": "Go on?", "default": "no", "timeout": 5.0, "choices": ["yes", "no"]}


def workflow(**fields: object) -> bytes:
    asked = {"type": "call_workflow", "id": 0, "path": "", "line": 1, "name": "w", "args": None, "chain": [], **fields}
    return json.dumps(asked).encode() + b"\n"


def began(path: str = "/0", **fields: object) -> bytes:
    message = {"type": "fan_out_began", "path": path, "line": 1, "kind": "parallel", "width": 4, **fields}
    return json.dumps(message).encode() + b"\n"


def ended(path: str = "/0", **fields: object) -> bytes:
    return json.dumps({"type": "fan_out_ended", "path": path, **fields}).encode() + b"\n"


def hear(data: bytes, limits: Limits | None = None, chunks: Sequence[int] = ()) -> list[ChildMessage]:
    """Return what a reader makes of these bytes, cut into chunks of these sizes."""
    reader = Reader(limits or Limits())
    heard = []
    for size in [*chunks, len(data)]:
        chunk, data = data[:size], data[size:]
        reader.feed(chunk)
        while (message := reader.next()) is not None:
            heard.append(message)
    return heard


class TestWhatIsNoMessage:
    @pytest.mark.parametrize(
        "line",
        [
            b"nonsense\n",
            b"\n",
            b"null\n",
            b"{}\n",
            b"\xff\xfe\n",
            b'{"type":"idle","extra":1}\n',
            b'{"type":["idle"]}\n',
            b'{"type":"finished"}\n',
            b'{"type":"finished","value":NaN}\n',
            b'{"type":"finished","value":1e999}\n',
            b'{"type":"finished","value":"\\ud800"}\n',
            b'{"type":"finished","value":{"\\ud800":1}}\n',
            b'{"type":"finished","value":"\xff"}\n',
            b'{"type":"finished","value":' + b"[" * 300 + b"]" * 300 + b"}\n",
            b'{"type":"finished","value":' + b"[" * 90 + b"]" * 90 + b"}\n",
            b'{"type":"finished","value":' + b"[" * 1_000_000 + b"\n",
            b'{"type":"finished","value":1' + b"0" * 5000 + b"}\n",
            b'{"type":"failed","kind":"bored","message":"","line":null,"trace":[]}\n',
            b'{"type":"failed","kind":"cpu","message":"","line":0,"trace":[]}\n',
            b'{"type":"call_workflow","id":0,"path":"","line":null,"name":1,"args":null,"chain":[]}\n',
            call(id=True),
            call(id="0"),
            call(id=0.0),
            call(line=-1),
            call(line=10**9),
            call(path=None),
            call(path="/" + "1" * 5000 + ".0"),
            call(path="/0.0" * 300),
            call(path="/0.0" * 100_000),
            call(path="0.0"),
            call(path="/0.\u0663"),
            began(path="/0.0@1/x"),
            say("log", "", path="/0.0.0"),
            workflow(chain=["w"] * 300),
            workflow(chain=["w" * 5000]),
            call(slice="0"),
            workflow(budget=0),
            workflow(budget=1.5),
            workflow(budget=float("nan")),
            workflow(budget="half"),
            call(agent={"timeout": -1}),
            call(agent={"timeout": float("nan")}),
            call(agent={"max_tokens": 0}),
            call(agent={"retries": -1}),
            call(agent={"effort": "huge"}),
            call(agent={"prompt": ["x"]}),
            call(agent={"prompt": "\ud800"}),
            call(agent={"schema": []}),
            call(agent={"tools": "all"}),
            host_call(),
            host_call(name="list_files"),
            host_call(name="read_file", arguments={}),
            host_call(name="read_file", arguments={"path": ["a"]}),
            host_call(name="read_file", arguments={"path": "\ud800"}),
            host_call(name="list_files", arguments={"pattern": "", "more": 1}),
            host_call(name="list_files", arguments={}, **ASKED),
            host_call(**{**ASKED, "default": "perhaps"}),
            host_call(**{**ASKED, "default": None}),
            host_call(**{**ASKED, "timeout": 0}),
            host_call(**{**ASKED, "timeout": float("inf")}),
            host_call(**{**ASKED, "choices": "yes"}),
            host_call(**{**ASKED, "text": "\ud800"}),
            say("shout", 1),
            say("log", 1),
            say("log", None),
            say("log", "\ud800"),
            say("phase", ["Find"]),
            say("finding", "\ud800"),
            say("understood", {"count": 2, "of": 1, "what": "files", "hint": ""}),
            say("understood", {"count": False, "of": True, "what": "files", "hint": ""}),
            say("understood", {"count": 0, "of": 1, "what": "files", "hint": "\ud800"}),
            say("understood", {"count": 0, "of": 1, "what": "files"}),
            say("loop", {"helper": "until_dry", "ended": "target", "rounds": 1}),
            say("loop", {"helper": "until_ever", "ended": "cap", "rounds": 1}),
            say("loop", {"helper": "until_dry", "ended": "cap", "rounds": -1}),
            say("loop", {"helper": "until_dry", "ended": "cap", "rounds": True}),
            say("loop", {"helper": "until_dry", "ended": "cap", "rounds": 1, "more": 1}),
            say("loop", {"helper": "until_dry", "ended": "cap"}),
            say("loop", {"helper": "until_dry", "ended": "cap", "rounds": 1, "found": -1}),
            say("loop", {"helper": "until_dry", "ended": "cap", "rounds": 1, "free": True, "found": 1}),
            say("round", {"helper": "until_dry", "number": 0}),
            say("round", {"helper": "until_ever", "number": 1}),
            say("round", {"helper": "until_dry", "number": 2, "found": True}),
            say("round", {"helper": "until_dry", "number": 2, "found": 1, "more": 1}),
            say("verdict", verdict(outcome="true")),
            say("verdict", verdict(votes=[["maybe", False]])),
            say("verdict", verdict(votes=[["supported", 1]])),
            say("verdict", verdict(votes=[])),
            say("verdict", verdict(votes=[["supported", False]] * 3)),
            say("verdict", verdict(quorum=2)),
            say("verdict", verdict(quorum=True)),
            say("verdict", verdict(more=1)),
            say("raised", "boom"),
            say("raised", {"index": 0}),
            say("raised", {"index": "0", "message": "boom"}),
            say("raised", {"index": True, "message": "boom"}),
            say("raised", {"index": 0, "message": None}),
            say("raised", {"index": 0, "message": "boom", "more": 1}),
            began(width=0),
            began(width=4097),
            began(agents=5),
            began(agents=-1),
            began(quorum=0),
            began(quorum=5),
            began(kind="race"),
            began(line=0),
            began() + ended(lost=[4]),
            began() + ended(lost=[-1]),
            began() + ended(lost=[1, 1]),
            began() + ended(lost=[2, 1]),
            began() + ended(lost=[1], cancelled=[1]),
            began() + ended(dropped=[True]),
        ],
        ids=lambda line: line[:70].decode("latin-1").strip(),
    )
    def test_ends_the_child(self, line: bytes) -> None:
        with pytest.raises(ProtocolViolation, match="not a message"):
            hear(READY + line)

    def test_calls_of_the_host_are_messages(self) -> None:
        _, tool = hear(READY + host_call(name="read_file", arguments={"path": "a.md"}))
        _, asked = hear(READY + host_call(**ASKED))
        assert isinstance(tool, CallHost) and tool.call == ToolCall("read_file", {"path": "a.md"})
        assert isinstance(asked, CallHost) and asked.call == Question("Go on?", "no", 5.0, ("yes", "no"))

    def test_half_a_message_is_none_yet(self) -> None:
        assert hear(READY + b'{"type":"idle"') == [Ready(walls=("limits",))]


class TestWhatComesOutOfTurn:
    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (IDLE, "idle before it was ready"),
            (encode(Finished(value=1)), "finished before it was ready"),
            (READY + READY, "ready twice"),
            (READY + call(id=1), "call 1 where call 0 is next"),
            (READY + call() + call(), "call 0 where call 1 is next"),
            (READY + encode(Cancel(id=0)), "call 0, which is not open"),
            (READY + call() + encode(Cancel(id=0)) * 2, "call 0, which is not open"),
            (READY + call() + encode(Cancel(id=-1)), "call -1, which is not open"),
            (READY + IDLE, "no call is open"),
            (READY + call(slice=0), "the slice of call 0, which has none"),
            (READY + call() + call(id=1, slice=0), "the slice of call 0, which has none"),
            (READY + workflow(budget=0.5) + call(id=1, slice=0), "the slice of call 0, which has none"),
            (READY + call() + encode(Cancel(id=0)) + IDLE, "no call is open"),
            (READY + began() + began(), "a fan-out that has begun before"),
            (READY + began() + ended() + began(), "a fan-out that has begun before"),
            (READY + ended(), "the end of a fan-out that is not open"),
            (READY + began() + ended() + ended(), "the end of a fan-out that is not open"),
        ],
    )
    def test_ends_the_child(self, data: bytes, said: str) -> None:
        with pytest.raises(ProtocolViolation, match=said):
            hear(data)

    def test_a_message_in_the_turn_of_the_host(self) -> None:
        reader = Reader(Limits())
        reader.feed(READY + IDLE)
        assert isinstance(reader.next(), Ready)
        with pytest.raises(ProtocolViolation, match="out of turn"):
            reader.host_speaks()

    def test_a_call_is_open_until_the_turn_after_its_answer(self) -> None:
        """A child may cancel a call whose answer came in the same breath as the one that made it superfluous."""
        reader = Reader(Limits())
        reader.feed(READY + call() + call(id=1) + IDLE)
        while reader.next():
            pass
        reader.host_speaks([Result(id=0), Result(id=1)])
        reader.feed(encode(Cancel(id=1)) + IDLE)
        assert reader.next() == Cancel(id=1)
        with pytest.raises(ProtocolViolation, match="no call is open"):
            reader.next()

    def test_a_slice_can_be_drawn_on_once_its_call_is_answered(self) -> None:
        reader = Reader(Limits())
        reader.feed(READY + workflow(budget=0.5) + IDLE)
        while reader.next():
            pass
        reader.host_speaks([Result(id=0, slices=(UNLIMITED,))])
        reader.feed(call(id=1, slice=0) + call(id=2, slice=1))
        assert isinstance(reader.next(), CallAgent)
        with pytest.raises(ProtocolViolation, match="the slice of call 1, which has none"):
            reader.next()

    def test_a_saved_harness_has_a_slice_where_the_host_says_so(self) -> None:
        """Its own BUDGET opens one too, of which the child that calls it knows nothing."""
        for slices, allowed in (((), False), ((UNLIMITED,), True)):
            reader = Reader(Limits())
            reader.feed(READY + workflow() + IDLE)
            while reader.next():
                pass
            reader.host_speaks([Result(id=0, slices=slices)])
            reader.feed(call(id=1, slice=0))
            with nullcontext() if allowed else pytest.raises(ProtocolViolation, match="which has none"):
                assert isinstance(reader.next(), CallAgent)


class TestWhatIsTooMuch:
    @pytest.mark.parametrize(
        ("data", "limits", "said"),
        [
            (b"x" * 5000, Limits(frame_bytes=1000), "a message of more than 1000 bytes"),
            (say("log", "x" * 5000), Limits(frame_bytes=1000), "a message of more than 1000 bytes"),
            (say("log", "x") * 100, Limits(total_bytes=1000), "more than 1000 bytes"),
            (say("log", "x") * 100, Limits(notes=99), "more than 99 notes"),
            (say("log", "x" * 500) * 3, Limits(note_bytes=1000), "of more than 1,000 bytes together"),
            (call() + call(id=1) + call(id=2), Limits(calls=2), "more than 2 calls"),
            (began() + ended() + began("/1") + began("/2"), Limits(branches=8), "more than 8 branches"),
        ],
    )
    def test_ends_the_child(self, data: bytes, limits: Limits, said: str) -> None:
        with pytest.raises(ProtocolViolation, match=said):
            hear(READY + data, limits)


TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=4), inside, max_size=3),
    max_leaves=8,
)
PLAIN = st.none() | st.booleans() | st.integers(-9, 9) | TEXT | st.lists(st.integers(-9, 9), max_size=3)
PATH = st.sampled_from(["", "/0", "/0.1", "/0.1@2/3", "/0.1@2/3.4"]) | TEXT
LINE = st.none() | st.integers(1, 99)
INDICES = st.lists(st.integers(0, 5), max_size=3).map(tuple)
VALID = st.one_of(
    st.just(Idle()),
    st.builds(Ready, walls=st.just(("limits", "landlock"))),
    st.builds(CallAgent, id=st.integers(0, 3), path=PATH, line=LINE, agent=st.builds(AgentCall, prompt=TEXT)),
    st.builds(CallWorkflow, id=st.integers(0, 3), path=PATH, line=LINE, name=TEXT, args=PLAIN, chain=st.tuples(TEXT)),
    st.builds(Cancel, id=st.integers(0, 3)),
    st.builds(FanOutBegan, path=PATH, line=LINE, kind=st.just("pipeline"), width=st.integers(0, 5)),
    st.builds(FanOutEnded, path=PATH, lost=INDICES, dropped=INDICES, cancelled=INDICES),
    st.builds(Say, kind=st.sampled_from(get_args(NoteKind)), path=PATH, line=LINE, data=PLAIN),
    st.builds(Finished, value=PLAIN),
    st.builds(Failed, kind=st.just("script"), message=TEXT, line=LINE, trace=st.tuples(TEXT)),
).map(encode)
FORGED = st.dictionaries(
    st.sampled_from(["type", "id", "path", "line", "agent", "kind", "data", "value", "walls"]),
    st.sampled_from(["idle", "say", "call_agent", "cancel", "finished", "log", "raised"]) | JSON,
).map(lambda message: json.dumps(message).encode() + b"\n")


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(VALID))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    return bytes(data)


SENT = st.lists(VALID | FORGED | mutated() | st.binary(max_size=20), max_size=8).map(b"".join)


def outcome(data: bytes, chunks: Sequence[int] = ()) -> tuple[list[ChildMessage], bool]:
    reader, heard = Reader(Limits(frame_bytes=500, notes=3, calls=3)), []
    try:
        for size in [*chunks, len(data)]:
            chunk, data = data[:size], data[size:]
            reader.feed(chunk)
            while (message := reader.next()) is not None:
                heard.append(message)
    except ProtocolViolation:
        return heard, False
    return heard, True


@given(data=SENT | SENT.map(READY.__add__))
def test_any_bytes_become_messages_or_a_violation(data: bytes) -> None:
    heard, _ = outcome(data)
    assert all(isinstance(message, get_args(ChildMessage)) for message in heard)
    for message in heard:  # what the host may keep, it can write down
        json.dumps(message, default=repr, allow_nan=False).encode()


@given(data=SENT.map(READY.__add__), chunks=st.lists(st.integers(0, 9), max_size=40))
def test_it_does_not_matter_how_the_bytes_arrive(data: bytes, chunks: list[int]) -> None:
    assert outcome(data, chunks) == outcome(data)
