"""`weft serve` as a process of its own, and real runs beside it: steered, begun, and watched to the server's end."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from command import environment, weft
from forked import Weft
from live import Live, live
from served import client_of, messages
from waiting import until

from weft.runtime.serving.server import Server

pytestmark = pytest.mark.slow

ASKING = '''"""Ask a person, and an agent."""
from weft.primitives import agent, ask


async def main(args):
    colour = await ask("Which colour?", choices=["red", "blue"], default="red", timeout=3600)
    return [colour, await agent("Paint it", label="slow")]
'''
PAINTING = '''"""Paint it."""
from weft.primitives import agent


async def main(args):
    return await agent("Paint it", label="slow")
'''
HOUR = {"rules": [{"match": {"label": "slow"}, "result": "painted", "latency": 3600}], "default": {"result": "ok"}}


class Serving:
    """The process, and a program that knows its token."""

    def __init__(self, folder: Path, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert (told["pid"], [*told]) == (process.pid, ["url", "token", "pid"])
        self.process = process
        self.client = client_of(told["url"], told["token"])
        self.project = f"/api/v1/projects/{folder.name}"

    def until(self, path: str, true: Callable[[Any], bool]) -> Any:
        """Ask until that is so."""
        seen: list[Any] = []

        def so() -> bool:
            answer = self.client.get(path)
            seen.append(answer.json())
            return answer.status_code == 200 and true(seen[-1])

        until(so)
        return seen[-1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "stub.json").write_text(json.dumps(HOUR))
    (folder / "asking.py").write_text(ASKING)
    return folder


@pytest.fixture(scope="module")
def serving(folder: Path) -> Iterator[Serving]:
    process = Weft(
        ["serve", str(folder), "--port", "0", "--json"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            serving = Serving(folder, process)
            with serving.client:
                yield serving
        finally:
            process.kill()


@pytest.fixture(scope="module")
def going(folder: Path) -> Iterator[Live]:
    with live(folder, "run", "asking.py", "--json", "--agents", "stub:stub.json") as going:
        going.until(lambda state: bool(state.host_calls.unanswered))
        yield going


def test_a_run_is_steered_and_answered(serving: Serving, going: Live) -> None:
    control = f"{serving.project}/runs/{going.run.id}/control"

    def tell(**command: Any) -> httpx2.Response:
        return serving.client.post(control, json=command)

    (question,) = serving.until("/api/v1/questions", lambda told: len(told["questions"]) == 1)["questions"]
    assert (question["run"], question["question"], question["default"]) == (going.run.id, "Which colour?", "red")
    assert tell(verb="pause", reason="lunch").json()["changed"] == {"state": ["running", "paused"]}
    again = tell(verb="pause")
    assert (again.status_code, again.json()["error"]["fix"]) == (409, f"weft continue {going.run.id} lets it go on")
    assert [one["kind"] for one in serving.client.get("/api/v1/questions").json()["questions"]] == ["held", "question"]
    assert tell(verb="continue").json()["applied"] is True
    assert tell(verb="answer", value="green").status_code == 409
    assert tell(verb="answer", value="blue").json()["detail"] == "question 0 'Which colour?': blue"
    assert tell(verb="dance").status_code == 400
    serving.until(f"{serving.project}/runs/{going.run.id}/agents?state=running", lambda told: told["total"] == 1)
    assert tell(verb="stop", agent="slow").json()["target"] == f"{going.run.id}/1"
    assert going.done().json["result"] == ["blue", None]
    assert "lunch" in serving.client.get(f"{serving.project}/runs/{going.run.id}/steered").text
    assert tell(verb="stop").status_code == 409


LOSING = {"rules": [{"match": {"label": "slow"}, "lost": "provider", "times": 1}], "default": {"result": "painted"}}


def test_a_plan_is_made_approved_and_run_and_what_was_lost_is_asked_again(serving: Serving, folder: Path) -> None:
    (folder / "losing.json").write_text(json.dumps(LOSING))
    options = {"agents": "stub:losing.json", "virtual_time": True}
    source = PAINTING.replace('"slow"', 'args["label"]')
    plans = f"{serving.project}/plans"

    def planned(**body: Any) -> Any:
        made = serving.client.post(plans, json={**body, "options": options}).json()
        assert made["state"] == "planning"
        return serving.until(f"{plans}/{made['id']}", lambda told: told["state"] != "planning")

    def carried_out(plan: Any, digest: str | None) -> Any:
        approved = serving.client.post(f"{plans}/{plan['id']}/approve", json={"digest": digest})
        assert approved.json()["state"] == "starting"
        started = serving.until(f"{plans}/{plan['id']}", lambda told: told["state"] != "starting")
        assert (started["state"], started["error"]) == ("started", None)
        run = f"{serving.project}/runs/{started['run']}"
        return serving.until(run, lambda told: told["head"]["outcome"] != "running")["head"]

    plan = planned(source=source, args={"label": "slow"})
    assert (plan["state"], plan["error"], plan["plan"]["bound"]) == ("ready", None, 1)
    wrong = serving.client.post(f"{plans}/{plan['id']}/approve", json={"digest": "sha256:0123456789ab"})
    assert wrong.status_code == 409
    head = carried_out(plan, plan["plan"]["digest"])
    assert (head["outcome"], head["health"], head["counts"]) == ("completed", "degraded", {"lost": 1})

    bill = planned(resume=head["run"])
    assert (bill["state"], [one["label"] for one in bill["plan"]["asked"]]) == ("ready", ["slow"])
    (folder / "losing.json").write_text(json.dumps({"default": {"result": "painted"}}))
    again = carried_out(bill, None)
    assert (again["run"], again["execution"], again["counts"]) == (head["run"], 2, {"done": 1})


def test_what_cannot_be_planned_is_said(serving: Serving) -> None:
    plans = f"{serving.project}/plans"
    for body, said in (
        ({}, "one of task, harness, source, resume and fix"),
        ({"harness": "../x"}, "harness: '../x' is no name"),
        ({"source": "\ud800"}, "source: "),
        ({"resume": "..", "task": "x"}, "one of task, harness, source, resume and fix"),
        ({"task": "Look at it", "options": {"nothing": 1}}, "no setting 'nothing'"),
        ({"task": "Look at it", "choices": {"saved": "now"}}, "'saved' is none"),
        ({"task": 7}, "task: "),
    ):
        content, kind = json.dumps(body), {"Content-Type": "application/json"}  # also what is no text
        answer = serving.client.post(plans, content=content, headers=kind)
        assert (answer.status_code, said in answer.json()["error"]["message"]) == (400, True), body


def test_a_port_that_is_taken_and_a_folder_that_is_none_are_said(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = weft(folder, "serve", "--port", str(taken.getsockname()[1]), "--json")
    assert (refused.code, refused.json["error"]["fix"]) == (2, "--port 0 takes any port that is free")
    nowhere = weft(folder, "serve", "nowhere")
    assert (nowhere.code, "'nowhere' is no folder" in nowhere.err) == (2, True)


def test_where_it_is_not_installed_that_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weft.runtime.serving.server", None)
    refused = weft(folder, "serve")
    assert (refused.code, "pip install 'weft[serve]'" in refused.err) == (2, True)


def test_a_browser_is_opened_without_telling_others_the_token(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here none can be, which is said."""
    opened: list[tuple[str, int]] = []

    def launched(path: str, *, wait: bool) -> int:
        opened.append((Path(path).read_text(), Path(path).stat().st_mode & 0o77))
        return 1

    def serve(server: Server) -> None:
        for thread in threading.enumerate():
            if thread.name == "browser":
                thread.join()
        server._socket.close()

    monkeypatch.setattr(Server, "serve_until_told", serve)
    monkeypatch.setattr("click.launch", launched)
    done = weft(folder, "serve", "--port", "0", "--open")
    ((page, others),) = opened
    assert (done.code, others) == (0, 0)
    address = done.out.splitlines()[0]
    assert (
        address in page
        and "?token=" in page
        and f"no browser could be opened here; the address is {address}" in done.err
    )


def test_ctrl_c_ends_it_and_lets_go_of_who_looks_on(serving: Serving, going: Live) -> None:
    """The last of these: the server is gone then."""
    with serving.client.stream("GET", f"{serving.project}/runs/{going.run.id}/stream?after=1") as answer:
        coming = messages(answer)
        assert next(coming).event == "change"
        serving.process.send_signal(signal.SIGINT)
        assert [message.event for message in coming] == []
    _, err = serving.process.communicate(timeout=60)
    assert (serving.process.returncode, err.strip()) == (130, "")
