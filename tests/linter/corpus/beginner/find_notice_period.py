"""Find the notice period in each rental contract and list the contracts with less than three months."""
from weft.primitives import agent, parallel, phase

META = {"name": "notice-periods", "description": "Short notice periods in rental contracts"}
ARGS = {
    "type": "object",
    "properties": {"contracts": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 60}},
    "required": ["contracts"],
}
NOTICE = {
    "type": "object",
    "properties": {"months": {"type": "number"}, "quote": {"type": "string"}},
    "required": ["months", "quote"],
}


async def main(args):
    phase("Read")
    contracts = args["contracts"]
    jobs = []
    for i in range(len(contracts)):
        jobs.append(agent(f"What notice period does {contracts[i]} give the tenant? Quote the sentence.", schema=NOTICE, label=f"notice:{i}"))
    answers = await parallel(jobs)

    short = []
    fine = []
    unread = []
    for i in range(len(answers)):
        try:
            if answers[i]["months"] < 3:
                short.append({"contract": contracts[i], "months": answers[i]["months"], "quote": answers[i]["quote"]})
            else:
                fine.append(contracts[i])
        except TypeError:
            unread.append(contracts[i])
    return {"short": short, "fine": fine, "unread": unread}
