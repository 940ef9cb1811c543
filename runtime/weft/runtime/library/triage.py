"""Triage messages: what is each about, and what is to be done? Sorts them, and hands each kind to whom it concerns.

Use it on an inbox, an issue tracker's export or a support queue, with the code and documents at hand that it is about.

Not for one message, and not to answer people unread: what comes out is for somebody who answers them. Where the one who
looks closer does not agree with the first sorting, the message is disputed, and a person decides.
"""

from weft.primitives import agent, dedup, parallel, phase, route, tool, understood

ARGS = {
    "type": "object",
    "properties": {
        "files": {
            "type": "array",
            "description": "The messages, one in each file; all files that are there without them",
            "items": {"type": "string"},
            "minItems": 1,
        },
    },
}

MOST = 200

SORTED = {
    "type": "object",
    "properties": {
        "kind": {
            "type": "string",
            "enum": ["bug", "question", "request", "other"],
            "description": "bug: something does not do what it should; question: somebody wants to know something; "
            "request: somebody wants something new; other: anything else, and what you are not sure of",
        },
        "urgent": {
            "type": "boolean",
            "description": "Whether somebody cannot work, or loses money or data, until then",
        },
        "summary": {"type": "string", "description": "One sentence"},
    },
    "required": ["kind", "urgent", "summary"],
}

HANDLED = {
    "type": "object",
    "properties": {
        "fits": {"type": "boolean", "description": "Whether the message is of the kind that it was sorted into"},
        "next": {"type": "string", "description": "What is to be done, for somebody who has not read the message"},
        "source": {"type": "string", "description": "The file and line that it rests on; empty where there is none"},
    },
    "required": ["fits", "next", "source"],
}


async def sort(file):
    """Return a message with its kind; `None` where the agent is lost."""
    reply = await agent(f"Read {file}, which is a message to us. What kind is it?", schema=SORTED, label=f"sort:{file}")
    return reply and {"file": file, **reply}


async def handle(message, task):
    """Let one agent look closer, who may find that the message is of another kind; `None` where it is lost."""
    reply = await agent(
        f"The message in {message['file']} was sorted as a {message['kind']}. Read it whole. {task} "
        "If it is of another kind, say so and do no more.",
        schema=HANDLED,
        label=f"{message['kind']}:{message['file']}",
    )
    return reply and {**message, **reply}


async def find_cause(message):
    return await handle(message, "Find the place in the code that does it, and what would mend it.")


async def answer(message):
    return await handle(message, "Answer it from the documents, or say that they do not.")


async def look_up(message):
    return await handle(message, "Is it there already, planned, or asked for by others? What would it take?")


async def leave(message):
    return {**message, "fits": True, "next": "a person reads it", "source": ""}


async def main(args):
    there = dedup(args.get("files") or await tool("list_files") or [])
    files = there[:MOST]
    understood(len(files), len(there), hint=f"{MOST} at most are looked at: name those that count")
    phase("Sort")
    looked = await parallel([sort(file) for file in files])
    messages = [message for message in looked if message]

    phase("Look closer")
    handlers = {"bug": find_cause, "question": answer, "request": look_up, "other": leave}
    handled = await route(messages, by="kind", handlers=handlers)
    done = sorted([one for one in handled if one], key=lambda one: not one["urgent"])
    return {
        **{kind: [one for one in done if one["kind"] == kind and one["fits"]] for kind in handlers},
        "disputed": [one for one in done if not one["fits"]],
        "sorted_only": [message for message, one in zip(messages, handled) if one is None],
        "not_sorted": [file for file, message in zip(files, looked) if message is None],
        "files_left_out": len(there) - len(files),
    }
