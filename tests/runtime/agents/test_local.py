"""Model servers of this machine: how they are found, named and asked, and what is made of those that lie."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import anyio
import pytest
from command import weft, weft_process
from hypothesis import given, settings
from hypothesis import strategies as st
from models import ONE, only_loss, run_model
from openai_server import Chat, LocalServer, call, failure, listed, say, serving_locally

from weft.runtime.agents import local
from weft.runtime.agents.local import PORTS, exact_model, find_servers
from weft.runtime.agents.shape import output_type
from weft.runtime.errors import ProviderError
from weft.runtime.execution.resume import resume
from weft.runtime.project.config import Config, ModelConfig
from weft.runtime.project.folders import Project

NUMBER = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}, "additionalProperties": False}

ServeLocally = Callable[..., LocalServer]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[ServeLocally]:
    """Start model servers, which are the only ones that are looked for; proxies would catch every other request."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else-0123456789")
    ports: list[str] = []
    with ExitStack() as stack:

        def start(chat: Chat = lambda _: say("hello"), **more: Any) -> LocalServer:
            server = stack.enter_context(serving_locally(chat, **more))
            ports.append(str(server.port))
            monkeypatch.setenv(PORTS, ",".join(ports))
            return server

        monkeypatch.setenv(PORTS, "")
        yield start


def exact(name: str) -> str:
    return anyio.run(exact_model, name)


class TestFinding:
    def test_nobody_is_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        monkeypatch.setenv(PORTS, f"{port},0,99999")
        assert anyio.run(find_servers) == ()

    @pytest.mark.parametrize(
        ("owner", "kind"),
        [("library", "Ollama"), ("llamacpp", "llama.cpp"), ("organization_owner", "LM Studio"), ("vllm", "vLLM")],
    )
    def test_each_says_what_it_is_by_whom_its_models_are_owned(
        self, serve: ServeLocally, owner: str, kind: str
    ) -> None:
        server = serve(models=listed("a", "b", owner=owner))
        (found,) = anyio.run(find_servers)
        assert (found.kind, found.address, found.models) == (kind, f"127.0.0.1:{server.port}", ("a", "b"))

    def test_models_that_answer_no_questions_here_come_last(self, serve: ServeLocally) -> None:
        serve(models=listed("nomic-embed-text", "llama3.2", "gpt-oss:120b-cloud", "bge-reranker", "qwen3"))
        (found,) = anyio.run(find_servers)
        assert found.models == ("llama3.2", "qwen3", "nomic-embed-text", "gpt-oss:120b-cloud", "bge-reranker")

    @pytest.mark.parametrize(
        "answer",
        [
            b"<html><body>It works!</body></html>",
            b"",
            b"[]",
            b"null",
            b'{"data": {"id": "a"}}',
            b'{"data": "a"}',
            b"{" * 100_000,
            b"[" * 100_000,
            b'{"data": [' + b" " * 1_000_000 + b"]}",
            b"\xff\xfe",
        ],
    )
    def test_what_is_no_list_of_models_is_no_server(self, serve: ServeLocally, answer: bytes) -> None:
        serve(models=answer)
        assert anyio.run(find_servers) == ()

    def test_only_names_that_can_be_shown_count(self, serve: ServeLocally) -> None:
        names = ["ok", "\x1b[31mred", "two\nlines", "\u202eback", " ", "", "x" * 201, 3, None, ["a"], {"a": 1}, "ok"]
        serve(models=json.dumps({"data": [*({"id": name} for name in names), "a", None]}).encode())
        (found,) = anyio.run(find_servers)
        assert found.models == ("ok",)

    @given(
        head=st.sampled_from(
            [
                b"Content-Length: 99999999999999999999999\r\n\r\n",
                b"Content-Length: -1\r\n\r\n",
                b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFFFFFF\r\n",
                b"Transfer-Encoding: chunked\r\n\r\n-FFFFFFFFFFFFFFFFFFFFFF\r\n",
                b"Transfer-Encoding: chunked\r\n\r\n7FFFFFFFFFFFFFFF\r\n",
                b"Content-Type: multipart/mixed; boundary*=x''\xff\r\n\r\n",
                b"",
            ]
        ),
        rest=st.binary(max_size=40),
    )
    @settings(max_examples=25)
    def test_nothing_that_a_server_says_of_its_answer_ends_the_command(self, head: bytes, rest: bytes) -> None:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + head + rest)
            handler.close_connection = True

        with serving_locally(lambda _: say(""), answer) as server, pytest.MonkeyPatch.context() as patched:
            patched.setenv(PORTS, str(server.port))
            assert anyio.run(find_servers) == ()

    def test_the_silent_the_slow_and_the_endless_are_not_waited_for(self, serve: ServeLocally) -> None:
        over = threading.Event()

        def silent(_: BaseHTTPRequestHandler) -> None:
            over.wait(30)

        def drip(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
            while not over.wait(0.01):
                handler.wfile.write(b" ")

        def flood(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
            while not over.is_set():
                handler.wfile.write(b" " * 65536)

        def header(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(b"HTTP/1.0 200 OK\r\n" + b"X-A: b\r\n" * 1000)

        def noise(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(b"\x00\xffSSH-2.0\r\n")

        try:
            for models in (silent, drip, flood, header, noise):
                serve(models=models)
            serve(models=listed("fine"))
            found = anyio.run(partial(find_servers, 0.5))  # comes back at all, though two of them never end
        finally:
            over.set()
        assert [server.models for server in found] in ([("fine",)], [])  # which has no time on a busy machine


class TestNames:
    def test_local_is_the_first_model_there_is(self, serve: ServeLocally) -> None:
        serve(models=listed())
        server = serve(models=listed("llama3.2:latest", "qwen3:4b"))
        assert exact("local") == f"local:127.0.0.1:{server.port}/llama3.2:latest"

    @pytest.mark.parametrize("name", ["qwen3:4b", "llama3.2", "llama3.2:latest", "org/model-7b", "/models/a b.gguf"])
    def test_a_certain_one_by_its_name_whatever_stands_in_it(self, serve: ServeLocally, name: str) -> None:
        serve(models=listed("other"))
        server = serve(models=listed("qwen3:4b", "llama3.2:latest", "org/model-7b", "/models/a b.gguf"))
        found = exact(f"local:{name}")
        assert found.startswith(f"local:127.0.0.1:{server.port}/") and name in found
        assert exact(found) == found

    def test_a_certain_server_by_its_port_wherever_is_looked(
        self, serve: ServeLocally, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = serve(models=listed("a"))
        monkeypatch.setenv(PORTS, "")
        assert exact(f"local:localhost:{server.port}") == f"local:127.0.0.1:{server.port}/a"

    def test_other_names_are_left_alone(self) -> None:
        assert exact("anthropic:claude-haiku-4-5") == "anthropic:claude-haiku-4-5"

    def test_nobody_there_is_said_with_where_was_looked(self, serve: ServeLocally) -> None:
        with pytest.raises(ProviderError, match="no model server answers") as error:
            exact("local:127.0.0.1:99999/a")
        assert "127.0.0.1:99999" in str(error.value.where)

    def test_what_is_to_be_typed_is_ready_for_a_shell_and_what_is_shown_has_an_end(self, serve: ServeLocally) -> None:
        serve(models=listed("tiny; rm -rf $HOME", "x" * 200))
        with pytest.raises(ProviderError) as error:
            exact("local:tiny; rm -rf $HOMS")
        assert "--model 'local:tiny; rm -rf $HOME'" in str(error.value.fix)
        assert "x" * 61 not in str(error.value.where) and "…" in str(error.value.where)

    def test_a_model_that_is_not_there_is_said_with_those_that_are(self, serve: ServeLocally) -> None:
        serve(models=listed("llama3.2:latest", "qwen3:4b"))
        with pytest.raises(ProviderError, match=r"has the model 'lama3\.2'") as error:
            exact("local:lama3.2")
        assert "qwen3:4b" in str(error.value.where) and "did you mean --model local:llama3.2" in str(error.value.fix)
        with pytest.raises(ProviderError, match="has the model 'qwn'") as error:
            exact("local:qwn")
        assert "did you mean --model local:qwen3:4b" in str(error.value.fix)


class TestRuns:
    def test_it_costs_nothing_and_counts_tokens(self, tmp_path: Path, serve: ServeLocally) -> None:
        server = serve()
        done = run_model(tmp_path, model="local", budget_usd=0.01)
        assert done.state.ended is not None and done.state.started is not None
        assert (done.state.health, done.state.ended.result) == ("clean", "hello")
        assert (done.state.spent.usd, done.state.spent.tokens) == (0.0, 75)
        assert done.state.started.settings.model == f"local:127.0.0.1:{server.port}/tiny:latest"
        assert server.chats[0]["model"] == "tiny:latest"

    def test_a_budget_in_tokens_holds(self, tmp_path: Path, serve: ServeLocally) -> None:
        serve()
        done = run_model(tmp_path, model="local", budget_tokens=10)
        assert done.state.ended is not None and done.state.ended.pause == "budget"

    @pytest.mark.parametrize(
        "answer",
        [
            call("answer", {"n": 3}),
            say('{"n": 3}'),
            say('Sure! [As asked] here it is:\n```json\n{"n": 3}\n```\nAnything {else}?'),
            say('{"thought": "so {\\"n\\": 4}"}\n{"n": 3}'),
            say('{"name": "answer", "parameters": {"n": 3}}'),
            say('<think>{"n": "no"}</think>{"n": 3}'),
        ],
    )
    def test_an_answer_with_a_schema_may_come_as_text(
        self, tmp_path: Path, serve: ServeLocally, answer: tuple[int, dict[str, Any]]
    ) -> None:
        server = serve(lambda _: answer)
        done = run_model(tmp_path, model="local", args={"schema": NUMBER})
        assert done.state.ended is not None and done.state.ended.result == {"n": 3}
        assert len(server.chats) == 1

    @pytest.mark.parametrize(
        ("schema", "answer", "value"),
        [(NUMBER, '{"n": 3}', {"n": 3}), ({"type": "array", "items": {"type": "integer"}}, "[1, 2]", [1, 2])],
    )
    def test_agents_without_tools_need_a_model_that_takes_none(
        self, tmp_path: Path, serve: ServeLocally, schema: Any, answer: str, value: Any
    ) -> None:
        server = serve(lambda body: failure(400, "no tools") if body.get("tools") else say(answer))
        done = run_model(tmp_path, model="local", args={"schema": schema, "tools": []})
        assert done.state.ended is not None and done.state.ended.result == value
        assert json.dumps(schema)[1:-1] in server.chats[0]["messages"][-1]["content"]

    @pytest.mark.parametrize("effort", ["low", "max"])
    def test_effort_is_no_obstacle(self, tmp_path: Path, serve: ServeLocally, effort: str) -> None:
        serve()
        assert run_model(tmp_path, model="local", args={"effort": effort}).state.health == "clean"

    def test_what_does_not_fit_is_asked_again(self, tmp_path: Path, serve: ServeLocally) -> None:
        script = [say("three"), say('{"n": "three"}'), say('{"n": 3}')]
        server = serve(lambda _: script.pop(0))
        done = run_model(tmp_path, model="local", args={"schema": NUMBER})
        assert done.state.ended is not None and done.state.ended.result == {"n": 3}
        assert "fits this schema" in json.dumps(server.chats[1]) and "integer" in json.dumps(server.chats[2])

    def test_and_lost_where_it_never_does(self, tmp_path: Path, serve: ServeLocally) -> None:
        serve(lambda _: say("[" * 5_000))
        assert only_loss(run_model(tmp_path, model="local", args={"schema": NUMBER}))["cause"] == "invalid"

    def test_tools_are_used(self, tmp_path: Path, serve: ServeLocally) -> None:
        (tmp_path / "a.md").write_text("Three.\n")

        def chat(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            if body["messages"][-1]["role"] == "tool":
                return say(body["messages"][-1]["content"])
            return call("read_file", {"path": "a.md"})

        serve(chat)
        done = run_model(tmp_path, model="local", folders=(tmp_path,))
        assert done.state.ended is not None and "Three." in done.state.ended.result

    def test_usage_that_is_not_said_is_counted_at_its_most(self, tmp_path: Path, serve: ServeLocally) -> None:
        serve().usage = None
        assert run_model(tmp_path, model="local").state.spent.output_tokens == 8192

    def test_that_it_is_not_said_is_flagged_once(
        self, tmp_path: Path, serve: ServeLocally, caplog: pytest.LogCaptureFixture
    ) -> None:
        serve().usage = None
        source = "async def main(args):\n    return await parallel([agent(f'{n}') for n in range(3)])"
        run_model(tmp_path, source, model="local")
        assert caplog.text.count("did not say what a request used") == 1

    def test_usage_that_cannot_be_is_no_matter_for_the_terminal(self, tmp_path: Path, serve: ServeLocally) -> None:
        server = serve()
        server.usage = {"prompt_tokens": -70, "completion_tokens": -5}
        (tmp_path / "one.py").write_text(f"from weft.primitives import agent\n\n\n{ONE}")
        done = weft_process(tmp_path, "run", "one.py", "--model", "local", "--yes", WEFT_LOCAL_PORTS=str(server.port))
        assert done.code == 0 and "did not say what a request used" in done.err
        assert "Warning" not in done.err and "pydantic" not in done.err

    @pytest.mark.parametrize("spoilt", [b"null", b"[]", b"3", b'"x"', b"{", b'{"choices": 3}', b'{"choices": [null]}'])
    def test_an_answer_in_no_form_is_the_failure_of_the_provider(
        self, tmp_path: Path, serve: ServeLocally, spoilt: bytes
    ) -> None:
        serve().spoilt.append(spoilt)
        done = run_model(tmp_path, model="local")
        assert [agent.lost.cause for agent in done.state.lost if agent.lost] in (["provider"], [])

    def test_an_answer_that_breaks_off_is_none(self, tmp_path: Path, serve: ServeLocally) -> None:
        serve().finish = False
        assert only_loss(run_model(tmp_path, model="local"))["cause"] == "provider"

    def test_nothing_follows_a_server_that_points_elsewhere(self, tmp_path: Path, serve: ServeLocally) -> None:
        other = serve(models=b"{}")
        server = serve(lambda _: (307, {"location": f"http://127.0.0.1:{other.port}/v1/chat/completions"}))
        done = run_model(tmp_path, model=f"local:127.0.0.1:{server.port}")
        assert done.state.health != "clean" and other.chats == []

    def test_agents_that_all_fail_alike_end_the_run_early(self, tmp_path: Path, serve: ServeLocally) -> None:
        server = serve(lambda _: failure(400, "tiny does not support tools"))
        source = "async def main(args):\n    return await parallel([agent(f'{n}') for n in range(40)])"
        done = run_model(tmp_path, source, model="local", concurrency=1)
        assert done.state.ended is not None and done.state.ended.problem is not None
        assert (done.state.ended.pause, len(server.chats)) == ("provider", 3)
        assert "does not support tools" in done.state.ended.problem.message

    def test_one_that_answers_others_loses_the_agent_alone(self, tmp_path: Path, serve: ServeLocally) -> None:
        serve(lambda body: say("ok") if body["messages"][-1]["content"] == "0" else failure(400, "no"))
        source = "async def main(args):\n    return await parallel([agent(f'{n}') for n in range(6)])"
        done = run_model(tmp_path, source, model="local", concurrency=1)
        assert (done.state.outcome, len(done.state.lost)) == ("completed", 5)

    def test_an_agent_may_name_it_and_a_fallback_too(self, tmp_path: Path, serve: ServeLocally) -> None:
        server = serve()
        config = Config(models={"nobody:nothing": ModelConfig(fallback=("local",))})
        source = "async def main(args):\n    return [await agent('a'), await agent('b', model='local:tiny')]"
        done = run_model(tmp_path, source, model="nobody:nothing", config=config)
        exact = f"local:127.0.0.1:{server.port}/tiny:latest"
        assert [agent.finished and agent.finished.answered_by for agent in done.state.agents.values()] == [exact, exact]

    def test_an_agent_that_names_one_where_there_is_none_pauses_the_run(
        self, tmp_path: Path, serve: ServeLocally
    ) -> None:
        source = "async def main(args):\n    return await parallel([agent(f'{n}', model='local') for n in range(40)])"
        done = run_model(tmp_path, source, model="offline")
        assert done.state.ended is not None and done.state.ended.problem is not None
        assert (done.state.ended.pause, done.state.lost) == ("provider", [])
        assert "no model server answers on this machine" in done.state.ended.problem.message


class TestResume:
    def test_asks_the_same_again_and_says_where_it_is_gone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        script = [say("first"), failure(400, "no"), say("second")]
        with serving_locally(lambda _: script.pop(0), listed("tiny")) as server:
            monkeypatch.setenv(PORTS, str(server.port))
            source = "async def main(args):\n    return [await agent('a'), await agent('b')]"
            done = run_model(tmp_path, source, model="local", virtual_time=False)
            assert done.state.started is not None and len(done.state.lost) == 1
            monkeypatch.setenv(PORTS, "")
            again = partial(resume, done.folder, done.state.started.settings, Project(tmp_path))
            ended = anyio.run(again).state.ended
            assert ended is not None and ended.result == ["first", "second"]
            assert len(server.chats) == 3
        source = source.replace("'b'", "'c'")
        gone = weft(tmp_path, "resume", done.folder.id, "--no-lint", "--script", str(_written(tmp_path, source)))
        assert gone.code == 6
        assert f"looked at 127.0.0.1:{server.port}" in gone.err

    def test_what_an_agent_named_is_the_same_too(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        script = [say("first"), failure(400, "no"), say("second")]
        source = "async def main(args):\n    return [await agent(name, model='local') for name in 'ab']"
        with serving_locally(lambda _: script.pop(0)) as server, serving_locally(lambda _: say("other")) as other:
            monkeypatch.setenv(PORTS, str(server.port))
            done = run_model(tmp_path, source, model="offline", virtual_time=False)
            assert done.state.started is not None and len(done.state.lost) == 1
            monkeypatch.setenv(PORTS, f"{other.port},{server.port}")
            ended = anyio.run(resume, done.folder, done.state.started.settings, Project(tmp_path)).state.ended
            assert ended is not None and ended.result == ["first", "second"]


def _written(folder: Path, source: str) -> Path:
    path = folder / "edited.py"
    path.write_text(f"from weft.primitives import agent\n\n\n{source}\n")
    return path


class TestCommands:
    def test_doctor_names_servers_and_their_models(self, tmp_path: Path, serve: ServeLocally) -> None:
        server = serve(models=listed("llama3.2:latest", "qwen3:4b"))
        done = weft(tmp_path, "doctor", WEFT_LOCAL_PORTS=str(server.port))
        assert f"local     Ollama at 127.0.0.1:{server.port}: llama3.2:latest, qwen3:4b" in done.out
        assert "--model local asks llama3.2:latest, --model local:NAME another" in done.out

    def test_the_first_line_of_an_offline_run_names_one(
        self, tmp_path: Path, serve: ServeLocally, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = serve(models=listed("llama3.2:latest"))
        monkeypatch.setattr(local, "GLANCE", 10.0)
        (tmp_path / "h.py").write_text(f"from weft.primitives import agent\n\n\n{ONE}")
        done = weft(tmp_path, "run", "h.py", "--args", "{}", WEFT_LOCAL_PORTS=str(server.port))
        first = done.err.splitlines()[0]
        assert f"Ollama at 127.0.0.1:{server.port} has llama3.2:latest; --model local asks it" in first

    def test_it_writes_harnesses_too(self, tmp_path: Path, serve: ServeLocally) -> None:
        (tmp_path / "a.md").write_text("Three.\n")
        source = 'from weft.primitives import agent\n\n\nasync def main(args):\n    return await agent("How many?")\n'

        def chat(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            wanted = "Write the harness" in json.dumps(body["messages"][-1])
            return say(f"Here:\n\n```python\n{source}```\n\n```json\n{{}}\n```\n" if wanted else "three")

        server = serve(chat)
        words = ("run", "How many are there?", "--model", "local", "--budget", "1")
        done = weft(tmp_path, *words, "--json", WEFT_LOCAL_PORTS=str(server.port))
        assert (done.code, done.json["result"], done.json["spent"]["usd"]) == (0, "three", 0.0), done.err

    def test_a_project_may_say_it(self, tmp_path: Path, serve: ServeLocally) -> None:
        server = serve()
        (tmp_path / "weft.toml").write_text('[run]\nmodel = "local"\n[models.local]\nconcurrency = 2\n')
        (tmp_path / "h.py").write_text(f"from weft.primitives import agent\n\n\n{ONE}")
        done = weft(tmp_path, "run", "h.py", "--args", "{}", "--yes", "--json", WEFT_LOCAL_PORTS=str(server.port))
        assert (done.code, done.json["result"]) == (0, "hello"), done.err


@pytest.mark.slow
def test_the_client_is_not_loaded_before_it_is_asked() -> None:
    import subprocess
    import sys

    code = "import sys, weft.runtime.agents.models, weft.runtime.agents.local; print('openai' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_text_is_text() -> None:
    assert output_type(None, in_text=True) is str
