"""What the sandbox does not have: imports, attributes and built-ins outside the language."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

from weft.linter.facts import Facts
from weft.linter.facts.events import Dynamic
from weft.linter.facts.names import Import
from weft.linter.finding import Finding, Fix
from weft.linter.rules.determinism import CLOCKS
from weft.linter.rules.importing import name_for
from weft.linter.rules.rule import Rule, suggestion
from weft.primitives.language import BUILTINS, METHODS, MODULES

__all__ = ["AsyncioPrimitive", "ClassTrick", "ForbiddenBuiltin", "ForbiddenImport", "UnderscoreAttribute"]

_FILES = "let an agent read or write files, or put the text into args"
_NETWORK = "let an agent with a web tool fetch it"
_INSTEAD = {
    **dict.fromkeys(("os", "pathlib", "shutil", "glob", "io", "tempfile", "csv", "sqlite3"), _FILES),
    **dict.fromkeys(("requests", "httpx", "urllib", "aiohttp", "socket", "http"), _NETWORK),
    "subprocess": "let an agent with a shell tool run the command",
    "sys": "put what the run needs into args, and return the result",
    "logging": "use log(message)",
    "copy": "dict(x) and list(x) copy; {**x, ...} copies and changes",
    "collections.abc": "annotate with list, dict and typing's names",
    "hashlib": "key on the text itself; a dict or Seen compares it",
    "pydantic": "describe answers with a JSON Schema in schema=",
    "numpy": "use statistics and math",
    "pandas": "use lists of dicts with itertools and statistics",
    "yaml": "use json",
}


class ForbiddenImport(Rule):
    """An import outside `weft.primitives` and the pure modules.

    What: a module is imported that a harness does not have, at any level of the code.
    Why: a harness has no files, network, clock or processes; that is what makes a run safe and repeatable.
    Bad:
        import os
        root = os.getcwd()
    Good:
        root = args["root"]
    When not: the pure modules, also under another name: `import json as js`.
    """

    code = "S501"
    name = "forbidden-import"
    severity = "error"
    message = "{module} is not available to a harness."
    why = "A harness has no files, network, clock or processes, so that a run is safe and can be repeated."
    suppressible = False

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each module that cannot be imported, once per statement."""
        seen: set[tuple[ast.AST, str]] = set()
        for found in facts.scopes.imports:
            if (found.node, found.module) in seen or _allowed(found.module):
                continue
            if found.module.partition(".")[0] in CLOCKS or (found.module, found.name) == ("os", "urandom"):
                continue  # told by D401, with what to use instead
            if _is_concurrent(found.module):
                continue  # told by S505, with what to use instead
            seen.add((found.node, found.module))
            instead = _INSTEAD.get(found.module) or _INSTEAD.get(found.module.partition(".")[0])
            text = instead or f"leave it out: {', '.join(MODULES)} are there"
            yield self.found(facts, found.node, module=found.module or "a relative import", fix=suggestion(text))


def _allowed(module: str) -> bool:
    return module in MODULES or module in {"__future__", "weft"} or module.startswith("weft.primitives")


class UnderscoreAttribute(Rule):
    """An attribute whose name begins with an underscore, on something that the harness has not made itself.

    What: a private or double-underscore attribute is read or written, also through a pattern or a format field.
    Why: the sandbox closes them all: through them a script could reach what it must not.
    Bad:
        seen = Seen()
        known = sorted(seen._keys)
    Good:
        seen = Seen()
        known = len(seen)
    When not: names of variables and functions, methods such as `__init__`, and `self._x` of the harness's own classes.
    """

    code = "S502"
    name = "underscore-attribute"
    severity = "error"
    message = 'Attributes beginning with "_" are closed in the sandbox: {what}.'
    why = "Through them a script could reach what it must not; the run ends here."
    suppressible = False

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each access to a closed attribute."""
        for node in ast.walk(facts.tree):
            for name in _closed(node):
                if node not in facts.own and not _on_itself(facts, node):
                    yield self.found(facts, node, what=name, fix=suggestion(_PUBLIC.get(name, _PUBLIC[""])))


_PUBLIC = {
    "": "use what the object offers without the underscore",
    "_keys": "len(seen) and `key in seen` tell what it remembers",
    "_asdict": "dataclasses.asdict(x) of a dataclass, or build the dict",
    "__dict__": "dataclasses.asdict(x), or build the dict",
    "__class__": "isinstance(x, C)",
    "__name__": "write the name as a text",
}
_FIELD = re.compile(r"{[^{}]*?[.\[](_\w+)")


def _closed(node: ast.AST) -> list[str]:
    """Return the closed attributes that a node reaches."""
    match node:
        case ast.Attribute(attr=name) if name.startswith("_"):
            return [name]
        case ast.MatchClass(kwd_attrs=names):
            return [name for name in names if name.startswith("_")]
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(template)), attr="format" | "format_map")):
            return [str(name) for name in _FIELD.findall(template)]
        case ast.Call(func=ast.Name(id="getattr" | "setattr" | "hasattr"), args=[_, ast.Constant(value=str(name)), *_]):
            return [name] if name.startswith("_") else []
    return []


def _on_itself(facts: Facts, node: ast.AST) -> bool:
    """Tell whether an attribute is asked of `self`, `cls` or `super()` in a method of the harness."""
    if not isinstance(node, ast.Attribute):
        return False
    match node.value:
        case ast.Call(func=ast.Name(id="super")):
            return True
        case ast.Name(id=name):
            return any(name == first for first in _own_parameters(facts, node))
    return False


def _own_parameters(facts: Facts, node: ast.AST) -> Iterator[str]:
    """Yield the first parameter of each method around a node."""
    inner: ast.AST | None = node
    while inner is not None:
        outer = facts.parents.get(inner)
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and isinstance(outer, ast.ClassDef):
            yield from (parameter.arg for parameter in [*inner.args.posonlyargs, *inner.args.args][:1])
        inner = outer


_WHY = {
    **dict.fromkeys(
        ("exec", "eval", "compile", "__import__"),
        ("it runs code that nobody has checked", "compute the value in the harness, or let an agent do it"),
    ),
    **dict.fromkeys(
        ("open", "input"), ("a harness has no files and no terminal", "put it into args, or let an agent read it")
    ),
    **dict.fromkeys(
        ("globals", "locals", "vars", "dir"), ("it reaches the inside of the sandbox", "use a dict of your own")
    ),
    "breakpoint": ("nobody is there to answer", "use log(message)"),
    "print": ("a run has no output but its result and its log", "use log(message)"),
    "getattr": ("with a computed name nobody can say what it reaches", "use a dict of functions: HANDLERS[name]"),
    "setattr": ("with a computed name nobody can say what it changes", "use a dict: d[name] = value"),
    "format": ("a template that is not a literal can reach closed attributes", "use an f-string, or replace()"),
    "": ("it is not part of the language", "leave it out"),
}
_OF_SITE = {"copyright", "credits", "exit", "help", "license", "quit"}
"""Built-ins that Python adds when it is started as usual: they must not depend on how the linter is."""
_ALL = frozenset(name for name in dir(builtins) if not name.startswith("_")) | {"__import__"} | _OF_SITE
_ELSEWHERE = {"hash", "id"}
"""Told by D401."""


class ForbiddenBuiltin(Rule):
    """A built-in that the language does not have.

    What: `eval`, `open`, `print` and the like are used, or `getattr`, `setattr` or `format` with what is only known
        when the harness runs.
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
    severity = "error"
    message = "{name} is not available: {reason}."
    why = "The run ends here with an error."
    suppressible = False

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each use of a built-in that there is not."""
        for name, _ in facts.scopes.free:
            if name.id in _ALL and name.id not in BUILTINS and name.id not in _ELSEWHERE:
                reason, instead = _WHY.get(name.id, _WHY[""])
                fix = _log(facts, name) if name.id == "print" else None
                yield self.found(facts, name, name=name.id, reason=reason, fix=fix or suggestion(instead))
        for node, kind in {event.node: event.name for event in facts.each(Dynamic)}.items():
            reason, instead = _WHY[kind]
            what = "str.format with this template" if kind == "format" else f"{kind} with this name"
            yield self.found(facts, node, name=what, reason=reason, fix=suggestion(instead))


def _log(facts: Facts, name: ast.Name) -> Fix | None:
    """Return the edits that turn a `print` into a `log`."""
    call = facts.parents.get(name)
    if (
        not isinstance(call, ast.Call)
        or call.func is not name
        or any(k.arg not in ("end", "flush", "sep") for k in call.keywords)
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


class ClassTrick(Rule):
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
    severity = "error"
    message = "{trick} is closed in the sandbox."
    why = "Through it a script could reach what it must not; the run ends here."
    suppressible = False

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each trick."""
        for node in ast.walk(facts.tree):
            for place, trick in _tricks(facts, node):
                fix = suggestion("a dict of functions, or a dataclass, does the same here")
                yield self.found(facts, place, trick=trick, fix=fix)


def _tricks(facts: Facts, node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Yield what a node does that no class may do, and where."""
    match node:
        case ast.ClassDef(bases=bases, keywords=keywords, body=body):
            yield from ((keyword, _keyword(keyword)) for keyword in keywords if keyword.arg != "total")
            yield from ((node, "A metaclass") for base in bases if _is_type(facts, base))
            yield from _methods(body)
        case ast.Call(func=function, args=args) if _is_type(facts, function) and len(args) == 3:
            yield node, "type() with three arguments"


def _keyword(keyword: ast.keyword) -> str:
    return "A metaclass" if keyword.arg == "metaclass" else f"The class keyword {keyword.arg or '**'}"


def _methods(body: list[ast.stmt]) -> Iterator[tuple[ast.AST, str]]:
    for inner in body:
        if not isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) or not inner.name.startswith("__"):
            continue
        if inner.name not in METHODS:
            yield inner, f"The method {inner.name}"
        elif isinstance(inner, ast.AsyncFunctionDef) and inner.name != "__call__":
            yield inner, f"An async {inner.name}, which Python does not await,"


def _is_type(facts: Facts, node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "type" and any(name is node for name, _ in facts.scopes.free)


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


class AsyncioPrimitive(Rule):
    """Concurrency from outside the language.

    What: `asyncio`, `anyio`, `trio`, threads or processes are imported or used.
    Why: calls that the runtime does not see are neither recorded nor bounded, and their order is up to chance.
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
    message = "{name} is not available to a harness."
    why = "What it starts would be neither recorded nor bounded, and its order up to chance."
    suppressible = False

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield the imports of such modules, and each use of what they offer."""
        found = [one for one in facts.scopes.imports if _is_concurrent(one.module)]
        for one in {one.node: one for one in reversed(found)}.values():
            yield self.found(facts, one.node, name=one.module, fix=suggestion(_TOGETHER))
        for node, name in _uses(facts, found):
            instead = _FOR_CONCURRENCY.get(name.rpartition(".")[2], _FOR_CONCURRENCY[""])
            yield self.found(facts, node, name=name, fix=_parallel(facts, node, name) or suggestion(instead))


def _is_concurrent(module: str) -> bool:
    return module.partition(".")[0] in _CONCURRENT


def _uses(facts: Facts, imports: list[Import]) -> Iterator[tuple[ast.expr, str]]:
    """Yield where something from modules is read, and what it is called there."""
    modules = {one.bound: one.module for one in imports if one.name is None}
    members = {one.bound: f"{one.module}.{one.name}" for one in imports if one.name is not None}
    for node in ast.walk(facts.tree):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=name, ctx=ast.Load()) if owner in modules:
                yield node, f"{modules[owner]}.{name}"
            case ast.Name(id=name, ctx=ast.Load()) if name in members:
                yield node, members[name]


def _parallel(facts: Facts, node: ast.expr, name: str) -> Fix | None:
    """Return the edits that turn a `gather` into a `parallel`: what fails is None then, and raises no longer."""
    call = facts.parents.get(node)
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
