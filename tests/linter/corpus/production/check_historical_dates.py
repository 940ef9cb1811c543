"""Check the historical dates in the school book, and hold back whatever the skeptics reject."""

from weft.primitives import agent, log, phase, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"chapters": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 20}},
    "required": ["chapters"],
}
DATES = {
    "type": "object",
    "properties": {
        "dates": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {"event": {"type": "string"}, "year": {"type": "integer"}, "source": {"type": "string"}, "certainty": {"enum": ["sure", "probable", "guess"]}},
                "required": ["event", "year", "source", "certainty"],
            },
        }
    },
    "required": ["dates"],
}


async def collect(path):
    reply = await agent(f"List the dated events in {path}, with how sure the book is.", schema=DATES, label=path)
    return reply and {"path": path, "dates": reply["dates"], "cut": reply["dates"].full}


async def test(entry):
    async def one(date):
        verdict = await verify(date, lenses=["a second work gives the same year", "it is the same event"], quorum=2)
        if verdict is None:
            return {**date, "status": "open"}
        if verdict["outcome"] == "rejected":
            return {**date, "status": "held back"}
        return {**date, "status": "passed"}

    return {**entry, "dates": await pipeline(entry["dates"], one)}


async def main(args):
    phase("Check")
    entries = await pipeline(args["chapters"], collect, test)
    dates = [d for e in entries if e for d in e["dates"] if d]
    doubtful = [d for d in dates if d["certainty"] == "unsure"]
    log(f"{len(dates)} dates, {len(doubtful)} of them doubtful in the book itself")
    return {
        "held_back": [d for d in dates if d["status"] == "held back"],
        "open": [d for d in dates if d["status"] == "open"],
        "print": [d for d in dates if d["status"] == "passed"],
        "doubtful": doubtful,
        "cut": [e["path"] for e in entries if e and e["cut"]],
        "lost": [p for p, e in zip(args["chapters"], entries) if e is None],
    }
