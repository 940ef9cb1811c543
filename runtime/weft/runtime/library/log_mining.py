"""Mine logs: what has happened that somebody should know? Code counts the kinds of lines; agents say what they mean.

Use it on logs too long to read: lines that differ only in numbers are one kind, agents see each kind once with how
often it came, and a critic says what is missing, which further agents search for. What they quote must stand there.

Not for what one query answers, not for logs that still grow, and not for binary ones.
"""

import re

from weft.primitives import Seen, agent, critique, dedup, parallel, phase, tool, understood, until_dry

ARGS = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "description": "The logs", "items": {"type": "string"}, "minItems": 1},
        "purpose": {
            "type": "string",
            "minLength": 3,
            "default": "What should the people on call know: failures, losses, what grows, what has stopped coming",
        },
    },
}

MOST, KINDS, BATCH, GAPS = 20, 320, 40, 6

SEVERITIES = ["critical", "warning", "notice"]


QUOTED = {
    "line": {"type": "integer", "minimum": 1, "description": "The line that shows it"},
    "quote": {"type": "string", "minLength": 5, "description": "A part of that line, word for word"},
}


def events_of(count, what, **more):
    """Return what an agent answers: events, each by the number of one of `count` things; more is told where asked."""
    fields = {
        "event": {"type": "string", "description": "What happened, or did not, in a sentence"},
        "number": {"type": "integer", "minimum": 1, "maximum": count, "description": f"The number of the {what}"},
        "severity": {"type": "string", "enum": ["critical", "warning", "notice"]},
        **more,
    }
    item = {"type": "object", "properties": fields, "required": [*fields]}
    events = {"type": "array", "maxItems": 10, "items": item}
    return {"type": "object", "properties": {"events": events}, "required": ["events"]}


def kinds_of(logs):
    """Return the kinds of lines, the rarest first: how often each came, and where and how it came first."""
    kinds = {}
    for source, lines in logs.items():
        for line, text in enumerate(lines, start=1):
            shape = re.sub(r"\b(?=[a-f]*\d)[0-9a-f]{4,}\b|\d+", "#", text.casefold()).strip()
            kind = kinds.setdefault(shape, {"count": 0, "source": source, "line": line, "quote": text[:300]})
            kind["count"] += 1
    return sorted([kind for shape, kind in kinds.items() if shape], key=lambda kind: kind["count"])


def numbered(texts):
    return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1))


async def mine(kinds, purpose):
    """Let one agent say what some kinds of lines mean; `None` where it is lost."""
    listed = numbered([f"{kind['count']} times: {kind['quote']}" for kind in kinds])
    reply = await agent(
        f"{purpose}? Below are kinds of lines of a log: how often each came, and the first one. Report what matters by "
        f"their numbers, and leave out what is usual.\n{listed}",
        schema=events_of(len(kinds), "kind of line"),
        tools=[],
        label=f"mine:{kinds[0]['source']}:{kinds[0]['line']}",
    )
    return reply and [
        {**kinds[e["number"] - 1], "event": e["event"], "severity": e["severity"]} for e in reply["events"]
    ]


async def seek(gap, files):
    """Let one agent search the logs for what is missing; `None` where it is lost."""
    reply = await agent(
        f"Search these logs for this, also for what should be there and is not: {gap}\n{numbered(files)}",
        schema=events_of(len(files), "log", **QUOTED),
        label=f"seek:{gap[:60]}",
    )
    return reply and [{**event, "source": files[event["number"] - 1]} for event in reply["events"]]


def stands(event, logs):
    """Whether the words that an agent quotes stand in that line."""
    return any(event["quote"] in text for text in logs[event["source"]][event["line"] - 1 : event["line"]])


async def main(args):
    there = dedup(args.get("files") or await tool("list_files") or [])
    texts = await parallel([tool("read_file", path=file) for file in there[:MOST]])
    logs = {file: text.splitlines() for file, text in zip(there, texts) if text is not None}
    understood(len(logs), len(there), what="logs", hint=f"{MOST} at most are read, and none that is no text")
    kinds = kinds_of(logs)
    phase("Mine")
    shown = kinds if len(kinds) <= KINDS else kinds[: KINDS // 2] + kinds[-KINDS // 2 :]  # the rarest, the commonest
    understood(len(shown), len(kinds), what="kinds of lines", hint=f"the {KINDS} rarest and commonest are shown")
    mined = await parallel([mine(shown[at : at + BATCH], args["purpose"]) for at in range(0, len(shown), BATCH)])
    events, unproved, not_sought, lost = [e for found in mined if found for e in found], [], [], mined.count(None)

    asked = Seen(key=str.casefold)
    rounds = until_dry(max_rounds=3, patience=1)
    for round in rounds:
        phase(f"What is missing, round {round.number}")
        said = await critique([f"{e['event']} ({e['source']}:{e['line']})" for e in events], f"{args['purpose']}?")
        gaps = asked.add(said["missing"]) if said else []
        sought = await parallel([seek(gap, list(logs)) for gap in gaps[:GAPS]])
        fresh = [event for found in sought if found for event in found]
        round.found(fresh)
        events += [event for event in fresh if stands(event, logs)]
        unproved += [event for event in fresh if not stands(event, logs)]
        not_sought += [gap for gap, found in zip(gaps, sought) if found is None] + gaps[GAPS:]
        lost += sought.count(None) + (said is None)
    return {
        "events": sorted(events, key=lambda event: SEVERITIES.index(event["severity"])),
        "unproved": unproved,
        "not_sought": not_sought,
        "lost": lost,
        "ended": rounds.ended,
        "lines": sum(len(lines) for lines in logs.values()),
        "kinds": len(kinds),
        "kinds_not_shown": len(kinds) - len(shown),
        "not_read": [file for file in there if file not in logs],
    }
