"""What names meant in earlier versions of the language, for the runs that began with it.

Each version is a package with one module for each thing that it said otherwise: copied when the language changed, then
left as it was, prompts included, because recorded calls are compared by their content.
"""

from __future__ import annotations

from collections.abc import Mapping

from weft.primitives.earlier.first.asking import agent
from weft.primitives.earlier.first.budgeting import budget
from weft.primitives.earlier.first.looping import until_dry, until_target, while_budget
from weft.primitives.earlier.first.verifying import verify

__all__ = ["EARLIER"]

EARLIER: Mapping[int, Mapping[str, object]] = {
    1: {
        "agent": agent,
        "budget": budget,
        "until_dry": until_dry,
        "until_target": until_target,
        "verify": verify,
        "while_budget": while_budget,
    }
}
"""What differs from the version after it, by version and name; `language.vocabulary` puts them together."""
