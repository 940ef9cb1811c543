"""Finds defects in harnesses and proves how many agents they can start. Pure: text in, findings out.

`lint` checks, `render` shows, `fix` applies fixes, `page` explains a code. Nothing of a harness is executed. `lint`
leads from the text to the report: `load` parses, `facts` follows the harness, `rules` look at what was found out,
`bound` counts. `linter/HOW.md` follows one harness along this way.
"""

from weft.linter.bound import Bound, Term, Width
from weft.linter.finding import Edit, Finding, Fix, Related, Severity
from weft.linter.formats import FORMATS, Format, render, render_all
from weft.linter.frames import Part, report_lines
from weft.linter.lint import lint
from weft.linter.manual import PAGES, Page, page, page_text
from weft.linter.mend import fix
from weft.linter.report import Report, as_json, unreadable
from weft.linter.role import Role
from weft.linter.rules import RULES, Rule

__all__ = [
    "FORMATS",
    "PAGES",
    "RULES",
    "Bound",
    "Edit",
    "Finding",
    "Fix",
    "Format",
    "Page",
    "Part",
    "Related",
    "Report",
    "Role",
    "Rule",
    "Severity",
    "Term",
    "Width",
    "as_json",
    "fix",
    "lint",
    "page",
    "page_text",
    "render",
    "render_all",
    "report_lines",
    "unreadable",
]
