"""Executing one harness from `Start` to its last message, whoever carries messages and results.

What happens in between is `loop`; pipes, timers and walls are `child`.
"""

from __future__ import annotations

import inspect
import marshal
from base64 import b64decode, b64encode
from collections.abc import Callable, Coroutine, Generator, Iterable
from dataclasses import replace
from types import CodeType
from typing import Any

from weft.primitives.data import as_json
from weft.primitives.errors import NotJson, described
from weft.primitives.language import ENTRY
from weft.primitives.language.vocabulary import vocabulary
from weft.primitives.limits import LANGUAGE
from weft.sandbox import world
from weft.sandbox.errors import Deadlock, PolicyError, TooLarge
from weft.sandbox.loop import Loop
from weft.sandbox.observing import Observer, mark
from weft.sandbox.policy import compile_harness
from weft.sandbox.protocol import ChildMessage, Failed, Finished, Limits, Result, Start, encode

__all__ = ["compile_main", "execute", "frame_of", "last_frame_of"]


def execute(start: Start, limits: Limits, loop: Loop) -> Generator[None, Iterable[Result], Finished | Failed]:
    """Execute a harness; return its last message. Yields when it is the host's turn, and goes on with its results."""
    observer = Observer() if start.observed else None
    last = yield from _execute(start, limits, loop, observer)
    return last if observer is None else replace(last, observation=observer.observation)


def _execute(
    start: Start, limits: Limits, loop: Loop, observer: Observer | None
) -> Generator[None, Iterable[Result], Finished | Failed]:
    try:
        code = _code_of(start)
        if start.only_compile:
            return Finished(value=b64encode(marshal.dumps(code)).decode())
        entry = _main_of(code, start.args, start.language, observer)
        value = yield from loop.run(entry(start.args))
    except SyntaxError as error:
        return Failed(kind="syntax", message=error.msg, line=error.lineno)
    except PolicyError as error:
        return Failed(kind="policy", message=error.what, line=error.line)
    except Deadlock as error:
        return Failed(kind="deadlock", message=str(error), line=error.line)
    except Exception as error:  # noqa: BLE001 - whatever the harness raised ends the run and is reported
        return _script_failure(error, limits, loop)
    try:
        return Finished(value=as_json(value))
    except NotJson as error:
        message = f"main returned a value that is not JSON data. {error}"
        return Failed(kind="not_json", message=message, line=loop.returned_at)


def _script_failure(error: Exception, limits: Limits, loop: Loop) -> Failed:
    trace = tuple(loop.lines.trace(error)[-20:])
    return Failed(kind="script", message=_described(error, limits), line=loop.lines.of_error(error), trace=trace)


def _described(error: Exception, limits: Limits) -> str:
    if type(error) is MemoryError and not error.args:
        return f"MemoryError: the harness needed more than {limits.memory_bytes >> 20} MB"
    return described(error)


def _code_of(start: Start) -> CodeType:
    if start.code is None:
        return compile_harness(start.source, start.filename, mark if start.observed else None)
    code = marshal.loads(b64decode(start.code))
    assert isinstance(code, CodeType)
    return code


def compile_main(
    source: str, filename: str, args: Any, language: int = LANGUAGE
) -> Callable[[Any], Coroutine[Any, Any, Any]]:
    """Compile a harness and execute its module level in a world of its own; return its `main`.

    Args:
        source: Its text.
        filename: What its frames are told by.
        args: What its `args` are.
        language: The version that it speaks.

    Raises:
        SyntaxError, PolicyError: it is not in the language, or has no `main`.
        Exception: whatever its module level raised.
    """
    return _main_of(compile_harness(source, filename), args, language)


def _main_of(
    code: CodeType, args: Any, language: int, observer: Observer | None = None
) -> Callable[[Any], Coroutine[Any, Any, Any]]:
    names = world.build_world(vocabulary(language) | {"args": args})
    if observer is not None:
        names["__builtins__"] |= observer.names
    exec(code, names)
    entry = names.get(ENTRY)
    if not inspect.iscoroutinefunction(entry):
        raise PolicyError(f"the harness has no `async def {ENTRY}(args)`, so there is nothing to run")
    return entry


def frame_of(message: ChildMessage, limits: Limits) -> bytes:
    """Encode a message.

    Raises:
        TooLarge: it is larger than a frame may be, or than there is memory for.
    """
    try:
        frame = encode(message)
    except MemoryError:
        raise TooLarge("there is not enough memory to pass it on: pass on less at once") from None
    if len(frame) > limits.frame_bytes:
        most = limits.frame_bytes
        raise TooLarge(f"this takes {len(frame):,} bytes, and {most:,} can be passed on at once: pass on less")
    return frame


def last_frame_of(message: Finished | Failed, limits: Limits, loop: Loop) -> bytes:
    """Encode the last message; of a result that is too large, that it is."""
    try:
        return frame_of(message, limits)
    except TooLarge as error:
        if message.observation is not None:  # the result comes first
            return last_frame_of(replace(message, observation=None), limits, loop)
        said = f"main returned more than a result can hold: {error}"
        return frame_of(Failed(kind="limit", message=said, line=loop.returned_at), limits)
