"""Compare what six headless browsers report for our checkout page and let each outlier be explained."""

from weft.primitives import agent, parallel, phase

ARGS = {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]}

BROWSERS = ["chromium", "firefox", "webkit", "edge", "samsung", "opera"]
TIMING = {
    "type": "object",
    "properties": {"browser": {"type": "string"}, "lcpMs": {"type": "integer"}, "slowest": {"type": "string"}},
    "required": ["browser", "lcpMs", "slowest"],
}


async def main(args):
    url = args["url"]
    phase("measure")
    results = await parallel([agent(f"Open {url} in {b} and report the LCP in ms.", schema=TIMING) for b in BROWSERS])
    timings = list(filter(None, results))
    total = 0
    for t in timings:
        total += t["lcpMs"]
    average = total // max(1, len(timings))
    tasks = []
    for t in timings:
        if t["lcpMs"] > average * 2:
            tasks.append(agent(f"Explain why {t['browser']} needs {t['lcpMs']} ms for {url} (mean {average}); suspect {t['slowest']}."))
    phase("explain")
    explanations = await parallel(tasks)
    return {"average": average, "explanations": [e for e in explanations if e]}
