"""Look at a plan, a decision or a draft from several sides: what does each see, what do they share, what tears them?

Use it before a decision that concerns people who want different things. Each side looks alone; which points say the
same, and which cannot both be had, is told afterwards by somebody who does not know whose they are.

Not for questions of fact (answer-from-files, check-facts), and not to choose between candidates (evaluate-candidates).
"""

from weft.primitives import agent, dedup, parallel, phase, understood

ARGS = {
    "type": "object",
    "properties": {
        "subject": {
            "type": "string",
            "minLength": 3,
            "description": "What is looked at: the text itself, or the file that has it",
            "examples": ["We drop support for Python 3.9 in the next release."],
        },
        "sides": {
            "type": "array",
            "description": "Who looks at it, each with what it cares about",
            "items": {"type": "string", "minLength": 2},
            "minItems": 2,
            "maxItems": 12,
            "uniqueItems": True,
            "default": [
                "somebody who uses it every day, and wants it to stay simple",
                "somebody who runs it at night, and wants to sleep",
                "somebody who pays for it, now and in five years",
                "somebody who attacks it, or gains when it fails",
                "somebody who was not asked, and has to live with it",
            ],
        },
    },
    "required": ["subject"],
}

POINTS = {
    "type": "object",
    "properties": {
        "points": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {
                    "point": {"type": "string", "description": "One sentence"},
                    "speaks": {"type": "string", "enum": ["for", "against", "open question"]},
                    "rests_on": {"type": "string", "description": "The words of the subject, or the place in a file"},
                },
                "required": ["point", "speaks"],
            },
        }
    },
    "required": ["points"],
}

RELATIONS = {
    "type": "object",
    "properties": {
        "relations": {
            "type": "array",
            "maxItems": 30,
            "items": {
                "type": "object",
                "properties": {
                    "first": {"type": "integer", "minimum": 0, "description": "Number of one point"},
                    "second": {"type": "integer", "minimum": 0, "description": "Number of another"},
                    "kind": {"type": "string", "enum": ["say the same", "cannot both be had"]},
                },
                "required": ["first", "second", "kind"],
            },
        }
    },
    "required": ["relations"],
}


def look(subject, side):
    """Return the agent that looks from one side."""
    return agent(
        f"Look at the subject below as {side}. List what speaks for it, what speaks against it, and what you would "
        "ask, each as one point, the weightiest first; nothing that you would not say as that person.\n"
        f"<subject>{subject}</subject>",
        schema=POINTS,
        label=f"look:{side}",
    )


async def relate(points):
    """Return the pairs of points of two sides that say the same or cannot both be had; `None` if nobody could tell."""
    listed = "\n".join(f"{number}. {point['point']}" for number, point in enumerate(points))
    reply = await agent(
        f"Which of these points say the same, and which ask for things that cannot both be had?\n{listed}",
        schema=RELATIONS,
        tools=[],
        label="relate",
    )
    if reply is None:
        return None
    known = [relation for relation in reply["relations"] if max(relation["first"], relation["second"]) < len(points)]
    pairs = dedup(known, key=lambda one: (one["kind"], sorted([one["first"], one["second"]])))
    found = [{"kind": pair["kind"], "points": [points[pair["first"]], points[pair["second"]]]} for pair in pairs]
    apart = [pair for pair in found if pair["points"][0]["side"] != pair["points"][1]["side"]]
    return {"pairs": apart, "full": reply["relations"].full}


def told(points):
    """Return what an agent needs of each point to weigh it."""
    return [f"{point['side']} ({point['speaks']}): {point['point']}" for point in points]


def pairs_of(related, kind):
    """Return the pairs of a kind; `None` where nobody could tell, which is not that there are none."""
    return None if related is None else [pair["points"] for pair in related["pairs"] if pair["kind"] == kind]


async def main(args):
    sides = args["sides"]
    phase("Look")
    replies = await parallel([look(args["subject"], side) for side in sides])
    seen = list(zip(sides, replies, strict=True))
    points = [{"side": side, **point} for side, reply in seen if reply for point in reply["points"]]

    phase("Compare")
    related = await relate(points) if len(points) > 1 else {"pairs": [], "full": False}
    shared, torn = pairs_of(related, "say the same"), pairs_of(related, "cannot both be had")
    if not points:
        understood(0, 0, what="points", hint="no side says anything")
    lost = [side for side, reply in seen if reply is None]
    summary = None
    if points:
        phase("Sum up")
        summary = await agent(
            "Tell somebody who has to decide what these sides see, in at most ten sentences: first what several of "
            "them see apart from each other, then what cannot be had together and what either would cost, then "
            "what one alone sees, and who was not heard. Decide nothing yourself.\n"
            f"<subject>{args['subject']}</subject>",
            context={"points": told(points), "several_say": shared, "cannot_both_be_had": torn, "not_heard": lost},
            tools=[],
            label="sum up",
        )
    return {
        "subject": args["subject"],
        "summary": summary,
        "several_say": shared,
        "cannot_both_be_had": torn,
        "there_may_be_more_pairs": related is None or related["full"],
        "points": points,
        "sides": sides,
        "not_heard": lost,
    }
