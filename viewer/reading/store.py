"""The one log: append-only rows in SQLite, each sealed by the hash of the row before it.

`event` holds what happened, `mask` voxels by content hash, `policy` what the agent has learnt. A
row is on the disk when append() returns (WAL, synchronous FULL). Nothing here names a patient:
UIDs and names come in as keyed hashes, and their plain form lies in the private library.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from ai.errors import OutsideError
from viewer.home import private_file
from viewer.reading.codec import Encoded, decode, encode
from viewer.reading.reading import Event, Reading, Row, fold

SCHEMA = 1
"""Of the rows. A store of a newer one is never written to."""

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS event (
  seq INTEGER PRIMARY KEY, reading TEXT NOT NULL, at TEXT NOT NULL, schema INTEGER NOT NULL,
  kind TEXT NOT NULL, body TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS event_reading ON event (reading, seq);
CREATE TABLE IF NOT EXISTS mask (hash TEXT PRIMARY KEY, packed BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS policy (
  id TEXT PRIMARY KEY, at TEXT NOT NULL, parent TEXT NOT NULL, learnt_to INTEGER NOT NULL,
  body TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS event_stays BEFORE UPDATE ON event
  BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS event_kept BEFORE DELETE ON event
  BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
"""


class StoreError(OutsideError):
    """The log could not be opened or written."""


@dataclass(frozen=True)
class StoredPolicy:
    """A policy as text, and the last row of the log that it has learnt from."""

    id: str
    parent: str
    learnt_to: int
    body: str


class Store:
    """The door to the log. One Store belongs to one thread."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Opens the log, or makes it. Raises StoreError with a sentence, touching nothing."""
        self._path = path
        self._db = _connect(path, read_only=read_only)
        try:
            if not read_only:
                self._db.executescript(_TABLES)
                self._db.execute("INSERT OR IGNORE INTO meta VALUES ('schema', ?)", (str(SCHEMA),))
                self._db.commit()
            self._check_schema()
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise _told(error) from error

    def close(self) -> None:
        self._db.close()

    def append(
        self,
        reading: str,
        event: Event | Encoded,
        *,
        event_object: Event | None = None,
        at: str | None = None,
    ) -> Row:
        """One more row, on the disk when this returns; the row as it now stands in the log.

        event: an event, or one encoded beforehand (then event_object is the event itself).
        Raises StoreError where the disk refuses; nothing is half-written then.
        """
        if isinstance(event, Encoded):
            if event_object is None:
                raise ValueError("an encoded event comes with the event itself")
            encoded, plain = event, event_object
        else:
            encoded, plain = encode(event), event
        when = at or datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._writing() as db:
            last = db.execute("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1").fetchone()
            seq, previous = (last[0] + 1, last[1]) if last else (1, "")
            db.executemany("INSERT OR IGNORE INTO mask VALUES (?, ?)", encoded.masks.items())
            seal = _seal(previous, seq, reading, when, SCHEMA, encoded.kind, encoded.body)
            db.execute(
                "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (seq, reading, when, SCHEMA, encoded.kind, encoded.body, previous, seal),
            )
        return Row(seq, when, plain)

    def rows(self, reading: str, *, voxels: bool = True) -> tuple[Row, ...]:
        """All rows of one reading, oldest first; without voxels for a listing."""
        found = self._all(
            "SELECT seq, at, kind, body FROM event WHERE reading = ? ORDER BY seq", (reading,)
        )
        load = self._mask if voxels else None
        return tuple(Row(seq, at, decode(kind, body, load)) for seq, at, kind, body in found)

    def reading(self, reading: str, *, voxels: bool = True) -> Reading:
        """The reading folded from its rows."""
        return fold(reading, self.rows(reading, voxels=voxels))

    def readings(self) -> tuple[str, ...]:
        """Ids of all readings, the one begun last first."""
        found = self._all("SELECT reading FROM event WHERE kind = 'Begun' ORDER BY seq DESC", ())
        return tuple(row[0] for row in found)

    def newest_of_series(self, series: str, reader: str) -> str | None:
        """The reading of this series (keyed hash) by this reader that was begun last."""
        pattern = f'%"series":"{series}"%'
        found = self._all(
            "SELECT reading, body FROM event WHERE kind = 'Begun' AND body LIKE ?"
            " ORDER BY seq DESC",
            (pattern,),
        )
        return next((row[0] for row in found if f'"reader":"{reader}"' in row[1]), None)

    def newest_policy(self) -> StoredPolicy | None:
        """The policy that was learnt last."""
        found = self._all(
            "SELECT id, parent, learnt_to, body FROM policy"
            " ORDER BY learnt_to DESC, at DESC LIMIT 1",
            (),
        )
        return StoredPolicy(*found[0]) if found else None

    def policies(self) -> tuple[StoredPolicy, ...]:
        """All policies, oldest first."""
        found = self._all("SELECT id, parent, learnt_to, body FROM policy ORDER BY at", ())
        return tuple(StoredPolicy(*row) for row in found)

    def keep_policy(self, policy: StoredPolicy) -> None:
        """Stores one policy; the same id twice is kept once."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._writing() as db:
            db.execute(
                "INSERT OR IGNORE INTO policy VALUES (?, ?, ?, ?, ?)",
                (policy.id, now, policy.parent, policy.learnt_to, policy.body),
            )

    def last_seq(self, kind: str | None = None) -> int:
        """Number of the newest row (of one kind), 0 in an empty log."""
        if kind is None:
            found = self._all("SELECT max(seq) FROM event", ())
        else:
            found = self._all("SELECT max(seq) FROM event WHERE kind = ?", (kind,))
        return int(found[0][0] or 0)

    def broken_at(self) -> int | None:
        """The first row whose seal or place does not fit the chain, or None for a whole log."""
        expected, previous = 1, ""
        for row in self._all(
            "SELECT seq, reading, at, schema, kind, body, previous, hash FROM event ORDER BY seq",
            (),
        ):
            seq, reading, at, schema, kind, body, before, seal = row
            right = _seal(previous, seq, reading, at, schema, kind, body)
            if seq != expected or before != previous or seal != right:
                return int(seq)
            expected, previous = seq + 1, seal
        return None

    def _mask(self, name: str) -> bytes:
        found = self._all("SELECT packed FROM mask WHERE hash = ?", (name,))
        if not found:
            raise StoreError("A mask of this reading is missing from the log.")
        packed: bytes = found[0][0]
        return packed

    def _all(self, query: str, values: tuple[object, ...]) -> list[tuple]:  # type: ignore[type-arg]
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise _told(error) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db
            self._db.commit()
        except sqlite3.DatabaseError as error:
            if self._db.in_transaction:
                self._db.rollback()
            raise _told(error) from error

    def _check_schema(self) -> None:
        found = self._db.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
        if found and int(found[0]) > SCHEMA:
            raise StoreError(
                f"The log was written by a newer Hilum (its schema {found[0]}, ours {SCHEMA}).",
                "Start the newer version; this one leaves the log as it is.",
            )


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    try:
        if read_only:
            db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
        else:
            db = sqlite3.connect(private_file(path), timeout=5)
        db.isolation_level = None
        if not read_only:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
        return db
    except (sqlite3.DatabaseError, OSError) as error:
        raise _told(error) from error


def _seal(previous: str, *parts: object) -> str:
    return sha256("\0".join([previous, *map(str, parts)]).encode()).hexdigest()


def _told(error: Exception) -> StoreError:
    """The sentence for what SQLite or the disk refused."""
    text = str(error).lower()
    if "full" in text or getattr(error, "errno", None) == 28:
        return StoreError("The disk is full. Nothing was overwritten.", "Free some space.")
    if "readonly" in text or "unable to open" in text or isinstance(error, OSError):
        return StoreError(
            "The log cannot be written here.", "Set HILUM_HOME to a folder that you may write to."
        )
    if "locked" in text:
        return StoreError("Another window is writing to the log.", "Try again in a moment.")
    if "malformed" in text or "not a database" in text:
        return StoreError(
            "The log is damaged and was left as it is.",
            "Move it away or set HILUM_HOME to another folder; readings start afresh there.",
        )
    return StoreError(f"The log could not be used: {error}.")
