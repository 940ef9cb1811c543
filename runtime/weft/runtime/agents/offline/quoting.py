"""Answer in words of the files: the items of a prompt, or the passages that bear on it most."""

from __future__ import annotations

import re

from weft.runtime.agents.offline.material import Material, question, relevant
from weft.runtime.agents.offline.text import asked_for, terms

__all__ = ["quote"]

MOST_PASSAGES = 8


def quote(material: Material) -> str:
    """Return passages word for word: the items of the prompt, or the sentences that bear on it most."""
    items = re.findall(r"<item>\s*(.*?)\s*</item>", material.prompt, re.DOTALL)
    if items:
        return "\n".join(f"- {item}" for item in dict.fromkeys(items))
    asked, rarity = asked_for(question(material)), material.rarity()
    ranked = sorted(
        relevant(material), key=lambda found: -sum(rarity.of(word) for word in asked & set(terms(found.text)))
    )
    quoted = [f"- “{sentence.text}” ({sentence.place})" for sentence in ranked[:MOST_PASSAGES]]
    return "\n".join(quoted) or "Nothing in the files bears on this."
