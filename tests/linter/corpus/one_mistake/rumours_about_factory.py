"""Which rumours about a factory closing are true?"""

from weft.primitives import agent, parallel, pipeline, verify

ARGS = {"type": "object", "properties": {"factory": {"type": "string"}}, "required": ["factory"]}
RUMOURS = {
    "type": "object",
    "properties": {
        "rumours": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"hall": {"type": "string"}, "month": {"type": "string"}, "event": {"enum": ["closing", "sale", "layoffs"]}},
                "required": ["hall", "month", "event"],
            },
        }
    },
    "required": ["rumours"],
}
PLACES = ["the local paper", "the union's site", "the trade register", "job portals"]


async def attack(reply):
    rumours = reply["rumours"]
    verdicts = await parallel([verify(r, lenses=["a primary source says so", "the date fits", "no denial stands"], quorum=2) for r in rumours])
    return [rumour for rumour, verdict in zip(rumours, verdicts) if verdict and verdict["survives"]]


async def main(args):
    def listen(place):
        return agent(f"What does one hear of {args['factory']} in {place}?", schema=RUMOURS)

    heard = await pipeline(PLACES, listen, attack)
    by_key = {(r["hall"].casefold(), r["month"], r["event"]): r for some in heard if some for r in some}
    return list(by_key.values())
