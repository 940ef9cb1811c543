"""`verify`: independent skeptics try to refute a claim, and what their votes come to.

What each of them is shown and what its vote is worth is `skeptics`; how far votes rest on the same is `independence`.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypedDict

from weft.primitives.agent import ask_agent
from weft.primitives.calls import AgentCall, FanOut, Note, Reply, current, tell
from weft.primitives.data import as_json
from weft.primitives.flow import Pace, Results, fan_out, parallel
from weft.primitives.independence import ENOUGH, Ground, Independence, independence, source_of
from weft.primitives.limits import DEFAULT_LENSES, MAX_FANOUT
from weft.primitives.skeptics import VOTE, Case, Opinion, Vote, case_of, not_asked

__all__ = ["Outcome", "Rule", "Verdict", "verify"]

Outcome = Literal["survives", "refuted", "undecided"]

ELSEWHERE = "what nobody has looked at yet: is there other evidence, and what does it say"
"""From which side a tie-breaker comes that was given none."""

WHOLE_CLAIM = "the whole claim"
"""How the lens of a skeptic is called that comes from no side."""

MOST_OPENED = 20
"""How many sources a tie-breaker is told that others have opened."""


class Verdict(TypedDict):
    """What the skeptics said together."""

    outcome: Outcome
    """`survives`: enough support, and no refutation that counts. `refuted`: one refutation, or without a veto so many
    that there cannot be enough support. `undecided`: neither, as where skeptics were lost or found nothing."""
    survives: bool
    """Whether the outcome is `survives`."""
    votes: list[Vote]
    """One of each skeptic in the order of the lenses, then that of the tie-breaker where one was asked."""
    independence: Independence
    saved: int
    """How many skeptics were not needed, and cancelled or never asked."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What votes come to."""

    quorum: int
    """How many must support the claim."""
    veto: bool
    """Whether one refutation is enough."""

    def outcome(self, votes: Iterable[tuple[Opinion, bool]], still_out: int = 0) -> Outcome | None:
        """Return what votes come to; `None` while those that are still out can change it.

        Args:
            votes: What each says, and whether it is discounted.
            still_out: How many more there may be.
        """
        cast = list(votes)
        supported = cast.count(("supported", False))
        refuted = sum(verdict == "refuted" for verdict, _ in cast)
        bearable = 0 if self.veto else len(cast) + still_out - self.quorum
        if refuted > bearable:
            return "refuted"
        if supported >= self.quorum and not (self.veto and still_out):
            return "survives"
        open_ = supported + still_out >= self.quorum or refuted + still_out > bearable
        return None if still_out and open_ else "undecided"


def verify(
    claim: Any,
    *,
    lenses: Sequence[str] | None = None,
    votes: int | None = None,
    quorum: int | None = None,
    subject: str | Sequence[str] | None = None,
    profile: str | None = None,
    tools: Sequence[str] | None = None,
    veto: bool = True,
    tie_breaker: str | Mapping[str, Any] | None = None,
    early: bool = False,
) -> Coroutine[Any, Any, Verdict]:
    """Let independent skeptics try to refute a claim; none sees another's vote.

    Starts one agent per lens, or `votes` agents; one more where a tie-breaker is called. Never returns `None` and never
    raises for skeptics that are lost: such a one votes `unchecked`, neither a refutation nor an approval. Fields of the
    claim in which its finder argues for it (`why`, `reason`, …) are shown apart from it, as no evidence.

    A vote for the claim is discounted where the skeptic opened nothing though the claim names a source, or cites only
    what the claim quotes; it is shown, and does not count. With `tools=[]` reasoning is all there is, and counts.

    Args:
        claim: Text, or JSON data to be shown as such.
        lenses: From which side each skeptic comes; each judges the whole claim. Three by default.
        votes: How many skeptics look at the whole claim instead, from no side in particular.
        quorum: How many votes must be `supported`. Without it all of the lenses that are named here, for each is a
            condition, so that one who could not check it leaves the claim undecided; more than half where none are
            named, or without a veto.
        subject: The sources that the claim is about, besides those that it names: `path`, `path:line`, a URL. Everybody
            opens them, so they do not count in `independence`. They show what stands in them; that it is so, they do
            not.
        profile: A named role for the skeptics.
        tools: Allow-list of their tools.
        veto: Whether one `refuted` is enough to refute the claim, however many support it.
        tie_breaker: Another skeptic, asked where the claim would survive by votes that mostly rest on the same
            evidence; the claim then survives only if that one supports it too. Its lens as text, or a dict of any of
            `lens`, `profile`, `model` and `tools`: best what the others do not have.
        early: Stop as soon as no further vote can change the outcome. Without a veto no more skeptics are asked at once
            than are needed for the quorum.

    Returns:
        `{"outcome": "survives" | "refuted" | "undecided", "survives", "votes", "independence", "saved"}`.

    Raises:
        TypeError, ValueError: an argument cannot mean anything, as a quorum that can never be reached.
    """
    current("verify()")
    said = as_json(claim, "claim")
    if said in (None, [], {}) or (isinstance(said, str) and not said.strip()):
        raise ValueError(f"verify() got nothing to be checked: {claim!r}. What a lost agent found is None")
    sides = _sides(lenses, votes)
    every = _flag("veto", veto) and lenses is not None
    rule = Rule(_quorum(quorum, len(sides), len(sides) if every else len(sides) // 2 + 1), veto)
    about = _texts("subject", [subject] if isinstance(subject, str) else subject or ())
    asked = AgentCall(prompt="", schema=VOTE, profile=_text("profile", profile), tools=_names("tools", tools))
    panel = _Panel(case_of(said, about), rule, sides, asked, _breaker(tie_breaker), _flag("early", early))
    return panel.verdict()


Side = tuple[str | None, str]
"""A lens, if there is one, and the label of the skeptic who has it."""


class _Early(Pace):
    """Asks no more skeptics at once than may be needed, and stops when the outcome is certain."""

    def __init__(self, panel: _Panel) -> None:
        super().__init__()
        self._panel = panel
        self._cast: list[tuple[Opinion, bool]] = []

    def begins(self, running: int) -> bool:
        """Whether another skeptic may be needed besides those who are at work."""
        rule = self._panel.rule
        missing = rule.quorum - self._cast.count(("supported", False))
        return rule.veto or running < max(missing, 1)

    def enough(self, value: Any) -> bool:
        """Take in a vote; tell whether no other can change the outcome."""
        self._cast.append(("unchecked", False) if value is None else _cast(self._panel.case.vote("", value)))
        outcome = self._panel.rule.outcome(self._cast, len(self._panel.sides) - len(self._cast))
        # A tie-breaker is called by what all votes rest on.
        return outcome is not None and not (outcome == "survives" and self._panel.breaker)


@dataclass(frozen=True, slots=True)
class _Panel:
    """The skeptics of one claim."""

    case: Case
    rule: Rule
    sides: list[Side]
    asked: AgentCall
    """What is asked of each, but for its prompt."""
    breaker: dict[str, Any] | None
    early: bool

    async def verdict(self) -> Verdict:
        """Ask them, and a tie-breaker where one is needed."""
        replies = await self._replies()
        lenses = [lens or WHOLE_CLAIM for lens, _ in self.sides]
        votes = [
            not_asked(lens, "not needed: the outcome was certain") if reply is None else self.case.vote(lens, reply)
            for lens, reply in zip(lenses, replies, strict=True)
        ]
        grounds = [self._ground(vote, reply, self.asked) for vote, reply in zip(votes, replies, strict=True)]
        outcome = self.rule.outcome(map(_cast, votes))
        assert outcome is not None  # nobody is still out
        rests = self._rests(grounds)
        if self.breaker is not None and outcome == "survives" and _is_low(rests):
            call = self._breaker_call(self.breaker, grounds)
            reply = await ask_agent(call)
            votes.append(self.case.vote(self.breaker.get("lens") or ELSEWHERE, reply))
            rests = self._rests([*grounds, self._ground(votes[-1], reply, call)])
            outcome = self._broken(votes[-1])
        self._tell(outcome, votes)
        return {
            "outcome": outcome,
            "survives": outcome == "survives",
            "votes": votes,
            "independence": rests,
            "saved": replies.count(None),
        }

    def _tell(self, outcome: Outcome, votes: list[Vote]) -> None:
        """Let the run remember what the votes have come to, and by which rule."""
        cast = [[vote["verdict"], vote["discounted"]] for vote in votes]
        rule = {"quorum": self.rule.quorum, "veto": self.rule.veto, "sides": len(self.sides)}
        tell(Note("verdict", {"outcome": outcome, **rule, "votes": cast}))

    async def _replies(self) -> list[Reply | None]:
        """Return what each skeptic answered; `None` of those who were not needed."""
        calls = [
            replace(self.asked, prompt=self.case.prompt(lens), label=f"verify:{label}") for lens, label in self.sides
        ]
        starts = [ask_agent(call) for call in calls]
        if not self.early:
            return _replies(await parallel(starts))
        fewest = 1 if self.rule.veto else min(self.rule.quorum, len(calls) - self.rule.quorum + 1)
        line, number = current().line(), len(calls)
        what = FanOut(kind="parallel", line=line, width=number, agents=number, quorum=fewest)
        return _replies(await fan_out(list(starts), what, _Early(self)))

    def _ground(self, vote: Vote, reply: Reply | None, call: AgentCall) -> Ground | None:
        """Return what a vote rests on that decides something."""
        if reply is None or vote["verdict"] == "unchecked" or vote["discounted"]:
            return None
        return self.case.ground(vote, reply, (call.profile, call.model))

    def _rests(self, grounds: Iterable[Ground | None]) -> Independence:
        return independence([ground for ground in grounds if ground is not None], self.case.about)

    def _breaker_call(self, options: dict[str, Any], grounds: Iterable[Ground | None]) -> AgentCall:
        opened = {source_of(place): None for ground in grounds if ground is not None for place in ground.places}
        prompt = self.case.prompt(options.get("lens") or ELSEWHERE, [*opened][:MOST_OPENED])
        given = {name: value for name, value in options.items() if name != "lens"}
        return replace(self.asked, prompt=prompt, label="verify:tie-breaker", **given)

    def _broken(self, vote: Vote) -> Outcome:
        """Return what the vote of a tie-breaker makes of a claim that the others let survive."""
        if vote["verdict"] == "supported" and not vote["discounted"]:
            return "survives"
        return "refuted" if vote["verdict"] == "refuted" and self.rule.veto else "undecided"


def _replies(results: Results) -> list[Reply | None]:
    """Return what became of each skeptic; one whose question could not even be sent is lost like others."""
    replies: list[Reply | None] = list(results)
    for lost in results.lost:
        assert lost.index is not None  # it is that of a branch
        replies[lost.index] = Reply(lost=lost)
    return replies


def _cast(vote: Vote) -> tuple[Opinion, bool]:
    return vote["verdict"], vote["discounted"]


def _is_low(rests: Independence) -> bool:
    return rests["word"] == "same source" or (rests["share"] is not None and rests["share"] < ENOUGH)


# ------------------------------------------------------------------------------------------ arguments


def _sides(lenses: object, votes: object) -> list[Side]:
    if votes is None:
        named = _texts("lenses", DEFAULT_LENSES if lenses is None else lenses)
        if not named:
            raise ValueError("verify(lenses=…) takes a list of at least one lens, got none")
        return [(lens, lens) for lens in named]
    if lenses is not None:
        raise ValueError("verify() takes lenses=… or votes=…, not both: one skeptic per lens, or so many without one")
    if isinstance(votes, bool) or not isinstance(votes, int) or not 1 <= votes <= MAX_FANOUT:
        raise ValueError(f"verify(votes=…) is a number of skeptics from 1 to {MAX_FANOUT}, got {votes!r}")
    return [(None, f"{number} of {votes}") for number in range(1, votes + 1)]


def _quorum(quorum: object, voters: int, default: int) -> int:
    if quorum is None:
        return default
    if isinstance(quorum, bool) or not isinstance(quorum, int) or not 1 <= quorum <= voters:
        raise ValueError(f"verify(quorum={quorum!r}) can never be reached with {voters} skeptics")
    return quorum


def _flag(option: str, given: object) -> bool:
    if not isinstance(given, bool):
        raise TypeError(f"verify({option}=…) takes True or False, got {given!r}")
    return given


def _text(option: str, given: object) -> str | None:
    if given is not None and (not isinstance(given, str) or not given.strip()):
        raise TypeError(f"verify({option}=…) takes a text, got {given!r}")
    return given


def _texts(option: str, given: object) -> list[str]:
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise ValueError(f"verify({option}=…) takes a list of texts, got {given!r}")
    listed = list(given)
    for one in listed:
        if not isinstance(one, str) or not one.strip():
            raise ValueError(f"verify({option}=…) takes a list of texts, and one of them is {one!r}")
    return listed


def _names(option: str, given: object) -> tuple[str, ...] | None:
    return None if given is None else tuple(_texts(option, given))


def _breaker(given: object) -> dict[str, Any] | None:
    """Return the options of a tie-breaker: its lens, and how its call differs from those of the others."""
    if given is None:
        return None
    options = dict(given) if isinstance(given, Mapping) else {"lens": given}
    if not options or options.keys() - {"lens", "profile", "model", "tools"}:
        raise ValueError(f"verify(tie_breaker=…) takes a lens, or a dict of lens, profile, model, tools; got {given!r}")
    texts = {name: _text(f"tie_breaker.{name}", options[name]) for name in options if name != "tools"}
    return texts | ({"tools": _names("tie_breaker.tools", options["tools"])} if "tools" in options else {})
