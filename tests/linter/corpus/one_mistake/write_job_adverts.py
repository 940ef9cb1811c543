"""Write job adverts for a town hall and publish those that are fair."""

from weft.primitives import agent, parallel, pipeline

ARGS = {"type": "object", "properties": {"posts": {"type": "string"}}, "required": ["posts"]}
ADVERTS = {
    "type": "object",
    "properties": {"adverts": {"type": "array", "maxItems": 8, "items": {"type": "string"}}},
    "required": ["adverts"],
}
OBJECTION = {
    "type": "object",
    "properties": {"unfair": {"type": "boolean"}, "words": {"type": "string"}},
    "required": ["unfair", "words"],
}
EYES = ["a person over sixty", "a person in a wheelchair", "a person whose first language is another"]


async def fair(advert):
    votes = await parallel([agent(f"You are {e}. Does this advert shut you out?\n<advert>{advert}</advert>", schema=OBJECTION) for e in EYES])
    publish = True
    for vote in votes:
        if vote and vote["unfair"]:
            publish = False
    return advert if publish else None


async def main(args):
    written = await agent(f"Write an advert for each post in {args['posts']}.", schema=ADVERTS)
    if not written:
        return []
    return [advert for advert in await pipeline(written["adverts"], fair) if advert]
