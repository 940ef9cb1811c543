"""Choose among several slogans for a bakery; who wrote which is not shown to the judges."""

from weft.primitives import agent, judge, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"bakery": {"type": "string"}, "moods": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 6}},
    "required": ["bakery", "moods"],
}


async def main(args):
    phase("Write")
    slogans = await parallel(
        [agent(f"Write one {mood} slogan for the bakery {args['bakery']}.", tools=[], label=f"slogan:{mood}") for mood in args["moods"]]
    )
    written = [slogan for slogan in slogans if slogan]
    author = {slogan: mood for mood, slogan in zip(args["moods"], slogans) if slogan}
    if len(written) < 2:
        return {"best": written[0] if written else None, "outcome": "no choice"}
    phase("Judge")
    ranking = await judge(written, criteria=["it can be remembered", "it promises nothing untrue"], judges=3)
    log(f"agreement: {ranking.agreement}")
    if ranking.outcome == "undecided":
        return {"best": None, "outcome": "undecided"}
    return {"best": ranking[0], "mood": author[ranking[0]], "outcome": ranking.outcome}
