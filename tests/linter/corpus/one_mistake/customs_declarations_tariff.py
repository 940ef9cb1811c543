"""Customs declarations: the tariff number for every parcel."""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"parcels": {"type": "array", "items": {"type": "string"}, "maxItems": 90}},
    "required": ["parcels"],
}
TARIFF = {
    "type": "object",
    "properties": {"number": {"type": "string", "pattern": "^[0-9]{8}$"}, "duty": {"type": "number"}},
    "required": ["number", "duty"],
}
AT_ONCE = 6


def classify(parcel):
    return agent(f"Find the tariff number for this parcel: {parcel}", schema=TARIFF, label=parcel[:30])


async def main(args):
    # the customs service does not like more than six questions at a time
    pending = list(args["parcels"])
    rows = []
    while pending:
        now_asked, pending = pending[:AT_ONCE], pending[AT_ONCE:]
        replies = await parallel([classify(parcel) for parcel in now_asked])
        for parcel, reply in zip(now_asked, replies):
            rows.append(
                {"parcel": parcel, "number": reply["number"] if reply else None, "duty": reply["duty"] if reply else None}
            )
    log(f"{sum(1 for row in rows if row['number'] is None)} parcels without a number")
    return rows
