def refund(order):
    return order.paid
