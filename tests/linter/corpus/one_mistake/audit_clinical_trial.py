"""Audit a clinical trial protocol against its amendments, in rounds that learn from one another."""

from weft.primitives import agent, log, parallel, phase, until_dry, verify

ARGS = {
    "type": "object",
    "properties": {"protocol": {"type": "string"}, "amendments": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 8}},
    "required": ["protocol", "amendments"],
}
CONFLICTS = {
    "type": "object",
    "properties": {
        "conflicts": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"section": {"type": "string"}, "amendment": {"type": "string"}, "conflict": {"type": "string", "maxLength": 300}},
                "required": ["section", "amendment", "conflict"],
            },
        }
    },
    "required": ["conflicts"],
}


def where(conflict):
    return conflict["section"], conflict["amendment"]


async def main(args):
    confirmed = []
    for round in until_dry(max_rounds=5, patience=2):
        phase(f"Round {round.number}")
        known = [where(conflict) for conflict in confirmed]
        replies = await parallel(
            [
                agent(f"Where does {amendment} contradict {args['protocol']}? Known already: {known}", schema=CONFLICTS, label=f"{round.number}:{amendment}")
                for amendment in args["amendments"]
            ]
        )
        found = [conflict for reply in replies if reply for conflict in reply["conflicts"]]
        fresh = [conflict for conflict in found if where(conflict) not in known]
        round.found(fresh)
        verdicts = await parallel([verify(conflict, lenses=["both texts say so", "no later amendment mends it"], quorum=2) for conflict in fresh])
        confirmed += [conflict for conflict, verdict in zip(fresh, verdicts) if verdict and verdict["survives"]]
        log(f"{len(confirmed)} confirmed")
    return {"conflicts": confirmed}
