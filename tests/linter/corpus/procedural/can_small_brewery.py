"""What can a small brewery learn from the reviews of its beers?"""

from weft.primitives import agent, log, parallel, phase, pipeline, verify

META = {"name": "beer-reviews", "description": "Lessons from reviews, each verified"}

ARGS = {
    "type": "object",
    "properties": {"beers": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 9}},
    "required": ["beers"],
}

LESSONS = {
    "type": "object",
    "properties": {
        "lessons": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {
                    "beer": {"type": "string"},
                    "lesson": {"type": "string"},
                    "reviews": {"type": "array", "maxItems": 5, "items": {"type": "string"}},
                },
                "required": ["beer", "lesson", "reviews"],
            },
        }
    },
    "required": ["lessons"],
}


async def check(lesson):
    verdict = await verify(
        lesson,
        lenses=["the reviews say so", "more than one kind of drinker says so", "it is about the beer, not the delivery"],
        quorum=2,
    )
    return lesson if verdict["survives"] else None


async def main(args):
    phase("Read reviews")
    calls = []
    for beer in args["beers"]:
        calls.append(
            agent(
                f"Read the reviews of {beer}. What do drinkers like, and what should change?",
                schema=LESSONS,
                label=f"reviews:{beer}",
            )
        )
    replies = await parallel(calls)

    lessons = []
    for reply in replies:
        if reply is not None:
            lessons.extend(reply["lessons"])
    log(f"{len(lessons)} lessons from {len(args['beers'])} beers")

    phase("Verify")
    checked = await pipeline(lessons, check)
    held = sum(1 for lesson in checked if lesson is not None)
    log(f"{held} of {len(lessons)} lessons hold")

    phase("Report")
    text = "\n".join(f"- {lesson['beer']}: {lesson['lesson']}" for lesson in lessons)
    report = await agent(
        f"Write a page for the brewer from these verified lessons, the most useful first:\n{text}",
        label="report",
        critical=True,
    )
    return {"report": report, "lessons": len(lessons), "held": held}
