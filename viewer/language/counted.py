"""One of a thing and several of it: "1 image", "3 images"."""

from __future__ import annotations


def counted(count: int, one: str, many: str) -> str:
    """The words for a number of things; {0} in them is the number. Both are translated already."""
    return (one if count == 1 else many).format(count)
