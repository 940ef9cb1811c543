"""Write a short obituary for each retired satellite and put them into one leaflet."""
from weft.primitives import agent, phase

META = {"name": "satellite-obituaries", "description": "A leaflet with an obituary per retired satellite"}
ARGS = {
    "type": "object",
    "properties": {"satellites": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 10}},
    "required": ["satellites"],
}


async def main(args):
    phase("Write")
    pieces = []
    for i in range(len(args["satellites"])):
        name = args["satellites"][i]
        piece = agent("Write an obituary of 80 words for the satellite " + name, label="obituary:" + name)
        if piece is not None:
            pieces.append({"name": name, "text": piece})

    phase("Leaflet")
    whole = ""
    for piece in pieces:
        whole = whole + piece["name"] + "\n" + str(piece["text"]) + "\n\n"
    leaflet = await agent("Put a title and an opening paragraph before these obituaries:\n" + whole, label="leaflet")
    if leaflet is None:
        leaflet = whole
    return leaflet
