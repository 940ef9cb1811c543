"""What did people write in their diaries on the day of the eclipse?"""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"diaries": {"type": "array", "items": {"type": "string"}, "maxItems": 36}},
    "required": ["diaries"],
}
REVIEW = {
    "type": "object",
    "properties": {"complete": {"type": "boolean"}, "wish": {"type": "string"}},
    "required": ["complete", "wish"],
}


async def main(args):
    texts = await parallel([agent(f"Copy out what the diary {d} says about the eclipse.", label=d) for d in args["diaries"]])
    body = ""
    for diary, text in zip(args["diaries"], texts):
        if text:
            body += f"== {diary} ==\n{text}\n"
    essay = await agent("Write an essay of 800 words from these diary entries.\n" + body, label="essay")
    while essay:
        review = await agent(f"Does every paragraph of this essay name the diary it rests on?\n<essay>{essay}</essay>", schema=REVIEW)
        if review is not None and review["complete"]:
            break
        wish = review["wish"] if review else "name the diary in each paragraph"
        essay = await agent(f"Revise the essay so: {wish}\n<essay>{essay}</essay>", tools=[], label="revise")
    return {"essay": essay, "silent": [d for d, t in zip(args["diaries"], texts) if not t]}
