"""Editing masks: a pure core on arrays and millimetres, and a thin side of Qt around it."""
