"""Several trials of one harness that differ in what one kind of agent answers, and what becomes of that."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from weft.linter.effort import TOO_MUCH, Exhausted
from weft.linter.trials.code import Env, Function, Noted
from weft.linter.trials.operations import awaited
from weft.linter.trials.outcomes import without
from weft.linter.trials.playing import Asking, Decide, Play, undecided
from weft.linter.trials.primitives import primitives
from weft.linter.trials.statements import HARNESS_ERRORS, Statements
from weft.linter.trials.symbols import GUESS, GaveUp, Guess, Symbol, frozen
from weft.primitives.language import ENTRY

__all__ = ["Harness", "Setting", "Trial", "Voters"]

_TRIALS = 60
"""How many trials one harness has at most."""


@dataclass(slots=True, frozen=True)
class Setting:
    """What is the same in all trials that are compared."""

    guess: bool = True
    default: bool = True


@dataclass(slots=True, eq=False)
class Trial:
    """What came of one trial."""

    result: object
    """What was returned, frozen; `("raised",)` where an error ended the run."""
    notes: list[Noted | Asking]
    asked: list[Asking]
    decided: list[tuple[Asking, object]]
    """Who was to decide something, and what was answered."""
    logged: list[object]
    guessed: bool
    """Something unknown was compared."""
    setting: Setting

    def goes(self, decide: Decide, setting: Setting) -> bool:
        """Tell whether a trial in which this is decided would go the same way: all give the same answers in turn."""
        before, after = self.setting.default, setting.default
        if self.guessed and self.setting.guess is not setting.guess:
            return False
        return all(
            ((now := decide(asking)) is then and before is after)
            or asking.answer(now, default=after) == asking.answer(then, default=before)
            for asking, then in self.decided
        )

    def told(self, voters: Voters) -> object:
        """Return all that others than some voters are told in the end."""
        asked = [(one.node, one.prompt, one.options) for one in self.asked if one.node not in voters.nodes]
        return self.result, asked, self.logged


@dataclass(slots=True, eq=False)
class Voters:
    """Calls that ask for a decision, and the answers that they can give."""

    nodes: frozenset[ast.Call]
    answers: list[object]
    """Fields with their values; of `verify` the outcomes."""
    may_fail: bool
    """Their answers may be None."""
    verify: bool

    @property
    def poles(self) -> tuple[object, object]:
        """Two answers that say the opposite."""
        return self.answers[0], self.answers[1 if self.verify else -1]

    @property
    def numbers(self) -> bool:
        """Whether they name numbers, and choose nothing."""
        return all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in self._values())

    def _values(self) -> list[object]:
        return [one for answer in self.answers if isinstance(answer, dict) for one in answer.values()]

    def among(self, trial: Trial) -> list[Asking]:
        """Return what they were asked in a trial."""
        return [one for one in trial.asked if one.node in self.nodes]

    @property
    def fields(self) -> frozenset[object]:
        """The names under which they decide."""
        return frozenset(name for answer in self.answers if isinstance(answer, dict) for name in answer)

    @property
    def choices(self) -> frozenset[object]:
        """The words that they decide by."""
        said = self.answers if self.verify else self._values()
        return frozenset(one for one in (True, False, *said) if isinstance(one, (str, bool)))


class Harness:
    """A harness that trials are made of."""

    def __init__(self, tree: ast.Module, *, votes: bool = True) -> None:
        self.play = Play()
        self._left = _TRIALS if votes else 0
        self._known: dict[object, Trial | None] = {}
        self._trials: list[Trial] = []
        if not votes:
            return
        try:
            self._body = Statements(self.play, primitives(self.play)).block(tree.body)
        except (GaveUp, *TOO_MUCH):
            self._left = 0

    def _trial(self, deciding: Callable[[], Decide], setting: Setting) -> Trial | None:
        """Play a harness through, unless another trial went the same way; nothing where that is not possible."""
        for known in self._trials:
            if known.goes(deciding(), setting):
                return known
        if self._left <= 0:
            return None
        self._left -= 1
        play = self.play
        play.begin(deciding(), default=setting.default)
        guess = Guess(truth=setting.guess)
        token = GUESS.set(guess)
        try:
            result = frozen(self._played())
        except HARNESS_ERRORS:
            result = ("raised",)
        except Exhausted:
            raise
        except Exception:  # noqa: BLE001 - what cannot be played is no finding
            self._left = 0
            return None
        finally:
            GUESS.reset(token)
        self._trials.append(Trial(result, play.notes, play.asked, play.decided, play.logged, guess.used, setting))
        play.begin(undecided, default=True)  # nothing that was made in the trial is held by what made it
        return self._trials[-1]

    def _played(self) -> object:
        env = Env(None)
        env.names["args"] = Symbol("args")
        self._body(env)
        main = env.names.get(ENTRY)
        if not isinstance(main, Function):
            raise GaveUp
        return awaited(main(*[Symbol("args")] * bool(main.node.args.args)))

    def poles(self, voters: Voters, setting: Setting) -> tuple[object, object]:
        """Return two answers of which something else comes: the first and the last one, unless it is not these."""
        yes, no = voters.poles
        words = frozenset(one for one in voters.choices if isinstance(one, str))

        def outcome(answer: object) -> object:
            trial = self.told(voters, answer, setting)
            return None if trial is None else without(trial.result, voters.nodes, numbers=True, choices=words)

        first = outcome(yes)
        if first != outcome(no):
            return yes, no
        return next(((answer, no) for answer in voters.answers if outcome(answer) != first), (yes, no))

    def told(self, voters: Voters, answer: object, setting: Setting) -> Trial | None:
        """Play a harness through where some voters all give the same answer."""
        return self.answered(voters, (), answer, setting)

    def answered(self, voters: Voters, first: tuple[object, ...], then: object, setting: Setting) -> Trial | None:
        """Play a harness through where the voters who are asked first give these answers, and the others one."""

        def deciding() -> Decide:
            answers = iter(first)
            return lambda asking: next(answers, then) if asking.node in voters.nodes else None

        key = (voters.nodes, tuple(map(id, first)), id(then), setting)
        if key not in self._known:
            self._known[key] = self._trial(deciding, setting)
        return self._known[key]

    def halves(self, voters: Voters, setting: Setting) -> tuple[Trial | None, Trial | None]:
        """Play a harness through where half of the voters, the first or the last ones, say the opposite of the others.

        As many say so in both; where fewer are asked once the first ones have refused, there are no such halves.
        """
        yes, no = voters.poles
        whole = self.told(voters, yes, setting)
        size = len(voters.among(whole)) if whole is not None else 0
        first = self.answered(voters, (yes,) * (size // 2), no, setting)
        last = self.answered(voters, (no,) * (size - size // 2), yes, setting)
        if first is None or last is None or len(voters.among(first)) != len(voters.among(last)):
            return None, None
        return first, last

    def plays_verdicts(self) -> bool:
        """Play through what `verify` can say; tell whether that was possible."""
        tried = [
            self.told(voters, answer, setting)
            for voters in self.voters
            if voters.verify
            for answer in voters.poles
            for setting in self.settings
        ]
        return bool(tried) and None not in tried

    def shown(self) -> set[object]:
        """Return the calls whose answers were returned as a whole, or shown to an agent, in any trial so far."""
        found: set[object] = set()
        met: set[Symbol] = set()  # what is unknown is a part of much else
        waiting: list[object] = []
        for trial in self._trials:
            waiting += [trial.result, *(part for one in trial.asked for part in (one.prompt, one.options))]
        while waiting:
            one = waiting.pop()
            if isinstance(one, tuple):
                if len(one) == 3 and one[0] == "told":
                    found.add(one[1].parts[0])
                waiting += one
            elif isinstance(one, Symbol) and one not in met:
                met.add(one)
                waiting += one.parts
        return found

    def _plain(self, setting: Setting) -> Trial | None:
        """Play a harness through where nobody says anything in particular."""
        if setting not in self._known:
            self._known[setting] = self._trial(lambda: undecided, setting)
        return self._known[setting]

    @cached_property
    def settings(self) -> list[Setting]:
        """The settings in which trials can come out differently."""
        first = self._plain(Setting())
        if first is None:
            return []
        guesses = (True, False) if first.guessed else (True,)
        defaults = (True, False) if len({one.node for one in first.asked if answers_of(one)}) > 1 else (True,)
        return [Setting(guess, default) for guess, default in product(guesses, defaults)]

    @cached_property
    def voters(self) -> list[Voters]:
        """The calls that ask for decisions: each, and those together that are asked for the same."""
        asked: dict[ast.Call, Asking] = {}
        for setting in (Setting(), Setting(default=False), *self.settings):
            trial = self._plain(setting)
            for one in trial.asked if trial is not None else ():
                if answers_of(one):
                    asked.setdefault(one.node, one)
        alike = dict[object, list[Asking]]()
        for asking in asked.values():
            alike.setdefault((asking.name, frozen(asking.schema)), []).append(asking)
        groups = [[asking] for asking in asked.values()] + [same for same in alike.values() if len(same) > 1]
        return [_voters(same, answers_of(same[0])) for same in groups]


def _voters(asked: list[Asking], answers: list[object]) -> Voters:
    verify = asked[0].name == "verify"
    may_fail = any(one.branch if verify else not one.critical for one in asked)
    return Voters(frozenset(one.node for one in asked), answers, may_fail, verify)


_COMBINED = 6
_OUTCOMES = ("survives", "refuted", "undecided")


def answers_of(asking: Asking) -> list[object]:
    """Return the answers an agent can decide by: each value of each field that is a yes or no, or a choice."""
    if asking.name == "verify":
        return list(_OUTCOMES)
    fields = asking.schema.get("properties") if asking.schema is not None else None
    if asking.name != "agent" or not isinstance(fields, dict):
        return []
    choices = {name: values for name, one in fields.items() if (values := _choices(one))}
    numbers = {name: values for name, one in fields.items() if (values := _ends(one))}
    found = [dict(zip(choices or numbers, one, strict=True)) for one in product(*(choices or numbers).values())]
    return list(found[:_COMBINED]) if len(found) > 1 else []


def _choices(schema: object) -> list[object]:
    if not isinstance(schema, dict):
        return []
    options = schema.get("enum")
    if isinstance(options, (list, tuple)):
        return list(options)[:4]
    return [True, False] if schema.get("type") == "boolean" else []


def _ends(schema: object) -> list[object]:
    if not isinstance(schema, dict) or schema.get("type") not in ("integer", "number"):
        return []
    low, high = schema.get("minimum", 0), schema.get("maximum", 1000)
    return [high, low] if isinstance(low, (int, float)) and isinstance(high, (int, float)) else []
