"""Rumours about the flood: what do eight outlets repeat, and what of it holds?"""

from weft.primitives import agent, dedup, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"outlets": {"type": "array", "items": {"type": "string"}, "maxItems": 8}},
    "required": ["outlets"],
}
RUMOURS = {
    "type": "object",
    "properties": {
        "rumours": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {"place": {"type": "string"}, "kind": {"enum": ["dam", "looting", "water", "deaths"]}, "url": {"type": "string"}},
                "required": ["place", "kind", "url"],
            },
        }
    },
    "required": ["rumours"],
}


def collect(outlet):
    return agent(f"Which unconfirmed reports about the flood does {outlet} carry?", schema=RUMOURS, label=outlet)


async def confirm(rumour):
    verdict = await verify(rumour, lenses=["an authority says so", "a second witness", "the picture is of that place"])
    return {**rumour, "outcome": verdict["outcome"]}


async def confirm_all(reply):
    return await pipeline(reply["rumours"], confirm)


async def main(args):
    groups = await pipeline(args["outlets"], collect, confirm_all)
    checked = [r for g in groups if g for r in g if r]
    single = dedup(checked, key=lambda r: (r["place"].casefold(), r["kind"]))
    return sorted(single, key=lambda r: (r["outcome"], r["place"]))
