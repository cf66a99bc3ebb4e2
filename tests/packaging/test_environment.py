"""An environment is either whole and stamped, or made again."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import setup_venv
from setup_venv import Place, Stamp, make_venv, read_stamp, recipe_of, stands, write_stamp
from setup_words import Stop

PROJECT = """
[build-system]
requires = ["hatchling"]
[project]
name = "hilum"
version = "0.1.0"
dependencies = ["numpy>=2"]
[tool.ruff]
line-length = 100
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "constraints.txt").write_text("numpy==2.4.6\n")
    return Place(tmp_path)


@pytest.fixture
def stamp() -> Stamp:
    return Stamp(recipe="a", python="3.11", root="/somewhere", torch="2.13.0+cpu")


def test_a_stamp_comes_back_as_it_was_written(place: Place, stamp: Stamp) -> None:
    place.venv.mkdir()
    place.unfinished.touch()
    given = replace(stamp, extras=("test",), libraries_not_had=("libGL.so.1",))
    write_stamp(place, given)
    assert read_stamp(place) == given
    assert not place.unfinished.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"recipe": "a"}', '{"extras": 3}'])
def test_half_a_stamp_is_none(place: Place, text: str) -> None:
    place.venv.mkdir()
    place.stamp.write_text(text)
    assert read_stamp(place) is None


def test_no_environment_has_no_stamp(place: Place) -> None:
    assert read_stamp(place) is None


@pytest.mark.parametrize("change", [{"recipe": "b"}, {"python": "3.12"}, {"root": "/moved"}])
def test_another_recipe_python_or_place_needs_set_up(stamp: Stamp, change: dict[str, str]) -> None:
    assert stands(stamp, stamp)
    assert not stands(replace(stamp, **change), stamp)


def test_what_was_set_up_for_tests_serves_without_them_and_not_the_other_way(stamp: Stamp) -> None:
    for_tests = replace(stamp, extras=("test",))
    assert stands(for_tests, stamp)
    assert not stands(stamp, for_tests)
    assert not stands(None, stamp)


def test_a_new_dependency_or_release_changes_the_recipe(place: Place) -> None:
    before = recipe_of(place)
    (place.root / "pyproject.toml").write_text(PROJECT.replace("numpy>=2", "numpy>=2.4"))
    other_needs = recipe_of(place)
    (place.root / "pyproject.toml").write_text(PROJECT)
    place.constraints.write_text("numpy==2.4.5\n")
    assert len({before, other_needs, recipe_of(place)}) == 3


def test_a_linters_setting_does_not_change_the_recipe(place: Place) -> None:
    before = recipe_of(place)
    (place.root / "pyproject.toml").write_text(PROJECT.replace("100", "99"))
    assert recipe_of(place) == before


@pytest.fixture
def pip_is_given(monkeypatch: pytest.MonkeyPatch) -> list[Place]:
    """The places that were given pip; the giving itself is left out, it takes seconds."""
    given: list[Place] = []
    monkeypatch.setattr(setup_venv, "give_pip", given.append)
    return given


def test_an_environment_cut_short_is_made_anew(place: Place, pip_is_given: list[Place]) -> None:
    make_venv(place)
    leftover = place.venv / "half-a-package"
    leftover.touch()
    assert place.unfinished.exists()
    make_venv(place)
    assert not leftover.exists()
    assert place.python.exists() and len(pip_is_given) == 2


def test_a_whole_environment_is_added_to_not_thrown_away(
    place: Place, stamp: Stamp, pip_is_given: list[Place]
) -> None:
    make_venv(place)
    write_stamp(place, stamp)
    kept = place.venv / "a-package"
    kept.touch()
    make_venv(place)
    assert kept.exists()
    assert read_stamp(place) is None, "while packages go in, the old stamp must not vouch for them"


def test_an_environment_whose_python_is_gone_is_made_anew(
    place: Place, pip_is_given: list[Place]
) -> None:
    place.scripts.mkdir(parents=True)
    place.python.symlink_to(place.root / "a-python-no-longer-there")
    make_venv(place)
    assert place.python.resolve() == Path(sys.executable).resolve()


def test_a_disk_too_full_is_said_before_anything_is_written(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(place.root)
    monkeypatch.setattr(
        setup_venv.shutil, "disk_usage", lambda _: usage._replace(free=1_200_000_000)
    )
    with pytest.raises(Stop) as stop:
        make_venv(place)
    assert "1.2 are free" in stop.value.sentence
    assert not place.venv.exists()


def test_a_python_without_pip_names_the_package_that_brings_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def fails(command: list[object], **_: object) -> tuple[int, str]:
        tried.append(" ".join(str(word) for word in command))
        return 1, "No module named ensurepip"

    monkeypatch.setattr(setup_venv, "run", fails)
    monkeypatch.setattr(setup_venv, "can_install", lambda: False)
    monkeypatch.setattr(setup_venv, "pip_wheels", lambda: [Path("/wheels/pip-1-py3-none-any.whl")])
    with pytest.raises(Stop) as stop:
        setup_venv.give_pip(place)
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    assert f"sudo apt-get install {package}" in stop.value.sentence
    ways = ["-m ensurepip", "-m pip --python", "pip-1-py3-none-any.whl/pip install --no-index"]
    found = [next(i for i, words in enumerate(tried) if way in words) for way in ways]
    assert found == sorted(found)


def test_as_root_the_package_that_brings_pip_is_installed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[str] = []

    def works_once_installed(command: list[object], **_: object) -> tuple[int, str]:
        return (0, "") if installed else (1, "No module named ensurepip")

    monkeypatch.setattr(setup_venv, "run", works_once_installed)
    monkeypatch.setattr(setup_venv, "can_install", lambda: True)
    monkeypatch.setattr(
        setup_venv, "install_packages", lambda names, log=None: installed.extend(names)
    )
    setup_venv.give_pip(place)
    assert installed == [f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"]
