"""Qualitative analysis of 24 farmer interviews: code book, then the analysis that the code book asks for."""

from weft.primitives import agent, log, parallel

N_INTERVIEWS = 24
PLAN = {
    "type": "object",
    "properties": {"instructions": {"type": "string"}, "n_codes": {"type": "integer"}},
    "required": ["instructions", "n_codes"],
}


async def main(args):
    memos = []
    raw = await parallel([agent(f"Write a one page memo on interview {i:02d} in transcripts/: drought, debt, succession.") for i in range(1, N_INTERVIEWS + 1)])
    for i in range(N_INTERVIEWS):
        if raw[i] is None:
            log(f"interview {i + 1} is missing")
        else:
            memos.append(f"## Interview {i + 1}\n{raw[i]}")
    if len(memos) < 20:
        return {"n": len(memos), "analysis": None}
    everything = "\n\n".join(memos)
    plan = await agent(f"Derive a code book from the memos and say how they are to be analysed.\n\n{everything}", schema=PLAN)
    if plan is None:
        return {"n": len(memos), "analysis": None}
    log(f"{plan['n_codes']} codes")
    analysis = await agent(plan["instructions"], label="analysis")
    return {"n": len(memos), "analysis": analysis}
