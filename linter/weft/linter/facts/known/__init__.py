"""The transfer functions of what is known by name: built-in functions, methods, modules and the primitives.

A new function is one handler in one of these modules and a line in its table; how calls get here is in `follow`.
"""
