"""The errors that people see."""


class ShopError: ...
