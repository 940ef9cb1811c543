"""Tools of MCP servers, as real processes and over real HTTP: what goes wrong in one is told to whoever called it."""

from __future__ import annotations

import gzip
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any

import anyio
import pytest
from acting import bare

from weft.runtime.project.tooling import ServerConfig
from weft.runtime.request import AgentRequest
from weft.runtime.tools.allowed import Allowed
from weft.runtime.tools.folders import Folders
from weft.runtime.tools.mcp import server as server_module
from weft.runtime.tools.mcp.server import Server
from weft.runtime.tools.registry import NotAllowed, Registry, Unavailable, UnknownTool
from weft.runtime.tools.tool import Calling
from weft.runtime.tools.toolbox import Toolbox

SUPPORT = Path(__file__).parents[2] / "support"
HOSTILE = str(SUPPORT / "hostile_server.py")
ALL = Allowed(("mcp:*",))

Call = Callable[..., Awaitable[str]]


def config(how: str, **more: Any) -> ServerConfig:
    return ServerConfig(command=sys.executable, args=("-S", "-E", HOSTILE, how), **more)


def with_server(said: ServerConfig, does: Callable[[Server, Call], Awaitable[Any]]) -> Any:
    """Do something with a server and with what calls a tool of it as an agent does."""

    async def main() -> Any:
        server = Server("s", said, Path.cwd())
        registry = Registry(sources=[server])
        request = AgentRequest(id=1, prompt="?", model="offline", tools=(), timeout=None, retries=0, identity="r:1")
        calling = Calling(request=request, folders=Folders(()))

        async def call(name: str = "act", **arguments: Any) -> str:
            tool = await registry.find(f"mcp:s.{name}", ALL)
            return bare(await Toolbox((tool,), ALL, calling).call(tool, arguments))

        try:
            return await does(server, call)
        finally:
            await registry.aclose()

    return anyio.run(main)


def twice(how: str, **more: Any) -> tuple[str, str]:
    """Return what two calls in a row are told."""

    async def does(server: Server, call: Call) -> tuple[str, str]:
        return await call(), await call()

    told: tuple[str, str] = with_server(config(how, **more), does)
    return told


class TestAServer:
    """Written with the SDK."""

    @pytest.mark.slow
    def test_over_its_standard_streams(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SHELF_API_KEY", "planted-secret")
        monkeypatch.setenv("OTHER_API_KEY", "another-secret")
        said = ServerConfig(
            command=sys.executable, args=(str(SUPPORT / "tool_server.py"),), env={"A_KEY": "${SHELF_API_KEY}"}
        )

        async def does(server: Server, call: Call) -> None:
            tools = {tool.name: tool for tool in await server.tools()}
            acts = {name.partition(".")[2]: tool.acts for name, tool in tools.items()}
            assert (acts["look_up"], acts["keep"], acts["fail"]) == ("reads", "idempotent", "manual")
            assert server.version == "shelf 1.2.3"
            assert tools["mcp:s.look_up"].shown == "mcp_s_look_up"
            assert await call("keep", title="a", text="b") == '{\n  "kept": 1\n}'
            assert await call("look_up", title="a") == "b"
            assert "does not take that" in await call("look_up", titel="a")
            assert len(await call("key")) == 64
            environment = (await call("environment")).split()
            assert "A_KEY" in environment
            assert "OTHER_API_KEY" not in environment
            assert "image/png of about" in await call("picture")
            assert (await call("fail")).startswith("refused: fail of 's' failed")
            assert "refused" in await call("consent")
            assert "whether it has done what crash was asked for is not known" in await call("crash")

        with_server(said, does)

    @pytest.mark.slow
    def test_over_http(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, str(SUPPORT / "tool_server.py"), str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _listening(port)

            async def does(server: Server, call: Call) -> None:
                assert await call("keep", title="a", text="b")
                assert await call("look_up", title="a") == "b"
                process.kill()
                process.wait()
                assert "refused: the server 's' cannot be used: ConnectError" in await call("look_up", title="a")

            with_server(ServerConfig(url=f"http://127.0.0.1:{port}/mcp"), does)
        finally:
            process.kill()
            process.wait()


def _listening(port: int) -> None:
    for _ in range(600):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server does not listen")


class TestHostile:
    def test_one_that_crashes_is_started_once_more(self) -> None:
        async def does(server: Server, call: Call) -> list[str]:
            return [await call() for _ in range(4)]

        first, second, third, fourth = with_server(config("crashes"), does)
        assert first == second
        assert "ended with exit code 7, and last said: out of luck" in first
        assert "is not started again in this run: it ended with exit code 7" in third
        assert fourth == "refused: the server 's' cannot be used, as was said before; do without it"

    def test_a_yes_to_it_is_one_to_its_script_which_agents_cannot_change_meanwhile(self, tmp_path: Path) -> None:
        script = tmp_path / "serving" / "server.py"
        script.parent.mkdir()
        script.write_text("import shelves\n")
        (script.parent / "shelves.py").write_text("")
        said = ServerConfig(command=sys.executable, args=("server.py",), cwd="serving")
        bound = [Server("s", said, tmp_path).binds]
        server = Server("s", said, tmp_path)
        for changed in (script, script.parent / "shelves.py"):
            changed.write_text(changed.read_text() + "x = 1\n")
            bound.append(Server("s", said, tmp_path).binds)
        assert len({*bound}) == 3
        with pytest.raises(Unavailable, match=r"server\.py has changed since the run began"):
            anyio.run(server.tools)

    def test_of_many_who_need_it_at_once_one_starts_it(self) -> None:
        async def does(server: Server, call: Call) -> tuple[int, int]:
            told: list[str] = []

            async def ask() -> None:
                with suppress(Unavailable):
                    told.append(await call())

            for _ in range(2):
                async with anyio.create_task_group() as tasks:
                    for _ in range(20):
                        tasks.start_soon(ask)
            return len(told), server._starts

        assert with_server(config("good"), does) == (40, 1)
        assert with_server(config("crashes"), does) == (40, 2)

    def test_one_that_never_starts_costs_those_alone_who_need_it(self) -> None:
        async def does(server: Server, call: Call) -> None:
            with pytest.raises(Unavailable, match="ended with exit code 2, and last said: no such token"):
                await call()

        with_server(config("never starts"), does)

    def test_without_the_library_it_is_said_how_to_have_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "mcp.client", None)

        async def does(server: Server, call: Call) -> None:
            with pytest.raises(Unavailable, match="pip install"):
                await call()

        with_server(config("good"), does)

    def test_one_that_there_is_not(self) -> None:
        async def does(server: Server, call: Call) -> None:
            with pytest.raises(Unavailable, match="there is no 'no-such-program'"):
                await call()

        with_server(ServerConfig(command="no-such-program"), does)

    def test_one_that_hangs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(server_module, "ANSWERS", 0.2)
        first, _ = twice("hangs", timeout=0.2)
        assert "gave no answer in 0.2 s" in first

    def test_one_that_sends_what_is_no_message(self) -> None:
        first, second = twice("no message", timeout=0.2)
        assert first == second
        assert "gave no answer in 0.2 s, and 3 lines that are no messages" in first

    @pytest.mark.parametrize(
        ("how", "told"),
        [("floods", "sent messages without end"), ("large", "sent a message of more than 16 MB")],
    )
    def test_one_that_sends_too_much_is_ended(self, how: str, told: str) -> None:
        async def does(server: Server, call: Call) -> str:
            return await call()

        assert told in with_server(config(how), does)

    def test_a_result_that_is_none(self) -> None:
        first, second = twice("no result")
        assert "refused: act of 's' failed" in first
        assert first == second

    def test_what_it_asks_for_itself_is_declined(self) -> None:
        assert twice("asks") == ("declined", "declined")

    def test_a_tool_that_is_changed_meanwhile_is_not_called(self) -> None:
        async def does(server: Server, call: Call) -> tuple[str, str]:
            first = await call()
            with anyio.fail_after(20):
                while server._session is not None and server._session._changed is not None:
                    await anyio.sleep(0.01)
            return first, await call()

        first, second = with_server(config("changes"), does)
        assert first == "once"
        assert "has changed 'act' meanwhile, so it is not called" in second

    def test_tools_that_cannot_be_called_are_left_out(self, caplog: pytest.LogCaptureFixture) -> None:
        async def does(server: Server, call: Call) -> list[Any]:
            return list(await server.tools())

        with caplog.at_level(logging.WARNING):
            tool, *others = with_server(config("odd tools"), does)
        assert (tool.name, tool.description) == ("mcp:s.good", "\\x1b[31mred")
        assert [other.name for other in others] == ["mcp:s.says_not_what_it_takes", "mcp:s.of_another_dialect"]
        assert others[1].parameters == {"type": "object", "properties": {"a": {}}}
        assert caplog.text.count("is left out") == 9

    def test_one_whose_pages_have_no_end_has_the_tools_of_the_first(self) -> None:
        async def does(server: Server, call: Call) -> int:
            return len(await server.tools())

        assert with_server(config("pages"), does) == 1

    def test_what_it_says_of_the_form_of_its_results_costs_no_time(self) -> None:
        assert twice("hard") == ("done", "done")

    def test_answers_of_odd_forms_are_told_as_far_as_they_can_be_and_at_once(self) -> None:
        told = {
            "half a character": "a\ufffd",
            "a list": "a",
            "another kind": "a\n(hologram, which cannot be shown)",
            "nothing": "(done; it gave nothing)",
            "an error of another form": 'refused: act of \'s\' failed: MCPError: {"code": "EBUSY", "message": null}',
            "an error for no reason": "refused: act of 's' failed: it does not say why",
            "no result": "its answer is no message of the protocol",
            "many parts": "a\na\na",
        }

        async def does(server: Server, call: Call) -> dict[str, str]:
            return {text: await call(text=text) for text in told}

        for text, answer in with_server(config("odd answers", timeout=60), does).items():
            assert told[text] in answer

    def test_what_it_has_started_ends_with_it(self) -> None:
        async def does(server: Server, call: Call) -> int:
            return int(await call())

        number = with_server(config("starts others"), does)
        with pytest.raises(ProcessLookupError):
            for _ in range(500):  # until it is seen to be gone
                os.kill(number, 0)
                if Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                    raise ProcessLookupError
                time.sleep(0.01)


class _Fake(BaseHTTPRequestHandler):
    """A server at an address that answers properly until a tool of it is called."""

    how = ""

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        match message.get("method"):
            case "initialize":
                said = {"protocolVersion": message["params"]["protocolVersion"], "capabilities": {"tools": {}}}
                self.says({"result": said | {"serverInfo": {"name": "fake", "version": "1"}}}, message)
            case "tools/list":
                self.says({"result": {"tools": [{"name": "act", "inputSchema": {"type": "object"}}]}}, message)
            case "tools/call":
                self.called()
            case _ if "id" in message:
                self.says({"error": {"code": -32601, "message": "no such method"}}, message)
            case _:
                self.begins(202)

    def says(self, said: dict[str, Any], message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", "id": message["id"], **said}).encode()
        self.begins(200, {"Content-Type": "application/json", "Content-Length": str(len(body))})
        self.wfile.write(body)

    def begins(self, status: int, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def called(self) -> None:
        json_headers = {"Content-Type": "application/json"}
        match self.how:
            case "fails":
                self.begins(500)
            case "refuses":
                self.begins(401)
            case "sends elsewhere":
                self.begins(307, {"Location": "http://169.254.169.254/latest/meta-data"})
            case "no json":
                self.begins(200, json_headers)
                self.wfile.write(b"<html>\xff")
            case "breaks off":
                self.begins(200, {**json_headers, "Content-Length": "1000"})
                self.wfile.write(b'{"jsonrpc"')
            case "endless":
                self.begins(200, json_headers)
                with suppress(OSError):
                    while True:
                        self.wfile.write(b"x" * 1_000_000)
            case "endless event":
                self.begins(200, {"Content-Type": "text/event-stream"})
                with suppress(OSError):
                    while True:
                        self.wfile.write(b"data: " + b"x" * 1_000_000)
            case "packed":
                body = gzip.compress(b" " * 10_000_000, 1)
                self.begins(200, {**json_headers, "Content-Encoding": "gzip", "Content-Length": str(len(body))})
                self.wfile.write(body)

    def do_GET(self) -> None:
        self.begins(405)

    def do_DELETE(self) -> None:
        self.begins(200)

    def log_message(self, *_: object) -> None:
        pass


class TestHostileAddresses:
    @pytest.mark.parametrize(
        "how",
        ["fails", "refuses", "sends elsewhere", "no json", "breaks off", "endless", "endless event", "packed"],
    )
    def test_what_one_answers_is_told_as_an_error(self, how: str) -> None:
        async def does(server: Server, call: Call) -> str:
            return await call()

        with ThreadingHTTPServer(("127.0.0.1", 0), type("Fake", (_Fake,), {"how": how})) as served:
            threading.Thread(target=served.serve_forever, args=(0.01,), daemon=True).start()
            try:
                said = ServerConfig(url=f"http://127.0.0.1:{served.server_port}/mcp", timeout=3)
                told = with_server(said, does)
            finally:
                served.shutdown()
        assert told.startswith("refused: act of 's' ") or told.startswith("refused: the server 's' ")
        assert "gave no answer" not in told


class TestGrants:
    def test_nothing_is_started_that_nobody_has_granted(self) -> None:
        async def main() -> None:
            registry = Registry(sources=[Server("s", ServerConfig(command="no-such-program"), Path.cwd())])
            with pytest.raises(NotAllowed, match=r"--allow mcp:s\.act"):
                await registry.find("mcp:s.act", Allowed(("mcp:other.*", "run_command")))
            with pytest.raises(UnknownTool):
                await registry.find("mcp:t.act", ALL)

        anyio.run(main)

    def test_by_the_name_of_a_server_an_agent_has_what_is_granted_of_it(self) -> None:
        async def does(server: Server, call: Call) -> list[list[str]]:
            registry = Registry(sources=[server])
            found = [await registry.given("mcp:s.*", Allowed((grant,))) for grant in ("mcp:s.*", "mcp:s.other")]
            with pytest.raises(NotAllowed):
                await registry.given("mcp:s.*", Allowed(("mcp:t.*",)))
            return [[tool.name for tool in tools] for tools in found]

        assert with_server(config("good"), does) == [["mcp:s.act"], []]

    def test_the_project_says_better_than_the_server_how_a_tool_acts(self) -> None:
        async def does(server: Server, call: Call) -> list[str]:
            return [tool.acts for tool in await server.tools()]

        assert with_server(config("good"), does) == ["manual"]
        assert with_server(config("good", acts={"act": "reads"}), does) == ["reads"]

    def test_a_pattern_is_held_against_the_arguments(self) -> None:
        async def main() -> None:
            server = Server("s", config("good"), Path.cwd())
            (tool,) = await server.tools()
            await server.close()
            assert Allowed(("mcp:s.*:src/*",)).covers(tool, {"text": "src/a"})
            assert not Allowed(("mcp:s.*:src/*",)).covers(tool, {"text": "a"})
            assert not Allowed(("mcp:s.*:src/*",)).covers(tool, {"text": "src/a", "more": "src/b"})

        anyio.run(main)

    def test_a_variable_that_is_not_set_is_told_and_nothing_started(self) -> None:
        async def does(server: Server, call: Call) -> None:
            with pytest.raises(Unavailable, match="the environment has no NO_SUCH_TOKEN"):
                await call()

        with_server(config("good", env={"TOKEN": "${NO_SUCH_TOKEN}"}), does)
