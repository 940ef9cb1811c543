"""Find exposed admin panels on our own domains, until two sweeps in a row bring nothing."""

from weft.primitives import Seen, agent, parallel

ARGS = {"type": "object", "properties": {"domain": {"type": "string"}}, "required": ["domain"]}
PANELS = {
    "type": "object",
    "properties": {"urls": {"type": "array", "maxItems": 10, "items": {"type": "string"}}},
    "required": ["urls"],
}


async def main(args):
    seen, panels = Seen(key=lambda u: u.rstrip("/").lower()), []
    quiet = sweeps = 0
    while quiet < 2 and sweeps < 9:
        sweeps += 1
        known = ", ".join(panels[-20:])
        replies = await parallel(
            [
                agent(f"Sweep {sweeps}: list admin panels under {args['domain']} from {how}, none of: {known}", schema=PANELS)
                for how in ("certificate transparency logs", "archived crawls")
            ]
        )
        new = seen.add(u for r in replies if r for u in r["urls"])
        if new:
            quiet = 0
            panels.extend(new)
            continue
        quiet += 1
    return {"panels": sorted(panels), "sweeps": sweeps}
