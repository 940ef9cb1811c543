"""Trace delayed parcels and word a message to each recipient."""

from dataclasses import asdict, dataclass, field

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "required": ["parcels"],
    "properties": {"parcels": {"type": "array", "items": {"type": "string"}, "maxItems": 300}},
}
TRACE = {
    "type": "object",
    "required": ["status"],
    "properties": {
        "status": {"enum": ["moving", "held", "lost"]},
        "depot": {"type": "string"},
        "hours": {"type": "integer"},
    },
}


@dataclass
class Case:
    parcel: str
    status: str
    hours: int = 0
    notes: list = field(default_factory=list)
    message: str = ""


class Tracing:
    async def trace(self, parcel):
        found = await agent(f"Find parcel {parcel} in the scan log.", schema=TRACE)
        if found is None or found["status"] == "moving":
            return None
        case = Case(parcel, found["status"], found.get("hours", 0))
        if "depot" in found:
            case.notes.append(f"last seen in {found['depot']}")
        return case

    async def word(self, case):
        where = case.notes[0] if case.notes else "place unknown"
        case.message = await agent(f"Word a short apology: parcel {case.parcel} is {case.status}, {where}.") or ""
        return case


async def main(args):
    desk = Tracing()
    cases = await pipeline(args["parcels"], desk.trace, desk.word)
    rows = {parcel: asdict(case) for parcel, case in zip(args["parcels"], cases) if case is not None}
    return {"cases": rows, "unworded": sorted(p for p, row in rows.items() if not row["message"])}
