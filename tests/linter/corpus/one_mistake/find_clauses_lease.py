"""Find clauses in a lease that a court would strike down, until no new ones turn up."""

from weft.primitives import agent, dedup, parallel, phase, until_dry, verify

ARGS = {"type": "object", "properties": {"lease": {"type": "string"}}, "required": ["lease"]}
CLAUSES = {
    "type": "object",
    "properties": {
        "clauses": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"paragraph": {"type": "string"}, "statute": {"type": "string"}},
                "required": ["paragraph", "statute"],
            },
        }
    },
    "required": ["clauses"],
}
TOPICS = ["rent increases", "repairs", "termination"]
LENSES = ["the statute says so", "the clause really says that", "courts have decided it"]


def place(clause):
    return clause["paragraph"].strip(), clause["statute"].casefold()


async def main(args):
    void = {}
    for round in until_dry(max_rounds=4):
        phase(f"Round {round.number}")
        replies = await parallel(
            [agent(f"Round {round.number}: void clauses on {t} in {args['lease']}?", schema=CLAUSES) for t in TOPICS]
        )
        named = dedup([c for reply in replies if reply for c in reply["clauses"]], key=place)
        fresh = [clause for clause in named if place(clause) not in void]
        round.found(fresh)
        verdicts = await parallel([verify(clause, lenses=LENSES, quorum=2) for clause in fresh])
        void.update({place(c): c for c, v in zip(fresh, verdicts) if v and v["survives"]})
    return list(void.values())
