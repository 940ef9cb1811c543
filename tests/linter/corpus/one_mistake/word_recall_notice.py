"""Word a recall notice so that the legal reviewer lets it pass."""

from weft.primitives import agent, phase

ARGS = {"type": "object", "properties": {"product": {"type": "string"}, "defect": {"type": "string"}}, "required": ["product", "defect"]}
REVIEW = {
    "type": "object",
    "properties": {"state": {"enum": ["pass", "redo", "unsure"]}, "remark": {"type": "string"}},
    "required": ["state", "remark"],
}


async def main(args):
    remark, attempt, text = "none yet", 0, None
    while attempt < 4:
        phase(f"Attempt {attempt + 1}")
        text = await agent(f"Write the recall notice for {args['product']} ({args['defect']}). Remark of the reviewer: {remark}", critical=True)
        review = await agent(f"You review recall notices. Judge this one:\n<notice>{text}</notice>", schema=REVIEW, critical=True)
        match review["state"]:
            case "pass":
                return {"notice": text, "passed": True}
            case "redo":
                remark = review["remark"]
                attempt += 1
            case _:
                remark = f"The reviewer was unsure: {review['remark']}"
    return {"notice": text, "passed": False}
