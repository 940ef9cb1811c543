"""Hand the changed files of a pull request to our four reviewers, one file each, the riskiest first."""

from itertools import islice

from weft.primitives import agent, log, parallel, phase

ARGS = {"type": "object", "properties": {"pull": {"type": "integer"}}, "required": ["pull"]}
REVIEWERS = {
    "ana": "memory and lifetimes",
    "bor": "error paths",
    "cene": "naming and public interface",
    "dora": "tests",
}
FILES = {
    "type": "object",
    "properties": {"files": {"type": "array", "items": {"type": "string"}}, "docs": {"type": "array", "items": {"type": "string"}}},
    "required": ["files", "docs"],
}
NOTE = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}, "note": {"type": "string", "maxLength": 400}},
    "required": ["ok", "note"],
}


async def main(args):
    phase("List")
    changed = await agent(f"List the files of pull request {args['pull']}, the riskiest first.", schema=FILES)
    if changed is None:
        return {"notes": {}, "left": None}
    shares = list(zip(REVIEWERS.items(), changed["files"]))
    phase("Review")
    reviews = [agent(f"Review {path} with an eye on {eye}.", schema=NOTE, label=f"{name}: {path}") for (name, eye), path in shares]
    proofs = [agent(f"Proofread {path}.", schema=NOTE, label=path) for path in islice(changed["docs"], 3)]
    notes = await parallel(reviews + proofs)
    left = len(changed["files"]) - len(shares) + max(0, len(changed["docs"]) - 3)
    log(f"{left} files stay unread")
    return {"notes": [note for note in notes if note and not note["ok"]], "left": left}
