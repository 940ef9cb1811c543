def page(order):
    return order.number
