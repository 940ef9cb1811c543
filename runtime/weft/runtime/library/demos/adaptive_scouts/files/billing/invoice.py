def total(lines):
    return round(sum(line.price for line in lines), 2)
