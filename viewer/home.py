"""Where Hilum keeps what it writes by itself: HILUM_HOME, else the user's data folder."""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
import sys
from hashlib import sha256
from pathlib import Path

from ai.errors import BadInput


def home() -> Path:
    """The folder of all that Hilum writes by itself, made on first use for its owner alone (0700).

    Raises BadInput with a sentence where the folder cannot be made.
    """
    folder = _home_path()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            folder.chmod(0o700)
    except OSError as error:
        raise BadInput(
            f"Hilum's data folder cannot be made: {error.strerror}.",
            "Set HILUM_HOME to a folder that you may write to.",
        ) from error
    return folder


def _home_path() -> Path:
    if chosen := os.environ.get("HILUM_HOME"):
        return Path(chosen).expanduser().absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "Hilum"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Hilum"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "hilum"


def subfolder(name: str) -> Path:
    """A folder inside home(), made on first use."""
    folder = home() / name
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def private_file(path: Path) -> Path:
    """The same path, as a file that exists and that only its owner can read (0600)."""
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    with contextlib.suppress(OSError):
        path.chmod(0o600)
    return path


def pseudonym(kind: str, name: str) -> str:
    """A keyed hash (16 hex digits) that stands for a UID or a name wherever it is logged.

    The key is this user's own and never leaves the machine, so the hash cannot be looked up.
    """
    return hmac.new(_key(), f"{kind}\0{name}".encode(), sha256).hexdigest()[:16]


def _key() -> bytes:
    path = home() / "private.key"
    with contextlib.suppress(FileNotFoundError):
        key = path.read_bytes()
        if len(key) == 32:
            return key
    key = secrets.token_bytes(32)
    aside = path.with_suffix(f".{os.getpid()}")
    private_file(aside).write_bytes(key)
    try:
        os.link(aside, path)  # the first of two windows wins; the other reads what it wrote
    except OSError:
        if not path.exists() or path.stat().st_size != 32:
            aside.replace(path)
    aside.unlink(missing_ok=True)
    return path.read_bytes()
