"""Maintain a register of broken cross references in a safety manual."""

from weft.primitives import agent, parallel, until_dry, verify

ARGS = {"type": "object", "required": ["manual"], "properties": {"manual": {"type": "string"}}}
REFERENCES = {
    "type": "object",
    "required": ["references"],
    "properties": {
        "references": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "required": ["page", "target"],
                "properties": {"page": {"type": "integer"}, "target": {"type": "string", "maxLength": 30}},
            },
        }
    },
}


class Register:
    def __init__(self):
        self.known = {}
        self.confirmed = []

    def admit(self, candidates):
        admitted = []
        for c in candidates:
            key = (c["page"], c["target"].strip().casefold())
            if key not in self.known:
                self.known[key] = c
                admitted.append(c)
        return admitted

    def confirm(self, candidate, verdict):
        if verdict is not None and verdict["survives"]:
            self.confirmed.append(candidate)

    def pages(self):
        return ", ".join(str(page) for page, _ in sorted(self.known)) or "none"


class Inspector:
    def __init__(self, manual, register):
        self.manual = manual
        self.register = register

    async def look(self):
        reply = await agent(
            f"List broken cross references in {self.manual}. Pages already dealt with: {self.register.pages()}",
            schema=REFERENCES,
        )
        return self.register.admit(reply["references"]) if reply else []

    async def settle(self, fresh):
        verdicts = await parallel([verify(c, lenses=["the page has it", "the target is gone", "no redirect"]) for c in fresh])
        for candidate, verdict in zip(fresh, verdicts):
            self.register.confirm(candidate, verdict)


async def main(args):
    register = Register()
    inspector = Inspector(args["manual"], register)
    for turn in until_dry(max_rounds=5, patience=2):
        fresh = await inspector.look()
        turn.found(fresh)
        await inspector.settle(fresh)
    return {"broken": register.confirmed, "seen": len(register.known)}
