"""Forecast sales by quarter and describe the regions."""

from functools import partial

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "required": ["regions"],
    "properties": {"regions": {"type": "array", "items": {"type": "string"}, "maxItems": 25}},
}
FORECAST = {"type": "object", "required": ["units"], "properties": {"units": {"type": "integer"}}}
QUARTERS = ("Q1", "Q2", "Q3", "Q4", "Q5", "Q6")
forecast = partial(agent, schema=FORECAST, effort="high")


async def main(args):
    jobs = {quarter: lambda: forecast(f"Forecast the units sold in {quarter} from the ledger.") for quarter in QUARTERS}
    units, notes = await parallel(
        [
            lambda: parallel(list(jobs.values())),
            lambda: parallel(
                [agent("Describe the demand in the sales region in two sentences.", label=region) for region in args["regions"]]
            ),
        ]
    )
    return {
        "units": {q: u["units"] for q, u in zip(QUARTERS, units or []) if u},
        "notes": {r: n for r, n in zip(args["regions"], notes or []) if n},
    }
