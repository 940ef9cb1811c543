"""What the primitives do in a trial: agents answer what was made up, fan-outs run one branch after the other."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from weft.linter.trials.code import Coro, Function, Method
from weft.linter.trials.natives import Results, called
from weft.linter.trials.operations import awaited, walked
from weft.linter.trials.playing import Play, Primitive
from weft.linter.trials.statements import HARNESS_ERRORS
from weft.linter.trials.symbols import Answer, GaveUp, Symbol, frozen
from weft.linter.trials.verdicts import verdict_of

__all__ = ["primitives"]

_ROUNDS = 2
"""How many rounds a loop of the language has."""


@dataclass(slots=True, eq=False)
class _Round:
    w_number: int

    def w_found(self, items: object) -> None:
        """Take in what a round found."""


@dataclass(slots=True, eq=False)
class _Seen:
    key: Callable[[object], object] | None
    keys: set[object] = field(default_factory=set)

    def _key(self, item: object) -> object:
        return frozen(self.key(item) if self.key is not None else item)

    def w_add(self, items: object) -> list[object]:
        """Return the new ones of some items, and remember all."""
        fresh = []
        for item in walked(items):
            key = self._key(item)
            if key not in self.keys:
                self.keys.add(key)
                fresh.append(item)
        return fresh

    def __contains__(self, key: object) -> bool:
        return frozen(key) in self.keys

    def __len__(self) -> int:
        return len(self.keys)


def primitives(play: Play) -> Callable[[str], object]:
    """Return what gives the meaning of each name that a harness does not define: a primitive, or nobody knows what."""
    made = _Primitives(play)

    @cache
    def free(name: str) -> object:
        call = getattr(made, f"w_{name}", None)
        return Symbol("name", name) if call is None else _marked(call)

    return free


class _marked:
    """A primitive, which is told where it is called."""

    is_primitive = True

    def __init__(self, call: Primitive) -> None:
        self._call = call

    def __call__(self, node: ast.Call, args: list[object], given: dict[str, object]) -> object:
        return self._call(node, args, given)


Given = dict[str, object]


class _Primitives:
    def __init__(self, play: Play) -> None:
        self.play = play

    def w_agent(self, node: ast.Call, args: list[object], given: Given) -> object:
        prompt = args[0] if args else given.get("prompt")
        options = {name: value for name, value in given.items() if name != "prompt"}

        def run() -> object:
            asking = self.play.ask(node, "agent", prompt, options)
            value = self.play.answer(asking)
            if value is None:
                return value
            if isinstance(value, dict):
                value = Answer(asking.identity, value)
            if isinstance(options.get("isolation"), str):
                return {"result": value, "branch": "b", "patch": "p", "files": []}
            return value

        return Coro(run)

    def w_verify(self, node: ast.Call, args: list[object], given: Given) -> object:
        claim = args[0] if args else given.get("claim")
        lenses, quorum = given.get("lenses"), given.get("quorum")

        def run() -> object:
            if isinstance(lenses, (list, tuple)) and isinstance(quorum, int) and quorum > len(lenses):
                raise ValueError  # before it asks a skeptic
            asking = self.play.ask(node, "verify", claim, given)
            outcome = self.play.answer(asking)
            return verdict_of(self.play, asking, outcome) if isinstance(outcome, str) else None

        return Coro(run)

    def _branch(self, run: Callable[[], object]) -> object:
        self.play.branches += 1
        try:
            return run()
        except HARNESS_ERRORS:
            return None
        finally:
            self.play.branches -= 1

    def w_parallel(self, node: ast.Call, args: list[object], given: Given) -> object:
        branches = walked(args[0] if args else given.get("branches"))

        def run() -> object:
            return Results(self._branch(lambda one=one: self._begun(node, one)) for one in branches)  # type: ignore[misc]

        return Coro(run)

    def _begun(self, node: ast.Call, branch: object) -> object:
        begun = branch if isinstance(branch, Coro) else called(self.play, node, branch, [], {})
        return awaited(begun) if isinstance(begun, Coro) else begun

    def w_pipeline(self, node: ast.Call, args: list[object], given: Given) -> object:
        items, stages = walked(args[0] if args else given.get("items")), args[1:]

        def through(item: object, at: int) -> object:
            value: object = item
            for stage in stages:
                value = self._staged(node, stage, [value, item, at])
                if value is None:
                    return None
            return value

        def run() -> object:
            return Results(
                self._branch(lambda item=item, at=at: through(item, at))  # type: ignore[misc]
                for at, item in enumerate(items)
            )

        return Coro(run)

    def _staged(self, node: ast.Call, stage: object, args: list[object]) -> object:
        made = called(self.play, node, stage, args[: _accepted(stage)], {})
        return awaited(made) if isinstance(made, Coro) else made

    def w_judge(self, node: ast.Call, args: list[object], given: Given) -> object:
        candidates = walked(args[0] if args else given.get("candidates"))

        def run() -> object:
            self.play.ask(node, "judge", candidates, given)
            return candidates

        return Coro(run)

    def _said(self, name: str, node: ast.Call, args: list[object], given: Given) -> object:
        def run() -> object:
            return self.play.ask(node, name, args, given).identity

        return Coro(run)

    def w_synthesize(self, node: ast.Call, args: list[object], given: Given) -> object:
        return self._said("synthesize", node, args, given)

    def w_critique(self, node: ast.Call, args: list[object], given: Given) -> object:
        return self._said("critique", node, args, given)

    def w_reflect(self, node: ast.Call, args: list[object], given: Given) -> object:
        return self._said("reflect", node, args, given)

    def w_debate(self, node: ast.Call, args: list[object], given: Given) -> object:
        return self._said("debate", node, args, given)

    def w_swarm(self, node: ast.Call, args: list[object], given: Given) -> object:
        return self._said("swarm", node, args, given)

    def w_tool(self, node: ast.Call, args: list[object], given: Given) -> object:
        return self._said("tool", node, args, given)

    def w_ask(self, node: ast.Call, args: list[object], given: Given) -> object:
        return self._said("ask", node, args, given)

    def w_workflow(self, node: ast.Call, args: list[object], given: Given) -> object:
        return self._said("workflow", node, args, given)

    def w_semantic_dedup(self, node: ast.Call, args: list[object], given: Given) -> object:
        return Coro(lambda: walked(args[0]))

    def w_route(self, node: ast.Call, args: list[object], given: Given) -> object:
        by, handlers = given.get("by"), given.get("handlers")

        def one(item: object) -> object:
            key = called(self.play, node, by, [item], {})
            if not isinstance(handlers, dict) or not handlers:
                raise GaveUp
            handler = handlers[key] if key in handlers else next(iter(handlers.values()))
            return self._staged(node, handler, [item])

        return Coro(lambda: [self._branch(lambda item=item: one(item)) for item in walked(args[0])])  # type: ignore[misc]

    def w_dedup(self, node: ast.Call, args: list[object], given: Given) -> object:
        return _Seen(_function(given.get("key", args[1] if len(args) > 1 else None))).w_add(args[0])

    def w_Seen(self, node: ast.Call, args: list[object], given: Given) -> object:
        return _Seen(_function(given.get("key", args[0] if args else None)))

    def w_union(self, node: ast.Call, args: list[object], given: Given) -> object:
        return [one for part in walked(args[0]) if part is not None for one in walked(part)]

    def w_quorum(self, node: ast.Call, args: list[object], given: Given) -> object:
        return [one for part in walked(args[0])[:1] if part is not None for one in walked(part)]

    def w_top_k(self, node: ast.Call, args: list[object], given: Given) -> object:
        items, most = walked(args[0]), args[1] if len(args) > 1 else given.get("k")
        return items[:most] if isinstance(most, int) else items

    def w_sample(self, node: ast.Call, args: list[object], given: Given) -> object:
        return self.w_top_k(node, args, given)

    def w_until_dry(self, node: ast.Call, args: list[object], given: Given) -> object:
        most = given.get("max_rounds")
        return [_Round(at + 1) for at in range(min(_ROUNDS, most) if isinstance(most, int) else _ROUNDS)]

    w_until_target = w_while_budget = w_until_dry

    def w_log(self, node: ast.Call, args: list[object], given: Given) -> object:
        self.play.logged.append(frozen(args))
        return None

    w_phase = w_log

    def w_finding(self, node: ast.Call, args: list[object], given: Given) -> object:
        self.play.ask(node, "finding", args, given)
        return None

    def w_now(self, node: ast.Call, args: list[object], given: Given) -> object:
        return Symbol("now")


def _function(value: object) -> Callable[[object], object] | None:
    return value if callable(value) else None


def _accepted(stage: object) -> int:
    """Return how many arguments a stage is called with."""
    if isinstance(stage, Method):
        return _accepted(stage.function) - 1
    if isinstance(stage, Function):
        spec = stage.node.args
        if spec.vararg is not None:
            return 3
        return min(3, max(1, len(spec.posonlyargs) + len(spec.args) - len(stage.defaults)))
    return 1
