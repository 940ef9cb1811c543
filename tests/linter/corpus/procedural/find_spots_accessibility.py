"""Find spots in the accessibility audit where the website fails people who use a keyboard."""

from weft.primitives import agent, dedup, log, parallel, phase, pipeline, verify

META = {"name": "keyboard-audit", "description": "Keyboard traps and unreachable controls"}

ARGS = {
    "type": "object",
    "properties": {"pages": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 15}},
    "required": ["pages"],
}

BARRIERS = {
    "type": "object",
    "properties": {
        "barriers": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {
                    "page": {"type": "string"},
                    "selector": {"type": "string"},
                    "problem": {"enum": ["trap", "unreachable", "no focus ring", "wrong order"]},
                },
                "required": ["page", "selector", "problem"],
            },
        }
    },
    "required": ["barriers"],
}

ANGLES = [
    "walk through with Tab only",
    "open every menu and try to leave it",
]


async def check(barrier):
    verdict = await verify(
        barrier,
        lenses=["the control is on the page", "a keyboard user is really stuck there"],
        quorum=2,
    )
    if verdict["survives"]:
        return barrier
    return None


async def main(args):
    phase("Audit")
    calls = []
    for page in args["pages"]:
        for angle in ANGLES:
            calls.append(
                agent(f"On {page}: {angle}. List what stops a keyboard user.", schema=BARRIERS, label=f"{page}:{angle}")
            )
    replies = await parallel(calls)

    told = []
    for reply in replies:
        if reply:
            told += reply["barriers"]
    barriers = dedup(told, key=lambda barrier: barrier["page"])
    log(f"{len(told)} told by both angles, {len(barriers)} after removing repeats")

    phase("Verify")
    confirmed = [barrier for barrier in await pipeline(barriers, check) if barrier]

    report = {}
    for barrier in confirmed:
        report.setdefault(barrier["page"], []).append({"where": barrier["selector"], "what": barrier["problem"]})
    return {"report": report, "confirmed": len(confirmed), "lost": len(replies.lost)}
