"""Answers with a schema: the provider's own mode for that, what is read without asking again, and filled-in forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import pytest
from anthropic_server import Answer, error, text, tool
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from models import Serve, answers, run_model, serve
from openai_server import call, failure, say, serving_locally
from pydantic_ai.models import infer_model

from weft.runtime.agents.native import native
from weft.runtime.agents.placeholders import placeholder
from weft.runtime.agents.repair import mended
from weft.runtime.agents.shape import json_values
from weft.runtime.schemas.fitting import misfit

pytestmark = pytest.mark.slow

__all__ = ["serve"]

NUMBER = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]}
WORD = {"$ref": "#/definitions/w"}
TREE = {"$ref": "#/$defs/tree"}
FOUND = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "What it is called"},
        "url": {"type": "string"},
        "kind": {"enum": ["bug", "test"]},
    },
    "required": ["name"],
}


def result(folder: Path, schema: dict[str, Any], **more: Any) -> Any:
    done = run_model(folder, args={"schema": schema, **more.pop("args", {})}, **more)
    assert done.state.ended is not None and done.state.health == "clean"
    return done.state.ended.result


class TestNative:
    def test_the_provider_keeps_the_answer_to_the_schema_itself(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(text('{"n": 3}')))
        assert result(tmp_path, NUMBER, tools=()) == {"n": 3}
        (asked,) = server.requests
        assert asked["output_config"]["format"]["schema"]["properties"]["n"]["type"] == "integer"
        assert not asked.get("tools")

    def test_what_it_cannot_be_kept_to_is_asked_through_a_tool(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(tool("answer", {"any": 1})))
        assert result(tmp_path, {"type": "object", "additionalProperties": {"type": "integer"}}) == {"any": 1}
        assert "format" not in server.requests[0].get("output_config", {})
        assert server.requests[0]["tools"][-1]["name"] == "answer"

    def test_a_value_beyond_what_the_mode_checks_is_asked_for_again(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(text('{"n": 0}'), text('{"n": 3}')))
        assert result(tmp_path, NUMBER) == {"n": 3}
        assert "at $.n: 0 is less than the minimum of 1" in json.dumps(server.requests[1]["messages"][-1])

    def test_a_server_that_refuses_the_mode_is_asked_through_a_tool_from_then_on(
        self, tmp_path: Path, serve: Serve
    ) -> None:
        def answer(body: dict[str, Any]) -> Answer:
            refused = error(400, "invalid_request_error", "output_config: unknown field")
            return refused if "output_config" in body else tool("answer", {"n": 3})

        server = serve(answer)
        source = "async def main(args):\n    return [await agent('x', **args), await agent('y', **args)]"
        done = run_model(tmp_path, source, args={"schema": NUMBER})
        assert done.state.ended is not None and done.state.ended.result == [{"n": 3}, {"n": 3}]
        assert len(server.requests) == 3

    def test_one_that_refuses_both_loses_the_agent(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(error(400, "invalid_request_error", "no")))
        done = run_model(tmp_path, args={"schema": NUMBER})
        assert (len(done.state.agents), len(server.requests), done.state.agents[0].lost is None) == (1, 2, False)

    def test_words_in_the_middle_of_a_conversation_are_answered_with_the_schema(
        self, tmp_path: Path, serve: Serve
    ) -> None:
        (tmp_path / "a.md").write_text("A\n")
        server = serve(answers(tool("list_files", {}), text("It is three."), text('{"n": 3}')))
        assert result(tmp_path, NUMBER, folders=(tmp_path,)) == {"n": 3}
        assert "fits this schema" in json.dumps(server.requests[2]["messages"][-1])

    @pytest.mark.parametrize(
        ("schema", "given"),
        [
            (
                {
                    "$ref": "#/$defs/tree",
                    "$defs": {"tree": {"type": "object", "properties": {"kids": {"type": "array", "items": TREE}}}},
                },
                {"answer": {"kids": [{"kids": []}]}},
            ),
            ({"anyOf": [{"type": "integer"}, {"type": "array", "items": {"$ref": "#"}}]}, {"answer": [1, [2]]}),
            ({"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}}}, {"kids": [{}]}),
            (
                {
                    "definitions": {"w": {"type": "array", "items": {"$ref": "#/definitions/w"}}},
                    "$ref": "#/definitions/w",
                },
                {"answer": [[], []]},
            ),
            (
                {"type": "array", "prefixItems": [{"type": "integer"}], "items": {"$ref": "#/prefixItems/0"}},
                {"answer": [1, 2]},
            ),
        ],
    )
    def test_a_schema_that_refers_to_itself_is_told_as_it_is(
        self, tmp_path: Path, serve: Serve, schema: dict[str, Any], given: dict[str, Any]
    ) -> None:
        server = serve(answers(tool("answer", given)))
        assert result(tmp_path, schema) == given.get("answer", given)
        told = server.requests[0]["tools"][-1]["input_schema"]
        assert "$ref" in json.dumps(told)
        Draft202012Validator(told).validate(given)

    @pytest.mark.parametrize("refuses", [False, True])
    def test_openai_and_what_speaks_its_protocol(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refuses: bool
    ) -> None:
        def chat(body: dict[str, Any]) -> Any:
            if "response_format" in body:
                return failure(400, "response_format is not supported") if refuses else say('{"n": 3}')
            return call("answer", {"n": 3})

        with serving_locally(chat) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.port}/v1")
            monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
            assert result(tmp_path, NUMBER, model="openai-chat:gpt-4o") == {"n": 3}
        assert server.chats[0]["response_format"]["json_schema"]["strict"] is True
        assert len(server.chats) == 1 + refuses

    def test_openais_own_models_are_asked_in_its_newer_protocol(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with serving_locally(lambda body: say('{"n": 3}')) as server:
            server.usage = {"prompt_tokens": 70, "completion_tokens": 5, "cached_tokens": 60}
            monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.port}/v1")
            monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
            done = run_model(tmp_path, args={"schema": NUMBER}, model="openai:gpt-4o")
        assert done.state.ended is not None and done.state.ended.result == {"n": 3}
        spent = done.state.spent
        assert (spent.input_tokens, spent.output_tokens, spent.cache_read_tokens) == (70, 5, 60)
        assert spent.usd == pytest.approx((10 * 2.5 + 60 * 1.25 + 5 * 10) / 1e6)
        assert server.chats[0]["text"]["format"]["strict"] is True

    @pytest.mark.parametrize(
        "schema",
        [
            {"type": "object"},
            {"type": "object", "properties": {"a": {}}},
            {"type": "object", "properties": {"a": {"type": "object"}}},
            {"type": "object", "properties": {"a": {"type": ["object", "null"]}}},
            {"type": "object", "properties": {"a": {"type": "array", "prefixItems": [{"type": "string"}]}}},
            {"type": "object", "properties": {"a": {"$ref": "#"}}},
            {"type": "object", "properties": {"a": {"$ref": "#/$defs/nowhere"}}},
            {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(30)}},
            {"type": "object", "properties": {"a": {"type": "string"}}, "if": {"required": ["a"]}},
            {"type": "object", "properties": 3},
            {
                "type": "object",
                "properties": {"a": {"$ref": "#/$defs/d0"}},
                "$defs": {
                    f"d{n}": {
                        "type": "object",
                        "properties": {f"p{m}": {"$ref": f"#/$defs/d{n + 1}"} for m in range(20)},
                    }
                    for n in range(20)
                },
            },
        ],
    )
    def test_what_no_provider_takes_whole(self, schema: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "x")
        assert not native(infer_model("anthropic:claude-sonnet-5-5"), schema)


class TestRepair:
    @pytest.mark.parametrize(
        ("said", "through_tool"),
        [
            ('```json\n{"n": 3}\n```', False),
            ('Here you are: {"n": 3}. Anything else?', True),
            ('{"n": 3,}', True),
            ('{"n": 3 /* three */, } // done', False),
            ('{"n": "3"}', False),
            ('{"result": {"n": 3}}', False),
            ('{"answer": {"n": "3"}}', True),
            ('{"answer": "{\\"n\\": 3}"}', True),
        ],
    )
    def test_what_is_meant_is_read_without_asking_again(
        self, tmp_path: Path, serve: Serve, said: str, through_tool: bool
    ) -> None:
        server = serve(answers(tool("answer", said) if through_tool else text(said)))
        assert result(tmp_path, NUMBER) == {"n": 3}
        assert len(server.requests) == 1

    def test_of_two_answers_nobody_can_tell_which_is_meant(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(text('{"n": 3} or else {"n": 4}'), text('{"n": 4}')))
        assert result(tmp_path, NUMBER) == {"n": 4}
        assert len(server.requests) == 2

    def test_an_answer_whose_own_property_is_called_answer_stays_as_it_is(self, tmp_path: Path, serve: Serve) -> None:
        schema = {"type": "object", "properties": {"answer": {"type": "integer"}}, "required": ["answer"]}
        server = serve(answers(text('{"answer": 3, "note": "sure"}')))
        assert result(tmp_path, schema) == {"answer": 3, "note": "sure"}
        assert len(server.requests) == 1

    def test_it_is_on_record(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(text('{"n": "3"}')))
        finished = run_model(tmp_path, args={"schema": NUMBER}).state.agents[0].finished
        assert finished is not None
        assert finished.transcript[-1]["part"] == "repair"
        assert "'3' is not of type 'integer'" in finished.transcript[-1]["content"]

    @pytest.mark.parametrize(
        ("value", "schema", "meant"),
        [
            ("true", {"type": "boolean"}, True),
            ("1e3", {"type": "number"}, 1000.0),
            (" 7 ", {"type": "integer"}, 7),
            (7, {"type": "string"}, "7"),
            ("[1, 2]", {"type": "array", "items": {"type": "integer"}}, [1, 2]),
            ("High", {"enum": ["high", "low"]}, "high"),
            ({"a": None}, {"type": "object", "properties": {"a": {"type": "string"}}}, {}),
            (
                {"items": [{"n": "1"}]},
                {"type": "array", "items": {"$ref": "#/$defs/n"}, "$defs": {"n": NUMBER}},
                [{"n": 1}],
            ),
        ],
    )
    def test_a_value_is_read_as_what_it_spells(self, value: Any, schema: dict[str, Any], meant: Any) -> None:
        assert anyio.run(mended, value, schema)[0] == meant

    @pytest.mark.parametrize(
        ("value", "schema"),
        [
            ("three", {"type": "integer"}),
            ("3.5", {"type": "integer"}),
            ("9" * 400, {"type": "integer"}),
            ("007", {"type": "integer"}),
            ("yes", {"type": "boolean"}),
            (True, {"type": "string"}),
            ("HIGH", {"enum": ["High", "high"]}),
            ({"n": 1, "m": 2}, {"type": "object", "properties": {"n": {"type": "string"}}, "maxProperties": 1}),
            ({"a": None}, {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}),
        ],
    )
    def test_what_may_be_meant_otherwise_is_left(self, value: Any, schema: dict[str, Any]) -> None:
        kept, what, problem = anyio.run(mended, value, schema)
        assert (kept, what, problem is None) == (value, None, False)

    @settings(max_examples=30)
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
            max_leaves=8,
        )
    )
    def test_what_fits_is_never_touched(self, value: Any) -> None:
        schema = {"type": ["object", "array", "string", "integer", "boolean", "null"]}

        async def check() -> None:
            if await misfit(value, schema) is None:
                assert await mended(value, schema) == (value, None, None)

        anyio.run(check)

    @pytest.mark.parametrize("piece", ['"\\', '"', "/*", "{", "[,", "{ ", "//", ", "])
    def test_whatever_is_written_is_read_in_one_pass(self, piece: str) -> None:
        assert list(json_values("{" + piece * 100_000)) == []


class TestPlaceholders:
    @pytest.mark.parametrize(
        ("value", "place"),
        [
            ({"name": "What it is called"}, "$.name"),
            ({"name": "name"}, "$.name"),
            ({"name": "string"}, "$.name"),
            ({"name": "TODO"}, "$.name"),
            ({"name": "<name>"}, "$.name"),
            ({"name": "…"}, "$.name"),
            ({"name": "Lorem ipsum dolor sit amet"}, "$.name"),
            ({"name": "A", "url": "https://www.example.com/a"}, "$.url"),
            ({"name": "A", "url": "jane@example.org"}, "$.url"),
        ],
    )
    def test_what_stands_for_an_answer_is_found(self, value: Any, place: str) -> None:
        found = placeholder(value, FOUND, lambda: "Find it.")
        assert found is not None and place in found

    @pytest.mark.parametrize(
        "value",
        [
            {"name": "Testing"},
            {"name": "A test of faith"},
            {"name": "bug", "kind": "test"},
            {"name": "A", "url": "https://notexample.com"},
            {"name": "x < y"},
            {"name": "What it is called is Weft"},
        ],
    )
    def test_what_is_an_answer_is_none(self, value: Any) -> None:
        assert placeholder(value, FOUND, lambda: "Find it.") is None

    def test_what_the_agent_has_read_is_none(self) -> None:
        assert placeholder({"name": "TODO"}, FOUND, lambda: "12: # todo: mend this") is None
        declared = {"type": "object", "properties": {"name": {"type": "string", "examples": ["test"]}}}
        assert placeholder({"name": "test"}, declared, str) is None

    def test_it_is_asked_for_again_once_and_never_lost(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(text('{"name": "TODO"}')))
        assert result(tmp_path, FOUND) == {"name": "TODO"}
        assert len(server.requests) == 2
        assert "stands for an answer and is none" in json.dumps(server.requests[1]["messages"][-1])

    def test_it_is_taken_where_nobody_may_be_asked_again(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(text('{"name": "TODO"}')))
        assert result(tmp_path, FOUND, args={"retries": 0}) == {"name": "TODO"}
        assert len(server.requests) == 1
