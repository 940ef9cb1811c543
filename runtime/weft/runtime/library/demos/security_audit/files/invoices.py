"""The page of an invoice."""

from store import find


def page(request):
    """Show the invoice that a signed-in user has asked for."""
    return str(find(request.query["number"]))
