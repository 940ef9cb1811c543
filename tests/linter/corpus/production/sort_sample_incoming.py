"""Sort a sample of incoming claims to an insurer to the right specialist."""

from weft.primitives import agent, log, phase, pipeline, route, sample

META = {"name": "claims-desk", "description": "Classify a sample of claims and route them"}

ARGS = {
    "type": "object",
    "properties": {
        "claims": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 500},
        "seed": {"type": "integer", "default": 7},
    },
    "required": ["claims"],
}

KIND = {
    "type": "object",
    "properties": {"kind": {"enum": ["water", "fire", "theft"]}},
    "required": ["kind"],
}


async def main(args):
    """A seeded sample is drawn, classified, and handed to the specialist of its kind."""
    phase("Classify")
    chosen = sample(args["claims"], 25, seed=args.get("seed", 7))
    kinds = await pipeline(chosen, lambda claim: agent(f"Which kind of damage does {claim} describe?", schema=KIND, label=f"kind:{claim}"))
    known = [{"claim": claim, "kind": kind["kind"]} for claim, kind in zip(chosen, kinds) if kind]
    unknown = [claim for claim, kind in zip(chosen, kinds) if not kind]
    log(f"{len(known)} classified, {len(unknown)} not")

    phase("Specialists")
    opinions = await route(
        known,
        by="kind",
        handlers={
            "water": lambda c: agent(f"As a plumber, estimate the damage in {c['claim']}.", label=f"water:{c['claim']}"),
            "fire": lambda c: agent(f"As a fire assessor, estimate the damage in {c['claim']}.", label=f"fire:{c['claim']}"),
            "theft": lambda c: agent(f"As a detective, say what is implausible in {c['claim']}.", label=f"theft:{c['claim']}"),
        },
    )
    rows = [{**c, "opinion": opinion} for c, opinion in zip(known, opinions)]
    return {"rows": rows, "unclassified": unknown, "seed": args.get("seed", 7)}
