"""The attributes of objects: which are harmless, which depend on the object, which are closed on every object.

Attributes that begin with one underscore are private to the harness's own objects; whether an object is one, the
sandbox decides while it runs.
"""

from __future__ import annotations

from string import Formatter
from types import AsyncGeneratorType, CodeType, CoroutineType, FrameType, GeneratorType, TracebackType

__all__ = ["CLOSED", "GUARDED", "METHODS", "NAMED_TUPLE", "READABLE", "attribute_problem", "attributes_in"]

METHODS = frozenset(
    f"__{name}__"
    for name in """
    init post_init repr str bytes format hash bool len length_hint call eq ne lt le gt ge contains iter next
    reversed getitem setitem delitem missing enter exit abs neg pos invert int float complex index round trunc floor
    ceil add sub mul matmul truediv floordiv mod divmod pow and or xor lshift rshift radd rsub rmul rmatmul rtruediv
    rfloordiv rmod rdivmod rpow rand ror rxor rlshift rrshift iadd isub imul imatmul itruediv ifloordiv imod ipow
    iand ior ixor ilshift irshift
    """.split()
)
"""The double-underscore methods a class of the harness may define."""

READABLE = frozenset({"__name__", "__qualname__", "__doc__"})
"""The double-underscore attributes that may be read: they are text."""

GUARDED = frozenset("format format_map send throw close obj register copy sub subn expand".split())
"""Attributes that are harmless on most objects and dangerous on a few: the sandbox looks at what comes out."""

NAMED_TUPLE = frozenset({"_asdict", "_fields", "_make", "_replace"})
"""Public in spite of their underscore, on named tuples."""

_INTERNALS = (GeneratorType, CoroutineType, AsyncGeneratorType, FrameType, CodeType, TracebackType)
_EVERYDAY = frozenset(name for kind in (str, list, dict) for name in dir(kind)) | GUARDED
CLOSED = (
    # Read off the live types, because a list written by hand lags behind CPython (`gi_suspended` came with 3.11).
    frozenset(name for kind in _INTERNALS for name in dir(kind) if name[0] != "_" and name not in _EVERYDAY)
    | {"mro", "with_traceback", "_abc_impl", "f_generator"}
)
"""Attributes that lead to frames, code and base classes, on whatever object."""

_INSTEAD = {
    "__class__": "write type(x) or isinstance(x, C)",
    "__dict__": "keep the data in a dict of your own, or use dataclasses.asdict(x)",
    "__init__": "write super().__init__(…)",
    "__traceback__": "the error's text is str(error)",
    "mro": "isinstance() and issubclass() answer most questions",
    "with_traceback": "write `raise … from error`",
}


def attribute_problem(name: str) -> tuple[str, str] | None:
    """Say why no object may be asked for the attribute `name`, and what to do instead.

    `None` when it depends on the object or is harmless. `READABLE` is for the caller to allow.
    """
    if name == "_":
        return None
    if name in CLOSED:
        reason = "it leads into the interpreter"
    elif name.startswith("__"):
        reason = "it begins with two underscores"
    elif name.startswith("_") and name.endswith("_"):
        reason = "names like _this_ belong to Python's own machinery"
    else:
        return None
    return f"the attribute `{name}` is not available: {reason}", _INSTEAD.get(name, "use what the object offers openly")


def attributes_in(template: str) -> list[str]:
    """Return the attributes that the fields of a template of `str.format` read, as in `{0.name}`."""
    try:
        fields = list(Formatter().parse(template))
    except ValueError:  # a template that cannot be filled either
        return []
    found: list[str] = []
    for _, field, spec, _ in fields:
        rest = field or ""
        while rest:
            outside, _, inside = rest.partition("[")
            found += outside.split(".")[1:]
            rest = inside.partition("]")[2]
        if spec:
            found += attributes_in(spec)
    return found
