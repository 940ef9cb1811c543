"""Group the complaints of a water utility by supply zone and explain every zone that has at least four."""
from collections import defaultdict
from dataclasses import asdict, dataclass

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"letters": {"type": "array", "items": {"type": "string"}, "maxItems": 80}},
    "required": ["letters"],
}
COMPLAINT = {
    "type": "object",
    "properties": {
        "zone": {"enum": ["A", "B", "C", "D", "E", "F"]},
        "matter": {"enum": ["taste", "pressure", "colour", "bill", "leak"]},
        "since_days": {"type": "integer", "minimum": 0},
    },
    "required": ["zone", "matter", "since_days"],
}


@dataclass
class Complaint:
    letter: str
    zone: str
    matter: str
    since_days: int


async def read(letter):
    reply = await agent(f"Read the letter in {letter}: zone, matter, since how many days?", schema=COMPLAINT, label=letter)
    return Complaint(letter, reply["zone"], reply["matter"], reply["since_days"]) if reply else None


async def explain(zone, complaints):
    matters = sorted((c.since_days, c.matter) for c in complaints)[-10:]
    text = await agent(
        f"Zone {zone} has {len(complaints)} complaints. The longest standing: {matters}. Look into the works log for a cause.",
        label=f"zone:{zone}",
    )
    return {"zone": zone, "complaints": len(complaints), "explanation": text}


async def main(args):
    zones = defaultdict(list)
    replies = await parallel([read(letter) for letter in args["letters"]])
    for complaint in replies:
        if complaint is not None:
            zones[complaint.zone].append(complaint)
    busy = {zone: group for zone, group in sorted(zones.items()) if len(group) >= 4}
    log(f"{len(busy)} zones with four or more")
    explained = await parallel([explain(zone, group) for zone, group in busy.items()])
    return {
        "zones": [e for e in explained if e],
        "letters": [asdict(c) for c in replies if c is not None],
        "unread": sum(1 for c in replies if c is None),
    }
