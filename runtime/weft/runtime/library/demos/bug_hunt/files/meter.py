"""What a meter has shown lately."""


class Meter:
    """The mean of the last readings; when there are more than `size`, the oldest goes."""

    def __init__(self, size):
        self.size = size
        self.readings = []

    def add(self, reading):
        self.readings.append(reading)
        if len(self.readings) > self.size:
            self.readings.pop()

    def mean(self):
        """Return the mean; 0.0 before the first reading."""
        return sum(self.readings) / len(self.readings)
