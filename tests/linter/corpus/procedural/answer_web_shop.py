"""Answer the web shop's refund mails: read each one, decide, and book the refund where it is due."""
from weft.primitives import agent, budget, log, parallel, phase, tool

META = {"name": "refund-mails", "description": "Read refund mails and book refunds"}
ARGS = {
    "type": "object",
    "properties": {
        "mails": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 50},
        "shop_password": {"type": "string"},
    },
    "required": ["mails", "shop_password"],
}
BUDGET = {"usd": 4.0}
CASE = {
    "type": "object",
    "properties": {
        "order": {"type": "string"},
        "amount": {"type": "number"},
        "due": {"type": "boolean"},
    },
    "required": ["order", "amount", "due"],
}


async def main(args):
    phase("Fetch")
    texts = {}
    missing = []
    for i in range(len(args["mails"])):
        body = await tool("read_file", path=args["mails"][i])
        if body:
            texts[args["mails"][i]] = body
        else:
            missing.append(args["mails"][i])

    phase("Read")
    names = sorted(texts)
    cases = await parallel([agent(f"What does this mail ask for, and is a refund due?\n{texts[n]}", schema=CASE, tools=[], label=f"read:{n}") for n in names])

    phase("Sort")
    due = []
    not_due = []
    for n, case in zip(names, cases):
        if case is None:
            missing.append(n)
        elif case["due"]:
            due.append((n, case))
        else:
            not_due.append(n)
    due.sort(key=lambda pair: (pair[1]["amount"], pair[0]))

    phase("Book")
    booked = []
    open_cases = []
    for n, case in due:
        if budget.remaining("usd") < 2000:
            open_cases.append(n)
            continue
        done = await agent(
            f"Log in to the shop with the password {args['shop_password']} and book {case['amount']} for order {case['order']}. The customer wrote:\n{texts[n]}",
            tools=["http_request"],
            label=f"book:{case['order']}",
        )
        if done is None:
            open_cases.append(n)
        else:
            booked.append({"mail": n, "order": case["order"], "amount": case["amount"]})
    log(f"{len(booked)} booked, {len(open_cases)} open")

    total = 0.0
    for row in booked:
        total += row["amount"]
    return {"booked": booked, "total": total, "open": open_cases, "not_due": not_due, "missing": missing}
