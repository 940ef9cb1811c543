"""Should the disputed moderation decisions of the week be overturned?"""

from weft.primitives import agent, finding, log, parallel, phase

META = {"name": "moderation-appeals", "description": "A bench of five reviewers looks at each appeal"}

ARGS = {
    "type": "object",
    "properties": {"appeals": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 20}},
    "required": ["appeals"],
}

OPINION = {
    "type": "object",
    "properties": {
        "overturn": {"type": "boolean"},
        "rule": {"type": "string"},
    },
    "required": ["overturn", "rule"],
}

BENCH = [
    "the letter of the community rules",
    "how similar posts were treated last year",
    "the harm to the people named in the post",
    "the freedom of the person who posted",
    "what the reporter left out",
]


async def main(args):
    decisions = []
    undecided = []

    for appeal in args["appeals"]:
        phase(f"Appeal {appeal}")
        opinions = await parallel(
            [
                agent(
                    f"Open the appeal {appeal} and judge it only by {side}.\n"
                    "Should the decision be overturned? Name the rule that decides it.",
                    schema=OPINION,
                    label=f"{appeal}:{side}",
                )
                for side in BENCH
            ],
            quorum=3,
        )

        given = [opinion for opinion in opinions if opinion is not None]
        if len(given) < 3:
            undecided.append(appeal)
            continue

        yes = 0
        for opinion in given:
            if opinion["overturn"]:
                yes += 1

        decision = {
            "appeal": appeal,
            "overturn": yes * 2 > len(given),
            "votes": {"yes": yes, "no": len(given) - yes},
            "rules": sorted({opinion["rule"] for opinion in given}),
        }
        finding(decision)
        decisions.append(decision)
        log(f"{appeal}: {yes} of {len(given)} for overturning")

    return {"decisions": decisions, "undecided": undecided}
