"""Whether two fan-outs can be one pipeline without a run noticing it, and what that pipeline is made of.

Two things must be shown. The results are the same: nothing but `None` is left out on the way, and nothing else reads
what the first fan-out gave. And it makes no difference that a branch of the second one begins before the first one has
ended: the code of both only reads, and an error in it ends the run either way. Where that is not shown, there is no
pipeline. How it is written is next door, in `fusing`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from weft.linter.effort import walk
from weft.linter.facts import Facts
from weft.linter.facts.domain.truth import certain
from weft.linter.facts.domain.values import Dict, Value, named
from weft.linter.facts.events import Barrier, Wait
from weft.linter.facts.places import uses
from weft.linter.record import record
from weft.linter.rules.reached import Reached

__all__ = ["NotFusible", "Pipeline", "Stage", "fusible", "said"]

_SHOWS = ("log", "phase")
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


class NotFusible(Exception):
    """It is not shown that one pipeline does what the two fan-outs do."""


@record()
class Stage:
    """One stage: a function that the harness has, or what stands in a branch, to be made a function."""

    body: ast.expr
    """The function, or what the branch does."""
    names: tuple[str, ...] = ()
    """What the branch calls its value, and the item that it comes from if it reads it; nothing for a function."""
    tests: tuple[ast.expr, ...] = ()
    """What must hold for the item not to be dropped."""


@record()
class Pipeline:
    """What does the work of two fan-outs."""

    items: ast.expr
    stages: tuple[Stage, ...]
    limit: ast.expr | None
    start: ast.stmt
    """The statement that waits for the first fan-out."""
    end: ast.Await
    """The await of the second one."""
    removed: tuple[ast.stmt, ...]
    """The statements that only lead from one to the other."""
    title: ast.Constant | None
    """The phase that begins in between."""
    agents: tuple[ast.Call, ...]
    """The agents of that phase."""


Condition = tuple[ast.expr, ast.expr]
"""A variable that stands for a result, and what is asked of it."""


def fusible(facts: Facts, barrier: Barrier) -> Pipeline:
    """Return the pipeline that does the work of the two fan-outs which a barrier parts.

    Raises:
        NotFusible: it is not shown that there is one.
    """
    return _Attempt(facts, barrier).pipeline()


class _Attempt:
    """One attempt to find the pipeline."""

    def __init__(self, facts: Facts, barrier: Barrier) -> None:
        second, waits = barrier.call, barrier.waits
        end = facts.places.parent(second)
        if not isinstance(second, ast.Call) or not isinstance(waits, ast.Await) or not isinstance(end, ast.Await):
            raise NotFusible
        if waits.value is not barrier.first.node:
            raise NotFusible
        self.facts, self.barrier = facts, barrier
        self.first, self.second, self.waits, self.end = barrier.first.node, second, waits, end
        self.function = facts.places.function(waits)
        self.reached = Reached(facts)
        self.removed: list[ast.stmt] = []

    def pipeline(self) -> Pipeline:
        """Return the pipeline."""
        items, stages = self._beginning()
        stages += self._rest(items)
        if not self._only_reads(stages) or not self._errors_end_the_run() or not self._leaves_out_none():
            raise NotFusible
        title = self._phase_between()
        return Pipeline(
            items=items,
            stages=tuple(stages),
            limit=self._limit(),
            start=self._statement(self.waits),
            end=self.end,
            removed=tuple(self.removed),
            title=title,
            agents=self._agents(stages[-1]) if title is not None else (),
        )

    # The stages

    def _beginning(self) -> tuple[ast.expr, list[Stage]]:
        """Return the items and the stages of the first fan-out."""
        if self.barrier.first.kind == "pipeline":
            return self.first.args[0], [self._whole(stage) for stage in self.first.args[1:]]
        branches, clause = _comprehended(self.first)
        if clause.ifs:
            raise NotFusible
        return clause.iter, [_branch(branches.elt, clause.target)]

    def _rest(self, items: ast.expr) -> list[Stage]:
        """Return the stages of the second fan-out."""
        if self.barrier.second_kind == "pipeline":
            source, *stages = self.second.args
            if self._needed(self._source(source)):
                raise NotFusible
            return [self._whole(stage, alone=True) for stage in stages]
        branches, clause = _comprehended(self.second)
        *item, target, source = _zipped(clause, items) or (clause.target, clause.iter)
        tests = self._needed([*self._source(source), *((target, test) for test in clause.ifs)])
        if not all(_same(name, target) for name, _ in tests):
            raise NotFusible
        return [_branch(branches.elt, target, *item, tests=[test for _, test in tests])]

    def _source(self, node: ast.expr) -> list[Condition]:
        """Return what is asked of each result on the way from the first fan-out to here."""
        match node:
            case ast.Await() if node is self.waits:
                return []
            case ast.Name(id=name):
                statement = self._only_assignment(name)
                self.removed.append(statement)
                return self._source(statement.value)
            case ast.ListComp(elt=kept, generators=[clause]) | ast.GeneratorExp(elt=kept, generators=[clause]):
                if _same(clause.target, kept):
                    return [*self._source(clause.iter), *((clause.target, test) for test in clause.ifs)]
            case ast.Call(func=ast.Name(id="list" | "tuple"), args=[source], keywords=[]):
                return self._source(source)
            case ast.Call(func=ast.Name(id="filter"), args=[ast.Constant(value=None), source], keywords=[]):
                result = ast.copy_location(ast.Name("result", ast.Load()), node)
                return [*self._source(source), (result, result)]
        raise NotFusible

    def _only_assignment(self, name: str) -> ast.Assign:
        """Return the statement that gives a variable its value, if it is read only once."""
        found = list(uses(self.function, name))
        stores = [use for use in found if isinstance(use.ctx, ast.Store)]
        statement = self.facts.places.parent(stores[0]) if len(found) == 2 and len(stores) == 1 else None
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            raise NotFusible
        return statement

    def _needed(self, tests: list[Condition]) -> list[Condition]:
        """Return the tests that say more than that there is a result, which a pipeline asks by itself."""
        if not any(_asks(target, test) for target, test in tests):
            raise NotFusible  # a failed branch went on as None
        if not all(isinstance(node, _TOTAL) for _, test in tests for node in walk(test)):
            raise NotFusible
        parts = [(target, part) for target, test in tests for part in _parts(test)]
        return [(target, part) for target, part in parts if not self._is_given(target, part)]

    def _is_given(self, target: ast.expr, test: ast.expr) -> bool:
        """Tell whether a test holds for everything but `None`."""
        if _same(target, test):
            return _never_empty(self.barrier.first.gives)
        return _is_not_none(target, test)

    def _whole(self, stage: ast.expr, *, alone: bool = False) -> Stage:
        """Return a stage that is taken over; `alone`: it must not read the item, which will be another one."""
        known = isinstance(stage, ast.Lambda) or (isinstance(stage, ast.Name) and self.reached.function(stage.id))
        if not known or (alone and not self._takes_one(stage)):
            raise NotFusible
        return Stage(stage)

    def _takes_one(self, stage: ast.expr) -> bool:
        """Tell whether a stage is called with the result alone."""
        function = self.reached.function(stage.id) if isinstance(stage, ast.Name) else stage
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return False
        signature = function.args
        positional = [*signature.posonlyargs, *signature.args]
        return len(positional) - len(signature.defaults) == 1 and signature.vararg is None

    def _limit(self) -> ast.expr | None:
        """Return the limit that both fan-outs have."""
        text = self.facts.positions.text
        words = [{word.arg: word.value for word in call.keywords} for call in (self.first, self.second)]
        written = [{name: text(value) for name, value in some.items()} for some in words]
        if written[0] != written[1] or words[0].keys() - {"limit"}:
            raise NotFusible
        return words[0].get("limit")

    # Whether it makes no difference when a branch begins

    def _only_reads(self, stages: list[Stage]) -> bool:
        """Tell whether the code of both fan-outs changes nothing, and does not depend on the budget."""
        waits = [wait for wait in self.facts.each(Wait) if wait.node in (self.waits, self.end)]
        known = {self.waits, self.end} <= {wait.node for wait in waits}
        if not known or any(wait.acts or wait.changes or wait.spends for wait in waits):
            return False
        return self.reached.only_reads([stage.body for stage in stages])

    def _errors_end_the_run(self) -> bool:
        """Tell whether an error in the code of a branch ends the run: a pipeline would only drop the item."""
        catching = (ast.Try, ast.TryStar, ast.With, ast.AsyncWith)
        blocks = [node.body for node in walk(self.facts.tree) if isinstance(node, catching)]
        waits = (node for block in blocks for line in block for node in walk(line) if isinstance(node, ast.Await))
        return next(waits, None) is None and all(loop.kind != "branches" for loop in self.barrier.first.loops)

    def _leaves_out_none(self) -> bool:
        """Tell whether `None` is left out wherever the results of the second fan-out are read."""
        match self.facts.places.parent(self.end):
            case ast.Assign(targets=[ast.Name(id=name) as target]):
                others = [use for use in uses(self.function, name) if use is not target]
                return all(isinstance(use.ctx, ast.Load) and _leaves_out(self.facts, use) for use in others)
            case ast.Assign():
                return False
        return _leaves_out(self.facts, self.end)

    # What stands between

    def _phase_between(self) -> ast.Constant | None:
        """Return the name of the phase that begins between the two, where nothing else happens but lines for people."""
        first, last = self._statement(self.waits), self._statement(self.end)
        if first is last:
            return None
        block = self.facts.places.block(last)
        if first not in block or not isinstance(last, ast.Assign | ast.Return | ast.Expr | ast.AnnAssign):
            raise NotFusible
        between = [line for line in block[block.index(first) : block.index(last)] if line not in self.removed]
        shown = [said(line) for line in between]
        calls = [line.value for line in between if isinstance(line, ast.Expr) and isinstance(line.value, ast.Call)]
        if None in shown or not self.reached.only_reads(part for call in calls for part in ast.iter_child_nodes(call)):
            raise NotFusible
        phases = [line for line, what in zip(between, shown, strict=True) if what == "phase"]
        match phases[-1:]:
            case []:
                return None
            case [ast.Expr(value=ast.Call(args=[ast.Constant() as title]))]:
                if isinstance(last, ast.Assign) and last.value is self.end and first in self.removed:
                    return title
        raise NotFusible

    def _agents(self, stage: Stage) -> tuple[ast.Call, ...]:
        """Return the agents of the last stage, each of which can be told its phase."""
        found = self.reached.agents(stage.body)
        if found is None or self.barrier.second_kind == "pipeline":
            raise NotFusible
        inside = [call for call in found if self.facts.places.within(call, self.second)]
        if any(call is not stage.body for call in inside):
            raise NotFusible
        return tuple(found)

    def _statement(self, node: ast.AST) -> ast.stmt:
        statement = self.facts.places.statement(node)
        assert statement is not None  # an await stands in one
        return statement


def _comprehended(call: ast.Call) -> tuple[ast.ListComp | ast.GeneratorExp, ast.comprehension]:
    """Return the comprehension that a fan-out is given, and its only `for`."""
    match call.args:
        case [ast.ListComp(generators=[clause]) | ast.GeneratorExp(generators=[clause]) as branches]:
            if not clause.is_async:
                return branches, clause
    raise NotFusible


def _zipped(clause: ast.comprehension, items: ast.expr) -> tuple[ast.expr, ast.expr, ast.expr] | None:
    """Return the item, the result and the results of `for item, result in zip(items, results)`."""
    match clause:
        case ast.comprehension(
            target=ast.Tuple(elts=[item, result]),
            iter=ast.Call(func=ast.Name(id="zip"), args=[walked, results], keywords=[]),
        ):
            if not _same(walked, items):
                raise NotFusible
            return item, result, results
    return None


def _branch(body: ast.expr, *targets: ast.expr, tests: Iterable[ast.expr] = ()) -> Stage:
    """Return the stage that stands for a branch with variables for the value and for the item, if it has that."""
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    if len(names) < len(targets) or any(isinstance(node, ast.Await) for node in walk(body)):
        raise NotFusible
    return Stage(body, tuple(names), tuple(tests))


def _never_empty(value: Value) -> bool:
    """Tell whether a value is true unless it is None."""
    if isinstance(value, Dict) and value.schema is not None:
        return bool(value.schema.required())
    return certain(named(value, lack=None)) is True


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
