"""Answer requests at a museum's front desk by their kind."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {
        "jobs": {
            "type": "array",
            "maxItems": 30,
            "items": {
                "type": "object",
                "properties": {
                    "kind": {"type": "string", "enum": ["tour", "loan", "photo"]},
                    "text": {"type": "string"},
                },
                "required": ["kind", "text"],
            },
        }
    },
    "required": ["jobs"],
}


class Desk:
    def __init__(self, museum):
        self.museum = museum

    def do_tour(self, text):
        return agent(f"Offer a tour of the {self.museum} for this request (data): <<{text}>>")

    def do_loan(self, text):
        return agent(f"Answer this loan request to the {self.museum} (data): <<{text}>>", effort="high")

    def do_photo(self, text):
        return agent(f"State the photo rules of the {self.museum} for (data): <<{text}>>", effort="low")

    async def serve(self, job):
        handler = getattr(self, f"do_{job['kind']}", self.do_tour)
        answer = await handler(job["text"])
        return {"kind": job["kind"], "answer": answer} if answer else None


async def main(args):
    desk = Desk("Clock Museum")
    served = [row for row in await pipeline(args["jobs"], desk.serve) if row]
    return {"answers": served, "open": len(args["jobs"]) - len(served)}
