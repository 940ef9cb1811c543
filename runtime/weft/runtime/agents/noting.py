"""Notes on requests to models, as they leave and come back, for the trail of their agent. Sending them is `meter`'s."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import ModelResponse

from weft.runtime.border import clean
from weft.runtime.clock import Clock
from weft.runtime.request import AgentError
from weft.runtime.trail import Request
from weft.runtime.working import did

__all__ = ["Note", "noting"]

LONGEST_NAME = 200
"""Characters that are kept of what a provider calls its models and answers."""


@dataclass(slots=True)
class Note:
    """What is known of a request while it is under way."""

    clock: Clock
    first_at: float | None = None
    response: ModelResponse | None = None

    def heard(self) -> None:
        """Note that a part of the answer has come."""
        if self.first_at is None:
            self.first_at = self.clock.now()


@contextmanager
def noting(clock: Clock, number: int, model: str, most_output: int, resent: int) -> Iterator[Note]:
    """Send a request in the block; when that was, and what came of it, is kept with the end of the agent.

    Args:
        clock: The run's.
        number: Of its reservation.
        model: Who is asked, as `PROVIDER:MODEL`.
        most_output: Tokens that it may put out.
        resent: How often it was sent before.
    """
    note, began, failed = Note(clock), clock.now(), None
    try:
        yield note
    except BaseException as error:
        failed = _word_for(error)
        raise
    finally:
        first = None if note.first_at is None else note.first_at - began
        answer = note.response
        said = (
            (None, None, None)
            if answer is None
            else (_name(answer.model_name), _name(answer.provider_response_id), answer.finish_reason)
        )
        did(Request(number, began, clock.now(), model, most_output, resent, first, *said, failed))


def _name(said: Any) -> str | None:
    """Return what a provider calls something, as far as that can be kept."""
    return str(clean(said))[:LONGEST_NAME] if isinstance(said, str) and said else None


def _word_for(error: BaseException) -> str:
    match error:
        case ModelHTTPError():
            return str(error.status_code)
        case AgentError():
            return error.cause
        case _:
            return type(error).__name__
