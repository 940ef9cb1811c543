"""Page through the vendor's support forum and collect the threads about failed firmware updates."""

from weft.primitives import agent, log

ARGS = {
    "type": "object",
    "properties": {"forum": {"type": "string"}, "user": {"type": "string"}, "password": {"type": "string"}},
    "required": ["forum", "user", "password"],
}
PAGE = {
    "type": "object",
    "properties": {"threads": {"type": "array", "maxItems": 25, "items": {"type": "string"}}, "lastPage": {"type": "boolean"}},
    "required": ["threads", "lastPage"],
}


async def main(args):
    login = f"{args['user']} / {args['password']}"
    pageNo = 1
    maxPages = 15
    threads = []
    while pageNo <= maxPages:
        page = await agent(f"Log in to {args['forum']} ({login}), open page {pageNo}, list threads about failed firmware updates.", schema=PAGE)
        if not page:
            log(f"page {pageNo} failed")
            continue
        threads.extend(page["threads"])
        if page["lastPage"]:
            break
        pageNo += 1
    return {"pages": pageNo, "threads": threads}
