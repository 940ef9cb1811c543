"""Findings that no rule makes: a file that is no harness, an idle suppression, a failure of the linter itself."""

from __future__ import annotations

from weft.linter.finding import Finding, Fix, Severity
from weft.linter.record import record

__all__ = [
    "CEILINGS",
    "DECLARATION",
    "FILE",
    "IDLE",
    "INTERNAL",
    "NO_MAIN",
    "PROBLEMS",
    "PROFILE",
    "SAVED",
    "SIZE",
    "SYNTAX",
    "UNDEFINED",
    "UNFOLLOWED",
    "Problem",
]


@record()
class Problem:
    """One kind of finding that no rule makes. None of them can be suppressed."""

    code: str
    name: str
    title: str
    """What it is, for the manual."""
    message: str
    why: str
    instead: str
    severity: Severity = "error"

    def at(self, line: int = 1, column: int = 0, end_column: int | None = None, **blanks: object) -> Finding:
        """Return the finding at a place on one line."""
        return Finding(
            code=self.code,
            name=self.name,
            severity=self.severity,
            line=line,
            column=column,
            end_line=line,
            end_column=column if end_column is None else end_column,
            message=self.message.format(**blanks),
            why=self.why,
            fix=Fix("suggestion", self.instead.format(**blanks)),
        )


SYNTAX = Problem(
    "E001",
    "syntax-error",
    "The file is not Python.",
    "This is not Python: {what}.",
    "Nothing of it can be run or checked.",
    "mend the line",
)
NO_MAIN = Problem(
    "E002",
    "no-main",
    "There is no entry with one parameter at the top level.",
    "There is no `async def main(args)` at the top level{what}.",
    "It is where a run begins.",
    "async def main(args): …",
)
DECLARATION = Problem(
    "E003",
    "bad-declaration",
    "`ARGS` or `RESULT` is not a literal JSON value.",
    "{what} is not a literal JSON value: {part} would have to be worked out.",
    "It is read without running anything, to check arguments and results.",
    "write the schema in place: dicts with text keys, lists, texts, numbers, True, False, None",
)
SIZE = Problem(
    "E004",
    "too-large",
    "The file is larger than a harness may be.",
    "The file has {what} bytes; a harness has at most {most}.",
    "It is refused.",
    "put the data into args, or let agents read it",
)
UNDEFINED = Problem(
    "E005",
    "undefined-name",
    "A name is read that nothing in the harness gives a value, and that is no name of the language.",
    "{what} is not defined: nothing in the harness gives it a value, and it is no name of the language.",
    "The run ends with a NameError where it is read.",
    "{instead}",
)
FILE = Problem(
    "E006",
    "file-access",
    "The file cannot be read, or the fixes cannot be written to it.",
    "The file cannot be {what}: {why}.",
    "Nothing is known of it.",
    "check that it is there, is UTF-8 text, and who may read and write it",
)
SAVED = Problem(
    "E007",
    "saved-harness",
    "A saved harness that is called by its name has an error.",
    "The saved harness {file}, which is called here, has an error on line {at}: {what}",
    "It is refused when it is called, as `weft run` would refuse it.",
    "mend it there",
)
CEILINGS = Problem(
    "E008",
    "bad-budget",
    "`BUDGET` names no ceilings that can be held.",
    "{what}.",
    "A run is refused before it starts.",
    'BUDGET = {{"usd": 1.0, "tokens": 500_000, "agents": 50, "minutes": 30}}, or some of these',
)
PROFILE = Problem(
    "E009",
    "unknown-profile",
    "An agent is to go by a profile that there is not, or that means nothing.",
    "{what}.",
    "Where models answer, a run is refused before it starts, or each such agent is lost.",
    "`weft profiles` shows all, with what is wrong: mend that one, write .weft/agents/NAME.md, or name another",
    "warning",
)
INTERNAL = Problem(
    "E900",
    "internal",
    "The linter itself failed.",
    "The linter itself failed on {file} ({where}): {error}.",
    "What it would have found is not known; all else was checked.",
    "please report this, with the file",
    "warning",
)
UNFOLLOWED = Problem(
    "E901",
    "not-followed",
    "Something is too large, or nested too deeply, to be checked within the limits of the linter.",
    "Not all of this harness could be checked: {what}.",
    "What is wrong there is not known, nor how many agents it starts; all else was checked.",
    "split it into smaller functions, or put data into args; --no-lint runs it unchecked",
)
IDLE = Problem(
    "W001",
    "unused-suppression",
    "A suppression hides nothing, gives no reason, or names no rule that can be suppressed.",
    "This suppression {what}.",
    "It hides nothing now and might hide something later.",
    "{instead}",
    "warning",
)
PROBLEMS = (SYNTAX, NO_MAIN, DECLARATION, SIZE, UNDEFINED, FILE, SAVED, CEILINGS, PROFILE, INTERNAL, UNFOLLOWED, IDLE)
