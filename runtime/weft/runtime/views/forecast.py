"""Forecasts, for people and as JSON data."""

from __future__ import annotations

from typing import Any

from weft.primitives.lost import Spent
from weft.runtime.forecasting.forecast import Forecast, PhaseForecast
from weft.runtime.forecasting.ranges import Range
from weft.runtime.forecasting.savings import Saving

__all__ = ["basis_text", "forecast_object", "minutes_text", "savings_text", "tokens_text", "usd_text"]

CENT = 0.01

HOUR = 60

SAVINGS_SHOWN = 3


def usd_text(usd: Range) -> str:
    """Return what a run costs, in words."""
    likely = f", likely {_dollars(usd.p50)}, hardly more than {_dollars(usd.worst)}"
    return f"about {_dollars(usd.p10)} to {_dollars(usd.p90)}{likely}"


def tokens_text(forecast: Forecast) -> str:
    """Return how much is sent and put out, in words."""
    sent, put_out = (f"{_short(part.p10)} to {_short(part.p90)}" for part in (forecast.input, forecast.output))
    return f"{sent} tokens in, {put_out} out"


def minutes_text(minutes: Range) -> str:
    """Return how long a run takes, in words."""
    return f"{_time(minutes.p10)} to {_time(minutes.p90)}"


def basis_text(forecast: Forecast) -> str:
    """Return what a forecast rests on, and which share of cases it is meant to hold."""
    return f"{forecast.basis.text}; ranges are meant to hold 8 times of 10"


def savings_text(savings: tuple[Saving, ...]) -> list[str]:
    """Return which phases would cost less on cheaper models, in words."""
    return [
        f"{saving.phase or 'all agents in no phase'} on {saving.instead} in place of {saving.model}: "
        f"{_dollars(saving.saved)} of {_dollars(saving.usd)} less, if it takes as many tokens"
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
