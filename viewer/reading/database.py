"""A private SQLite file: opened without harm, or refused in a sentence."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from ai.errors import OutsideError
from viewer.home import private_file

BUSY_S = 2.0
"""Another window holds the file for milliseconds; one that holds it longer hangs."""

_ELSEWHERE = "Set HILUM_HOME to a folder that you may write to."
_FULL = (errno.ENOSPC, errno.EDQUOT)


class StoreError(OutsideError):
    """The log or the library could not be opened or written. full: for want of room on the disk."""

    full: bool = False


def connect(path: Path | None, what: str) -> sqlite3.Connection:
    """The file, made for its owner alone where it is not there; in memory where path is None.

    what: how sentences call it. Nothing is written into a file that has content. Raises StoreError.
    """
    try:
        place = ":memory:" if path is None else private_file(path)
        return sqlite3.connect(place, timeout=BUSY_S, isolation_level=None)
    except (sqlite3.Error, OSError) as error:
        raise told(error, what) from error


def connect_read_only(path: Path, what: str) -> sqlite3.Connection:
    """The file as it stands, also while a window writes to it. Raises StoreError.

    SQLite keeps an index beside a file in use, so in a folder that nobody may write to the file is
    read as one that never changes: right as long as nothing waits in the log beside it.
    """
    address = f"{path.absolute().as_uri()}?mode=ro"
    beside = path.with_name(f"{path.name}-wal")
    alone = not beside.exists() or beside.stat().st_size == 0
    try:
        for more in ("", "&immutable=1") if alone else ("",):
            db = sqlite3.connect(address + more, uri=True, timeout=BUSY_S, isolation_level=None)
            try:
                db.execute("SELECT 1 FROM sqlite_master").fetchone()
                return db
            except sqlite3.OperationalError:
                db.close()
                if more or not alone:
                    raise
        raise AssertionError("either returned or raised")
    except (sqlite3.Error, OSError) as error:
        raise told(error, what, reading=True) from error


def keep_safely(db: sqlite3.Connection) -> None:
    """From here on what was committed survives a kill and a power cut (WAL, synchronous FULL)."""
    end = time.monotonic() + BUSY_S
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            # Two windows that start at once: for this one lock SQLite does not wait by itself.
            if not _is(error, "SQLITE_BUSY", "SQLITE_LOCKED") or time.monotonic() > end:
                raise
            time.sleep(0.01)
    db.execute("PRAGMA synchronous = FULL")


@contextlib.contextmanager
def writing(db: sqlite3.Connection, what: str) -> Iterator[sqlite3.Connection]:
    """One transaction: on the disk when it ends, or nothing of it. Raises StoreError."""
    try:
        db.execute("BEGIN IMMEDIATE")
        yield db
        db.execute("COMMIT")
    except BaseException as error:
        with contextlib.suppress(sqlite3.Error):
            if db.in_transaction:
                db.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error):
            raise told(error, what) from error
        raise


def is_full(error: BaseException | None) -> bool:
    """Whether a full disk or quota is behind it; a writer's own error may stand before that one."""
    while error is not None:
        if getattr(error, "errno", None) in _FULL:
            return True
        error = error.__cause__ or error.__context__
    return False


def told(error: Exception, what: str, *, reading: bool = False) -> StoreError:
    """The sentence for what SQLite or the disk refused; no path stands in it."""
    if _is(error, "SQLITE_FULL") or getattr(error, "errno", None) in _FULL:
        full = StoreError(
            f"The disk is full: nothing more fits into the {what}.",
            "Free some space, then repeat your last step.",
        )
        full.full = True
        return full
    if _is(error, "SQLITE_BUSY", "SQLITE_LOCKED"):
        return StoreError(f"Another window holds the {what}.", "Repeat your last step in a moment.")
    if _is(error, "SQLITE_CORRUPT", "SQLITE_NOTADB"):
        return damaged(what)
    if _is(error, "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH"):
        return _barred(what, reading=reading)
    if isinstance(error, PermissionError) or getattr(error, "errno", None) == errno.EROFS:
        return _barred(what, reading=reading)
    if _is(error, "SQLITE_IOERR"):
        return StoreError(
            f"The disk failed under the {what}; your last step was not saved.",
            "Look at the disk, then repeat your last step.",
        )
    why = getattr(error, "strerror", None) or getattr(error, "sqlite_errorname", "") or "no reason"
    return StoreError(f"The {what} could not be used ({why}).", _ELSEWHERE)


def damaged(what: str) -> StoreError:
    """The sentence for a file whose content makes no sense."""
    return StoreError(
        f"The {what} is damaged and was left as it is.",
        "Move it away or set HILUM_HOME to another folder; readings start afresh there.",
    )


def _barred(what: str, *, reading: bool) -> StoreError:
    if reading:
        return StoreError(f"The {what} cannot be read here.", "Look at who may read HILUM_HOME.")
    return StoreError(f"The {what} cannot be written here.", _ELSEWHERE)


def _is(error: Exception, *names: str) -> bool:
    """Whether SQLite gave one of these codes, or a finer one of the same kind."""
    given = getattr(error, "sqlite_errorname", None) or ""
    return any(given == name or given.startswith(f"{name}_") for name in names)
