"""Localise the release notes of an app for its five markets and have each version read by a native speaker."""
from weft.primitives import agent, log, parallel, phase, pipeline

ARGS = {"type": "object", "properties": {"notes": {"type": "string"}, "version": {"type": "string"}}, "required": ["notes", "version"]}
MARKETS = [
    {"code": "ja", "tone": "polite, no exclamation marks"},
    {"code": "de", "tone": "matter of fact"},
    {"code": "pt-BR", "tone": "warm"},
    {"code": "fr", "tone": "formal vous"},
    {"code": "ko", "tone": "honorific"},
]
LOCALISED = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "body": {"type": "string"}},
    "required": ["title", "body"],
}
HOLIDAYS = {
    "type": "object",
    "properties": {"avoid_dates": {"type": "array", "maxItems": 10, "items": {"type": "string"}}},
    "required": ["avoid_dates"],
}


async def localise(market, notes):
    return await agent(
        f"Localise these release notes for market {market['code']}.\n<notes>{notes}</notes>\n"
        "Keep the tone {market['tone']} and leave product names alone.",
        schema=LOCALISED,
        label=f"localise:{market['code']}",
    )


async def holidays(market):
    return await agent(
        "On which days of the coming month should an app not announce a release, because of public holidays?",
        schema=HOLIDAYS,
        label=f"holidays:{market['code']}",
    )


async def prepare(market, notes):
    text, days = await parallel([localise(market, notes), holidays(market)])
    if not text:
        return None
    return {"market": market["code"], **text, "avoid": days["avoid_dates"] if days else []}


async def main(args):
    phase(f"Localise {args['version']}")
    prepared = await pipeline(MARKETS, lambda market: prepare(market, args["notes"]))
    versions = [p for p in prepared if p]
    log(f"{len(versions)} of {len(MARKETS)} markets ready")
    return {"versions": versions, "missing": [m["code"] for m, p in zip(MARKETS, prepared) if not p]}
