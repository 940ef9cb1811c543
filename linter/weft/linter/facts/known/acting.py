"""Whether an agent is asked to act on the world: to do something, or to edit files."""

from __future__ import annotations

import re

from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.values import Listing, Nothing, Text, Value, constant
from weft.linter.role import Role, RoleOf, nobody
from weft.primitives.tools import AGENT_TOOLS, SPAWNING, Acts

__all__ = ["acts", "edits", "may_use", "names_of", "spawns", "tools_that_act"]

_READING = re.compile(r"read|grep|search|find|glob|list|view|look|fetch|get|query|inspect|show", re.I)
_EDITOR = re.compile(r"edit|write|patch|apply", re.I)
_SHELL = re.compile(r"bash|shell|terminal|exec", re.I)
_VERBS = r"(edit|rename|migrate|convert|refactor|fix|rewrite|apply|implement|commit|cherry-pick)"
_EDITING = re.compile(rf"^\W*(?:please |now |then )?{_VERBS}\b", re.I)
_EDITING_THEN = re.compile(rf"(?:^|[.;:!]\s+|\bthen |\band )(?:please |now |then )?{_VERBS}\b", re.I)
_OBJECT = re.compile(r"\b(file|module|repositor|repo\b|branch|commit|in place|package|codebase|director|folder)", re.I)
_APART = re.compile(
    r"\b(sandbox|scratch|worktree|(own|separate|private) (copy|branch|checkout|clone|folder|director))", re.I
)
_RETURNED = re.compile(
    r"\b(return|reply with|answer with|output|give back|show) (the|only|it|just|a)\b"
    r"|\b(do not|don't|never) (change|edit|modify|touch|write)|\bwithout (changing|editing|modifying)|read.only",
    re.I,
)


def acts(call: Call) -> bool:
    """Tell whether an agent call may change something outside the run."""
    return tools_that_act(call) or (_asked_to_edit(_words(call), _EDITING) and not _RETURNED.search(_words(call)))


def tools_that_act(call: Call) -> bool:
    """Tell whether an agent is given tools that do more than read."""
    return not all(map(_reads, _tools(call)))


def spawns(call: Call) -> bool:
    """Tell whether an agent is seen to be given tools by which it has others answer."""
    return not set(SPAWNING).isdisjoint(_tools(call))


def edits(call: Call, role_of: RoleOf = nobody) -> bool:
    """Tell whether the tools of an agent, its own or those of its profile, or its prompt, say that it edits files."""
    profile = constant(call.keywords.get("profile"))
    role = role_of(profile) if isinstance(profile, str) and "tools" not in call.keywords else Role()
    words, tools = _words(call), [*(role.tools or ())] or _tools(call)
    if _RETURNED.search(words) or _APART.search(f"{words} {profile}"):
        return False
    if any(_has(tool, _EDITOR, ("idempotent", "reconcile")) for tool in tools):
        return True
    if any(_has(tool, _SHELL, ("manual",)) for tool in tools) and re.search(rf"\b{_VERBS}\b", words, re.I):
        return True
    without = (isinstance(call.keywords.get("tools"), Listing) or role.tools is not None) and not tools
    return _asked_to_edit(words, _EDITING_THEN) and not (without or _reads_only(tools))


def may_use(call: Call, role_of: RoleOf) -> frozenset[str]:
    """Return the tools that the agents of a call are given, itself or by a profile; an empty name for one not known."""
    tools, profile = call.keywords.get("tools"), call.keywords.get("profile")
    if isinstance(tools, Listing):
        return frozenset(_tools(call))
    if tools is not None and not isinstance(tools, Nothing):
        return frozenset(("",))
    if profile is None or isinstance(profile, Nothing):
        return frozenset()
    return frozenset(tool for name in names_of(profile) for tool in _of_role(role_of(name) if name else None))


def _of_role(role: Role | None) -> tuple[str, ...]:
    return ("",) if role is None or role.problem is not None else role.tools or ()


def names_of(value: Value | None) -> frozenset[str]:
    """Return the names that a value may be; an empty one where it is not known."""
    return (value.choices if isinstance(value, Text) else frozenset()) or frozenset(("",))


def _asked_to_edit(words: str, editing: re.Pattern[str]) -> bool:
    return bool(editing.search(words) and _OBJECT.search(words))


def _reads_only(tools: list[str]) -> bool:
    return bool(tools) and all(map(_reads, tools))


def _reads(tool: str) -> bool:
    return _has(tool, _READING, ("reads",))


def _has(tool: str, words: re.Pattern[str], acts: tuple[Acts, ...]) -> bool:
    """Tell whether a tool acts in one of some ways, or where it is none of Weft, its name says so."""
    return AGENT_TOOLS[tool] in acts if tool in AGENT_TOOLS else words.search(tool) is not None


def _tools(call: Call) -> list[str]:
    """Return the names of the tools that an agent may be given; an empty one for each that is not known."""
    tools = call.keywords.get("tools")
    given = [part.element for part in tools.parts] if isinstance(tools, Listing) else []
    return [name for tool in given for name in sorted(names_of(tool))]


def _words(call: Call) -> str:
    prompt = call.argument(0, "prompt")
    return prompt.words if isinstance(prompt, Text) else ""
