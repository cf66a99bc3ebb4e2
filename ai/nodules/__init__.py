"""Nodule candidates, their masks and their measurements."""
