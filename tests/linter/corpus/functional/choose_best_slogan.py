"""Choose the best slogan for a city library out of drafts from several models."""

from weft.primitives import agent, judge, parallel

META = {"name": "slogan", "description": "Models draft, a panel ranks"}
ARGS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
MODELS = ["fast", "deep", "small"]
VOICES = {"fast": "playful", "deep": "solemn", "small": "plain"}


def draft(model, city):
    return agent(f"One {VOICES[model]} slogan for the public library of {city}.", model=model, label=f"draft:{model}")


async def main(args):
    drafts = await parallel([draft(m, args["city"]) for m in MODELS])
    entries = [{"author": m, "slogan": d} for m, d in zip(MODELS, drafts) if d]
    if not entries:
        return {"slogan": None}
    ranking = await judge(entries, criteria=["short", "true of a library", "memorable"], judges=3)
    return {"slogan": ranking[0]["slogan"], "outcome": ranking.outcome}
