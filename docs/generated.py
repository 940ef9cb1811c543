"""The pages of the documentation that are read off the code: nothing is written twice, and nothing can be out of date.

The language is told by the docstrings of `weft.primitives`, which `docs/docstrings.py` reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from inspect import cleandoc

from click.testing import CliRunner
from docstrings import language

from weft.linter import PAGES, Page, lint, page_text
from weft.primitives.language import BUILTINS, modules
from weft.runtime.cli.commands import COMMANDS, help_text
from weft.runtime.cli.group import weft
from weft.runtime.project.shipped import builtin_harness, shelves
from weft.runtime.serving.app import ROUTES, Route
from weft.runtime.serving.live import COLUMNS, HEAD
from weft.runtime.settings import FLAGS

__all__ = ["pages"]

HELP_WIDTH = 100
ARGUMENTS = "Arguments of this harness:"


def pages() -> dict[str, str]:
    """Return the pages, by their path in the documentation."""
    return {
        "reference/language.md": language(),
        "reference/rules.md": _rules(),
        "reference/commands.md": _commands(),
        "reference/settings.md": _settings(),
        "reference/harnesses.md": _harnesses(),
        "reference/modules.md": _modules(),
        "reference/api.md": _api(),
    }


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown; what has a `|` in it must be code."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _rules() -> str:
    listed = table(
        ("code", "name", "", "what is wrong"),
        ((f"[{page.code}](#{page.code.lower()})", page.name, page.severity, page.title) for page in PAGES),
    )
    intro = (
        "# Rules of the linter\n\n"
        "What `weft check` finds, each with why it costs, how to mend it and when it is fine. "
        "The same pages are shown by `weft rule CODE`.\n"
    )
    return "\n".join((intro, listed, "", *map(_rule, PAGES)))


def _rule(page: Page) -> str:
    title, _, rest = page_text(page).partition("\n")
    code, name, severity = title.removeprefix("# ").split()
    labelled = re.sub(r"^(What|Why|Bad|Good|When not|Fix|Suppress):", r"**\1**:", rest, flags=re.M)
    return f"## {code} {name} {severity} {{ #{code.lower()} }}\n{labelled}"


def _commands() -> str:
    intro = "# Commands\n\nWhat `weft --help` and `weft COMMAND --help` print."
    return "\n\n".join((intro, _fenced(help_text()), *map(_command, COMMANDS))) + "\n"


def _command(name: str) -> str:
    return f"## weft {name} {{ #{name} }}\n\n{_fenced(_help(name))}"


def _help(*words: str) -> str:
    """Return what `weft WORDS --help` prints."""
    shown = CliRunner().invoke(weft, [*words, "--help"], prog_name="weft", terminal_width=HELP_WIDTH)
    if shown.exception is not None:
        raise shown.exception
    return shown.output.rstrip()


def _fenced(text: str, language: str = "text") -> str:
    return f"```{language}\n{text}\n```"


def _settings() -> str:
    rows = (
        (f"`{flag.name}`", f"`{flag.metavar}`" if flag.metavar else "", f"`{flag.key}`", flag.help)
        for flag in FLAGS.values()
    )
    return f"""\
# Settings

Options of `weft run`, `weft plan` and `weft resume`, and the keys of the table `[run]` in `weft.toml` that mean the
same. [Set limits and budgets](../how-to/limits.md) says how they work together, [Choose models](../how-to/models.md)
what else stands in `weft.toml`.

{table(("option", "value", "in weft.toml", "what it does"), rows)}
"""


def _harnesses() -> str:
    intro = """\
# Shipped harnesses

Run as they are, by their names. `weft list` shows them, `weft run NAME --help` what one takes, and
`weft run NAME --demo` shows one at work, see [Run a shipped harness](../how-to/shipped.md)."""
    parts = [intro]
    for title, names in shelves().groups.items():
        parts += [f"## {title}", *map(_harness, names)]
    return "\n\n".join(parts) + "\n"


def _harness(name: str) -> str:
    harness = builtin_harness(name)
    assert harness is not None
    summary, _, more = harness.task.partition("\n\n")
    bound = lint(harness.source, filename=harness.filename).bound
    usage, heading, arguments = _help("run", harness.name).partition(ARGUMENTS)
    offline = "The offline model can do its work." if name in shelves().offline else "It takes a model."
    parts = (
        f"### {name}",
        " ".join(summary.split()),
        more.strip(),
        f"Starts at most `{bound.agents}` agents. {offline}",
        _fenced(f"{usage.splitlines()[0]}\n\n{heading}{arguments}"),
    )
    return "\n\n".join(part for part in parts if part)


def _modules() -> str:
    rows = ((f"`{name}`", ", ".join(f"`{one}`" for one in sorted(modules.EXPORTS[name]))) for name in modules.MODULES)
    return f"""\
# What may be imported

Besides `weft.primitives`, a harness may import these names. Left out is what reads attributes by their names, evaluates
text, is random, or tells the time; what to write instead is said by `weft check`.

{table(("module", "names"), rows)}

Of the built-ins it has these:

{", ".join(f"`{name}`" for name in sorted(BUILTINS))}.
"""


def _api() -> str:
    columns, head = (
        table(titles, ((f"`{name}`", about) for name, about in named.items()))
        for titles, named in ((("column", "what stands there"), COLUMNS), (("of the head", "what it is"), HEAD))
    )
    return f"""\
# The HTTP API

What `weft serve` tells programs, and the pages in a browser; [Watch and steer runs](../how-to/watch.md#in-a-browser)
says how to start it. `weft serve --json` prints `{{"url": …, "token": …, "pid": …}}` on one line when it listens. Each
request has the token: `Authorization: Bearer TOKEN`. A browser opens `URL/?token=TOKEN` and has a cookie from then on.

Bodies are JSON objects, sent with `Content-Type: application/json`. Answers are JSON, without secrets of the
environment. One that is not 200 has an `error` with `type`, `message`, `where`, `meaning` and `fix`: 400 for what means
nothing, 401 without the token, 403 from elsewhere or where runs are only shown, 404 for what is not there, 409 for what
is refused and has changed nothing.

To follow a run, take its snapshot, then the stream after its `seq`. A `change` has rows of agents that take the place
of those with the same number, or are new, and parts of the head that take the place of what they were. Where the stream
is broken off, begin it again with the latest `id` as `Last-Event-ID`, as browsers do by themselves. After a `resync`,
take a new snapshot. Times are seconds of the run, from its beginning on.

{head}

{columns}

{chr(10).join(map(_route, ROUTES))}"""


def _route(route: Route) -> str:
    path = route.path.replace(":path", "")
    return f"## {route.method} {path}\n\n{cleandoc(route.text)}\n"
