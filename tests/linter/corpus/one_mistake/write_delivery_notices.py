"""Write delivery notices for parcels that are late, short enough for a text message."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {
        "parcels": {"type": "array", "items": {"type": "string"}, "maxItems": 40},
        "limit": {"type": "integer", "default": 160},
    },
    "required": ["parcels"],
}


async def main(args):
    async def notice(parcel):
        return await agent(f"Parcel {parcel} is late. Write the notice to the customer; say sorry once.", label=f"write:{parcel}")

    async def shorten(text, parcel):
        if len(text) <= args["limit"]:
            return text
        return await agent(
            f"Shorten the notice to {args['limit']} characters and keep the tracking number.", label=f"shorten:{parcel}"
        )

    texts = await pipeline(args["parcels"], notice, shorten)
    return {parcel: text for parcel, text in zip(args["parcels"], texts) if text}
