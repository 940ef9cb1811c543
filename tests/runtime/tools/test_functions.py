"""Functions of Python as tools: what models are told of them, and what a call of one comes to."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import anyio
import pytest
from acting import bare
from pydantic import BaseModel

from weft.runtime.errors import UsageError
from weft.runtime.project.config import Config, read_config
from weft.runtime.request import AgentRequest
from weft.runtime.tools.added import registry_of
from weft.runtime.tools.allowed import Allowed
from weft.runtime.tools.folders import Folders
from weft.runtime.tools.functions import acts, as_tool
from weft.runtime.tools.listing import Listed, listed
from weft.runtime.tools.registry import NotAllowed, Unavailable
from weft.runtime.tools.tool import Calling, Tool
from weft.runtime.tools.toolbox import Toolbox

ALL = Allowed(("*",))


class Point(BaseModel):
    x: int
    names: list[str] = []


@acts("reads")
def count(text: str, times: int = 1) -> dict[str, int]:
    """Count words.

    Args:
        text: What to count.
        times: How often.
    """
    return {"words": len(text.split()) * times}


async def send(point: Point, idempotency_key: str, at: int | None = None) -> str:
    """Send a point."""
    return f"{point.x} {point.names} {idempotency_key[:4]} {at}"


def whole(point: Point) -> Point:
    return Point(x=point.x + 1)


def given(text: str, *more: str) -> None: ...


def unknown(text: object) -> object:
    return object()


def more(first: int, **others: int) -> Any:
    return [first, others]


def called(function: Any, **arguments: Any) -> str:
    tool = function if isinstance(function, Tool) else as_tool(function)
    request = AgentRequest(id=1, prompt="?", model="offline", tools=(), timeout=None, retries=0, identity="r:1")
    box = Toolbox((tool,), ALL, Calling(request=request, folders=Folders(())))
    return bare(anyio.run(lambda: box.call(tool, arguments)))


class TestWhatModelsAreTold:
    def test_of_annotations_and_docstring(self) -> None:
        tool = as_tool(count)
        assert (tool.name, tool.acts, tool.description) == ("count", "reads", "Count words.")
        assert tool.parameters["properties"]["text"] == {"type": "string", "description": "What to count."}
        assert tool.parameters["required"] == ["text"]
        assert tool.parameters["additionalProperties"] is False

    def test_the_key_is_no_parameter(self) -> None:
        tool = as_tool(send)
        assert tool.acts == "manual"
        assert [*tool.parameters["properties"]] == ["point", "at"]
        assert tool.parameters["required"] == ["point"]

    @pytest.mark.parametrize("function", [given, lambda: 1, print])
    def test_what_cannot_be_a_tool_is_refused(self, function: Any) -> None:
        with pytest.raises(UsageError, match="cannot be a tool"):
            as_tool(function)


class TestACall:
    @pytest.mark.parametrize(
        ("function", "arguments", "told"),
        [
            (count, {"text": "a b", "times": 2}, '{"words": 4}'),
            (count, {"text": "a b", "times": None}, '{"words": 2}'),
            (whole, {"x": 3}, '{"x": 4, "names": []}'),
            (more, {"first": 1, "second": 2}, '[1, {"second": 2}]'),
        ],
    )
    def test_gives_what_the_function_gives(self, function: Any, arguments: dict[str, Any], told: str) -> None:
        assert called(function, **arguments) == told

    def test_is_told_its_key_which_nobody_else_can_give(self) -> None:
        told = called(send, point={"x": 1})
        assert told == called(send, point={"x": 1})
        assert len(told.split()[2]) == 4
        assert "refused" in called(send, point={"x": 1}, idempotency_key="mine")

    @pytest.mark.parametrize(
        ("function", "arguments", "why"),
        [
            (count, {}, "'text' is a required property"),
            (whole, {"x": "many"}, "is not of type 'integer'"),
            (unknown, {"text": "a"}, "it gave what is no JSON data"),
        ],
    )
    def test_that_fails_is_told(self, function: Any, arguments: dict[str, Any], why: str) -> None:
        assert why in called(function, **arguments)

    def test_that_raises_or_quits_costs_nobody_else(self) -> None:
        def late() -> str:
            raise SystemError("no paper")

        def quits() -> None:
            sys.exit(3)

        assert called(late) == "refused: late failed: SystemError: no paper"
        assert "it wanted to end the program, with 3" in called(quits)


PROJECT = """\
[tools]
shout = { function = "shouting_of_a_project:shout", acts = "idempotent" }
number = "shouting_of_a_project:NUMBER"
gone = "no_such_module_anywhere:f"
quits = "quitting_module_of_a_project:f"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    (tmp_path / "weft.toml").write_text(PROJECT)
    (tmp_path / "shouting_of_a_project.py").write_text(
        "NUMBER = 3\ndef shout(text: str) -> str:\n    return text.upper()\n"
    )
    (tmp_path / "quitting_module_of_a_project.py").write_text("raise SystemExit(3)\n")
    return tmp_path


class TestOfAProject:
    def test_is_imported_where_it_is_granted_and_not_before(self, project: Path) -> None:
        async def main() -> None:
            registry = registry_of(read_config(project), project)
            with pytest.raises(NotAllowed, match="--allow shout"):
                await registry.find("shout", Allowed())
            assert "shouting_of_a_project" not in sys.modules
            tool = await registry.find("shout", ALL)
            assert tool.acts == "idempotent"

        anyio.run(main)

    def test_what_agents_write_beside_it_is_not_imported_by_others(self, project: Path) -> None:
        async def main() -> None:
            (project / "own_module_of_a_project.py").write_text("")
            registry = registry_of(read_config(project), project)
            (project / "library_that_is_not_there.py").write_text("")
            await registry.find("shout", ALL)

        sys.modules.pop("shouting_of_a_project", None)
        anyio.run(main)
        assert find_spec("own_module_of_a_project")
        assert find_spec("library_that_is_not_there") is None

    @pytest.mark.parametrize(
        ("name", "why"),
        [("number", "is a int, and no function"), ("gone", "ModuleNotFoundError"), ("quits", "SystemExit")],
    )
    def test_that_cannot_be_had_says_why(self, project: Path, name: str, why: str) -> None:
        async def main() -> None:
            with pytest.raises(Unavailable, match=why):
                await registry_of(read_config(project), project).find(name, ALL)

        anyio.run(main)

    def test_a_yes_to_it_is_one_to_its_module_as_it_is(self, project: Path) -> None:
        bound = [source.binds for source in registry_of(read_config(project), project).sources]
        (project / "shouting_of_a_project.py").write_text("NUMBER = 4\n")
        now = [source.binds for source in registry_of(read_config(project), project).sources]
        assert [one == other for one, other in zip(bound, now, strict=True)] == [False, False, True, True]

    def test_a_yes_to_it_is_one_to_what_that_imports_and_agents_cannot_change_it_meanwhile(self, project: Path) -> None:
        async def main() -> None:
            registry = registry_of(read_config(project), project)
            (project / "helping").mkdir()
            (project / "helping" / "__init__.py").write_text("from .inner import x\n")
            for text in ("x = 1\n", "x = 2\n"):
                (project / "helping" / "inner.py").write_text(text)
                bound.append(registry_of(read_config(project), project).sources[0].binds)
            with pytest.raises(Unavailable, match=r"shouting_of_a_project\.py has changed since the run began"):
                (project / "shouting_of_a_project.py").write_text("x = 1\n")
                await registry.find("shout", ALL)

        (project / "shouting_of_a_project.py").write_text("import helping\ndef shout(text: str) -> str: ...\n")
        bound: list[str] = []
        anyio.run(main)
        assert bound[0] != bound[1]

    def test_is_listed_with_what_is_granted(self, project: Path) -> None:
        async def main() -> dict[str, Listed]:
            found = await listed(registry_of(read_config(project), project), Allowed(("shout", "gone")))
            return {one.name: one for one in found}

        found = anyio.run(main)
        assert (found["shout"].acts, found["shout"].granted) == ("idempotent", True)
        assert (found["number"].acts, found["number"].granted) == (None, False)
        assert "no_such_module_anywhere" in (found["gone"].problem or "")

    def test_one_of_the_name_of_another_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="cannot be told apart"):
            registry_of(Config.model_validate({"tools": {"read_file": "a:b"}}), tmp_path)
