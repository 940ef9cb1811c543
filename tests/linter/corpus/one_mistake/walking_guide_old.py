"""A walking guide of the old town, long enough to fill the booklet."""

from weft.primitives import agent, log, phase

ARGS = {"type": "object", "properties": {"town": {"type": "string"}}, "required": ["town"]}
STOP = {
    "type": "object",
    "properties": {"street": {"type": "string"}, "text": {"type": "string"}},
    "required": ["street", "text"],
}
BOOKLET = 3000


def words(stops):
    return sum(len(stop["text"].split()) for stop in stops)


async def next_stop(town, done):
    last = done[-1]["street"] if done else "the station"
    stop = await agent(f"Describe one more stop of a walk through {town}; the walker stands at {last}.", schema=STOP)
    return [stop] if stop else []


async def main(args):
    phase("Walk")
    stops = []
    while (have := words(stops)) < BOOKLET:
        log(f"{have} of {BOOKLET} words")
        stops.extend(await next_stop(args["town"], stops))
    return {"stops": [stop["street"] for stop in stops], "text": "\n\n".join(stop["text"] for stop in stops)}
