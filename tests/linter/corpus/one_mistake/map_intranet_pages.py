"""Map the intranet pages that mention the travel policy, nearest first."""

from heapq import heappop, heappush

from weft.primitives import agent, log

ARGS = {"type": "object", "properties": {"start": {"type": "string"}}, "required": ["start"]}
PAGE = {
    "type": "object",
    "properties": {
        "mentions": {"type": "boolean"},
        "links": {"type": "array", "maxItems": 20, "items": {"type": "string"}},
    },
    "required": ["mentions", "links"],
}


async def main(args):
    known = {args["start"]}
    heap = [(0, args["start"])]
    hits = []

    def plan(links, distance):
        for link in links:
            if link not in known:
                known.add(link)
                heappush(heap, (distance, link))

    while heap:
        distance, url = heappop(heap)
        page = await agent(f"Open {url}. Does it mention the travel policy? List its internal links.", schema=PAGE)
        if page is None:
            log(f"could not open {url}")
            continue
        if page["mentions"]:
            hits.append({"url": url, "distance": distance})
        plan(page["links"], distance + 1)
    return {"hits": hits, "pages": len(known)}
