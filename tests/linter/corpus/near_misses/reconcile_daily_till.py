"""Reconcile daily till totals: explain each difference, first the largest; stop once the explained sum is enough."""
from heapq import nlargest
from itertools import accumulate

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"tills": {"type": "array", "items": {"type": "string"}, "maxItems": 60}, "enough_cents": {"type": "integer"}},
    "required": ["tills", "enough_cents"],
}
DIFFERENCE = {
    "type": "object",
    "properties": {"cents": {"type": "integer"}, "shift": {"type": "string"}},
    "required": ["cents", "shift"],
}
CAUSE = {
    "type": "object",
    "properties": {"cause": {"type": "string"}, "explained_cents": {"type": "integer"}},
    "required": ["cause", "explained_cents"],
}
AT_MOST = 10


async def main(args):
    phase("Differences")
    found = await parallel([
        agent(f"Compare the receipts of till {till} with its deposit: difference in cents and the shift.", schema=DIFFERENCE, label=till)
        for till in args["tills"]
    ])
    open_tills = [(till, d) for till, d in zip(args["tills"], found) if d and d["cents"]]
    largest = nlargest(AT_MOST, open_tills, key=lambda pair: (abs(pair[1]["cents"]), pair[0]))

    phase("Causes")
    causes, explained = [], 0
    for till, difference in largest:
        if explained >= args["enough_cents"]:
            break
        cause = await agent(
            f"Till {till} is off by {difference['cents']} cents on shift {difference['shift']}. "
            f"{explained} cents are explained elsewhere. What is the cause here?",
            schema=CAUSE,
            label=f"cause:{till}",
        )
        if cause:
            explained += abs(cause["explained_cents"])
            causes.append({"till": till, **cause})
    log(f"{explained} cents explained")
    running = list(accumulate(abs(c["explained_cents"]) for c in causes))
    return {"causes": causes, "running": running, "unexplained": [till for till, _ in open_tills if till not in {c["till"] for c in causes}]}
