"""Which of the grant applications meet the formal rules? Three readers look for reasons to turn one down."""

from weft.primitives import agent, log, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"applications": {"type": "array", "maxItems": 30, "items": {"type": "string"}}},
    "required": ["applications"],
}
READERS = ["eligibility of the applicant", "the budget table", "deadlines and signatures"]
VOTE = {
    "type": "object",
    "properties": {"reject": {"type": "boolean"}, "rule": {"type": "string"}},
    "required": ["reject", "rule"],
}


async def admit(path):
    votes = await parallel(
        [agent(f"Look only at {reader}. Does {path} break a formal rule?", schema=VOTE, label=f"{path}: {reader}") for reader in READERS]
    )
    valid = [vote for vote in votes if vote]
    against = [vote["rule"] for vote in valid if vote["reject"]]
    log(f"{path}: {len(against)} of {len(valid)} against")
    if len(against) >= 2:
        return {"path": path, "admitted": False, "rules": against}
    return {"path": path, "admitted": True, "rules": against}


async def main(args):
    rows = [row for row in await pipeline(args["applications"], admit) if row]
    return {
        "admitted": [row["path"] for row in rows if row["admitted"]],
        "rejected": {row["path"]: row["rules"] for row in rows if not row["admitted"]},
    }
