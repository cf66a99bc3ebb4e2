"""Nothing of ours outlives a window that was killed, and torch stays in the worker."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

LONGEST_S = 10.0
PARENT = """
import sys, threading
from ai.worker.client import WorkerClient, child
from ai.worker.messages import Hello, Progress
from ai.worker.shared import Block
from tests.worker.children import Do, worker

if __name__ == "__main__":
    block = Block.create((4,), "uint8")
    ready = threading.Event()
    def hear(message):
        if isinstance(message, Progress) and message.step:
            ready.set()
    client = WorkerClient(hear, child(worker, name="orphan"), check=lambda m: None)
    client.submit(Do("long", sys.argv[1]))
    assert ready.wait(20)
    print("ready", block.ref.name, flush=True)
    threading.Event().wait()
"""


COMMAND = """
import sys
from viewer.__main__ import main

if __name__ == "__main__":
    import queue
    from pathlib import Path
    from ai.worker.client import WorkerClient
    from viewer.dicom.process import IoClient
    heard = queue.Queue()
    ai, io = WorkerClient(heard.put), IoClient(heard.put)
    def mapped():
        return Path(f"/proc/{heard.get(timeout=60).pid}/maps").read_text()
    ai.start(); in_ai = mapped()
    io.start(); in_io = mapped()
    here = Path("/proc/self/maps").read_text()
    ai.close(); io.close()
    print([[name in maps for name in ("libQt6", "libtorch")] for maps in (in_ai, in_io, here)])
"""


def marked(mark: str) -> list[int]:
    """Processes that carry our mark in their environment: parent, children, helpers of both."""
    pids = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in environ.read_bytes():
                pids.append(int(environ.parent.name))
        except OSError:
            continue
    return pids


@pytest.mark.parametrize("doing", ["deaf", "patiently"])
def test_nothing_outlives_a_parent_killed_with_9(doing: str, tmp_path: Path) -> None:
    mark = f"HILUM_TEST_MARK={tmp_path.name}-{doing}-{os.getpid()}"
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    key, value = mark.split("=")
    environment = {**os.environ, key: value, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen(
        [sys.executable, str(script), doing], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    said, block = parent.stdout.readline().split()
    assert said == "ready" and len(marked(mark)) >= 2
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    end = time.monotonic() + LONGEST_S
    while left := marked(mark):
        assert time.monotonic() < end, f"still there: {left}"
        time.sleep(0.02)
    parent.stdout.close()
    from ai.worker.shared import SHM, sweep

    sweep()
    assert not (SHM / block).exists()


def test_started_by_an_installed_command_no_child_loads_qt_and_only_one_loads_torch(
    tmp_path: Path,
) -> None:
    # An installed command is a script that the child runs again on its way up.
    script = tmp_path / "hilum"
    script.write_text(COMMAND, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, text=True, check=True
    )
    has_torch = importlib.util.find_spec("torch") is not None
    assert told.stdout.strip() == str([[False, has_torch], [False, False], [False, False]])


def test_speaking_to_the_worker_loads_no_torch_here() -> None:
    program = (
        "import sys, ai.worker.client, ai.worker.shared, viewer.dicom.process\n"
        "heavy = ('torch', 'scipy', 'SimpleITK', 'pydicom', 'highdicom', 'PySide6', 'vtkmodules')\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[]"
