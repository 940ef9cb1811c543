"""Does a translated safety notice still say what the original says? Five readers decide, page by page."""
from weft.primitives import agent, log, parallel, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"pages": {"type": "array", "items": {"type": "string"}, "maxItems": 18}},
    "required": ["pages"],
}
READER = {
    "type": "object",
    "properties": {"faithful": {"type": "boolean"}, "deviation": {"type": "string"}},
    "required": ["faithful", "deviation"],
}
FIX = {
    "type": "object",
    "properties": {"sentence": {"type": "string"}, "instead": {"type": "string"}},
    "required": ["sentence", "instead"],
}
READERS = 5


def ballot(prompt, n):
    return agent(prompt, schema=READER, label=f"reader:{n}")


async def read(page):
    prompt = f"Compare page {page} of the notice with its original. Is the translation faithful? Try to prove that it is not."
    votes = [v for v in await parallel([ballot(prompt, n) for n in range(READERS)]) if v]
    faithful = [v for v in votes if v["faithful"]]
    return {
        "page": page,
        "faithful": len(faithful) >= 3,
        "votes": f"{len(faithful)} of {READERS}",
        "deviations": [v["deviation"] for v in votes if not v["faithful"]],
    }


async def repair(result):
    if result["faithful"]:
        return {**result, "fix": None}
    fix = await agent(
        f"Page {result['page']} deviates: {'; '.join(result['deviations']) or 'readers failed'}. Name the worst sentence and a better one.",
        schema=FIX,
        label=f"fix:{result['page']}",
    )
    return {**result, "fix": fix}


async def main(args):
    phase("Compare")
    results = [r for r in await pipeline(args["pages"], read, repair) if r]
    log(f"{sum(r['faithful'] for r in results)} of {len(args['pages'])} pages are faithful")
    return {"pages": results}
