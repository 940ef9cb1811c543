"""What the analysis knows of values: amounts, kinds, origins, what holds at one point. Nothing here follows code."""
