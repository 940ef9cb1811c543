"""Profile the columns of a partner's data drop, two passes, and report per table."""
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from enum import Enum
from typing import NamedTuple

from weft.primitives import agent, log, pipeline

ARGS = {
    "type": "object",
    "properties": {"columns": {"type": "array", "items": {"type": "string"}, "maxItems": 120}},
    "required": ["columns"],
}
PROFILE = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["id", "measure", "date", "label"]},
        "nulls_percent": {"type": "number", "minimum": 0, "maximum": 100},
        "unit": {"type": ["string", "null"]},
    },
    "required": ["kind", "nulls_percent", "unit"],
}


class Grade(Enum):
    GOOD = "good"
    SPARSE = "sparse"
    EMPTY = "empty"


class Address(NamedTuple):
    table: str
    column: str


@dataclass
class Row:
    address: Address
    kind: str
    nulls: float
    grade: str


def split(name):
    table, _, column = name.rpartition(".")
    return Address(table or "unknown", column)


async def profile(address):
    reply = await agent(f"Profile column {address.column} of table {address.table}.", schema=PROFILE, label=f"{address.table}.{address.column}")
    if reply is None:
        return None
    grade = Grade.EMPTY if reply["nulls_percent"] == 100 else Grade.SPARSE if reply["nulls_percent"] > 40 else Grade.GOOD
    return Row(address, reply["kind"], reply["nulls_percent"], grade.value)


async def main(args):
    rows = [r for r in await pipeline(args["columns"], split, profile) if r]
    tables = defaultdict(Counter)
    for row in rows:
        tables[row.address.table][row.grade] += 1
    log(f"{len(rows)} columns in {len(tables)} tables")
    return {
        "tables": {table: dict(grades) for table, grades in sorted(tables.items())},
        "rows": [asdict(r) for r in sorted(rows, key=lambda r: r.address)],
    }
