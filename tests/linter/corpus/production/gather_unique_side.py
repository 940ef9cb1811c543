"""Gather unique side effects from trial reports, then assess each of them once."""

from weft.primitives import Seen, agent, log, parallel, phase, pipeline, verify

META = {"name": "side-effects", "description": "Unique side effects over all trial reports"}

ARGS = {
    "type": "object",
    "properties": {
        "reports": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 14},
    },
    "required": ["reports"],
}

EFFECTS = {
    "type": "object",
    "properties": {
        "effects": {
            "type": "array",
            "maxItems": 7,
            "items": {
                "type": "object",
                "properties": {"meddra": {"type": "string"}, "grade": {"type": "integer"}, "source": {"type": "string"}},
                "required": ["meddra", "grade", "source"],
            },
        }
    },
    "required": ["effects"],
}


async def assess(effect):
    """Keep an effect that skeptics could not explain away."""
    verdict = await verify(
        effect,
        lenses=["the report lists it", "it is more frequent than under placebo", "it is not the disease itself"],
        quorum=2,
    )
    return {"effect": effect, "outcome": verdict["outcome"]}


async def main(args):
    """Read everything first, because an effect may stand in several reports."""
    seen = Seen(key=lambda effect: (effect["meddra"].lower(), effect["grade"]))

    phase("Read")
    replies = await parallel(
        [agent(f"List the side effects in {report}.", schema=EFFECTS, label=f"read:{report}") for report in args["reports"]]
    )
    unique = seen.add(effect for reply in replies if reply for effect in reply["effects"])
    log(f"{len(unique)} unique effects, {len(replies.lost)} reports lost")

    phase("Assess")
    assessed = await pipeline(unique, assess)
    kept = [row["effect"] for row in assessed if row and row["outcome"] == "survives"]
    unsure = [row["effect"] for row in assessed if row and row["outcome"] == "undecided"]
    return {"kept": kept, "unsure": unsure, "unread_reports": len(replies.lost)}
