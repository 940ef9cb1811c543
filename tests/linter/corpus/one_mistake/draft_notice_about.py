"""Draft a notice about a water shut-off and polish it with a plain-language reviewer."""

from weft.primitives import agent, phase

ARGS = {
    "type": "object",
    "properties": {"street": {"type": "string"}, "hours": {"type": "string"}},
    "required": ["street", "hours"],
}
REVIEW = {
    "type": "object",
    "properties": {"ready": {"type": "boolean"}, "advice": {"type": "string"}},
    "required": ["ready", "advice"],
}


class Notice:
    def __init__(self, text):
        self.text = text
        self.versions = [text]

    async def review(self):
        return await agent(f"Would every tenant understand this? <<{self.text}>>", schema=REVIEW)

    async def improve(self, advice):
        better = await agent(f"Apply this advice: <<{advice}>> to the notice <<{self.text}>> and return the text.")
        if better:
            self.text = better
            self.versions.append(better)

    async def polish(self):
        while (review := await self.review()) and not review["ready"]:
            await self.improve(review["advice"])
        return self.text


async def main(args):
    phase("Draft")
    first = await agent(f"Notice: no water in {args['street']}, {args['hours']}.", critical=True)
    notice = Notice(first)
    phase("Polish")
    text = await notice.polish()
    return {"notice": text, "versions": len(notice.versions)}
