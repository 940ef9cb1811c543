"""Detect personal data in sample rows of each table, and again in those that changed."""

from weft.primitives import agent, dedup, log, parallel, phase, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"tables": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["tables"],
}
FIELDS = {
    "type": "object",
    "properties": {
        "fields": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {"table": {"type": "string"}, "column": {"type": "string"}, "reason": {"type": "string"}},
                "required": ["table", "column", "reason"],
            },
        }
    },
    "required": ["fields"],
}


def flatten(replies):
    return [field for reply in replies if reply for field in reply["fields"]]


async def confirm(field):
    verdict = await verify(field, lenses=["the column holds it", "it names a person"], quorum=2)
    return field if verdict["survives"] else None


async def main(args):
    phase("Scan")
    scans = {
        "names": await parallel([agent(f"Which columns of {table} hold names or addresses?", schema=FIELDS, label=f"names:{table}") for table in args["tables"]]),
        "ids": await parallel([agent(f"Which columns of {table} hold identity numbers?", schema=FIELDS, label=f"ids:{table}") for table in args["tables"]]),
    }
    fields = dedup(flatten(scans["names"]) + flatten(scans["ids"]), key=lambda field: field["reason"])
    log(f"{len(fields)} fields")
    phase("Confirm")
    return {"fields": [field for field in await pipeline(fields, confirm) if field]}
