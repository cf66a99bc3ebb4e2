"""A key as it stands on a cap: text that knows its action, so that what shows it can follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable


class KeyText(str):
    """The text of an action's first key, or nothing where it has none."""

    action: str

    def __new__(cls, text: str, action: str) -> KeyText:
        made = super().__new__(cls, text)
        made.action = action
        return made


KeyTexts = Mapping[str, str]
"""By action; the window's own table, which changes in place when keys do."""


@runtime_checkable
class ShowsKeys(Protocol):
    """A widget that shows keys: it is told when they have changed."""

    def follow_keys(self, keys: KeyTexts) -> None:
        """Shows the keys that its actions have now."""


def newest(key: str, keys: KeyTexts) -> str:
    """What a key's action has now; a text that belongs to no action stays."""
    return keys.get(key.action, key) if isinstance(key, KeyText) else key
