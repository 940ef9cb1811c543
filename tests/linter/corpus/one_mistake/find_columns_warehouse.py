"""Find columns of the warehouse whose meaning differs between tables, table by table."""

from collections import defaultdict
from itertools import groupby
from operator import itemgetter

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"tables": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 50}},
    "required": ["tables"],
}
COLUMNS = {
    "type": "object",
    "properties": {
        "columns": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "meaning": {"type": "string", "maxLength": 200}},
                "required": ["name", "meaning"],
            },
        }
    },
    "required": ["columns"],
}
DIFFERENCE = {
    "type": "object",
    "properties": {"differs": {"type": "boolean"}, "how": {"type": "string", "maxLength": 300}},
    "required": ["differs", "how"],
}


async def main(args):
    phase("Profile")
    replies = await parallel([agent(f"What do the columns of {table} mean?", schema=COLUMNS, label=table) for table in args["tables"]])
    rows = [
        {"table": table, "name": column["name"], "meaning": column["meaning"]}
        for table, reply in zip(args["tables"], replies)
        if reply
        for column in reply["columns"]
    ]
    phase("Compare")
    conflicts = defaultdict(list)
    for name, group in groupby(rows, key=itemgetter("name")):
        members = list(group)
        if len(members) < 2:
            continue
        told = "\n".join(f"{member['table']}: {member['meaning']}" for member in members)
        verdict = await agent(f"Do these meanings of column {name} differ?\n{told}", schema=DIFFERENCE, tools=[], label=name)
        if verdict and verdict["differs"]:
            conflicts[name].append(verdict["how"])
    log(f"{len(conflicts)} conflicts")
    return {"conflicts": dict(conflicts)}
