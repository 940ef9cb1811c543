"""Functions of Python as tools: what they take is read off their annotations and their docstring.

    @acts("reads")
    def word_count(text: str) -> int:
        \"\"\"Count the words of a text.\"\"\"
        return len(text.split())

    await run(harness, args, settings, project, tools=[word_count])

One that a project names in `weft.toml` is imported where somebody has granted it, and not before. One that has a
parameter `idempotency_key` is told that of its call, which no model gives.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import replace
from functools import partial
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar
from warnings import catch_warnings, simplefilter

import anyio.to_thread
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar

from weft.primitives.data import as_json
from weft.primitives.errors import NotJson
from weft.primitives.tools import Acts
from weft.runtime.errors import UsageError
from weft.runtime.project.tooling import FunctionConfig
from weft.runtime.tools.bound import Bound
from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.tools.registry import Unavailable
from weft.runtime.tools.tool import Calling, Tool, as_given, asked_of

if TYPE_CHECKING:
    from pydantic_ai.tools import Tool as KnownTool

__all__ = ["FunctionOfProject", "acts", "as_tool", "as_tools"]

KEY = "idempotency_key"

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")

AT_ONCE = 8
"""How many functions that do not await are at work at the same time, each in a thread."""

_places: RunVar[CapacityLimiter] = RunVar("weft_function_places")

F = TypeVar("F", bound=Callable[..., Any])


def acts(how: Acts) -> Callable[[F], F]:
    """Say of a function what a call does to the world, see `weft.primitives.tools.Acts`; `manual` without it."""

    def said(function: F) -> F:
        function.__weft_acts__ = how  # type: ignore[attr-defined]
        return function

    return said


def as_tools(given: Iterable[Tool | Callable[..., Any]]) -> tuple[Tool, ...]:
    """Return tools, and functions as tools.

    Raises:
        UsageError: one of them cannot be a tool.
    """
    return tuple(one if isinstance(one, Tool) else as_tool(one) for one in given)


def as_tool(function: Callable[..., Any], *, name: str | None = None, acts: Acts | None = None) -> Tool:
    """Return a function as a tool.

    Args:
        function: Takes and gives what JSON can say; a model gives what it takes. Async, or not.
        name: What agents and harnesses call it; the name of the function without it.
        acts: What it does to the world, in place of what the function says.

    Raises:
        UsageError: it cannot be a tool.
    """
    from pydantic_ai.tools import Tool as KnownTool

    called = str(name or getattr(function, "__name__", type(function).__name__))
    says: Acts = acts if acts is not None else getattr(function, "__weft_acts__", "manual")
    try:
        schema, description, validator, takes_key = _read(
            partial(KnownTool, function, takes_ctx=False, name=called), function
        )
        if not NAME.fullmatch(called):
            raise ValueError("its name is none that models can say")
    except Exception as error:
        raise UsageError(
            f"the function {called!r} cannot be a tool: {' '.join(str(error).split())[:300]}",
            meaning="agents would not know what it takes, so nothing was started",
            fix="annotate its parameters with types that JSON can say, and name it by letters, digits and _",
        ) from error

    async def data(at: Calling, arguments: dict[str, Any]) -> Any:
        at.touched[asked_of(called, arguments)] = None
        return _plain(await _done(function, _validated(validator, at.key if takes_key else None, arguments)))

    async def call(at: Calling, arguments: dict[str, Any]) -> str:
        value = await data(at, arguments)
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    return Tool(
        name=called,
        description=description or called,
        acts=says,
        parameters=schema,
        call=call,
        data=data,
        subject=as_given,
        foreign=True,
    )


Validate = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Makes the arguments of a call of JSON data."""


def _read(
    made: Callable[[], KnownTool[Any]], function: Callable[..., Any]
) -> tuple[dict[str, Any], str, Validate, bool]:
    """Return what a function takes, what it is for, what makes its arguments, and whether it is told a key."""
    kinds = {parameter.kind for parameter in inspect.signature(function).parameters.values()}
    if kinds & {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.VAR_POSITIONAL}:
        raise TypeError("it has parameters that cannot be given by name")
    with catch_warnings():
        simplefilter("ignore", UserWarning)  # of what it gives, which models are not told
        known = made()
    single = known.function_schema.single_arg_name
    schema = dict(known.tool_def.parameters_json_schema)
    takes_key = single is None and KEY in schema.get("properties", {})
    if takes_key:
        schema["properties"] = {key: value for key, value in schema["properties"].items() if key != KEY}
        schema["required"] = [key for key in schema.get("required", ()) if key != KEY]

    def validated(arguments: Mapping[str, Any]) -> dict[str, Any]:
        made = known.function_schema.validator.validate_python(dict(arguments))
        return dict(made)

    return {"additionalProperties": False, **schema}, known.description or "", validated, takes_key


def _validated(validate: Validate, key: str | None, arguments: Mapping[str, Any]) -> dict[str, Any]:
    from pydantic import ValidationError

    try:
        return validate({**arguments, **({} if key is None else {KEY: key})})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ToolRefused(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


async def _done(function: Callable[..., Any], given: dict[str, Any]) -> Any:
    try:
        return await _result(function, given)
    except SystemExit as wanted:
        raise RuntimeError(f"it wanted to end the program, with {wanted.code!r}") from None


async def _result(function: Callable[..., Any], given: dict[str, Any]) -> Any:
    called = partial(function, **given)
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None)):  # noqa: B004
        return await called()
    value = await anyio.to_thread.run_sync(called, abandon_on_cancel=True, limiter=_limiter())
    return await value if isinstance(value, Awaitable) else value


def _limiter() -> CapacityLimiter:
    try:
        return _places.get()
    except LookupError:
        _places.set(CapacityLimiter(AT_ONCE))
        return _places.get()


def _plain(value: Any) -> Any:
    """Return what a function gave as JSON data."""
    from pydantic_core import PydanticSerializationError, to_jsonable_python

    try:
        return as_json(to_jsonable_python(value), "what it gave")
    except (NotJson, PydanticSerializationError, ValueError, RecursionError) as error:
        raise ToolRefused(f"it gave what is no JSON data: {error}") from None


def _modules_in(folder: Path) -> frozenset[str]:
    """Return the names of what is in a folder, and may be a module."""
    with suppress(OSError):
        return frozenset(name.partition(".")[0] for name in os.listdir(folder))
    return frozenset()


class _OfProject(MetaPathFinder):
    """Finds modules of a project after all that is installed, and those alone that were there when the run began.

    Whatever looks for a library that is not installed would take a file of this name that an agent has written.
    """

    def __init__(self, folder: Path, names: frozenset[str]) -> None:
        self._folder = str(folder)
        self._names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find one by its name, of those at the top."""
        return PathFinder.find_spec(fullname, [self._folder]) if path is None and fullname in self._names else None


class FunctionOfProject:
    """A function that `weft.toml` names; implements `Source`."""

    def __init__(self, name: str, config: FunctionConfig, folder: Path) -> None:
        """Prepare to import it.

        Args:
            name: What agents and harnesses call it.
            config: Where it is.
            folder: The project's, in which its module is looked for first.
        """
        self.name = name
        self.shown = config.function
        self.version = ""
        self._config = config
        self._folder = folder
        self._tool: Tool | None = None
        self._modules = _modules_in(folder)
        self._bound = Bound(folder, [config.function.partition(":")[0]])

    @property
    def binds(self) -> str:
        """What a person who grants it says yes to: where it is, and its module as it is, where the project has that."""
        return f"{self.shown} sha256:{self._config.digest} {self._bound.digest}"

    def lacks(self) -> None:
        """Nothing that would show before it is imported."""

    async def tools(self) -> Sequence[Tool]:
        """Return it.

        Raises:
            Unavailable: it cannot be imported, or is nothing that can be a tool.
        """
        if self._tool is None:
            self._bound.check()
            self._tool = self._imported()
        return (self._tool,)

    async def close(self) -> None:
        """There is nothing to end."""

    def _imported(self) -> Tool:
        module, _, path = self._config.function.partition(":")
        if str(self._folder) not in sys.path:
            sys.meta_path.append(_OfProject(self._folder, self._modules))
        try:
            with redirect_stdout(StringIO()):  # what Weft prints is read by programs
                found: Any = import_module(module)
            for part in path.split("."):
                found = getattr(found, part)
            if isinstance(found, Tool):
                return replace(found, name=self.name, acts=self._config.acts or found.acts)
            if not callable(found):
                raise Unavailable(f"{self._config.function} is a {type(found).__name__}, and no function")
            return as_tool(found, name=self.name, acts=self._config.acts)
        except Unavailable:
            raise
        except UsageError as unusable:
            raise Unavailable(unusable.what) from unusable
        except (Exception, SystemExit) as error:  # of a module of somebody else
            said = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
            raise Unavailable(
                f"the tool {self.name!r} cannot be loaded from {self._config.function}: {said}"
            ) from error
