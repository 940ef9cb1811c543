"""What follows for each part of a system from all others? One agent a part, each hears its neighbours round by round.

Use it where knowledge is spread over parts that only know their neighbours: an outage over services, a change over
modules, a question over teams. As many rounds are held as news needs to reach everybody, up to a bound.

Not where one agent can see all parts (react-agent), or where parts do not bear on each other (digest).
"""

from weft.primitives import phase, swarm, synthesize, understood

ARGS = {
    "type": "object",
    "properties": {
        "task": {"type": "string", "minLength": 3, "examples": ["Why are the reports late since Monday?"]},
        "parts": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "minLength": 1},
                    "about": {"type": "string", "description": "What it is, what is known of it, where its files are"},
                },
                "required": ["name", "about"],
            },
            "minItems": 2,
            "maxItems": 30,
            "examples": [[{"name": "database", "about": "Keeps orders"}, {"name": "mail", "about": "Sends reports"}]],
        },
        "links": {
            "type": "array",
            "description": "Pairs of names: parts that know of each other, in both directions",
            "items": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
            "maxItems": 200,
            "examples": [[["database", "mail"]]],
        },
        "rounds": {"type": "integer", "description": "Most rounds", "minimum": 2, "maximum": 6, "default": 5},
    },
    "required": ["task", "parts", "links"],
}


def hears(near, index, rounds):
    """Return how many parts' news reach one part within so many rounds; its own is there in the first."""
    reached = {index}
    for _ in range(rounds - 1):
        reached |= {other for one in reached for other in near[one]}
    return len(reached)


async def main(args):
    parts, most = args["parts"], args["rounds"]
    where = {part["name"]: index for index, part in enumerate(parts)}
    links = [link for link in args["links"] if link[0] in where and link[1] in where]
    understood(len(links), len(args["links"]), what="links", hint="the others name a part that is not there")
    near = {index: {index} for index in range(len(parts))}  # who hears itself goes on from what it found
    for first, second in links:
        near[where[first]].add(where[second])
        near[where[second]].add(where[first])
    heard = [sum(hears(near, index, rounds) for index in near) for rounds in range(1, most + 1)]
    rounds = min(most, 1 + heard.index(heard[-1]))  # more would bring nobody anything new

    phase("Swarm")
    prompts = [
        f"You look after {part['name']}, one part of a system, and know no other.\n<about>{part['about']}</about>\n"
        "Say what your part tells about this, in at most 120 words: what you know yourself, what you take from others "
        f"and from whom, and what would settle it.\n<task>{args['task']}</task>"
        for part in parts
    ]
    found = await swarm(prompts, neighbours=near, rounds=rounds)
    findings = [{"part": part["name"], "finding": text} for part, text in zip(parts, found, strict=True)]

    phase("Sum up")
    told = [one["finding"] and f"{one['part']}: {one['finding']}" for one in findings]  # lost ones are told as missing
    task = f"Say what these parts know together about this, which part knows what, and what is open.\n{args['task']}"
    return {
        "task": args["task"],
        "answer": await synthesize(told, task) if any(told) else None,
        "findings": findings,
        "lost": [one["part"] for one in findings if one["finding"] is None],
        "rounds": rounds,
        "cannot_hear_each_other": len(parts) ** 2 - heard[-1],
    }
