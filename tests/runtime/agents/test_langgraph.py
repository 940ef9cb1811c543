"""Graphs of the real LangGraph as agents, and a harness as a node of one."""

import asyncio
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from running import run_source
from unconfined import without_processes

from weft.primitives.lost import Spent
from weft.runtime.agents.adapters.functions import from_function
from weft.runtime.agents.adapters.graphs import from_langgraph
from weft.runtime.errors import RuntimeFailure
from weft.runtime.execution.node import as_langgraph_node
from weft.runtime.execution.run import Run
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import parse_harness
from weft.runtime.settings import Settings

pytestmark = pytest.mark.slow

ONE = 'async def main(args):\n    return await agent("How many?", **(args or {}))\n'


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


def graph(*answers: Any, **options: Any) -> Any:
    """Return a graph with one node, which gives these answers in turn."""
    from langchain_core.messages import AIMessage
    from langgraph.graph import END, START, StateGraph
    from langgraph.graph.message import add_messages

    class State(TypedDict):
        messages: Annotated[list[Any], add_messages]

    left = list(answers)

    async def answering(state: Any) -> Any:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        usage = {"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100}
        return {"messages": [AIMessage(answer, usage_metadata=usage)]}

    building = StateGraph(State)
    building.add_node("answering", answering)
    building.add_edge(START, "answering")
    building.add_edge("answering", END if len(answers) < 9 else "answering")
    return building.compile(**options)


def chain(node: Any, **options: Any) -> Any:
    """Return a graph with this node alone."""
    from langgraph.graph import START, MessagesState, StateGraph

    building = StateGraph(MessagesState)
    building.add_node("node", node)
    building.add_edge(START, "node")
    return building.compile(**options)


def only(done: Run) -> Any:
    (agent,) = done.state.agents.values()
    return agent


def test_a_graph_answers_is_asked_again_and_what_its_messages_tell_counts(tmp_path: Path) -> None:
    from langgraph.checkpoint.memory import InMemorySaver

    agents = from_langgraph(
        graph("many", 'It is {"n": 5}.', checkpointer=InMemorySaver()), model="anthropic:claude-sonnet-4-5"
    )
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    done = run_source(ONE, tmp_path, agents=agents, args={"schema": schema})
    assert done.state.ended is not None
    assert done.state.ended.result == {"n": 5}
    assert done.state.spent == Spent(2000, 200, pytest.approx(0.009))
    human, said = only(done).finished.transcript
    assert human["part"] == "human"
    assert "Your last answer did not fit" in human["content"]
    assert said == {"part": "ai", "content": 'It is {"n": 5}.'}


class Limited(Exception):
    status_code = 429


def test_failures_of_a_graph_are_typed(tmp_path: Path) -> None:
    done = run_source(ONE, tmp_path / "a", agents=from_langgraph(graph(Limited("slowly"), "two")))
    assert only(done).finished.value == "two"
    endless = from_langgraph(graph(*(["again"] * 99)), config={"recursion_limit": 5})
    assert only(run_source(ONE, tmp_path / "b", agents=endless)).lost.cause == "stopped"
    broken = from_langgraph(graph(KeyError("state")))
    assert only(run_source(ONE, tmp_path / "c", agents=broken)).lost.cause == "crashed"


def test_a_graph_that_waits_for_a_person_is_lost_and_says_so(tmp_path: Path) -> None:
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.types import interrupt

    agents = from_langgraph(graph("x", checkpointer=InMemorySaver(), interrupt_before=["answering"]))
    lost = only(run_source(ONE, tmp_path / "a", agents=agents)).lost
    assert (lost.cause, lost.message) == ("stopped", "the graph ended before anybody in it answered")

    def asking(_: Any) -> Any:
        return interrupt("Which one?")

    agents = from_langgraph(chain(asking, checkpointer=InMemorySaver()))
    lost = only(run_source(ONE, tmp_path / "b", agents=agents)).lost
    assert lost.cause == "stopped"
    assert lost.message.startswith("the graph waits for a person: ")
    assert "Which one?" in lost.message


def test_any_runnable_is_asked_in_the_way_that_is_given(tmp_path: Path) -> None:
    from langchain_core.runnables import RunnableLambda

    number = {"schema": {"type": "integer"}}
    doubled = from_langgraph(
        RunnableLambda(lambda words: {"length": 2 * len(words)}),
        given=lambda request: request.prompt,
        answer=lambda came: came["length"],
    )
    assert only(run_source(ONE, tmp_path, agents=doubled, args=number)).finished.value == 18


def noded(tmp_path: Path, source: str, agents: Any) -> Any:
    from langgraph.graph import END, START, StateGraph

    class State(TypedDict):
        topic: str
        result: Any

    node = as_langgraph_node(
        parse_harness(source, name="h", filename="h.py"),
        Settings(),
        Project(tmp_path / ".weft"),
        agents=agents,
        args=lambda s: s["topic"],
    )
    building = StateGraph(State)
    building.add_node("harness", node)
    building.add_edge(START, "harness")
    building.add_edge("harness", END)
    return asyncio.run(building.compile().ainvoke({"topic": "bees"}))


def test_a_harness_is_a_node_of_a_graph(tmp_path: Path) -> None:
    source = 'async def main(args):\n    return await parallel([agent(f"{i} {args}") for i in range(3)])\n'
    came = noded(tmp_path, source, from_function(lambda context, prompt: prompt.upper()))
    assert came == {"topic": "bees", "result": ["0 BEES", "1 BEES", "2 BEES"]}


def test_a_run_that_fails_fails_its_node(tmp_path: Path) -> None:
    with pytest.raises(RuntimeFailure, match=r"ZeroDivisionError"):
        noded(tmp_path, "async def main(args):\n    return 1 / 0\n", from_function(lambda context, prompt: 1))
