"""Making one pipeline of two fan-outs with a needless barrier between them, as edits of the source.

What is kept is taken over as it is written; whether the result is the same in every case decides how safe the fix is.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from weft.linter.facts import Facts
from weft.linter.facts.domain.truth import certain
from weft.linter.facts.domain.values import Dict, Value, named
from weft.linter.facts.events import Barrier
from weft.linter.facts.signatures import SIGNATURES
from weft.linter.finding import Edit, Fix

__all__ = ["fused", "said"]

_WIDTH = 100
_SHOWS = ("log", "phase")
_MUTATES = ("pop", "append", "add", "next", "setdefault", "update", "remove", "extend")
_TOTAL = (
    ast.Name,
    ast.Constant,
    ast.BoolOp,
    ast.UnaryOp,
    ast.Compare,
    ast.Subscript,
    ast.expr_context,
    ast.boolop,
    ast.unaryop,
    ast.cmpop,
)
"""What the conditions are made of that raise nothing, or only what would have ended the run before."""

Branches = ast.ListComp | ast.GeneratorExp
Function = ast.FunctionDef | ast.AsyncFunctionDef


class _Unfit(Exception):
    """The two fan-outs are written in a way that no pipeline stands for."""


@dataclass(slots=True)
class _Plan:
    """What the pipeline is made of."""

    items: str
    stages: list[str]
    limit: str | None
    safe: bool = True
    removed: list[ast.stmt] = field(default_factory=list)
    """The statements that only led from one fan-out to the other."""
    edits: list[Edit] = field(default_factory=list)
    """What changes elsewhere."""


def fused(facts: Facts, barrier: Barrier) -> Fix | None:
    """Return the fix that makes one pipeline of what a barrier parts; `None` where that takes more than rewriting.

    It is safe where the results are the same in every case: `None` is filtered out of them before and after, nothing
    else reads what the first fan-out gave, and no condition in between can raise.
    """
    try:
        return _Fusion(facts, barrier).fix()
    except _Unfit:
        return None


class _Fusion:
    """One attempt to make one pipeline of two fan-outs."""

    def __init__(self, facts: Facts, barrier: Barrier) -> None:
        self.facts, self.barrier = facts, barrier
        self.text = facts.positions.text
        self.first = barrier.first.node
        self.second = barrier.call
        self.function = facts.places.function(barrier.waits)

    def fix(self) -> Fix:
        """Return the fix."""
        if not isinstance(self.second, ast.Call) or not isinstance(self.barrier.waits, ast.Await):
            raise _Unfit
        end = self.facts.places.parent(self.second)
        if not isinstance(end, ast.Await) or self.barrier.waits.value is not self.first:
            raise _Unfit
        items, stages = self._beginning()
        plan = _Plan(items, stages, self._limit())
        self._continue(plan, self.second)
        plan.safe = plan.safe and self._without_none(end)
        phases = self._between(plan, end)
        if phases:
            self._name_phase(plan, phases[-1])
        self._replace(plan, end, first=bool(phases))
        return Fix("safe" if plan.safe else "unsafe", "Make one pipeline of both.", tuple(plan.edits))

    # The stages

    def _beginning(self) -> tuple[str, list[str]]:
        """Return the items and the stages of the first fan-out."""
        if self.barrier.first.kind == "pipeline":
            if any(isinstance(stage, ast.Starred) for stage in self.first.args):
                raise _Unfit
            return self.text(self.first.args[0]), [self.text(stage) for stage in self.first.args[1:]]
        branches, clause = _comprehended(self.first)
        items = self.text(clause.iter)
        if clause.ifs:
            name = self.text(clause.target)
            items = f"[{name} for {name} in {items} {' '.join('if ' + self.text(test) for test in clause.ifs)}]"
        return items, [self._stage(clause.target, branches.elt)]

    def _continue(self, plan: _Plan, call: ast.Call) -> None:
        """Add the stages of the second fan-out, and what is asked of each result in between."""
        if isinstance(call.func, ast.Name | ast.Attribute) and self.barrier.second_kind == "pipeline":
            if any(isinstance(stage, ast.Starred) or not self._takes_one(stage) for stage in call.args[1:]):
                raise _Unfit
            tests = self._source(plan, call.args[0])
            plan.stages += [self._guard(target, test) for target, test in self._needed(plan, tests)]
            plan.stages += [self.text(stage) for stage in call.args[1:]]
            return
        branches, clause = _comprehended(call)
        zipped = self._zipped(clause)
        target, source = zipped[1:] if zipped is not None else (clause.target, clause.iter)
        own = [(target, test) for test in clause.ifs]
        tests = self._needed(plan, [*self._source(plan, source), *own])
        inside = [self._condition(test) for name, test in tests if _same(name, target)]
        plan.stages += [self._guard(name, test) for name, test in tests if not _same(name, target)]
        plan.stages.append(self._stage(target, branches.elt, inside, item=zipped[0] if zipped is not None else None))

    def _source(self, plan: _Plan, node: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
        """Return what is asked of each result on the way from the first fan-out to here, as variables and tests."""
        match node:
            case ast.Await() if node is self.barrier.waits:
                return []
            case ast.Name(id=name):
                statement = self._only_assignment(name)
                plan.removed.append(statement)
                return self._source(plan, statement.value)
            case ast.ListComp(elt=ast.Name() as kept) | ast.GeneratorExp(elt=ast.Name() as kept):
                (clause,) = node.generators[:1]
                if len(node.generators) > 1 or not _same(clause.target, kept):
                    raise _Unfit
                return [*self._source(plan, clause.iter), *((clause.target, test) for test in clause.ifs)]
            case ast.Call(func=ast.Name(id="list" | "tuple"), args=[source], keywords=[]):
                return self._source(plan, source)
            case ast.Call(func=ast.Name(id="filter"), args=[ast.Constant(value=None), source], keywords=[]):
                kept = ast.copy_location(ast.Name("result", ast.Load()), node)
                return [*self._source(plan, source), (kept, kept)]
        raise _Unfit

    def _only_assignment(self, name: str) -> ast.Assign:
        """Return the statement that gives a variable its value, if it is read only once."""
        uses = [node for node in ast.walk(self.function) if isinstance(node, ast.Name) and node.id == name]
        stores = [node for node in uses if isinstance(node.ctx, ast.Store)]
        if len(uses) != 2 or len(stores) != 1:
            raise _Unfit
        statement = self.facts.places.parent(stores[0])
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            raise _Unfit
        return statement

    def _zipped(self, clause: ast.comprehension) -> tuple[ast.expr, ast.expr, ast.expr] | None:
        """Return the item, the result and the results of `for item, result in zip(items, results)`."""
        match clause:
            case ast.comprehension(
                target=ast.Tuple(elts=[ast.Name() as item, ast.Name() as result]),
                iter=ast.Call(func=ast.Name(id="zip"), args=[ast.Name() as items, results], keywords=[]),
            ):
                if self.text(items) == self._beginning()[0]:
                    return item, result, results
                raise _Unfit
        return None

    def _needed(self, plan: _Plan, tests: list[tuple[ast.expr, ast.expr]]) -> list[tuple[ast.expr, ast.expr]]:
        """Return the tests that say more than that there is a result, which a pipeline asks by itself."""
        if not any(_asks(target, test) for target, test in tests):
            plan.safe = False  # a failed branch went on as None
        if not all(isinstance(node, _TOTAL) for _, test in tests for node in ast.walk(test)):
            plan.safe = False
        pairs = [(target, part) for target, test in tests for part in _parts(test)]
        return [(target, part) for target, part in pairs if not self._is_given(target, part)]

    def _is_given(self, target: ast.expr, test: ast.expr) -> bool:
        if _same(target, test):
            return _never_empty(self.barrier.first.gives)
        return _is_not_none(target, test)

    def _condition(self, test: ast.expr) -> str:
        """Return a condition as one of several that must hold."""
        alone = isinstance(test, ast.Name | ast.Subscript | ast.Compare | ast.UnaryOp | ast.Call)
        return self.text(test) if alone else f"({self.text(test)})"

    def _guard(self, target: ast.expr, test: ast.expr) -> str:
        name = target.id if isinstance(target, ast.Name) else self._unfit()
        return f"lambda {name}: {name} if {name if _same(target, test) else self.text(test)} else None"

    def _stage(
        self, target: ast.expr, body: ast.expr, tests: Iterable[str] = (), *, item: ast.expr | None = None
    ) -> str:
        """Return a function of one result, or of it and its item, that stands for a branch."""
        if not isinstance(target, ast.Name) or any(map(_is_special, ast.walk(body))):
            raise _Unfit
        tests = list(tests)
        if item is None and not tests and self._is_plain(target, body):
            return self.text(body.func) if isinstance(body, ast.Call) else self._unfit()
        names = target.id if not isinstance(item, ast.Name) else f"{target.id}, {item.id}"
        joined = " and ".join(tests)
        return f"lambda {names}: {self.text(body)}" + (f" if {joined} else None" if tests else "")

    def _is_plain(self, target: ast.Name, body: ast.expr) -> bool:
        """Tell whether a branch is a call of a function of the harness with the result alone."""
        match body:
            case ast.Call(func=ast.Name() as function, args=[ast.Name(id=given)], keywords=[]):
                return given == target.id and self._takes_one(function)
        return False

    def _takes_one(self, stage: ast.expr) -> bool:
        """Tell whether a stage is called with the result alone."""
        if isinstance(stage, ast.Lambda):
            signature = stage.args
        elif isinstance(stage, ast.Name) and (function := self._function(stage.id)) is not None:
            signature = function.args
        else:
            return False
        positional = [*signature.posonlyargs, *signature.args]
        required = len(positional) - len(signature.defaults)
        return required == 1 and signature.vararg is None

    def _function(self, name: str) -> Function | None:
        body = self.facts.tree.body
        found = [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        return next((node for node in found if node.name == name), None)

    def _limit(self) -> str | None:
        """Return the limit that both fan-outs have."""
        assert isinstance(self.second, ast.Call)
        words = [{str(word.arg): self.text(word.value) for word in call.keywords} for call in (self.first, self.second)]
        if words[0] != words[1] or words[0].keys() - {"limit"}:
            raise _Unfit
        return words[0].get("limit")

    # What lies between, and what comes after

    def _between(self, plan: _Plan, end: ast.Await) -> list[ast.Expr]:
        """Return the phases that begin between the two, where nothing else happens but lines for the user."""
        first, last = self._statement(self.barrier.waits), self._statement(end)
        if first is last:
            return []
        block = self.facts.places.block(last)
        if first not in block or not isinstance(last, ast.Assign | ast.Return | ast.Expr | ast.AnnAssign):
            raise _Unfit
        between = [node for node in block[block.index(first) : block.index(last)] if node not in plan.removed]
        if not all(said(node) for node in between):
            raise _Unfit
        return [node for node in between if isinstance(node, ast.Expr) and said(node) == "phase"]

    def _name_phase(self, plan: _Plan, phase: ast.Expr) -> None:
        """Show the agents of the second stage under their phase, which begins later for others."""
        assert isinstance(phase.value, ast.Call) and isinstance(self.second, ast.Call)
        title = phase.value.args[0] if phase.value.args else None
        calls = self._agents(list(self.second.args), set())
        if calls is None or not isinstance(title, ast.Constant):
            plan.safe = False  # they are shown under the phase of the first stage
            return
        for call in calls:
            old, new = self.text(call), _with_phase(self.text(call), self.text(title))
            if any(call in ast.walk(argument) for argument in self.second.args):
                plan.stages = [stage.replace(old, new) for stage in plan.stages]
            else:
                plan.edits.append(self.facts.positions.replace(call, new))

    def _agents(self, nodes: Iterable[ast.AST], known: set[str]) -> list[ast.Call] | None:
        """Return the calls of `agent` in some code and in the functions that only it uses, if a phase fits them all."""
        found: list[ast.Call] = []
        for node in (inner for outer in nodes for inner in ast.walk(outer)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "agent":
                if any(word.arg in ("phase", None) for word in node.keywords):
                    return None
                found.append(node)
            if not isinstance(node, ast.Name) or node.id in known or node.id in ("agent", "parallel", "pipeline"):
                continue
            function = self._function(node.id)
            if function is not None:
                uses = [use for use in ast.walk(self.facts.tree) if isinstance(use, ast.Name) and use.id == node.id]
                inner = self._agents(function.body, known | {node.id}) if len(uses) == 1 else None
                if inner is None:
                    return None
                found += inner
            elif node.id in SIGNATURES:
                return None  # it starts agents of its own, or may
        return found

    def _without_none(self, end: ast.Await) -> bool:
        """Tell whether `None` is left out wherever the results of the second fan-out are read."""
        outer = self.facts.places.parent(end)
        if not isinstance(outer, ast.Assign):
            return _leaves_out(self.facts, end)
        (target, *others) = outer.targets
        if others or not isinstance(target, ast.Name):
            return False
        uses = [node for node in ast.walk(self.function) if isinstance(node, ast.Name) and node.id == target.id]
        stores = [node for node in uses if isinstance(node.ctx, ast.Store)]
        return stores == [target] and all(_leaves_out(self.facts, node) for node in uses if node is not target)

    # The new text

    def _replace(self, plan: _Plan, end: ast.Await, *, first: bool) -> None:
        """Write the pipeline where the second fan-out stands, or where the first one does if a phase lies between."""
        places, last = self.facts.positions, self._statement(end)
        removed: list[ast.stmt] = list(plan.removed)
        if not first:
            text = self._pipeline(plan, end)
            plan.edits.append(places.replace(end, text))
            kept = [end]
        else:
            assign, start = last, self._statement(self.barrier.waits)
            if not isinstance(assign, ast.Assign) or assign.value is not end or start not in removed:
                raise _Unfit
            kept, removed = [], [*(one for one in removed if one is not start), assign]
            plan.edits.append(places.replace(start, self._named(assign) + self._pipeline(plan, start)))
        if self._comments_in([*removed, *([end] if kept else [self._statement(self.barrier.waits)])], plan):
            raise _Unfit
        plan.edits += [places.without_lines(node) for node in removed]
        plan.edits += self._imported()

    def _named(self, assign: ast.Assign) -> str:
        return "".join(f"{self.text(target)} = " for target in assign.targets)

    def _pipeline(self, plan: _Plan, at: ast.AST) -> str:
        """Return the call, on one line if it fits."""
        line, column = self.facts.positions.start(at)
        before = self.facts.positions.lines[line - 1]
        indent = before[: len(before) - len(before.lstrip())]
        parts = [plan.items, *plan.stages, *([f"limit={plan.limit}"] if plan.limit is not None else [])]
        name = self._name("pipeline")
        whole = f"await {name}({', '.join(parts)})"
        if "\n" not in whole and column + len(whole) <= _WIDTH:
            return whole
        deeper = "".join(f"{indent}    {_moved(part, indent + '    ')},\n" for part in parts)
        return f"await {name}(\n{deeper}{indent})"

    def _comments_in(self, nodes: Iterable[ast.AST], plan: _Plan) -> bool:
        """Tell whether a comment stands where text is replaced and is not taken over with what it stands in."""
        kept = "\n".join([plan.items, *plan.stages])
        lines = {line for node in nodes for line in range(node.lineno, (node.end_lineno or 0) + 1)}  # type: ignore[attr-defined]
        tokens = tokenize.generate_tokens(io.StringIO(self.facts.source).readline)
        return any(
            token.type == tokenize.COMMENT and token.start[0] in lines and token.string not in kept for token in tokens
        )

    def _name(self, wanted: str) -> str:
        """Return what `pipeline` is called where `parallel` is called as it is."""
        function = self.first.func
        if isinstance(function, ast.Attribute):
            return f"{self.text(function.value)}.{wanted}"
        return self._alias(wanted) or wanted

    def _imports(self) -> Iterator[ast.ImportFrom]:
        for node in self.facts.tree.body:
            if isinstance(node, ast.ImportFrom) and node.module == "weft.primitives":
                yield node

    def _alias(self, name: str) -> str | None:
        names = [alias for node in self._imports() for alias in node.names if alias.name == name]
        return (names[0].asname or name) if names else None

    def _imported(self) -> list[Edit]:
        """Return the edit that imports `pipeline`, if it must be."""
        names = [alias for node in self._imports() for alias in node.names]
        known = {alias.name for alias in names}
        if not names or known & {"pipeline", "*"} or isinstance(self.first.func, ast.Attribute):
            return []
        (parallel,) = (alias for alias in names if alias.name == "parallel")
        written = parallel.asname or "parallel"
        uses = [node for node in ast.walk(self.facts.tree) if isinstance(node, ast.Name) and node.id == written]
        gone = {call.func for call in (self.first, self.second) if isinstance(call, ast.Call)}
        if all(use in gone for use in uses):
            return [self.facts.positions.replace(parallel, "pipeline")]
        line = self.facts.positions.lines[parallel.lineno - 1]
        alone = line.strip().rstrip(",") == self.text(parallel)
        between = f",\n{line[: len(line) - len(line.lstrip())]}" if alone else ", "
        return [self.facts.positions.after(parallel, f"{between}pipeline")]

    def _statement(self, node: ast.AST) -> ast.stmt:
        statement = self.facts.places.statement(node)
        assert statement is not None
        return statement

    def _unfit(self) -> str:
        raise _Unfit


def _never_empty(value: Value) -> bool:
    """Tell whether a value is true unless it is None."""
    if isinstance(value, Dict) and value.schema is not None:
        return bool(value.schema.required())
    return certain(named(value, lack=None)) is True


def _comprehended(call: ast.Call) -> tuple[Branches, ast.comprehension]:
    """Return the comprehension that a fan-out is given, and its only `for`."""
    branches = call.args[0] if len(call.args) == 1 else None
    if not isinstance(branches, ast.ListComp | ast.GeneratorExp) or len(branches.generators) != 1:
        raise _Unfit
    (clause,) = branches.generators
    if clause.is_async:
        raise _Unfit
    return branches, clause


def _is_special(node: ast.AST) -> bool:
    """Tell whether something does not mean the same later or in a function of its own."""
    name = getattr(node, "attr", "") if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return isinstance(node, ast.Await | ast.NamedExpr | ast.Yield | ast.YieldFrom) or name in _MUTATES


def _same(one: ast.expr, other: ast.expr) -> bool:
    return isinstance(one, ast.Name) and isinstance(other, ast.Name) and one.id == other.id


def _parts(test: ast.expr) -> list[ast.expr]:
    """Return the conditions that must all hold."""
    return test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]


def _asks(target: ast.expr, test: ast.expr) -> bool:
    """Tell whether a test fails for `None`."""
    return any(_same(target, part) or _is_not_none(target, part) for part in _parts(test))


def _is_not_none(target: ast.expr, test: ast.expr) -> bool:
    match test:
        case ast.Compare(left=left, ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return _same(left, target)
    return False


def _leaves_out(facts: Facts, node: ast.expr) -> bool:
    """Tell whether `None` is left out where a list is read."""
    match facts.places.parent(node):
        case ast.comprehension(target=target, iter=walked, ifs=[test, *_]) if walked is node:
            return _asks(target, test)
        case ast.Call(func=ast.Name(id="filter"), args=[ast.Constant(value=None), source]):
            return source is node
    return False


def said(node: ast.stmt) -> str | None:
    """Return `log` or `phase` where a statement is nothing but a call of it."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name))) if name in _SHOWS:
            return name
    return None


def _with_phase(call: str, title: str) -> str:
    """Return a call with its phase named."""
    inner = call[:-1].rstrip()
    separator = " " if inner.endswith(",") else ", "
    return f"{inner}{separator}phase={title})" if "\n" not in call else _spread(call, title)


def _spread(call: str, title: str) -> str:
    """Return a call over several lines with its phase named on a line of its own, if its last line stands alone."""
    *before, last = call.split("\n")
    if last.strip() != ")":
        return f"{call[:-1]}, phase={title})"
    previous = before[-1]
    indent = previous[: len(previous) - len(previous.lstrip())] if len(before) > 1 else last[:-1] + "    "
    comma = "" if previous.rstrip().endswith(",") else ","
    return "\n".join([*before[:-1], previous.rstrip() + comma, f"{indent}phase={title},", last])


def _moved(part: str, indent: str) -> str:
    """Return text over several lines so that its last line begins where the first one does."""
    lines = part.split("\n")
    surplus = len(lines[-1]) - len(lines[-1].lstrip()) - len(indent)
    blank = all(not line[: max(surplus, 0)].strip() for line in lines[1:])
    if len(lines) == 1 or surplus <= 0 or not blank or '"""' in part or "'''" in part:
        return part
    return "\n".join([lines[0], *(line[surplus:] for line in lines[1:])])
