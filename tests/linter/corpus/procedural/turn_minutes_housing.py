"""Turn the minutes of a housing co-operative's meetings into a list of promises, each with its owner and its state."""
from weft.primitives import agent, log, parallel, phase

META = {"name": "coop-promises", "description": "Promises in meeting minutes with their state"}
ARGS = {
    "type": "object",
    "properties": {
        "minutes": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 24},
        "ledger": {"type": "string"},
    },
    "required": ["minutes", "ledger"],
}
CLEANED = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
PROMISES = {
    "type": "object",
    "properties": {
        "promises": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"owner": {"type": "string"}, "promise": {"type": "string"}},
                "required": ["owner", "promise"],
            },
        }
    },
    "required": ["promises"],
}
STATE = {
    "type": "object",
    "properties": {"state": {"type": "string", "enum": ["kept", "open", "broken"]}, "proof": {"type": "string"}},
    "required": ["state", "proof"],
}


async def main(args):
    phase("Clean the minutes")
    cleaned = await parallel([agent(f"Write out {path} without small talk.", schema=CLEANED, label=f"clean:{path}") for path in args["minutes"]])

    texts = {}
    for i, reply in enumerate(cleaned):
        if reply:
            texts[args["minutes"][i]] = reply["text"]
        else:
            log(f"could not read {args['minutes'][i]}")

    phase("Extract promises")
    paths = list(texts)
    extracted = await parallel([agent(f"List what somebody promised in these minutes:\n{texts[path]}", schema=PROMISES, label=f"promises:{path}") for path in paths])

    flat = []
    for path, reply in zip(paths, extracted):
        if reply is None:
            continue
        for promise in reply["promises"]:
            flat.append({"meeting": path, "owner": promise["owner"], "promise": promise["promise"]})

    phase("Look up the state")
    states = await parallel([agent(f"Does {args['ledger']} show that {p['owner']} kept this: {p['promise']}?", schema=STATE, label=f"state:{p['owner']}") for p in flat])

    by_owner = {}
    totals = {"kept": 0, "open": 0, "broken": 0}
    unknown = []
    for promise, state in zip(flat, states):
        if state is None:
            unknown.append(promise)
            continue
        totals[state["state"]] += 1
        bucket = by_owner.setdefault(promise["owner"], [])
        bucket.append({"promise": promise["promise"], "meeting": promise["meeting"], "state": state["state"], "proof": state["proof"]})

    late = {}
    for owner in sorted(by_owner):
        rows = [row for row in by_owner[owner] if row["state"] != "kept"]
        if rows:
            late[owner] = rows
    return {"totals": totals, "late": late, "unknown": unknown}
