"""Protocol for a small meta-analysis, from question to search strings."""

from dataclasses import dataclass, field

from weft.primitives import agent, parallel


@dataclass
class Protocol:
    question: str
    picos: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)

    def brief(self):
        return f"Question: {self.question}. " + " ".join(f"{k}: {v}." for k, v in self.picos.items())


ARGS = {"type": "object", "properties": {"question": {"type": "string"}}, "required": ["question"]}
PICO = {
    "type": "object",
    "properties": {k: {"type": "string"} for k in ("population", "intervention", "comparison", "outcome")},
    "required": ["population", "intervention", "comparison", "outcome"],
}
TERMS = {
    "type": "object",
    "properties": {"databases": {"type": "array", "maxItems": 9, "items": {"type": "string"}}},
    "required": ["databases"],
}


async def main(args):
    protocol = Protocol(args["question"])
    protocol.picos = await agent(f"State population, intervention, comparison, outcome for: {protocol.question}", schema=PICO, critical=True)
    where = await agent(f"Which databases index this literature? {protocol.brief()}", schema=TERMS)
    if not where:
        return {"protocol": protocol.brief(), "searches": {}}
    strings = await parallel([agent(f"Write the search string for {db}. {protocol.brief()}") for db in where["databases"]])
    searches = {db: s for db, s in zip(where["databases"], strings) if s}
    protocol.notes = sorted(searches)
    checklist = await agent(f"Which PRISMA items are still open? {protocol.brief()} Databases: {', '.join(protocol.notes)}")
    return {"protocol": protocol.brief(), "searches": searches, "open": checklist}
