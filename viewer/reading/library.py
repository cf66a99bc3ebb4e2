"""Which studies lie where, with names: private, 0600, never exported, joined to the log."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from viewer.dicom.series import Series
from viewer.home import home, private_file, pseudonym

_TABLES = """
CREATE TABLE IF NOT EXISTS series (
  key TEXT PRIMARY KEY, study_key TEXT NOT NULL, uid TEXT NOT NULL, study_uid TEXT NOT NULL,
  path TEXT NOT NULL, patient TEXT NOT NULL, patient_id TEXT NOT NULL, study_date TEXT NOT NULL,
  description TEXT NOT NULL, slices INTEGER NOT NULL, opened_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS export (
  reading TEXT NOT NULL, path TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (reading, path));
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True)
class KnownSeries:
    """A series that was opened on this machine."""

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
    """The private list of studies, exports and the reader's settings. One thread, many windows."""

    def __init__(self, path: Path | None = None, *, read_only: bool = False) -> None:
        self._path = path or home() / "library.sqlite"
        if read_only:
            uri = f"{self._path.absolute().as_uri()}?mode=ro"
            self._db = sqlite3.connect(uri, uri=True, timeout=5, isolation_level=None)
        else:
            self._db = sqlite3.connect(private_file(self._path), timeout=5, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.executescript(_TABLES)

    def close(self) -> None:
        self._db.close()

    def remember(self, series: Series, path: Path) -> None:
        """Notes that this series was opened from this path."""
        self._db.execute(
            "INSERT OR REPLACE INTO series VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                series_key(series.uid),
                study_key(series.study_uid),
                series.uid,
                series.study_uid,
                str(path.absolute()),
                series.patient.name,
                series.patient.id,
                series.study_date,
                series.description,
                len(series.slices),
                _now(),
            ),
        )

    def known(self) -> tuple[KnownSeries, ...]:
        """All series opened here, the last one first."""
        found = self._db.execute(
            "SELECT key, uid, study_uid, path, patient, patient_id, study_date, description,"
            " slices, opened_at FROM series ORDER BY opened_at DESC"
        )
        return tuple(
            KnownSeries(key, uid, study_uid, Path(path), *told)
            for key, uid, study_uid, path, *told in found
        )

    def uid_of(self, key: str) -> str:
        """The Series Instance UID behind a key, or nothing where this library has never seen it."""
        found = self._db.execute("SELECT uid FROM series WHERE key = ?", (key,)).fetchone()
        return str(found[0]) if found else ""

    def note_export(self, reading: str, path: Path) -> None:
        """Notes a file that was written, re-read and renamed for this reading."""
        self._db.execute(
            "INSERT OR IGNORE INTO export VALUES (?, ?, ?)", (reading, str(path.absolute()), _now())
        )

    def exports_of(self, reading: str) -> tuple[str, ...]:
        """Absolute paths of all that was exported from a reading, oldest first."""
        found = self._db.execute(
            "SELECT path FROM export WHERE reading = ? ORDER BY at, rowid", (reading,)
        )
        return tuple(row[0] for row in found)

    def setting(self, name: str, default: str = "") -> str:
        found = self._db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return str(found[0]) if found else default

    def set_setting(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
