"""Charts for the yearly report; each is drawn only if there are numbers for it."""

from weft.primitives import agent, log, parallel

CHARTS = {"members": 12, "income": 12, "accidents": 0, "visitors": 52, "donations": 4}
CHART = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "svg": {"type": "string"}},
    "required": ["title", "svg"],
}


async def main(args):
    jobs = []
    for subject, points in CHARTS.items():
        if not points:
            log(f"{subject}: no numbers")
            continue

        async def draw():
            return await agent(f"Draw {subject} as a line chart with {points} points.", schema=CHART)

        jobs.append(draw)
    charts = await parallel(jobs)
    return {chart["title"]: chart["svg"] for chart in charts if chart}
