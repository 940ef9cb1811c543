"""Finds defects in harnesses and proves how many agents they can start. Pure: text in, findings out.

`lint` checks, `render` shows, `fix` applies the fixes that are safe. Nothing of a harness is executed.
"""

from weft.linter.bound import Bound, Term
from weft.linter.finding import Edit, Finding, Fix, Related, Severity
from weft.linter.formats import FORMATS, Format, render, render_all
from weft.linter.lint import lint
from weft.linter.mend import fix
from weft.linter.report import Report, as_json
from weft.linter.rules import RULES, Rule

__all__ = [
    "FORMATS",
    "RULES",
    "Bound",
    "Edit",
    "Finding",
    "Fix",
    "Format",
    "Related",
    "Report",
    "Rule",
    "Severity",
    "Term",
    "as_json",
    "fix",
    "lint",
    "render",
    "render_all",
]
