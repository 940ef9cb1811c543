"""`weft tune`: tries other words for the prompts of a harness, and shows which does better."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weft.runtime.cli.linting import lint_here, refuse_errors
from weft.runtime.cli.options import json_option, read_settings, run_options
from weft.runtime.cli.output import attended, confirmed, errors_as_json, foreign, print_json, show
from weft.runtime.cli.shipped import offline_refusal
from weft.runtime.cli.targets import Target, find_target, resolve
from weft.runtime.cli.trusting import Trust
from weft.runtime.errors import ExitCode, Refused, RuntimeFailure, UsageError
from weft.runtime.meant import did_you_mean_path

if TYPE_CHECKING:
    from weft.runtime.authoring.tuning import Example, Metric, Tuning, Wording
    from weft.runtime.execution.run import Run
    from weft.runtime.project.config import Config
    from weft.runtime.project.folders import Project, RunFolder
    from weft.runtime.project.harness import Harness
    from weft.runtime.settings import Settings

__all__ = ["tune"]


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("target", metavar="FILE.py|NAME")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[--ARG VALUE]...")
@click.option("--args", "arguments", metavar="JSON|@FILE", help="Arguments of the harness: the one example.")
@click.option("--metric", metavar="FILE.py", required=True, help="Has `def metric(result, run)`: how good it is.")
@click.option("--wordings", metavar="FILE.json", help='Other words by prompt: {"PROMPT": ["words", …]}.')
@click.option("--run", "runs", metavar="RUN", multiple=True, help="A recorded run, as an example. Repeatable.")
@click.option("--save", metavar="NAME", help="Save the harness with the best wording in this project, if there is one.")
@run_options
@click.option("--yes", is_flag=True, help="Approve what would be asked before anything is started.")
@json_option
def tune(target: str, as_json: bool, **given: Any) -> None:
    """Try other words for the prompts of a harness on examples, and show in a table which does better.

    Without --wordings the prompts are listed by their names. The harness itself is never changed. Each trial is a run
    of its own, and --budget is the ceiling of all of them together. Of a recorded run, only agents that are asked
    something else now are asked again. Where that may cost something, it is asked first whether to begin.

    \b
    Example:
      weft tune review.py --metric good.py --wordings words.json --run @last --budget 1
    """
    import anyio

    from weft.runtime.views.tuned import tuned_object, tuned_page

    so_far: list[Tuning] = []
    with errors_as_json(as_json, lambda _: tuned_object(so_far[-1], None) if so_far else {}):
        try:
            tuning, saved = anyio.run(_tune, target, given, so_far)
        except RuntimeFailure:
            show([] if as_json or not so_far else tuned_page(so_far[-1]))  # it is paid for
            raise
    if as_json:
        print_json(tuned_object(tuning, saved))
    else:
        show([*tuned_page(tuning), *(["", f"Saved as {saved}; weft run {given['save']}"] if saved else [])])
    raise SystemExit(ExitCode.CLEAN if tuning.cut is None else ExitCode.PAUSED)


async def _tune(target: str, given: dict[str, Any], so_far: list[Tuning]) -> tuple[Tuning, str | None]:
    from weft.runtime.authoring.tuning import read_metric
    from weft.runtime.authoring.tuning import tune as try_out
    from weft.runtime.execution.prepare import exactly
    from weft.runtime.keeping.saving import save_new
    from weft.runtime.project.folders import Project

    (settings, config), project = read_settings(given), Project(Path.cwd())
    trust = Trust(project, settings, config, yes=given["yes"])
    harness = _named(target, project, given, settings, trust)
    if given["save"] is not None:
        project.check_free(given["save"])
        if project.find_source(given["save"]) is not None:
            show([f"What is saved as {given['save']} will be meant here, and no longer what has that name."], err=True)
    metric, wordings = read_metric(Path(given["metric"])), _wordings(harness, given["wordings"], settings)
    settings = await exactly(settings, config)
    examples = await _examples(harness, target, given, settings, config, project)
    _agree(wordings, examples, settings, trust, yes=given["yes"])
    starting = _starting(project, config, trust)
    async for tuning in try_out(wordings, examples, _aside(metric), settings, starting):
        so_far[:] = [tuning]
        _tell(tuning)
    (tuning,) = so_far  # there is the harness as it is, and an example
    best = tuning.best
    if best is None or given["save"] is None:
        return tuning, None
    return tuning, os.path.relpath(save_new(project, given["save"], best.wording.harness, f"tuning {target}"))


def _agree(wordings: list[Wording], examples: list[Example], settings: Settings, trust: Trust, *, yes: bool) -> None:
    """Say how many runs there will be, and get a yes to them where they may cost something.

    Raises:
        Refused: there is none.
    """
    runs, ceiling = len(wordings) * len(examples), settings.ceiling
    limits = [f"${ceiling.usd:.2f}"] if ceiling.usd is not None else []
    limits += [f"{ceiling.tokens:,} tokens"] if ceiling.tokens is not None else []
    most = f"never more than {' or '.join(limits)} together" if limits else "no ceiling is set"
    said = f"{len(wordings)} wordings, with the one that is there, on {len(examples)} examples: {runs} runs; {most}"
    if yes or not any(trust.costs(wording.harness) for wording in wordings):
        return
    show([said], err=True)
    asked = attended()
    if not (asked and confirmed("Try them?")):
        raise Refused(
            "the runs were not approved" if asked else "the runs need a yes, and nobody is there to give it",
            where=said,
            meaning="nothing was started",
            fix="--yes approves them; --budget USD is a ceiling for all of them",
        )


def _aside(metric: Metric) -> Metric:
    """Return a metric that prints nothing where the command does."""

    def scored(result: Any, run: dict[str, Any]) -> float:
        with foreign():
            return metric(result, run)

    return scored


def _named(target: str, project: Project, given: dict[str, Any], settings: Settings, trust: Trust) -> Harness:
    found = find_target(target, project, given["words"])
    if found is None:
        raise UsageError(
            "a task in words has no prompts yet",
            meaning="nothing was started",
            fix="weft tune FILE.py or NAME; weft plan TASK --save NAME has a harness written and keeps it",
        )
    impossible = offline_refusal(found[0], settings)
    if impossible is not None:
        raise impossible
    refuse_errors(found[0], settings.max_agents)
    trust.require(Target(found[0], None, found[1]))
    return found[0]


def _wordings(harness: Harness, path: str | None, settings: Settings) -> list[Wording]:
    """Return the harness as it is and with each wording, in which the linter finds no error.

    Raises:
        UsageError: there are none, or one of them does not fit.
    """
    from weft.runtime.authoring.tuning import wordings_of
    from weft.runtime.authoring.wordings import prompts_in

    if path is None:
        from weft.runtime.views.tuned import prompts_page

        show(prompts_page(prompts_in(harness.source)), err=True)
        raise UsageError(
            "no other words are given for any of these prompts",
            meaning="nothing was started",
            fix="""--wordings FILE.json with {"PROMPT": ["words", "other words"]}, by the names above""",
        )
    wordings = wordings_of(harness, _read_wordings(Path(path)))
    for wording in wordings:
        report = lint_here(wording.harness.source, filename=harness.filename, max_agents=settings.max_agents)
        if report.errors:
            first = report.errors[0]
            raise UsageError(
                f"with {wording.name} the linter finds {first.code}: {first.message}",
                where=f"line {first.line}",
                meaning="nothing was started",
                fix="another wording",
            )
    return wordings


def _read_wordings(path: Path) -> dict[str, list[str]]:
    from weft.runtime.project.files import read_text

    try:
        given = json.loads(read_text(path))
    except OSError as error:
        fix = did_you_mean_path(path, "--wordings FILE.json")
        raise _unread(path, f"it cannot be read: {error.strerror}", fix) from None
    except (ValueError, RecursionError) as error:
        raise _unread(path, f"it is not JSON: {error}") from None
    texts = given.values() if isinstance(given, dict) else [None]
    if not given or not all(isinstance(some, list) and some and all(map(_is_words, some)) for some in texts):
        raise _unread(path, "it is no object with a list of texts for each prompt")
    return dict(given)


def _is_words(text: object) -> bool:
    return isinstance(text, str) and bool(text.strip())


def _unread(path: Path, why: str, fix: str = '{"PROMPT": ["words", "other words"]}') -> UsageError:
    return UsageError(f"the wordings cannot be used: {why}", where=str(path), meaning="nothing was started", fix=fix)


async def _examples(
    harness: Harness, target: str, given: dict[str, Any], settings: Settings, config: Config, project: Project
) -> list[Example]:
    from weft.runtime.authoring.tuning import Example

    if not given["runs"]:
        return [Example((await resolve(target, (harness, None), given, settings, config, project)).args)]
    if given["arguments"] is not None or given["words"]:
        raise UsageError(
            "the examples are what runs were given, or the arguments given here, not both",
            meaning="nothing was started",
            fix="--run RUN for each, or the arguments of the harness",
        )
    folders = {folder.id: folder for folder in map(project.find_run, given["runs"])}
    return [_example(harness, folder) for folder in folders.values()]


def _example(harness: Harness, folder: RunFolder) -> Example:
    from weft.runtime.authoring.tuning import Example
    from weft.runtime.journal import Past
    from weft.runtime.project.harness import check_args

    started = folder.state().started
    if started is None or started.name != harness.name:
        raise UsageError(
            f"run {folder.id} is of {started.name if started else 'nothing'}, not of {harness.name}",
            meaning="nothing was started",
            fix=f"--run with a run of {harness.name}: weft runs lists them",
        )
    check_args(harness, started.args)

    def past() -> Past:
        known = Past((event for _, event in folder.events()), asked="rerun")
        known.agents_started = 0  # they are those of another run
        return known

    return Example(started.args, past)


def _starting(project: Project, config: Config, trust: Trust) -> Callable[[Harness, Example, Settings], Awaitable[Run]]:
    from weft.runtime.execution.run import run
    from weft.runtime.project.linted import LintedHarnesses

    async def start(harness: Harness, example: Example, settings: Settings) -> Run:
        find = trust.finding(LintedHarnesses(project, settings.max_agents), free=not trust.costs(harness))
        again = partial(run, config=config, find_harness=find)
        return await again(harness, example.args, settings, project, past=example.past(), interruptible=True)

    return start


def _tell(tuning: Tuning) -> None:
    """Say how the trial that has just ended came out."""
    trial = tuning.trials[-1]
    if trial.runs and tuning.cut is None:
        score = trial.scores[-1]
        show([f"{trial.wording.name}  {trial.runs[-1]}  {'no result' if score is None else f'{score:.4g}'}"], err=True)
