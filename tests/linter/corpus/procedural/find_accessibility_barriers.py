"""Find accessibility barriers in a railway's ticket machine screens until no new ones come up."""
from weft.primitives import agent, log, parallel, phase, pipeline, until_dry, verify

META = {"name": "ticket-machine", "description": "Accessibility barriers in ticket machine screens"}
ARGS = {
    "type": "object",
    "properties": {"screens": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 10}},
    "required": ["screens"],
}
BARRIERS = {
    "type": "object",
    "properties": {
        "barriers": {
            "type": "array",
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {"screen": {"type": "string"}, "element": {"type": "string"}, "problem": {"type": "string"}},
                "required": ["screen", "element", "problem"],
            },
        }
    },
    "required": ["barriers"],
}
USERS = ["a blind traveller", "a traveller in a wheelchair", "a traveller who cannot read well"]


async def check(barrier):
    verdict = await verify(barrier, lenses=["the element is there", "it really hinders somebody"], quorum=2)
    return barrier if verdict["survives"] else None


async def main(args):
    confirmed = []
    confirmed_keys = []
    rejected = 0
    per_round = []
    for round in until_dry(max_rounds=5, patience=2):
        phase(f"Round {round.number}: look")
        replies = await parallel([agent(f"You are {user}. Which barriers do you meet on the screens {', '.join(args['screens'])}? Already known: {confirmed_keys}", schema=BARRIERS, label=f"look:{user}") for user in USERS])

        fresh = []
        fresh_keys = []
        for reply in replies:
            if reply is None:
                continue
            for barrier in reply["barriers"]:
                key = barrier["screen"] + "/" + barrier["element"]
                if key in confirmed_keys or key in fresh_keys:
                    continue
                fresh_keys.append(key)
                fresh.append(barrier)
        round.found(fresh)

        phase(f"Round {round.number}: check")
        kept = []
        for barrier in await pipeline(fresh, check):
            if barrier is not None:
                kept.append(barrier)
        rejected += len(fresh) - len(kept)
        for barrier in kept:
            confirmed.append(barrier)
            confirmed_keys.append(barrier["screen"] + "/" + barrier["element"])
        per_round.append({"round": round.number, "fresh": len(fresh), "kept": len(kept)})
        log(f"round {round.number}: {len(fresh)} new, {len(kept)} stand")

    by_screen = {}
    for barrier in confirmed:
        by_screen.setdefault(barrier["screen"], []).append({"element": barrier["element"], "problem": barrier["problem"]})
    return {"screens": by_screen, "rejected": rejected, "rounds": per_round}
