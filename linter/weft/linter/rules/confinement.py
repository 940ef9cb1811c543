"""What the language of a harness does not have: what `weft.primitives.language` refuses, each kind under a code.

And what it has only because harnesses are written from habit, or can only judge while the harness runs: warnings.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import ClassVar

from weft.linter.facts import Facts
from weft.linter.facts.events import Dynamic
from weft.linter.facts.readings import ClosedAsked, NameAsked
from weft.linter.finding import Finding, Fix
from weft.linter.rules.determinism import CLOCKS
from weft.linter.rules.importing import name_for
from weft.linter.rules.rule import Rule, suggestion
from weft.primitives.language.attributes import attribute_problem
from weft.primitives.language.builtin import PRINT_OPTIONS
from weft.primitives.language.modules import HABIT_MODULES, PRIMITIVES
from weft.primitives.language.refusals import Kind, Refusal
from weft.primitives.language.scopes import Import

__all__ = [
    "AsyncioPrimitive",
    "ClassTrick",
    "ForbiddenBuiltin",
    "ForbiddenImport",
    "ForbiddenSyntax",
    "UnderscoreAttribute",
]


class _Refused(Rule):
    """A rule that shows one kind of what the language refuses."""

    kind: ClassVar[Kind]
    severity = "error"
    message = "{what}."
    suppressible = False

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield what is refused."""
        for refusal in facts.refused:
            if refusal.kind == self.kind and not self.told_elsewhere(facts, refusal):
                yield self.shown(facts, refusal)

    def shown(self, facts: Facts, refusal: Refusal) -> Finding:
        """Return the finding for a refusal."""
        what = refusal.what[:1].upper() + refusal.what[1:]
        return self.found(facts, refusal.node, what=what, fix=suggestion(refusal.instead))

    def told_elsewhere(self, facts: Facts, refusal: Refusal) -> bool:
        """Tell whether another rule shows it, with more to say."""
        return False


class ForbiddenImport(_Refused):
    """A module that a harness does not have, or a name that a module does not have.

    What: a module is imported that is neither `weft.primitives` nor one of the pure modules, at any level of the code;
        or a name is imported or read from one of these that is not there.
    Why: a harness has no files, network, clock or processes, and nothing that reads attributes by name or builds code;
        that is what makes a run safe and repeatable.
    Bad:
        import os
        root = os.getcwd()
    Good:
        root = args["root"]
    When not: the pure modules, also under another name: `import json as js`.
    """

    code = "S501"
    name = "forbidden-import"
    kind = "import"
    why = "The run does not start with it: a harness has only what is safe and the same in every run."

    def shown(self, facts: Facts, refusal: Refusal) -> Finding:
        """Return the finding for a refusal."""
        of_module = isinstance(refusal.node, (ast.Import, ast.ImportFrom)) and not refusal.subject.endswith(".*")
        if of_module and refusal.subject != "__future__":
            module = refusal.subject if not refusal.subject.startswith(".") else "a relative import"
            what = f"{module} is not available to a harness"
            return self.found(facts, refusal.node, what=what, fix=suggestion(refusal.instead))
        return super().shown(facts, refusal)

    def told_elsewhere(self, facts: Facts, refusal: Refusal) -> bool:
        """Tell whether it is a clock (D401), concurrency (S505) or a name that primitives do not have (R712)."""
        top = refusal.subject.partition(".")[0]
        if isinstance(refusal.node, (ast.Import, ast.ImportFrom)):
            told = top in CLOCKS or top in _CONCURRENT or refusal.subject.startswith(PRIMITIVES)
            return told or (refusal.subject == "os" and _is_urandom(refusal.node))
        if isinstance(refusal.node, ast.alias):
            return top in ("weft", *HABIT_MODULES)
        asked = {event.node for event in facts.each(NameAsked)}
        return refusal.node in asked or refusal.node in {node for node, _ in _uses(facts)}


def _is_urandom(node: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(node, ast.ImportFrom) and [alias.name for alias in node.names] == ["urandom"]


class UnderscoreAttribute(_Refused):
    """An attribute that no harness may ask for.

    What: a double-underscore attribute or one that leads into the interpreter is read or written, also through a
        pattern, a format field or `getattr`; or a private attribute that no line of the file gives any object.
    Why: the sandbox closes them all: through them a script could reach what it must not.
    Bad:
        seen = Seen()
        known = sorted(seen._keys)
    Good:
        seen = Seen()
        known = len(seen)
    When not: names of variables and functions, methods such as `__init__`, `__name__` and `__doc__`, `_replace` and
        `_asdict` of named tuples, and `x._y` where the harness itself gives its objects a `_y`.
    """

    code = "S502"
    name = "underscore-attribute"
    kind = "attribute"
    why = "The run {when}: through such attributes a script could reach what it must not."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield what is refused before a run, and what is surely refused in it."""
        yield from super().check(facts)
        refused = {refusal.node for refusal in facts.refused}
        for node, name in dict.fromkeys((event.node, event.name) for event in facts.each(ClosedAsked)):
            problem = attribute_problem(name)
            if node not in refused and problem is not None:
                yield self._shown(facts, node, problem, "ends here")

    def shown(self, facts: Facts, refusal: Refusal) -> Finding:
        """Return the finding for a refusal."""
        return self._shown(facts, refusal.node, (refusal.what, refusal.instead), "does not start with it")

    def _shown(self, facts: Facts, node: ast.AST, problem: tuple[str, str], when: str) -> Finding:
        what, instead = problem
        return self.found(facts, node, what=what[:1].upper() + what[1:], when=when, fix=suggestion(instead))


class ForbiddenBuiltin(_Refused):
    """A built-in that the language does not have.

    What: `eval`, `open` and the like are used. As a warning: `print`, which only logs, and `getattr`, `setattr` or
        `format` with what is only known when the harness runs.
    Why: they reach out of the sandbox, or nobody can say beforehand what they reach.
    Bad:
        value = eval(args["formula"])
    Good:
        value = args["impact"] / max(args["effort"], 1)
    When not: the harness's own functions and methods with such names; `getattr` with a public name written in place.
    Fix: safe for `print`, which becomes `log`.
    """

    code = "S503"
    name = "forbidden-builtin"
    kind = "builtin"
    why = "{why}"

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each use of a built-in that there is not, or not as in Python."""
        yield from super().check(facts)
        for name, _ in facts.scopes.free:
            if name.id == "print":
                yield self._print(facts, name)
        for node, kind in {event.node: event.name for event in facts.each(Dynamic)}.items():
            what, why, instead = _COMPUTED[kind]
            fix = suggestion(instead)
            yield self.found(facts, node, what=what, why=why, fix=fix, severity="warning")

    def shown(self, facts: Facts, refusal: Refusal) -> Finding:
        """Return the finding for a refusal."""
        why = "The run does not start with it."
        return self.found(facts, refusal.node, what=refusal.what, why=why, fix=suggestion(refusal.instead))

    def told_elsewhere(self, facts: Facts, refusal: Refusal) -> bool:
        """Tell whether it is told by D401."""
        return refusal.subject == "id"

    def _print(self, facts: Facts, name: ast.Name) -> Finding:
        what = "print writes one line into the log of the run; there is no output"
        why = "sep is kept, end and flush do nothing; log(message) says the same in the words of the language."
        fix = _log(facts, name) or suggestion("use log(message)")
        return self.found(facts, name, what=what, why=why, fix=fix, severity="warning")


_COMPUTED = {
    "getattr": (
        "The name that getattr is given here is only known while the harness runs",
        "If it is of a closed attribute, the run ends here.",
        "use a dict of functions: HANDLERS[name]",
    ),
    "setattr": (
        "The name that setattr is given here is only known while the harness runs",
        "If it is of a closed attribute, or the object is not of a class of this file, the run ends here.",
        "use a dict: d[name] = value",
    ),
    "format": (
        "The template that is filled here is only known while the harness runs",
        "If it asks for a closed attribute, as in {0.__class__}, the run ends here.",
        "use an f-string, or replace()",
    ),
}


def _log(facts: Facts, name: ast.Name) -> Fix | None:
    """Return the edits that turn a `print` into a `log`."""
    call = facts.places.parent(name)
    if (
        not isinstance(call, ast.Call)
        or call.func is not name
        or any(k.arg not in PRINT_OPTIONS for k in call.keywords)
    ):
        return None
    if not call.args or any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    log, imported = name_for(facts, "log")
    if log is None:
        return None
    edit = facts.positions.replace(call, f"{log}({_one_text(facts, call)})")
    return Fix("safe", "use log(message)", (edit, *imported))


def _one_text(facts: Facts, call: ast.Call) -> str:
    """Return the arguments of a `print` as one text."""
    written = [facts.positions.text(argument) for argument in call.args]
    if len(call.args) > 1:
        separator = next((facts.positions.text(k.value) for k in call.keywords if k.arg == "sep"), '" "')
        return f"{separator}.join(map(str, ({', '.join(written)})))"
    (only,) = call.args
    is_text = isinstance(only, ast.JoinedStr) or (isinstance(only, ast.Constant) and isinstance(only.value, str))
    return written[0] if is_text else f"str({written[0]})"


class ClassTrick(_Refused):
    """A class that changes how Python itself works.

    What: a class keyword such as `metaclass=`, a class derived from `type`, a call of `type` that makes a class, or a
        double-underscore method that the language does not have, such as `__getattr__` or `__new__`.
    Why: the sandbox closes them all: through them a script could reach what it must not.
    Bad:
        class Strategy:
            def __init_subclass__(cls):
                STRATEGIES.append(cls)
        STRATEGIES = []
    Good:
        STRATEGIES = {"bugs": "Look for bugs.", "speed": "Look for slow paths."}
    When not: plain classes, dataclasses, enums, `TypedDict(total=False)`, methods such as `__init__` and `__len__`.
    """

    code = "S504"
    name = "class-trick"
    kind = "class"
    why = "The run does not start with it: through it a script could reach what it must not."


_CONCURRENT = ("asyncio", "anyio", "trio", "concurrent", "threading", "multiprocessing", "queue", "curio", "gevent")
_TOGETHER = "parallel([…]) runs calls together, keeps input order and turns failures into None"
_FOR_CONCURRENCY = {
    **dict.fromkeys(("Semaphore", "BoundedSemaphore", "CapacityLimiter"), "limit=n of parallel and pipeline"),
    **dict.fromkeys(("Lock", "RLock", "Event", "Condition"), "nothing: between two awaits no other branch runs"),
    **dict.fromkeys(("Queue", "LifoQueue", "PriorityQueue"), "a list, or pipeline(items, …) for work that flows"),
    **dict.fromkeys(("wait_for", "timeout", "fail_after", "move_on_after"), "timeout= of agent(…)"),
    "sleep": "nothing: a run waits for its agents by itself",
    "run": "nothing: the runtime awaits main(args)",
    "as_completed": "pipeline(items, …), which takes each result on as soon as it is there",
    "": _TOGETHER,
}
_HABITS = {f"{module}.{name}" for module, names in HABIT_MODULES.items() for name in names}


class AsyncioPrimitive(Rule):
    """Concurrency from outside the language.

    What: `asyncio`, `anyio`, `trio`, threads or processes are imported or used. As a warning: `asyncio.gather`, which
        works as a `parallel` that raises the first failure once all have ended.
    Why: a harness has one way to do things together, which the run can record, bound and repeat.
    Bad:
        import asyncio
        views = await asyncio.gather(*[agent(f"Read {f}") for f in FILES])
    Good:
        views = await parallel([agent(f"Read {f}") for f in FILES])
    When not: `async def` and `await` themselves.
    Fix: unsafe: `gather` becomes `parallel`, which gives `None` for what fails and raises nothing.
    """

    code = "S505"
    name = "asyncio-primitive"
    severity = "error"
    message = "{what}."
    why = "{why}"
    suppressible = False

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield the imports of such modules, and each use of what they offer."""
        refused = {refusal.node for refusal in facts.refused}
        for found in {one.node: one for one in reversed(_imports(facts))}.values():
            there = found.node not in refused and not refused.intersection(found.node.names)
            yield self._told(facts, found.node, found.module, suggestion(_TOGETHER), works=there)
        for node, name in _uses(facts):
            instead = suggestion(_FOR_CONCURRENCY.get(name.rpartition(".")[2], _FOR_CONCURRENCY[""]))
            fix = _parallel(facts, node, name) or instead
            yield self._told(facts, node, name, fix, works=name in _HABITS)

    def _told(self, facts: Facts, node: ast.AST, name: str, fix: Fix, *, works: bool) -> Finding:
        if not works:
            what, why = f"{name} is not available to a harness", "A harness that uses it does not start."
            return self.found(facts, node, what=what, why=why, fix=fix)
        what = f"{name} is here for habit's sake; of it there is gather, as a parallel that raises"
        if name in _HABITS:
            what = f"{name} works here as a parallel that raises the first failure, once all have ended"
        why = "parallel says what happens: None for each failure, and the failures in .lost."
        return self.found(facts, node, what=what, why=why, fix=fix, severity="warning")


def _imports(facts: Facts) -> list[Import]:
    return [one for one in facts.scopes.imports if one.module.partition(".")[0] in _CONCURRENT]


def _uses(facts: Facts) -> Iterator[tuple[ast.expr, str]]:
    """Yield where something from modules of concurrency is read, and what it is called there."""
    imports = _imports(facts)
    modules = {one.bound: one.module for one in imports if one.name is None}
    members = {one.bound: f"{one.module}.{one.name}" for one in imports if one.name is not None}
    for node in facts.places.nodes if imports else ():
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=name, ctx=ast.Load()) if owner in modules:
                yield node, f"{modules[owner]}.{name}"
            case ast.Name(id=name, ctx=ast.Load()) if name in members:
                yield node, members[name]


class ForbiddenSyntax(_Refused):
    """Syntax or a name that the language does not have.

    What: `async for`, `async with`, `except*`, `yield` in an async function, `await` in a generator expression, type
        parameters in brackets; a variable, parameter or option whose name begins with two underscores or looks like
        `_this_`; `super` with arguments, or without being called.
    Why: nothing in a harness is an asynchronous iterator or context, and those names belong to Python and the sandbox.
    Bad:
        __all__ = ["main"]
        texts = [text async for text in read(FILES)]
    Good:
        texts = [text for text in await read(FILES)]
    When not: `async def`, `await` in lists; names with one underscore at the front, and `_` or `__` alone.
    """

    code = "S506"
    name = "forbidden-syntax"
    kind = "syntax"
    why = "The run does not start with it."

    def told_elsewhere(self, facts: Facts, refusal: Refusal) -> bool:
        """Tell whether it goes with what S505 tells to leave out: a lock or a limit that is waited for."""
        return isinstance(refusal.node, ast.AsyncWith) and any(_uses(facts))


def _parallel(facts: Facts, node: ast.expr, name: str) -> Fix | None:
    """Return the edits that turn a `gather` into a `parallel`: what fails is None then, and raises no longer."""
    call = facts.places.parent(node)
    if name != "asyncio.gather" or not isinstance(call, ast.Call) or call.func is not node or call.keywords:
        return None
    parallel, imported = name_for(facts, "parallel")
    if parallel is None or not call.args:
        return None
    only = call.args[0]
    if len(call.args) == 1 and isinstance(only, ast.Starred):
        branches = facts.positions.text(only.value)
    else:
        branches = f"[{', '.join(facts.positions.text(argument) for argument in call.args)}]"
    edit = facts.positions.replace(call, f"{parallel}({branches})")
    return Fix("unsafe", "use parallel([…]), which gives None for what fails", (edit, *imported))
