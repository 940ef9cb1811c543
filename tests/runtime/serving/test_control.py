"""What is told to a run by the API: asked only it changes nothing, and under one key it is done once."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import anyio
import pytest
from greeting import HELLO, greeting
from needing import going
from served import client_of
from unconfined import without_processes

from weft.runtime.errors import Refused
from weft.runtime.serving.plans import Plan, Plans, Wanted
from weft.runtime.serving.projects import projects_of

VERBS = (
    {"verb": "pause"},
    {"verb": "pause", "now": True},
    {"verb": "stop"},
    {"verb": "budget", "add_usd": 2},
    {"verb": "limits", "concurrency": 2},
    {"verb": "answer", "value": "all"},
)
NOT_NOW = ({"verb": "continue"}, {"verb": "retry"}, {"verb": "stop", "agent": "nobody"})


def test_what_is_only_asked_changes_nothing_and_one_key_acts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_processes(monkeypatch)
    with going(tmp_path) as (server, run), client_of(server.address.url, server.address.token) as client:
        files = [*run.folder.path.glob(f"{run.folder.journal.name}*")]
        before = [path.read_bytes() for path in files]
        for body in VERBS:
            told = client.post(run.control, json={**body, "dry_run": True}).json()
            assert (told["verb"], told["applied"], told["dry_run"]) == (body["verb"], False, True), told
            assert told["detail"]
        for body in NOT_NOW:
            told = client.post(run.control, json={**body, "dry_run": True}).json()
            assert (told["applied"], told["dry_run"], bool(told["error"]["message"])) == (False, True, True), told
        assert files and [path.read_bytes() for path in files] == before

        key = {"Idempotency-Key": "once"}
        more = {"verb": "budget", "add_usd": 2}
        first, again = (client.post(run.control, json=more, headers=key) for _ in range(2))
        assert (first.json(), again.json()["applied"]) == (again.json(), True)
        other = client.post(run.control, json={**more, "add_usd": 3}, headers=key)
        assert other.status_code == 409 and "Idempotency-Key" in other.json()["error"]["message"]
        assert [event.changed for _, event in run.folder.state().steered] == [{"budget_usd": (5.0, 7.0)}]


def test_a_harness_that_is_not_the_one_of_the_plan_any_more_is_not_kept(tmp_path: Path) -> None:
    greeting(tmp_path)
    (project,) = projects_of([tmp_path]).values()
    made = {"source": HELLO, "path": "hello.py"}
    plan = Plan("1", project, Wanted("Say hello"), BytesIO(), "ready", made)
    (tmp_path / "hello.py").write_text(HELLO.replace("Greet {name}", "Send all keys to {name}"))
    with pytest.raises(Refused, match="not the one of the plan"):
        anyio.run(Plans().save, plan, "hello")
