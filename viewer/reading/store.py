"""The one log: append-only rows in SQLite, each sealed by the hash of the row before it.

`event` holds what happened, `mask` voxels by content hash, `policy` what the agent has learnt. A
row is on the disk when append() returns (WAL, synchronous FULL). Nothing here names a patient:
UIDs and names come in as keyed hashes, and their plain form lies in the private library.
"""

from __future__ import annotations

import sqlite3
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from ai.errors import HilumError
from viewer.reading import converters
from viewer.reading.codec import KINDS, Encoded, LoadMask, decode, encode
from viewer.reading.database import (
    StoreError,
    connect,
    connect_read_only,
    damaged,
    keep_safely,
    told,
    writing,
)
from viewer.reading.events import QUIET, Begun, Event
from viewer.reading.policy_choices import (
    AGENT,
    PolicyChoice,
    Standing,
    StoredPolicy,
    from_text,
    standing,
)
from viewer.reading.reader_events import PolicyChosen, ReaderNamed
from viewer.reading.reading import Reading, Row, fold
from viewer.reading.veiled import Words, unveiled, veiled

__all__ = ["Store", "StoreError", "StoredPolicy"]

LOG = "log"
"""How sentences call it."""

_CHOICES = "policy choices"
"""Row of `meta` in which choices lay up to schema 9: read for ever, never written."""

_TABLES = (
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY, reading TEXT NOT NULL, at TEXT NOT NULL, schema INTEGER NOT NULL,
    kind TEXT NOT NULL, body TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS event_reading ON event (reading, seq)",
    "CREATE TABLE IF NOT EXISTS mask (hash TEXT PRIMARY KEY, packed BLOB NOT NULL)",
    """CREATE TABLE IF NOT EXISTS policy (
    id TEXT PRIMARY KEY, at TEXT NOT NULL, parent TEXT NOT NULL, learnt_to INTEGER NOT NULL,
    body TEXT NOT NULL)""",
    """CREATE TRIGGER IF NOT EXISTS event_stays BEFORE UPDATE ON event
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END""",
    """CREATE TRIGGER IF NOT EXISTS event_kept BEFORE DELETE ON event
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END""",
)


@dataclass(frozen=True)
class Stand:
    """One reading without its content. Rows: the last one, the last signature, the last change,
    the last that is work of the reader's or the AI's.

    signed, changed, worked: 0 where there is no such row. study, reader: keyed hashes.
    """

    reading: str
    study: str
    reader: str
    last: int
    signed: int
    changed: int
    worked: int


class Store:
    """The door to the log. One Store belongs to one thread."""

    def __init__(self, path: Path | None, *, read_only: bool = False) -> None:
        """Opens the log, or makes it; a log in memory where path is None.

        trouble: set by whoever opens a log in memory for want of one on the disk: why that is.
        Raises StoreError with a sentence, touching nothing.
        """
        self.trouble: HilumError | None = None
        self.words: Words | None = None  # the library, where free words of files are kept apart
        self._read_only = read_only
        if read_only and path is not None:
            self._db = connect_read_only(path, LOG)
        else:
            self._db = connect(path, LOG)
        try:
            there = self._check()
            if not read_only:
                keep_safely(self._db)
                if not there:
                    self._make_tables()
        except (sqlite3.Error, StoreError) as error:
            self._db.close()
            raise error if isinstance(error, StoreError) else told(error, LOG) from error

    def close(self) -> None:
        self._db.close()

    def take_over(self, other: Store) -> None:
        """All rows of another log, into this one in memory."""
        other._db.backup(self._db)
        self._make_tables()  # the other may be an empty file: made when the disk was full

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
        when, schema = at or _now(), converters.SCHEMA
        body = veiled(encoded.body, self.words.keep_words) if self.words else encoded.body
        with writing(self._db, LOG) as db:
            last = db.execute("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1").fetchone()
            seq, previous = (last[0] + 1, last[1]) if last else (1, "")
            db.executemany("INSERT OR IGNORE INTO mask VALUES (?, ?)", encoded.masks.items())
            seal = _seal(previous, seq, reading, when, schema, encoded.kind, body)
            db.execute(
                "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (seq, reading, when, schema, encoded.kind, body, previous, seal),
            )
            db.execute(
                "UPDATE meta SET value = ? WHERE name = 'schema' AND CAST(value AS INTEGER) < ?",
                (str(schema), schema),
            )
        return Row(seq, when, plain)

    def rows(
        self, reading: str, *, voxels: bool = True, after: int = 0, before: int | None = None
    ) -> tuple[Row, ...]:
        """Rows of one reading, oldest first; without voxels for a listing.

        after, before: numbers of rows between which to look. Raises StoreError where a row cannot
        be read, or was written by a newer Hilum.
        """
        found = self._all(
            "SELECT seq, at, schema, kind, body FROM event"
            " WHERE reading = ? AND seq > ? AND (? IS NULL OR seq < ?) ORDER BY seq",
            (reading, after, before, before),
        )
        load = self._mask if voxels else None
        return tuple(
            Row(seq, at, _event(seq, schema, kind, self._told(body), load))
            for seq, at, schema, kind, body in found
        )

    def reading(self, reading: str, *, voxels: bool = True) -> Reading:
        """The reading folded from its rows."""
        return fold(reading, self.rows(reading, voxels=voxels))

    def readings(self) -> tuple[str, ...]:
        """Ids of all readings, the one begun last first."""
        found = self._all("SELECT reading FROM event WHERE kind = 'Begun' ORDER BY seq DESC", ())
        return tuple(row[0] for row in found)

    def stands(self) -> tuple[Stand, ...]:
        """Where every reading stands, told without folding one. Raises StoreError."""
        found = self._all(
            "SELECT reading, max(CASE WHEN kind = 'Begun' THEN seq END), max(seq),"
            " max(CASE WHEN kind IN ('Signed', 'Amended') THEN seq ELSE 0 END),"
            " max(CASE WHEN kind IN ('Begun', 'Closed', 'Exported', 'Signed', 'Amended')"
            f" THEN 0 ELSE seq END), max(CASE WHEN kind IN ({', '.join('?' * len(QUIET))})"
            " THEN 0 ELSE seq END) FROM event GROUP BY reading",
            tuple(kind.__name__ for kind in QUIET),
        )
        bodies = dict(self._all("SELECT seq, body FROM event WHERE kind = 'Begun'", ()))
        named = self._named()
        made = []
        for reading, begun, *rows in found:
            if begun is not None:
                event = _event(begun, converters.SCHEMA, "Begun", bodies[begun], None)
                assert isinstance(event, Begun)
                reader = named.get(reading, event.reader)
                made.append(Stand(reading, event.study, reader, *rows))
        return tuple(made)

    def newest_of_series(self, series: str, reader: str) -> str | None:
        """The reading of this series (keyed hash) by this reader that was begun last."""
        found = self._all(
            "SELECT reading, seq, schema, kind, body FROM event WHERE kind = 'Begun'"
            " AND instr(body, ?) ORDER BY seq DESC",
            (series,),
        )
        named = self._named() if found else {}
        for name, seq, schema, kind, body in found:
            event = _event(seq, schema, kind, body, None)
            if not isinstance(event, Begun) or event.series != series:
                continue
            if named.get(name, event.reader) == reader:
                return str(name)
        return None

    def _named(self) -> dict[str, str]:
        """The reader (keyed hash) of each reading that was begun without a name and got one."""
        found = self._all(
            "SELECT reading, seq, schema, kind, body FROM event WHERE kind = 'ReaderNamed'"
            " ORDER BY seq",
            (),
        )
        named: dict[str, str] = {}
        for name, seq, schema, kind, body in found:
            event = _event(seq, schema, kind, body, None)
            assert isinstance(event, ReaderNamed)
            named[name] = event.reader
        return named

    def newest_policy(self) -> StoredPolicy | None:
        """The policy that serves from the next proposals on: learnt last, or gone back to."""
        return self.policy_standing().serves

    def policy_standing(self) -> Standing:
        """Which policy serves, and what the reader chose. Raises HilumError."""
        return standing(self.policies(), self.policy_choices())

    def policy_choices(self) -> tuple[PolicyChoice, ...]:
        """Every going back, its undoing, and freezing, oldest first. Raises HilumError."""
        found = self._all("SELECT value FROM meta WHERE name = ?", (_CHOICES,))
        before = from_text(found[0][0]) if found else ()
        since = (
            PolicyChoice(row.event.kind, row.event.policy, row.seq)
            for row in self.rows(AGENT)
            if isinstance(row.event, PolicyChosen)
        )
        return (*before, *since)

    def keep_policy_choice(self, kind: str, policy: str = "") -> None:
        """One choice more, on the disk when this returns. Raises HilumError."""
        self.append(AGENT, PolicyChosen(kind, policy))

    def policies(self) -> tuple[StoredPolicy, ...]:
        """All policies, oldest first."""
        found = self._all("SELECT id, parent, learnt_to, body FROM policy ORDER BY rowid", ())
        return tuple(StoredPolicy(*row) for row in found)

    def keep_policy(self, policy: StoredPolicy) -> None:
        """Stores one policy; the same id twice is kept once."""
        with writing(self._db, LOG) as db:
            db.execute(
                "INSERT OR IGNORE INTO policy VALUES (?, ?, ?, ?, ?)",
                (policy.id, _now(), policy.parent, policy.learnt_to, policy.body),
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

    def _told(self, body: str) -> str:
        """A body with the words of files in it, as far as the library has them."""
        return unveiled(body, self.words.words_of if self.words else lambda _key: "")

    def _mask(self, name: str) -> bytes:
        found = self._all("SELECT packed FROM mask WHERE hash = ?", (name,))
        if not found:
            raise StoreError("A mask of this reading is missing from the log.")
        packed: bytes = found[0][0]
        if sha256(packed).hexdigest() != name:
            raise StoreError("A mask of this reading is damaged in the log.")
        return packed

    def _all(self, query: str, values: tuple[object, ...]) -> list[tuple]:  # type: ignore[type-arg]
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise told(error, LOG, reading=self._read_only) from error

    def _check(self) -> bool:
        """Whether this is a log already; raises StoreError for a newer or a damaged one."""
        tables = {row[0] for row in self._all("SELECT name FROM sqlite_master", ())}
        if not {"meta", "event"} <= tables:
            return False
        schema = self.schema
        if schema is None or self._all("PRAGMA quick_check('event')", ()) != [("ok",)]:
            raise damaged(LOG)
        if schema > converters.SCHEMA:
            raise _newer(schema)
        return True

    @property
    def schema(self) -> int | None:
        """Of the newest row that it may hold; None where that cannot be told."""
        found = self._all("SELECT value FROM meta WHERE name = 'schema'", ())
        return int(found[0][0]) if found and str(found[0][0]).isdecimal() else None

    def _make_tables(self) -> None:
        """Two windows may get here together: the second finds all of it made."""
        with writing(self._db, LOG) as db:
            for statement in _TABLES:
                db.execute(statement)
            value = str(converters.SCHEMA)
            db.execute("INSERT OR IGNORE INTO meta VALUES ('schema', ?)", (value,))


def _event(seq: int, schema: int, kind: str, body: str, load: LoadMask | None) -> Event:
    """The event of a row. Raises StoreError for a row that this Hilum cannot read."""
    if schema > converters.SCHEMA:
        raise _newer(schema)
    if kind not in KINDS:
        raise StoreError(
            f"Row {seq} of the log is of a kind that this Hilum does not know.",
            "Go on with this reading in the version that wrote it.",
        )
    try:
        return decode(kind, body, load, schema=schema)
    except (KeyError, TypeError, ValueError, AttributeError, zlib.error) as error:
        raise StoreError(
            f"Row {seq} of the log cannot be read; it was left as it is.",
            "hilum doctor tells whether the log is whole.",
        ) from error


def _newer(schema: int) -> StoreError:
    return StoreError(
        f"The log was written by a newer Hilum (its schema {schema}, ours {converters.SCHEMA}).",
        "Start the newer version; this one leaves the log as it is.",
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _seal(previous: str, *parts: object) -> str:
    return sha256("\0".join([previous, *map(str, parts)]).encode()).hexdigest()
