"""Incident 4471: collect every plausible cause of the checkout outage from four kinds of evidence."""

from weft.primitives import Seen, agent, log, parallel, until_dry

EVIDENCE = ("deploy log", "database metrics", "load balancer log", "feature flag history")
CAUSES = {
    "type": "object",
    "properties": {
        "causes": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"component": {"type": "string"}, "change_id": {"type": "string"}},
                "required": ["component", "change_id"],
            },
        }
    },
    "required": ["causes"],
}


def gather(replies):
    return [cause for reply in replies if reply for cause in reply["causes"]]


async def main(args):
    seen = Seen(key=lambda c: (c["component"], c["change_id"]))
    board = []
    for sweep in until_dry(max_rounds=6, patience=1):
        replies = await parallel(
            [agent(f"Look at the {e} of incident 4471 and list candidate causes.", schema=CAUSES, label=e) for e in EVIDENCE]
        )
        listed = gather(replies)
        fresh = seen.add(listed)
        board.extend(fresh)
        log(f"sweep {sweep.number}: {len(fresh)} new of {len(listed)}")
        sweep.found(listed)
    return sorted(board, key=lambda c: (c["component"], c["change_id"]))
