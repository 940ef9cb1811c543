"""The yes before a run: a plan is shown, and whoever is at the terminal looks into it, changes it, or decides.

Elsewhere `--yes` says it beforehand, or `--approve` with the digest of a plan. What a digest is of is
`authoring.approval`; how a harness is changed meanwhile, `changing`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from weft.runtime.cli.changing import Changing
from weft.runtime.cli.following import run_command
from weft.runtime.cli.linting import refusal, refuse_errors
from weft.runtime.cli.output import attended, chosen, columns_for, message, show
from weft.runtime.cli.targets import Target
from weft.runtime.cli.trusting import Trust
from weft.runtime.errors import Refused, RuntimeFailure, Unapproved, UsageError
from weft.runtime.page import line
from weft.runtime.plain import plain

if TYPE_CHECKING:
    from weft.linter import Bound
    from weft.runtime.authoring.plan import Plan
    from weft.runtime.project.config import Config
    from weft.runtime.project.folders import Project
    from weft.runtime.project.harness import Harness
    from weft.runtime.settings import Settings

__all__ = ["Approved", "Approving", "Decided"]


@dataclass(frozen=True, slots=True)
class Approved:
    """What may run."""

    named: Target
    bound: Bound | None = None
    widths: Mapping[str, int] | None = None
    """How wide it may become, see `scheduling.widths`; `None` where a bound or a limit says it."""
    sources: Mapping[str, str] | None = None
    """The digests of the saved harnesses that were approved with it, by name; `None` where no plan had them."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a plan has become, and whether there is a yes to it."""

    named: Target
    made: Plan
    yes: bool = True


class Approving:
    """Gets a yes to what one command is about to run."""

    def __init__(
        self,
        project: Project,
        settings: Settings,
        config: Config,
        given: dict[str, Any],
        trust: Trust,
        *,
        yes: bool = False,
        approve: str | None = None,
    ) -> None:
        """Prepare to ask.

        Args:
            project: Where plans and saved harnesses are.
            settings: Who answers agents.
            config: What the project says of models.
            given: The options of the command.
            trust: Knows which saved harnesses were approved.
            yes: Whether everything is approved beforehand.
            approve: The digest of the plan that is, as in `sha256:7f3a91c2`.
        """
        self._project = project
        self._settings = settings
        self._config = config
        self._given = given
        self._trust = trust
        self._yes = yes
        self._approve = approve

    async def approved(self, named: Target) -> Approved:
        """Return what may run: as it was named, or as it was changed before somebody said yes.

        A plan is made where it is about to be approved: of a harness that was just written, of one that may cost
        something, of a saved one that nobody has approved, and where a digest is given.

        Raises:
            Refused: there is no yes, the linter finds errors, or the digest is that of another plan.
        """
        asks = self._trust.costs(named.harness) or bool(self._trust.unknown(named))
        if asks:
            self._check_model()
        if named.task is None and self._approve is None and (self._yes or not asks):
            return await self._beforehand(named)
        made = await self.plan(named)
        self._check_wants(made)
        if self._approve is not None:
            self._check(made, self._approve)
        elif named.task is not None or not (attended() and self._is_known(made)):
            named, made = await self._asked(named, made, asks=asks)
        return self.allowed(Decided(named, made))

    async def _beforehand(self, named: Target) -> Approved:
        """Return what may run without a look at its plan; where it may cost, say how much of it that approves.

        Raises:
            Refused: the linter finds errors, or nothing says how much there may be of it.
        """
        from weft.runtime.scheduling.admission import proved

        report = refuse_errors(named.harness, self._settings.max_agents)
        await self._check_tools(named, report.tools)
        bound = report.bound
        allowed = Approved(named, bound)
        if self._trust.costs(named.harness):
            most = proved(bound, named.args)
            if most is not None:
                self._say_approved(f"at most {most:,} agent{'s' * (most != 1)}, as is proved")
            elif self._most_is_stated(named.harness):
                self._say_approved("as many agents as the limit that is set allows")
            else:
                allowed = replace(allowed, widths=await self._rehearsed(named))
        self._trust.approve(self._trust.unknown(named))
        return allowed

    async def _check_tools(self, named: Target, tools: Collection[str]) -> None:
        """Check that what a harness gives agents and calls is granted; what it may compute, a rehearsal shows.

        Raises:
            Refused: nobody has granted it.
        """
        from weft.runtime.execution.wants import check_granted, together, written
        from weft.runtime.tools.added import registry_of
        from weft.runtime.tools.allowed import Allowed

        if self._settings.stub is not None:
            return
        registry, allowed = registry_of(self._config, self._project.root.parent), Allowed(self._settings.allow)
        harnesses = together(named.harness, self._project)
        wanted = [one for harness in harnesses for one in written(harness, self._config, registry)]
        known = {tool.name for tool in registry if tool.free} | {one.name for one in wanted}
        if all(tool in known or allowed.reaches(tool) for tool in tools):
            check_granted(wanted, self._settings, registry)
        else:
            show([line(("rehearsing: ", "dim"), "it may want tools that nobody has allowed", hang=12)], err=True)
            self._check_wants(await self.plan(named))

    def _check_wants(self, made: Plan) -> None:
        """Check that what a planned harness wants is there and granted: nobody has to say yes to what cannot run.

        Raises:
            Refused: nobody has granted it, or it is not there, whatever agents answer.
        """
        from weft.runtime.execution.wants import check_granted
        from weft.runtime.tools.added import registry_of

        never = [one for one in made.wants.missing if one.always]
        if made.wants.tools or never:
            self._show(made)
        if never:
            first, meaning = never[0], "an agent that comes there would be lost; nothing was started"
            raise Refused(first.what, where=first.where, meaning=meaning, fix="weft profiles and weft tools list all")
        if made.wants.tools:
            check_granted(made.wants.tools, made.settings, registry_of(self._config, self._project.root.parent))

    def _most_is_stated(self, harness: Harness) -> bool:
        """Whether the command line, the project or the harness says how many agents there may be."""
        from weft.runtime.project.harness import ceilings_of

        name = "max_agents"
        return self._given.get(name) is not None or name in self._config.run or "agents" in ceilings_of(harness)

    async def _rehearsed(self, named: Target) -> Mapping[str, int]:
        """Return how wide a harness became in rehearsal, where nothing is proved, and say so.

        Raises:
            Refused: no rehearsed run says anything.
        """
        from weft.runtime.views.plan import widths_text

        show([line(("rehearsing: ", "dim"), "nothing proves how many agents there may be", hang=12)], err=True)
        made = await self.plan(named)
        if made.terms is None or not made.terms.widths:
            command = run_command(named, self._given)
            raise Refused(
                "--yes approves what a plan shows, and nothing shows how many agents there would be",
                where=f"{named.harness.filename}: no most is proved, and no rehearsed run came to its end",
                meaning="nothing was started",
                fix=f"{command} --yes --max-agents N says how many; weft rehearse shows what breaks it",
            )
        self._say_approved(widths_text(made.terms.widths))
        return made.terms.widths

    def _say_approved(self, what: str) -> None:
        show([line(("approved: ", "dim"), plain(what), hang=10)], err=True)

    def agree(self, decided: Decided) -> Approved:
        """Remember the yes to a plan whose digest was given, and start nothing.

        Raises:
            Refused: the digest is that of another plan, or the linter finds errors.
        """
        assert self._approve is not None
        self._check(decided.made, self._approve)
        return self.allowed(decided)

    async def unchecked(self, named: Target) -> Approved:
        """Return what may run though the linter is not asked, so that there is no plan either.

        Raises:
            Refused: there is no yes.
            UsageError: a digest was given, and there is nothing that it could be of.
        """
        if self._approve is not None:
            raise UsageError(
                "--approve is for a plan, and with --no-lint there is none",
                meaning="nothing was started",
                fix="one of them; --no-lint takes --yes",
            )
        asks = self._trust.costs(named.harness) or bool(self._trust.unknown(named))
        if asks and not self._yes and not attended():
            raise _unapproved(named, "--no-lint leaves no plan to approve, and nobody is there to be asked", "--yes")
        if asks and not self._yes and chosen("Run it unchecked, without a plan?", ("yes", "no")) != "yes":
            raise _unapproved(named, "it was not approved")
        if asks:
            self._say_approved(f"unchecked, up to {self._settings.max_agents:,} agents")
        self._trust.approve(self._trust.unknown(named))
        return Approved(named)

    async def plan(self, named: Target) -> Plan:
        """Return the plan of a harness."""
        from weft.runtime.authoring.plan import make_plan

        return await make_plan(
            named.harness,
            named.args,
            self._settings,
            self._config,
            self._project,
            named.path,
            written=named.spent,
        )

    def _check_model(self) -> None:
        """Check that there is somebody to ask: nobody has to say yes to what cannot run.

        Raises:
            Refused: the model has no price, and there is a ceiling in dollars.
            UsageError, ProviderError: it cannot be used.
        """
        from weft.runtime.agents.providers import load_model
        from weft.runtime.execution.prepare import check_price
        from weft.runtime.project.programs import program_of

        check_price(self._settings, self._config)
        if program_of(self._settings, self._config.agents) is not None:
            return
        if self._settings.stub is None and not self._config.model(self._settings.model).fallback:
            load_model(self._settings.model)

    def _is_known(self, made: Plan) -> bool:
        """Whether the very same was approved before."""
        from weft.runtime.project.approvals import Approvals, shown_digest

        known = made.terms is not None and made.terms.digest in Approvals()
        if known and made.terms is not None:
            show([f"approved before: {shown_digest(made.terms.digest)}"], err=True)
        return known

    def _check(self, made: Plan, approve: str) -> None:
        """Check that the digest that was given is that of the plan.

        Raises:
            Unapproved: it is not.
            Refused: there is none.
        """
        from weft.runtime.authoring.approval import parts_of
        from weft.runtime.project.approvals import means, shown_digest

        if made.terms is None:
            self._show(made)
            raise refusal(len(made.report.errors))
        if means(approve, made.terms.digest):
            return
        self._show(made)
        raise Unapproved(
            f"--approve {approve} is that of another plan",
            where=f"{made.harness.filename}   sha256:{made.terms.digest}",
            meaning=f"nothing was started: one of these is not what was approved: {', '.join(parts_of())}",
            fix=f"look at the plan; then --approve {shown_digest(made.terms.digest)}",
        )

    async def _asked(self, named: Target, made: Plan, *, asks: bool) -> tuple[Target, Plan]:
        """Show a plan, and get a yes where anything is at stake."""
        self._show(made, source=named.task is not None)
        if attended() and asks and not self._yes:
            decided = await self.decide(named, made)
            if decided.yes:
                return decided.named, decided.made
            raise _unapproved(decided.named, "the plan was not approved", run_command(decided.named, self._given))
        if made.report.errors:
            raise refusal(len(made.report.errors))
        if asks and not self._yes:
            raise self._unattended(named, made)
        return named, made

    def _unattended(self, named: Target, made: Plan) -> Refused:
        from weft.runtime.project.approvals import shown_digest

        assert made.terms is not None
        unknown = self._trust.unknown(named)
        what = (
            f"saved harness {unknown[0].name!r} was not approved as it is: it needs a yes"
            if unknown
            else "the plan needs a yes"
        )
        command = f"{run_command(named, self._given)} --approve {shown_digest(made.terms.digest)}"
        error = _unapproved(named, f"{what}, and nobody is there to give it", f"{command}   or --yes")
        error.where = f"{made.harness.filename}   sha256:{made.terms.digest}"
        return error

    async def decide(self, named: Target, made: Plan) -> Decided:
        """Ask about a plan that is shown, until there is a yes or a no; it may have become another one by then."""
        changing = Changing(self._project, self._settings, self._config)
        while True:
            if unknown := self._trust.unknown(named):
                show([f"{one.filename} was not approved as it is" for one in unknown], err=True)
            answer = chosen("Run it?", _offered(made))
            if answer in ("yes", "no"):
                return Decided(named, made, answer == "yes")
            try:
                now = await changing.do(answer, named, unknown)
                planned = None if now is None else await self.plan(now)
            except RuntimeFailure as failure:
                show(message(failure), err=True)
                named = replace(named, spent=_sum(named.spent, getattr(failure, "spent", None)))
                continue
            if now is not None and planned is not None:
                named, made = now, planned
                self._show(made)

    def _show(self, made: Plan, *, source: bool = False) -> None:
        """Show a plan: on a terminal on one screen, elsewhere with the beginning of the harness."""
        from weft.runtime.views.plan import folded_source, plan_page

        width = columns_for(err=True)
        head = ["", *folded_source(made.harness.source, made.path)] if source and made.path and width is None else []
        show([*head, "", *plan_page(made, width), ""], err=True)

    def allowed(self, decided: Decided) -> Approved:
        """Remember a yes, and return what it binds the run to.

        Raises:
            Refused: the linter finds errors.
        """
        from weft.runtime.project.approvals import Approvals

        named, made = decided.named, decided.made
        if made.report.errors or made.terms is None:
            raise refusal(len(made.report.errors))
        self._trust.approve(self._trust.unknown(named))
        costs = self._trust.costs(named.harness)
        if (costs and not self._yes) or self._approve is not None:
            Approvals().add(made.terms.digest, f"a plan of {named.harness.name}, {named.harness.filename}")
        held = made.terms.agents is None and (costs or self._approve is not None)
        widths = made.terms.widths if held else None
        return Approved(named, made.report.bound, widths, made.terms.sources)


def _offered(made: Plan) -> tuple[str, ...]:
    """Return what can be answered: what has errors is not run, nor what wants tools that nobody has granted."""
    fixes = ("fix",) if any(one.fix is not None and one.fix.safety == "safe" for one in made.report.findings) else ()
    runs = () if made.report.errors or made.wants.tools else ("yes",)
    saves = () if made.report.errors else ("save",)
    return (*runs, "view", "edit", *fixes, "revise", *saves, "no")


def _sum(one: Any, other: Any) -> Any:
    return one if other is None else other if one is None else one + other


def _unapproved(named: Target, what: str, fix: str | None = None) -> Refused:
    """Return the refusal to run what nobody has approved; what writing it has cost is in it."""
    from weft.primitives.lost import Spent

    spent = named.spent or Spent()
    meaning = "nothing was started"
    if named.task is not None:
        cost = f"written, for ${spent.usd:.4f}" if spent.tokens else "kept"
        meaning = f"the harness is {cost}, and nothing has run"
    error = Unapproved(what, meaning=meaning, fix=fix)
    error.spent = spent
    return error
