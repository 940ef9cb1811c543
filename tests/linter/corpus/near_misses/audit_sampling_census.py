"""Audit the sampling of a census: strata that are too thin, with votes, and one retry for what was lost."""

from weft.primitives import agent, log, parallel, phase, sample, verify

ARGS = {
    "type": "object",
    "properties": {"strata": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 100}},
    "required": ["strata"],
}
THIN = {
    "type": "object",
    "properties": {"thin": {"type": "boolean"}, "households": {"type": "integer"}, "source": {"type": "string"}},
    "required": ["thin", "households", "source"],
}


def question(stratum, again=False):
    return agent(f"How many households were sampled in {stratum}, and is that too thin?", schema=THIN, label=f"{'again' if again else 'read'}:{stratum}")


async def main(args):
    strata = sample(args["strata"], min(20, len(args["strata"])), seed=7)
    phase("Read")
    replies = dict(zip(strata, await parallel([question(stratum) for stratum in strata])))
    lost = [stratum for stratum, reply in replies.items() if reply is None]
    if len(lost) > len(strata) // 2:
        return {"error": "more than half of the strata could not be read", "lost": lost}
    if lost:
        phase("Read again")
        replies.update(zip(lost, await parallel([question(stratum, again=True) for stratum in lost])))
    thin = [{"stratum": stratum, **reply} for stratum, reply in replies.items() if reply and reply["thin"]]
    phase("Verify")
    verdicts = await parallel([verify(row, lenses=["the count is right", "the threshold is right", "the stratum exists"], quorum=2, veto=False) for row in thin])
    kept = [row for row, verdict in zip(thin, verdicts) if verdict and verdict["survives"]]
    log(f"{len(kept)} of {len(thin)} thin strata hold up")
    return {"thin": kept, "unread": [stratum for stratum, reply in replies.items() if reply is None], "not_sampled": len(args["strata"]) - len(strata)}
