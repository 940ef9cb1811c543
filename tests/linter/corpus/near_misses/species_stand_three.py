"""Which species stand three steps down the food web from a given one?"""

from weft.primitives import Seen, agent, log, parallel

ARGS = {"type": "object", "properties": {"species": {"type": "string"}}, "required": ["species"]}
PREY = {
    "type": "object",
    "properties": {"prey": {"type": "array", "maxItems": 6, "items": {"type": "string"}}},
    "required": ["prey"],
}


async def main(args):
    seen = Seen(key=str.casefold)
    frontier, web = seen.add([args["species"]]), {}
    for step in range(3):
        replies = await parallel([agent(f"What does {name} feed on? Latin names.", schema=PREY) for name in frontier])
        web.update({name: reply["prey"] for name, reply in zip(frontier, replies) if reply})
        new = seen.add(prey for reply in replies if reply for prey in reply["prey"])
        if not new:
            break
        if len(new) > 8:
            log(f"step {step}: {len(new) - 8} species left out")
        frontier = new[:8]
    return {"web": web, "species": len(seen)}
