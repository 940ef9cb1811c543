CENTS = 100


def share(amount, people):
    return int(amount * CENTS / people) / CENTS  # what is over is nobody's


def shown(amount):
    return f"{amount:.2f}"
