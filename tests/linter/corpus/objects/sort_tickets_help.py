"""Sort the tickets of the help desk and give each to the specialist for its kind."""

from weft.primitives import agent, pipeline, route

ARGS = {
    "type": "object",
    "properties": {"tickets": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 100}},
    "required": ["tickets"],
}
KIND = {
    "type": "object",
    "properties": {"kind": {"enum": ["network", "account", "hardware"]}},
    "required": ["kind"],
}


class Specialists:
    """Who answers what; each is registered under the kind that the sorter may give."""

    def __init__(self):
        self.known = {}

    def register(self, kind, duty):
        def answer(ticket):
            return agent(f"{duty} Answer this ticket:\n\n{ticket['text']}", label=f"{kind}:{ticket['number']}")

        self.known[kind] = answer
        return self

    async def sort(self, text, _, number):
        reply = await agent(
            f"Which kind of ticket is this?\n\n{text}", schema=KIND, tools=[], effort="low", label=f"sort:{number}"
        )
        return {"number": number, "text": text, "kind": reply["kind"]} if reply else None


async def main(args):
    desk = (
        Specialists()
        .register("network", "You keep the network running.")
        .register("account", "You look after accounts and rights.")
        .register("hardware", "You repair devices.")
    )
    sorted_out = [ticket for ticket in await pipeline(args["tickets"], desk.sort) if ticket]
    answers = await route(sorted_out, by="kind", handlers=desk.known)
    return [{"number": t["number"], "kind": t["kind"], "answer": a} for t, a in zip(sorted_out, answers)]
