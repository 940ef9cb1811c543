"""Which grants can the theatre still apply for, the most urgent first?"""

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"theatre": {"type": "string"}}, "required": ["theatre"]}
GRANTS = {
    "type": "object",
    "properties": {
        "grants": {
            "type": "array",
            "maxItems": 15,
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "url": {"type": "string"},
                    "deadline": {"type": "string", "format": "date"},
                },
                "required": ["name", "url"],
            },
        }
    },
    "required": ["grants"],
}
FIT = {"type": "object", "properties": {"eligible": {"type": "boolean"}}, "required": ["eligible"]}


class Search:
    def __init__(self, theatre):
        self.theatre = theatre

    def urgency(self, grant):
        return grant["deadline"], grant["name"]

    async def run(self):
        listing = await agent(f"Grants open to {self.theatre}", schema=GRANTS)
        return sorted(listing["grants"], key=self.urgency) if listing else []

    def test(self, grant):
        return agent(f"May {self.theatre} apply for {grant['name']} ({grant['url']})?", schema=FIT)


async def main(args):
    search = Search(args["theatre"])
    grants = await search.run()
    fits = await parallel([search.test(g) for g in grants])
    return {"grants": [g for g, fit in zip(grants, fits) if fit and fit["eligible"]]}
