"""What set-up says: progress in plain lines, and one sentence for each way it can fail."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

HEARTBEAT_S = 15.0
# Of what installers print, the lines that tell a person how far it is.
TELLING = (
    *("Collecting ", "Downloading ", "Downloaded ", "Installing collected"),  # pip
    *("Resolved ", "Prepared ", "Installed ", "Building ", "Built "),  # uv
    *("Setting up ", "Get:"),  # apt-get
)

DISK_FULL = ("no space left on device", "errno 28", "disk quota exceeded", "not enough free space")
NO_NETWORK = (
    "temporary failure in name resolution",
    "temporary failure resolving",
    "dns error",
    "failed to resolve",
    "could not resolve",
    "network is unreachable",
    "connection refused",
    "connection reset",
    "connection timed out",
    "connecttimeout",
    "readtimeout",
    "error sending request",
    "newconnectionerror",
    "max retries exceeded",
    "failed to fetch",
    "failed to download",
    "unable to fetch",
    "proxyerror",
    "sslerror",
    "certificate verify failed",
    "incompleteread",
)
NOT_OFFERED = ("no matching distribution", "no solution found", "unable to locate package")


class Stop(Exception):
    """Set-up cannot go on; `sentence` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def say(line: str) -> None:
    """One line of progress, at once."""
    print(line, flush=True)


def disk_is_full(output: str) -> bool:
    """Whether a step failed for want of room."""
    return any(sign in output.lower() for sign in DISK_FULL)


def why_it_failed(what: str, output: str) -> str:
    """The one sentence for a failed step, from all that the step printed.

    what: the step as a noun, for instance "downloading the libraries".
    """
    text = output.lower()
    if disk_is_full(output):
        return f"The disk is full ({what}): make room, then run the same command again."
    if any(sign in text for sign in NO_NETWORK):
        return (
            f"The network did not answer ({what}): look at the connection or pip's index and proxy"
            " settings, then run the same command again; what has arrived is kept."
        )
    if any(sign in text for sign in NOT_OFFERED):
        return f"The package index does not offer what is needed ({what}): {_last_line(output)}"
    return f"This step failed: {what}: {_last_line(output)}"


def _last_line(output: str) -> str:
    """The line that most likely names the cause: the last with an error, else the last."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    blamed = [line for line in lines if "error" in line.lower()]
    return (blamed or lines or ["nothing was printed"])[-1][:300]


def run(
    command: Sequence[str | Path],
    *,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
    echo_all: bool = False,
) -> tuple[int, str]:
    """Exit code and whole output of a command, telling lines shown as they come.

    A step that is silent for long gets a heartbeat, so that nobody takes it for dead.
    Output is added to `log` where one is given. A command that cannot be started gives 127.
    """
    words = [str(word) for word in command]
    try:
        child = subprocess.Popen(
            words,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=None if env is None else dict(env),
            text=True,
            errors="replace",
        )
    except OSError as error:
        return 127, str(error)
    lines: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=_read_into, args=(child, lines), daemon=True)
    reader.start()
    output: list[str] = []
    try:
        _show(lines, output, echo_all=echo_all)
    except BaseException:
        child.terminate()
        child.wait()
        raise
    code = child.wait()
    reader.join()
    text = "".join(output)
    if log is not None:
        with log.open("a", encoding="utf-8") as file:
            file.write(f"$ {' '.join(words)}\n{text}exit {code}\n")
    return code, text


def _read_into(child: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        lines.put(line)
    child.stdout.close()
    lines.put(None)


def _show(lines: queue.Queue[str | None], output: list[str], *, echo_all: bool) -> None:
    """Pass lines on until the end; without any for a while, say that work goes on."""
    began = time.monotonic()
    while True:
        try:
            line = lines.get(timeout=HEARTBEAT_S)
        except queue.Empty:
            say(f"  ... still working, {time.monotonic() - began:.0f} s")
            continue
        if line is None:
            return
        output.append(line)
        if echo_all:
            sys.stdout.write(line)
            sys.stdout.flush()
        elif line.strip().startswith(TELLING):
            say(f"  {line.strip()[:110]}")
