"""The commands that steer a run which another process executes right now. `resume` is for one that has ended."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import click

from weft.primitives.errors import WeftError
from weft.runtime.cli.options import json_option
from weft.runtime.cli.output import errors_as_json, print_json, show
from weft.runtime.cli.which import find_run
from weft.runtime.errors import UsageError
from weft.runtime.page import line
from weft.runtime.plain import plain

__all__ = ["answer", "budget", "go_on", "limits", "pause", "retry", "stop"]

Verb = TypeVar("Verb", bound=Callable[..., None])


def _steering(metavar: str) -> Callable[[Verb], Verb]:
    """Give a command what all of these take."""

    def give(command: Verb) -> Verb:
        for option in (
            json_option,
            click.option("--reason", default="", metavar="TEXT", help="Why; goes into the journal."),
            click.option("--dry-run", is_flag=True, help="Only say what would be done."),
            click.argument("reference", metavar=metavar),
        ):
            command = option(command)
        return command

    return give


@click.command()
@_steering("RUN")
@click.option("--now", is_flag=True, help="End the agents at work and the run: it can be resumed, and exits with 5.")
def pause(**given: Any) -> None:
    """Pause a run: no further agents start, those at work finish, and the process waits.

    `weft continue` lets it go on. With --now nothing waits, and `weft resume` goes on.
    """
    _steer("pause", given)


@click.command("continue")
@_steering("RUN")
def go_on(**given: Any) -> None:
    """Go on with a run that `weft pause` has paused."""
    _steer("continue", given)


@click.command()
@_steering("RUN[/AGENT]")
def stop(**given: Any) -> None:
    """Stop a run, or only one agent of it, by its number or label.

    Agents at work are ended and everything finished is kept, as by a second Ctrl-C; the run exits with 130, and can be
    resumed. One agent that is stopped is lost, and the harness goes on without it.
    """
    given["reference"], slash, agent = given["reference"].partition("/")
    _steer("stop", {**given, "agent": agent} if slash else given)


@click.command()
@_steering("RUN")
def retry(**given: Any) -> None:
    """Ask the agents again that a run has lost so far.

    Those at work finish first. Then the same process executes the harness again: what is finished is used again.
    """
    _steer("retry", given)


@click.command()
@_steering("RUN")
@click.option("--usd", type=float, metavar="USD", help="The new ceiling in dollars.")
@click.option("--add", "add_usd", type=float, metavar="USD", help="So many dollars more.")
@click.option("--tokens", type=int, metavar="N", help="The new ceiling in tokens.")
@click.option("--add-tokens", type=int, metavar="N", help="So many tokens more.")
def budget(**given: Any) -> None:
    """Raise or lower the ceiling of a run. It cannot be lower than what is spent and reserved."""
    with errors_as_json(given["as_json"], partial(_refused, "budget", given)):
        _check_amounts(given)
    _steer("budget", given)


@click.command()
@_steering("RUN")
@click.option("--concurrency", type=int, metavar="N", help="Most agents at work.")
@click.option("--model", "models", multiple=True, metavar="NAME=N", help="Most of a model; may be repeated.")
@click.option("--profile", "profiles", multiple=True, metavar="NAME=N", help="Most of a profile; may be repeated.")
def limits(**given: Any) -> None:
    """Change how many agents of a run may be at work, of all, of a model, or of a profile.

    It holds at once, and when the run is resumed. Where there are more at work than may be, none is ended: none begins
    until there are fewer.
    """
    run = given["reference"]
    with errors_as_json(given["as_json"], partial(_refused, "limits", given)):
        for option, texts in (("--model", "models"), ("--profile", "profiles")):
            given[texts] = _counts(option, given[texts], run)
        if given["concurrency"] is None and not (given["models"] or given["profiles"]):
            raise _unlimited("no limit is named", f"weft limits {run} --concurrency 4, or --model NAME=2")
        if given["concurrency"] is not None and given["concurrency"] < 1:
            raise _unlimited(
                f"--concurrency {given['concurrency']} would let no agent work", f"weft pause {run} holds them all"
            )
    _steer("limits", given)


def _counts(option: str, texts: tuple[str, ...], run: str) -> dict[str, int]:
    """Return how many agents of each name there may be.

    Raises:
        UsageError: a text says none, or two say it of one name.
    """
    counts: dict[str, int] = {}
    for text in texts:
        name, _, count = text.rpartition("=")
        if not name or not re.fullmatch(r"[1-9][0-9]{0,8}", count, re.ASCII):
            raise _unlimited(f"{option} {text} does not say how many", f"weft limits {run} {option} NAME=2, from 1 on")
        if name in counts:
            raise _unlimited(f"{option} {name}= is given twice", "give it once")
        counts[name] = int(count)
    return counts


def _unlimited(what: str, fix: str) -> UsageError:
    return UsageError(what, meaning="nothing was sent, and the limits are as they were", fix=fix)


@click.command()
@_steering("RUN")
@click.argument("words", nargs=-1, required=True, metavar="[ASK] VALUE")
def answer(**given: Any) -> None:
    """Answer a question of the harness: one of its choices, or a text.

    ASK is the number of the question, which `weft show RUN` tells; where one alone is open it can be left out.
    """
    *asked, value = given.pop("words")
    with errors_as_json(given["as_json"], partial(_refused, "answer", given)):
        if len(asked) > 1:
            raise UsageError(
                f"{len(asked) + 1} words are no question and its answer",
                meaning="nothing was sent",
                fix=f'weft answer {given["reference"]} "{" ".join([*asked, value])}" sends them as one text',
            )
    _steer("answer", {**given, "ask": asked[0] if asked else None, "value": value})


AMOUNTS = {"usd": "--usd", "add_usd": "--add", "tokens": "--tokens", "add_tokens": "--add-tokens"}
"""The options that name an amount, by what they are called in a command."""


def _check_amounts(given: dict[str, Any]) -> None:
    """Check that the options say one thing about the ceiling, and which.

    Raises:
        UsageError: they do not.
    """
    run = given["reference"]
    amounts = {AMOUNTS[name]: given[name] for name in AMOUNTS if given[name] is not None}
    if not amounts:
        raise _unclear(
            "no new ceiling is named",
            f"weft budget {run} --usd 5 sets it, --add 1 adds to it; in tokens --tokens 100000 and --add-tokens 50000",
        )
    for option, amount in amounts.items():
        what = "number of tokens" if "tokens" in option else "amount in dollars"
        example = f"weft budget {run} {option} {'50000' if 'tokens' in option else '0.50'}"
        if isinstance(amount, float) and not math.isfinite(amount):
            raise _unclear(f"{option} {amount} is no {what}", example)
        if amount < 0 and "--add" in option:
            lower = option.replace("--add-", "--").replace("--add", "--usd")
            raise _unclear(
                f"{option} {amount:g} would take away", f"{lower} names a lower ceiling: all that may be spent"
            )
        if amount <= 0:
            if "--add" in option:
                raise _unclear(f"{option} {amount:g} adds nothing", example)
            raise _unclear(f"{option} {amount:g} leaves nothing to spend", f"{example}; weft stop {run} ends the run")
    for absolute, more in (("--usd", "--add"), ("--tokens", "--add-tokens")):
        if absolute in amounts and more in amounts:
            raise _unclear(
                f"{absolute} says what the ceiling is, and {more} how much is added to it: both cannot be meant",
                "give one of them",
            )


def _unclear(what: str, fix: str) -> UsageError:
    return UsageError(what, meaning="nothing was sent, and the ceiling is as it was", fix=fix)


def _refused(verb: str, given: Mapping[str, Any], error: WeftError) -> dict[str, Any]:
    from weft.runtime.steering.socket import refused

    return refused(given["reference"], verb, error, dry_run=given["dry_run"])


def _steer(verb: str, given: dict[str, Any]) -> None:
    """Send a command, and print its answer."""
    import anyio

    from weft.runtime.steering.socket import parse_command, send

    as_json = given["as_json"]
    with errors_as_json(as_json, partial(_refused, verb, given)):
        fields = {name: value for name, value in given.items() if name not in ("reference", "as_json")}
        command = parse_command({"verb": verb, **fields})
        folder = find_run(given["reference"])
        answer = anyio.run(send, folder, command)
    if as_json:
        print_json(answer.as_data())
    else:
        only = " (dry run, nothing is done)" if answer.dry_run else ""
        show([line(f"{verb} ", (answer.target, "strong"), (only, "dim"), f": {plain(answer.detail)}", hang=2)])
