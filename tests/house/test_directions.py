"""The directions of the house, looked at in fresh interpreters: what a room loads, and what not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
QT = ["PySide6", "shiboken6", "qtawesome"]
RENDERING = "vtkmodules.vtkRenderingOpenGL2"
HEAVY = ["torch", "scipy", "SimpleITK", "vtkmodules"]
DICOM = ["pydicom", "highdicom"]


def there(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").exists()


def modules_of(room: str) -> list[str]:
    """Every module of a room: itself, if it is a file, else all below it, entry points left out."""
    path = ROOT.joinpath(*room.split("."))
    if path.with_suffix(".py").exists():
        return [room]
    files = sorted(path.rglob("*.py"))
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]


def loaded_by(names: list[str]) -> set[str]:
    """What stands in sys.modules after a fresh interpreter has imported these modules."""
    imports = "".join(f"import {name}\n" for name in names)
    done = subprocess.run(
        [sys.executable, "-c", f"{imports}import sys; print('\\n'.join(sys.modules))"],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


LIGHT_ROOMS = [
    ("ai.errors", [*QT, *HEAVY, *DICOM, "viewer"]),
    ("ai.scan", [*QT, *HEAVY, *DICOM, "viewer"]),
    ("ai.worker.messages", [*QT, *HEAVY, *DICOM, "viewer"]),
    ("ai.worker.shared", [*QT, *HEAVY, *DICOM, "viewer"]),
    ("ai.worker.client", [*QT, *HEAVY, *DICOM, "viewer"]),
    ("ai.models.card", [*QT, *HEAVY, *DICOM, "viewer"]),
    ("ai.agent.features", [*QT, "torch", *DICOM, "viewer"]),
    ("ai.agent.reward", [*QT, "torch", *DICOM, "viewer"]),
    ("ai.agent.policy", [*QT, "torch", *DICOM, "viewer"]),
    ("ai.phantom", [*QT, "torch", *DICOM, "viewer"]),
    ("viewer.reading", [*QT, "torch", RENDERING]),
    ("viewer.dicom", [*QT, "torch", RENDERING]),
]


@pytest.mark.parametrize(("room", "never"), LIGHT_ROOMS, ids=[room for room, _ in LIGHT_ROOMS])
def test_a_light_room_loads_nothing_heavy(room: str, never: list[str]) -> None:
    if not there(room):
        pytest.skip(f"{room} is not built yet")
    assert sorted(loaded_by(modules_of(room)) & set(never)) == []


def test_ai_stands_without_qt_vtk_dicom_or_the_viewer() -> None:
    names = modules_of("ai")
    loaded = loaded_by(names)
    assert sorted(loaded & {*QT, *DICOM, "vtkmodules", "viewer"}) == []
    assert len(names) >= 10


def test_the_windows_process_loads_no_torch_no_highdicom_and_no_rendering() -> None:
    window = [name for name in ("viewer.app", "viewer.window.window") if there(name)]
    if not window:
        pytest.skip("no window is built yet")
    assert sorted(loaded_by(window) & {"torch", "highdicom", RENDERING, "matplotlib"}) == []


def test_the_window_starts_without_what_only_computing_or_reading_files_needs() -> None:
    """scipy alone, with all that it pulls in, was a third of the time until a key was taken."""
    needless = {*HEAVY, *DICOM, "unittest", "pydoc"}
    assert sorted(loaded_by(["viewer.app", "viewer.window.window"]) & needless) == []


def test_the_entry_point_loads_neither_qt_nor_torch_before_main_is_called() -> None:
    """A spawned worker imports that file again: what it loads, every child would pay for."""
    if not there("viewer.__main__"):
        pytest.skip("no entry point is built yet")
    assert sorted(loaded_by(["viewer.__main__"]) & {*QT, "torch", "pydicom", "numpy"}) == []


def test_the_directions_written_in_pyproject_hold() -> None:
    script = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([script, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_library_named_packaging_is_not_shadowed() -> None:
    """qtawesome needs that library, and the checkout has a folder of its name."""
    code = "import packaging.version as v; print(v.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "site-packages" in done.stdout
