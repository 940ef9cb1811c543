"""What a harness may write: one set of tables, and one reading of the source, that linter and sandbox both ask.

| module | what it says |
|---|---|
| `vocabulary` | the primitives and types of `weft.primitives`, in each version of the language |
| `modules` | the modules that can be imported, which names each has, what to do without the others |
| `builtin` | the built-in names, and what to write instead of those that are closed |
| `attributes` | which attributes are harmless, guarded or closed, and which methods a class may define |
| `syntax` | the kinds of nodes, the reserved names, the limits of nesting |
| `nodes` | what stands directly in a node |
| `scopes` | which name in a source means what |
| `parsing` | Python's parser and compiler, for one thread at a time |
| `source` | from text to the tree of what would run |
| `refusals` | everything in a tree that the language does not have |

Nothing here runs a harness or guards it while it runs; that is the work of `weft.sandbox`.
"""

from weft.primitives.language.attributes import METHODS
from weft.primitives.language.builtin import BUILTINS
from weft.primitives.language.modules import MODULES
from weft.primitives.language.vocabulary import TYPES, VOCABULARY
from weft.primitives.limits import (
    DEFAULT_FAN_IN,
    DEFAULT_LENSES,
    ENTRY,
    MAX_AGENTS,
    MAX_FANOUT,
    MAX_SOURCE_BYTES,
    MAX_WORKFLOW_DEPTH,
)

__all__ = [
    "BUILTINS",
    "DEFAULT_FAN_IN",
    "DEFAULT_LENSES",
    "ENTRY",
    "MAX_AGENTS",
    "MAX_FANOUT",
    "MAX_SOURCE_BYTES",
    "MAX_WORKFLOW_DEPTH",
    "METHODS",
    "MODULES",
    "TYPES",
    "VOCABULARY",
]
