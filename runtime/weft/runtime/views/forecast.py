"""Forecasts, for people and as JSON data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from weft.primitives.lost import Spent
from weft.runtime.forecasting.forecast import Forecast, PhaseForecast
from weft.runtime.forecasting.ranges import Range
from weft.runtime.forecasting.savings import Saving

__all__ = ["amounts_text", "basis_text", "forecast_object", "savings_text", "span_text", "usd_text"]

CENT = 0.01

HOUR = 60

SAVINGS_SHOWN = 3


def usd_text(usd: Range) -> str:
    """Return what a run costs, in words."""
    return f"about {_dollars(usd.p10)} to {_dollars(usd.p90)}"


def amounts_text(forecast: Forecast) -> list[tuple[str, str, str, str]]:
    """Return each amount with what is expected of it, what it is less than nine times of ten, and the worst."""
    amounts: list[tuple[str, Range | None, Callable[[float], str]]] = [
        ("agents", forecast.agents, lambda agents: f"{agents:.0f}"),
        ("tokens", forecast.tokens, _short),
        ("dollars", forecast.usd, _dollars),
        ("minutes", forecast.minutes, _time),
    ]
    return [(name, said(of.p50), said(of.p90), said(of.worst)) for name, of, said in amounts if of is not None]


def span_text(amount: Range) -> str:
    """Return from how many agents to how many there may be, in words."""
    least, most = round(amount.p10), round(amount.worst)
    return f"{most}" if least == most else f"{least} to {most}"


def basis_text(forecast: Forecast) -> str:
    """Return what a forecast rests on."""
    return forecast.basis.text


def savings_text(savings: tuple[Saving, ...]) -> list[str]:
    """Return which phases would cost less on cheaper models, in words."""
    return [
        f"{saving.phase or 'all agents in no phase'} on {saving.instead}: "
        f"{_dollars(saving.usd - saving.saved)} in place of {_dollars(saving.usd)}, for as many tokens"
        for saving in savings[:SAVINGS_SHOWN]
    ]


def _dollars(usd: float) -> str:
    return f"${usd:.2f}" if usd >= CENT or not usd else f"${usd:.4f}"


def _short(amount: float) -> str:
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if amount >= size:
            return f"{amount / size:.3g}{letter}"
    return f"{amount:.0f}"


def _time(minutes: float) -> str:
    if minutes >= HOUR:
        return f"{minutes / HOUR:.1f} h"
    return f"{minutes:.0f} min" if minutes >= 1 else f"{minutes * 60:.0f} s"


def forecast_object(
    forecast: Forecast, savings: tuple[Saving, ...] = (), written: Spent | None = None
) -> dict[str, Any]:
    """Return a forecast: each amount as `{"p10", "p50", "p90", "worst"}`, dollars as `null` where there is no price."""
    basis = forecast.basis
    return {
        "basis": basis.text,
        "learned": {"agents": basis.agents, "runs": basis.runs, "same_work": basis.widths, "off_by": basis.off},
        **_amounts(forecast),
        "phases": [
            {"phase": phase.phase, "models": list(phase.models), **_amounts(phase)} for phase in forecast.phases
        ],
        "savings": [
            {
                "phase": saving.phase,
                "model": saving.model,
                "instead": saving.instead,
                "usd": round(saving.usd, 6),
                "saved": round(saving.saved, 6),
            }
            for saving in savings
        ],
        "written": None
        if written is None
        else {"input_tokens": written.input_tokens, "output_tokens": written.output_tokens, "usd": written.usd},
    }


def _amounts(of: Forecast | PhaseForecast) -> dict[str, Any]:
    return {
        "agents": _range(of.agents, 0),
        "tokens": {"input": _range(of.input, 0), "output": _range(of.output, 0)},
        "usd": None if of.usd is None else _range(of.usd, 6),
        "minutes": _range(of.minutes, 3),
    }


def _range(amount: Range, digits: int) -> dict[str, float]:
    values = {"p10": amount.p10, "p50": amount.p50, "p90": amount.p90, "worst": amount.worst}
    return {name: round(value, digits) if digits else round(value) for name, value in values.items()}
