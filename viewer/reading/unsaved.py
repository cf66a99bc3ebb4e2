"""Log and library in memory, for a window where nothing can be saved: it opens, and says so."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from viewer.home import key_is_kept
from viewer.reading.database import StoreError
from viewer.reading.library import Library
from viewer.reading.store import Store

_NO_KEY = "The key by which readings are found again cannot be saved here."
_NO_KEY_REMEDY = "Free some space, or set HILUM_HOME to a folder that you may write to."


def open_store(path: Path) -> Store:
    """The log; where it cannot be used one in memory, whose `trouble` tells why.

    A log that can be read but not written is taken over, so that earlier readings are seen.
    """
    try:
        store = Store(path)
    except StoreError as error:
        return _store_in_memory(path, error)
    if key_is_kept():
        return store
    store.close()
    return _store_in_memory(path, StoreError(_NO_KEY, _NO_KEY_REMEDY))


def open_library(path: Path) -> tuple[Library, StoreError | None]:
    """The library, and why it is one in memory where the one on the disk cannot be used."""
    try:
        return Library(path), None
    except StoreError as error:
        library = Library.in_memory()
        try:
            known = Library(path, read_only=True)
        except StoreError:
            return library, error
        try:
            library.take_over(known)
        except sqlite3.Error:
            library = Library.in_memory()
        finally:
            known.close()
        return library, error


def _store_in_memory(path: Path, why: StoreError) -> Store:
    store = Store(None)
    try:
        readable = Store(path, read_only=True)
    except StoreError:
        store.trouble = why
        return store
    try:
        store.take_over(readable)
    except sqlite3.Error:
        store.close()
        store = Store(None)
    finally:
        readable.close()
    store.trouble = why
    return store
