"""The cart of a shop: what is in it, and what it costs."""

from dataclasses import dataclass, field


@dataclass
class Cart:
    """What somebody is about to buy."""

    lines: list = field(default_factory=list)

    def add(self, article, count):
        if count < 1:
            raise ValueError("count must be 1 or more")
        self.lines.append((article, count))

    def total(self):
        """Return the price of everything, in cents."""
        return sum(article.cents for article, _ in self.lines)

    def mean_price(self):
        """Return the mean price of a line; 0 for an empty cart."""
        return self.total() // len(self.lines)
