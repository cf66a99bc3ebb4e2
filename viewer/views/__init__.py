"""Slice panes and what is drawn on them."""
