"""Rehearsals: what breaks a harness, what it never does, and results from which one cannot tell what was lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import run_source
from unconfined import without_processes

from weft.runtime import Rehearsal, rehearsed

HEAD = """
from weft.primitives import agent, ask, dedup, parallel, tool, verify

FOUND = {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "maxItems": 4, "items": {
    "type": "object", "required": ["name", "text", "grave"], "properties": {
        "name": {"type": "string"}, "text": {"type": "string"},
        "grave": {"type": "integer", "minimum": 1, "maximum": 5},
    }}}}}
"""


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


def source_of(body: str) -> str:
    indented = "".join(f"    {line}\n" for line in body.strip("\n").splitlines())
    return f"{HEAD}\nasync def main(args):\n{indented}"


def rehearse(body: str, args: object = None, runs: int = 14) -> Rehearsal:
    return rehearsed(source_of(body), args, runs=runs)


def kinds(body: str, args: object = None) -> set[str]:
    done = rehearse(body, args)
    assert done.crashes == (), done.faults
    return {confused.kind for confused in done.confused}


BROKEN = {
    "an empty list": 'found = await agent("Find", schema=FOUND) or {"items": [1]}\nreturn found["items"][0]',
    "a loss": 'found = await agent("Find", schema=FOUND)\nreturn found["items"]',
    "a name that is known": """
found = await agent("Find", schema=FOUND) or {"items": []}
known = [item for item in found["items"] if item["name"] in args["files"]]
return [1 / (len(args["files"]) - 1 - args["files"].index(item["name"])) for item in known]
""",
    "two of a kind": """
found = await agent("Find", schema=FOUND) or {"items": []}
graves = [item["grave"] for item in found["items"]]
if len(graves) > 1 and graves[0] == graves[1] == 5:
    return {}["missing"]
return graves
""",
    "an agent that changes nothing": """
change = await agent("Mend it", schema=FOUND, isolation="worktree")
return change and [change["files"][0], len(change["result"]["items"])]
""",
    "an agent that changes something": """
change = await agent("Mend it", isolation="worktree")
return change and change["patch"] and change["patch"][0]["lines"]
""",
    "a fact that is remembered": """
await parallel([agent(f"Who owns {area}? Remember it as owner/{area}.", tools=["remember"]) for area in "ab"])
owners = await tool("recall", prefix="owner/") or []
return [1 / len(fact["value"].removeprefix("nobody")) for fact in owners if fact["key"] == "owner/b"]
""",
    "one agent of several": """
found = await parallel([agent(f"Find {n}", schema=FOUND, label=f"find:{n}") for n in range(3)])
return [reply["items"] if n != 1 else len(reply["items"]) for n, reply in enumerate(found) if n == 1 or reply]
""",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_what_breaks_is_found_and_its_stub_file_breaks_it_again(tmp_path: Path, body: str) -> None:
    args = {"files": ["plan.md", "notes/week.md"]}
    done = rehearse(body, args, runs=40)
    assert done.crashes, done.never_reached
    for crash in done.crashes:
        again = run_source(source_of(body), tmp_path, args=args, stub=crash.stub)
        assert again.state.ended is not None and again.state.ended.problem is not None
        assert again.state.ended.problem.line == crash.problem.line
        assert again.state.ended.problem.message == crash.problem.message


def test_a_case_is_small_and_tells_who_must_say_what() -> None:
    done = rehearse(BROKEN["one agent of several"])
    (crash,) = done.crashes
    assert crash.case == "find:1 is lost (provider)"
    assert len(crash.stub["rules"]) == 1


def test_the_same_seed_shows_the_same() -> None:
    first, again = (rehearse(BROKEN["two of a kind"], runs=16) for _ in range(2))
    assert [played.told for played in first.played] == [played.told for played in again.played]
    assert (first.crashes, first.confused) == (again.crashes, again.confused)


def test_conditions_on_names_and_numbers_are_met_and_those_that_never_hold_are_told() -> None:
    done = rehearse(
        """
found = await agent("Find", schema=FOUND) or {"items": []}
said = []
for item in found["items"]:
    if item["name"] in args["files"]:
        said.append(await agent("Read"))
    if item["text"] == "confidential" and item["grave"] == 4:
        said.append(await agent("Hide"))
    if len(item["text"]) < 0:
        said.append(await agent("Never"))
return said
""",
        {"files": ["plan.md"]},
        runs=40,
    )
    assert [(one.line, one.condition) for one in done.never_reached] == [(19, "len(item['text']) < 0")]
    assert done.places == (3, 4) and done.unreached == 1


def test_branches_behind_facts_are_reached() -> None:
    done = rehearse(
        """
for number in range(2):
    await agent(f"Do part {number}; remember what you have done.", tools=["remember", "recall"])
for fact in await tool("recall") or []:
    await agent(f"Check {fact['value']}")
state = await tool("recall", key="state") or []
if not state:
    return await agent("Begin")
if state[0]["value"] == "stuck":
    return await agent("Help")
return state[0]["version"]
""",
        runs=40,
    )
    assert (done.crashes, done.never_reached, done.unreached) == ((), (), 0)
    assert not [confused for confused in done.confused if confused.kind == "order"]


def test_the_widest_run_comes_near_the_bound() -> None:
    done = rehearse(
        """
found = await parallel([agent(f"Find {n}", schema=FOUND) for n in range(6)])
items = dedup([item for one in found if one for item in one["items"]], key=lambda item: item["name"])
return await parallel([agent(f"Mend {item['name']}") for item in items])
"""
    )
    assert done.agents[1] >= 0.8 * (6 + 6 * 4)


def test_assert_sound_tells_what_is_wrong() -> None:
    rehearse('return {"said": await agent("x")}').assert_sound()
    with pytest.raises(AssertionError, match=r"line 12: .*NoneType.*, when agent 0 is lost"):
        rehearse(BROKEN["a loss"]).assert_sound()


FIND = 'found = await parallel([agent(f"Find {n}", schema=FOUND) for n in range(3)])\n'
ALL = 'items = [item for one in found if one for item in one["items"]]\n'
MISSED = (
    'missed = [n for n, one in enumerate(found) if one is None]\nfull = [one["items"].full for one in found if one]\n'
)
VERIFIED = 'verdict = await verify({"claim": "It holds"}, lenses=["a", "b", "c"])\n'
MAJORITY = 'verdict = await verify({"claim": "It holds"}, lenses=["a", "b", "c"], quorum=2, veto=False)\n'
JUDGED = (
    FIND
    + ALL
    + MISSED
    + 'judged = [(item, await verify({"claim": item["name"]}, lenses=["a", "b"])) for item in items]\n'
    + 'good = [item for item, verdict in judged if verdict["outcome"] == "survives"]\n'
    + 'open_ = [item for item, verdict in judged if verdict["outcome"] == "undecided"]\n'
    + 'refuted = sum(verdict["outcome"] == "refuted" for _, verdict in judged)\n'
)
LISTED = 'paths = await tool("list_files")\n'
SPENT = (
    FIND
    + "total = {}\n"
    + ALL
    + 'for item in items:\n    name = item["name"]HOW\n    total[name] = total.get(name, 0) + 1\n'
    + MISSED
    + 'return {"count": sorted(total.values()), "names": sorted(total), "missed": missed, "full": full}'
)
KEPT = (
    FIND
    + ALL
    + MISSED
    + 'kept = dedup(items, key=lambda item: item["name"]HOW)\n'
    + 'return {"kept": kept, "missed": missed, "full": full}'
)

BY_GRAVITY = FIND + ALL + MISSED + 'kept = dedup(items, key=lambda item: KEY, keep="grave")\n'
BY_GRAVITY += 'return {"kept": kept, "missed": missed, "full": full}'
SUMMED = (
    'found = [await agent("Find", schema=FOUND)]\n'
    + ALL
    + MISSED
    + 'said = await agent("Sum up", context={"items": items})\n'
    + 'return {"said": said, "missed": missed'
)
PICKED = (
    'numbers = {"type": "array", "items": {"type": "integer"}}\n'
    'picks = {"type": "object", "required": ["numbers"], "properties": {"numbers": numbers}}\n'
    'reply = await agent("Which of them?", schema=picks)\n'
    "if reply is None:\n    return None\n"
    'picked = ["abcde"[n] for n in reply["numbers"] if 0 <= n < 5]\n'
)

PAIRS = {
    "unchecked or refuted": (
        VERIFIED + 'return {"good": verdict["outcome"] == "survives"}',
        VERIFIED + 'return {"outcome": verdict["outcome"], "votes": [v["verdict"] for v in verdict["votes"]]}',
    ),
    "outvoted": (
        MAJORITY + 'return {"outcome": verdict["outcome"]}',
        MAJORITY + 'return {"outcome": verdict["outcome"], "votes": [v["verdict"] for v in verdict["votes"]]}',
    ),
    "refuted or not found": (
        JUDGED + 'return {"good": good, "open": open_, "missed": missed, "full": full}',
        JUDGED + 'return {"good": good, "open": open_, "refuted": refuted, "missed": missed, "full": full}',
    ),
    "lost or nothing": (
        FIND + ALL + 'return {"items": items, "full": [one["items"].full for one in found if one and one["items"]]}',
        FIND + ALL + MISSED + 'return {"items": items, "missed": missed, "full": full}',
    ),
    "full": (
        FIND + ALL + MISSED + 'return {"items": items, "missed": missed}',
        FIND + ALL + MISSED + 'return {"items": items, "missed": missed, "full": full}',
    ),
    "spelling": (SPENT.replace("HOW", ""), SPENT.replace("HOW", ".strip().casefold()")),
    "order": (KEPT.replace("HOW", ""), KEPT.replace("HOW", ', keep="grave"')),
    "merged": (
        BY_GRAVITY.replace("KEY", 'item["grave"]'),
        BY_GRAVITY.replace("KEY", '(item["name"], item["text"])'),
    ),
    "number": (
        PICKED + 'return {"picked": picked}',
        PICKED + 'return {"picked": picked, "all": len(reply["numbers"])}',
    ),
}


@pytest.mark.parametrize("kind", PAIRS)
def test_a_pair_shows_what_cannot_be_told_and_is_silent_where_it_can(kind: str) -> None:
    flawed, mended = PAIRS[kind]
    assert kind in kinds(flawed)
    assert kinds(mended) == set()


def test_a_full_list_that_only_another_agent_sees_must_be_told() -> None:
    assert "full" in kinds(SUMMED + "}")
    assert kinds(SUMMED + ', "full": full}') == set()


def test_what_agents_were_asked_about_must_not_vanish_behind_a_title_that_two_give() -> None:
    body = """
schema = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}
read = await parallel([agent(f"Read {file}", schema=schema) for file in args["files"]])
by_title = {one["title"]: file for file, one in zip(args["files"], read) if one}
lost = [file for file, one in zip(args["files"], read) if not one]
"""
    by_title = 'return {"files": [by_title.get(one["title"]) for one in read if one], "lost": lost}'
    by_place = 'return {"files": [file for file, one in zip(args["files"], read) if one], "lost": lost}'
    args = {"files": ["one.md", "two.md", "three.md"]}
    assert "merged" in kinds(body + by_title, args)
    assert kinds(body + by_place, args) == set()


def test_a_quotation_is_found_in_the_file_that_stands_beside_it_and_two_readers_may_agree() -> None:
    texts = {f"{name}.md": "\n".join(f"{name} says {n} of it" for n in range(20)) for name in "abc"}
    done = rehearse(
        """
texts = args["texts"]
time = {"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$"}
place = {"file": {"enum": sorted(texts)}, "quote": {"type": "string"}, "time": time}
item = {"type": "object", "required": list(place), "properties": place}
schema = {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": item}}}
for path in texts:
    one, other = await parallel([agent(f"Reader {n}: read {path}", schema=schema) for n in range(2)])
    if one and other and one["items"] and one["items"] == other["items"]:
        if all(said["quote"] in texts[said["file"]] for said in one["items"]):
            await agent("Use it")
return None
""",
        {"texts": texts},
    )
    assert done.places == (2, 2)
