"""A quiet stage for every test: no screen, no home of anyone's, no thread left behind."""

from __future__ import annotations

import faulthandler
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.data import data_folder

# Before anything imports Qt: whatever the caller's desktop says must not reach a test.
STAGE = Path(tempfile.mkdtemp(prefix="hilum-tests-"))
for leftover in ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "QT_QPA_PLATFORMTHEME"):
    os.environ.pop(leftover, None)
os.environ.update(
    QT_QPA_PLATFORM="offscreen",
    QT_SCALE_FACTOR="1",
    QT_STYLE_OVERRIDE="Fusion",
    ORT_DISABLE_TELEMETRY="1",
    HOME=str(STAGE / "home"),
    XDG_DATA_HOME=str(STAGE / "home" / ".local" / "share"),
    XDG_CONFIG_HOME=str(STAGE / "home" / ".config"),
    XDG_CACHE_HOME=str(STAGE / "home" / ".cache"),
    XDG_STATE_HOME=str(STAGE / "home" / ".local" / "state"),
    XDG_RUNTIME_DIR=str(STAGE / "run"),
    HILUM_HOME=str(STAGE / "hilum"),
)
(STAGE / "home").mkdir()
(STAGE / "run").mkdir(mode=0o700)
faulthandler.enable()

THREAD_GRACE_S = 2.0
MEMORY_BYTES = 2**30
"""So much room a folder in memory must have for the homes of tests."""


def on_a_screen(config: pytest.Config) -> bool:
    """Whether this run asks for the tests that need a screen; they want a process of their own."""
    expression = str(config.option.markexpr)
    return "xvfb" in expression and "not xvfb" not in expression


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--data-must-run",
        action="store_true",
        help="fail when a data folder is here and not one test of real scans ran",
    )


def pytest_xvfb_disable(config: pytest.Config) -> bool:
    """pytest-xvfb starts its screen only for the tests marked so; the others stay offscreen."""
    return not on_a_screen(config)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if on_a_screen(config):
        os.environ["QT_QPA_PLATFORM"] = "xcb"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    no_data = pytest.mark.skip(reason="no data folder on this machine (HILUM_DATA names one)")
    no_screen = pytest.mark.skip(reason="needs a screen: run with -m xvfb")
    no_xvfb = pytest.mark.skip(reason="no Xvfb on this machine")
    for item in items:
        if item.get_closest_marker("data") and data_folder() is None:
            item.add_marker(no_data)
        if item.get_closest_marker("xvfb"):
            if not on_a_screen(config):
                item.add_marker(no_screen)
            elif shutil.which("Xvfb") is None:
                item.add_marker(no_xvfb)


class DataTally:
    """Counts the tests of real scans that ran, so that a run without any cannot pass unseen."""

    ran = 0


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    # Not where the test runs but where reports arrive: side by side, tests run in other processes.
    if report.when == "call" and "data" in report.keywords and not report.skipped:
        DataTally.ran += 1


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    must = session.config.getoption("--data-must-run") and data_folder() is not None
    if must and DataTally.ran == 0 and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    folder = data_folder()
    where = "no data folder here" if folder is None else f"data folder {folder}"
    terminalreporter.write_line(f"tests of real scans: {DataTally.ran} ran ({where})")


def pytest_unconfigure() -> None:
    shutil.rmtree(STAGE, ignore_errors=True)


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    """A test that leaves a thread running fails: it would hold the window open, too."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + THREAD_GRACE_S
    while left := [t for t in threading.enumerate() if t not in before and not t.daemon]:
        if time.monotonic() > deadline:
            pytest.fail(f"threads left running: {', '.join(t.name for t in left)}")
        left[0].join(0.05)


@pytest.fixture(scope="session")
def quick_folder() -> Iterator[Path | None]:
    """A folder in memory, where the system has one with room: a log waits for no disk there."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or shutil.disk_usage(memory).free < MEMORY_BYTES:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="tests-of-hilum-", dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def hilum_home(
    tmp_path: Path, quick_folder: Path | None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A fresh, empty HILUM_HOME of this test's own."""
    own = Path(tempfile.mkdtemp(prefix="home-", dir=quick_folder or tmp_path))
    home = own / "hilum-home"
    home.mkdir()
    monkeypatch.setenv("HILUM_HOME", str(home))
    yield home
    shutil.rmtree(own, ignore_errors=True)
