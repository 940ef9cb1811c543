"""Numbers as people write them: 1,200, 2.5, twenty-five, a hundred, half an hour, the first.

Units and what is counted are read in `amounts`.
"""

from __future__ import annotations

import re

__all__ = ["NUMBER", "ONE_WORD", "ORDINALS", "number_of"]

_ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen""".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: number for number, word in enumerate(_ONES)} | {
    word: 10 * number for number, word in enumerate(_TENS, start=2)
}
_LARGE = {"hundred": 100, "thousand": 1_000, "k": 1_000, "million": 1_000_000, "dozen": 12}
_PARTS = {"three quarters of an": "0.75", "quarter of an": "0.25", "half an": "0.5", "half a": "0.5"}

ORDINALS = {
    word: number
    for number, word in enumerate(
        """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
        fifteenth sixteenth seventeenth eighteenth nineteenth twentieth""".split(),
        start=1,
    )
} | {"thirtieth": 30}
"""Words for days of a month."""

ONE_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
"""A pattern for a number of one word."""

NUMBER = (
    r"(?:\d{1,3}(?:[ ,]\d{3})+(?:\.\d+)?(?!\d)|\d+(?:[.,]\d+)?"
    rf"|(?:{'|'.join(_TENS)})[- ](?:{'|'.join(_ONES)})\b"
    rf"|(?:{ONE_WORD}|half an?|three quarters of an|(?:a )?quarter of an"
    r"|an?(?= (?:hundred|thousand|million|dozen)\b))\b)"
    r"(?:\s?(?:hundred|thousand|million|dozen|k)\b)?"
)
"""A pattern for a number in digits or words."""


def number_of(text: str) -> float | None:
    """Return the number that a text in digits or words stands for; `None` where it is none."""
    text = text.lower()
    for words, number in _PARTS.items():
        text = text.replace(words, number)
    text = re.sub(r"(?<=\d)[ ,](?=\d{3}(?!\d))", "", text)
    total, scale, found = 0.0, 1.0, False
    for word in re.findall(r"\d+(?:[.,]\d+)?|[a-z]+", text):
        if word[0].isdigit() and word.replace(",", "").replace(".", "").isascii():
            total, found = total + float(word.replace(",", ".")), True
        elif word in _WORDS:
            total, found = total + _WORDS[word], True
        elif word in _LARGE:
            scale *= _LARGE[word]
            total, found = (total or 1.0), True
    return total * scale if found else None
