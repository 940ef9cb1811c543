"""Audit security: how could this code be attacked? Each surface that strangers reach is attacked by several personas.

Use it on a service or tool before it is exposed, to see which holes stand up to attempts at explaining them away.

Not a proof that there are no others, not for finding bugs that nobody could use (bug-hunt), and it attacks nothing that
runs: agents only read.
"""

from weft.primitives import agent, dedup, parallel, phase, semantic_dedup, tool, understood, verify

ARGS = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "personas": {
            "type": "array",
            "description": "Who attacks",
            "items": {"type": "string", "minLength": 3},
            "minItems": 1,
            "maxItems": 4,
            "default": [
                "a stranger on the network without an account",
                "a user with an account who wants what belongs to another user",
                "a colleague who can write to files, settings or logs that this code reads",
            ],
        },
        "most": {
            "type": "integer",
            "description": "How many holes are verified, the gravest first",
            "minimum": 1,
            "maximum": 60,
            "default": 30,
        },
    },
}

MOST = 200

NEAR = 5
"""Lines within which what says the same is the same."""

SEVERITIES = ["critical", "high", "medium", "low"]

SURFACES = {
    "type": "object",
    "properties": {
        "surfaces": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "description": "In a few words: the upload form, the --config option"},
                    "enters": {"type": "string", "description": "Where what strangers say enters: file and line"},
                },
                "required": ["name", "enters"],
            },
        }
    },
    "required": ["surfaces"],
}


def holes_in(files):
    """Return what an attacker of these files answers; a file goes by its number, which cannot be misspelt."""
    return {
        "type": "object",
        "properties": {
            "holes": {
                "type": "array",
                "maxItems": 4,
                "items": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "integer", "minimum": 1, "maximum": len(files), "description": "Its number"},
                        "line": {"type": "integer", "minimum": 1},
                        "attack": {"type": "string", "description": "What is sent, and what the attacker has then"},
                        "severity": {"type": "string", "enum": SEVERITIES},
                    },
                    "required": ["file", "line", "attack", "severity"],
                },
            }
        },
        "required": ["holes"],
    }


LENSES = [
    "the way in: follow what the attacker sends, line by line, to that place; what checks or changes it on the way",
    "the guard: does a setting, a wrapper, a library or a caller already prevent it",
    "the gain: does the attacker have anything then that they did not have before",
]


def grave(hole):
    """Return what puts the gravest hole first, and those of one file in order."""
    return SEVERITIES.index(hole["severity"]), hole["file"], hole["line"]


def apart(same):
    """Return those of a cluster that stand far from each other, the gravest first: they are not one hole."""
    kept = []
    for one in sorted([same["kept"], *same["merged"]], key=grave):
        if all(one["file"] != k["file"] or abs(one["line"] - k["line"]) > NEAR for k in kept):
            kept.append(one)
    return kept


async def attack(files, surface, persona):
    """Let one persona attack one surface; `None` where the agent is lost."""
    listed = "\n".join(f"{number}. {file}" for number, file in enumerate(files, start=1))
    reply = await agent(
        f"You are {persona}. How would you attack this surface: {surface['name']} (enters at {surface['enters']})? "
        f"Follow what you send through the code. Report holes that you can show, or an empty list.\n{listed}",
        schema=holes_in(files),
        label=f"attack:{surface['name']}:{persona}",
    )
    return reply and {
        "holes": [{**hole, "file": files[hole["file"] - 1], "surface": surface["name"]} for hole in reply["holes"]],
        "full": reply["holes"].full,
    }


async def check(hole):
    """Return a hole with what skeptics made of the attack, whose severity they are not told."""
    verdict = await verify({name: hole[name] for name in ("attack", "file", "line")}, lenses=LENSES, quorum=2)
    against = [vote["reason"] for vote in verdict["votes"] if vote["verdict"] != "supported"]
    return {**hole, "outcome": verdict["outcome"], "against": against}


async def main(args):
    there = dedup(args.get("files") or await tool("list_files") or [])
    files = there[:MOST]
    understood(len(files), len(there), hint=f"{MOST} at most are looked at: name those that count")
    phase("Map the surface")
    mapped = await agent(
        "List where anything that somebody else controls enters this code: requests, arguments, files, settings, "
        "environment, messages. The most exposed first.\n" + "\n".join(files),
        schema=SURFACES,
        label="surfaces",
        critical=True,
    )
    surfaces = mapped["surfaces"]
    understood(len(surfaces), len(surfaces), what="surfaces", hint="nothing was found that somebody else controls")

    phase("Attack")
    jobs = [(surface, persona) for surface in surfaces for persona in args["personas"]]
    attacks = await parallel([attack(files, surface, persona) for surface, persona in jobs])
    said = [hole for got in attacks if got for hole in got["holes"]]
    alike = await semantic_dedup(said, text=lambda hole: f"{hole['file']}: {hole['attack']}")
    found = sorted([hole for same in alike.clusters for hole in apart(same)], key=grave)

    phase("Verify")
    chosen = found[: args["most"]]
    checked = [hole for hole in await parallel([check(hole) for hole in chosen]) if hole]
    named = [(f"{surface['name']}: {persona}", got) for (surface, persona), got in zip(jobs, attacks)]
    return {
        **{kind: [h for h in checked if h["outcome"] == kind] for kind in ("survives", "undecided", "refuted")},
        "not_checked": found[len(chosen) :],
        "surfaces": surfaces,
        "there_may_be_more_surfaces": surfaces.full,
        "attacks_lost": [name for name, got in named if got is None],
        "there_may_be_more_holes": [name for name, got in named if got and got["full"]],
        "files_left_out": len(there) - len(files),
    }
