"""Make the weekly digest of open grant calls, with those that close soon first."""

from weft.primitives import agent, dedup, log, now, parallel, phase

META = {"name": "grants", "description": "Weekly digest of open grant calls"}

ARGS = {
    "type": "object",
    "properties": {
        "funders": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 15},
    },
    "required": ["funders"],
}

CALLS = {
    "type": "object",
    "properties": {
        "calls": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {
                    "number": {"type": "string"},
                    "funder": {"type": "string"},
                    "closes": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}$"},
                },
                "required": ["number", "funder", "closes"],
            },
        }
    },
    "required": ["calls"],
}


async def main(args):
    """The day comes from the start of the run, so a replay gives the same digest."""
    today = now()[:10]

    phase("Collect")
    replies = await parallel(
        [agent(f"List the calls of {f} that are open on {today}.", schema=CALLS, label=f"calls:{f}") for f in args["funders"]]
    )
    told = [call for reply in replies if reply for call in reply["calls"]]
    calls = dedup(told, key=lambda call: (call["funder"], call["number"]))
    still_open = [call for call in calls if call["closes"] >= today]
    still_open.sort(key=lambda call: (call["closes"], call["funder"], call["number"]))
    missing = [f for f, reply in zip(args["funders"], replies) if reply is None]
    log(f"{len(still_open)} open calls, {len(missing)} funders missing")
    return {"as_of": today, "unverified_calls": still_open, "funders_missing": missing}
