"""Models by their names: the provider, its client and its credentials, and what is said where one of them is missing.

A model server on this machine is `local`; how agents ask a model is `models`.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import pkgutil
import re
import warnings
from typing import TYPE_CHECKING, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic_ai import providers
from pydantic_ai.exceptions import UsageExtractionFailedWarning, UserError
from pydantic_ai.models import KnownModelName, Model, infer_model
from pydantic_ai.providers import Provider, infer_provider, infer_provider_class

from weft.runtime.agents.hearing import hear_stream
from weft.runtime.agents.limiter import hear
from weft.runtime.agents.local import local_embedding_model, local_model
from weft.runtime.border import clean, without_user
from weft.runtime.errors import ProviderError
from weft.runtime.meant import did_you_mean
from weft.runtime.settings import DEFAULT_MODEL, LOCAL, OFFLINE, is_local

if TYPE_CHECKING:
    from anthropic import DefaultAsyncHttpxClient
    from pydantic_ai.embeddings import EmbeddingModel

__all__ = ["Role", "account", "load_embedding_model", "load_model"]

# pydantic-ai greets a terminal with a page about itself, in the middle of our progress.
os.environ.setdefault("PYDANTIC_AI_NO_BANNER", "1")

# What one request used is checked by `meter`, which says once where a provider does not tell.
warnings.filterwarnings("ignore", category=UsageExtractionFailedWarning)
warnings.filterwarnings("ignore", message="Pydantic serializer warnings", module="pydantic.main")

Role = Literal["agent", "author"]

LONGEST_REQUEST = 3600.0
"""Seconds after which a request of an agent without a deadline is given up."""

NOTHING = "no model can be called, so nothing was started"


def load_model(name: str, role: Role = "agent") -> Model:
    """Return the model of that name; `role` is `agent` or `author`, which differ for the offline model only.

    Raises:
        ProviderError: no provider goes by that name, its client is not installed, there are no credentials for it, or
            its address is none.
    """
    if name == OFFLINE:
        from weft.runtime.agents.offline.model import offline_model

        return offline_model(role)
    if is_local(name):
        return local_model(name)
    try:
        model = infer_model(name, provider_factory=_provider)
    except ImportError as error:
        raise _not_installed(name, str(error)) from None
    except (UserError, ValueError) as error:
        raise _unusable(name, str(error)) from None
    return model


def load_embedding_model(name: str) -> EmbeddingModel:
    """Return the model of embeddings of that name.

    Raises:
        ProviderError: as `load_model`.
        UsageError: it is one of this machine, and the name does not say its address.
    """
    from pydantic_ai.embeddings import infer_embedding_model

    if is_local(name):
        return local_embedding_model(name)
    try:
        return infer_embedding_model(name, provider_factory=_provider)
    except ImportError as error:
        raise _not_installed(name, str(error)) from None
    except (UserError, ValueError) as error:
        raise _unusable(name, str(error)) from None


def account(model: Model | EmbeddingModel) -> str:
    """Return what tells two credentials apart, without being one."""
    client = getattr(getattr(model, "provider", None), "client", None) or getattr(model, "_client", None)
    secrets = [str(getattr(client, name, None)) for name in ("api_key", "auth_token")]
    return hashlib.sha256("\n".join([str(model.base_url), *secrets]).encode()).hexdigest()


# ------------------------------------------------------------------------------------------------ what is wrong


def _not_installed(name: str, problem: str) -> ProviderError:
    command = re.search(r"pip install [\"'][^\"']+[\"']", problem)
    return ProviderError(
        f"the client of provider {_provider_of(name)!r} is not installed",
        where=f"--model {clean(name)}",
        meaning=NOTHING,
        fix=command[0] if command else clean(problem),
    )


def _unusable(name: str, problem: str) -> ProviderError:
    provider, problem = _provider_of(name), clean(problem)
    variable = re.search(r"\b[A-Z][A-Z0-9_]*(?:_KEY|_TOKEN)\b", problem)
    if variable:
        return ProviderError(
            f"no credentials for provider {provider!r}",
            where=problem if problem.startswith("looked") else f"looked for {variable[0]} in the environment",
            meaning=NOTHING,
            fix=f"export {variable[0]}=…, or leave --model out to answer offline from your own files",
        )
    known = provider in _known_providers()
    return ProviderError(
        _unknown(name, provider, problem if known else None),
        where=None if known or not provider else f"--model {name}",
        meaning="nothing was started",
        fix=_advice(name, f"--model provider:model, as in {DEFAULT_MODEL}; --model {LOCAL} or --model {OFFLINE}"),
    )


def _unknown(name: str, provider: str, problem: str | None) -> str:
    if problem is not None:
        return f"there is no model {name!r}: {problem}"
    return f"there is no provider {provider!r}" if provider else f"there is no model {name!r}"


def _provider_of(name: str) -> str:
    """Return the provider that a name says, which may be none."""
    provider, colon, _ = name.partition(":")
    return provider if colon else ""


def _known_providers() -> list[str]:
    modules = pkgutil.iter_modules(providers.__path__)
    return [module.name.replace("_", "-") for module in modules if not module.name.startswith("_")]


def _advice(name: str, otherwise: str) -> str:
    """Return which name may be meant by one that nobody has, and what else can be written."""
    provider, colon, model = name.partition(":")
    if not colon:
        known: tuple[str, ...] = get_args(KnownModelName.__value__)
        by_model = {full.partition(":")[2]: full for full in reversed(known)}
        return did_you_mean(name, {**by_model, LOCAL: LOCAL, OFFLINE: OFFLINE}, otherwise)
    providers_there = [*_known_providers(), LOCAL]
    if provider in providers_there:
        return otherwise
    return did_you_mean(provider, {one: f"{one}:{model}" for one in providers_there}, otherwise)


def _check_address(provider: str) -> None:
    """Check that the address of a provider is one, where the environment names it.

    Raises:
        ProviderError: it is none.
    """
    variable = f"{provider.upper().replace('-', '_')}_BASE_URL"
    stated = os.environ.get(variable)
    try:
        parts = urlsplit(stated or "https://localhost")
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or not (stated or "").isprintable():
        raise ProviderError(
            f"{variable} is no address: {clean(without_user(stated or ''))!r}",
            meaning=NOTHING,
            fix=f"export {variable}=https://HOST, or unset it to ask the provider itself",
        )


# ------------------------------------------------------------------------------------------------ clients


def _provider(name: str) -> Provider[Any]:
    _check_address(name)
    if name == "anthropic":
        provider: Provider[Any] = _anthropic()
    elif "http_client" in inspect.signature(infer_provider_class(name)).parameters:
        provider = infer_provider_class(name)(http_client=_http_client())  # type: ignore[call-arg]
    else:  # what such a provider says of its limits is not heard
        provider = infer_provider(name)
    # A client that repeats requests by itself would spend what nobody reserved; `Meter` repeats them.
    if hasattr(provider.client, "max_retries"):
        provider.client.max_retries = 0
    return provider


def _anthropic() -> Provider[Any]:
    """Return Anthropic's provider; unlike pydantic-ai's own it also takes a bearer token from the environment."""
    if not (os.environ.get("ANTHROPIC_API_KEY") or os.environ.get("ANTHROPIC_AUTH_TOKEN")):
        raise UserError("looked for ANTHROPIC_API_KEY and ANTHROPIC_AUTH_TOKEN in the environment")
    from anthropic import AsyncAnthropic
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = _http_client()
    return AnthropicProvider(anthropic_client=AsyncAnthropic(http_client=client, timeout=client.timeout))


def _http_client() -> DefaultAsyncHttpxClient:
    """Return a client that lets each response be heard by the limit of its request, and by who listens for it."""
    from anthropic import DefaultAsyncHttpxClient, Timeout

    async def heard(response: Any) -> None:
        hear(response.headers)
        hear_stream(response)

    # The deadline that counts is the agent's own. The client's, of ten minutes, would cut a model that thinks hard.
    timeout = Timeout(LONGEST_REQUEST, connect=5.0)
    return DefaultAsyncHttpxClient(timeout=timeout, event_hooks={"response": [heard]})
