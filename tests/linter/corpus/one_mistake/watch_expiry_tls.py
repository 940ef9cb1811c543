"""Watch the expiry of TLS certificates and open a ticket for each that runs out soon."""
from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"hosts": {"type": "array", "items": {"type": "string"}, "maxItems": 40}},
    "required": ["hosts"],
}
CERT = {
    "type": "object",
    "properties": {
        "days_left": {"type": "integer"},
        "issuer": {"type": "string"},
        "owner": {"type": ["string", "null"]},
    },
    "required": ["days_left", "issuer", "owner"],
}
SOON = 21


async def inspect(host):
    cert = await agent(f"Look up the TLS certificate of {host}: days left, issuer, owning team.", schema=CERT, label=host)
    return {"host": host, **cert} if cert else None


async def open_ticket(cert):
    owner = cert["owner"] or "platform"
    await agent(
        f"Open a ticket for team {owner}: the certificate of {cert['host']} by {cert['issuer']} ends in {cert['days_left']} days.",
        tools=["tickets"],
        label=f"ticket:{cert['host']}",
    )
    return cert["host"]


async def main(args):
    phase("Inspect")
    certs = [c for c in await parallel([inspect(h) for h in args["hosts"]]) if c]
    expiring = sorted((c for c in certs if c["days_left"] <= SOON), key=lambda c: (c["days_left"], c["host"]))
    if not expiring:
        log("nothing runs out soon")
        return

    phase("Tickets")
    tickets = []
    for cert in expiring:
        open_ticket(cert)
        tickets.append(cert["host"])
    return {"tickets": tickets, "soonest": expiring[0]["days_left"], "inspected": len(certs)}
