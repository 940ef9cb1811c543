"""Sort the tickets of a hotel's help desk into departments and count them."""
from weft.primitives import agent, parallel, phase

META = {"name": "hotel-tickets", "description": "Hotel help desk tickets by department"}
ARGS = {
    "type": "object",
    "properties": {"tickets": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 100}},
    "required": ["tickets"],
}
DEPARTMENT = {
    "type": "object",
    "properties": {"department": {"type": "string", "enum": ["kitchen", "rooms", "front desk", "repairs"]}},
    "required": ["department"],
}


async def main(args):
    tickets = args["tickets"]
    jobs = []
    i = 0
    while i < len(tickets):
        prompt = "You sort the tickets of a hotel. Which department should take care of this ticket?"
        prompt = prompt + " Kitchen is everything about food and drink."
        jobs.append(agent(prompt, schema=DEPARTMENT, label="ticket " + tickets[i][:20]))
        i += 1
    phase("Sort")
    replies = await parallel(jobs)

    by_department = {}
    unsorted = []
    for i in range(len(replies)):
        if replies[i] is None:
            unsorted.append(tickets[i])
        else:
            name = replies[i]["department"]
            if name not in by_department:
                by_department[name] = []
            by_department[name].append(tickets[i])
    counts = {}
    for name in by_department:
        counts[name] = len(by_department[name])
    return {"departments": by_department, "counts": counts, "unsorted": unsorted}
