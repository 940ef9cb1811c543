"""The model that needs no key and no network: it answers from the user's own files by their words, and invents none."""

from weft.runtime.agents.offline.model import offline_model

__all__ = ["offline_model"]
