"""Number the objections in a public consultation, so that answers can refer to them."""

from weft.primitives import agent, log, phase, pipeline

META = {"name": "consultation", "description": "Read submissions, number the objections, answer each"}

ARGS = {
    "type": "object",
    "properties": {"submissions": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 35}},
    "required": ["submissions"],
}

OBJECTION = {
    "type": "object",
    "properties": {
        "objection": {"type": "string"},
        "paragraph": {"type": "string"},
    },
    "required": ["objection", "paragraph"],
}

ANSWER = {
    "type": "object",
    "properties": {
        "answer": {"type": "string", "maxLength": 1200},
        "accepted": {"type": "boolean"},
    },
    "required": ["answer", "accepted"],
}


async def main(args):
    last_number = 0

    async def read(submission):
        nonlocal last_number
        found = await agent(
            f"What is the main objection in the submission {submission}, and to which paragraph of the plan?",
            schema=OBJECTION,
            label=f"read:{submission}",
        )
        if found is None:
            return None
        last_number += 1
        return {"number": last_number, "from": submission, **found}

    async def answer(objection):
        reply = await agent(
            f"Draft the planning office's answer to objection no. {objection['number']}.\n"
            f"It is against {objection['paragraph']}: {objection['objection']}",
            schema=ANSWER,
            label=f"answer:{objection['from']}",
        )
        if reply is None:
            return {**objection, "answer": None, "accepted": None}
        return {**objection, **reply}

    phase("Read and answer")
    rows = await pipeline(args["submissions"], read, answer)

    done = []
    for row in rows:
        if row is not None:
            done.append(row)
    done.sort(key=lambda row: row["number"])
    log(f"{len(done)} objections numbered, {len(rows) - len(done)} submissions without")
    return {
        "objections": done,
        "unanswered": [row["number"] for row in done if row["answer"] is None],
        "accepted": [row["number"] for row in done if row["accepted"]],
    }
