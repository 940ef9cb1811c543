"""What a file of sales comes to."""
import csv


def total(path):
    print("reading", path)
    rows = list(csv.DictReader(open(path)))
    if not rows:
        print("empty")
    return sum(int(row["cents"]) for row in rows)
