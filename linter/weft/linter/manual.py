"""The manual: a page for each kind of finding. That of a rule is its docstring; nothing is written twice."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator

from weft.linter.finding import Severity
from weft.linter.problem import PROBLEMS, Problem
from weft.linter.record import record
from weft.linter.rules import RULES, Rule

__all__ = ["PAGES", "Page", "page", "page_text"]

_PART = re.compile(r"^(What|Why|Bad|Good|When not|Fix):(.*?)(?=^(?:What|Why|Bad|Good|When not|Fix):|\Z)", re.M | re.S)
_WIDTH = 100


@record()
class Page:
    """What the manual says of one kind of finding. Parts that there is nothing to say of are empty."""

    code: str
    name: str
    severity: Severity
    title: str
    """In one sentence, what is wrong."""
    what: str
    """Exactly what is flagged."""
    why: str
    """What it costs."""
    bad: str
    """Lines of a harness in which it is found."""
    good: str
    """The same, mended."""
    when_not: str
    """What looks alike and is fine."""
    fix: str
    """What `weft check --fix` does, and what to do by hand."""
    suppressible: bool
    guess: bool = False
    """Whether it is looked for only where guesses are wanted."""


def _of_rule(rule: Rule) -> Page:
    text = inspect.cleandoc(type(rule).__doc__ or "")
    parts = dict(_PART.findall(text))
    return Page(
        code=rule.code,
        name=rule.name,
        severity=rule.severity,
        title=_joined(text.partition("\n\n")[0]),
        what=_joined(parts.get("What", "")),
        why=_joined(parts.get("Why", "")),
        bad=_example(parts.get("Bad", "")),
        good=_example(parts.get("Good", "")),
        when_not=_joined(parts.get("When not", "")),
        fix=_joined(parts.get("Fix", "in words only: the finding says what to write.")),
        suppressible=rule.suppressible,
        guess=rule.guess,
    )


def _of_problem(kind: Problem) -> Page:
    fix = kind.instead.format_map({"instead": "the finding says what to write"})
    return Page(kind.code, kind.name, kind.severity, kind.title, "", kind.why, "", "", "", fix, suppressible=False)


def _joined(text: str) -> str:
    return " ".join(text.split())


def _example(text: str) -> str:
    return textwrap.dedent(text.strip("\n")).rstrip()


PAGES = tuple(sorted((*map(_of_rule, RULES), *map(_of_problem, PROBLEMS)), key=lambda page: page.code))
"""All pages, in the order of their codes."""


def page(name: str) -> Page | None:
    """Return the page of a code or a name, in upper or lower case; `None` where there is none."""
    return next((page for page in PAGES if name.lower() in (page.code.lower(), page.name)), None)


def page_text(page: Page) -> str:
    """Return a page as text that is Markdown too."""
    return "\n\n".join(_sections(page)) + "\n"


def _sections(page: Page) -> Iterator[str]:
    yield f"# {page.code} {page.name} ({page.severity})"
    yield _filled(page.title)
    for label, text in (("What", page.what), ("Why", page.why)):
        if text:
            yield _filled(f"{label}: {text}")
    for label, example in (("Bad", page.bad), ("Good", page.good)):
        if example:
            yield f"{label}:\n\n{textwrap.indent(example, '    ')}"
    if page.when_not:
        yield _filled(f"When not: {page.when_not}")
    yield _filled(f"Fix: {page.fix}")
    if page.guess:
        yield "A guess: it is looked for only by `weft check --guesses` and `weft lsp --guesses`."
    if page.suppressible:
        yield f"Suppress: `# weft: ok[{page.code}] reason` on the line, or on the first of its statement."
    else:
        yield "Suppress: cannot be suppressed."


def _filled(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
