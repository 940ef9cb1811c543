"""What can be told of a JSON Schema by reading it: whether it is well formed, where its references lead, and
whether anything can fit it at all.

Host and linter both say it, so it is here. Values are held against schemas in `weft.runtime.schemas`.
"""

from weft.primitives.schemas.form import pattern_problem, plain
from weft.primitives.schemas.sense import Fault, nonsense, strays

__all__ = ["Fault", "nonsense", "pattern_problem", "plain", "strays"]
