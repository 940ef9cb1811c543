"""Which statements in a town's budget speech are not what the budget says?"""

from weft.primitives import Seen, agent, finding, log, parallel, phase, pipeline, until_dry, verify

META = {"name": "budget-speech", "description": "Hold a speech against the budget"}

ARGS = {
    "type": "object",
    "properties": {
        "speech": {"type": "string"},
        "volumes": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 6},
    },
    "required": ["speech", "volumes"],
}

GAPS = {
    "type": "object",
    "properties": {
        "gaps": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {
                    "paragraph": {"type": "integer"},
                    "said": {"type": "string"},
                    "volume": {"type": "string"},
                    "page": {"type": "integer"},
                },
                "required": ["paragraph", "said", "volume", "page"],
            },
        }
    },
    "required": ["gaps"],
}

LENSES = ["the speech really says so", "the page really says otherwise", "no other page explains the difference"]


async def check(gap):
    verdict = await verify(gap, lenses=LENSES, quorum=2, subject=[gap["volume"]])
    return {"gap": gap, "outcome": verdict["outcome"]}


async def main(args):
    seen = Seen(key=lambda gap: (gap["paragraph"], gap["volume"], gap["page"]))
    told = []
    kept = []
    open_ones = []

    for round in until_dry(max_rounds=3, patience=1):
        phase(f"Compare, round {round.number}")
        calls = []
        for volume in args["volumes"]:
            calls.append(
                agent(
                    f"Compare the speech {args['speech']} with {volume}. Where do the figures differ?",
                    schema=GAPS,
                    context={"leave out": told},
                    label=f"compare:{volume}",
                )
            )
        replies = await parallel(calls)
        fresh = seen.add([gap for reply in replies if reply for gap in reply["gaps"]])
        told.extend({"paragraph": gap["paragraph"], "page": gap["page"]} for gap in fresh)
        round.found(fresh)
        log(f"{len(fresh)} new gaps, {len(seen)} in all, {len(replies.lost)} volumes lost this time")

        phase("Verify")
        for row in await pipeline(fresh, check):
            if row is None:
                continue
            if row["outcome"] == "survives":
                finding(row["gap"])
                kept.append(row["gap"])
            elif row["outcome"] == "undecided":
                open_ones.append(row["gap"])

    kept.sort(key=lambda gap: (gap["paragraph"], gap["volume"], gap["page"]))
    return {"gaps": kept, "undecided": open_ones, "looked_at": len(seen)}
