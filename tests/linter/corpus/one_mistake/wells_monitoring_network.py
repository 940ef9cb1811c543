"""Which wells in a monitoring network report values that cannot be? Found, checked by three, and told with what is open."""

from weft.primitives import Seen, agent, log, parallel, phase, pipeline, until_dry

ARGS = {
    "type": "object",
    "properties": {"wells": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 15}},
    "required": ["wells"],
}
VALUES = {
    "type": "object",
    "properties": {
        "values": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"well": {"type": "string"}, "day": {"type": "string"}, "value": {"type": "number"}},
                "required": ["well", "day", "value"],
            },
        }
    },
    "required": ["values"],
}
VOTE = {"type": "object", "properties": {"impossible": {"type": "boolean"}}, "required": ["impossible"]}


async def vote(value):
    text = f"Well {value['well']} reports {value['value']} on {value['day']}."
    votes = await parallel(
        [
            agent(f"{text} Is that impossible? Look at the neighbours.", schema=VOTE, label="neighbours"),
            agent(f"{text} Is that impossible? Look at the neighbours.", schema=VOTE, label="season"),
            agent(f"{text} Is that impossible? Look at the neighbours.", schema=VOTE, label="instrument"),
        ]
    )
    return value if sum(1 for one in votes if one and one["impossible"]) >= 2 else None


async def main(args):
    seen = Seen(key=lambda value: value["well"])
    kept = []
    for round in until_dry(max_rounds=4, patience=1):
        phase(f"Round {round.number}")
        replies = await parallel(
            [agent(f"Which values of {well} cannot be?", schema=VALUES, context={"known": kept[-30:]}, label=f"{round.number}:{well}") for well in args["wells"]]
        )
        fresh = seen.add(value for reply in replies if reply for value in reply["values"])
        round.found(fresh)
        kept += [value for value in await pipeline(fresh, vote) if value]
    log(f"{len(kept)} values cannot be")
    return {"values": kept, "seen": len(seen)}
