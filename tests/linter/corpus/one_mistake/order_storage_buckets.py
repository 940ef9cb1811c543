"""Order the storage buckets by how much the public can read."""

from operator import itemgetter

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"buckets": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 16}},
    "required": ["buckets"],
}
ACCESS = {
    "type": "object",
    "properties": {
        "bucket": {"type": "string"},
        "public": {
            "type": "object",
            "properties": {"objects": {"type": "integer"}, "gigabytes": {"type": "number"}},
            "required": ["objects", "gigabytes"],
        },
    },
    "required": ["bucket", "public"],
}


async def main(args):
    looked = await parallel([agent(f"What of bucket {b} can be read without signing in?", schema=ACCESS) for b in args["buckets"]])
    exposure = [{"bucket": a["bucket"], **a["public"]} for a in looked if a]
    exposure.sort(key=itemgetter("object_count"), reverse=True)
    top = [f"{e['bucket']} ({e['gigabytes']:.1f} GB)" for e in exposure[:5]]
    advice = await agent(f"Suggest a bucket policy for each of: {'; '.join(top)}")
    return {"order": [e["bucket"] for e in exposure], "advice": advice}
