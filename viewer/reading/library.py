"""Which studies lie where, with names: private, 0600, never exported, joined to the log."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from viewer.dicom.series import Series
from viewer.home import home, pseudonym
from viewer.reading.database import (
    StoreError,
    connect,
    connect_read_only,
    damaged,
    keep_safely,
    told,
    writing,
)

LIBRARY = "library of studies"
"""How sentences call it."""

_TABLES = """
CREATE TABLE IF NOT EXISTS series (
  key TEXT PRIMARY KEY, study_key TEXT NOT NULL, uid TEXT NOT NULL, study_uid TEXT NOT NULL,
  path TEXT NOT NULL, patient TEXT NOT NULL, patient_id TEXT NOT NULL, study_date TEXT NOT NULL,
  description TEXT NOT NULL, slices INTEGER NOT NULL, opened_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS export (
  reading TEXT NOT NULL, path TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (reading, path));
CREATE TABLE IF NOT EXISTS seen (key TEXT PRIMARY KEY, thickness_mm REAL, picture BLOB);
CREATE TABLE IF NOT EXISTS whose (
  key TEXT PRIMARY KEY, issuer TEXT NOT NULL, modality TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS hour (key TEXT PRIMARY KEY, study_time TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS writing (folder TEXT PRIMARY KEY, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS words (key TEXT PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS unlisted (study_key TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True)
class KnownSeries:
    """A series that was opened on this machine, or seen beside one that was.

    opened_at: empty where it was only seen. place: smaller for what was seen earlier.
    """

    key: str
    uid: str
    study_uid: str
    path: Path
    patient: str
    patient_id: str
    study_date: str
    description: str
    slices: int
    opened_at: str
    thickness_mm: float | None = None
    place: int = 0
    study_time: str = ""


def series_key(series_uid: str) -> str:
    """What stands for a series in the log."""
    return pseudonym("series", series_uid)


def study_key(study_uid: str) -> str:
    """What stands for a study in the log."""
    return pseudonym("study", study_uid)


def reader_key(name: str) -> str:
    """What stands for a reader in the log."""
    return pseudonym("reader", name.strip())


class Library:
    """The private list of studies, exports and the reader's settings. One thread, many windows.

    Every call raises StoreError, with a sentence, where the file or the disk refuses.
    """

    def __init__(self, path: Path | None = None, *, read_only: bool = False) -> None:
        self._open(path or home() / "library.sqlite", read_only=read_only)

    @classmethod
    def in_memory(cls) -> Library:
        """A library that is forgotten with the window."""
        library = cls.__new__(cls)
        library._open(None)
        return library

    def _open(self, path: Path | None, *, read_only: bool = False) -> None:
        if read_only and path is not None:
            self._db = connect_read_only(path, LIBRARY)
            return
        self._db = connect(path, LIBRARY)
        try:
            keep_safely(self._db)
            self._db.executescript(_TABLES)
            if self._do("PRAGMA quick_check") != [("ok",)]:
                raise damaged(LIBRARY)
        except (sqlite3.Error, StoreError) as error:
            self._db.close()
            raise error if isinstance(error, StoreError) else told(error, LIBRARY) from error

    def take_over(self, other: Library) -> None:
        """All that another library knows, into this one in memory."""
        other._db.backup(self._db)
        self._db.executescript(_TABLES)

    def close(self) -> None:
        self._db.close()

    def remember(self, series: Series, path: Path) -> None:
        """Notes that this series was opened from this path. The disk is waited for once."""
        with writing(self._db, LIBRARY) as db:
            self._note_seen(series)
            db.execute(
                "INSERT OR REPLACE INTO series VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*_row(series, path), _now()),
            )

    def note_found(self, found: Iterable[Series], path: Path) -> None:
        """Notes series that lie at this path, in order; none counts as opened by that."""
        with writing(self._db, LIBRARY) as db:
            for series in reversed(list(found)):
                self._note_seen(series)
                db.execute(
                    "INSERT INTO series VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')"
                    " ON CONFLICT (key) DO UPDATE SET path = excluded.path",
                    _row(series, path),
                )

    def shelf(self) -> tuple[KnownSeries, ...]:
        """All listed series, with thickness; what was seen last first: no opening moves them."""
        found = self._do(
            "SELECT s.key, s.uid, s.study_uid, s.path, s.patient, s.patient_id, s.study_date,"
            " s.description, s.slices, s.opened_at, n.thickness_mm, coalesce(n.rowid, 0) AS place,"
            " coalesce(h.study_time, '') FROM series s LEFT JOIN seen n ON n.key = s.key"
            " LEFT JOIN hour h ON h.key = s.key"
            " WHERE s.study_key NOT IN (SELECT study_key FROM unlisted)"
            " ORDER BY place DESC, s.rowid DESC"
        )
        return tuple(
            KnownSeries(key, uid, study_uid, Path(_text(path)), *rest)
            for key, uid, study_uid, path, *rest in found
        )

    def take_off(self, study_uids: Iterable[str]) -> None:
        """These studies are no longer on the shelf, until they are seen again.

        Nothing else of them goes: a reading of theirs still finds its names.
        """
        with writing(self._db, LIBRARY) as db:
            rows = [(study_key(uid),) for uid in study_uids]
            db.executemany("INSERT OR IGNORE INTO unlisted VALUES (?)", rows)

    def ct_of_patient(self, patient_id: str, issuer: str) -> tuple[KnownSeries, ...]:
        """CT series of one patient, what was seen last first; nothing for an empty id.

        What was seen before issuers were noted is not among them until it is seen again.
        """
        if not patient_id:
            return ()
        found = self._do(
            "SELECT s.key, s.uid, s.study_uid, s.path, s.patient, s.patient_id, s.study_date,"
            " s.description, s.slices, s.opened_at FROM series s JOIN whose w ON w.key = s.key"
            " WHERE s.patient_id = ? AND w.issuer = ? AND w.modality = 'CT' ORDER BY s.rowid DESC",
            (_plain(patient_id), _plain(issuer)),
        )
        return tuple(
            KnownSeries(key, uid, study_uid, Path(_text(path)), *rest)
            for key, uid, study_uid, path, *rest in found
        )

    def keep_picture(self, key: str, png: bytes) -> None:
        """A small picture of a series that was seen, by its key."""
        self._do("UPDATE seen SET picture = ? WHERE key = ?", (png, key))

    def picture_of(self, key: str) -> bytes:
        """The picture as PNG; nothing where there is none."""
        found = self._do("SELECT picture FROM seen WHERE key = ?", (key,))
        return bytes(found[0][0] or b"") if found else b""

    def _note_seen(self, series: Series) -> None:
        self._do("DELETE FROM unlisted WHERE study_key = ?", (study_key(series.study_uid),))
        self._do(
            "INSERT INTO seen (key, thickness_mm) VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET thickness_mm = excluded.thickness_mm",
            (series_key(series.key), series.thickness_mm),
        )
        self._do(
            "INSERT OR REPLACE INTO whose VALUES (?, ?, ?)",
            (series_key(series.key), _plain(series.patient.issuer), _plain(series.modality)),
        )
        self._do(
            "INSERT OR REPLACE INTO hour VALUES (?, ?)",
            (series_key(series.key), _plain(series.study_time)),
        )

    def known(self) -> tuple[KnownSeries, ...]:
        """All series opened here, the last one first."""
        found = self._do(
            "SELECT key, uid, study_uid, path, patient, patient_id, study_date, description,"
            " slices, opened_at FROM series ORDER BY rowid DESC"
        )
        return tuple(
            KnownSeries(key, uid, study_uid, Path(_text(path)), *rest)
            for key, uid, study_uid, path, *rest in found
        )

    def _do(self, statement: str, values: tuple[object, ...] = ()) -> list[tuple]:  # type: ignore[type-arg]
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise told(error, LIBRARY) from error

    def uid_of(self, key: str) -> str:
        """The Series Instance UID behind a key, or nothing where this library has never seen it."""
        found = self._do("SELECT uid FROM series WHERE key = ?", (key,))
        return str(found[0][0]) if found else ""

    def note_export(self, reading: str, *paths: Path) -> None:
        """Notes files that were written, re-read and renamed for this reading."""
        rows = [(reading, _stored(path), _now()) for path in paths]
        with writing(self._db, LIBRARY) as db:
            db.executemany("INSERT OR IGNORE INTO export VALUES (?, ?, ?)", rows)

    def exports_of(self, reading: str) -> tuple[str, ...]:
        """Absolute paths of all that was exported from a reading, oldest first."""
        found = self._do("SELECT path FROM export WHERE reading = ? ORDER BY rowid", (reading,))
        return tuple(_text(row[0]) for row in found)

    def note_writing(self, folder: Path) -> None:
        """Something is about to be written there: a kill may leave half of it."""
        self._do("INSERT OR REPLACE INTO writing VALUES (?, ?)", (_stored(folder), _now()))

    def forget_writing(self, folder: Path) -> None:
        """The folder is in order."""
        self._do("DELETE FROM writing WHERE folder = ?", (_stored(folder),))

    def written_to(self) -> tuple[Path, ...]:
        """Folders in which something may lie half-written."""
        return tuple(Path(_text(row[0])) for row in self._do("SELECT folder FROM writing"))

    def keep_words(self, text: str) -> str:
        """What stands for the reader's own words in the log, which may name a patient."""
        if not text.strip():
            return ""
        plain = _plain(text)
        key = pseudonym("words", plain)
        self._do("INSERT OR IGNORE INTO words VALUES (?, ?)", (key, plain))
        return key

    def words_of(self, key: str) -> str:
        """The words behind a key; nothing where this library has never seen them."""
        found = self._do("SELECT text FROM words WHERE key = ?", (key,)) if key else []
        return str(found[0][0]) if found else ""

    def setting(self, name: str, default: str = "") -> str:
        found = self._do("SELECT value FROM setting WHERE name = ?", (name,))
        return str(found[0][0]) if found else default

    def set_setting(self, name: str, value: str) -> None:
        self._do("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))


def _row(series: Series, path: Path) -> tuple[object, ...]:
    """All columns but when it was opened."""
    patient = series.patient
    told_of = (patient.name, patient.id, series.study_date, series.description)
    return (
        series_key(series.key),
        study_key(series.study_uid),
        series.uid,
        series.study_uid,
        _stored(path),
        *(_plain(text) for text in told_of),
        len(series.sources),
    )


def _stored(path: Path) -> str | bytes:
    """An absolute path as text, or as the file system's own bytes where those are no text."""
    text = str(path.absolute())
    return text if _plain(text) == text else os.fsencode(text)


def _text(stored: str | bytes) -> str:
    return os.fsdecode(stored)


def _plain(text: str) -> str:
    """The text, with a question mark for what no file can hold as text."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
