"""Traces and log lines that can be shown to anyone: where it happened, nothing of what was read.

An error's own text may hold a patient's name (a value that pydicom could not read), a UID or a path
with the user's name in it, and nobody can tell which. So of errors that are not ours only the kind
stays, and of paths of code only what follows the library's folder.
"""

from __future__ import annotations

import copy
import linecache
import logging
import re
import traceback
from pathlib import PurePath
from types import TracebackType

OURS = ("ai", "viewer")
LEFT_OUT = "(message left out: it may hold what was read)"
_ROOTS = ("site-packages", "dist-packages", "lib-dynload", "Lib")
_PYTHON = re.compile(r"python3[.\d]*t?")
_UID = re.compile(r"(?<![\w.])[0-2](?:\.\d+){3,}(?![\w.])")
_PATH = re.compile(r"(?<![\w.<)])(?:~|[A-Za-z]:)?[/\\](?:[^\s'\"/\\]+[/\\])*[^\s'\"/\\]+")
_CRASH_FILE = re.compile(r'(?<=File ")[^"]*(?=")')


def trace_of(error: BaseException) -> str:
    """The calls that led to an error and to those it came from, the first one first."""
    parts = []
    shown: BaseException | None = error
    seen: set[int] = set()
    while shown is not None and id(shown) not in seen:
        seen.add(id(shown))
        calls = [_call(frame) for frame in traceback.extract_tb(shown.__traceback__)]
        parts.append("\n".join([*calls, kind_of(shown)]))
        shown = shown.__cause__ or (None if shown.__suppress_context__ else shown.__context__)
    return "\nwhich led to\n".join(reversed(parts))


def kind_of(error: BaseException) -> str:
    """The error's class, with the system's own words for an OSError; never its message."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else _dotted(kind)
    if isinstance(error, OSError) and error.errno is not None:
        return f"{name} (errno {error.errno}: {error.strerror})"
    return name


def place_of(file: str) -> str:
    """A file of code from its package on: what lies before names this machine or its user."""
    parts = PurePath(file.replace("\\", "/")).parts
    for n in range(len(parts) - 1, -1, -1):
        if parts[n] in _ROOTS or _PYTHON.fullmatch(parts[n]):
            return "/".join(parts[n + 1 :])
    for n in range(len(parts) - 1, -1, -1):
        if parts[n] in OURS or parts[n] == "tests":
            return "/".join(parts[n:])
    return parts[-1] if parts else file


def crash_without_paths(text: str) -> str:
    """What faulthandler wrote, with code named from its package on."""
    return _CRASH_FILE.sub(lambda found: place_of(found[0]), text)


def scrubbed(text: str) -> str:
    """A log line of ours without UIDs and paths, should one have slipped in."""
    return _PATH.sub("(path)", _UID.sub("(uid)", text))


class PrivateFormatter(logging.Formatter):
    """Log lines with private traces; of what libraries log only the constant part stays."""

    def format(self, record: logging.LogRecord) -> str:
        record = copy.copy(record)
        if record.name.split(".")[0] in OURS:
            record.msg = scrubbed(record.getMessage())
        else:
            constant = record.args and isinstance(record.msg, str)
            record.msg = f"{record.msg} {LEFT_OUT}" if constant else LEFT_OUT
        record.args = None
        record.exc_text = None  # another formatter may have put the whole trace here
        record.stack_info = None
        return super().format(record)

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        return trace_of(ei[1]) if ei[1] is not None else ""


def _call(frame: traceback.FrameSummary) -> str:
    line = linecache.getline(frame.filename, frame.lineno or 0).strip()
    place = f"  {place_of(frame.filename)}:{frame.lineno} in {frame.name}"
    return f"{place}: {line}" if line else place


def _dotted(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
