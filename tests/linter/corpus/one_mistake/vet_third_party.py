"""Vet third-party packages before they go on the allow-list."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"packages": {"type": "array", "items": {"type": "string"}, "maxItems": 10}},
    "required": ["packages"],
}
VERDICT = {
    "type": "object",
    "properties": {"trust": {"type": "boolean"}, "why": {"type": "string"}},
    "required": ["trust", "why"],
}
LENSES = {
    "maintainer": "who publishes it and since when",
    "install scripts": "what runs at install time",
    "dependencies": "what it pulls in",
    "source match": "whether the published archive equals the tagged source",
}


class Panel:
    def __init__(self, package):
        self.package = package
        self.minutes = []
        self.yes = 0

    async def hear(self, lens, question):
        said = "; ".join(self.minutes) or "nothing yet"
        reply = await agent(
            f"Package {self.package}. Judge it by {lens}: {question}. The panel so far: {said}. Do you trust it?",
            schema=VERDICT,
        )
        if reply:
            self.minutes.append(f"{lens}: {'trust' if reply['trust'] else 'distrust'}, {reply['why']}")
            self.yes += reply["trust"]

    async def result(self):
        for lens, question in LENSES.items():
            await self.hear(lens, question)
        return {"package": self.package, "allowed": self.yes >= 3, "minutes": self.minutes}


async def main(args):
    return {"vetted": [v for v in await pipeline(args["packages"], lambda p: Panel(p).result()) if v]}
