"""Harden our Helm charts."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"charts": {"type": "array", "items": {"type": "string"}, "maxItems": 12}},
    "required": ["charts"],
}
DONE = {
    "type": "object",
    "properties": {"changed": {"type": "boolean"}, "summary": {"type": "string"}},
    "required": ["changed", "summary"],
}


def harden(instruction):
    def start(chart):
        return agent(f"In the chart {chart}: {instruction} Apply it in place.", schema=DONE, tools=["read", "edit"])

    return start


MEASURES = {
    "root": harden("set runAsNonRoot and drop all capabilities."),
    "network": harden("add a default-deny NetworkPolicy."),
    "limits": harden("add memory and cpu limits to each container."),
    "images": harden("pin each image by digest."),
}


async def main(args):
    jobs = [(chart, name, MEASURES[name](chart)) for chart in args["charts"] for name in sorted(MEASURES)]
    outcomes = await parallel([job for _, _, job in jobs])
    return {
        "done": [{"chart": c, "measure": n, "summary": o["summary"]} for (c, n, _), o in zip(jobs, outcomes) if o and o["changed"]]
    }
