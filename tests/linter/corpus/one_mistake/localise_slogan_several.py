"""Localise a slogan for several markets."""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {
        "slogan": {"type": "string"},
        "markets": {"type": "array", "minItems": 1, "maxItems": 12, "items": {"type": "string"}},
    },
    "required": ["slogan", "markets"],
}
SLOGAN = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "literal": {"type": "string"}},
    "required": ["text", "literal"],
}


async def main(args):
    tone = await agent(f"The tone of the slogan '{args['slogan']}' in five words") or "friendly"
    wanted = []
    for market in args["markets"]:
        if market.strip():
            wanted.append(market.strip())
    log(f"{len(wanted)} markets")
    jobs = [
        agent(f"The slogan '{args['slogan']}' for {market}. Tone: {tone}", schema=SLOGAN, label=m) for m in wanted
    ]
    slogans = await parallel(jobs)
    return {m: slogan["text"] for m, slogan in zip(wanted, slogans) if slogan}
