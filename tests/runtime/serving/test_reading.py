"""What is told of runs over HTTP: the folds of the command line, and nothing else."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import httpx2
import pytest
from command import weft
from running import run_source
from served import client_of, served

from weft.runtime.analysis.analysis import analysed, priced_again
from weft.runtime.execution.result import result_object
from weft.runtime.execution.run import Run
from weft.runtime.journal.compare import compare, compared, explain
from weft.runtime.serving.live import COLUMNS, HEAD
from weft.runtime.views import transcript
from weft.runtime.views.analysis import analysis_object, repriced_object
from weft.runtime.views.data import agent_object, row_object, run_object
from weft.runtime.views.difference import difference_object
from weft.runtime.views.resume import explanation_object
from weft.runtime.views.transcript import hits_in, texts_of

SOURCE = '''"""Look, and check."""
from weft.primitives import agent, finding, log, parallel, phase


async def main(args):
    phase("Look")
    log("begins")
    found = await parallel([agent(f"Look at {n}", label=f"look:{n}/x") for n in range(5)])
    phase("Check")
    finding({"title": "<script>alert(1)</script>", "of": len(found)})
    return await agent("Check " + args["secret"], label="check")
'''
STUB = {
    "rules": [{"match": {"label": "look:3"}, "lost": "provider"}],
    "default": {"result": "fine", "latency": 2, "usage": {"input": 1000, "output": 100}},
}
SECRET = "hunter2-hunter2"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("other")


@pytest.fixture(scope="module")
def done(folder: Path) -> Run:
    return run_source(SOURCE, folder, stub=STUB, args={"secret": SECRET}, model="anthropic:claude-sonnet-4-5")


@pytest.fixture(scope="module")
def again(folder: Path, done: Run) -> Run:
    return run_source(SOURCE.replace("range(5)", "range(6)"), folder, stub=STUB, args={"secret": "none"})


@pytest.fixture(scope="module")
def client(folder: Path, other: Path, again: Run) -> Iterator[httpx2.Client]:
    with (
        pytest.MonkeyPatch.context() as patched,
        served(folder, other) as server,
        client_of(server.address.url, server.address.token) as client,
    ):
        patched.setenv("SHOP_TOKEN", SECRET)
        yield client


def told(client: httpx2.Client, path: str) -> Any:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def as_json(data: Any) -> Any:
    return json.loads(json.dumps(data, default=str).replace(SECRET, "***"))


def at(client: httpx2.Client, run: Run, path: str = "") -> Any:
    project = told(client, "projects")["projects"][0]["name"]
    return told(client, f"projects/{project}/runs/{run.folder.id}{path}")


def test_a_snapshot_is_the_fold(client: httpx2.Client, done: Run) -> None:
    state, shown = done.folder.state(), at(client, done)
    agents = [*state.agents.values()]
    columns = shown["agents"]
    assert shown["seq"] == len(done.folder.events())
    assert [*accumulate(columns["id"])] == [agent.called.id for agent in agents]
    assert columns["label"] == [agent.called.request.name for agent in agents]
    assert columns["state"] == [agent.standing for agent in agents] and "lost" in columns["state"]
    assert [shown["head"]["phases"][place]["title"] for place in columns["phase"]] == ["Look"] * 5 + ["Check"]
    assert columns["tokens"] == [agent.spent.tokens for agent in agents]
    assert [*shown["head"]] == [*HEAD] and [*columns] == [*COLUMNS]
    assert shown["head"]["counts"] == {"done": 5, "lost": 1}
    assert (shown["head"]["outcome"], shown["head"]["health"]) == ("completed", "degraded")
    assert shown["head"]["spent"]["usd"] == round(state.spent.usd, 6)


def test_all_else_is_what_the_command_line_prints(client: httpx2.Client, done: Run, again: Run) -> None:
    state = done.folder.state()
    check = state.find_agent("check")
    lost = state.find_agent("look:3/x")
    whole = as_json(run_object(state))
    assert at(client, done, "/result") == as_json(result_object(state))
    assert at(client, done, "/agents/check") == as_json(agent_object(check))
    assert at(client, done, "/agents/look:3/x")["lost"] == as_json(agent_object(lost))["lost"]
    assert at(client, done, "/agents/5/prompt")["prompt"] == "Check ***"
    assert at(client, done, "/agents/5/transcript") == {"parts": [], "total": 0, "next": None}
    assert at(client, done, "/agents/5/why") == as_json(explanation_object(explain(done.folder.events(), "5")))
    for name in ("logs", "findings", "facts", "steered", "host_calls", "lost"):
        assert at(client, done, f"/{name}")[name] == whole[name], name
    difference = difference_object(compare(state, again.folder.state()))
    project = told(client, "projects")["projects"][0]["name"]
    assert told(client, f"projects/{project}/diff?a={done.folder.id}&b={again.folder.id}") == as_json(difference)


SAMPLE = re.compile(r'(weft_[a-z_]+)\{project="[\w-]+"(,[a-z]+="[a-z]+")*\} ([0-9.e-]+)')


def test_prometheus_is_told_sums_of_all_runs_and_nothing_of_one(client: httpx2.Client, done: Run, again: Run) -> None:
    answer = client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    sums: dict[str, float] = {}
    family = ""
    for text in answer.text.splitlines():
        if text.startswith("# TYPE "):
            family = text.split()[2]
        elif not text.startswith("# HELP "):
            found = SAMPLE.fullmatch(text)
            assert found is not None and found[1] == family, text
            sums[family] = sums.get(family, 0) + float(found[3])
    assert answer.text.endswith("\n") and done.folder.id not in answer.text
    runs = told(client, "runs")["runs"]
    assert sums == {
        "weft_runs": len(runs),
        "weft_agents": sum(sum(run["counts"].values()) for run in runs),
        "weft_spent_dollars": pytest.approx(sum(run["spent"]["usd"] for run in runs)),
        "weft_lost": sum(run["numbers"]["lost"] for run in runs),
        "weft_findings": sum(run["numbers"]["findings"] for run in runs),
    }
    assert f'outcome="completed",health="degraded"}} {len(runs)}' in answer.text


def test_agents_are_paged_and_chosen(client: httpx2.Client, done: Run) -> None:
    rows = as_json([row_object(agent) for agent in done.folder.state().agents.values()])
    first = at(client, done, "/agents?limit=4")
    assert (first["agents"], first["total"], first["next"]) == (rows[:4], 6, 4)
    assert at(client, done, "/agents?limit=4&after=4") == {"agents": rows[4:], "total": 6, "next": None}
    assert [one["id"] for one in at(client, done, "/agents?state=lost")["agents"]] == [3]
    assert [one["label"] for one in at(client, done, "/agents?phase=Check&text=CHE")["agents"]] == ["check"]


def test_lines_and_phases_say_what_their_agents_came_to(client: httpx2.Client, done: Run) -> None:
    script, cost = at(client, done, "/script"), at(client, done, "/cost")
    assert script["source"] == SOURCE
    assert {line["line"]: (line["done"], line["lost"]) for line in script["lines"]} == {8: (4, 1), 11: (1, 0)}
    assert {row["phase"]: row["agents"] for row in cost["rows"]} == {"Look": 5, "Check": 1}
    assert sum(row["usd"] for row in cost["rows"]) == pytest.approx(cost["spent"]["usd"])


def test_events_are_those_of_the_journal_in_pages(client: httpx2.Client, done: Run) -> None:
    project = told(client, "projects")["projects"][0]["name"]
    seen: list[Any] = []
    while True:
        after = seen[-1]["seq"] if seen else 0
        answer = client.get(f"/api/v1/projects/{project}/runs/{done.folder.id}/events?after={after}&limit=7")
        page = [json.loads(line) for line in answer.text.splitlines()]
        seen += page
        if len(page) < 7:
            break
    events = done.folder.events()
    assert [one["seq"] for one in seen] == [*range(1, len(events) + 1)]
    assert [(one["at"], one["type"]) for one in seen] == [(at, event.type) for at, event in events]
    assert SECRET not in json.dumps(seen) and "***" in json.dumps(seen)


def test_what_is_searched_is_found(client: httpx2.Client, done: Run) -> None:
    found = at(client, done, "/search?words=look+2")
    assert [(one["label"], one["where"]) for one in found["found"]] == [("look:2/x", "label"), ("look:2/x", "prompt")]
    assert (found["complete"], found["cut"]) == (True, None)
    own = at(client, done, "/search?words=ALERT")["found"]
    assert [(one["id"], one["where"]) for one in own] == [(None, "finding 1")]
    assert [one["where"] for one in at(client, done, "/search?words=begins")["found"]] == ["log 1"]


def test_a_search_that_takes_long_says_what_it_did_not_see(done: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = texts_of(done.folder.state())
    late = hits_in(texts, ["look"], seconds=-1.0)
    assert (late.hits, late.cut) == ([], "it took more than -1 seconds")
    monkeypatch.setattr(transcript, "MOST_FOUND", 3)
    assert len(hits_in(texts, ["look"], seconds=60.0).hits) < 6
    monkeypatch.setattr(transcript, "LONGEST_TEXT", 5)
    assert "first 5 characters" in str(hits_in(texts, ["at 2"], seconds=60.0).cut)


def test_dollars_stand_by_class_of_tokens(client: httpx2.Client, done: Run) -> None:
    for row in at(client, done, "/cost")["rows"]:
        amounts = {kind: of["tokens"] for kind, of in row["classes"].items()}
        assert sum(amounts.values()) == row["input_tokens"] + row["output_tokens"]
        assert sum(of["usd"] for of in row["classes"].values()) == pytest.approx(row["usd"], abs=1e-4)
        assert row["price"]["rates"]["output"] > row["price"]["rates"]["input"] > row["price"]["rates"]["cache_read"]
        assert "genai-prices" in row["price"]["source"]


def test_the_analysis_is_that_of_the_command_line(client: httpx2.Client, done: Run, folder: Path) -> None:
    events, state = done.folder.events(), done.folder.state()
    assert at(client, done, "/analysis") == as_json(analysis_object(analysed(events, state), state))
    other = at(client, done, "/analysis?model=Check=anthropic:claude-opus-4-5")
    rows = priced_again(events, state, {"Check": "anthropic:claude-opus-4-5"})
    assert other == {"run": done.folder.id, **as_json(repriced_object(rows, state))}


def test_events_of_one_agent_are_about_it(client: httpx2.Client, done: Run) -> None:
    project = told(client, "projects")["projects"][0]["name"]
    answer = client.get(f"/api/v1/projects/{project}/runs/{done.folder.id}/events?agent=3")
    kinds = [json.loads(line)["type"] for line in answer.text.splitlines()]
    assert kinds[0] == "agent_called" and kinds[-1] == "agent_lost" and "agent_finished" not in kinds


def test_findings_of_two_runs_are_compared_in_any_shape_and_order() -> None:
    told = {"title": "a", "severity": "low", "line": 3}
    found = compared(
        ["seen by both", told, "only before", ["x"]], [{**told, "severity": "high"}, "seen by both", {"n": 1}, ["x"]]
    )
    assert (found.alike, found.changed) == (2, ((told, {**told, "severity": "high"}),))
    assert (found.added, found.gone) == (({"n": 1},), ("only before",))


def test_runs_are_listed_latest_first_in_pages(client: httpx2.Client, done: Run, again: Run, folder: Path) -> None:
    (folder / ".weft/runs/00000000-broken").mkdir(exist_ok=True)
    first = told(client, "runs?limit=2")
    assert [run["run"] for run in first["runs"]] == [again.folder.id, done.folder.id]
    rest = told(client, f"runs?limit=2&after={first['next']}")
    assert ([run["run"] for run in rest["runs"]], rest["next"]) == (["00000000-broken"], None)
    assert "no journal" in rest["runs"][0]["problem"]
    assert told(client, "runs?outcome=paused")["runs"] == []
    assert [run["run"] for run in told(client, f"runs?text={done.folder.id}")["runs"]] == [done.folder.id]


def test_what_could_not_be_started_is_told_until_something_else_is(tmp_path: Path) -> None:
    run = run_source(SOURCE, tmp_path, stub=STUB, args={"secret": "none"}).folder.path
    (tmp_path / "bad.py").write_text("import os\n\n\nasync def main(args):\n    return os.listdir('.')\n")
    with served(tmp_path) as server, client_of(server.address.url, server.address.token) as client:
        assert told(client, "unstarted") == {"unstarted": []}
        assert weft(tmp_path, "run", "bad.py", "--agents", "stub:stub.json", "--yes").code == 3
        assert told(client, "unstarted")["unstarted"] == [{"project": tmp_path.name, "why": "the linter found 1 error"}]
        shutil.copytree(run, run.with_name("99991231-235959-0000"))
        assert told(client, "unstarted") == {"unstarted": []}


def test_one_project_is_not_told_of_another(client: httpx2.Client, done: Run, other: Path) -> None:
    names = [project["name"] for project in told(client, "projects")["projects"]]
    assert len(names) == 2
    assert told(client, f"runs?project={names[1]}")["runs"] == []
    refused = client.get(f"/api/v1/projects/{names[1]}/runs/{done.folder.id}")
    assert (refused.status_code, refused.json()["error"]["type"]) == (404, "NotFound")
    for run in ("@last", done.folder.id[:-1], "..", "%2e%2e", "..%2fruns%2f" + done.folder.id):
        assert client.get(f"/api/v1/projects/{names[0]}/runs/{run}").status_code == 404


def test_the_library_has_arguments_and_sources(client: httpx2.Client) -> None:
    project = told(client, "projects")["projects"][0]["name"]
    listed = {one["name"]: one for one in told(client, f"projects/{project}/library")["harnesses"]}
    assert "question" in listed["digest"]["args"]["properties"]
    one = told(client, f"projects/{project}/library/digest")
    assert "async def main" in one["source"] and one["versions"] == []


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("agents?limit=x", 400, "no whole number"),
        ("agents/nobody", 404, "no agent"),
        ("stream?after=soon", 400, "no position"),
        ("search", 400, "no words"),
        ("nothing", 404, "no route"),
    ],
)
def test_what_cannot_be_told_is_said(client: httpx2.Client, done: Run, path: str, status: int, said: str) -> None:
    project = told(client, "projects")["projects"][0]["name"]
    answer = client.get(f"/api/v1/projects/{project}/runs/{done.folder.id}/{path}")
    assert (answer.status_code, said in answer.json()["error"]["message"]) == (status, True)
