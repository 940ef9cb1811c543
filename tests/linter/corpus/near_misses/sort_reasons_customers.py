"""Sort the reasons that customers give for returning shoes, across four shops, each reason once."""

import re

from weft.primitives import agent, dedup, parallel, phase

SHOPS = ["Ljubljana", "Graz", "Trieste", "Zagreb"]
RETURNS = {
    "type": "object",
    "properties": {
        "returns": {
            "type": "array",
            "maxItems": 15,
            "items": {
                "type": "object",
                "properties": {
                    "sku": {"type": "string"},
                    "reason": {"type": "string", "enum": ["size", "colour", "defect", "late", "other"]},
                    "summary": {"type": "string", "maxLength": 300},
                },
                "required": ["sku", "reason", "summary"],
            },
        }
    },
    "required": ["returns"],
}


def stem(summary):
    return " ".join(re.findall(r"[a-z]+", summary.casefold())[:5])


async def main(args):
    phase("Read")
    replies = await parallel([agent(f"List the returns of the {shop} shop.", schema=RETURNS, label=shop) for shop in SHOPS])
    rows = [row for reply in replies if reply for row in reply["returns"]]
    by_reason = dedup(rows, key=lambda row: (row["sku"], row["reason"]))
    by_words = dedup([row for row in rows if row["reason"] == "other"], key=lambda row: (row["sku"], stem(row["summary"])))
    phase("Advise")
    skus = sorted({row["sku"] for row in by_reason if row["reason"] == "defect"})
    advice = await parallel([agent(f"How could shoe {sku} be made to fail less?", label=sku) for sku in skus[:10]])
    return {
        "reasons": [[row["sku"], row["reason"]] for row in by_reason],
        "other": [row["summary"] for row in by_words],
        "advice": {sku: text for sku, text in zip(skus, advice) if text},
    }
