"""Where Hilum keeps what it writes by itself: HILUM_HOME, else the user's data folder."""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
from functools import cache
from hashlib import sha256
from pathlib import Path

from ai.errors import BadInput
from ai.resources import user_folder

KEY_BYTES = 32


def home() -> Path:
    """The folder of all that Hilum writes by itself, made on first use for its owner alone (0700).

    Raises BadInput with a sentence where the folder cannot be made.
    """
    folder = home_path()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            folder.chmod(0o700)
    except OSError as error:
        raise _unmade(error) from error
    return folder


def home_path() -> Path:
    return user_folder()


def home_kind() -> str:
    """Which folder that is, in words that name nobody."""
    chosen = os.environ.get("HILUM_HOME")
    return "the folder that HILUM_HOME names" if chosen else "the user's data folder"


def subfolder(name: str) -> Path:
    """A folder inside home(), made on first use for its owner alone. Raises BadInput."""
    folder = home() / name
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise _unmade(error) from error
    return folder


def _unmade(error: OSError) -> BadInput:
    return BadInput(
        f"Hilum's data folder cannot be made: {error.strerror}.",
        "Set HILUM_HOME to a folder that you may write to.",
    )


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
    text = f"{kind}\0{name}".encode("utf-8", "surrogateescape")
    return hmac.new(_key(home_path()), text, sha256).hexdigest()[:16]


def key_is_kept() -> bool:
    """Whether that key lies on the disk: what is logged under any other is never found again."""
    key = _key(home())
    try:
        return (home() / "private.key").read_bytes() == key
    except OSError:
        return False


@cache
def _key(folder: Path) -> bytes:
    """The key in that folder, made on first use; for this process alone where none can be kept.

    Asked for once: a key that changed under an open window would hide readings from their scans.
    """
    home()  # the folder is made with the key and not at every hash: a study that opens asks for 20
    path = folder / "private.key"
    with contextlib.suppress(OSError):
        if len(key := path.read_bytes()) == KEY_BYTES:
            return key
    key = secrets.token_bytes(KEY_BYTES)
    try:
        return _keep_key(path, key)
    except OSError:
        return key


def _keep_key(path: Path, key: bytes) -> bytes:
    """The key that is on the disk from now on: this one, or another window's that came first."""
    aside = path.with_suffix(f".{os.getpid()}")
    try:
        with private_file(aside).open("wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())  # the log outlives a power cut, so must what finds it
        try:
            os.link(aside, path)
        except OSError:
            if not path.exists() or path.stat().st_size != KEY_BYTES:
                aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return path.read_bytes()
