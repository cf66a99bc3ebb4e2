"""Which key carries out which action: the table's own, a ready map over it, the reader's on top.

A key belongs to one action. Where two layers give it away twice, the upper one keeps it: what the
reader chose before the ready map, the ready map before the table.
"""

from __future__ import annotations

import contextlib
import json
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtGui import QKeySequence

from ai.errors import BadInput, OutsideError
from ai.resources import resource
from viewer.home import private_file

HILUM: Final = "hilum"
MAPS: Final = (HILUM, "ohif", "weasis", "horos")
"""Ready maps, as they are offered."""

NAMES: Final = (
    QT_TRANSLATE_NOOP("KeyMap", "Hilum"),
    QT_TRANSLATE_NOOP("KeyMap", "like OHIF"),
    QT_TRANSLATE_NOOP("KeyMap", "like Weasis"),
    QT_TRANSLATE_NOOP("KeyMap", "like Horos"),
)
"""Show them by QCoreApplication.translate("KeyMap", name)."""

KeyTable = Mapping[str, tuple[str, ...]]
"""Keys by action, each in Qt's portable form."""


def tr(text: str) -> str:
    return QCoreApplication.translate("KeyMap", text)


class KeysNotKept(OutsideError):
    """The keys could not be written; they hold until the window closes."""


@dataclass(frozen=True)
class KeyMap:
    """A ready map: what it gives other keys than the table does. name: English."""

    id: str
    name: str
    keys: KeyTable


def plain_key(key: str) -> str:
    """A key in the one form by which two are the same, or nothing where it is none."""
    sequence = QKeySequence(key)
    if sequence.count() != 1 or "Unknown" in sequence.toString():
        return ""
    return sequence.toString(QKeySequence.SequenceFormat.PortableText)


@cache
def ready_map(name: str) -> KeyMap:
    """One of MAPS, from resources/keymaps."""
    path = resource("keymaps", f"{name}.toml")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return KeyMap(name, data["name"], _table(data["keys"]))


def _table(data: Any) -> KeyTable:
    """Raises TypeError or ValueError where it is no table of keys."""
    table = {}
    for action, keys in dict(data).items():
        if isinstance(keys, str) or not all(isinstance(key, str) for key in keys):
            raise TypeError(f"the keys of {action} are no list of keys")
        plain = tuple(plain_key(key) for key in keys)
        if not all(plain):
            raise ValueError(f"{action} has a key that does not exist")
        table[str(action)] = plain
    return table


class Keys:
    """The keys in force. Reader's choices are kept in a file of their own, at once.

    trouble: why the reader's file could not be used, or None; the table holds then.
    """

    def __init__(
        self, table: KeyTable, *, fixed: Iterable[str] = (), file: Path | None = None
    ) -> None:
        """table: keys of each action. fixed: actions that keep theirs. file: None keeps nothing."""
        self._table = {a: tuple(plain_key(k) for k in keys) for a, keys in table.items()}
        self._fixed = frozenset(fixed)
        self._file = file
        self.map = HILUM
        self.own: dict[str, tuple[str, ...]] = {}
        self.trouble: OutsideError | None = None
        self._read()
        self._settle()

    # What is asked of it

    def of(self, action: str) -> tuple[str, ...]:
        """The keys of an action, the first one for its button."""
        return self._of.get(action, ())

    def owner(self, key: str) -> str:
        """The action that a key carries out, or nothing."""
        return self._owner.get(plain_key(key), "")

    def is_fixed(self, action: str) -> bool:
        return action in self._fixed

    def is_own(self, action: str) -> bool:
        """True where the reader chose, and another key than the map gives."""
        return action in self.own

    # What the reader chooses. All raise KeysNotKept; the choice holds all the same.

    def choose(self, name: str) -> None:
        """Another ready map; the reader's own keys stay on top of it."""
        if name not in MAPS:
            raise ValueError(f"there is no key map {name!r}")
        self.map = name
        self._keep()

    def give(self, action: str, old: str, new: str) -> None:
        """A key in place of another one; old: '' for one more. Whoever had it gets the old one.

        The caller has asked `owner` before: it says so to the reader, and asks again.
        """
        old, new = plain_key(old) if old else "", plain_key(new)
        other = self.owner(new)
        if not new or other == action or {action, other} & self._fixed:
            raise ValueError(f"{new!r} cannot be given to {action}")
        if other:
            self.own[other] = _replaced(self.of(other), new, old)
        self.own[action] = _replaced(self.of(action), old, new)
        self._keep()

    def take(self, action: str, key: str) -> None:
        """The action loses this key."""
        self.own[action] = _replaced(self.of(action), plain_key(key), "")
        self._keep()

    def reset(self, action: str = "") -> None:
        """The map's own keys again, of one action or of all."""
        if action:
            self.own.pop(action, None)
        else:
            self.own.clear()
        self._keep()

    def all_chosen(self) -> tuple[str, KeyTable]:
        """The map and the reader's own keys, for `go_back` to them."""
        return self.map, dict(self.own)

    def go_back(self, chosen: tuple[str, KeyTable]) -> None:
        """As it was then."""
        self.map, self.own = chosen[0], dict(chosen[1])
        self._keep()

    # Within

    def _settle(self) -> None:
        """Each key to the first that claims it: fixed ones, the reader's, the map's, the table's.

        A layer that names an action says all of its keys.
        """
        mapped = ready_map(self.map).keys
        self._of: dict[str, tuple[str, ...]] = {}
        self._owner: dict[str, str] = {}

        def claim(action: str, keys: tuple[str, ...]) -> None:
            kept = tuple(dict.fromkeys(key for key in keys if key not in self._owner))
            self._owner.update(dict.fromkeys(kept, action))
            self._of[action] = kept

        for layer in ({a: self._table[a] for a in self._fixed}, self.own, mapped, self._table):
            for action, keys in layer.items():
                if action in self._table and action not in self._of:
                    claim(action, keys)

    def _read(self) -> None:
        if self._file is None or not self._file.exists():
            return
        try:
            data = tomllib.loads(self._file.read_text(encoding="utf-8"))
            chosen, own = data.get("map", HILUM), _table(data.get("keys", {}))
            if chosen not in MAPS:
                raise ValueError(f"there is no key map {chosen!r}")
        except (OSError, ValueError, TypeError) as error:
            remedy = tr("Choose them again with F1, or mend {0} in Hilum's data folder.")
            self.trouble = BadInput(
                tr("Your own keys cannot be read, so Hilum's keys hold."),
                remedy.format(self._file.name),
            )
            self.trouble.__cause__ = error
            return
        self.map = chosen
        self.own = {a: keys for a, keys in own.items() if a not in self._fixed}

    def _keep(self) -> None:
        self._settle()
        if self._file is None:
            return
        aside = self._file.with_suffix(f".{os.getpid()}")
        try:
            if self.trouble is not None:  # what could not be read is left for who can mend it
                self._file.replace(self._file.with_suffix(".broken"))
            private_file(aside).write_text(self._text(), encoding="utf-8")
            aside.replace(self._file)
        except OSError as error:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
            sentence = tr("The keys hold now and could not be kept: {0}.")
            raise KeysNotKept(
                sentence.format(error.strerror), tr("After the next start they are as before.")
            ) from error
        self.trouble = None

    def _text(self) -> str:
        lines = [f"map = {json.dumps(self.map)}", "", "[keys]"]
        lines += [f"{json.dumps(a)} = {json.dumps(list(k))}" for a, k in sorted(self.own.items())]
        return "\n".join(lines) + "\n"


def _replaced(keys: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    """new in the place of old, at the end where old is not there; '' is no key."""
    if old in keys:
        made = tuple(new if key == old else key for key in keys)
    else:
        made = (*keys, new)
    return tuple(key for key in made if key)


SIGNS: Final = {"Up": "\u2191", "Down": "\u2193", "Left": "\u2190", "Right": "\u2192"}
SHORT: Final = {"PgDown": "PgDn", "-": "\u2212"}


def native(key: str) -> str:
    """A key as it stands on a cap, on this system; arrows as signs."""
    held, plus, last = key.rpartition("+") if not key.endswith("+") else ("", "", "")
    shown = {**SIGNS, **SHORT}.get(last)
    if shown is None:
        return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
    before = QKeySequence(f"{held}+A").toString(QKeySequence.SequenceFormat.NativeText)[:-1]
    return f"{before if plus else ''}{shown}"


_in_force: Keys | None = None


def use(keys: Keys) -> None:
    """These keys are the ones in force: sentences speak of them."""
    global _in_force
    _in_force = keys


def cap(action: str) -> str:
    """The first key of an action, for a sentence; its name where it has none.

    Where no window is open the table's own.
    """
    from viewer.actions import ROWS, text_of  # it imports this file

    row = next(row for row in ROWS if row.id == action)
    found = _in_force.of(action) if _in_force is not None else row.keys
    return native(found[0]) if found else f"\u201c{text_of(row)}\u201d"
