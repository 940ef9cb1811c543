"""Check the accessibility of our public web pages at three zoom levels and two contrast modes."""
from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {
        "urls": {"type": "array", "items": {"type": "string"}, "maxItems": 20},
        "staging_password": {"type": "string"},
    },
    "required": ["urls", "staging_password"],
}
REPORT = {
    "type": "object",
    "properties": {
        "url": {"type": "string"},
        "zoom": {"type": "integer"},
        "barriers": {"type": "array", "maxItems": 10, "items": {"type": "string"}},
    },
    "required": ["url", "zoom", "barriers"],
}
MODES = [(100, "normal"), (200, "normal"), (400, "high contrast")]


async def inspect(url, zoom, contrast, password):
    return await agent(
        f"Open {url} on staging (user web, password {password}) at {zoom} % zoom, {contrast} contrast. List what a user cannot reach.",
        schema=REPORT,
        label=f"{url}@{zoom}",
    )


async def main(args):
    password = args["staging_password"]
    phase("Inspect")
    tasks = []
    for url in args["urls"]:
        for zoom, contrast in MODES:
            tasks.append(lambda: inspect(url, zoom, contrast, password))
    log(f"{len(tasks)} inspections queued")
    reports = list(filter(None, await parallel(tasks)))

    pages = {}
    for report in reports:
        pages.setdefault(report["url"], []).append({"zoom": report["zoom"], "barriers": report["barriers"]})
    return {"pages": pages, "inspected": len(reports), "failed": len(tasks) - len(reports)}
