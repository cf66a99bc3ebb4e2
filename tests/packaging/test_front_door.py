"""The first thing a newcomer meets: one command, whatever Python and screen there is."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import bootstrap
import pytest
import setup_main
from setup_venv import Place, Stamp, wanted_stamp, write_stamp

ROOT = Path(__file__).resolve().parents[2]
posix = pytest.mark.skipif(os.name != "posix", reason="runs a shell script in hilum's place")


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9), (3, 14, 1)])
def test_the_pythons_hilum_is_tested_with_are_let_in(version: tuple[int, ...]) -> None:
    assert bootstrap.unfit(version) is None


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 10, 13), (3, 15, 0)])
def test_another_python_gets_one_sentence_with_both_versions(version: tuple[int, ...]) -> None:
    sentence = bootstrap.unfit(version)
    assert "3.11 to 3.14" in sentence
    assert f"this is {version[0]}.{version[1]}" in sentence
    assert "\n" not in sentence and sentence.endswith(".")


def test_a_python_that_would_do_is_named_when_there_is_one() -> None:
    name = bootstrap.fitting_python(which=lambda name: name if name == "python3.12" else None)
    assert name == "python3.12"
    assert "`python3.12 packaging/bootstrap.py`" in bootstrap.unfit((3, 9, 2), name)


def test_no_python_is_named_when_none_would_do() -> None:
    assert bootstrap.fitting_python(which=lambda name: None) is None


def test_the_front_door_can_be_read_by_an_old_python() -> None:
    text = (ROOT / "packaging" / "bootstrap.py").read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=(3, 6))
    assert not any(isinstance(node, ast.JoinedStr | ast.AnnAssign) for node in ast.walk(tree))
    early = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {alias.name for node in early for alias in node.names} == {"shutil", "sys"}


def test_pyproject_and_the_front_door_ask_for_the_same_pythons() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    oldest, after = bootstrap.OLDEST, (bootstrap.NEWEST[0], bootstrap.NEWEST[1] + 1)
    assert f'requires-python = ">={oldest[0]}.{oldest[1]},<{after[0]}.{after[1]}"' in text


@pytest.mark.parametrize(
    ("env", "system", "shown"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"DISPLAY": ""}, "linux", False),
        ({}, "linux", False),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_a_window_is_opened_where_a_screen_is(
    env: dict[str, str], system: str, shown: bool
) -> None:
    assert setup_main.has_screen(env, system) is shown


def test_what_follows_the_word_test_belongs_to_pytest() -> None:
    asked = setup_main.arguments(["--torch", "none", "test", "-k", "lungs", "--headless"])
    assert asked.test and asked.torch == "none" and not asked.headless
    assert asked.pytest == ["-k", "lungs", "--headless"]


def test_an_unknown_argument_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        setup_main.arguments(["--headles"])
    assert end.value.code == 2
    assert "--headles" in capsys.readouterr().err


def test_the_torch_wanted_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HILUM_TORCH", "none")
    assert setup_main.arguments([]).torch == "none"
    assert setup_main.arguments(["--torch", "cpu"]).torch == "cpu"


@pytest.mark.parametrize(
    ("have", "asked", "again"),
    [
        ("2.13.0+cpu", None, False),
        ("2.13.0+cpu", "cpu", False),
        ("2.13.0+cpu", "cuda", True),
        ("2.13.0+cpu", "none", False),
        ("none", None, False),
        ("none", "cpu", True),
        ("none", "cuda", True),
    ],
)
def test_torch_is_looked_for_again_only_when_asked(
    have: str, asked: str | None, again: bool
) -> None:
    assert setup_main.must_choose_torch(have, asked) is again


def checkout_that_stands(folder: Path, *, script: str) -> Place:
    """A checkout whose set-up is whole, with `script` in hilum's place."""
    (folder / "packaging").mkdir(parents=True)
    for file in (ROOT / "packaging").glob("*.py"):
        (folder / "packaging" / file.name).write_text(file.read_text(encoding="utf-8"))
    for name in ("pyproject.toml", "constraints.txt"):
        (folder / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    place = Place(folder)
    place.scripts.mkdir(parents=True)
    place.python.symlink_to(sys.executable)
    place.hilum.write_text(f"#!/bin/sh\n{script}\n")
    place.hilum.chmod(0o755)
    write_stamp(place, wanted_stamp(place))
    return place


def run_bootstrap(place: Place, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "packaging/bootstrap.py", *words]
    return subprocess.run(
        command, cwd=place.root, env={**os.environ, **env}, capture_output=True, text=True
    )


@posix
def test_without_a_screen_the_demo_study_is_read_in_batch_and_its_exit_code_is_kept(
    tmp_path: Path,
) -> None:
    place = checkout_that_stands(tmp_path / "a house", script='echo "given: $*"; exit 7')
    done = run_bootstrap(place)
    assert done.returncode == 7, done.stderr
    assert "given: demo --headless" in done.stdout


@posix
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a launcher entry of Linux")
def test_with_a_screen_the_demo_study_opens_and_a_launcher_is_written(tmp_path: Path) -> None:
    lacking = setup_main.setup_system.missing(
        {**setup_main.setup_system.LIBRARIES, **setup_main.setup_system.SCREEN_LIBRARIES}
    )
    if lacking:
        pytest.skip(f"this system cannot show a window: {', '.join(lacking)}")
    place = checkout_that_stands(tmp_path / "checkout", script='echo "given: [$*]"')
    data = tmp_path / "share"
    done = run_bootstrap(place, DISPLAY=":77", XDG_DATA_HOME=str(data))
    assert done.returncode == 0, done.stderr
    assert "given: [demo]" in done.stdout
    assert "StartupWMClass=hilum" in (data / "applications" / "hilum.desktop").read_text()


@posix
def test_headless_is_kept_even_where_a_screen_is(tmp_path: Path) -> None:
    place = checkout_that_stands(tmp_path / "checkout", script='echo "given: $*"')
    done = run_bootstrap(place, "--headless", DISPLAY=":77", XDG_DATA_HOME=str(tmp_path / "share"))
    assert "given: demo --headless" in done.stdout


@posix
def test_a_second_start_changes_nothing_in_the_environment(tmp_path: Path) -> None:
    place = checkout_that_stands(tmp_path / "checkout", script="exit 0")

    def all_files() -> dict[Path, int]:
        return {file: file.lstat().st_mtime_ns for file in place.venv.rglob("*")}

    before = all_files()
    assert run_bootstrap(place, "--headless").returncode == 0
    assert all_files() == before


def test_a_whole_set_up_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = checkout_that_stands(tmp_path / "checkout", script="exit 0")

    def touched(*_: object, **__: object) -> None:
        pytest.fail("set-up touched an environment that was whole")

    monkeypatch.setattr(setup_main, "make_venv", touched)
    monkeypatch.setattr(subprocess, "Popen", touched)
    stamp = setup_main.set_up(place, extras=[], torch=None)
    assert isinstance(stamp, Stamp)


def test_a_set_up_with_the_tests_serves_the_first_command_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = checkout_that_stands(tmp_path / "checkout", script="exit 0")
    write_stamp(place, wanted_stamp(place, ["test"]))
    monkeypatch.setattr(setup_main, "make_venv", lambda _: pytest.fail("made anew"))
    assert setup_main.set_up(place, extras=[], torch=None).extras == ("test",)


def test_ctrl_c_ends_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> Stamp:
        raise KeyboardInterrupt

    monkeypatch.setattr(setup_main, "set_up", interrupted)
    assert setup_main.main(["--headless"]) == setup_main.INTERRUPTED
    assert "Stopped" in capsys.readouterr().err


def test_a_full_disk_met_on_the_way_ends_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> Stamp:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(setup_main, "set_up", full)
    assert setup_main.main(["--headless"]) == 1
    error = capsys.readouterr().err
    assert "disk is full" in error and "Traceback" not in error
