"""Units of the values that people write, by their names, with what brings each to the common unit of its kind."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["COINS", "DAYS", "MONTHS", "NUMBERING", "OFTEN", "SIZES", "WEEKDAYS", "one_of"]


def _by_name(units: dict[str, float]) -> dict[str, float]:
    return {name: factor for names, factor in units.items() for name in names.split("|")}


def one_of(names: Iterable[str]) -> str:
    """Return a pattern for one of some names, the longest first."""
    return "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))


DAYS = _by_name(
    {
        "second|sec|s": 1 / 86_400,
        "millisecond|ms": 1 / 86_400_000,
        "minute|min": 1 / 1_440,
        "hour|hr|h": 1 / 24,
        "day|night": 1.0,
        "week": 7.0,
        "fortnight": 14.0,
        "month": 30.0,
        "year|yr": 365.0,
    }
)
"""Units of time, in days."""

_SIZES = {
    "length": {"mm|millimetre|millimeter": 0.001, "cm|centimetre|centimeter": 0.01, "m|metre|meter": 1.0}
    | {"km|kilometre|kilometer": 1_000.0, "inch|inches": 0.0254, "foot|feet|ft": 0.3048, "mile": 1_609.0},
    "weight": {"mg": 0.001, "g|gram|gramme": 1.0, "kg|kilo|kilogram": 1_000.0, "tonne|ton": 1e6, "ounce|oz": 28.35},
    "volume": {"ml|millilitre|milliliter": 0.001, "cl": 0.01, "dl": 0.1, "l|litre|liter": 1.0, "pint": 0.568}
    | {"gallon": 4.546, "cup": 0.24, "tablespoon|tbsp": 0.015, "teaspoon|tsp": 0.005},
    "data": {"byte": 1.0, "kb|kib|kilobyte": 1e3, "mb|mib|megabyte": 1e6, "gb|gib|gigabyte": 1e9, "tb|tib": 1e12},
    "area": {"m²|m2|square metre|square meter|sqm": 1.0, "hectare|ha": 1e4},
    "power": {"w|watt": 1.0, "kw|kilowatt": 1_000.0},
    "energy": {"kwh": 1.0},
    "temperature": {"°c|° c|celsius|degrees celsius|degrees c|degrees|degree|°": 1.0},
    "fahrenheit": {"°f|fahrenheit|degrees fahrenheit|degrees f": 1.0},
    "pixels": {"px|pixel": 1.0},
}
SIZES = {name: (kind, factor) for kind, units in _SIZES.items() for name, factor in _by_name(units).items()}
"""Other units, each with its kind and its factor."""

_COINS = {
    "€|euro|eur": ("eur", 1.0),
    "$|dollar|usd": ("usd", 1.0),
    "£|pound|gbp|quid": ("gbp", 1.0),
    "chf|franc": ("chf", 1.0),
    "¥|yen": ("jpy", 1.0),
    "p|pence|penny": ("gbp", 0.01),
    "cent|ct": ("eur", 0.01),
}
COINS = {name: coin for names, coin in _COINS.items() for name in names.split("|")}
"""Units of money, each with its currency and its factor."""

OFTEN = {
    "hourly": 24.0,
    **dict.fromkeys(("daily", "nightly"), 1.0),
    "weekly": 1 / 7,
    **dict.fromkeys(("fortnightly", "biweekly"), 1 / 14),
    "monthly": 1 / 30,
    "bimonthly": 1 / 60,
    "quarterly": 1 / 91,
    **dict.fromkeys(("half-yearly", "twice-yearly"), 1 / 182),
    **dict.fromkeys(("yearly", "annually", "annual"), 1 / 365),
}
"""Words for how often, in times a day."""

MONTHS = "january february march april may june july august september october november december".split()
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()

NUMBERING = """version release room chapter step level class grade phase page line gate platform group team unit floor
item section table figure number port stage track lane route bus hall building house form article part volume zone area
lot bay desk box shelf court pitch channel slot rule clause paragraph appendix annex type size model series""".split()
"""Nouns that are told apart by a number behind them."""
