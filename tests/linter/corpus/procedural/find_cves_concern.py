"""Find the CVEs that concern a hospital's device list, and say which must be patched this week."""
from weft.primitives import agent, log, parallel, phase, pipeline, verify

META = {"name": "device-cves", "description": "CVEs in a hospital's devices, by urgency"}
ARGS = {
    "type": "object",
    "properties": {"devices": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 30}},
    "required": ["devices"],
}
CVES = {
    "type": "object",
    "properties": {
        "cves": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"id": {"type": "string"}, "score": {"type": "number"}, "why": {"type": "string"}},
                "required": ["id", "score", "why"],
            },
        }
    },
    "required": ["cves"],
}


async def check(row):
    verdict = await verify(row, lenses=["the CVE names this device", "the firmware is in the affected range", "it can be reached from the ward network"], quorum=4)
    return row if verdict["survives"] else None


async def main(args):
    phase("Search")
    replies = await parallel([agent(f"Which CVEs concern the device {device}?", schema=CVES, label=f"search:{device}") for device in args["devices"]])
    rows = []
    silent = []
    for device, reply in zip(args["devices"], replies):
        if reply is None:
            silent.append(device)
            continue
        for cve in reply["cves"]:
            rows.append({"device": device, "id": cve["id"], "score": cve["score"], "why": cve["why"]})

    phase("Context")
    background = await agent("Which attacks on hospital devices were reported this year? Ten lines.", label="background")
    by_id = {}
    for row in rows:
        by_id.setdefault(row["id"], []).append(row["device"])

    phase("Prune")
    severe = []
    minor = []
    for row in rows:
        if row["score"] >= 7.0:
            severe.append(row)
        else:
            minor.append(row)
    severe.sort(key=lambda row: (-row["score"], row["id"], row["device"]))
    severe = severe[:20]
    log(f"{len(severe)} severe, {len(minor)} minor")

    phase("Check")
    checked = await pipeline(severe, check)
    sure = [row for row in checked if row is not None]

    phase("Order")
    urgent = {}
    for row in sure:
        entry = urgent.setdefault(row["device"], {"cves": [], "worst": 0.0})
        entry["cves"].append(row["id"])
        if row["score"] > entry["worst"]:
            entry["worst"] = row["score"]
    order = sorted(urgent, key=lambda device: (-urgent[device]["worst"], device))
    shared = {cve: devices for cve, devices in by_id.items() if len(devices) > 1}
    return {"this_week": [{"device": d, "cves": urgent[d]["cves"]} for d in order], "shared": shared, "minor": len(minor), "silent": silent}
