"""Merge objections that three departments raise against a draft contract."""
from weft.primitives import agent, dedup, parallel

META = {"name": "objections", "description": "One list of objections"}
ARGS = {"type": "object", "properties": {"draft": {"type": "string"}}, "required": ["draft"]}
OBJECTIONS = {"type": "object", "properties": {"rows": {"type": "array", "maxItems": 9, "items": {
    "type": "object", "properties": {"clause": {"type": "string"}, "rationale": {"type": "string"}, "party": {"type": "string"}},
    "required": ["clause", "rationale", "party"]}}}, "required": ["rows"]}


def fingerprint(row):
    where, said = row["clause"].strip(), row["rationale"].strip()
    return f"{where}|{said}".casefold()


async def main(args):
    desks = ("legal", "finance", "operations")
    replies = await parallel([agent(f"As {desk}, object to clauses of {args['draft']}.", schema=OBJECTIONS) for desk in desks])
    merged = dedup((row for reply in replies if reply for row in reply["rows"]), key=fingerprint)
    merged.sort(key=lambda row: row["clause"])
    return {"objections": merged}
