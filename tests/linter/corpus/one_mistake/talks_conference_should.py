"""Which talks of the conference should not run at the same time?"""

from weft.primitives import agent, log, parallel

ARGS = {"type": "object", "properties": {"programme": {"type": "string"}}, "required": ["programme"]}
TALKS = {
    "type": "object",
    "properties": {"talks": {"type": "array", "maxItems": 30, "items": {"type": "string"}}},
    "required": ["talks"],
}
CLASH = {
    "type": "object",
    "properties": {"same_audience": {"type": "boolean"}},
    "required": ["same_audience"],
}


def compare(left, right):
    return agent(f"Would the same people attend '{left}' and '{right}'?", schema=CLASH)


async def main(args):
    listing = await agent(f"Titles of all talks in {args['programme']}", schema=TALKS)
    if not listing:
        return {"clashes": []}
    talks = listing["talks"]
    pairs, jobs = [], []
    for place, left in enumerate(talks):
        for right in talks[place + 1 :]:
            pairs.append([left, right])
            jobs.append(compare(left, right))
    log(f"{len(jobs)} pairs of {len(talks)} talks")
    answers = await parallel(jobs)
    return {"clashes": [pair for pair, answer in zip(pairs, answers) if answer and answer["same_audience"]]}
