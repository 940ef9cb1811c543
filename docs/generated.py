"""The pages of the documentation that are read off the code: nothing is written twice, and nothing can be out of date.

The language is told by the docstrings of `weft.primitives`, which `docs/docstrings.py` reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from click.testing import CliRunner
from docstrings import language

from weft.linter import PAGES, Page, lint, page_text
from weft.primitives.language import BUILTINS, modules
from weft.runtime.cli.commands import COMMANDS, help_text
from weft.runtime.cli.group import weft
from weft.runtime.project.shipped import builtin_harness, shelves
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
