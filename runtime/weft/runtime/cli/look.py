"""The commands that look at runs: `runs`, `show`, `findings`, `logs`, `watch`, `search`, `replay`.

They start no agent and spend nothing.
"""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path

import click

from weft.runtime.cli.output import attended, columns_for, errors_as_json, print_json
from weft.runtime.cli.output import show as show_page
from weft.runtime.cli.which import find_run
from weft.runtime.page import line

__all__ = ["findings", "logs", "replay", "runs", "search", "show", "watch"]

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON only.")


@click.command()
@as_json
def runs(as_json: bool) -> None:
    """List the runs of this project, oldest first."""
    from weft.runtime.errors import JournalError, NotFound
    from weft.runtime.execution.result import result_object
    from weft.runtime.project.folders import Project
    from weft.runtime.views.text import runs_page

    states = []
    for folder in Project(Path.cwd()).runs():
        try:
            states.append(folder.state())
        except (JournalError, NotFound) as error:
            show_page([line(f"{folder.id:<24} ", ("unreadable", "lost"), f": {error.what}", hang=25)], err=True)
    if as_json:
        print_json([{**result_object(state), "name": state.started and state.started.name} for state in states])
    elif states:
        show_page(runs_page(states))
    else:
        show_page(['no runs yet; start one with  weft run "TASK"'], err=True)


@click.command()
@click.argument("reference", metavar="RUN[/AGENT]")
@click.option("--transcript", is_flag=True, help="Show what the agent and its model said to each other.")
@click.option("--from", "first", type=click.IntRange(min=1), help="The part of the transcript to begin with, in full.")
@as_json
def show(reference: str, transcript: bool, first: int | None, as_json: bool) -> None:
    """Show a run as a tree, or one agent with its prompt, result, and what its tools opened.

    RUN is a run's name, the beginning or end of it, or @last. AGENT is its number or label; the number of a question,
    or of a call of a tool, shows that.
    """
    from weft.runtime.errors import UsageError
    from weft.runtime.views.data import agent_object, host_call_object, run_object
    from weft.runtime.views.hosted import host_call_page
    from weft.runtime.views.text import agent_page, run_page
    from weft.runtime.views.transcript import transcript_page

    said = transcript or first is not None
    with errors_as_json(as_json):
        name, _, wanted = reference.partition("/")
        folder = find_run(name)
        state = folder.state()
        call = state.host_calls.find(wanted)
        agent = state.find_agent(wanted) if wanted and call is None else None
        if said and agent is None:
            what = f"{folder.id}/{wanted} is none" if wanted else f"{folder.id} is a run"
            fix = f"weft show {folder.id}/AGENT --transcript; weft show {folder.id} lists its agents"
            raise UsageError(f"a transcript is of one agent, and {what}", fix=fix)
    if call is not None:
        print_json(host_call_object(call)) if as_json else show_page(host_call_page(call))
    elif agent is not None:
        page = transcript_page(agent, first or 1) if said else agent_page(agent)
        print_json(agent_object(agent, transcript=said)) if as_json else show_page(page)
    else:
        print_json(run_object(state)) if as_json else show_page(run_page(state, os.path.relpath(folder.path)))


@click.command()
@click.argument("reference", metavar="RUN")
@as_json
def findings(reference: str, as_json: bool) -> None:
    """List what the harness of a run has published with `finding`, so far where it goes on."""
    from weft.runtime.views.found import found_page

    with errors_as_json(as_json):
        folder = find_run(reference)
        state = folder.state()
    if as_json:
        print_json({"run": folder.id, "findings": state.findings})
    else:
        show_page(found_page(state.findings))


@click.command()
@click.argument("reference", metavar="RUN")
@click.option("--follow", is_flag=True, help="Go on as long as the run does.")
@click.option("--json", "as_json", is_flag=True, help="Print all events of its journal, one JSON object a line.")
def logs(reference: str, follow: bool, as_json: bool) -> None:
    """Print what happened in a run, as a log of it would have it: a line for each event that matters."""
    from weft.runtime.project.followed import followed
    from weft.runtime.views.live import told_later

    with errors_as_json(as_json):
        folder = find_run(reference)
        told = told_later(as_json=as_json)
        with told if follow else nullcontext():
            for news in followed(folder) if follow else [folder.events()]:
                for at, event in news:
                    told(at, event)


@click.command()
@click.argument("reference", metavar="[RUN]", default="@last")
def watch(reference: str) -> None:
    """Watch a run on the whole screen: its agents as a tree, one of them in full, and keys to steer it.

    Without RUN it is the latest. ? tells the keys; q leaves, and the run goes on.
    """
    from weft.runtime.errors import UsageError

    folder = find_run(reference)
    if not attended() or columns_for() is None or os.environ.get("TERM") == "dumb":
        raise UsageError(
            "there is no terminal to draw on",
            meaning=f"{folder.id} is as it was",
            fix=f"weft logs {folder.id} --follow",
        )
    try:
        from weft.runtime.cli.watching import Watch
    except ModuleNotFoundError as error:
        raise UsageError(
            "what draws on the whole screen is not installed",
            where=f"no module named {error.name}",
            meaning=f"weft logs {folder.id} --follow works without it",
            fix="pip install 'weft[tui]'",
        ) from error
    failed = Watch(folder).run()
    if failed is not None:
        raise failed


@click.command()
@click.argument("reference", metavar="RUN[/AGENT]")
@click.argument("words", nargs=-1, required=True)
@as_json
def search(reference: str, words: tuple[str, ...], as_json: bool) -> None:
    """Find what was said in a run: prompts, answers, transcripts, calls, findings and log with all WORDS.

    Case does not count; words in quotes stand together. RUN and AGENT are as for `weft show`.
    """
    from weft.runtime.views.transcript import hits_in, hits_object, hits_page, texts_of

    with errors_as_json(as_json):
        name, _, wanted = reference.partition("/")
        folder = find_run(name)
        state = folder.state()
        call = state.host_calls.find(wanted) if wanted else None
        one = (call or state.find_agent(wanted)).called.id if wanted else None
        texts = (entry for entry in texts_of(state) if one in (None, entry[0]))
        hits = hits_in(texts, words)
    if as_json:
        print_json(hits_object(hits, folder.id, alone=one is not None))
    else:
        show_page(hits_page(hits, folder.id, alone=one is not None))


@click.command()
@click.argument("reference", metavar="RUN")
@click.option("--script", type=click.Path(path_type=Path), help="Replay this harness against the record instead.")
@as_json
def replay(reference: str, script: Path | None, as_json: bool) -> None:
    """Execute a run's harness again against its journal: no model, no tools, no spend.

    Exit code 7 when it does anything else than the record shows.
    """
    import anyio

    from weft.runtime.execution.replay import replay as replay_run
    from weft.runtime.execution.resume import recorded_harness
    from weft.runtime.journal import fold
    from weft.runtime.project.harness import read_harness

    with errors_as_json(as_json):
        folder = find_run(reference)
        events = folder.events()
        started = fold(events).started
        assert started is not None
        harness = read_harness(script) if script else recorded_harness(folder, started)
        replayed = anyio.run(replay_run, harness, events)
    if as_json:
        print_json(
            {
                "run": folder.id,
                "outcome": "reproduced",
                "complete": replayed.complete,
                "calls": replayed.calls,
                "deliveries": replayed.deliveries,
                "result": replayed.result,
            }
        )
        return
    end = "to its end" if replayed.complete else "as far as the record goes"
    calls = f"{replayed.calls} call{'s' * (replayed.calls != 1)}"
    answers = f"{replayed.deliveries} answer{'s' * (replayed.deliveries != 1)}"
    counts = f"{calls}, {answers} from the journal, nothing spent"
    show_page([line(("reproduced", "ok"), f" {end}: {counts}")])
