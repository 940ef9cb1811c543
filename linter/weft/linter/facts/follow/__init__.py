"""What each construct of Python does to what is known: expressions, statements, calls, loops."""
