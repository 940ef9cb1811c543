"""The tools of the host that a harness may call, and what each takes. What they do lives in the host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from weft.primitives.data import as_json

__all__ = ["AGENT_TOOLS", "SPAWNING", "TOOLS", "Acts", "Parameter", "check_tool_call", "is_added"]

Acts = Literal[
    "reads",  # nothing
    "idempotent",  # the same once and twice, so a resume may repeat it
    "reconcile",  # whoever repeats it can see first whether it was done, and is told to
    "manual",  # a person decides whether it is repeated
]
"""What a call of a tool does to the world."""

AGENT_TOOLS: Mapping[str, Acts] = {
    "read_file": "reads",
    "list_files": "reads",
    "search_text": "reads",
    "write_file": "idempotent",
    "edit_file": "reconcile",
    "run_command": "manual",
    "fetch_url": "reads",
    "remember": "reads",  # what agents tell each other is in the run, not in the world
    "recall": "reads",
    "spawn_agent": "reads",  # so are the agents that they ask
    "run_workflow": "reads",
}
"""The tools that agents may have wherever Weft runs, and how they act. A project can add others."""


SPAWNING = ("spawn_agent", "run_workflow")
"""Those of them by which an agent has others answer."""


class Parameter(NamedTuple):
    """One parameter of a tool."""

    kind: str
    """What it takes, by the name of a JSON Schema type."""
    required: bool = False


TOOLS: Mapping[str, Mapping[str, Parameter]] = {
    "cluster_texts": {
        "texts": Parameter("array", required=True),
        "threshold": Parameter("number", required=True),
    },
    "list_files": {"pattern": Parameter("string")},
    "recall": {"key": Parameter("string"), "prefix": Parameter("string")},
    "read_file": {
        "path": Parameter("string", required=True),
        "first_line": Parameter("integer"),
        "last_line": Parameter("integer"),
    },
    "search_text": {
        "query": Parameter("string", required=True),
        "path": Parameter("string"),
        "match": Parameter("string"),
        "case": Parameter("boolean"),
    },
}
"""By their names. They only read. A project can add others, which may act: see `is_added`."""

NAME = "name_"
"""As what `tool` takes a parameter `name` of an added tool, since its own is called so."""

_KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "boolean": (bool,),
}


def is_added(name: str, added: Sequence[str]) -> bool:
    """Whether a tool is among those that a project adds: by its name, or as one of all that begin as `mcp:NAME.*`."""
    return any(name.startswith(one[:-1]) if one.endswith("*") else name == one for one in added)


def check_tool_call(name: object, arguments: Mapping[str, Any], added: Sequence[str] = ()) -> dict[str, Any]:
    """Return the arguments of a call of a tool as JSON data; those that are `None` count as not given.

    Args:
        name: The tool.
        arguments: What it is given.
        added: The tools that there are besides; what they take is theirs to check.

    Raises:
        TypeError: the tool does not take these arguments, or one of them is of another kind.
        ValueError: there is no such tool.
        NotJson: an argument is not JSON data.
    """
    parameters = TOOLS.get(name) if isinstance(name, str) else None
    if parameters is None:
        if isinstance(name, str) and is_added(name, added):
            said = {key: as_json(value, key) for key, value in arguments.items() if value is not None}
            return {"name" if key == NAME else key: value for key, value in said.items()}
        raise ValueError(f"there is no tool {name!r}; there are {', '.join((*TOOLS, *added))}")
    for given in arguments:
        if given not in parameters:
            raise TypeError(f"tool({name!r}) has no argument {given!r}; it takes {', '.join(parameters) or 'none'}")
    plain = {key: as_json(value, key) for key, value in arguments.items() if value is not None}
    missing = [key for key, parameter in parameters.items() if parameter.required and key not in plain]
    if missing:
        raise TypeError(f"tool({name!r}) needs {missing[0]}=…")
    for key, value in plain.items():
        wanted = parameters[key].kind
        if not isinstance(value, _KINDS[wanted]) or (isinstance(value, bool) and wanted != "boolean"):
            raise TypeError(f"tool({name!r}, {key}=…) takes a JSON {wanted}, got a {type(value).__name__}")
    return plain
